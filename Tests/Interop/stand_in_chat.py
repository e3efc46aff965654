"""A chat server that does what it is told to, and what ours does not. usage: stand_in_chat.py PORT

Prints each text that it was told to say, as JSON.
"""

import asyncio
import json
import sys

import socketio
import uvicorn
from socketio.exceptions import ConnectionRefusedError

sio = socketio.AsyncServer(async_mode="asgi")
rooms, names, hurried, unwanted = {}, {}, set(), set()
number = 0

# Clears the screen, writes over the row above, turns what follows around, hides a character, sets the title.
RUDE = "\x1b[2J\x1b[1;1Hgone\r\n\x9b2K\u202eabc\u2066\u200b\x1b]0;title\x07end"


def count():
    global number
    number += 1
    return number


@sio.event
async def connect(sid, environ, auth):
    if auth["name"] == "mallory":
        raise ConnectionRefusedError(RUDE)
    if auth["name"] in unwanted:
        raise ConnectionRefusedError("Not you.")
    names[sid] = auth["name"]
    welcome = {"name": auth["name"], "rooms": ["lobby"], "number": count()}
    sio.start_background_task(sio.emit, "welcome", welcome, to=sid)


@sio.on("join")
async def join(sid, room, since=0):
    if room == "closed":
        return {"error": RUDE, "room": "", "number": 0, "messages": [], "missesSome": False, "people": []}
    rooms[sid] = room
    return {"room": room, "number": count(), "messages": [], "missesSome": False, "people": [names[sid]]}


def message(sid, text, **where):
    return {"number": count(), "id": number, "from": names[sid], "text": text, "at": "2026-01-01T00:00:00.000Z", **where}


@sio.on("say")
async def say(sid, room, text):
    if text == "too soon" and sid not in hurried:
        hurried.add(sid)
        return {"error": "Not so fast.", "retryAfter": 0.2}
    if text == "never":
        return {"error": "Not so fast.", "retryAfter": 0.01}
    print(json.dumps(text), flush=True)
    if text == "silence":
        return await asyncio.sleep(3600)
    if text == "flood":
        for _ in range(2000):
            await sio.emit("message", message(sid, 1000 * "x", room=room), to=sid)
        print(json.dumps("all of it"), flush=True)
    if text == "do not let me back":
        unwanted.add(names[sid])
        await sio.eio.disconnect(sio.manager.eio_sid_from_sid(sid, "/"))
    if text == "put me out":
        await sio.emit("removed", "Go away.", to=sid)
        await sio.disconnect(sid)
    if text == "refuse":
        return {"error": RUDE}
    await sio.emit("message", message(sid, RUDE if text == "be rude" else text, room=room), to=sid)
    return {}


@sio.on("whisper")
async def whisper(sid, to, text):
    print(json.dumps([to, text]), flush=True)
    await sio.emit("whisper", message(sid, text, to=to), to=sid)
    return {}


async def ready():
    print("ready", flush=True)


app = socketio.ASGIApp(sio, on_startup=ready)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
