"""What is sent to somebody who does not read."""

from harness import Hostile
from peers import Gone, WebSocket


class Outputs(Hostile):
    def test_web_socket_that_does_not_read_its_echoes(self):
        victim = self.victim()
        with self.attack(victim, most_memory=64) as attack:
            attack.web_socket(receive_buffer=4096).push(WebSocket.frame('42["echo"]') * 1_500_000, 5)

    def test_polling_that_never_polls_for_its_echoes(self):
        victim = self.victim()
        with self.attack(victim, most_memory=64) as attack:
            polling = attack.polling()
            body = "\x1e".join(['42["echo"]'] * 5_000)
            try:
                for _ in range(250):
                    if polling.post(body)[0] != 200:
                        break
            except Gone:
                pass

    def test_many_small_broadcasts(self):
        """One in a turn, so that each is held by itself: what it takes to hold it counts as well."""
        victim = self.victim()
        with self.attack(victim, most_memory=48) as attack:
            for _ in range(200):
                attack.polling().post('42["join","readers"]')
            teller = attack.web_socket()
            for _ in range(5_000):
                teller.call("tell", '""')

    def test_large_broadcast_to_polling_that_never_polls(self):
        self.broadcast_to_readers(lambda attack: attack.polling().post('42["join","readers"]'))

    def test_large_broadcast_to_web_sockets_that_do_not_read(self):
        self.broadcast_to_readers(
            lambda attack: attack.web_socket(receive_buffer=4096).call("join", '"readers"'))

    def broadcast_to_readers(self, add_reader):
        victim = self.victim()
        with self.attack(victim, most_memory=96) as attack:
            for _ in range(200):
                add_reader(attack)
            teller = attack.web_socket()
            for _ in range(4):
                teller.call("tell much", "1000000")

    def test_many_who_each_stay_under_their_limit(self):
        """None of them holds too much, all together do."""
        victim = self.victim()
        with self.attack(victim, most_memory=320) as attack:
            for _ in range(100):
                polling = attack.polling()
                for _ in range(8):
                    polling.post(f'42["echo","{"x" * 900_000}"]')
