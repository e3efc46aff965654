"""https and wss: the server's own TLS, and nginx in front of it, with the scenarios of the plain tests."""

import json
import queue
import socket
import ssl
import subprocess
import unittest

import requests
import socketio

import test_browser
import test_python_client
import test_swift_client
from harness import DEADLINE, SecureServer, ServerBehindNginx, certificate, get


class BrowserWithOwnTLS(test_browser.Clients, unittest.TestCase):
    transports = ["polling", "websocket"]
    start_server = SecureServer

    def test_the_page_is_secure(self):
        self.assertEqual(self.browser.execute_script("return location.protocol"), "https:")


class BrowserWithOwnTLSWebSocketOnly(test_browser.Clients, unittest.TestCase):
    transports = ["websocket"]
    start_server = SecureServer


class BrowserBehindNginx(test_browser.Clients, unittest.TestCase):
    transports = ["polling", "websocket"]
    start_server = ServerBehindNginx


class PythonPollingWithOwnTLS(test_python_client.SyncClients, unittest.TestCase):
    transports = ["polling"]
    start_server = SecureServer


# Not with the synchronous client, which reads and writes one TLS connection in two threads at once: OpenSSL allows that
# to nobody, and the connection breaks now and then (python-engineio, issue 461).
class PythonWebSocketWithOwnTLS(test_python_client.AsyncClients, unittest.IsolatedAsyncioTestCase):
    start_server = SecureServer


class PythonPollingBehindNginx(test_python_client.SyncClients, unittest.TestCase):
    transports = ["polling"]
    start_server = ServerBehindNginx


class WhereaboutsBehindNginx(unittest.TestCase):
    """The address, the scheme and the name that the client has, whatever it says of itself."""

    @classmethod
    def setUpClass(cls):
        cls.server = ServerBehindNginx()
        cls.addClassCleanup(cls.server.kill)

    def where(self, **fields):
        session = requests.Session()
        session.trust_env = False
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        response = session.get(self.server.url + "/where", headers=headers, verify=certificate().chain, timeout=DEADLINE)
        return response.json()

    def test_they_are_the_clients(self):
        expected = {"address": "127.0.0.1", "isSecure": True, "host": self.server.url.removeprefix("https://")}
        self.assertEqual(self.where(), expected)
        forged = self.where(
            X_Forwarded_For="192.0.2.1", X_Forwarded_Proto="http", X_Forwarded_Host="evil.example",
            Forwarded="for=192.0.2.1;proto=http;host=evil.example",
        )
        self.assertEqual(forged, expected)

    def test_who_comes_past_the_proxy_has_those_of_the_connection(self):
        session = requests.Session()
        session.trust_env = False
        url = f"http://127.0.0.1:{self.server.port}"
        forged = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
        found = session.get(url + "/where", headers=forged, timeout=DEADLINE).json()
        self.assertEqual(found, {"address": "127.0.0.1", "isSecure": False, "host": url.removeprefix("http://")})

    def test_a_handshake_has_them_too(self):
        client = socketio.Client(http_session=test_python_client.make_session(self.server.url))
        self.addCleanup(client.disconnect)
        heard = queue.Queue()
        client.on("hello", heard.put)
        client.connect(self.server.url, headers={"X-Forwarded-For": "192.0.2.1"}, wait_timeout=DEADLINE)
        self.assertEqual(heard.get(timeout=DEADLINE)["address"], "127.0.0.1")


class PythonWebSocketBehindNginx(test_python_client.AsyncClients, unittest.IsolatedAsyncioTestCase):
    start_server = ServerBehindNginx


class SecureSwiftClient(test_swift_client.Checks):
    """The Swift client, which trusts the test's certificate, and nobody if it is not told to."""

    def start_server(self):
        server = self.server_type(**{"for": "interop-client"})
        self.addCleanup(server.kill)
        return server.url.replace("https:", self.scheme + ":")

    @property
    def roots(self):
        return [certificate().chain]

    def test_a_certificate_that_nobody_vouches_for_is_refused(self):
        for transport in ("polling", "websocket"):
            client = self.client(self.start_server(), transport, "once")
            line = client.read_line()
            self.assertTrue(line.startswith("failed: ") and "certificate is signed by itself" in line, line)


class SwiftWithOwnTLS(SecureSwiftClient, unittest.TestCase):
    server_type, scheme = SecureServer, "https"


class SwiftBehindNginx(SecureSwiftClient, unittest.TestCase):
    server_type, scheme = ServerBehindNginx, "https"


class SwiftBehindNginxWithWss(SecureSwiftClient, unittest.TestCase):
    server_type, scheme = ServerBehindNginx, "wss"


class ClientCertificates(unittest.TestCase):
    """A server that asks who its clients are. The one certificate of the tests is its own authority."""

    @classmethod
    def setUpClass(cls):
        cls.server = SecureServer(client_authority=certificate().chain)
        cls.addClassCleanup(cls.server.kill)

    def where(self, **options):
        session = requests.Session()
        session.trust_env = False
        return session.get(self.server.url + "/where", verify=certificate().chain, timeout=DEADLINE, **options).json()

    def test_who_shows_one_is_known(self):
        found = self.where(cert=(certificate().chain, certificate().key))
        self.assertEqual(found["certificate"], "CN=localhost")

    def test_who_shows_none_gets_no_answer(self):
        with self.assertRaises(requests.exceptions.ConnectionError):
            self.where()
        self.server.assert_alive(self)


class Handshake(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = SecureServer()
        cls.addClassCleanup(cls.server.kill)

    def tearDown(self):
        self.server.assert_alive(self)

    def connect(self, context):
        connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=DEADLINE)
        self.addCleanup(connection.close)
        return context.wrap_socket(connection, server_hostname="localhost")

    def test_both_versions_and_the_protocol(self):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            context = ssl.create_default_context(cafile=certificate().chain)
            context.minimum_version = context.maximum_version = version
            context.set_alpn_protocols(["h2", "http/1.1"])
            with self.connect(context) as connection:
                self.assertEqual((connection.version(), connection.selected_alpn_protocol()), (name, "http/1.1"))

    def test_a_client_that_does_not_speak_http_1_is_refused(self):
        context = ssl.create_default_context(cafile=certificate().chain)
        context.set_alpn_protocols(["h2"])
        with self.assertRaises(ssl.SSLError):
            self.connect(context)

    def test_the_end_is_announced(self):
        context = ssl.create_default_context(cafile=certificate().chain)
        with self.connect(context) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            # Without the announcement this raises SSLEOFError.
            while piece := connection.recv(65536):
                answer += piece
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "))

    def test_a_client_that_does_not_know_the_certificate_leaves_the_server_alone(self):
        for _ in range(20):
            with self.assertRaises(ssl.SSLCertVerificationError):
                self.connect(ssl.create_default_context())
        self.assertIn("sockets", json.loads(get(self.server.url + "/record")))

    def test_plain_http_is_no_request(self):
        with self.assertRaises(requests.exceptions.ConnectionError):
            session = requests.Session()
            session.trust_env = False
            session.get(f"http://127.0.0.1:{self.server.port}/", timeout=DEADLINE)

    def test_the_openssl_client_resumes_its_session(self):
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{self.server.port}", "-tls1_2", "-reconnect"]
        result = subprocess.run(command, input=b"", capture_output=True, timeout=DEADLINE, check=False)
        self.assertEqual(result.stdout.count(b"Reused, TLSv1.2"), 5, result.stderr.decode())


if __name__ == "__main__":
    unittest.main()
