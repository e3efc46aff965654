"""What is sent to somebody who does not read."""

import contextlib
import time

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

    def test_web_socket_that_answers_pings_and_takes_nothing(self):
        victim = self.victim(stall_time=2_000, ping_interval=500, ping_timeout=1_000)
        with self.attack(victim, most_memory=96) as attack:
            readers = [attack.web_socket(receive_buffer=4096) for _ in range(20)]
            for reader in readers:
                reader.call("join", '"readers"')
            with contextlib.closing(WebSocket(victim.port)) as teller:
                # More than the kernel takes for them.
                for _ in range(60):
                    teller.call("tell much", "100000")
            for _ in range(15):
                for reader in readers:
                    with contextlib.suppress(Gone):
                        # Whether or not it has seen the ping.
                        reader.send("3")
                time.sleep(0.2)
            attack.expect_cut_off(2)

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
        victim = self.victim(buffered_bytes_total=64_000_000)
        with self.attack(victim, most_memory=128) as attack:
            for _ in range(40):
                try:
                    polling = attack.polling()
                    for _ in range(8):
                        polling.post(f'42["echo","{"x" * 900_000}"]')
                except Gone:
                    # Another's, or this one's, was too much.
                    pass
