"""A python-socketio server for the Swift client to talk to. usage: socketio_server.py PORT [default|msgpack]"""

import asyncio
import sys

import socketio
import uvicorn
from socketio.exceptions import ConnectionRefusedError

sio = socketio.AsyncServer(
    async_mode="asgi", max_http_buffer_size=1_000_000, serializer=sys.argv[2] if len(sys.argv) > 2 else "default"
)
collected = {}
names = {}


@sio.event
async def connect(sid, environ, auth):
    if (auth or {}).get("token") != "good":
        raise ConnectionRefusedError("a token is required")
    names[sid] = auth.get("name", "")


@sio.on("who")
async def who(sid):
    return names[sid]


@sio.on("echo")
async def echo(sid, value):
    return value


@sio.on("kept")
async def kept(sid, value):
    print(f"kept {value}", flush=True)


@sio.on("collect")
async def collect(sid, number):
    collected.setdefault(sid, []).append(number)


@sio.on("collected")
async def take(sid):
    return collected.pop(sid)


@sio.on("tell")
async def tell(sid):
    await sio.emit("told", ({"list": [1, 2, 3]}, bytes([9, 8, 7])), to=sid)


@sio.on("ask")
async def ask(sid, event, value):
    async def run():
        await sio.emit("answered", await sio.call(event, value, to=sid), to=sid)

    sio.start_background_task(run)


@sio.on("connect", namespace="/chat")
async def chat_connect(sid, environ, auth):
    pass


@sio.on("where", namespace="/chat")
async def where(sid):
    return "/chat"


@sio.on("kick", namespace="/chat")
async def kick(sid):
    await sio.disconnect(sid, namespace="/chat")


@sio.on("connect", namespace="/refused")
async def refused_connect(sid, environ, auth):
    raise ConnectionRefusedError("no entry", {"code": 7})


class States(socketio.AsyncNamespace):
    """For StateChecks."""

    async def on_id(self, sid):
        return sid

    async def on_collect(self, sid, number):
        collected.setdefault((self.namespace, sid), []).append(number)

    async def on_collected(self, sid):
        return collected.pop((self.namespace, sid))

    async def on_kick(self, sid):
        await self.disconnect(sid)


class Slow(States):
    async def on_connect(self, sid, environ, auth):
        await asyncio.sleep(0.3)


for namespace in (States("/a"), States("/b"), Slow("/slow")):
    sio.register_namespace(namespace)

decide = sio._handle_connect


async def decide_unless_never(eio_sid, namespace, data):
    # Not by a handler that sleeps: it would hold up all namespaces of the connection.
    if namespace != "/never":
        await decide(eio_sid, namespace, data)


sio._handle_connect = decide_unless_never


async def ready():
    print("ready", flush=True)


# Not aiohttp: with it python-engineio 4.15 takes the first part of a large POST for all of it.
app = socketio.ASGIApp(sio, on_startup=ready)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
