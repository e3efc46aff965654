"""The Swift client against a server that this project did not write: python-socketio on uvicorn.

What it checks of a server is here for other modules as well.
"""

import os
import signal
import subprocess
import sys
import time
import unittest

import harness
from harness import HERE, Process, free_port


class Server:
    def __init__(self, port, serializer="default"):
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "socketio_server.py"), str(port), serializer],
            stdout=subprocess.PIPE, text=True,
        )
        assert self.process.stdout.readline() == "ready\n"

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


class Checks:
    """For a test case that says where a server is."""

    # What the client's transport is followed by: its parser, where it is another than JSON.
    parser = ""

    def client(self, url, *arguments):
        client = Process("INTEROP_CLIENT", "interop-client", [url, *arguments])
        self.addCleanup(client.kill)
        return client

    def checks(self, transport, kind="checks", count=12):
        client = self.client(self.start_server(), transport + self.parser, kind, *self.roots)
        lines = []
        while not lines or lines[-1] != "end":
            lines.append(client.read_line().strip())
        self.assertEqual([line for line in lines[:-1] if not line.startswith("pass ")], [])
        self.assertEqual(len(lines), count + 1)

    def test_polling(self):
        self.checks("polling")

    def test_websocket(self):
        self.checks("websocket")

    def test_upgrade(self):
        self.checks("upgrade")


class States:
    """What the client's states come to, whatever an application does when: for a test case with `Checks`."""

    def states(self, transport):
        self.checks(transport, "states", 14)

    def test_states_polling(self):
        self.states("polling")

    def test_states_websocket(self):
        self.states("websocket")

    def test_states_upgrade(self):
        self.states("upgrade")


class SwiftClientOfSwiftServer(Checks, States, unittest.TestCase):
    roots = []

    def start_server(self):
        server = harness.Server(**{"for": "interop-client"})
        self.addCleanup(server.kill)
        return server.url


class SwiftClientOfSwiftServerInMessagePack(Checks, unittest.TestCase):
    roots = []
    parser = "+msgpack"

    def start_server(self):
        server = harness.Server(**{"for": "interop-client", "parser": "msgpack"})
        self.addCleanup(server.kill)
        return server.url


class SwiftClientInMessagePack(Checks, unittest.TestCase):
    roots = []
    parser = "+msgpack"

    def start_server(self):
        port = free_port()
        server = Server(port, "msgpack")
        self.addCleanup(server.kill)
        return f"http://127.0.0.1:{port}"


class SwiftClient(Checks, States, unittest.TestCase):
    roots = []

    def start_server(self):
        port = free_port()
        server = Server(port)
        self.addCleanup(server.kill)
        return f"http://127.0.0.1:{port}"

    def test_reconnects_after_the_server_is_killed(self):
        for transport in ("polling", "websocket", "upgrade"):
            with self.subTest(transport):
                port = free_port()
                server = Server(port)
                client = self.client(f"http://127.0.0.1:{port}", transport, "restart")
                self.assertEqual(client.read_line(), "connected number 1\n")
                for count in (2, 3):
                    server.kill()
                    self.assertIn("disconnected transport", client.read_line())
                    server = Server(port)
                    self.assertEqual(client.read_line(), f"connected number {count}\n")
                    # Emitted while there was no server, and sent once there was.
                    self.assertEqual(server.process.stdout.readline(), f"kept {count - 1}\n")
                self.assertEqual(client.read_line(), "end\n")
                server.kill()

    def test_comes_back_after_it_slept(self):
        # As a laptop does: no time passes for the client, and its connection is gone when it wakes up.
        for transport in ("polling", "websocket", "upgrade"):
            with self.subTest(transport):
                server = harness.Server(**{"for": "interop-client", "ping_interval": 200, "ping_timeout": 200})
                self.addCleanup(server.kill)
                client = self.client(server.url, transport, "restart")
                for count in (1, 2):
                    self.assertEqual(client.read_line(), f"connected number {count}\n")
                    os.kill(client.process.pid, signal.SIGSTOP)
                    time.sleep(1)
                    os.kill(client.process.pid, signal.SIGCONT)
                    # The heartbeat that did not come, or the end of the connection: whichever is looked at first.
                    self.assertRegex(client.read_line(), "disconnected (ping timeout|transport close|transport error)")
                self.assertEqual(client.read_line(), "connected number 3\n")
                self.assertEqual(client.read_line(), "end\n")


if __name__ == "__main__":
    unittest.main()
