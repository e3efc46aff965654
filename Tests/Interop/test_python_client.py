"""python-socketio as an independent client: `requests` and `websocket-client` below the first, `aiohttp` below the other."""

import asyncio
import base64
import json
import ssl
import threading
import types
import unittest
import unittest.mock

import aiohttp
import engineio.packet
import engineio.payload
import requests
import socketio

from harness import DEADLINE, Server, certificate, get, wait_until

# This client refuses a poll with more than 16 packets, which the official server and this one may well answer.
engineio.payload.Payload.max_decode_packets = 1_000

PARCEL = {"name": "p", "parts": [b"\x01\x02", b"", b"\x03"], "more": {"deep": b"\x09\x08"}}


def make_session(url):
    session = requests.Session()
    # Otherwise `requests` would take proxies and certificates from the environment.
    session.trust_env = False
    if url.startswith("https:"):
        session.verify = certificate().chain
    return session


class SyncClients:
    transports = None
    start_server = Server
    # How packets are written.
    serializer = "default"
    options = {}

    @classmethod
    def setUpClass(cls):
        # A python-socketio client that leaves while it sends may leave without a word, and then waits for its poll to
        # end: with the default heartbeat that takes 25 s.
        cls.server = cls.start_server(ping_interval=1000, **cls.options)
        cls.addClassCleanup(cls.server.kill)

    def tearDown(self):
        self.server.assert_alive(self)

    def connect(self, namespaces=("/",), auth=None, reconnection=False, query="", url=None):
        url = url or self.server.url
        client = socketio.Client(
            reconnection=reconnection, reconnection_delay=0.1, reconnection_delay_max=0.4,
            http_session=make_session(url), serializer=self.serializer,
        )
        client.heard = []
        client.changed = threading.Condition()

        def record(event, *values):
            with client.changed:
                client.heard.append((event, *values))
                client.changed.notify_all()

        for event in (
            "hello", "message", "any", "said", "tick", "bin", "two", "maybe", "once", "error-seen", "namespace-level",
            "volatile-done",
        ):
            client.on(event, lambda *values, event=event: record(event, *values))
        client.on("connect", lambda: record("connect"))
        client.on("disconnect", lambda reason: record("disconnect", reason))
        client.on("question", lambda value: value + 1)
        client.on("question-binary", lambda value: value[::-1])
        client.on("unanswered", lambda: threading.Event().wait(0.5))
        client.connect(
            url + query, transports=self.transports, auth=auth, namespaces=list(namespaces),
            wait_timeout=DEADLINE,
        )
        self.addCleanup(client.disconnect)
        return client

    def wait_for(self, client, event, count=1):
        """The first `count` occurrences of `event`."""

        def found():
            return len([one for one in client.heard if one[0] == event]) >= count

        with client.changed:
            self.assertTrue(client.changed.wait_for(found, DEADLINE), f"{event} in {client.heard}")
        return [one[1:] for one in client.heard if one[0] == event][:count]

    def texts(self, client):
        return [one[1] for one in client.heard if one[0] == "said"]

    def settle(self, *clients):
        """As in page.html: when it returns, everything that was sent before has arrived."""
        for _ in range(3):
            for client in clients:
                client.call("echo", 0, timeout=DEADLINE)

    def record(self):
        return json.loads(get(self.server.url + "/record"))

    def test_connect_with_auth_and_query(self):
        client = self.connect(auth={"token": "é☃😀"}, query="?x=a%20b%26c")
        [(hello,)] = self.wait_for(client, "hello")
        self.assertEqual(client.transport(), self.transports[0])
        self.assertEqual(hello["auth"], {"token": "é☃😀"})
        self.assertEqual(hello["query"], "a b&c")
        self.assertEqual(hello["id"], client.get_sid())
        self.assertEqual(len(client.get_sid()), 20)

    def test_events_with_any_arguments(self):
        client = self.connect()
        client.emit("any", (1, "two", [3], {"four": None}, True, 2.5))
        self.assertEqual(self.wait_for(client, "any"), [([1, "two", [3], {"four": None}, True, 2.5],)])
        client.send("hi")
        self.assertEqual(self.wait_for(client, "message"), [("you said hi",)])
        client.emit("error", "just a name")
        self.assertEqual(self.wait_for(client, "error-seen"), [("just a name",)])
        client.emit("namespace-level", 41)
        self.assertEqual(self.wait_for(client, "namespace-level"), [(42,)])

    def test_base64_with_line_breaks(self):
        # As the official Java client writes it.
        wrapping = types.SimpleNamespace(b64encode=base64.encodebytes, b64decode=base64.b64decode)
        with unittest.mock.patch.object(engineio.packet, "base64", wrapping):
            client = self.connect()
            for value in (b"", b"\x00\xff\x05", bytes(range(256)) * 20):
                self.assertEqual(client.call("echo", value, timeout=DEADLINE), value)

    def test_messages_stay_in_order(self):
        client = self.connect()
        client.emit("burst", 300)
        # The client starts a thread for each event: the numbers all come, in the order that the threads run in.
        ticks = self.wait_for(client, "tick", 300)
        self.assertEqual(sorted(index for (index,) in ticks), list(range(300)))

    def test_acknowledgements_both_ways(self):
        client = self.connect()
        self.assertEqual(client.call("sum", (20, 22)), 42)
        self.assertEqual(client.call("slow", 7), 7)
        self.assertEqual(client.call("ask", 41), 42)
        self.assertEqual(client.call("ask-in-vain"), "timed out")
        # A handler without a value has ended.
        self.assertIsNone(client.call("silent", 1))
        with self.assertRaises(socketio.exceptions.TimeoutError):
            client.call("throwing", 1, timeout=0.3)
        self.assertEqual(client.call("echo", "é☃😀\u2028"), "é☃😀\u2028")

    def test_binary_both_ways(self):
        client = self.connect()
        client.emit("bin", bytes(range(256)))
        self.assertEqual(self.wait_for(client, "bin"), [({"n": 256, "got": bytes(range(256))},)])
        client.emit("two", (b"\x01", "é☃😀", b"\x02\x02"))
        self.assertEqual(self.wait_for(client, "two"), [(b"\x02\x02", "é☃😀", b"\x01")])
        self.assertEqual(
            client.call("parcel", PARCEL),
            {"name": "p", "parts": [b"\x03", b"", b"\x01\x02"], "more": {"deep": b"\x08\x09"}},
        )
        self.assertEqual(client.call("echo", b"\x09\x08\x07"), b"\x09\x08\x07")
        self.assertEqual(client.call("ask-binary"), b"\x03\x02\x01")

    def test_rooms_reach_their_members_and_nobody_else(self):
        a, b, c = self.connect(), self.connect(), self.connect()
        for client, room in ((a, "red"), (b, "red"), (b, "blue")):
            self.assertTrue(client.call("join", room))
        self.assertEqual(sorted(b.call("rooms")), sorted(["red", "blue", b.get_sid()]))
        for client, *event in (
            (a, "say", "red", "from a to the others in red"),
            (c, "say", "red", "from outside"),
            (c, "say-to-two", "red", "blue", "once each"),
            (c, "say-except", "red", "blue", "not to blue"),
            (c, "say-to-socket", a.get_sid(), "only a"),
            (a, "broadcast", "everybody but a"),
            (c, "everyone", "everybody"),
        ):
            client.emit(event[0], tuple(event[1:]))
            self.settle(client, a, b, c)
        self.assertTrue(b.call("leave", "red"))
        c.emit("say-to-all", ("red", "b has left"))
        self.settle(c, a, b)
        # Sorted, since each event runs in a thread of its own.
        self.assertEqual(
            sorted(self.texts(a)),
            sorted(["from outside", "once each", "not to blue", "only a", "everybody", "b has left"]),
        )
        self.assertEqual(
            sorted(self.texts(b)),
            sorted(["from a to the others in red", "from outside", "once each", "everybody but a", "everybody"]),
        )
        self.assertEqual(sorted(self.texts(c)), sorted(["everybody but a", "everybody"]))

    def test_namespaces(self):
        client = self.connect(namespaces=("/", "/chat"))
        said = []
        client.on("said", lambda *values: said.append(values), namespace="/chat")
        self.assertNotEqual(client.get_sid("/"), client.get_sid("/chat"))
        client.emit("say", "in chat", namespace="/chat")
        wait_until(lambda: said == [("in chat", "/chat")], "heard in /chat")
        self.assertEqual(self.texts(client), [])

        admin = self.connect(namespaces=("/admin",), auth={"token": "secret"})
        self.assertEqual(admin.call("echo", 5, namespace="/admin"), 5)

    def refusal(self, namespace, auth=None):
        """What the server says about why not."""
        client = socketio.Client(
            reconnection=False, http_session=make_session(self.server.url), serializer=self.serializer
        )
        errors = []
        client.on("connect_error", errors.append, namespace=namespace)
        with self.assertRaises(socketio.exceptions.ConnectionError):
            client.connect(
                self.server.url, transports=self.transports, namespaces=[namespace], auth=auth, wait_timeout=DEADLINE
            )
        client.disconnect()
        wait_until(lambda: errors, "connect_error")
        return errors[0]

    def test_a_refused_namespace_says_why(self):
        for auth in ({"token": "wrong"}, {}, None):
            self.assertEqual(
                self.refusal("/admin", auth), {"message": "not allowed", "data": {"code": 401, "hint": "token"}}
            )

    def test_an_unknown_namespace_is_refused(self):
        self.assertEqual(self.refusal("/nowhere"), {"message": "Invalid namespace"})

    def test_disconnect_reasons(self):
        expected = {}
        by_server = self.connect()
        expected[by_server.get_sid()] = {"server namespace disconnect"}
        by_server.emit("bye")
        self.assertEqual(self.wait_for(by_server, "disconnect"), [("server disconnect",)])
        whole = self.connect()
        expected[whole.get_sid()] = {"server namespace disconnect"}
        whole.emit("bye-bye")
        self.wait_for(whole, "disconnect")
        by_client = self.connect()
        # This client may close its WebSocket before it has written the packet that says so.
        expected[by_client.get_sid()] = {"client namespace disconnect", "transport close"}
        # Nor does it write that packet if its writing thread still waits for the answer to the one before.
        by_client.eio.queue.join()
        by_client.disconnect()
        record = wait_until(
            lambda: (record := self.record())["reasons"].keys() >= expected.keys() and record, "all are gone"
        )
        for identifier, reasons in expected.items():
            self.assertIn(record["reasons"][identifier], reasons)

    def test_a_disconnecting_client_does_not_wait(self):
        # The server has to answer the open poll: python-socketio waits for it before it is done.
        client = self.connect()
        done = threading.Thread(target=lambda: (client.disconnect(), client.wait()))
        done.start()
        done.join(DEADLINE)
        self.assertFalse(done.is_alive())

    def test_reconnects_after_the_server_was_killed(self):
        server = self.start_server(**self.options)
        self.addCleanup(lambda: server.kill())
        client = self.connect(reconnection=True, url=server.url)
        self.wait_for(client, "hello")
        server.kill()
        self.wait_for(client, "disconnect")
        server = self.start_server(port=server.port, **self.options)
        hellos = self.wait_for(client, "hello", 2)
        self.assertNotEqual(hellos[0][0]["id"], hellos[1][0]["id"])
        wait_until(lambda: client.connected, "connected again")
        self.assertEqual(client.call("sum", (1, 1)), 2)


class SyncWebSocket(SyncClients, unittest.TestCase):
    transports = ["websocket"]


class SyncPolling(SyncClients, unittest.TestCase):
    transports = ["polling"]


class SyncWebSocketMessagePack(SyncClients, unittest.TestCase):
    transports = ["websocket"]
    serializer = "msgpack"
    options = {"parser": "msgpack"}


class SyncPollingMessagePack(SyncClients, unittest.TestCase):
    transports = ["polling"]
    serializer = "msgpack"
    options = {"parser": "msgpack"}


class SyncUpgrade(unittest.TestCase):
    def test_the_default_client_upgrades(self):
        server = Server()
        self.addCleanup(server.kill)
        client = socketio.Client(reconnection=False, http_session=make_session(server.url))
        client.connect(server.url, wait_timeout=DEADLINE)
        self.addCleanup(client.disconnect)
        self.assertEqual(client.transport(), "websocket")
        self.assertEqual(client.call("sum", (1, 2)), 3)


class AsyncClients:
    start_server = Server

    @classmethod
    def setUpClass(cls):
        cls.server = cls.start_server()
        cls.addClassCleanup(cls.server.kill)

    async def connect(self, **options):
        is_secure = self.server.url.startswith("https:")
        context = ssl.create_default_context(cafile=certificate().chain) if is_secure else True
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))
        self.addAsyncCleanup(session.close)
        client = socketio.AsyncClient(reconnection=False, http_session=session)
        client.heard = asyncio.Queue()
        for event in ("hello", "said", "bin", "two", "tick"):
            client.on(event, lambda *values, event=event: client.heard.put_nowait((event, *values)))
        client.on("question", lambda value: value + 1)
        client.on("question-binary", lambda value: value[::-1])
        gone = asyncio.get_running_loop().create_future()
        client.on("disconnect", lambda reason: gone.done() or gone.set_result(reason))
        client.gone = gone
        await client.connect(self.server.url, transports=["websocket"], wait_timeout=DEADLINE, **options)
        self.addAsyncCleanup(client.disconnect)
        return client

    async def next(self, client, event):
        while True:
            heard, *values = await asyncio.wait_for(client.heard.get(), DEADLINE)
            if heard == event:
                return values

    async def test_events_acknowledgements_and_binary(self):
        client = await self.connect(auth={"token": "é☃😀"})
        [hello] = await self.next(client, "hello")
        self.assertEqual((hello["auth"], hello["id"]), ({"token": "é☃😀"}, client.get_sid()))
        self.assertEqual(await client.call("sum", (20, 22)), 42)
        self.assertEqual(await client.call("ask", 41), 42)
        self.assertEqual(await client.call("ask-binary"), b"\x03\x02\x01")
        self.assertEqual(await client.call("echo", {"x": [1, 2.5, None, True, "é☃😀"]}), {"x": [1, 2.5, None, True, "é☃😀"]})
        self.assertEqual((await client.call("parcel", PARCEL))["parts"], [b"\x03", b"", b"\x01\x02"])
        await client.emit("two", (b"\x01", "text", b"\x02"))
        self.assertEqual(await self.next(client, "two"), [b"\x02", "text", b"\x01"])
        self.assertIsNone(await client.call("silent", 1))
        with self.assertRaises(socketio.exceptions.TimeoutError):
            await client.call("throwing", 1, timeout=0.3)

    async def test_many_calls_at_once(self):
        client = await self.connect()
        answers = await asyncio.gather(*(client.call("sum", (index, 1)) for index in range(500)))
        self.assertEqual(answers, [index + 1 for index in range(500)])

    async def test_rooms_and_namespaces(self):
        a = await self.connect(namespaces=["/", "/chat"])
        b, c = await self.connect(), await self.connect()
        for client in (a, b):
            self.assertTrue(await client.call("join", "green"))
        await c.emit("say", ("green", "to green"))
        for client in (a, b):
            self.assertEqual(await self.next(client, "said"), ["to green", "green"])
        await a.emit("say", "in chat", namespace="/chat")
        for _ in range(3):
            for client in (a, b, c):
                await client.call("echo", 0)
        self.assertFalse([one for one in c.heard._queue if one[0] == "said"])
        with self.assertRaises(socketio.exceptions.ConnectionError):
            await self.connect(namespaces=["/admin"], auth={"token": "wrong"})

    async def test_server_disconnect(self):
        client = await self.connect()
        await client.emit("bye")
        self.assertEqual(await asyncio.wait_for(client.gone, DEADLINE), "server disconnect")


class AsyncWebSocket(AsyncClients, unittest.IsolatedAsyncioTestCase):
    pass


if __name__ == "__main__":
    unittest.main()
