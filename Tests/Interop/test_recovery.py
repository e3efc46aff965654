"""The official client in Chromium against a server that recovers it, and namespaces that are made as it asks for them."""

import unittest

from harness import Server, open_browser

SCRIPT = """
const [namespace, transports, cuts, isPatient, done] = arguments;
const socket = io(namespace, {
  transports, forceNew: true, reconnectionDelay: 1, reconnectionDelayMax: 20, randomizationFactor: 0.5,
});
const numbers = [], recovered = [], ids = new Set();
socket.on("number", (number) => numbers.push(number));
socket.on("connect", async () => {
  ids.add(socket.id);
  if (recovered.push(socket.recovered) === 1) {
    await socket.timeout(5000).emitWithAck("join", "listeners");
    // A client is cut off again and again, some times before it has heard anything.
    for (let cut = 0; cut < cuts; cut++) {
      await new Promise((next) => setTimeout(next, Math.random() * 30));
      const engine = socket.io.engine;
      if (isPatient && engine.transport.name !== "websocket") await new Promise((next) => engine.once("upgrade", next));
      const back = new Promise((next) => socket.once("connect", next));
      socket.io.engine.close();
      await back;
    }
    await new Promise((next) => setTimeout(next, 100));
    const result = { numbers, recovered, ids: ids.size };
    socket.disconnect();
    done(result);
  }
});
"""


class Recovery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = open_browser()
        cls.addClassCleanup(cls.browser.quit)
        cls.server = Server(recovery=60, loops=2)
        cls.addClassCleanup(cls.server.kill)

    def cut(self, transports, cuts, is_patient=False):
        self.browser.get(self.server.url + "/")
        self.browser.set_script_timeout(60)
        result = self.browser.execute_async_script(SCRIPT, "/counter", transports, cuts, is_patient)
        self.server.assert_alive(self)
        self.assertEqual(result["recovered"], [False] + [True] * cuts)
        self.assertEqual(result["ids"], 1)
        numbers = result["numbers"]
        self.assertGreater(len(numbers), cuts)
        return numbers

    def run_cuts(self, transports, cuts, is_patient=False):
        numbers = self.cut(transports, cuts, is_patient)
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))), "nothing lost, nothing twice")

    def test_a_hundred_cuts_over_websocket(self):
        self.run_cuts(["websocket"], 100)

    def test_cuts_over_polling(self):
        self.run_cuts(["polling"], 20)

    def test_cuts_after_upgrades(self):
        self.run_cuts(["polling", "websocket"], 20, is_patient=True)

    def test_cuts_within_upgrades(self):
        # The client puts off each event by a tick. One that its last poll brought, it takes for one of the next connection
        # when it is closed in the tick that ends the upgrade, and asks for it again: it has it twice, but has lost none.
        numbers = self.cut(["polling", "websocket"], 20)
        self.assertEqual(sorted(set(numbers)), list(range(numbers[0], max(numbers) + 1)), "nothing lost")


class DynamicNamespaces(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = open_browser()
        cls.addClassCleanup(cls.browser.quit)
        cls.server = Server(loops=2)
        cls.addClassCleanup(cls.server.kill)

    def ask(self, namespace, options, event):
        self.browser.get(self.server.url + "/")
        return self.browser.execute_async_script(
            """
            const [namespace, options, event, done] = arguments;
            const socket = io(namespace, { forceNew: true, ...options });
            socket.on("connect_error", (error) => done("refused: " + error.message));
            socket.on("connect", async () => done(await socket.timeout(5000).emitWithAck(event)));
            """,
            namespace, options, event,
        )

    def test_a_pattern(self):
        self.assertEqual(self.ask("/room-7", {}, "where"), "/room-7")
        self.assertEqual(len(self.ask("/room-8", {}, "who")), 1)
        self.assertEqual(self.ask("/room-x", {}, "where"), "refused: Invalid namespace")

    def test_a_function(self):
        self.assertEqual(self.ask("/secret-a", {"auth": {"word": "sesame"}}, "where"), "/secret-a")
        self.assertEqual(self.ask("/secret-a", {"auth": {"word": "no"}}, "where"), "refused: Invalid namespace")
        self.assertEqual(self.ask("/secret-a", {}, "where"), "refused: Invalid namespace")


if __name__ == "__main__":
    unittest.main()
