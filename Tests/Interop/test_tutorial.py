"""The tutorial as its readers have it at the end: server and page out of the article, in Chromium."""

import json
import os
import pathlib
import re
import subprocess
import unittest

from harness import BUNDLE, ROOT, Process, free_port, get, open_browser, scratch_folder, wait_until

ARTICLE = ROOT / "Sources" / "SocketIO" / "SocketIO.docc" / "GettingStarted.md"
# What `swift build` has built, without the libraries that it would put the objects into.
BUILD = pathlib.Path(os.environ.get("INTEROP_BUILD", ROOT / ".build" / "release"))
MODULES = ("SocketIO", "EngineIO", "SocketIOEvents", "NetLoop", "SocketIOWire")


def last_block(language, beginning):
    """The last piece of code of the article that begins so."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", ARTICLE.read_text(), re.M | re.S)
    return [block for block in blocks if block.startswith(beginning)][-1]


def replaced(text, old, new):
    assert text.count(old) == 1, f"{old!r} is not once in the tutorial"
    return text.replace(old, new)


def objects_of(module):
    """One for each source that there is: the folder may have more, of sources that are gone."""
    files = json.loads((BUILD / f"{module}.build" / "output-file-map.json").read_text())
    return [of["object"] for source, of in files.items() if source and "object" in of]


class Tutorial(Process):
    """The article's last program, on a port of ours and with a client that needs no CDN."""

    def __init__(self, folder, port):
        super().__init__("TUTORIAL_SERVER", str(folder / "tutorial"), [], folder=folder)
        self.url = f"http://127.0.0.1:{port}"

        def answers():
            assert self.process.poll() is None, f"the tutorial {self.ending()}; log: {self.log.name}"
            try:
                return get(self.url + "/")
            except OSError:
                return None

        wait_until(answers, "the tutorial's server answers")

    @staticmethod
    def build(port):
        folder = scratch_folder("tutorial-")
        program = last_block("swift", "import Foundation")
        program = replaced(program, "port: 3000", f"port: {port}")
        program = replaced(
            program, "let io = SocketIOServer()\n",
            f'let io = SocketIOServer()\nio.configuration.clientBundle = .folder("{BUNDLE}")\n')
        (folder / "main.swift").write_text(program)
        (folder / "public").mkdir()
        (folder / "public" / "index.html").write_text(last_block("html", "<!DOCTYPE html>"))
        objects = [path for module in MODULES for path in objects_of(module)]
        subprocess.run(
            ["swiftc", "-swift-version", "6", "-I", BUILD / "Modules", "-I", ROOT / "Sources" / "CLinux", "main.swift",
             *objects, "-o", "tutorial"],
            cwd=folder, check=True)
        return folder


class TutorialInChromium(unittest.TestCase):
    def setUp(self):
        self.port = free_port()
        self.folder = Tutorial.build(self.port)
        self.start()
        self.addCleanup(lambda: self.server.kill())
        self.browser = open_browser()
        self.addCleanup(self.browser.quit)

    def start(self):
        self.server = Tutorial(self.folder, self.port)

    def open_page(self):
        self.browser.switch_to.new_window("tab")
        self.browser.get(self.server.url)
        wait_until(lambda: self.browser.execute_script("return socket.connected"), "the page is connected")
        return self.browser.current_window_handle

    def write(self, page, text):
        self.browser.switch_to.window(page)
        self.browser.execute_script("input.value = arguments[0]; form.requestSubmit();", text)

    def lines(self, page):
        self.browser.switch_to.window(page)
        return self.browser.execute_script("return [...document.querySelectorAll('li')].map((item) => item.textContent)")

    def wait_for_lines(self, page, expected):
        wait_until(lambda: self.lines(page) == expected, f"{expected} in the page, which has {self.lines(page)}")

    def test_nothing_is_lost_or_repeated(self):
        ada, bob = self.open_page(), self.open_page()
        self.write(ada, "one")
        self.write(bob, "two")
        for page in (ada, bob):
            wait_until(lambda: len(self.lines(page)) == 2, "both lines are in both pages")
        first = self.lines(ada)
        self.assertEqual(self.lines(bob), first)
        # Who comes later has all of it.
        self.wait_for_lines(self.open_page(), first)

        self.server.kill()
        self.browser.switch_to.window(ada)
        wait_until(lambda: not self.browser.execute_script("return socket.connected"), "the page is offline")
        self.write(ada, "three")
        self.write(ada, "four")
        self.start()
        for page in (ada, bob):
            self.wait_for_lines(page, [*first, "three", "four"])


if __name__ == "__main__":
    unittest.main()
