"""A server that drains: what is under way is settled, and real clients come back to the next one by themselves."""

import pathlib
import signal
import time
import unittest
import urllib.error

import socketio

from harness import BUNDLE, DEADLINE, HERE, Process, free_port, get, open_browser, wait_until

PAGE = """
const [transports, done] = arguments;
const socket = io({ transports, reconnectionDelay: 50, reconnectionDelayMax: 100 });
const told = [];
socket.on("disconnect", (reason) => told.push(reason));
socket.once("connect", async () => {
  const engine = socket.io.engine;
  if (transports.includes("websocket") && engine.transport.name !== "websocket") {
    await new Promise((next) => engine.once("upgrade", next));
  }
  window.answer = socket.timeout(10000).emitWithAck("very slow", 7);
  socket.on("connect", async () => {
    window.result = { answer: await window.answer, told, after: await socket.emitWithAck("echo", 8) };
  });
  done(true);
});
"""


class DrainingServer(Process):
    def __init__(self, port):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        arguments = ["--port", str(port), "--page", str(HERE / "page.html"), "--bundle", str(BUNDLE)]
        super().__init__("INTEROP_SERVER", "interop-server", [*arguments, "--by", "run", "--draining", "5000"])
        wait_until(lambda: "listening on http://localhost" in self.said(), "the line of the log")

    def said(self):
        return pathlib.Path(self.log.name).read_text()

    def drain(self):
        self.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "SIGTERM" in self.said(), "the answer to the signal")


class Draining(unittest.TestCase):
    def server(self, port):
        server = DrainingServer(port)
        self.addCleanup(server.kill)
        return server

    def replace(self, server):
        """Waits until it has ended, of itself and before its time is over, and starts the next one in its place."""
        start = time.monotonic()
        self.assertEqual(server.process.wait(DEADLINE), 0)
        self.assertLess(time.monotonic() - start, 4.5)
        return self.server(server.port)

    def test_the_official_client(self):
        browser = open_browser()
        self.addCleanup(browser.quit)
        for transports in [["websocket"], ["polling"], ["polling", "websocket"]]:
            with self.subTest(transports=transports):
                server = self.server(free_port())
                browser.get(server.url + "/")
                self.assertTrue(browser.execute_async_script(PAGE, transports))
                server.drain()
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    get(server.url + "/socket.io/?EIO=4&transport=polling")
                self.assertEqual(refused.exception.code, 503)
                self.replace(server)
                result = wait_until(lambda: browser.execute_script("return window.result"), "the page is back")
                self.assertEqual(result, {"answer": 7, "told": ["transport close"], "after": 8})

    def test_a_python_client(self):
        # Over WebSocket. Over polling it takes Engine.IO's close packet, which Node's server sends too, for a wish that it stays away.
        server = self.server(free_port())
        client = socketio.Client(reconnection_delay=0.05, reconnection_delay_max=0.1)
        answers = []
        client.connect(server.url, transports=["websocket"], wait_timeout=DEADLINE)
        self.addCleanup(client.shutdown)
        client.emit("very slow", 7, callback=answers.append)
        # It has been heard: what one client sends is handled in order.
        self.assertEqual(client.call("echo", 8), 8)
        sid = client.get_sid()
        server.drain()
        self.replace(server)
        wait_until(lambda: client.connected and client.get_sid() not in (None, sid), "the client is back")
        self.assertEqual(answers, [7])
        self.assertEqual(client.call("echo", 9), 9)


if __name__ == "__main__":
    unittest.main()
