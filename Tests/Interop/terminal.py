"""A terminal with somebody before it, for tests of programs that people type to."""

import fcntl
import os
import pty
import re
import select
import shlex
import signal
import struct
import termios
import unicodedata

from harness import ROOT, wait_until

CLIENT = shlex.split(os.environ.get("CHAT_CLIENT", str(ROOT / ".build" / "release" / "chat-client")))


class Screen:
    """As much of a terminal as is used: rows, a cursor, CR, LF, erasing to the end of a row, and moving to the left."""

    def __init__(self, width):
        self.width, self.rows, self.column, self.unread, self.bytes = width, [[]], 0, b"", b""

    def feed(self, data):
        self.bytes += data
        data = self.unread + data
        # The end may be in the middle of a character.
        for cut in range(4):
            try:
                text, self.unread = data[: len(data) - cut].decode(), data[len(data) - cut :]
                break
            except UnicodeDecodeError:
                continue
        # Or in the middle of a sequence.
        if begun := re.search(r"\x1b(\[\d*)?$", text):
            text, self.unread = text[: begun.start()], text[begun.start() :].encode() + self.unread
        for piece in re.findall(r"\x1b\[\d*[A-Za-z]|[\x00-\x1f]|[^\x00-\x1f]", text):
            self.show(piece)

    def show(self, piece):
        row = self.rows[-1]
        if piece == "\r":
            self.column = 0
        elif piece == "\n":
            self.rows.append([])
            self.column = 0
        elif piece == "\x1b[K":
            del row[self.column :]
        elif piece.startswith("\x1b[") and piece.endswith("D"):
            self.column = max(0, self.column - int(piece[2:-1] or 1))
        elif piece.startswith("\x1b"):
            raise AssertionError(f"nobody expects {piece!r}")
        elif unicodedata.combining(piece) or piece in "\u200d\ufe0f\u2068\u2069":
            row[self.column - 1] += piece
        else:
            cells = [piece] + [""] * (unicodedata.east_asian_width(piece) in "WF")
            if self.column + len(cells) > self.width:
                self.rows.append(row := [])
                self.column = 0
            row[self.column : self.column + len(cells)] = cells
            self.column += len(cells)

    @property
    def text(self):
        return ["".join(row) for row in self.rows]


class Person:
    """Somebody at a terminal of this width."""

    def __init__(self, test, *arguments, width=60, kind="xterm", program=CLIENT, tells_errors_apart=True):
        command = [*program, *arguments]
        self.errors, errors = os.pipe()
        self.id, self.terminal = pty.fork()
        if self.id == 0:
            try:
                if tells_errors_apart:
                    os.dup2(errors, 2)
                os.execve(command[0], command, {**os.environ, "TERM": kind})
            finally:
                os._exit(127)
        os.close(errors)
        self.screen = Screen(width)
        self.status = None
        self.resize(width)
        self.settings = termios.tcgetattr(self.terminal)
        test.addCleanup(self.leave)

    def resize(self, width):
        self.screen.width = width
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))

    def type(self, keys):
        keys = keys.encode() if isinstance(keys, str) else keys
        os.set_blocking(self.terminal, False)

        def typed():
            nonlocal keys
            self.look()
            try:
                keys = keys[os.write(self.terminal, keys) :]
            except BlockingIOError:
                pass
            return not keys

        wait_until(typed, "the program takes what is typed")

    def look(self):
        while select.select([self.terminal], [], [], 0)[0]:
            try:
                data = os.read(self.terminal, 65536)
            except OSError:  # Linux says EIO once the other end is closed.
                return
            if not data:
                return
            self.screen.feed(data)

    def waits_for(self, *rows):
        """Until the last rows are these."""

        def seen():
            self.look()
            return self.screen.text[-len(rows) :] == list(rows)

        try:
            wait_until(seen, "")
        except AssertionError:
            raise AssertionError(f"{rows} are not the end of {self.screen.text}") from None

    def waits_for_prompt(self, prompt):
        def seen():
            self.look()
            return self.screen.text[-1] == prompt

        wait_until(seen, f"the prompt {prompt!r}")

    def waits_for_row(self, words):
        """Until a row has these words; the row."""

        def seen():
            self.look()
            return next((row for row in self.screen.text if words in row), None)

        try:
            return wait_until(seen, "")
        except AssertionError:
            raise AssertionError(f"{words!r} is nowhere in {self.screen.text}") from None

    @property
    def is_raw(self):
        """Whether keys come one by one."""
        return not termios.tcgetattr(self.terminal)[3] & (termios.ICANON | termios.ECHO)

    def said_to_standard_error(self):
        """All of it, once the program has ended."""
        text = b""
        while data := os.read(self.errors, 65536):
            text += data
        return text.decode()

    def kill(self, number):
        os.kill(self.id, number)

    def has_ended(self):
        self.look()
        return self.has_ended_unseen()

    def has_ended_unseen(self):
        """The same, while nobody reads what it writes."""
        if self.status is None:
            id, status = os.waitpid(self.id, os.WNOHANG)
            if id:
                self.status = status
        return self.status is not None

    def waits_for_end(self):
        """The exit code."""
        wait_until(self.has_ended, "the client ends")
        self.look()
        return os.waitstatus_to_exitcode(self.status)

    def leave(self):
        if self.status is None:
            self.kill(signal.SIGKILL)
            os.waitpid(self.id, 0)
        os.close(self.terminal)
        os.close(self.errors)
