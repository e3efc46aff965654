"""The chat example: its pages in Chromium, and what its process says."""

import os
import pathlib
import shlex
import signal
import socket
import subprocess
import threading
import unittest
import urllib.request

from harness import BUNDLE, DEADLINE, ROOT, SCRATCH, Chat, free_port, get, open_browser, wait_until
from test_signals import CONTAINER, can_contain

FAMILY = "👨‍👩‍👧‍👦"


class Page:
    """One browser, on a page of the chat."""

    def __init__(self, test, url, **options):
        self.browser = open_browser(**options)
        test.addCleanup(self.browser.quit)
        self.browser.get(url)

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def fill(self, form, field, text):
        self.run(
            "const [form, field, text] = arguments;"
            "$(field).value = text; $(field).dispatchEvent(new Event('input')); $(form).requestSubmit();",
            form, field, text,
        )

    def say(self, text):
        self.fill("composer", "text", text)
        self.wait_for("messages", text)

    def text(self, identifier):
        return self.run("return $(arguments[0]).innerText", identifier)

    def wait_for(self, identifier, text):
        wait_until(lambda: text in self.text(identifier), f"{text!r} in #{identifier}")

    def wait_without(self, identifier, text):
        wait_until(lambda: text not in self.text(identifier), f"no {text!r} in #{identifier}")

    @property
    def state(self):
        return self.run("return document.body.dataset.connection")

    def press(self, identifier, text):
        self.run(
            "[...$(arguments[0]).querySelectorAll('button')].find((one) => one.innerText.includes(arguments[1])).click()",
            identifier, text,
        )

    def narrow(self):
        self.look(390, 780)

    def look(self, width, height, scheme="light"):
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        self.browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )

    def screenshot(self, name):
        SCRATCH.mkdir(parents=True, exist_ok=True)
        self.browser.save_screenshot(str(SCRATCH / f"{name}.png"))

    def quit(self):
        self.browser.quit()


class ChatCase(unittest.TestCase):
    def setUp(self):
        self.chat = Chat()
        self.addCleanup(self.chat.kill)

    def open(self, path="/"):
        return Page(self, self.chat.url + path)

    def enter(self, name):
        page = self.open()
        page.fill("login", "name", name)
        page.wait_for("title", "# lobby")
        return page

    def administrate(self):
        page = self.open("/admin")
        page.fill("login", "password", self.chat.password)
        wait_until(lambda: page.state == "connected", "in")
        return page


class People(ChatCase):
    def test_two_people_talk(self):
        ada = self.enter("Ada")
        ada.say("before Bob <b>came</b>")
        bob = self.enter("Bob")
        bob.wait_for("messages", "before Bob <b>came</b>")
        ada.wait_for("people", "Bob")
        bob.wait_for("people", "Bob (you)")

        bob.run("$('text').value = 'h'; $('text').dispatchEvent(new Event('input'))")
        wait_until(lambda: "Bob" in ada.text("typing"), "Bob is seen typing")
        bob.fill("composer", "text", "hello é☃😀")
        ada.wait_for("messages", "hello é☃😀")

        ada.fill("new-room", "room-name", "Engines")
        ada.wait_for("title", "# Engines")
        bob.wait_for("rooms", "# Engines")
        ada.say("only in Engines")
        ada.press("rooms", "# lobby")
        ada.press("people", "Bob")
        ada.fill("composer", "text", "for Bob alone")
        bob.wait_for("whispers", "@ Ada")
        self.assertNotIn("only in Engines", bob.text("messages"))
        bob.press("whispers", "@ Ada")
        bob.wait_for("messages", "for Bob alone")
        bob.press("rooms", "# Engines")
        bob.wait_for("messages", "only in Engines")

        bob.run("$('leave').click()")
        bob.wait_without("title", "Engines")
        bob.quit()
        ada.press("rooms", "# lobby")
        ada.wait_without("people", "Bob")

    def test_nothing_that_is_said_is_lost(self):
        ada, bob, admin = self.enter("Ada"), self.enter("Bob"), self.administrate()
        bob.say("one")
        for text in ("tea at four", "tea at five"):
            admin.fill("announce", "announcement", text)
            for page in (ada, bob):
                page.wait_for("messages", text)
        for text in ("two", "three"):
            bob.say(text)
        for page in (ada, bob):
            page.wait_for("messages", "three")
            shown = page.run("return [...$('messages').querySelectorAll('li')].map((li) => li.innerText).filter(Boolean)")
            shown = [line.split("\n")[-1] for line in shown if "came in" not in line]
            self.assertEqual(shown, ["one", "Announcement: tea at four", "Announcement: tea at five", "two", "three"])

    def test_names(self):
        self.enter("Ada")
        other = self.open()
        for name, words in {
            "Ada": "Somebody is called Ada already.",
            "ADA": "Somebody is called Ada already, which looks like ADA.",
            "аda": "A name has letters of one alphabet",
            "ada\u200b": "A name has nothing that cannot be seen, like U+200B.",
            "\u202eada": "A name has nothing that cannot be seen, like U+202E.",
            "-- ada has left": "A name begins with a letter, a digit or an emoji.",
            "x" * 25: "A name has 1 to 24 characters: this one has 25.",
        }.items():
            other.fill("login", "name", name)
            other.wait_for("login-error", words)
        other.fill("login", "name", FAMILY * 5)
        other.wait_for("people", FAMILY * 5 + " (you)")

    def test_what_people_write_turns_nothing_around(self):
        ada, bob = self.enter("Ada"), self.enter("שלום")
        bob.say("\u202edlrow olleh \u2067" + FAMILY)
        ada.wait_for("messages", FAMILY)
        isolates = ada.run(
            "return [...document.querySelectorAll('.text, .by bdi, .note bdi, aside bdi, #title')]"
            ".map((node) => getComputedStyle(node).unicodeBidi)"
        )
        self.assertEqual(set(isolates), {"isolate"})

    def test_typing_again_at_once_shows(self):
        ada, bob = self.enter("Ada"), self.enter("Bob")
        for text in ("one", "two", "three"):
            bob.run("$('text').value = 'h'; $('text').dispatchEvent(new Event('input'))")
            wait_until(lambda: "Bob" in ada.text("typing"), "Bob is seen typing")
            bob.fill("composer", "text", text)
            ada.wait_for("messages", text)
            ada.wait_without("typing", "Bob")

    def test_a_page_comes_back_after_a_lost_connection(self):
        ada, bob = self.enter("Ada"), self.enter("Bob")
        for text in ("still on its way", "overtook it"):
            bob.say(text)
            ada.wait_for("messages", text)
        ada.run("[...document.querySelectorAll('.log li')].find((item) => item.innerText.includes('its way')).remove()")
        ada.fill("new-room", "room-name", "Engines")
        ada.wait_for("title", "# Engines")
        ada.browser.execute_cdp_cmd("Network.enable", {})
        # Ends the connection below the client; new ones fail until the network is back.
        offline = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        ada.browser.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
        ada.run("socket.io.engine.transport.ws?.close()")
        wait_until(lambda: ada.state == "reconnecting", "the banner is shown")
        self.assertNotIn("transport", ada.text("banner"))
        self.assertTrue(ada.run("return $('text').disabled"))
        bob.wait_without("people", "Ada")
        bob.say("while Ada was away")
        ada.browser.execute_cdp_cmd("Network.emulateNetworkConditions", {**offline, "offline": False})
        wait_until(lambda: ada.state == "connected", "connected again")
        ada.wait_for("people", "Ada (you)")
        ada.press("rooms", "# lobby")
        ada.wait_for("messages", "while Ada was away")
        for text in ("while Ada was away", "still on its way", "overtook it"):
            self.assertEqual(ada.text("messages").count(text), 1)
        bob.wait_for("people", "Ada")


    def offline(self, page, is_offline):
        page.browser.execute_cdp_cmd("Network.enable", {})
        page.browser.execute_cdp_cmd(
            "Network.emulateNetworkConditions",
            {"offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
        )

    def lose_connection(self, page):
        self.offline(page, True)
        page.run("socket.io.engine.transport.ws?.close()")
        wait_until(lambda: page.state == "reconnecting", "the banner is shown")

    def test_a_connection_that_is_lost_again_before_the_answers_takes_nothing_from_the_page(self):
        ada, bob = self.enter("Ada"), self.enter("Bob")
        ada.fill("new-room", "room-name", "Engines")
        ada.wait_for("title", "# Engines")
        ada.say("kept")
        ada.run("$('text').value = 'a draft'")
        self.lose_connection(ada)
        # Ends the next connection between `welcome` and the answers to the joins that it sends.
        ada.run("""
            socket.once("welcome", () => {
              const { transport } = socket.io.engine;
              transport.ws?.close();
              transport.onClose();
              window.wasLost = true;
            });
        """)
        self.offline(ada, False)
        wait_until(lambda: ada.run("return Boolean(window.wasLost)"), "it is lost again")
        wait_until(lambda: ada.run("return socket.connected && Boolean(current?.isOpen)"), "it is back")
        self.assertEqual(ada.run("return [...conversations.keys()]"), ["room:lobby", "room:Engines"])
        self.assertEqual(ada.text("title"), "# Engines")
        self.assertEqual(ada.run("return $('text').value"), "a draft")
        self.assertIn("kept", ada.text("messages"))
        self.assertEqual(ada.text("room-error"), "")
        bob.wait_for("people", "Ada")

    def test_a_room_that_is_left_while_it_is_joined_again_stays_left(self):
        ada, bob = self.enter("Ada"), self.enter("Bob")
        ada.fill("new-room", "room-name", "Engines")
        ada.wait_for("title", "# Engines")
        # As after a lost connection: the answer is on its way when the room is left.
        barrier = "window.isDone = false; socket.emit('say', 'nowhere', '', () => { window.isDone = true; });"
        ada.run("join('Engines'); join('lobby'); $('leave').click();" + barrier)
        wait_until(lambda: ada.run("return Boolean(window.isDone)"), "all is answered")
        self.assertEqual(ada.run("return [...conversations.keys()]"), ["room:lobby"])
        # The same for a room that one was not in.
        ada.run("join('Engines', { open: true }); join('Engines', { open: true });")
        ada.wait_for("title", "# Engines")
        ada.run("join('ENGINES', { open: true }); leave(current);" + barrier)
        wait_until(lambda: ada.run("return Boolean(window.isDone)"), "all is answered")
        self.assertEqual(ada.run("return [...conversations.keys()]"), ["room:lobby"])

    def test_what_was_missed_is_unread_and_a_room_made_again_keeps_its_place(self):
        ada, bob = self.enter("Ada"), self.enter("Bob")
        ada.fill("new-room", "room-name", "Engines")
        ada.wait_for("title", "# Engines")
        self.lose_connection(ada)
        bob.wait_without("people", "Ada")
        bob.say("one")
        bob.say("two")
        # For the server it is another room; for the page it is the one that it was in.
        ada.run("rename(conversations.get('room:Engines'), 'eNGINES')")
        self.offline(ada, False)
        wait_until(lambda: ada.run("return socket.connected && Boolean(current?.isOpen)"), "it is back")
        wait_until(lambda: ada.run("return document.title") == "(2) Chat", "two are unread")
        self.assertEqual(ada.run("return [...conversations.keys()].sort()"), ["room:Engines", "room:lobby"])
        self.assertEqual(ada.text("title"), "# Engines")
        ada.press("rooms", "# lobby")
        self.assertEqual(ada.run("return document.title"), "Chat")

    def test_private_conversations_are_fifty_and_those_that_are_read_go_first(self):
        ada = self.enter("Ada")
        whispers = ada.run("""
            for (let i = 0; i < 60; i++) {
              const place = conversation("whisper", `Somebody ${i}`);
              if (i !== 7) place.unread = 1;
            }
            return [...conversations.values()].filter((place) => place.kind === "whisper").map((place) => place.name);
        """)
        # The seventh, which is read, and then the oldest.
        self.assertEqual(whispers, [f"Somebody {number}" for number in range(10, 60)])

    def test_a_message_draws_what_it_changes(self):
        ada, bob = self.enter("Ada"), self.enter("Bob")
        ada.press("rooms", "# swift")
        ada.wait_for("title", "# swift")
        ada.run(
            "window.drawn = []; for (const name of ['drawList', 'drawRooms', 'drawPeople', 'draw']) {"
            "  const real = window[name]; window[name] = (...all) => { drawn.push(name); return real(...all); }; }"
        )
        for text in ("one", "two", "three"):
            bob.say(text)
        wait_until(lambda: ada.run("return document.title") == "(3) Chat", "three are unread")
        self.assertIn("3", ada.text("rooms"))
        self.assertEqual(ada.run("return drawn"), [])


class Abuse(ChatCase):
    def test_one_visitor_costs_the_others_nothing(self):
        ada, mallory = self.enter("Ada"), self.enter("Mallory")
        ada.run("window.seen = []; socket.onAny((name, ...values) => seen.push(JSON.stringify([name, ...values]).length))")
        mallory.run("""
            for (let i = 0; i < 2667; i++) {
              const name = `room ${i} `.padEnd(40, "x");
              socket.emit("join", name, 0, () => {});
              socket.emit("leave", name);
              socket.emit("typing", "lobby");
            }
            socket.emit("join", "lobby", 0, () => { window.isDone = true; });
        """)
        wait_until(lambda: mallory.run("return Boolean(window.isDone)"), "all of it is answered")
        self.enter("Bob").say("still here?")
        ada.wait_for("messages", "still here?")
        self.assertEqual(ada.state, "connected")
        events, most = ada.run("return [seen.length, Math.max(...seen)]")
        # Before: one for each, with the names of all rooms in it, until the connection ended after 72 of them.
        self.assertLess(events, 100)
        self.assertLess(most, 1000)


class Drawing(ChatCase):
    def test_what_is_there_stays_the_same_element(self):
        ada, bob = self.enter("Ada"), self.enter("Bob")
        bob.say("first")
        ada.wait_for("people", "Bob")
        ada.wait_for("messages", "first")
        ada.run(
            "window.kept = [...document.querySelectorAll('aside li button, .log li')];"
            "[...document.querySelectorAll('#people button')].find((one) => !one.disabled).focus();"
        )
        for text in ("second", "third"):
            bob.say(text)
            ada.wait_for("messages", text)
        self.enter("Cyd")
        ada.wait_for("people", "Cyd")
        self.assertTrue(ada.run("return kept.every((node) => node.isConnected)"))
        self.assertEqual(ada.run("return document.activeElement.innerText"), "Bob")
        ada.wait_for("messages", "Cyd came in")
        bob.say("fourth")
        ada.wait_for("messages", "fourth")
        ada.press("rooms", "# swift")
        ada.wait_for("title", "# swift")
        ada.press("rooms", "# lobby")
        for words in ("Bob came in", "Cyd came in"):
            self.assertIn(words, ada.text("messages"))

    def test_whoever_reads_further_up_stays_there(self):
        ada, bob = self.enter("Ada"), self.enter("Bob")
        for number in range(19):
            bob.say(f"line {number} " + "x " * 150 + "end")
        ada.wait_for("messages", "line 18")
        scroll = "return document.querySelector('.log:not([hidden])').scrollTop"
        self.assertGreater(ada.run(scroll), 500)
        ada.run("document.querySelector('.log:not([hidden])').scrollTop = 100")
        wait_until(lambda: ada.run("return current.log.follows") is False, "it has noticed")
        bob.say("something new")
        ada.wait_for("to-end", "1 new message")
        self.assertEqual(ada.run(scroll), 100)
        # Another room and back: still there.
        ada.press("rooms", "# swift")
        ada.wait_for("title", "# swift")
        ada.press("rooms", "# lobby")
        self.assertEqual(ada.run(scroll), 100)
        ada.run("$('to-end').click()")
        self.assertTrue(ada.run("return $('to-end').hidden && current.log.follows"))
        self.assertGreater(ada.run(scroll), 500)

    def test_an_empty_room_and_no_room_say_so(self):
        ada = self.enter("Ada")
        ada.press("rooms", "# swift")
        ada.wait_for("title", "# swift")
        ada.run("for (const place of [...conversations.values()]) leave(place)")
        ada.wait_for("nowhere", "You are in no room.")
        self.assertTrue(ada.run("return $('composer').hidden && $('leave').hidden"))
        ada.press("rooms", "# random")
        ada.wait_for("title", "# random")
        self.assertFalse(ada.run("return $('composer').hidden || $('text').disabled"))
        ada.run("document.querySelector('.log:not([hidden])').replaceChildren()")
        self.assertIn(
            "Nothing has been said here yet.",
            ada.run("return getComputedStyle(document.querySelector('.log:not([hidden])'), '::before').content"),
        )

    def test_a_narrow_page_has_its_rooms_in_a_drawer_and_the_unread_in_sight(self):
        ada, bob = self.enter("Ada"), self.enter("Bob")
        ada.narrow()
        ada.press("rooms", "# swift")
        ada.wait_for("title", "# swift")
        bob.say("a very long word: " + "x" * 300)
        bob.say("another")
        ada.wait_for("menu", "2")
        self.assertEqual(ada.run("return document.title"), "(2) Chat")
        for state in ("closed", "open"):
            with self.subTest(state):
                if state == "open":
                    ada.run("$('menu').click()")
                cut = ada.run(
                    "return [...document.querySelectorAll('body *')].filter((node) => {"
                    "  const box = node.getBoundingClientRect();"
                    "  return box.width > 0 && getComputedStyle(node).visibility === 'visible'"
                    "    && (box.right > innerWidth + 1 || box.left < -1) && !node.closest('.unseen');"
                    "}).map((node) => node.outerHTML.slice(0, 80))"
                )
                # The drawer slides in.
                if state == "open":
                    wait_until(lambda: ada.run("return $('side').getBoundingClientRect().left") == 0, "it is there")
                else:
                    self.assertEqual(cut, [])
                    self.assertEqual(ada.run("return document.documentElement.scrollWidth"), 390)
        self.assertEqual(ada.run("return getComputedStyle($('side')).visibility"), "visible")
        ada.press("rooms", "# lobby")
        ada.wait_for("title", "# lobby")
        wait_until(lambda: ada.run("return getComputedStyle($('side')).visibility") == "hidden", "the drawer closes")
        self.assertEqual(ada.run("return document.title"), "Chat")
        ada.narrow()
        self.assertEqual(ada.run("return document.documentElement.scrollWidth"), 390)

    def test_edges_can_be_seen(self):
        page = self.open()
        for scheme in ("light", "dark"):
            page.look(1000, 700, scheme)
            ratio = page.run("""
                const light = (color) => {
                  const [r, g, b] = color.match(/[\\d.]+/g).map((part) => part / 255)
                    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
                  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
                };
                const style = getComputedStyle($("name"));
                const [one, other] = [light(style.borderTopColor), light(style.backgroundColor)];
                return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
            """)
            # WCAG 2.2, 1.4.11.
            self.assertGreaterEqual(ratio, 3, scheme)


class Administrators(ChatCase):
    def test_the_admin_page(self):
        ada = self.enter("Ada")
        admin = self.open("/admin")
        admin.fill("login", "password", "guess")
        admin.wait_for("login-error", "Wrong password.")
        admin.fill("login", "password", self.chat.password)
        admin.wait_for("people", "Ada")
        admin.wait_for("rooms", "lobby")
        admin.fill("announce", "announcement", "tea at four")
        ada.wait_for("messages", "tea at four")
        admin.press("people", "Kick")
        wait_until(lambda: ada.state == "ended", "Ada is out")
        admin.wait_without("people", "Ada")

        ada.wait_for("login-error", "The administrator has removed you.")
        ada.run("$('login').requestSubmit()")
        ada.wait_for("people", "Ada (you)")

    def test_it_says_what_did_not_work(self):
        admin = self.administrate()
        admin.fill("announce", "announcement", "x" * 2001)
        admin.wait_for("announce-result", "A message has at most 2000 characters: this one has 2001.")
        admin.run("ask(socket, 'kick', ['nobody'], (reply) => setText($('panel-error'), reply.error))")
        admin.wait_for("panel-error", "nobody is not here any more.")

    def test_kick_stays_where_it_is(self):
        self.enter("Bob")
        admin = self.administrate()
        admin.wait_for("people", "Bob")
        admin.run("window.kick = $('people').querySelector('button'); kick.focus()")
        self.enter("Ada")
        admin.wait_for("people", "Ada")
        self.assertTrue(admin.run("return kick.isConnected && document.activeElement === kick"))
        self.assertIn("Bob", admin.run("return $('people').firstElementChild.innerText"))

    def test_guesses_are_few(self):
        admin = self.open("/admin")
        for _ in range(5):
            admin.fill("login", "password", "guess")
            admin.wait_for("login-error", "Wrong password.")
            admin.run("setText($('login-error'), '')")
        admin.fill("login", "password", self.chat.password)
        admin.wait_for("login-error", "Too many attempts: try again in")


class Loading(unittest.TestCase):
    def test_the_page_works_while_the_cdn_hangs(self):
        chat = Chat(options=())
        self.addCleanup(chat.kill)
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        rule = f"--host-resolver-rules=MAP cdn.socket.io 127.0.0.1:{silent.getsockname()[1]}"
        page = Page(self, chat.url, flags=[rule], load="none")
        wait_until(lambda: page.run("return typeof $ === 'function' && Boolean($('login'))"), "the page's own scripts run")
        page.fill("login", "name", "Ada")
        page.wait_for("client-error", "--client-bundle DIR")
        self.assertIn("socket.io-client", page.text("client-error"))

    def test_header_fields(self):
        chat = Chat()
        self.addCleanup(chat.kill)
        for path in ("/", "/admin", "/chat.js", "/style.css"):
            with urllib.request.urlopen(chat.url + path, timeout=DEADLINE) as response:
                policy = response.headers["Content-Security-Policy"]
                for part in ("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"):
                    self.assertIn(part, policy)
                # The scripts are all the server's own.
                self.assertNotIn("cdn", policy)
                self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
                self.assertEqual(response.headers["Cache-Control"], "no-cache")


class Starting(unittest.TestCase):
    def start(self, *options, within=(), **environment):
        command = shlex.split(os.environ.get("CHAT_SERVER", str(ROOT / ".build" / "release" / "chat")))
        process = subprocess.Popen(
            [*within, *command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **environment},
        )
        # A line that does not come ends with the process.
        timer = threading.Timer(DEADLINE, process.kill)
        timer.start()
        self.addCleanup(timer.cancel)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def test_a_folder_without_the_client_is_refused(self):
        process = self.start("--client-bundle", "/nope")
        output, errors = process.communicate(timeout=DEADLINE)
        self.assertEqual(process.returncode, 2)
        self.assertEqual(output, "")
        self.assertIn("there is no socket.io.min.js or socket.io.js in '/nope'", errors)

    def test_it_says_where_it_is_and_the_password_into_a_pipe(self):
        port = free_port()
        process = self.start("--port", str(port), "--client-bundle", str(BUNDLE))
        self.assertEqual(process.stdout.readline(), f"chat   http://localhost:{port}/\n")
        self.assertRegex(process.stdout.readline(), r"^admin  http://localhost:\d+/admin  password: [a-z2-9]{12}\n$")

    def test_it_ends_well_at_sigterm_also_as_the_first_process_of_a_container(self):
        for within in ([], CONTAINER) if can_contain() else ([],):
            with self.subTest(within=within):
                port = free_port()
                process = self.start("--port", str(port), "--client-bundle", str(BUNDLE), within=within)

                def answers():
                    try:
                        return get(f"http://127.0.0.1:{port}/")
                    except OSError:
                        return None

                wait_until(answers, "chat answers GET /")
                target = process.pid
                if within:
                    target = int(pathlib.Path(f"/proc/{target}/task/{target}/children").read_text().split()[0])
                os.kill(target, signal.SIGTERM)
                process.communicate(timeout=DEADLINE)
                self.assertEqual(process.returncode, 0)

    def test_a_password_from_the_environment_is_not_printed(self):
        process = self.start("--port", "0", CHAT_ADMIN_PASSWORD="never seen")
        lines = process.stdout.readline() + process.stdout.readline()
        self.assertIn("(as given)", lines)
        self.assertNotIn("never seen", lines)


if __name__ == "__main__":
    unittest.main()
