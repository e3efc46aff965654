"use strict";

const DEFAULT_ROOM = "lobby";
const TYPING_LASTS = 3000;
const MOST_WHISPERS = 50;
// Seconds after which the server is asked once more to let this page into a room, where it has said nothing.
const JOIN_AGAIN = 2;

let socket = null;
// As the server spells it.
let me = "";
let roomNames = [];
let roomsNumber = 0;
let current = null;
// By key: "room:lobby", or "whisper:Ada" for a private one.
const conversations = new Map();
// By key: when a room was left last, and when joining one began, as the server gets them: in this order.
const left = new Map();
let order = 0;
let removedBecause = null;

function conversation(kind, name) {
  const key = `${kind}:${name}`;
  let place = conversations.get(key);
  if (!place) {
    const log = new Log(kind === "room" ? `Messages in ${name}` : `Messages with ${name}`);
    place = {
      key, kind, name, log, isOpen: kind === "whisper", people: new Set(), number: 0, typing: new Map(), unread: 0, draft: "",
    };
    log.changed = () => { if (place === current) drawToEnd(); };
    conversations.set(key, place);
    $("messages").append(log.list);
    if (kind === "whisper") forgetWhispers(place);
  }
  return place;
}

// Whoever writes under many names does not fill the page: the oldest goes, one that is read if there is one.
function forgetWhispers(newest) {
  const whispers = [...conversations.values()].filter((place) => place.kind === "whisper");
  if (whispers.length <= MOST_WHISPERS) return;
  const others = whispers.filter((place) => place !== current && place !== newest);
  close(others.find((place) => place.unread === 0 && !place.draft) ?? others[0]);
}

// A room that was left and made again can have another spelling.
function rename(place, name) {
  if (conversations.has(`room:${name}`)) return close(place);
  conversations.delete(place.key);
  place.key = `room:${name}`;
  place.name = name;
  place.log.label = `Messages in ${name}`;
  conversations.set(place.key, place);
}

// Going places

function join(name, { open = false } = {}) {
  const old = conversations.get(`room:${name}`);
  const since = old?.log.since ?? 0;
  const began = (order += 1);
  // The server does one thing after the other: who left after this is out, whatever the answer to this says.
  const isLeft = (key) => (left.get(key) ?? 0) > began;
  ask(socket, "join", [name, since], (reply) => {
    if (isLeft(old?.key ?? `room:${reply.room}`)) return;
    if (!open && (reply.isUnanswered || reply.retryAfter)) {
      // Without a connection the next `welcome` joins again.
      const isWanted = () => socket.connected && (!old || conversations.get(old.key) === old);
      const again = () => { if (isWanted()) join(old?.name ?? name); };
      if (socket.connected) setTimeout(again, (reply.retryAfter ?? JOIN_AGAIN) * 1000);
      return;
    }
    setText($("room-error"), reply.error ?? "");
    if (reply.error) {
      if (old && !open) close(old);
      return;
    }
    if (old && old.name !== reply.room) rename(old, reply.room);
    const place = conversation("room", reply.room);
    place.isOpen = true;
    place.people = new Set(reply.people);
    place.number = reply.number;
    if (reply.missesSome) place.log.add(since + 0.5, noteItem("What was said before is not kept."));
    const added = reply.messages.filter((message) => addMessage(place, message));
    // What was said while this page was away is unread; what was said before it came is history.
    if (old && !isSeen(place)) place.unread += added.filter((message) => message.from !== me).length;
    if (open || !current) show(place);
    else draw();
  });
}

function leave(place) {
  if (place.kind === "room") {
    left.set(place.key, (order += 1));
    socket.emit("leave", place.name);
  }
  close(place);
}

function close(place) {
  for (const timer of place.typing.values()) clearTimeout(timer);
  place.log.list.remove();
  conversations.delete(place.key);
  if (current === place) show([...conversations.values()][0] ?? null);
  else draw();
}

function show(place) {
  if (current !== place) {
    if (current) current.draft = $("text").value;
    current?.log.show(false);
    current = place;
    $("text").value = place?.draft ?? "";
    place?.log.show(true);
    setText($("send-error"), "");
  }
  if (place) place.unread = 0;
  draw();
  showSide(false);
  if (isWritable()) $("text").focus();
}

// What happens

function addMessage(place, message) {
  const isMine = message.from === me;
  return place.log.add(message.number, messageItem(message, isMine), { isMine, isMessage: true });
}

function isSeen(place) {
  return place === current && !document.hidden;
}

function receive(place, message) {
  // A room that was left, and what was still on its way from it.
  if (!place || !addMessage(place, message)) return;
  stopTyping(place, message.from);
  if (place === current) drawTyping();
  if (message.from === me || isSeen(place)) return;
  place.unread += 1;
  drawEntry(place);
  drawUnread();
}

function receivePeople(change) {
  const place = conversations.get(`room:${change.room}`);
  // What is not newer than the answer to `join` is in it.
  if (!place || change.number <= place.number) return;
  place.number = change.number;
  const came = change.came.filter((name) => !place.people.has(name));
  const went = change.went.filter((name) => place.people.delete(name));
  for (const name of came) place.people.add(name);
  for (const name of went) stopTyping(place, name);
  if (came.length > 0) place.log.add(change.number, noteItem(...listed(came), " came in"));
  // Two items of one number: the second stands behind the first.
  if (went.length > 0) place.log.add(change.number + 0.5, noteItem(...listed(went), " left"));
  if (place !== current) return;
  drawPeople();
  drawTyping();
}

function receiveRooms(change) {
  if (change.number <= roomsNumber) return;
  roomsNumber = change.number;
  const gone = new Set(change.removed);
  roomNames = roomNames.filter((name) => !gone.has(name)).concat(change.added);
  drawRooms();
}

function receiveTyping(room, person) {
  const place = conversations.get(`room:${room}`);
  if (!place) return;
  clearTimeout(place.typing.get(person));
  place.typing.set(person, setTimeout(() => { stopTyping(place, person); drawTyping(); }, TYPING_LASTS));
  drawTyping();
}

function stopTyping(place, person) {
  clearTimeout(place.typing.get(person));
  place.typing.delete(person);
}

function connect(name) {
  // Tells this browser from another person who wants the same name.
  const key = sessionStorage.getItem("key") ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
  sessionStorage.setItem("key", key);
  setText($("login-error"), "");

  socket?.disconnect();
  socket = window.io({ auth: { name, key }, forceNew: true });
  showConnection(socket);

  socket.on("welcome", (welcome) => {
    me = welcome.name;
    roomNames = welcome.rooms;
    roomsNumber = welcome.number;
    sessionStorage.setItem("name", me);
    $("welcome").hidden = true;
    $("chat").hidden = false;
    // Also after a lost connection: the server knows a new socket, which is in no room yet.
    const rooms = [...conversations.values()].filter((place) => place.kind === "room").map((place) => place.name);
    for (const room of rooms.length > 0 ? rooms : [DEFAULT_ROOM]) join(room);
    draw();
  });
  socket.on("connect_error", (error) => { if (!socket.active) askForName(error.message); });
  socket.on("disconnect", (reason) => {
    // By this page itself, for another connection.
    if (reason === "io client disconnect") return;
    for (const place of conversations.values()) place.isOpen = place.kind === "whisper";
    if (!socket.active) askForName(removedBecause ?? "The server has ended the connection.");
    removedBecause = null;
    draw();
  });
  socket.on("removed", (why) => { removedBecause = why; });

  socket.on("rooms", receiveRooms);
  socket.on("people", receivePeople);
  socket.on("typing", receiveTyping);
  socket.on("message", (message) => receive(conversations.get(`room:${message.room}`), message));
  socket.on("whisper", (message) => {
    const other = message.from === me ? message.to : message.from;
    const isNew = !conversations.has(`whisper:${other}`);
    const place = conversation("whisper", other);
    if (isNew) drawRooms();
    receive(place, message);
  });
  socket.on("announcement", ({ number, text }) => {
    for (const place of conversations.values()) {
      const item = noteItem("Announcement: ", element("b", { dir: "auto", textContent: text }));
      item.classList.add("announcement");
      place.log.add(number, item);
    }
  });
}

// The way in, and the way back: with the reason why one is not in.
function askForName(why) {
  $("welcome").hidden = false;
  $("chat").hidden = true;
  setText($("login-error"), why);
  $("name").focus();
  draw();
}

function isWritable() {
  return Boolean(socket?.connected && current?.isOpen);
}

// What is typed

function send(event) {
  event.preventDefault();
  const place = current;
  const text = $("text").value.trim();
  if (!isWritable() || text === "") return;
  $("text").value = "";
  setText($("send-error"), "");
  // Whoever goes on typing is seen typing at once.
  lastTyping = 0;
  ask(socket, place.kind === "room" ? "say" : "whisper", [place.name, text], (reply) => {
    if (!reply.error) return;
    if (place !== current) {
      place.draft ||= text;
    } else {
      setText($("send-error"), reply.error);
      $("text").value ||= text;
    }
  });
}

let lastTyping = 0;
function tellTyping() {
  if (current?.kind !== "room" || !isWritable() || Date.now() - lastTyping < TYPING_LASTS - 1000) return;
  lastTyping = Date.now();
  // Volatile: news that is worthless when late is dropped instead of queued.
  socket.volatile.emit("typing", current.name);
}

$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = $("name").value.trim();
  if (name !== "") clientLoaded.then(() => connect(name));
});
$("new-room").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = $("room-name").value.trim();
  $("room-name").value = "";
  if (name !== "") join(name, { open: true });
});
$("composer").addEventListener("submit", send);
$("text").addEventListener("input", tellTyping);
$("leave").addEventListener("click", () => { if (current) leave(current); });
$("to-end").addEventListener("click", () => current?.log.toEnd());
$("menu").addEventListener("click", () => showSide(!document.body.classList.contains("side-open")));
$("shade").addEventListener("click", () => showSide(false));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") showSide(false); });
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && current) current.unread = 0;
  draw();
});
new ResizeObserver(() => current?.log.settle()).observe($("messages"));

$("name").value = sessionStorage.getItem("name") ?? "";
draw();
