"""The official client bundle in Chromium, against interop-server."""

import functools
import json
import unittest

from harness import BUNDLE, Server, get, open_browser, wait_until

VALUES = [
    None, True, False, 0, -1, 9007199254740991, -9007199254740991, 0.1, 1e-7, 1.5e300, "", "a", "é☃😀", "\u2028\u2029",
    'quote " backslash \\ slash / tab \t newline \n null \u0000', "日本語", "e\u0301", "x" * 70_000, [], {}, [[[[]]]],
    {"a": {"b": [1, {"c": None}]}}, {"": 1, "é": 2}, [1, "two", [3], {"four": 4}], {"_placeholder": False, "num": 0},
]

# The table of Values.md: what JavaScript gets for each type of Swift.
TYPES = {
    "String": '"é☃😀"', "Bool": "true", "Int": "7", "Double": "2.5", "Float": "0.1", "Array": "[1,2]", "Set": "[1]",
    "Dictionary": '{"a":1}', "struct": '{"x":1,"y":2}', "struct with nil": '{"x":1}', "nil": "null",
    "[UInt8]": "ArrayBuffer 1,2", "Data": "ArrayBuffer 1,2", "Date": '"2026-01-31T12:00:00.678Z"',
    "UUID": '"E621E1F8-C36C-495A-93FC-0C247A3E6E5F"', "URL": '"https://a.example/b?c=d#e"', "Decimal": "0.1",
    "enum of String": '"green"', "enum of Int": "2", "enum with values": '{"circle":{"radius":2}}',
    "Dictionary by Int": '{"7":"x"}', "Dictionary by enum": '{"red":1}', "Dictionary by struct": '[{"x":1},"x"]',
    "Range": "[1,3]", "JSONValue": '{"a":[1,null,"x"]}',
}


class Clients:
    """The same scenarios for each way to connect; page.html holds what happens in the browser."""

    transports = None
    start_server = Server

    @classmethod
    def setUpClass(cls):
        cls.server = cls.start_server()
        cls.addClassCleanup(cls.server.kill)
        cls.browser = open_browser(trusts_anybody=cls.server.url.startswith("https:"))
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self):
        # A fresh page ends what an earlier test may have left open.
        self.browser.get(self.server.url + "/")

    def run_scenario(self, name, argument=None):
        outcome = self.browser.execute_async_script(
            "const [name, transports, argument, done] = arguments; runScenario(name, transports, argument, done);",
            name, self.transports, argument,
        )
        self.server.assert_alive(self)
        self.assertNotIn("error", outcome, outcome.get("error"))
        return outcome["result"]

    def record(self):
        return json.loads(get(self.server.url + "/record"))

    def test_connect_with_auth_and_query(self):
        result = self.run_scenario("connect")
        self.assertEqual(result["first"], self.transports[0])
        self.assertEqual(result["last"], self.transports[-1])
        self.assertEqual(result["greeting"]["auth"], {"token": "é☃😀"})
        self.assertEqual(result["greeting"]["query"], "a b&c")
        self.assertEqual(result["greeting"]["id"], result["id"])
        self.assertNotEqual(result["engine"], result["id"])
        self.assertRegex(result["id"], r"\A[A-Za-z0-9_-]{20}\Z")
        self.assertRegex(result["engine"], r"\A[A-Za-z0-9_-]{20}\Z")

    def test_events_with_any_arguments(self):
        result = self.run_scenario("events")
        self.assertEqual(result["any"], [1, "two", [3], {"four": None}, True, 2.5])
        self.assertEqual(result["said"], "you said hi")
        self.assertEqual(result["error"], "just a name")
        self.assertEqual(result["higher"], 42)
        self.assertEqual(result["once"], [[1]])

    def test_messages_stay_in_order(self):
        result = self.run_scenario("order")
        self.assertEqual(result["ticks"], list(range(500)))
        self.assertEqual(result["answers"], list(range(200)))

    def test_acknowledgements_both_ways(self):
        self.assertEqual(
            self.run_scenario("acks"),
            {"acknowledged": [], "sum": 42, "slow": 7, "asked": 42, "vain": "timed out", "timedOut": 1},
        )

    def test_values_survive_the_round_trip(self):
        for sent, got in zip(VALUES, self.run_scenario("values", VALUES), strict=True):
            self.assertEqual(got, sent)

    def test_each_type_of_swift(self):
        result = self.run_scenario("types", list(TYPES))
        for name, text in TYPES.items():
            with self.subTest(name):
                self.assertEqual(result["results"][name], [text, True])
        self.assertEqual((result["nan"], result["date"], result["array"]), (None, True, True))

    def test_what_is_retried_is_handled_once(self):
        self.assertEqual(self.run_scenario("retries"), [1, 1])

    def test_binary_both_ways(self):
        self.assertEqual(
            self.run_scenario("binary"),
            {
                "n": 6, "got": [0, 1, 2, 253, 254, 255], "two": [[2, 2], "é☃😀", [1]],
                "parcel": {"name": "p", "parts": [[3], [], [1, 2]], "deep": [8, 9]},
                "empty": 0, "echo": [9, 8, 7], "asked": [3, 2, 1], "large": True,
            },
        )

    def test_bytes_as_text_and_a_subprotocol(self):
        result = self.run_scenario("text")
        self.assertEqual(result["echo"], [251, 255, 191])
        self.assertTrue(result["large"])
        self.assertEqual(result["protocol"], "abc")
        self.assertEqual(result["kinds"], ["string"] if "websocket" in self.transports else [])
        self.assertEqual(result["last"], self.transports[-1])

    def test_rooms_reach_their_members_and_nobody_else(self):
        result = self.run_scenario("rooms")
        self.assertEqual(sorted(result["rooms"]), sorted(["red", "blue", result["id"]]))
        heard = {name: [text for text, _ in heard] for name, heard in result["heard"].items()}
        self.assertEqual(
            heard["a"], ["from outside", "once each", "not to blue", "only a", "everybody", "b has left"]
        )
        self.assertEqual(
            heard["b"],
            ["from a to the others in red", "from outside", "once each", "everybody but a", "everybody"],
        )
        self.assertEqual(heard["c"], ["everybody but a", "everybody"])
        self.assertEqual(result["binary"], [5, 6])

    def test_broadcast_with_acknowledgements(self):
        self.assertEqual(
            self.run_scenario("poll"),
            {"partial": {"votes": [3, 4], "missing": 1}, "full": {"votes": [3, 4, 5], "missing": 0}},
        )

    def test_volatile_packets_keep_their_order(self):
        # Which of them are dropped depends on the transport and on the moment.
        result = self.run_scenario("volatile")
        self.assertTrue(result["sorted"])
        self.assertLessEqual(result["count"], 20)

    def test_namespaces_share_a_connection_and_nothing_else(self):
        result = self.run_scenario("namespaces")
        self.assertEqual(result["error"], {"message": "not allowed", "data": {"code": 401, "hint": "token"}})
        self.assertEqual(result["invalid"], "Invalid namespace")
        self.assertEqual(result["welcomed"], "admin")
        self.assertEqual(
            result["heard"], {"root": [["in root", "everyone"]], "chat": [["in chat", "/chat"]], "admin": []}
        )
        self.assertEqual((result["engines"], result["distinct"]), (1, 2))
        self.assertEqual(result["reason"], "io server disconnect")
        self.assertEqual(result["rootStays"], "still here")

    def test_a_page_that_is_mounted_twice_is_connected_once(self):
        self.assertEqual(
            self.run_scenario("mounts"),
            {"connects": 1, "earlyForThisSocket": 1, "reason": "io server disconnect", "rootStays": "still here"},
        )

    def test_disconnect_reasons(self):
        result = self.run_scenario("disconnects")
        self.assertEqual(result["serverReason"], "io server disconnect")
        self.assertEqual(result["wholeReason"], "io server disconnect")
        self.assertEqual(result["again"], 2)
        ids = result["ids"]
        expected = {
            ids["byServer"]: {"server namespace disconnect"},
            ids["whole"]: {"server namespace disconnect"},
            ids["byClient"]: {"client namespace disconnect"},
            ids["closed"]: {"transport close"},
        }
        record = wait_until(
            lambda: (record := self.record())["reasons"].keys() >= expected.keys() and record, "all are gone"
        )
        for identifier, reasons in expected.items():
            self.assertIn(record["reasons"][identifier], reasons)
        self.assertEqual(sorted(record["lastRooms"][ids["byServer"]]), sorted(["red", ids["byServer"]]))

    def test_no_socket_is_left(self):
        self.run_scenario("rooms")
        wait_until(lambda: self.record()["sockets"] == 0, "all sockets of closed pages are gone")

    def test_reconnects_after_the_server_was_killed(self):
        server = self.start_server()
        self.addCleanup(lambda: server.kill())
        self.browser.get(server.url + "/")

        def log():
            return self.browser.execute_script("return survivorLog")

        self.browser.execute_script("startSurvivor(arguments[0])", self.transports)
        wait_until(lambda: len(log()) == 2, "connected")
        server.kill()
        wait_until(lambda: [entry[0] for entry in log()][-1] == "disconnect", "noticed the loss")
        server = self.start_server(port=server.port)
        wait_until(lambda: len(log()) >= 5, "connected again")
        events = log()
        self.assertEqual([entry[0] for entry in events], ["connect", "hello", "disconnect", "connect", "hello"])
        self.assertIn(events[2][1], {"transport close", "transport error"})
        self.assertNotEqual(events[0][1], events[3][1])
        self.assertEqual(events[3][1], events[4][1])
        self.browser.execute_script("survivor.disconnect()")


class WebSocketOnly(Clients, unittest.TestCase):
    transports = ["websocket"]


class CompressedServer(Server):
    """Compresses every message of either transport."""

    def __init__(self, **options):
        super().__init__(compress=1, **options)


class CompressedWebSocket(Clients, unittest.TestCase):
    transports = ["websocket"]
    start_server = CompressedServer

    def test_the_extension_is_there(self):
        extensions = self.browser.execute_async_script(
            "const done = arguments[0];"
            "const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws-echo');"
            "socket.onopen = () => { done(socket.extensions); socket.close(); };"
            "socket.onerror = () => done('none');"
        )
        self.assertIn("permessage-deflate", extensions)


class CompressedPolling(Clients, unittest.TestCase):
    transports = ["polling"]
    start_server = CompressedServer


class PollingOnly(Clients, unittest.TestCase):
    transports = ["polling"]


class PollingThenUpgrade(Clients, unittest.TestCase):
    transports = ["polling", "websocket"]


class WithHooks(Clients, unittest.TestCase):
    """The same while a middleware is asked about each request, and fields are added to each answer."""

    transports = ["polling", "websocket"]
    start_server = staticmethod(functools.partial(Server, hooks="yes"))

    def test_the_page_has_the_cookie_and_the_fields(self):
        script = """
            const done = arguments[0];
            fetch("/socket.io/?EIO=4&transport=polling").then(async (answer) => done([
                await answer.text(), ...["X-First", "X-Each", "X-Seen"].map((name) => answer.headers.get(name)),
            ]));
        """
        text, *fields = self.browser.execute_async_script(script)
        self.assertEqual(fields, ["yes", "yes", "GET"])
        cookie = self.browser.get_cookie("io")
        self.assertEqual(cookie["value"], json.loads(text[1:])["sid"])
        self.assertEqual((cookie["path"], cookie["httpOnly"], cookie["sameSite"]), ("/", True, "Lax"))

    def test_what_a_middleware_refuses_reads_why(self):
        script = """
            const done = arguments[0];
            fetch("/socket.io/?EIO=4&transport=polling", { headers: { "X-Refuse": "yes" } }).then(async (answer) =>
                done([answer.status, await answer.json()]));
        """
        found = self.browser.execute_async_script(script)
        self.assertEqual(found, [403, {"code": 4, "message": "not you"}])


class SilentPeer(unittest.TestCase):
    def test_a_page_that_stops_answering_pings_is_noticed(self):
        # The client gives up one interval later than the server has to.
        server = Server(ping_interval=800, ping_timeout=200)
        self.addCleanup(server.kill)
        browser = open_browser()
        self.addCleanup(browser.quit)
        for transports in (["websocket"], ["polling"]):
            browser.get(server.url + "/")
            browser.execute_script("startSurvivor(arguments[0])", transports)
            identifier = wait_until(lambda: browser.execute_script("return survivor.id"), "connected")
            # A client that swallows its pongs, and does not come back when the server gives up on it.
            browser.execute_script(
                "survivor.io.reconnection(false);"
                "for (const { prototype } of [WebSocket, XMLHttpRequest]) {"
                "  const send = prototype.send;"
                "  prototype.send = function (data) { if (data !== '3') send.call(this, data); };"
                "}"
            )
            reason = wait_until(
                lambda: json.loads(get(server.url + "/record"))["reasons"].get(identifier), "the server notices"
            )
            self.assertEqual(reason, "ping timeout")
        server.assert_alive(self)


class Bundle(unittest.TestCase):
    def test_the_bundle_is_served_as_it_is(self):
        server = Server()
        self.addCleanup(server.kill)
        self.assertEqual(get(server.url + "/socket.io/socket.io.min.js"), (BUNDLE / "socket.io.min.js").read_bytes())


if __name__ == "__main__":
    unittest.main()
