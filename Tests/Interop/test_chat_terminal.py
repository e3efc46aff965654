"""`chat-client` on a terminal, as somebody who types sees it."""

import os
import shlex
import signal
import termios
import time
import unittest

from harness import DEADLINE, Chat, StandInChat, free_port, wait_until
from terminal import CLIENT, Person

LEFT, RIGHT, UP, HOME, END, DELETE, BACKSPACE = (
    b"\x1b[D", b"\x1b[C", b"\x1b[A", b"\x1b[H", b"\x1bOF", b"\x1b[3~", b"\x7f",
)


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
        ida.waits_for_row("connecting to the chat as ida; /help lists what there is")
        ida.waits_for_prompt("> ")
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

    def test_says_that_it_connects_and_why_it_cannot(self):
        kim = Person(self, f"http://127.0.0.1:{free_port()}", "--name", "kim", width=200)
        kim.waits_for_row("connecting to the chat as kim")
        self.assertRegex(kim.waits_for_row("-- cannot connect: "), "127.0.0.1:[0-9]+.*; trying again")

    def test_the_end_of_input_ends_it_while_it_connects(self):
        lea = Person(self, f"http://127.0.0.1:{free_port()}", "--name", "lea", width=200)
        lea.waits_for_row("connecting")
        lea.type(b"\x04")
        self.assertEqual(lea.waits_for_end(), 0)
        self.assertEqual(termios.tcgetattr(lea.terminal), lea.settings)

    def test_ctrl_c_ends_it_after_the_end_of_input(self):
        max = Person(self, f"http://127.0.0.1:{free_port()}", "--name", "max", width=200)
        max.waits_for_row("connecting")
        max.type(b"never sent\r\x04")
        max.waits_for_row("-- leaving once all is sent")
        max.type(b"\x03")
        self.assertEqual(max.waits_for_end(), 1)
        self.assertEqual(termios.tcgetattr(max.terminal), max.settings)
        self.assertEqual(max.said_to_standard_error(), "chat-client: 1 line was not sent\n")

    def test_keeps_what_is_typed_while_the_server_is_away(self):
        chat = Chat()
        self.addCleanup(lambda: chat.kill())
        ned = Person(self, chat.url, "--name", "ned", "--room", "away")
        ned.waits_for_prompt("away> ")
        chat.kill()
        ned.waits_for_row("connection lost")
        ned.type("one\rtwo\r/who\rhalf")
        ned.waits_for_row("-- kept until the server is there: two")
        ned.waits_for("-- here: ned", "away> half")
        chat = Chat(chat.port)
        ned.waits_for("ned: one", "ned: two", "away> half")

    def test_every_signal_that_ends_it_leaves_the_terminal_as_it_was(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT):
            with self.subTest(number.name):
                ola = self.enter(f"ola{number}", "signals")
                self.assertTrue(ola.is_raw)
                ola.kill(number)
                self.assertEqual(ola.waits_for_end(), 0 if number == signal.SIGINT else 128 + number)
                self.assertEqual(termios.tcgetattr(ola.terminal), ola.settings)

    def test_finds_its_terminal_again_after_it_was_stopped(self):
        pia = self.enter("pia", "stopped")
        pia.type("half")
        pia.waits_for("stopped> half")
        pia.kill(signal.SIGSTOP)
        os.waitpid(pia.id, os.WUNTRACED)
        # As a shell does, whose turn it is.
        termios.tcsetattr(pia.terminal, termios.TCSANOW, pia.settings)
        pia.kill(signal.SIGCONT)
        wait_until(lambda: pia.is_raw, "the terminal gives keys again")
        pia.type(" and half\r")
        pia.waits_for("pia: half and half", "stopped> ")
        pia.type(b"\x04")
        self.assertEqual(pia.waits_for_end(), 0)
        self.assertEqual(termios.tcgetattr(pia.terminal), pia.settings)

    def test_a_signal_that_ends_it_while_it_is_stopped_leaves_the_terminal_as_it_was(self):
        for number in range(10):
            with self.subTest(number):
                rik = self.enter(f"rik{number}", "stopped")
                rik.kill(signal.SIGSTOP)
                os.waitpid(rik.id, os.WUNTRACED)
                rik.kill(signal.SIGTERM)
                rik.kill(signal.SIGCONT)
                self.assertEqual(rik.waits_for_end(), 128 + signal.SIGTERM)
                self.assertEqual(termios.tcgetattr(rik.terminal), rik.settings)

    def test_ctrl_z_gives_the_terminal_to_the_shell(self):
        shell = Person(
            self, "--norc", "--noprofile", "--noediting", "-i", program=["/bin/bash"], width=200, tells_errors_apart=False
        )
        shell.type("PS1='$ '\n")
        shell.type(shlex.join([*CLIENT, self.chat.url, "--name", "quin", "--room", "jobs"]) + "\n")
        shell.waits_for_prompt("jobs> ")
        shell.type(b"half\x1a")
        shell.waits_for_prompt("$ ")
        self.assertFalse(shell.is_raw)
        shell.type("fg\n")
        shell.waits_for_prompt("jobs> half")
        shell.type("\r")
        shell.waits_for("quin: half", "jobs> ")
        shell.type("/quit\r")
        shell.waits_for_prompt("$ ")
        self.assertFalse(shell.is_raw)

    def test_a_room_whose_name_is_wider_than_the_screen(self):
        room = "a room with a name of forty characters x"
        rob = Person(self, self.chat.url, "--name", "rob", "--room", room, width=30)
        rob.waits_for_prompt("a room with …> ")
        rows = len(rob.screen.rows)
        rob.type("some words that need more room")
        rob.waits_for_prompt("a room with …> need more room")
        self.assertEqual(len(rob.screen.rows), rows)

    def test_a_name_with_spaces_can_be_written_to(self):
        sue, tom = self.enter("sue", "private"), self.enter("Tom of Finland", "private")
        sue.type('/msg "Tom of Finland" psst\r')
        tom.waits_for("[from sue] psst", "private> ")
        sue.waits_for("[to Tom of Finland] psst", "private> ")

    def test_a_long_paste_is_not_lost(self):
        uma = self.enter("uma", "paste", width=40)
        text = "".join(f"{number:04}." for number in range(2000))
        uma.type(text + "\r")
        # It is more than the server takes, which says so; the line is there again, to be shortened.
        uma.waits_for_row("-- A message has at most")
        uma.waits_for_prompt("paste> " + text[-32:])
        uma.type(BACKSPACE * 8001 + b"\r")
        wait_until(lambda: uma.look() or "uma: 0000.0001" in "\n".join(uma.screen.text), "the shorter one")
        uma.waits_for_prompt("paste> ")

    def test_more_than_a_line_holds_is_told(self):
        vic = self.enter("vic", "paste", width=80)
        vic.type("x" * 33000)
        vic.waits_for_row("-- a line has 32768 bytes at most")
        self.assertEqual(sum("at most" in row for row in vic.screen.text), 1)

    def test_wide_characters_move_the_cursor_as_the_terminal_does(self):
        wim = self.enter("wim", "wide")
        wim.type("a👩‍👩‍👧漢🇳🇱e\u0301❤️z" + LEFT.decode() * 3)
        wim.type("|")
        wim.waits_for("wide> a👩‍👩‍👧漢🇳🇱|e\u0301❤️z")
        wim.type(LEFT * 3 + b"|")
        wim.waits_for("wide> a👩‍👩‍👧|漢🇳🇱|e\u0301❤️z")
        self.assertEqual(wim.screen.column, len("wide> a") + 6 + 1)

    def test_a_terminal_that_knows_no_escapes_gets_none(self):
        for kind in ("dumb", ""):
            with self.subTest(kind):
                xia = Person(self, self.chat.url, "--name", "xia", "--room", "plain", kind=kind)
                xia.waits_for_row("-- plain: xia")
                xia.type("hello\n")
                xia.waits_for_row("xia: hello")
                self.assertFalse(xia.is_raw)
                xia.type(b"\x04")
                self.assertEqual(xia.waits_for_end(), 0)
                self.assertNotIn(b"\x1b", xia.screen.bytes)
                self.assertEqual(termios.tcgetattr(xia.terminal), xia.settings)

    def test_a_pipe_behind_it_gets_no_escapes(self):
        # What `chat-client | tee` is for it: keys from a terminal, and a pipe.
        yan = Person(
            self, "-c", shlex.join([*CLIENT, self.chat.url, "--name", "yan", "--room", "tee"]) + " | cat",
            program=["/bin/sh"],
        )
        yan.waits_for_row("-- tee: yan")
        yan.type("hello\n/quit\n")
        yan.waits_for_row("yan: hello")
        self.assertEqual(yan.waits_for_end(), 0)
        self.assertNotIn(b"\x1b", yan.screen.bytes)
        self.assertEqual(termios.tcgetattr(yan.terminal), yan.settings)

    def test_a_pipe_that_breaks_leaves_the_terminal_as_it_was(self):
        # The first line ends `head`, the second one finds nobody.
        zoe = Person(
            self, "-c", "{ " + shlex.join([*CLIENT, self.chat.url, "--name", "zoe", "--room", "broken"])
            + "; echo code $? >&2; } | head -n 1", program=["/bin/sh"],
        )
        zoe.waits_for_row("connecting")
        wait_until(lambda: zoe.has_ended() or zoe.type("more\n"), "it ends")
        self.assertEqual(zoe.said_to_standard_error(), "chat-client: the output is closed\ncode 1\n")
        self.assertEqual(termios.tcgetattr(zoe.terminal), zoe.settings)


class AStandInServer(unittest.TestCase):
    """What a server does that is not ours, or has an administrator."""

    def enter(self, name, room, **options):
        self.chat = StandInChat()
        self.addCleanup(self.chat.kill)
        person = Person(self, self.chat.url, "--name", name, "--room", room, **options)
        person.waits_for_prompt(f"{room}> ")
        return person

    def test_one_who_is_put_out_is_told_and_can_come_back(self):
        ann = self.enter("ann", "out")
        ann.type("put me out\r")
        ann.waits_for_row("-- Go away.")
        ann.waits_for_row("-- the server has put you out")
        ann.type("/help\r")
        ann.waits_for_row("/join ROOM")
        ann.type("later\r/connect\r")
        ann.waits_for("ann: later", "out> ")

    def test_one_who_is_put_out_can_leave(self):
        bea = self.enter("bea", "out")
        bea.type("put me out\r")
        bea.waits_for_row("-- the server has put you out")
        bea.type("never sent\r/quit\r")
        self.assertEqual(bea.waits_for_end(), 1)
        self.assertEqual(termios.tcgetattr(bea.terminal), bea.settings)

    def test_what_the_server_says_is_no_instruction_to_the_terminal(self):
        cas = self.enter("cas", "rude", width=200)
        for told, words in (("refuse", "-- "), ("be rude", "cas: "), ("/join closed", "-- ")):
            cas.type(told + "\r")
            cas.waits_for_row(words + "[2J[1;1Hgone  2Kabc]0;titleend")
            if words == "-- ":
                # The refused line is there to be changed.
                cas.waits_for_prompt(f"rude> {told}")
                cas.type(b"\x15")
            cas.waits_for_prompt("rude> ")
        cas.type("/quit\r")
        self.assertEqual(cas.waits_for_end(), 0)

    def test_a_refused_line_is_shown_where_something_else_is_typed(self):
        col = self.enter("col", "rude", width=200)
        col.type("refuse\rhalf")
        col.waits_for("-- not sent: refuse", "rude> half")

    def test_one_who_is_refused_hears_why_and_can_take_another_name(self):
        self.chat = StandInChat()
        self.addCleanup(self.chat.kill)
        dov = Person(self, self.chat.url, "--name", "mallory", "--room", "rude", width=200)
        dov.waits_for_row("-- [2J[1;1Hgone  2Kabc]0;titleend")
        dov.type("/nick dov\r")
        dov.waits_for("-- rude: dov", "rude> ")

    def test_one_who_is_refused_on_the_way_back_hears_it(self):
        ira = self.enter("ira", "back")
        ira.type("do not let me back\r")
        ira.waits_for_row("-- connection lost: ")
        ira.waits_for_row("-- Not you.")
        ira.type("later\r/nick isa\r")
        ira.waits_for("isa: later", "back> ")

    def test_what_comes_too_soon_is_sent_later(self):
        eli = self.enter("eli", "soon")
        eli.type("too soon\rlater\r")
        eli.waits_for_row("-- Not so fast. It is sent then.")
        eli.waits_for("eli: too soon", "eli: later", "soon> ")

    def test_a_server_that_does_not_answer_holds_nobody(self):
        fin = self.enter("fin", "silence")
        fin.type("silence\rnever sent\r")
        self.assertEqual(self.chat.was_told(), "silence")
        fin.type("/who\r")
        fin.waits_for("-- here: fin", "silence> ")
        fin.type(b"\x03")
        self.assertEqual(fin.waits_for_end(), 1)
        self.assertEqual(fin.said_to_standard_error(), "chat-client: 2 lines were not sent\n")

    def test_a_terminal_that_stands_still_holds_nobody(self):
        for name, leave in (("gil", lambda gil: os.write(gil.terminal, b"\x03\x03")), ("hana", lambda hana: hana.kill(signal.SIGTERM))):
            with self.subTest(name):
                person = self.enter(name, "flood")
                os.write(person.terminal, b"flood\r")
                self.assertEqual(self.chat.was_told(), "flood")
                self.assertEqual(self.chat.was_told(), "all of it")
                # Nobody has read any of it: what is written to the terminal waits, and so does who writes.
                leave(person)
                wait_until(person.has_ended_unseen, "it ends")
                self.assertFalse(person.is_raw)


if __name__ == "__main__":
    unittest.main()
