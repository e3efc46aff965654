"""What a peer can have written to the log."""

import re
import time

from harness import Hostile
from peers import Gone, WebSocket

# Printable, one line each.
CONTROLS = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]")
WRONG = WebSocket.frame('42["integer",""]')


class Log(Hostile):
    def check_log(self, attack, most_bytes):
        # It may be written behind the events' backs.
        time.sleep(0.5)
        log = attack.victim.log.read_bytes()
        attack.expect(log, "nothing is logged")
        attack.expect(len(log) <= most_bytes, f"{len(log)} bytes of log, over {most_bytes}")
        longest = max(map(len, log.split(b"\n")))
        attack.expect(longest <= 1_100, f"a line of {longest} bytes")
        attack.expect(not CONTROLS.search(log), "control characters in the log")
        attack.expect(b"\n[socket.io] error: pwned" not in log, "a forged line")

    def test_standard_error_that_nobody_reads(self):
        victim = self.victim(stderr="unread")
        with self.attack(victim, most_memory=48) as attack:
            attack.web_socket().push(WRONG * 20_000, 3)

    def test_standard_error_whose_reader_is_gone(self):
        victim = self.victim(stderr="gone")
        with self.attack(victim, most_memory=48) as attack:
            attack.web_socket().push(WRONG * 2_000, 3)

    def test_repetition(self):
        victim = self.victim()
        with self.attack(victim, most_memory=48) as attack:
            attack.web_socket().push(WRONG * 20_000, 3)
            self.check_log(attack, most_bytes=65_536)

    def test_different_errors(self):
        victim = self.victim()
        with self.attack(victim, most_memory=48) as attack:
            frames = (WebSocket.frame(f'42["dictionary",{{"key {number}":"x"}}]') for number in range(20_000))
            attack.web_socket().push(b"".join(frames), 3)
            self.check_log(attack, most_bytes=262_144)

    def test_forgery_and_long_lines(self):
        victim = self.victim()
        with self.attack(victim, most_memory=48) as attack:
            socket = attack.web_socket()
            for key in (
                r"a\n[socket.io] error: pwned\u001b[31m", "b\\u2028\\u0085\\u0000\\r", "k" * 900_000,
            ):
                socket.send(f'42["dictionary",{{"{key}":"x"}}]')
                socket.send(f'42["integer","{key}"]')
                socket.send('421["echo"]')
                socket.receive()
            self.check_log(attack, most_bytes=16_384)

    def test_refused_connections(self):
        victim = self.victim(connections=32)
        with self.attack(victim, most_memory=48, newcomers=False) as attack:
            for _ in range(32):
                try:
                    attack.web_socket()
                except Gone:
                    break
            for _ in range(2_000):
                try:
                    attack.peer()
                except Gone:
                    pass
            self.check_log(attack, most_bytes=16_384)
