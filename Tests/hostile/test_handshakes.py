"""Sessions that cost an attacker one request each."""

import threading

from harness import Hostile
from peers import batches, request

HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


class Handshakes(Hostile):
    def flood(self, attack, count, fields=""):
        """All over one connection, whose answers are thrown away."""
        peer = attack.peer()
        reader = threading.Thread(target=peer.drain, args=[b"HTTP/1.1 ", count, 30])
        reader.start()
        one = request("GET", HANDSHAKE, fields=fields)
        for batch in batches(range(count), max(1, 60_000 // len(one))):
            peer.push(one * len(batch), 5)
        reader.join()

    def test_many(self):
        victim = self.victim(ping_interval=2_000, ping_timeout=2_000)
        with self.attack(victim, most_memory=64) as attack:
            self.flood(attack, 50_000)

    def test_many_with_long_heads(self):
        victim = self.victim(ping_interval=2_000, ping_timeout=2_000)
        with self.attack(victim, most_memory=64) as attack:
            self.flood(attack, 20_000, f"Cookie: {'x' * 15_000}\r\n")
