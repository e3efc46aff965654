"""Connections of an attacker: they block, but only until a deadline, and know no more than the attacks need."""

import itertools
import socket
import time

PATIENCE = 10


class Gone(Exception):
    """The server has closed the connection, or says nothing any more."""


class Peer:
    """A TCP connection."""

    def __init__(self, port, address="127.0.0.1", receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(PATIENCE)
        self.unread = b""
        try:
            self.socket.bind((address, 0))
            self.socket.connect(("127.0.0.1", port))
        except OSError as error:
            self.socket.close()
            raise Gone(str(error)) from error
        try:
            self._open()
        except Gone:
            self.close()
            raise

    def _open(self):
        """What comes before anything else."""

    def close(self):
        self.socket.close()

    def write(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Gone(str(error)) from error

    def push(self, data, seconds):
        """Sends as much of `data` as the server takes within `seconds`, and returns how much that is."""
        view, sent, end = memoryview(data), 0, time.monotonic() + seconds
        try:
            while sent < len(view) and (left := end - time.monotonic()) > 0:
                self.socket.settimeout(left)
                sent += self.socket.send(view[sent:sent + (1 << 16)])
        except OSError:
            # It reads no more, or has closed: what an attacker has to expect.
            pass
        finally:
            self.socket.settimeout(PATIENCE)
        return sent

    def read_more(self):
        try:
            data = self.socket.recv(1 << 18)
        except OSError as error:
            raise Gone(str(error)) from error
        if not data:
            raise Gone("closed")
        self.unread += data

    def read(self, count):
        while len(self.unread) < count:
            self.read_more()
        data, self.unread = self.unread[:count], self.unread[count:]
        return data

    def read_through(self, end):
        while end not in self.unread:
            self.read_more()
        index = self.unread.index(end) + len(end)
        data, self.unread = self.unread[:index], self.unread[index:]
        return data

    def response(self):
        """Status and body of the next response."""
        head = self.read_through(b"\r\n\r\n").decode("latin-1").lower()
        length = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
        return int(head.split(" ")[1]), self.read(length).decode()

    def drain(self, needle, count, seconds):
        """Reads and throws away until `needle` was there `count` times, and returns how often it was."""
        seen, tail, end = self.unread.count(needle), b"", time.monotonic() + seconds
        self.unread = b""
        try:
            while seen < count and time.monotonic() < end:
                data = tail + self.socket.recv(1 << 20)
                if len(data) == len(tail):
                    break
                seen += data.count(needle)
                # Less than the needle, so that none is counted twice.
                tail = data[max(0, len(data) - len(needle) + 1):]
        except OSError:
            pass
        return seen

    def swallow(self, silence):
        """Reads and throws away until nothing comes for so many seconds, and returns how much that was."""
        count, self.unread = len(self.unread), b""
        self.socket.settimeout(silence)
        try:
            while data := self.socket.recv(1 << 20):
                count += len(data)
        except OSError:
            pass
        return count


def request(method, target, body=None, fields=""):
    length = "" if body is None else f"Content-Length: {len(body)}\r\n"
    return f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{length}{fields}\r\n".encode() + (body or b"")


class WebSocket(Peer):
    """A Socket.IO client that has joined the main namespace."""

    def _open(self):
        self.write(request("GET", "/socket.io/?EIO=4&transport=websocket", fields=(
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n")))
        head = self.read_through(b"\r\n\r\n")
        if b" 101 " not in head:
            raise Gone(head.decode("latin-1"))
        self.receive()
        self.send("40")
        if not (answer := self.receive()).startswith("40{"):
            raise Gone(answer)

    @staticmethod
    def frame(text):
        """A masked frame: bytes are a binary message. The mask is zero, so that nothing has to be computed."""
        data, opcode = (text.encode(), 1) if isinstance(text, str) else (text, 2)
        count = len(data)
        if count < 126:
            length = bytes([0x80 | count])
        elif count < 1 << 16:
            length = b"\xfe" + count.to_bytes(2, "big")
        else:
            length = b"\xff" + count.to_bytes(8, "big")
        return bytes([0x80 | opcode]) + length + bytes(4) + data

    def send(self, text):
        self.write(self.frame(text))

    def receive(self):
        """The next text that is no ping, and answers those."""
        while True:
            first, count = self.read(2)
            if count > 125:
                count = int.from_bytes(self.read(2 if count == 126 else 8), "big")
            data = self.read(count)
            if first & 15 == 8:
                raise Gone(f"close frame {int.from_bytes(data[:2], 'big')}")
            if first & 15 != 1:
                continue
            if data != b"2":
                return data.decode()
            self.send("3")

    def call(self, *arguments):
        """Emits, and waits for the acknowledgement."""
        self.send('421["' + arguments[0] + '",' + ",".join(arguments[1:]) + "]")
        while not (text := self.receive()).startswith("431"):
            pass
        return text


class Polling(Peer):
    """The same over long-polling, which asks only when it is told to."""

    def _open(self):
        self.base = "/socket.io/?EIO=4&transport=polling"
        self.write(request("GET", self.base))
        status, body = self.response()
        if status != 200:
            raise Gone(f"{status} {body}")
        self.target = f"{self.base}&sid={body.split(chr(34))[3]}"
        self.post("40")
        self.poll()

    def poll(self):
        self.write(request("GET", self.target))
        return self.response()

    def post(self, text):
        self.write(request("POST", self.target, text.encode()))
        return self.response()


def batches(items, size):
    items = iter(items)
    while batch := list(itertools.islice(items, size)):
        yield batch
