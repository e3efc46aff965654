"""No descriptors are left."""

import time

from harness import Hostile, scratch_folder
from peers import Gone, request


class Descriptors(Hostile):
    def test_all_are_taken(self):
        folder = scratch_folder("files-")
        (folder / "small").write_text("small")
        victim = self.victim(files=folder, descriptors=(64, 64))
        with self.attack(victim, most_memory=48, newcomers=False) as attack:
            visitor = attack.peer()
            visitor.write(request("GET", "/files/small"))
            attack.expect(visitor.response() == (200, "small"), "no file")
            for _ in range(100):
                try:
                    attack.peer().write(b"G")
                except Gone:
                    break
            visitor.write(request("GET", "/files/small"))
            status, _ = visitor.response()
            attack.expect(status in (200, 503), f"a file that cannot be opened now is answered with {status}")
            # Written by a thread of its own.
            deadline = time.monotonic() + 5
            while "descriptors" not in (log := victim.log.read_text()) and time.monotonic() < deadline:
                time.sleep(0.1)
            attack.expect("descriptors" in log, f"the log does not say what is missing: {log!r}")

    def test_the_soft_limit_is_raised(self):
        victim = self.victim(descriptors=(64, 4_096))
        with self.attack(victim, most_memory=48) as attack:
            served = 0
            try:
                for served in range(1, 201):
                    attack.web_socket()
            except Gone as gone:
                attack.expect(False, f"{served - 1} of 200 were served: {gone}")
