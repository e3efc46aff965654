"""The patterns example: each pattern in Chromium, its streams with curl and raw sockets, and its terminal client."""

import base64
import json
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import unittest

from harness import BUNDLE, DEADLINE, Process, free_port, get, need, open_browser, wait_until

WIDTHS = ((1280, 900), (390, 844))


class Patterns(Process):
    """The `patterns` example. Its greeting is for people, so readiness is an answer to GET /."""

    def __init__(self, *options):
        self.port, front_end = free_port(), free_port()
        super().__init__("PATTERNS_SERVER", "patterns", [
            "--port", str(self.port), "--front-end-port", str(front_end), "--host", "127.0.0.1",
            "--client-bundle", str(BUNDLE), *options,
        ])
        self.url = f"http://127.0.0.1:{self.port}"

        def answers():
            if self.process.poll() is not None:
                raise AssertionError(f"patterns {self.ending()}; log: {self.log.name}")
            try:
                return get(self.url + "/") and get(f"http://127.0.0.1:{front_end}/")
            except OSError:
                return None

        try:
            wait_until(answers, "patterns answers GET /")
        except BaseException:
            self.kill()
            raise

    @property
    def memory(self):
        """Bytes that are resident."""
        pages = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize()


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Patterns()
        cls.addClassCleanup(cls.server.kill)

    def connect(self, head, receive_buffer=None):
        client = socket.socket()
        self.addCleanup(client.close)
        client.settimeout(DEADLINE)
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(("127.0.0.1", self.server.port))
        client.sendall((head + "\r\nHost: localhost\r\n\r\n").encode())
        return client


class InChromium(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = open_browser()
        cls.addClassCleanup(cls.browser.quit)
        cls.browser.get(cls.server.url + "/")
        wait_until(lambda: cls.run_script("return document.body.dataset.ready"), "the client has loaded")

    @classmethod
    def tearDownClass(cls):
        """After all patterns have run, so that the pictures, for people who ask for them, show what they leave behind."""
        if "INTEROP_PICTURES" not in os.environ:
            return
        for width, height in WIDTHS:
            for scheme in ("light", "dark"):
                cls.look(width, height, scheme)
                tall = cls.run_script("return document.documentElement.scrollHeight")
                for top in range(0, tall, 1600):
                    clip = {"x": 0, "y": top, "width": width, "height": min(1600, tall - top), "scale": 1}
                    picture = cls.browser.execute_cdp_cmd(
                        "Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
                    name = f"patterns-{width}-{scheme}-{top:05}.png"
                    path = pathlib.Path(os.environ["INTEROP_PICTURES"]) / name
                    path.write_bytes(base64.b64decode(picture["data"]))

    @classmethod
    def run_script(cls, script, *arguments):
        return cls.browser.execute_script(script, *arguments)

    @classmethod
    def look(cls, width, height, scheme="light"):
        cls.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        cls.browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )

    def press(self, section, button):
        self.run_script("document.querySelector(`#${arguments[0]} [data-do=${arguments[1]}]`).click()", section, button)

    def fill(self, section, field, text):
        self.run_script(
            "document.querySelector(`#${arguments[0]} [name=${arguments[1]}]`).value = arguments[2]", section, field, text)

    def text(self, section, selector):
        return self.run_script(
            "return [...document.querySelectorAll(`#${arguments[0]} ${arguments[1]}`)]"
            ".map((one) => one.textContent).join('\\n')",
            section, selector)

    def wait(self, section, selector, text):
        wait_until(lambda: text in self.text(section, selector), f"{text!r} in {section} {selector}")

    def lines(self, section, selector):
        return self.run_script(
            "return [...document.querySelectorAll(`#${arguments[0]} ${arguments[1]}`)].map((one) => one.textContent)",
            section, selector)

    def test_request_and_response(self):
        self.press("request-response", "get")
        self.wait("request-response", "output", "world")
        self.press("request-response", "post")
        self.wait("request-response", "output", "pong")
        self.assertEqual(
            self.lines("request-response", ".wire li"), ["GET /hello", "200 OK\nworld", "POST /hello\nping", "200 OK\npong"])

    def test_short_polling(self):
        self.press("short-polling", "start")
        self.wait("short-polling", "output", "requests: 2")
        self.press("short-polling", "stop")
        self.assertIn('{"cents":', self.text("short-polling", ".wire"))

    def test_long_polling(self):
        self.press("long-polling", "validate")
        self.wait("long-polling", "output", "valid, after")
        self.press("long-polling", "validate")
        self.wait("long-polling", ".wire li:last-child", "POST /validations")
        self.press("long-polling", "leave")

        # That the client has left and that it asks what became of it are two connections: it may have to ask again.
        def is_given_up():
            text = self.text("long-polling", "output")
            if "0 given up" in text:
                self.press("long-polling", "leave")
            return "1 done, 1 given up" in text

        wait_until(is_given_up, "the server has given up")
        self.assertIn("left before the answer", self.text("long-polling", ".wire"))

    def test_server_sent_events(self):
        self.press("server-sent-events", "upload")
        self.wait("server-sent-events", ".wire", "does not come back")
        wire = self.lines("server-sent-events", ".wire li")
        self.assertIn("GET /progress?lose\nLast-Event-ID: 50", wire)
        percents = [line.split()[-1] for line in wire if "\ndata: " in line]
        self.assertEqual(percents, [str(percent) for percent in range(10, 101, 10)])
        self.assertEqual(self.run_script("return document.querySelector('#server-sent-events progress').value"), 100)

    def test_raw_websocket(self):
        self.press("raw-websocket", "upload")
        self.wait("raw-websocket", "output", "20 %")
        self.press("raw-websocket", "pause")
        self.press("raw-websocket", "pause")
        self.wait("raw-websocket", ".wire", "closed: 1000")
        self.assertEqual(self.text("raw-websocket", "output"), "100 %")

    def test_chat_three_ways(self):
        section, ways = "chat-three-ways", ("http", "websocket", "socketio")
        self.press(section, "open")
        self.wait(section, ".wire", "101 Switching Protocols")
        self.wait(section, ".wire", '42["history"')
        for way in ways:
            self.run_script(
                "const form = document.querySelector(`[data-way=${arguments[0]}]`);"
                "form.elements.text.value = `said over ${arguments[0]}`; form.requestSubmit();", way)
        for way in ways:
            for other in ways:
                self.wait(section, f"[data-way={way}] ol", f"said over {other}")
        shown = [sorted(self.lines(section, f"[data-way={way}] li")) for way in ways]
        self.assertEqual(len(shown[0]), 3)
        self.assertEqual(shown[1:], [shown[0]] * 2)
        self.press(section, "close")

    def test_publish_and_subscribe(self):
        self.press("publish-subscribe", "subscribe")
        self.wait("publish-subscribe", "output", "subscribed to weather")
        self.press("publish-subscribe", "publish")
        self.wait("publish-subscribe", ".events", f"weather: sunny (node {self.server.port})")
        self.wait("publish-subscribe", ".wire", "over websocket from here on")

    def test_a_front_end_of_another_origin(self):
        self.press("feed", "open")
        frame = self.browser.find_element("css selector", "#feed iframe")

        def in_frame(script):
            self.browser.switch_to.frame(frame)
            try:
                return self.run_script(script)
            finally:
                self.browser.switch_to.default_content()

        wait_until(lambda: in_frame("return document.getElementById('state').textContent") == "connected", "it connects")
        self.press("feed", "post")
        wait_until(lambda: in_frame("return document.getElementById('feed').textContent") == "something new", "it is told")
        self.assertNotEqual(in_frame("return location.origin"), self.server.url)

    def test_a_notice(self):
        self.press("notice", "open")
        self.wait("notice", "output", "Ada and Bob are here")
        self.press("notice", "notify")
        self.wait("notice", ".events", "Bob reads from ada: dinner is ready")
        self.assertNotIn("Ada reads", self.text("notice", ".events"))

    def test_a_token(self):
        self.press("token", "without")
        self.wait("token", "output", "refused: A token is wanted.")
        self.press("token", "with")
        self.wait("token", "output", "welcome among members")

    def test_rooms(self):
        self.press("rooms", "enter")
        self.wait("rooms", ".events", "you came into hall 1")
        self.press("rooms", "call")
        self.wait("rooms", ".events", "in hall 1: the show begins")
        self.press("rooms", "leave")
        self.wait("rooms", "output", "out of hall 1")

    def test_recovery(self):
        self.press("recovery", "open")
        self.wait("recovery", ".events", "all that is new")
        self.press("recovery", "lose")
        self.wait("recovery", "output", "back, and recovered")
        self.wait("recovery", ".events", "what happened while you were away (1)")

    def test_the_page_fits(self):
        for width, height in WIDTHS:
            self.look(width, height)
            self.assertLessEqual(self.run_script("return document.documentElement.scrollWidth - innerWidth"), 0)

    def test_zz_the_browser_has_nothing_against_it(self):
        """Last by its name: what all others have caused."""
        lines = [line["message"] for line in self.browser.get_log("browser") if line["level"] == "SEVERE"]
        self.assertEqual([line for line in lines if "Content Security Policy" in line or "Uncaught" in line], [])


class Streams(Case):
    def test_events_with_curl(self):
        need(shutil.which("curl"), "no curl")

        def curl(*options):
            return subprocess.run(
                ["curl", "--silent", "--no-buffer", "--max-time", str(DEADLINE), *options, self.server.url + "/progress"],
                check=True, capture_output=True, text=True).stdout

        self.assertEqual(
            curl("--header", "Last-Event-ID: 70"),
            "".join(f"event: progress\nid: {n}\nretry: 1000\ndata: {n}\n\n" for n in (80, 90, 100)))
        self.assertEqual(curl("--header", "Last-Event-ID: 100", "--write-out", "%{http_code}"), "204")

    def test_a_reader_that_leaves(self):
        """The server goes on, and what was open is closed."""
        files = lambda: len(os.listdir(f"/proc/{self.server.process.pid}/fd"))
        clients = [self.connect("GET /progress HTTP/1.1") for _ in range(50)]
        for client in clients:
            self.assertTrue(client.recv(1).startswith(b"H"))
        during = files()
        for client in clients:
            client.close()
        wait_until(lambda: files() <= during - 50, "the connections are closed")

    def test_a_slow_reader(self):
        """It reads a byte at a time, and gets everything."""
        client = self.connect("GET /progress HTTP/1.0", receive_buffer=1024)
        answer = b""
        while piece := client.recv(1):
            answer += piece
        ids = [line for line in answer.split(b"\n") if line.startswith(b"id: ")]
        self.assertEqual(ids, [b"id: %d" % percent for percent in range(10, 101, 10)])

    def allow_many_files(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        need(hard > 3000, "not enough files for a process")
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

    def test_a_thousand_uploads_that_are_watched(self):
        self.allow_many_files()

        def watch():
            clients = [self.connect("GET /progress HTTP/1.0") for _ in range(1000)]
            for client in clients:
                answer = b""
                while piece := client.recv(65536):
                    answer += piece
                self.assertTrue(answer.endswith(b"data: 100\n\n"))
                client.close()
            return self.server.memory

        first = watch()
        self.assertLess(watch() - first, 8_000_000)

    def test_a_thousand_streams(self):
        """1,000 that follow the chat, of which half do not read, while 800 messages are said."""
        self.allow_many_files()
        upgrade = "\r\n".join([
            "GET /messages HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ])
        clients = [self.connect(upgrade, receive_buffer=2048) for _ in range(1000)]
        for client in clients:
            self.assertEqual(client.recv(12), b"HTTP/1.1 101")
            client.setblocking(False)
        say = self.connect("GET /hello HTTP/1.1")

        def talk(count):
            body = json.dumps({"name": "ada", "text": "a" * 400})
            request = f"POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
            for _ in range(count):
                say.sendall(request)
                self.assertIn(b" 201 ", read_answer(say))
                for client in clients[500:]:
                    drain(client)

        self.assertIn(b" 200 ", read_answer(say))
        # All that the kernel and the server hold for who does not read is full by then.
        talk(400)
        before = self.server.memory
        talk(400)
        self.assertLess(self.server.memory - before, 8_000_000)
        for client in clients:
            client.close()


def drain(client):
    """Reads what is there; from a socket that does not block."""
    try:
        while client.recv(65536):
            pass
    except BlockingIOError:
        pass


def read_answer(client):
    """An answer with `Content-Length`."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += client.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    while len(body) < length:
        body += client.recv(65536)
    return head


class InATerminal(Case):
    def start(self, mode, name):
        client = Process(
            "PATTERNS_CLIENT", "patterns-client", [self.server.url, "--name", name], variables={"MODE": mode},
            stdin=subprocess.PIPE)
        self.addCleanup(client.kill)
        self.addCleanup(client.process.stdin.close)
        return client

    def test_both_modes(self):
        polls, streams = self.start("poll", "Ada"), self.start("stream", "Bob")
        polls.process.stdin.write(b"asked for\n")
        polls.process.stdin.flush()
        for client in (polls, streams):
            self.assertEqual(client.read_line(), "Ada: asked for\n")
        streams.process.stdin.write(b"told\n")
        streams.process.stdin.flush()
        for client in (streams, polls):
            self.assertEqual(client.read_line(), "Bob: told\n")
        for client in (polls, streams):
            client.process.stdin.close()
            self.assertEqual(client.process.wait(DEADLINE), 0)

    def test_without_a_server(self):
        for mode in ("poll", "stream"):
            client = Process(
                "PATTERNS_CLIENT", "patterns-client", [f"http://127.0.0.1:{free_port()}"], variables={"MODE": mode},
                stdin=subprocess.PIPE)
            self.addCleanup(client.kill)
            self.addCleanup(client.process.stdin.close)
            self.assertEqual(client.process.wait(DEADLINE + 10), 1)


class OverRedis(unittest.TestCase):
    def test_topics_of_two_nodes(self):
        import socketio

        program = shutil.which("redis-server")
        need(program, "no redis-server")
        port = free_port()
        redis = subprocess.Popen(
            [program, "--port", str(port), "--save", "", "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL)
        self.addCleanup(redis.wait, DEADLINE)
        self.addCleanup(redis.kill)
        nodes, clients = [], []
        for _ in range(2):
            node = Patterns("--redis", f"redis://127.0.0.1:{port}")
            self.addCleanup(node.kill)
            nodes.append(node)
            client = socketio.Client()
            client.heard = []
            client.on("published", lambda *told, heard=client.heard: heard.append(told[:3]), namespace="/topics")
            client.connect(node.url, namespaces=["/topics"], wait_timeout=DEADLINE)
            self.addCleanup(client.disconnect)
            client.call("subscribe", "weather", namespace="/topics", timeout=DEADLINE)
            clients.append(client)
        told = ("weather", "sunny", f"node {nodes[0].port}")

        # Redis may not have said yet that the other node listens.
        def heard_by_both():
            clients[0].emit("publish", ("weather", "sunny"), namespace="/topics")
            return all(told in client.heard for client in clients)

        wait_until(heard_by_both, "the topic is heard on both nodes")


if __name__ == "__main__":
    unittest.main()
