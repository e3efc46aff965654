"""What the interop tests share: servers as processes, browsers, deadlines, and the rule for missing tools."""

import contextlib
import functools
import json
import os
import pathlib
import random
import re
import select
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import types
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
    """Below those that the system gives to connections: one might have it by the time that it is listened on."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", random.randrange(20_000, 32_000)))
            return probe.getsockname()[1]


def get(url):
    context = ssl.create_default_context(cafile=certificate().chain) if url.startswith("https:") else None
    with urllib.request.urlopen(url, timeout=DEADLINE, context=context) as response:
        return response.read()


@functools.cache
def certificate():
    """A certificate for this machine, signed by itself, so that it is the root to trust as well."""
    need(shutil.which("openssl"), "no openssl command to make a certificate with")
    folder = scratch_folder("certificate-")
    found = types.SimpleNamespace(chain=str(folder / "chain.pem"), key=str(folder / "key.pem"))
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-keyout", found.key, "-out", found.chain, "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ],
        check=True, capture_output=True,
    )
    return found


def scratch_folder(prefix):
    SCRATCH.mkdir(parents=True, exist_ok=True)
    return pathlib.Path(tempfile.mkdtemp(dir=SCRATCH, prefix=prefix))


class Process:
    """A program of this package, with its output in a file under SCRATCH."""

    def __init__(self, variable, default, arguments, folder=None, variables={}, stdin=None):
        command = shlex.split(os.environ.get(variable, str(ROOT / ".build" / "release" / default)))
        if not shutil.which(command[0]):
            raise AssertionError(f"{command[0]} is not built (swift build -c release --product {default})")
        SCRATCH.mkdir(parents=True, exist_ok=True)
        name = pathlib.Path(default).name
        self.log = tempfile.NamedTemporaryFile("w+b", dir=SCRATCH, prefix=f"{name}-", suffix=".log", delete=False)
        self.process = subprocess.Popen(
            [*command, *arguments], stdin=stdin, stdout=subprocess.PIPE, stderr=self.log, start_new_session=True,
            cwd=folder, env={**os.environ, **variables},
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

    scheme = "http"

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
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"

    def assert_alive(self, test):
        test.assertIsNone(self.process.poll(), f"the server {self.ending()}; log: {self.log.name}")


class SecureServer(Server):
    """The same with TLS of its own."""

    scheme = "https"

    def __init__(self, **options):
        super().__init__(certificate=certificate().chain, key=certificate().key, **options)


class ServerBehindNginx(Server):
    """The same behind an nginx that ends TLS. The proxy outlives the server, for the next one on its port."""

    proxies = {}

    def __init__(self, **options):
        super().__init__(trusted_proxy=Nginx.address, **options)
        if self.port not in self.proxies:
            self.proxies[self.port] = Nginx(self.port)
        self.url = self.proxies[self.port].url


class Proxy:
    """A proxy that ends TLS in front of ports of this machine, each in turn, until the module's tests are over."""

    def start(self, command, folder, port, **options):
        log = folder / "proxy.log"
        with log.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, **options)
        unittest.addModuleCleanup(self.stop)
        self.url = f"https://127.0.0.1:{port}"

        def accepts():
            assert self.process.poll() is None, f"{command[0]} ended with {self.process.returncode}: {folder}"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return True
            except OSError:
                return False

        wait_until(accepts, f"{command[0]} accepts connections")

    def stop(self):
        self.process.terminate()
        self.process.wait(DEADLINE)


class Nginx(Proxy):
    # It asks the server from an address of its own, so that its clients on this machine are not trusted, too.
    address = "127.0.0.2"

    # With CAPITALS for what differs. BehindAProxy.md shows the server's part.
    configuration = """
        USER
        daemon off;
        worker_processes 1;
        pid FOLDER/nginx.pid;
        error_log FOLDER/error.log info;
        events { worker_connections 1024; }
        http {
            access_log off;
            client_body_temp_path FOLDER/body;
            proxy_temp_path FOLDER/proxy;
            fastcgi_temp_path FOLDER/fastcgi;
            uwsgi_temp_path FOLDER/uwsgi;
            scgi_temp_path FOLDER/scgi;
            map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
            upstream server { SERVERS keepalive 16; }
            server {
                listen 127.0.0.1:PORT ssl;
                ssl_certificate CHAIN;
                ssl_certificate_key KEY;
                client_max_body_size 2m;
                location / {
                    proxy_pass http://server;
                    proxy_http_version 1.1;
                    proxy_set_header Upgrade $http_upgrade;
                    proxy_set_header Connection $connection_upgrade;
                    proxy_set_header Host $http_host;
                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                    proxy_set_header X-Forwarded-Proto $scheme;
                    proxy_set_header X-Forwarded-Host $http_host;
                    proxy_read_timeout 60s;
                    proxy_bind ADDRESS;
                    proxy_buffering off;
                }
            }
        }
    """

    def __init__(self, *server_ports):
        program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        need(program, "no nginx (apt-get install nginx-light)")
        folder, port = scratch_folder("nginx-"), free_port()
        text = self.configuration
        for name, value in {
            "USER": "user root;" if os.geteuid() == 0 else "", "FOLDER": folder, "PORT": port,
            "SERVERS": " ".join(f"server 127.0.0.1:{each};" for each in server_ports),
            "ADDRESS": self.address, "CHAIN": certificate().chain, "KEY": certificate().key,
        }.items():
            text = re.sub(rf"\b{name}\b", str(value), text)
        (folder / "nginx.conf").write_text(text)
        self.start(
            [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")], folder, port
        )


class Chat(Process):
    """The `chat` example. Its greeting is for people, so readiness is an answer to GET /."""

    password = "interop secret"

    def __init__(self, port=None, options=("--client-bundle", str(BUNDLE))):
        self.port = port or free_port()
        arguments = ["--port", str(self.port), "--host", "127.0.0.1", *options]
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


class StandInChat:
    """`stand_in_chat.py`, which tells what it was told to say."""

    def __init__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "stand_in_chat.py"), str(self.port)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout.readline() == "ready\n"

    def was_told(self):
        return json.loads(self.process.stdout.readline())

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)
        self.process.stdout.close()


def open_browser(trusts_anybody=False, flags=(), load="normal"):
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
        *flags,
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.accept_insecure_certs = trusts_anybody
    options.page_load_strategy = load
    # The path is given, so that Selenium never looks for a driver to download.
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    browser.set_script_timeout(DEADLINE)
    browser.set_page_load_timeout(DEADLINE)
    return browser
