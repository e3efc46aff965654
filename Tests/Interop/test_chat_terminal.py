"""`chat-client` on a terminal, as somebody who types sees it."""

import fcntl
import os
import pty
import re
import select
import shlex
import signal
import struct
import termios
import time
import unittest
import unicodedata

from harness import DEADLINE, ROOT, Chat, free_port, wait_until

LEFT, RIGHT, UP, HOME, END, DELETE, BACKSPACE = (
    b"\x1b[D", b"\x1b[C", b"\x1b[A", b"\x1b[H", b"\x1bOF", b"\x1b[3~", b"\x7f",
)


class Screen:
    """As much of a terminal as is used: rows, a cursor, CR, LF, erasing to the end of a row, and moving to the left."""

    def __init__(self, width):
        self.width, self.rows, self.column, self.unread = width, [[]], 0, b""

    def feed(self, data):
        data = self.unread + data
        # The end may be in the middle of a character.
        for cut in range(4):
            try:
                text, self.unread = data[: len(data) - cut].decode(), data[len(data) - cut :]
                break
            except UnicodeDecodeError:
                continue
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
        elif unicodedata.combining(piece) or piece in "\u200d\ufe0f":
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

    def __init__(self, test, *arguments, width=60):
        command = shlex.split(os.environ.get("CHAT_CLIENT", str(ROOT / ".build" / "release" / "chat-client")))
        self.id, self.terminal = pty.fork()
        if self.id == 0:
            try:
                os.execv(command[0], [*command, *arguments])
            finally:
                os._exit(127)
        self.screen = Screen(width)
        self.status = None
        self.resize(width)
        self.settings = termios.tcgetattr(self.terminal)
        test.addCleanup(self.leave)

    def resize(self, width):
        self.screen.width = width
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))

    def type(self, keys):
        os.write(self.terminal, keys.encode() if isinstance(keys, str) else keys)

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

    def waits_for_end(self):
        """The exit code."""

        def ended():
            self.look()
            id, status = os.waitpid(self.id, os.WNOHANG)
            if id:
                self.status = status
            return id

        wait_until(ended, "the client ends")
        self.look()
        return os.waitstatus_to_exitcode(self.status)

    def leave(self):
        if self.status is None:
            os.kill(self.id, signal.SIGKILL)
            os.waitpid(self.id, 0)
        os.close(self.terminal)


class ChatOnATerminal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.chat = Chat()
        cls.addClassCleanup(cls.chat.kill)

    def enter(self, name, room, **options):
        person = Person(self, self.chat.url, "--name", name, "--room", room, **options)
        person.waits_for_prompt(f"{room}> ")
        return person

    def test_what_comes_in_leaves_what_is_typed_alone(self):
        ada, bob = self.enter("ada", "typing"), self.enter("bob", "typing")
        ada.waits_for("-- bob is here", "typing> ")
        ada.type("I was ab")
        ada.waits_for("typing> I was ab")
        for number in range(3):
            bob.type(f"line {number}\r")
            ada.waits_for(f"bob: line {number}", "typing> I was ab")
        ada.type("out to say\r")
        for person in (ada, bob):
            person.waits_for("ada: I was about to say", "typing> ")

    def test_keys(self):
        cyd = self.enter("cyd", "keys")
        cyd.type("añ漢👩‍👩‍👧x")
        cyd.waits_for("keys> añ漢👩‍👩‍👧x")
        cyd.type(BACKSPACE + BACKSPACE)
        cyd.waits_for("keys> añ漢")
        cyd.type(LEFT + LEFT + b"-" + HOME + b"<" + END + b">" + UP + RIGHT)
        cyd.waits_for("keys> <a-ñ漢>")
        cyd.type(HOME + DELETE + b"\x0b")
        cyd.waits_for("keys> ")
        cyd.type("e\u0301\x7fone two\x15three\x1b[1;5Dx\x1bOAy\r")
        cyd.waits_for("cyd: threxye", "keys> ")
        # Half a character, and bytes that are none.
        for byte in "é".encode():
            cyd.type(bytes([byte]))
            time.sleep(0.05)
        cyd.type(b"\xff\xff\xff\xff" + b"!\r")
        cyd.waits_for("cyd: é!", "keys> ")

    def test_a_line_longer_than_the_window_stays_in_its_row(self):
        dan = self.enter("dan", "wide", width=40)
        text = "".join(f"{number:03}." for number in range(40))
        dan.type(text)
        dan.waits_for("wide> " + text[-33:])
        rows = len(dan.screen.rows)
        dan.resize(25)
        # What the terminal itself does to a row that is too long now is its own business.
        dan.waits_for("wide> " + text[-18:])
        dan.type(LEFT * 4)
        dan.type("漢")
        dan.waits_for("wide> " + text[-20:-4] + "漢")
        self.assertEqual(len(dan.screen.rows), rows)
        dan.resize(400)
        dan.type("\r")
        dan.waits_for(f"dan: {text[:-4]}漢{text[-4:]}", "wide> ")

    def test_ends_with_the_terminal_as_it_was(self):
        for name, keys in (("eve", b"\x03"), ("fay", b"\x04"), ("gus", b"/quit\r"), ("hal", b"typed\x03")):
            with self.subTest(name):
                person = self.enter(name, "leaving")
                self.assertNotEqual(termios.tcgetattr(person.terminal), person.settings)
                person.type(keys)
                self.assertEqual(person.waits_for_end(), 0)
                self.assertEqual(termios.tcgetattr(person.terminal), person.settings)

    def test_ctrl_c_does_not_wait_for_a_connection(self):
        ida = Person(self, f"http://127.0.0.1:{free_port()}", "--name", "ida")
        ida.waits_for("connecting to the chat as ida; /help lists what there is", "> ")
        start = time.monotonic()
        ida.type(b"\x03")
        self.assertEqual(ida.waits_for_end(), 0)
        self.assertLess(time.monotonic() - start, DEADLINE / 2)

    def test_a_lost_connection_is_told_and_made_again(self):
        chat = Chat()
        self.addCleanup(lambda: chat.kill())
        jan = Person(self, chat.url, "--name", "jan", "--room", "back")
        jan.waits_for_prompt("back> ")
        jan.type("half")
        jan.waits_for("back> half")
        port = chat.port
        chat.kill()
        wait_until(lambda: jan.look() or any("connection lost" in row for row in jan.screen.text), "the notice")
        jan.waits_for(jan.screen.text[-2], "back> half")
        chat = Chat(port)
        wait_until(lambda: jan.look() or any("connected again" in row for row in jan.screen.text), "the other notice")
        jan.waits_for("-- back: jan", "back> half")


if __name__ == "__main__":
    unittest.main()
