"""Administrators of interop-server: python-socketio in the place of the official admin UI, and our page in Chromium."""

import os
import pathlib
import unittest

import socketio

from harness import Server, open_browser, wait_until

PASSWORD = "interop secret"
TIMEOUT = 20


class Administrator:
    """What the official page would be told."""

    def __init__(self, url):
        self.told = []
        self.client = socketio.Client()
        self.client.on("*", lambda event, *values: self.told.append((event, *values)), namespace="/look")
        auth = {"username": "admin", "password": PASSWORD}
        self.client.connect(url, namespaces=["/look"], auth=auth, wait_timeout=TIMEOUT)

    def wait(self, event, condition=lambda *values: True):
        def find():
            return next((told[1:] for told in self.told if told[0] == event and condition(*told[1:])), None)

        return wait_until(find, f"{event} is told")


class Case(unittest.TestCase):
    def setUp(self):
        self.server = Server(admin=PASSWORD)
        self.addCleanup(self.server.kill)

    def user(self):
        client = socketio.Client()
        client.connect(self.server.url, wait_timeout=TIMEOUT)
        self.addCleanup(client.disconnect)
        return client


class OfficialProtocol(Case):
    def test_a_wrong_password(self):
        client = socketio.Client()
        errors = []
        client.on("connect_error", errors.append, namespace="/look")
        with self.assertRaises(socketio.exceptions.ConnectionError):
            client.connect(self.server.url, namespaces=["/look"], auth={"username": "admin", "password": "no"})
        self.assertEqual(errors, [{"message": "invalid credentials"}])

    def test_what_is_told_and_asked_for(self):
        admin = Administrator(self.server.url)
        self.addCleanup(admin.client.disconnect)
        admin.wait("session")
        self.assertIn("ALL_EVENTS", admin.wait("config")[0]["supportedFeatures"])
        user = self.user()
        sid = user.get_sid()
        connected, _ = admin.wait("socket_connected", lambda socket, time: socket["id"] == sid)
        self.assertEqual(connected["handshake"]["address"], "127.0.0.1")
        # It joins while it is on its way from one to the other.
        self.assertIn(connected["transport"], ("polling", "websocket"))
        if connected["transport"] == "polling":
            admin.wait("socket_updated", lambda change: change["id"] == sid and change["transport"] == "websocket")
        user.emit("nobody handles this", (1, b"\x01"))
        sent = ["nobody handles this", 1, b"\x01"]
        admin.wait("event_received", lambda space, who, values, time: (space, who, values) == ("/", sid, sent))
        heard = []
        user.on("hello", lambda *values: heard.append(values))
        admin.client.emit("join", ("/", "room", sid), namespace="/look")
        admin.wait("room_joined", lambda space, room, who, time: (room, who) == ("room", sid))
        admin.client.emit("emit", ("/", "room", "hello", 1, {"a": 2}), namespace="/look")
        wait_until(lambda: heard == [(1, {"a": 2})], "the user heard it")
        admin.wait("event_sent", lambda space, who, values, time: (who, values) == (sid, ["hello", 1, {"a": 2}]))
        self.assertEqual(admin.wait("server_stats")[0]["namespaces"][0]["name"], "/")
        admin.client.emit("_disconnect", ("/", True, sid), namespace="/look")
        admin.wait(
            "socket_disconnected",
            lambda space, who, reason, time: (who, reason) == (sid, "server namespace disconnect"),
        )


class Page(Case):
    @classmethod
    def setUpClass(cls):
        cls.browser = open_browser()
        cls.addClassCleanup(cls.browser.quit)

    def find(self, selector):
        return self.browser.find_element("css selector", selector)

    def texts(self, selector):
        return self.browser.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)", selector)

    def picture(self, name):
        """For people, where they ask for it."""
        if "INTEROP_PICTURES" in os.environ:
            self.browser.save_screenshot(str(pathlib.Path(os.environ["INTEROP_PICTURES"]) / f"{name}.png"))

    def log_in(self, password):
        wait_until(lambda: self.find("#login").is_displayed(), "the form is there")
        field = self.find("[name=password]")
        field.clear()
        field.send_keys(password)
        self.find("#login button").click()

    def look_into(self, sid):
        # In one step: the list is drawn anew as sockets come and go.
        self.browser.execute_script(
            "[...document.querySelectorAll('#sockets button')].find((one) => one.textContent.includes(arguments[0])).click()", sid)

    def test_looks_into_a_socket(self):
        user = self.user()
        sid = user.get_sid()
        self.browser.get(self.server.url + "/look")
        self.log_in("no")
        wait_until(lambda: self.texts("#refusal") == ["invalid credentials"], "it says so")
        self.log_in(PASSWORD)
        wait_until(lambda: any(sid in text for text in self.texts("#sockets li")), "the socket is shown")
        self.look_into(sid)
        wait_until(lambda: self.find("#detail").is_displayed(), "it is looked into")
        self.find("#join [name=room]").send_keys("lobby <b>")
        self.find("#join button").click()
        wait_until(lambda: any("lobby <b>" in text for text in self.texts("#memberships li")), "it is in the room")
        heard = []
        user.on("hello", lambda *values: heard.append(values))
        self.find("#emit [name=event]").send_keys("hello")
        self.find("#emit [name=values]").send_keys('1, "a"')
        self.find("#emit button").click()
        wait_until(lambda: heard == [(1, "a")], "the user heard it")
        wait_until(lambda: '→ ["hello",1,"a"]' in self.texts("#events li"), "it is shown")
        for width, height in ((1280, 900), (390, 844)):
            self.browser.set_window_size(width, height)
            self.picture(f"admin-{width}")
            overflow = self.browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
            self.assertLessEqual(overflow, 0)
        self.browser.refresh()
        wait_until(lambda: any(sid in text for text in self.texts("#sockets li")), "no password is asked for again")
        self.look_into(sid)
        wait_until(lambda: self.find("#detail").is_displayed(), "it is looked into")
        self.find("#cut").click()
        reason = "server namespace disconnect"
        wait_until(lambda: any(reason in text for text in self.texts("#reasons li")), "the reason is shown")
        wait_until(lambda: not self.find("#detail").is_displayed(), "it is gone")
        severe = [line for line in self.browser.get_log("browser") if "Content Security Policy" in line["message"]]
        self.assertEqual(severe, [])


if __name__ == "__main__":
    unittest.main()
