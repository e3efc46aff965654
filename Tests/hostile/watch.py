"""Beside an attack, in a process of its own: how long an echo takes, and what somebody meets who comes new.

Says "ready" once the first echo is back, and, when standard input ends, the worst of what it saw, as JSON.
"""

import json
import select
import sys
import threading
import time

from peers import Gone, WebSocket

port = int(sys.argv[1])
seen = {"echo": 0.0, "failure": "", "newcomer": 0.0, "came": 0, "refused": 0}
is_over = threading.Event()


def echo(first):
    try:
        for number in range(1 << 30):
            start = time.monotonic()
            try:
                first.send(f'42["echo",{number}]')
                while first.receive() != f'42["echo",{number}]':
                    pass
            finally:
                if number > 0:
                    seen["echo"] = max(seen["echo"], time.monotonic() - start)
            if number == 0:
                print("ready", flush=True)
            if is_over.wait(0.02):
                return
    except Gone as gone:
        # It would have had to wait for ever, had it not given up.
        seen["failure"] = str(gone)


def newcomers():
    while not is_over.wait(0.1):
        start = time.monotonic()
        seen["came"] += 1
        try:
            WebSocket(port).close()
        except Gone:
            seen["refused"] += 1
        seen["newcomer"] = max(seen["newcomer"], time.monotonic() - start)


threads = [threading.Thread(target=echo, args=[WebSocket(port)]), threading.Thread(target=newcomers)]
for thread in threads:
    thread.start()
sys.stdin.read()
is_over.set()
for thread in threads:
    thread.join()
print(json.dumps(seen))
