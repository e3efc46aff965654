"""What the scenarios share: the server under attack, who watches it meanwhile, and what must hold of every attack."""

import contextlib
import json
import os
import pathlib
import resource
import select
import subprocess
import sys
import tempfile
import time
import unittest

from peers import Peer, Polling, WebSocket

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SERVER = os.environ.get("HOSTILE_SERVER", str(ROOT / ".build" / "release" / "hostile-server"))
SCRATCH = pathlib.Path(os.environ.get("HOSTILE_SCRATCH", ROOT / ".build-tests" / "scratch"))

# An echo beside the attack takes no longer, in seconds.
ECHO = 1.0
# How long they are looked at after the last blow.
LINGER = 0.5
# Memory is back after so many seconds, to so many times of what it was before.
RETURN = float(os.environ.get("HOSTILE_RETURN", "60"))
GROWTH = 2.0

MiB = 1 << 20


def scratch_folder(prefix):
    SCRATCH.mkdir(parents=True, exist_ok=True)
    return pathlib.Path(tempfile.mkdtemp(dir=SCRATCH, prefix=prefix))


class Victim:
    """A `hostile-server` of its own. Its standard error is a file, or what `stderr` says: "unread" or "gone"."""

    def __init__(self, stderr="file", descriptors=None, **options):
        command = [SERVER]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        self.log = scratch_folder("hostile-") / "stderr"
        self.unread = None
        if stderr == "file":
            errors = open(self.log, "wb")
        else:
            self.unread, errors = os.pipe()
        limit = descriptors and (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, descriptors))
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, preexec_fn=limit)
        os.close(errors) if isinstance(errors, int) else errors.close()
        if stderr == "gone":
            self.close_errors()
        ready, _, _ = select.select([self.process.stdout], [], [], 30)
        line = self.process.stdout.readline().decode() if ready else ""
        if not line.startswith("listening on "):
            self.kill()
            raise AssertionError(f"the server says {line!r}; {SERVER}; log: {self.log}")
        self.port = int(line.split()[-1])

    def close_errors(self):
        if self.unread is not None:
            os.close(self.unread)
            self.unread = None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.close_errors()

    @property
    def is_alive(self):
        return self.process.poll() is None

    def status(self, name):
        """Bytes, by a line of /proc/PID/status; 0 of a process that has ended."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        return 0

    @property
    def memory(self):
        return self.status("VmRSS")

    @property
    def peak_memory(self):
        return self.status("VmHWM")

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def warm_up(self):
        """What everybody has used once is there, and is not counted as grown."""
        with contextlib.closing(WebSocket(self.port)) as socket, contextlib.closing(Polling(self.port)) as polling:
            for _ in range(100):
                socket.send('42["echo",1]')
                socket.receive()
                polling.post('42["echo",1]')
                polling.poll()


class Watch:
    """A process beside the attack: one client that was there before, and others that come new all the time."""

    def __init__(self, port):
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "watch.py"), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdout.readline() == b"ready\n"

    def stop(self):
        text, _ = self.process.communicate(b"")
        return json.loads(text)


class Attack:
    """The peers of an attack, who have an address of their own, and what it checks besides."""

    ADDRESS = "127.0.0.2"

    def __init__(self, victim):
        self.victim = victim
        self.peers = []
        self.violations = []

    def peer(self, **options):
        return self._keep(Peer, options)

    def web_socket(self, **options):
        return self._keep(WebSocket, options)

    def polling(self, **options):
        return self._keep(Polling, options)

    def _keep(self, kind, options):
        peer = kind(self.victim.port, address=self.ADDRESS, **options)
        self.peers.append(peer)
        return peer

    def close(self):
        for peer in self.peers:
            peer.close()

    def expect(self, holds, words):
        if not holds:
            self.violations.append(words)


class Hostile(unittest.TestCase):
    """Of each attack: echoes and newcomers are served meanwhile, memory stays under a bound and comes back."""

    def victim(self, **options):
        victim = Victim(**options)
        self.addCleanup(victim.kill)
        victim.warm_up()
        return victim

    @contextlib.contextmanager
    def attack(self, victim, most_memory, newcomers=True):
        """Runs the attack in its body. `most_memory` is in MiB; `newcomers`: whether those who come new are served."""
        before = victim.memory
        victim.forget_peak()
        watch = Watch(victim.port)
        attack = Attack(victim)
        try:
            yield attack
            time.sleep(LINGER)
        finally:
            seen = watch.stop()
            peak = victim.peak_memory
            attack.close()
        alive_after_attack = victim.is_alive
        back, seconds = self.wait_for_memory(victim, before * GROWTH)
        print(
            f"  echo {seen['echo'] * 1000:.0f} ms, newcomer {seen['newcomer'] * 1000:.0f} ms"
            f" ({seen['refused']} of {seen['came']} refused),"
            f" memory {before / MiB:.0f} -> {peak / MiB:.0f} -> {back / MiB:.0f} MiB after {seconds:.1f} s",
            file=sys.stderr,
        )
        attack.expect(alive_after_attack and victim.is_alive, f"the server ended with {victim.process.poll()}")
        attack.expect(not seen["failure"], f"an echo never came: {seen['failure']}")
        attack.expect(seen["echo"] <= ECHO, f"an echo took {seen['echo']:.1f} s")
        if newcomers:
            attack.expect(seen["newcomer"] <= ECHO, f"a newcomer waited {seen['newcomer']:.1f} s")
            attack.expect(seen["refused"] == 0, f"{seen['refused']} of {seen['came']} newcomers were refused")
        attack.expect(peak <= most_memory * MiB, f"{peak / MiB:.0f} MiB, over {most_memory}")
        attack.expect(back <= before * GROWTH, f"{back / MiB:.0f} MiB are left, before it were {before / MiB:.0f}")
        if attack.violations:
            self.fail("; ".join([*attack.violations, f"log: {victim.log}"]))

    def wait_for_memory(self, victim, goal):
        start = time.monotonic()
        while victim.is_alive and (now := victim.memory) > goal and time.monotonic() < start + RETURN:
            time.sleep(0.05)
        return victim.memory if victim.is_alive else 0, time.monotonic() - start
