"""The official client 2.0.3, which speaks Engine.IO 3, in Chromium, beside one of today."""

import unittest

from harness import BUNDLE, HERE, Server, need, open_browser, scratch_folder

OLD_BUNDLE = BUNDLE / "socket.io-2.0.3.min.js"


def make_page():
    """old.html with the old bundle in it: the server has only one by that name."""
    need(OLD_BUNDLE.exists(), f"no client bundle of version 2 in {BUNDLE} (Tests/run fetches it)")
    page = scratch_folder("old-") / "old.html"
    page.write_text((HERE / "old.html").read_text().replace("BUNDLE", OLD_BUNDLE.read_text(), 1))
    return page


class OldClients:
    options = None

    @classmethod
    def setUpClass(cls):
        page = make_page()
        cls.browser = open_browser()
        cls.addClassCleanup(cls.browser.quit)
        cls.server = Server(page=page, allow_eio3="yes")
        cls.addClassCleanup(cls.server.kill)

    def setUp(self):
        self.browser.get(self.server.url + "/")

    def run_scenario(self, name):
        outcome = self.browser.execute_async_script(
            "const [name, options, done] = arguments; runScenario(name, options, done);", name, self.options
        )
        self.server.assert_alive(self)
        self.assertNotIn("error", outcome, outcome.get("error"))
        return outcome["result"]

    def test_connect(self):
        result = self.run_scenario("connect")
        self.assertEqual(result["last"], self.options["transports"][-1])
        self.assertEqual(result["greeting"]["id"], result["id"])
        self.assertEqual(result["id"], result["engine"])
        self.assertEqual(result["greeting"]["query"], "a b")
        self.assertEqual(result["greeting"]["auth"], {})
        self.assertEqual(result["script"], self.options.get("forceJSONP", False))

    def test_events_acknowledgements_and_bytes(self):
        result = self.run_scenario("talk")
        self.assertEqual(
            result,
            {
                "any": [1, "é☃😀\u2028 \\n \n", [3], {"four": None}], "sum": 42, "asked": 42, "n": 4,
                "got": [0, 1, 254, 255], "large": True, "ordered": True,
            },
        )

    def test_namespaces_and_their_refusals(self):
        result = self.run_scenario("namespaces")
        self.assertEqual(result["error"], {"code": 401, "hint": "token"})
        self.assertEqual(result["invalid"], {"message": "Invalid namespace"})
        self.assertEqual(result["heard"], [["in chat", "/chat"]])
        self.assertEqual(result["id"], f"/chat#{result['root']}")
        self.assertEqual((result["reason"], result["stays"]), ("io server disconnect", 1))

    def test_the_query_of_a_namespace_is_its_auth(self):
        self.assertEqual(self.run_scenario("admitted"), {"welcome": "admin", "stays": 1})

    def test_one_room_for_old_and_new(self):
        result = self.run_scenario("room")
        common = [[[5, 6], "red"]]
        self.assertEqual(result["today"], [["from before", "red"], *common])
        old_id = result["old"][-1][1]
        self.assertEqual(result["old"], [["from today", "red"], *common, ["to its id", old_id]])


class OverPolling(OldClients, unittest.TestCase):
    options = {"transports": ["polling"]}


class OverWebSocket(OldClients, unittest.TestCase):
    options = {"transports": ["websocket"]}


class OverAnUpgrade(OldClients, unittest.TestCase):
    options = {"transports": ["polling", "websocket"]}


class AsBase64(OldClients, unittest.TestCase):
    options = {"transports": ["polling", "websocket"], "forceBase64": True}


class WithScripts(OldClients, unittest.TestCase):
    options = {"transports": ["polling"], "forceJSONP": True}


if __name__ == "__main__":
    unittest.main()
