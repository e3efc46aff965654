"""How `io.run` ends: at a signal, also as the first process of a container."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import unittest

from harness import DEADLINE, HERE, Process, free_port, get, wait_until

# What `docker run` does for the process: it is the first of its process namespace, where no signal has a default.
CONTAINER = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]


def can_contain():
    return shutil.which("unshare") and subprocess.run([*CONTAINER, "true"], capture_output=True).returncode == 0


class Contained(Process):
    """`interop-server`, run by `io.run`; in a container if asked for."""

    def __init__(self, contained):
        self.port = free_port()
        command = os.environ.get("INTEROP_SERVER", str(HERE.parent.parent / ".build" / "release" / "interop-server"))
        self.contained = contained
        if contained:
            os.environ["CONTAINED_SERVER"] = " ".join([*CONTAINER, command])
        else:
            os.environ["CONTAINED_SERVER"] = command
        super().__init__("CONTAINED_SERVER", "interop-server", ["--port", str(self.port), "--by", "run"])
        wait_until(lambda: "listening on http://localhost" in self.said(), "the line of the log")

    def said(self):
        return pathlib.Path(self.log.name).read_text()

    def send(self, number):
        process = self.process.pid
        if self.contained:
            process = int(pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()[0])
        os.kill(process, number)

    def seconds_to_end(self):
        start = time.monotonic()
        self.process.wait(DEADLINE)
        return time.monotonic() - start

    def connect_deaf(self):
        """A WebSocket that never answers the server's close frame."""
        deaf = socket.create_connection(("127.0.0.1", self.port), DEADLINE)
        deaf.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"Sec-WebSocket-Version: 13\r\n\r\n"
        )
        assert b" 101 " in deaf.recv(4096)
        return deaf


class Signals(unittest.TestCase):
    contained = False

    def server(self):
        server = Contained(self.contained)
        self.addCleanup(server.kill)
        return server

    def test_each_signal_ends_it_in_order_and_soon(self):
        for number in [signal.SIGTERM, signal.SIGINT]:
            with self.subTest(number):
                server = self.server()
                get(f"http://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=polling")
                deaf = server.connect_deaf()
                server.send(number)
                self.assertLess(server.seconds_to_end(), 1)
                self.assertEqual(server.process.returncode, 0)
                self.assertIn(f"{number.name}: the server closes", server.said())
                deaf.close()

    def test_a_second_signal_ends_it_at_once(self):
        server = self.server()
        # Who keeps the server waiting for a moment.
        deaf = server.connect_deaf()
        server.send(signal.SIGTERM)
        wait_until(lambda: "the server closes" in server.said(), "the answer to the first")
        server.send(signal.SIGINT)
        self.assertLess(server.seconds_to_end(), 0.3)
        self.assertEqual(server.process.returncode, 128 + signal.SIGINT)
        deaf.close()


class SignalsInAContainer(Signals):
    contained = True

    def setUp(self):
        if not can_contain():
            self.skipTest("no process namespaces for this user (unshare --pid)")


if __name__ == "__main__":
    unittest.main()
