"""Names and packets that are small to send and large to hold."""

from harness import Hostile, MiB
from peers import Gone


class Packets(Hostile):
    def test_huge_names_of_rooms(self):
        victim = self.victim()
        with self.attack(victim, most_memory=64) as attack:
            socket = attack.web_socket()
            for number in range(300):
                socket.call("join", f'"{number} {"r" * 900_000}"')

    def test_one_attachment_named_often(self):
        victim = self.victim()
        with self.attack(victim, most_memory=96) as attack:
            socket = attack.web_socket()
            names = ",".join(['{"_placeholder":true,"num":0}'] * 30_000)
            try:
                socket.send(f'451-["bytes",[{names}]]')
                socket.send(b"b" * 16_000)
            except Gone:
                pass
            echoed = socket.swallow(silence=1)
            attack.expect(echoed <= 64 * MiB, f"{echoed / MiB:.0f} MiB out for 1 MiB in")
