"""What the interop tests share: servers as processes, browsers, deadlines, and the rule for missing tools."""

import os
import pathlib
import select
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUNDLE = pathlib.Path(os.environ.get("INTEROP_BUNDLE", ROOT / ".build-tests" / "bundle"))
SCRATCH = pathlib.Path(os.environ.get("INTEROP_SCRATCH", ROOT / ".build-tests" / "scratch"))
DEADLINE = float(os.environ.get("INTEROP_DEADLINE", "20"))

# The machine's proxy and certificate settings are not for servers on the loopback address.
for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
    os.environ.pop(name, None)


def need(condition, reason):
    """A missing tool is a skip on a developer's machine and a failure in CI."""
    if condition:
        return
    if os.environ.get("CI") == "true":
        raise AssertionError(f"CI must have it: {reason}")
    raise unittest.SkipTest(reason)


def wait_until(condition, what, deadline=DEADLINE):
    """The first true value of `condition`. Polls, since what it watches is in another process."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what}")
        time.sleep(0.01)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=DEADLINE) as response:
        return response.read()


class Process:
    """A program of this package, with its output in a file under SCRATCH."""

    def __init__(self, variable, default, arguments):
        command = shlex.split(os.environ.get(variable, str(ROOT / ".build" / "release" / default)))
        if not shutil.which(command[0]):
            raise AssertionError(f"{command[0]} is not built (swift build -c release --product {default})")
        SCRATCH.mkdir(parents=True, exist_ok=True)
        self.log = tempfile.NamedTemporaryFile("w+b", dir=SCRATCH, prefix=f"{default}-", suffix=".log", delete=False)
        self.process = subprocess.Popen(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=self.log, start_new_session=True
        )

    def read_line(self):
        end = time.monotonic() + DEADLINE
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            byte = os.read(self.process.stdout.fileno(), 1) if ready else b""
            if not byte:
                raise AssertionError(f"no line from the server ({self.ending()}); log: {self.log.name}")
            line += byte
        return line.decode()

    def ending(self):
        code = self.process.poll()
        return "still running" if code is None else f"ended with {code}"

    def kill(self):
        """Ends it hard, as a crash would."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE)
        self.process.stdout.close()
        self.log.close()


class Server(Process):
    """`interop-server`, ready to be connected to."""

    def __init__(self, port=0, **options):
        arguments = ["--port", str(port), "--page", str(HERE / "page.html"), "--bundle", str(BUNDLE)]
        for name, value in options.items():
            arguments += [f"--{name.replace('_', '-')}", str(value)]
        super().__init__("INTEROP_SERVER", "interop-server", arguments)
        try:
            line = self.read_line()
            assert line.startswith("listening on "), line
            self.port = int(line.split()[-1])
        except BaseException:
            self.kill()
            raise
        self.url = f"http://127.0.0.1:{self.port}"

    def assert_alive(self, test):
        test.assertIsNone(self.process.poll(), f"the server {self.ending()}; log: {self.log.name}")


class Chat(Process):
    """The `chat` example. Its greeting is for people, so readiness is an answer to GET /."""

    password = "interop secret"

    def __init__(self):
        self.port = free_port()
        arguments = ["--port", str(self.port), "--host", "127.0.0.1", "--client-bundle", str(BUNDLE)]
        super().__init__("CHAT_SERVER", "chat", [*arguments, "--admin-password", self.password])
        self.url = f"http://127.0.0.1:{self.port}"

        def answers():
            if self.process.poll() is not None:
                raise AssertionError(f"chat {self.ending()}; log: {self.log.name}")
            try:
                return get(self.url + "/")
            except OSError:
                return None

        try:
            wait_until(answers, "chat answers GET /")
        except BaseException:
            self.kill()
            raise


def open_browser():
    from selenium import webdriver

    binary = next((path for path in map(shutil.which, ("chromium", "google-chrome", "chromium-browser")) if path), None)
    driver = shutil.which("chromedriver")
    need(binary and driver, "no chromium or chromedriver (apt-get install chromium chromium-driver)")
    need((BUNDLE / "socket.io.min.js").exists(), f"no client bundle in {BUNDLE} (Tests/run fetches it)")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-background-timer-throttling",
        "--window-size=1100,760",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # The path is given, so that Selenium never looks for a driver to download.
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    browser.set_script_timeout(DEADLINE)
    browser.set_page_load_timeout(DEADLINE)
    return browser
