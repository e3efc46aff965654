#!/usr/bin/env python3
"""Nodes over a stream of Redis, clients that come back, and everything killed at random for as long as one likes.

    swift build -c release --product soak-peer
    Tests/soak/soak.py --seconds 600 --seed 1

Three nodes share a Redis that keeps what it has answered (`appendfsync always`). The clients reach them over a balancer, which
gives each connection to any node that is there: what a session sends over another connection is passed on between the nodes.
Each client says one thing after the other until it is acknowledged, which its node does once Redis has it. Meanwhile
connections are cut, nodes are drained and killed, and Redis is killed, paused, and cut off from everybody. The first node is
never ended, so that what it holds on to would be seen.

Nothing that was acknowledged may be lost, nothing may come twice to anybody, and who has come back may have missed nothing.
"""

import argparse
import asyncio
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Of the other tests with processes.
sys.path.append(str(ROOT / "Tests" / "Interop"))
from harness import free_port

PEER = os.environ.get("SOAK_PEER", str(ROOT / ".build" / "release" / "soak-peer"))
PATIENCE = 30


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def resident(process):
    """In KiB."""
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


class Program:
    """A process that is started again and again, with its output in a file."""

    def __init__(self, name, command, folder):
        self.name, self.command, self.log = name, command, folder / f"{name}.log"
        self.process = None

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def is_there(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.is_there:
            self.process.kill()
        if self.process:
            self.process.wait(PATIENCE)


class Journal:
    """All that happened, and when, in milliseconds."""

    def __init__(self, folder):
        self.file = (folder / "journal.log").open("w")

    def note(self, line):
        self.file.write(f"{int(time.time() * 1000)} {line}\n")


class Balancer:
    """Gives each connection to one of the nodes, any that is there, and cuts them at will."""

    def __init__(self, ports, choose):
        self.ports, self.choose = ports, choose
        self.writers = set()
        # What waits for others is held by nobody else.
        self.ways = set()

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        self.writers.add(writer)
        node, ways = None, []
        try:
            ports = list(self.ports)
            self.choose.shuffle(ports)
            for port in ports:
                try:
                    node_reader, node = await asyncio.open_connection("127.0.0.1", port)
                    break
                except OSError:
                    continue
            else:
                return
            ways = [asyncio.create_task(self.copy(*way)) for way in ((reader, node), (node_reader, writer))]
            self.ways.update(ways)
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            self.ways.difference_update(ways)
            self.writers.discard(writer)
            for end in (writer, node):
                if end:
                    end.close()

    async def copy(self, reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass

    def cut(self, count):
        for writer in self.choose.sample(sorted(self.writers, key=id), min(count, len(self.writers))):
            writer.transport.abort()


class Redis:
    """A server of the soak's own, and what is asked of it."""

    def __init__(self, folder):
        program = shutil.which("redis-server")
        if not program:
            raise SystemExit("no redis-server (apt-get install redis-server)")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.program = Program("redis", [
            program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes",
            "--appendfsync", "always", "--dir", str(folder),
        ], folder)

    async def ask(self, *words):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            parts = [str(word).encode() for word in words]
            writer.write(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
            return await self.read(reader)
        finally:
            writer.close()

    async def read(self, reader):
        line = (await reader.readuntil(b"\r\n"))[:-2]
        kind, rest = line[:1], line[1:]
        if kind == b"$":
            return None if rest == b"-1" else (await reader.readexactly(int(rest) + 2))[:-2]
        if kind == b"*":
            return [await self.read(reader) for _ in range(int(rest))]
        if kind == b":":
            return int(rest)
        return rest

    async def entries(self):
        """What is in the stream: places, and what was said there."""
        found, start = {}, "-"
        while True:
            page = await self.ask("XRANGE", "socket.io", start, "+", "COUNT", 1000)
            for place, fields in page:
                fields = dict(zip(fields[::2], fields[1::2]))
                if fields.get(b"nsp") != b"/" or b"data" not in fields:
                    continue
                words = json.loads(fields[b"data"])["packet"]["data"]
                if words[0] == "said":
                    found[place.decode()] = tuple(words[1:4])
            if len(page) < 1000:
                return found
            start = "(" + page[-1][0].decode()


class Heard:
    """What one client has heard since it was somebody new, which it is known to have been then, in milliseconds."""

    def __init__(self, client):
        self.client = client
        self.since = time.time() * 1000
        self.all = []


class Clients:
    def __init__(self, url, count, folder, journal):
        self.url, self.count, self.log, self.journal = url, count, folder / "clients.log", journal
        self.acknowledged = set()
        self.spans = [[] for _ in range(count)]
        self.connected, self.came_back, self.attempts, self.silences, self.has_ended = 0, 0, 0, 0, False

    async def start(self):
        with self.log.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                PEER, "clients", self.url, str(self.count), stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE, stderr=log)
        self.reading = asyncio.create_task(self.read())

    async def read(self):
        async for line in self.process.stdout:
            words = line.split()
            kind = words[0]
            self.journal.note(line.decode().strip())
            if kind == b"heard":
                client, *said = (int(word) for word in words[1:5])
                self.spans[client][-1].all.append((tuple(said), words[5].decode()))
            elif kind == b"said":
                said = tuple(int(word) for word in words[1:4])
                self.acknowledged.add(said)
                self.attempts += said[2]
            elif kind == b"client":
                client = int(words[1])
                if words[2] == b"new":
                    self.connected += 1
                    self.spans[client].append(Heard(client))
                else:
                    self.came_back += 1
            elif kind == b"silent":
                self.silences = int(words[1])
            elif kind == b"end":
                self.has_ended = True

    def tell(self, line):
        self.process.stdin.write(line.encode() + b"\n")

    def has_all_heard(self, said):
        return all(spans and any(each == said for each, _ in spans[-1].all[-1:]) for spans in self.spans)


async def wait_until(condition, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {patience} s: {what}")
        await asyncio.sleep(0.02)


def place_of(text):
    return tuple(int(part) for part in text.split("-"))


def complaints(clients, entries):
    """What is wrong with what was heard."""
    found = []
    in_stream = set(entries.values())
    lost = clients.acknowledged - in_stream
    if lost:
        found.append(f"{len(lost)} acknowledged and lost: {sorted(lost)[:5]}")
    twice = [said for said, count in collections.Counter(entries.values()).items() if count > 1]
    if twice:
        found.append(f"{len(twice)} are twice in the stream: {twice[:5]}")
    order = sorted(entries, key=place_of)
    for spans in clients.spans:
        for span in spans:
            # Who is somebody new may hear what it has heard as somebody else, if that comes late to its new node.
            ever = collections.Counter(said for said, _ in span.all)
            twice = [said for said, count in ever.items() if count > 1]
            if twice:
                found.append(f"client {span.client} has heard {len(twice)} twice: {twice[:5]}")
            places = [place_of(place) for _, place in span.all if place != "-"]
            if places != sorted(places):
                found.append(f"client {span.client} has heard something too late")
            heard = {said for said, _ in span.all}
            wrong = [place for said, place in span.all if place != "-" and entries.get(place) != said]
            if wrong:
                found.append(f"client {span.client} has heard what is not in the stream: {wrong[:5]}")
            if not places:
                continue
            # What its node sent at once, while Redis was away, it may have heard before that was in the stream. What was in
            # the stream before it came it need not hear, whatever else comes late.
            missing = [
                (place, entries[place]) for place in order
                if places[0] <= place_of(place) <= places[-1] and place_of(place)[0] > span.since
                and entries[place] not in heard
            ]
            if missing:
                found.append(f"client {span.client} has missed {len(missing)} of {len(places)}: {missing[:5]}")
    return found


class Soak:
    def __init__(self, arguments):
        self.seconds, self.choose = arguments.seconds, random.Random(arguments.seed)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="soak-"))
        self.redis = Redis(self.folder)
        self.nodes = [
            Program(f"node-{number}", [PEER, "node", str(free_port()), self.redis.url], self.folder)
            for number in range(3)
        ]
        self.balancer = Balancer([int(node.command[2]) for node in self.nodes], self.choose)
        self.count = arguments.clients
        self.journal = Journal(self.folder)
        self.done = collections.Counter()
        self.tasks = set()
        # What was done, and did not end as it should.
        self.failures = []

    async def run(self):
        try:
            await self.play()
        finally:
            for task in self.tasks:
                task.cancel()
            for program in [*self.nodes, self.redis.program]:
                program.kill()
            if hasattr(self, "clients") and self.clients.process.returncode is None:
                self.clients.process.kill()

    async def play(self):
        self.redis.program.start()
        await self.until_redis()
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            await self.until_there(node)
        before = descriptors(self.nodes[0].process)
        port = await self.balancer.start()
        self.clients = Clients(f"http://127.0.0.1:{port}", self.count, self.folder, self.journal)
        await self.clients.start()
        await wait_until(lambda: self.clients.connected >= self.count, "all clients are connected")

        end = time.monotonic() + self.seconds
        memory = []
        while time.monotonic() < end:
            await asyncio.sleep(self.choose.uniform(0.2, 1.2))
            self.trouble()
            memory.append(resident(self.nodes[0].process))
            assert self.nodes[0].is_there, "the first node has ended"
            assert self.clients.process.returncode is None, "the clients have ended"
            assert not self.failures, self.failures
        while self.tasks:
            await asyncio.sleep(0.1)
        assert not self.failures, self.failures

        # Whoever is somewhere comes to rest, and hears the last thing that is said.
        self.clients.tell("silence")
        await wait_until(lambda: self.clients.silences == 1, "what is being said is acknowledged")
        number = 1
        while True:
            self.clients.tell("more")
            number += 1
            await wait_until(lambda: self.clients.silences == number, "one more thing is acknowledged")
            last = max(said for said in self.clients.acknowledged if said[0] == 0)
            try:
                await wait_until(lambda: self.clients.has_all_heard(last), "all hear it", 5)
                break
            except AssertionError:
                # Who connects only now is somebody new, and was not there.
                if number > 6:
                    raise
        entries = await self.redis.entries()
        held = resident(self.clients.process), descriptors(self.clients.process)
        self.clients.tell("end")
        await wait_until(lambda: self.clients.has_ended, "the clients end")
        try:
            await wait_until(lambda: descriptors(self.nodes[0].process) <= before + 4, "connections are closed")
        except AssertionError:
            pass
        after = descriptors(self.nodes[0].process)
        self.clients.tell("end")

        found = complaints(self.clients, entries)
        if after > before + 4:
            found.append(f"the first node has {after} descriptors, and had {before}")
        for node in self.nodes:
            node.process.send_signal(signal.SIGTERM)
        for node in self.nodes:
            await self.until_ended(node)
        spans = [span for spans in self.clients.spans for span in spans]
        third = max(len(memory) // 3, 1)
        print(f"troubles: {dict(sorted(self.done.items()))}")
        print(
            f"said and acknowledged {len(self.clients.acknowledged)}, in {self.clients.attempts} attempts and more; "
            f"entries {len(entries)}; heard {sum(len(span.all) for span in spans)}")
        print(f"came back {self.clients.came_back} times, began anew {len(spans) - self.count} times")
        print(
            f"first node: {max(memory[:third])} KiB in the first third, {max(memory[-third:])} in the last; "
            f"{before} descriptors before the clients, {after} after them")
        print(f"clients: {held[0]} KiB, {held[1]} descriptors at the end")
        for complaint in found:
            print("WRONG", complaint)
        if found:
            raise SystemExit(f"logs and data: {self.folder}")
        shutil.rmtree(self.folder)
        print("nothing is lost, and nothing came twice")

    # Troubles

    def trouble(self):
        kind = self.choose.choices(
            ["cut", "cut all", "kill a node", "drain a node", "kill Redis", "pause Redis", "cut off from Redis"],
            [60, 4, 8, 8, 6, 6, 8])[0]
        if kind == "cut":
            self.balancer.cut(self.choose.randint(1, 3))
        elif kind == "cut all":
            self.balancer.cut(len(self.balancer.writers))
        elif kind == "kill a node":
            return self.do(kind, self.end_node(signal.SIGKILL), self.choose.choice(self.nodes[1:]))
        elif kind == "drain a node":
            return self.do(kind, self.end_node(signal.SIGTERM), self.choose.choice(self.nodes[1:]))
        elif kind == "kill Redis":
            return self.do(kind, self.kill_redis, None)
        elif kind == "pause Redis":
            return self.do(kind, self.pause_redis, None)
        else:
            return self.do(kind, self.cut_redis, None)
        self.journal.note(kind)
        self.done[kind] += 1

    def do(self, kind, what, node):
        busy = node.name if node else "redis"
        if any(task.get_name() == busy for task in self.tasks):
            return
        self.journal.note(f"{kind}: {busy}")
        self.done[kind] += 1
        task = asyncio.create_task(what(node), name=busy)
        self.tasks.add(task)

        def finished(task):
            self.tasks.discard(task)
            self.journal.note(f"over, {kind}: {busy}")
            if not task.cancelled() and task.exception():
                self.failures.append(f"{kind}: {task.exception()!r}")

        task.add_done_callback(finished)

    def end_node(self, number):
        async def end(node):
            node.process.send_signal(number)
            if number == signal.SIGTERM:
                await self.until_ended(node)
            else:
                node.process.wait(PATIENCE)
            await asyncio.sleep(self.choose.uniform(0.1, 2))
            node.start()
            await self.until_there(node)

        return end

    async def kill_redis(self, _):
        self.redis.program.kill()
        await asyncio.sleep(self.choose.uniform(0.1, 3))
        self.redis.program.start()
        await self.until_redis()
        await asyncio.sleep(1)

    async def pause_redis(self, _):
        await self.redis.ask("CLIENT", "PAUSE", self.choose.randint(200, 2000), "ALL")
        await asyncio.sleep(2)

    async def cut_redis(self, _):
        for kind in self.choose.choice([["normal"], ["pubsub"], ["normal", "pubsub"]]):
            await self.redis.ask("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

    # Waiting

    async def until_redis(self):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                if await self.redis.ask("PING") == b"PONG":
                    return
            except (OSError, asyncio.IncompleteReadError):
                pass
            assert time.monotonic() < end, "Redis does not answer"
            await asyncio.sleep(0.02)

    async def until_there(self, node):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", int(node.command[2]))
                return writer.close()
            except OSError:
                assert node.is_there, f"{node.name} has ended with {node.process.poll()}: {node.log}"
                assert time.monotonic() < end, f"{node.name} does not listen"
                await asyncio.sleep(0.02)

    async def until_ended(self, node):
        await wait_until(lambda: not node.is_there, f"{node.name} ends in order", 15)
        code = node.process.poll()
        assert code == 0, f"{node.name} has ended with {code}: {node.log}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--clients", type=int, default=12)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    asyncio.run(Soak(arguments).run())


if __name__ == "__main__":
    sys.exit(main())
