"""Servers behind HAProxy, Caddy and nginx: what BehindAProxy.md says of each."""

import asyncio
import ssl
import unittest

import aiohttp
import socketio
import websocket

from harness import DEADLINE, Server, certificate
from proxies import Caddy, HAProxy, NginxBelowAPath, NginxThatBuffers
from test_python_client import make_session

POLLING = "/socket.io/?EIO=4&transport=polling"


class Behind:
    """A proxy in front of servers of its own."""

    proxy_type = None
    server_count = 1
    options = {}
    proxy_options = {}

    @classmethod
    def setUpClass(cls):
        cls.servers = []
        for _ in range(cls.server_count):
            server = Server(trusted_proxy=cls.proxy_type.address, **cls.options)
            cls.addClassCleanup(server.kill)
            cls.servers.append(server)
        cls.proxy = cls.start_proxy()

    @classmethod
    def start_proxy(cls):
        return cls.proxy_type([server.port for server in cls.servers], **cls.proxy_options)

    def tearDown(self):
        for server in self.servers:
            server.assert_alive(self)

    async def connect(self, transports, headers=None, path="socket.io"):
        # Not the client of threads: before Python 3.13 one thread may not read from TLS while another writes to it.
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=certificate().chain))
        # The cookie of an address is kept, too.
        session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.addAsyncCleanup(session.close)
        client = socketio.AsyncClient(reconnection=False, http_session=session)
        client.heard = asyncio.Queue()
        client.on("hello", client.heard.put_nowait)
        await client.connect(
            self.proxy.url, transports=transports, headers=headers or {}, socketio_path=path, wait_timeout=DEADLINE
        )
        self.addAsyncCleanup(client.disconnect)
        return client

    async def check(self, client):
        for value in range(20):
            self.assertEqual(await client.call("echo", value, timeout=DEADLINE), value)

    def get(self, path, **options):
        return make_session(self.proxy.url).get(self.proxy.url + path, timeout=DEADLINE, **options)


class InFrontOfTwo(Behind):
    """What holds for each proxy that chooses the server by its own cookie."""

    server_count = 2
    options = {"ping_interval": 1000}

    async def test_the_address_the_scheme_and_the_name_are_the_clients(self):
        expected = {"address": "127.0.0.1", "isSecure": True, "host": self.proxy.url.removeprefix("https://")}
        forged = {
            "X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example",
            "Forwarded": "for=192.0.2.1;proto=http;host=evil.example",
        }
        self.assertEqual(self.get("/where").json(), expected)
        self.assertEqual(self.get("/where", headers=forged).json(), expected)
        client = await self.connect(["websocket"], headers=forged)
        self.assertEqual((await asyncio.wait_for(client.heard.get(), DEADLINE))["address"], "127.0.0.1")

    async def test_polling_stays_with_its_server(self):
        for _ in range(4):
            client = await self.connect(["polling"])
            await self.check(client)
            self.assertEqual(client.transport(), "polling")

    async def test_polling_upgrades(self):
        for _ in range(4):
            client = await self.connect(["polling", "websocket"])
            await self.check(client)
            self.assertEqual(client.transport(), "websocket")

    async def test_websocket_alone(self):
        await self.check(await self.connect(["websocket"]))


class BehindHAProxy(InFrontOfTwo, unittest.IsolatedAsyncioTestCase):
    proxy_type = HAProxy

    def test_without_the_cookie_a_session_is_not_found(self):
        opened = self.get(POLLING)
        session = opened.text[len('0{"sid":"'):].split('"')[0]
        # Each a client without cookies, so that the servers take turns.
        answers = [self.get(f"{POLLING}&sid={session}") for _ in range(2)]
        self.assertIn({"code": 1, "message": "Session ID unknown"}, [one.json() for one in answers if one.status_code == 400])


class BehindCaddy(InFrontOfTwo, unittest.IsolatedAsyncioTestCase):
    proxy_type = Caddy


class IdleTime(Behind):
    """A proxy that ends what is silent for a second."""

    proxy_type = HAProxy
    proxy_options = {"timeout server 60s": "timeout server 1s", "timeout tunnel 60s": "timeout tunnel 1s"}

    def open_websocket(self):
        connection = websocket.create_connection(
            self.proxy.url.replace("https:", "wss:") + "/socket.io/?EIO=4&transport=websocket", timeout=DEADLINE,
            sslopt={"context": ssl.create_default_context(cafile=certificate().chain)}, http_no_proxy=["127.0.0.1"],
        )
        self.addCleanup(connection.close)
        self.assertTrue(connection.recv().startswith('0{"sid":'))
        return connection

    def open_polling(self):
        session = make_session(self.proxy.url)
        session.params = {"sid": session.get(self.proxy.url + POLLING).text[len('0{"sid":"'):].split('"')[0]}
        return session


class HeartbeatBelowIdleTime(IdleTime, unittest.TestCase):
    options = {"ping_interval": 300}

    def test_heartbeats_keep_a_websocket(self):
        connection = self.open_websocket()
        for _ in range(6):
            self.assertEqual(connection.recv(), "2")
            connection.send("3")

    def test_heartbeats_answer_polls_in_time(self):
        session = self.open_polling()
        for _ in range(6):
            self.assertEqual(session.get(self.proxy.url + POLLING).text, "2")
            self.assertEqual(session.post(self.proxy.url + POLLING, data="3").text, "ok")


class IdleTimeBelowHeartbeat(IdleTime, unittest.TestCase):
    options = {"ping_interval": 30000}

    def test_a_silent_websocket_is_ended(self):
        with self.assertRaises(websocket.WebSocketConnectionClosedException):
            self.open_websocket().recv()

    def test_a_poll_is_answered_by_the_proxy(self):
        self.assertEqual(self.open_polling().get(self.proxy.url + POLLING).status_code, 504)


class BehindNginx(Behind):
    options = {"ping_interval": 1000}

    @classmethod
    def start_proxy(cls):
        return cls.proxy_type(cls.servers[0].port)


class ProxyThatBuffers(BehindNginx, unittest.IsolatedAsyncioTestCase):
    """And that speaks HTTP/1.0 to the server."""

    proxy_type = NginxThatBuffers

    async def test_clients_stay_on_polling_and_all_works(self):
        client = await self.connect(["polling", "websocket"])
        await self.check(client)
        self.assertEqual(client.transport(), "polling")

    async def test_a_websocket_is_refused(self):
        with self.assertRaises(socketio.exceptions.ConnectionError):
            await self.connect(["websocket"])

    def test_the_client_is_known(self):
        self.assertEqual(self.get("/where").json()["address"], "127.0.0.1")
        self.assertTrue(self.get("/where").json()["isSecure"])


class ProxyBelowAPath(BehindNginx, unittest.IsolatedAsyncioTestCase):
    proxy_type = NginxBelowAPath

    async def test_a_client_that_knows_the_path_connects(self):
        client = await self.connect(["polling", "websocket"], path="chat/socket.io")
        await self.check(client)
        self.assertEqual(client.transport(), "websocket")

    def test_nothing_is_elsewhere(self):
        self.assertEqual(self.get(POLLING).status_code, 404)


if __name__ == "__main__":
    unittest.main()
