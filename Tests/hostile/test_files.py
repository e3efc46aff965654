"""Files that are asked for and not taken."""

from harness import Hostile, MiB, scratch_folder
from peers import request


class Files(Hostile):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch_folder("files-")
        with open(cls.folder / "large", "wb") as file:
            file.write(b"large" * (6 * MiB))
        cls.addClassCleanup((cls.folder / "large").unlink)

    def test_unread_downloads(self):
        victim = self.victim(files=self.folder)
        with self.attack(victim, most_memory=48) as attack:
            for _ in range(60):
                attack.peer(receive_buffer=4096).write(request("GET", "/files/large"))

    def test_requests_for_the_head_alone(self):
        victim = self.victim(files=self.folder)
        with self.attack(victim, most_memory=48) as attack:
            peer = attack.peer()
            for _ in range(300):
                peer.write(request("HEAD", "/files/large"))
                attack.expect(peer.read_through(b"\r\n\r\n").startswith(b"HTTP/1.1 200 "), "HEAD is not answered")
            peer.write(request("GET", "/socket.io/none"))

    def test_pipelined_downloads(self):
        victim = self.victim(files=self.folder)
        with self.attack(victim, most_memory=48) as attack:
            for _ in range(10):
                attack.peer(receive_buffer=4096).push(request("GET", "/files/large") * 1_000, 0.2)
