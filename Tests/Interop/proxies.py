"""HAProxy and Caddy with the configuration that BehindAProxy.md shows, and nginx as it is without that."""

import os
import re
import shutil

from harness import ROOT, Nginx, Proxy, certificate, free_port, need, scratch_folder

ARTICLE = ROOT / "Sources" / "SocketIO" / "SocketIO.docc" / "BehindAProxy.md"


def shown(heading):
    """The first code under a heading of the article."""
    part = ARTICLE.read_text().split(f"\n## {heading}\n", 1)[1]
    return re.search(r"^```\n(.*?)^```$", part, re.M | re.S)[1]


def replaced(text, replacements):
    for old, new in replacements.items():
        assert old in text, f"{old} is not in {text}"
        text = text.replace(old, new)
    return text


class HAProxy(Proxy):
    # It asks the servers from an address of its own, so that its clients on this machine are not trusted, too.
    address = "127.0.0.2"

    def __init__(self, ports, **changes):
        program = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
        need(program, "no haproxy (apt-get install haproxy)")
        folder, port = scratch_folder("haproxy-"), free_port()
        pem = folder / "chain-and-key.pem"
        with open(certificate().chain) as chain, open(certificate().key) as key:
            pem.write_text(chain.read() + key.read())
        text = replaced(shown("HAProxy"), {
            "bind :443": f"bind 127.0.0.1:{port}", "chain-and-key.pem": str(pem),
            "127.0.0.1:3000": f"127.0.0.1:{ports[0]}", "127.0.0.1:3001": f"127.0.0.1:{ports[-1]}",
            **changes,
        })
        (folder / "haproxy.cfg").write_text(f"{text}    source {self.address}\n")
        self.start([program, "-db", "-f", str(folder / "haproxy.cfg")], folder, port)


class Caddy(Proxy):
    address = "127.0.0.1"

    def __init__(self, ports):
        program = shutil.which("caddy")
        need(program, "no caddy (apt-get install caddy)")
        folder, port = scratch_folder("caddy-"), free_port()
        text = replaced(shown("Caddy"), {
            "chat.example": f"https://127.0.0.1:{port}",
            "chain.pem key.pem": f"{certificate().chain} {certificate().key}",
            "127.0.0.1:3000": f"127.0.0.1:{ports[0]}", "127.0.0.1:3001": f"127.0.0.1:{ports[-1]}",
        })
        options = "{\n    admin off\n    auto_https disable_redirects\n    default_sni localhost\n}\n"
        (folder / "Caddyfile").write_text(options + text)
        self.start(
            [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"], folder, port,
            env={**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)},
        )


class NginxThatBuffers(Nginx):
    """What `proxy_pass` does without a word more: HTTP/1.0 towards the server, and whole answers."""

    configuration = replaced(Nginx.configuration, {
        "proxy_http_version 1.1;": "proxy_http_version 1.0;", "proxy_set_header Upgrade $http_upgrade;": "",
        "proxy_set_header Connection $connection_upgrade;": "", "proxy_buffering off;": "proxy_buffering on;",
        "keepalive 16;": "",
    })


class NginxBelowAPath(Nginx):
    """It takes `/chat` off what it passes on."""

    configuration = replaced(Nginx.configuration, {"location / {": "location /chat/ {", "http://server;": "http://server/;"})
