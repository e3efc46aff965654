"""Two nodes behind an nginx that sends each request to the next one: real clients work as with one."""

import json
import unittest

import requests
import socketio

import test_browser
import test_python_client
from harness import DEADLINE, Nginx, Server, get, scratch_folder, wait_until


class TwoNodes:
    """As a `Server` of one process. Nothing but the addresses of the nodes is shared: each has sockets of its own."""

    def __init__(self, **options):
        folder = scratch_folder("nodes-")
        self.nodes = []
        try:
            for _ in range(2):
                self.nodes.append(Server(nodes=folder, trusted_proxy=Nginx.address, **options))
            self.proxy = Nginx(*(node.port for node in self.nodes))
        except BaseException:
            self.kill()
            raise
        self.url = self.proxy.url

    def kill(self):
        for node in self.nodes:
            node.kill()

    def assert_alive(self, test):
        for node in self.nodes:
            node.assert_alive(test)

    def record(self):
        one, other = (json.loads(get(node.url + "/record")) for node in self.nodes)
        return {
            "reasons": one["reasons"] | other["reasons"], "lastRooms": one["lastRooms"] | other["lastRooms"],
            "sockets": one["sockets"] + other["sockets"],
        }


class Scenarios:
    """Those of one client at a time: what joins the sockets of nodes is an adapter, and tested elsewhere."""

    start_server = TwoNodes
    test_broadcast_with_acknowledgements = None
    test_no_socket_is_left = None
    test_reconnects_after_the_server_was_killed = None
    test_rooms_reach_their_members_and_nobody_else = None

    def record(self):
        return self.server.record()


class Browser(Scenarios, test_browser.Clients, unittest.TestCase):
    transports = ["polling", "websocket"]


class BrowserPolling(Scenarios, test_browser.Clients, unittest.TestCase):
    transports = ["polling"]


class PythonPolling(Scenarios, test_python_client.SyncClients, unittest.TestCase):
    transports = ["polling"]


class Nodes(unittest.TestCase):
    def setUp(self):
        self.server = TwoNodes()
        self.addCleanup(self.server.kill)
        self.session = test_python_client.make_session(self.server.url)

    def test_the_default_client_upgrades(self):
        client = socketio.Client(reconnection=False, http_session=self.session)
        client.connect(self.server.url, wait_timeout=DEADLINE)
        self.addCleanup(client.disconnect)
        self.assertEqual(client.transport(), "websocket")
        for number in range(100):
            self.assertEqual(client.call("sum", (number, 1)), number + 1)

    def test_each_node_serves_the_sessions_of_both(self):
        polling = self.server.url + "/socket.io/?EIO=4&transport=polling"
        ids = [json.loads(self.session.get(polling, timeout=DEADLINE).text[1:])["sid"] for _ in range(4)]
        # The beginning of an id is its node's.
        self.assertEqual(len({identifier[:6] for identifier in ids}), 2)
        for identifier in ids:
            for node in self.server.nodes:
                url = f"{node.url}/socket.io/?EIO=4&transport=polling&sid={identifier}"
                self.assertEqual(requests.post(url, data="3", timeout=DEADLINE).text, "ok")

    def test_a_client_of_a_node_that_was_killed_comes_back_to_the_other(self):
        client = socketio.Client(reconnection_delay=0.1, reconnection_delay_max=0.4, http_session=self.session)
        self.addCleanup(client.disconnect)
        heard = []
        client.on("hello", lambda hello: heard.append(hello["address"]))
        client.connect(self.server.url, wait_timeout=DEADLINE, headers={"X-Forwarded-For": "192.0.2.1"})
        wait_until(lambda: len(heard) == 1, "greeted")
        self.assertEqual(client.call("sum", (1, 1)), 2)
        killed = next(node for node in self.server.nodes if json.loads(get(node.url + "/record"))["sockets"] == 1)
        killed.kill()
        wait_until(lambda: len(heard) == 2 and client.connected, "greeted by the other")
        self.assertEqual(client.call("sum", (2, 2)), 4)
        self.assertEqual(heard, ["127.0.0.1", "127.0.0.1"])


if __name__ == "__main__":
    unittest.main()
