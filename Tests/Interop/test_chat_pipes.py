"""`chat-client` in a script: lines through a pipe, an exit code, and words for whoever looks at standard error."""

import os
import subprocess
import unittest

from harness import DEADLINE, Chat, StandInChat, free_port
from terminal import CLIENT


def run(*arguments, input="", **options):
    """What it says, what it complains of, its exit code."""
    ended = subprocess.run(
        [*CLIENT, *arguments], input=input, capture_output=True, text=True, timeout=2 * DEADLINE, **options
    )
    return ended.stdout, ended.stderr, ended.returncode


class ChatInAPipeline(unittest.TestCase):
    def stand_in(self):
        chat = StandInChat()
        self.addCleanup(chat.kill)
        return chat

    def test_a_wrong_command_line_is_told_to_standard_error(self):
        out, errors, code = run("--colour")
        self.assertEqual((out, code), ("", 2))
        self.assertTrue(errors.startswith("unknown option '--colour'\n\nusage: chat-client"), errors)

    def test_help_is_no_error(self):
        out, errors, code = run("--help")
        self.assertTrue(out.startswith("usage: chat-client"), out)
        self.assertEqual((errors, code), ("", 0))

    def test_no_server_is_an_error_after_a_while(self):
        url = f"http://127.0.0.1:{free_port()}"
        out, errors, code = run(url, "--name", "ada", input="hi\n")
        self.assertEqual(out, "connecting to the chat as ada; /help lists what there is\n")
        self.assertRegex(errors, "^-- cannot connect: .*; trying again\nchat-client: .*; 1 line was not sent\n$")
        self.assertEqual(code, 1)

    def test_an_address_that_can_never_work_is_an_error_at_once(self):
        for url in ("htp://127.0.0.1", "http://127.0.0.1:1/path"):
            out, errors, code = run(url, "--name", "ada", input="hi\n")
            self.assertRegex(errors, f"^chat-client: the URL {url} .*; 1 line was not sent\n$")
            self.assertEqual(code, 1)

    def test_lines_are_said_in_order_and_the_exit_code_says_so(self):
        chat = Chat()
        self.addCleanup(chat.kill)
        out, errors, code = run(chat.url, "--name", "ada", "--room", "in order", input="one\n/nick bob\ntwo\nthree")
        self.assertEqual((errors, code), ("", 0))
        lines = [line for line in out.splitlines() if ": " in line and not line.startswith("--")]
        self.assertEqual(lines, ["ada: one", "bob: two", "bob: three"])

    def test_thousands_of_lines_lose_none(self):
        chat = self.stand_in()
        lines = [f"line {number}" for number in range(3000)]
        out, errors, code = run(chat.url, "--name", "ada", input="\n".join(lines))
        self.assertEqual((errors, code), ("", 0))
        self.assertEqual([line for line in out.splitlines() if line.startswith("ada: ")], [f"ada: {l}" for l in lines])
        self.assertEqual([chat.was_told() for _ in lines], lines)

    def test_what_comes_too_soon_is_sent_later(self):
        chat = self.stand_in()
        out, errors, code = run(chat.url, "--name", "ada", input="too soon\nlater\n")
        self.assertEqual((errors, code), ("", 0))
        self.assertEqual([chat.was_told(), chat.was_told()], ["too soon", "later"])

    def test_what_always_comes_too_soon_is_a_failure_and_holds_nothing_up(self):
        chat = self.stand_in()
        out, errors, code = run(chat.url, "--name", "ada", input="never\nlater\n")
        self.assertEqual(errors, "-- Not so fast. (asked 20 times)\nchat-client: not everything was sent\n")
        self.assertEqual([chat.was_told(), code], ["later", 1])

    def test_a_line_that_the_server_refuses_is_a_failure(self):
        chat = self.stand_in()
        out, errors, code = run(chat.url, "--name", "ada", input="refuse\nlater\n")
        self.assertEqual(errors, "-- [2J[1;1Hgone  2Kabc]0;titleend\nchat-client: not everything was sent\n")
        self.assertEqual([chat.was_told(), chat.was_told(), code], ["refuse", "later", 1])

    def test_a_command_that_there_is_not_is_a_failure(self):
        out, errors, code = run(self.stand_in().url, "--name", "ada", input="/dance\nlater\n")
        self.assertTrue(errors.startswith("-- there is no /dance: "), errors)
        self.assertEqual(code, 1)

    def test_a_line_without_end_is_left_out_and_a_failure(self):
        chat = self.stand_in()
        out, errors, code = run(chat.url, "--name", "ada", input="x" * 10_000_000 + "\nlater\n")
        self.assertEqual(errors, "-- a line of more than 65536 bytes was left out\nchat-client: not everything was sent\n")
        self.assertEqual([chat.was_told(), code], ["later", 1])

    def test_a_room_or_a_name_that_the_server_refuses_is_a_failure(self):
        chat = self.stand_in()
        words = "[2J[1;1Hgone  2Kabc]0;titleend"
        out, errors, code = run(chat.url, "--name", "ada", "--room", "closed", input="hi\n")
        self.assertEqual(errors, f"chat-client: cannot enter closed: {words}; 1 line was not sent\n")
        self.assertEqual(code, 1)
        out, errors, code = run(chat.url, "--name", "mallory", input="hi\n")
        self.assertEqual(errors, f"chat-client: {words}; 1 line was not sent\n")
        self.assertEqual(code, 1)

    def test_one_who_is_put_out_fails(self):
        chat = self.stand_in()
        out, errors, code = run(chat.url, "--name", "ada", input="put me out\nnever sent\nneither\n")
        self.assertIn("-- Go away.\n", errors)
        self.assertRegex(errors, "chat-client: the server has put us out; [23] lines were not sent\n$")
        self.assertEqual(code, 1)

    def test_a_reader_that_is_gone_ends_it(self):
        chat = self.stand_in()
        client = subprocess.Popen(
            [*CLIENT, chat.url, "--name", "ada"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        client.stdout.close()
        self.assertEqual(client.wait(DEADLINE), 1)
        self.assertEqual(client.stderr.read(), b"chat-client: the output is closed\n")
        client.stdin.close()
        client.stderr.close()


if __name__ == "__main__":
    unittest.main()
