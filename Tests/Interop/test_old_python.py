"""python-socketio 4.6, which speaks Engine.IO 3; runs in an environment of its own (requirements-old.txt)."""

import threading
import unittest

import engineio.payload
import requests
import socketio

from harness import DEADLINE, Server

# This client refuses a poll with more than 16 packets, which the official server and this one may well answer.
engineio.payload.Payload.max_decode_packets = 1_000


class OldPythonClients:
    transports = None

    @classmethod
    def setUpClass(cls):
        cls.server = Server(ping_interval=1000, ping_timeout=3000, allow_eio3="yes")
        cls.addClassCleanup(cls.server.kill)

    def tearDown(self):
        self.server.assert_alive(self)

    def connect(self, namespaces=("/",)):
        session = requests.Session()
        session.trust_env = False
        client = socketio.Client(reconnection=False, http_session=session)
        client.heard = []
        client.changed = threading.Condition()

        def record(event, *values):
            with client.changed:
                client.heard.append((event, *values))
                client.changed.notify_all()

        for namespace in namespaces:
            for event in ("hello", "any", "bin", "said", "tick", "welcome", "connect_error"):
                client.on(event, lambda *values, event=event: record(event, *values), namespace=namespace)
            client.on("connect", lambda namespace=namespace: record("connect", namespace), namespace=namespace)
        client.on("question", lambda value: value + 1)
        client.connect(self.server.url, transports=self.transports, namespaces=list(namespaces))
        self.addCleanup(client.disconnect)
        return client

    def wait_for(self, client, event, count=1):
        def found():
            return [one[1:] for one in client.heard if one[0] == event]

        with client.changed:
            self.assertTrue(
                client.changed.wait_for(lambda: len(found()) >= count, DEADLINE), f"{event} in {client.heard}"
            )
        return found()[:count]

    def test_connect(self):
        client = self.connect()
        [(hello,)] = self.wait_for(client, "hello")
        self.assertEqual(hello["id"], client.sid)
        self.assertEqual(client.transport(), self.transports[-1])

    def test_events_and_acknowledgements(self):
        client = self.connect()
        client.emit("any", (1, "é☃😀", [3], {"four": None}))
        self.assertEqual(self.wait_for(client, "any"), [([1, "é☃😀", [3], {"four": None}],)])
        self.assertEqual(client.call("sum", (20, 22), timeout=DEADLINE), 42)
        self.assertEqual(client.call("ask", 41, timeout=DEADLINE), 42)
        client.emit("burst", 100)
        self.assertEqual(self.wait_for(client, "tick", 100), [(index,) for index in range(100)])

    def test_bytes(self):
        client = self.connect()
        client.emit("bin", bytes([0, 1, 254, 255]))
        self.assertEqual(self.wait_for(client, "bin"), [({"n": 4, "got": bytes([0, 1, 254, 255])},)])
        large = bytes(range(256)) * 400
        self.assertEqual(client.call("echo", large, timeout=DEADLINE), large)

    def test_a_namespace(self):
        client = self.connect(("/", "/chat"))
        self.wait_for(client, "connect", 2)
        client.emit("say", "hi", namespace="/chat")
        self.assertEqual(self.wait_for(client, "said"), [("hi", "/chat")])

    def test_it_is_there_longer_than_the_heartbeat(self):
        client = self.connect()
        for _ in range(5):
            client.sleep(1)
            self.assertEqual(client.call("echo", 1, timeout=DEADLINE), 1)


class OverPolling(OldPythonClients, unittest.TestCase):
    transports = ["polling"]


class OverWebSocket(OldPythonClients, unittest.TestCase):
    transports = ["websocket"]


class OverAnUpgrade(OldPythonClients, unittest.TestCase):
    transports = ["polling", "websocket"]


if __name__ == "__main__":
    unittest.main()
