"use strict";

const HISTORY = 200;
const DEFAULT_ROOM = "lobby";

let socket = null;
let me = "";
let roomNames = [];
let current = null;
const conversations = new Map();
// Rooms that were left: what was on its way from them must not open them again.
const leftRooms = new Set();

// A conversation is a room ("room:lobby") or a private exchange ("whisper:Ada").
function conversation(kind, name) {
  const key = `${kind}:${name}`;
  if (!conversations.has(key)) {
    conversations.set(key, { key, kind, name, messages: [], people: new Set(), typing: new Map(), unread: 0 });
  }
  return conversations.get(key);
}

// History and live messages overlap after a join; ids grow, so the two merge into one ordered list.
function add(place, messages) {
  const known = new Set(place.messages.map((message) => message.id));
  const fresh = messages.filter((message) => !known.has(message.id));
  if (fresh.length === 0) return;
  place.messages = [...place.messages, ...fresh].sort((a, b) => a.id - b.id).slice(-HISTORY);
}

async function ask(event, ...values) {
  try {
    return await socket.timeout(5000).emitWithAck(event, ...values);
  } catch {
    return { error: "The server did not answer." };
  }
}

async function join(name, { open = false } = {}) {
  leftRooms.delete(name);
  const reply = await ask("join", name);
  if (reply.error) return fail(reply.error);
  const place = conversation("room", reply.room);
  place.people = new Set(reply.people);
  add(place, reply.messages);
  if (open || !current) show(place);
  else draw();
}

function leave(place) {
  if (place.kind === "room") {
    leftRooms.add(place.name);
    socket.emit("leave", place.name);
  }
  conversations.delete(place.key);
  if (current === place) show([...conversations.values()][0] ?? null);
  else draw();
}

function show(place) {
  current = place;
  if (place) place.unread = 0;
  $("send-error").textContent = "";
  draw();
  if (place && !$("text").disabled) $("text").focus();
}

function fail(words) {
  $("send-error").textContent = words;
}

async function send(event) {
  event.preventDefault();
  const place = current;
  const text = $("text").value.trim();
  if (!place || text === "") return;
  $("text").value = "";
  fail("");
  const reply = await ask(place.kind === "room" ? "say" : "whisper", place.name, text);
  if (!reply.error) return;
  fail(reply.error);
  if ($("text").value === "") $("text").value = text;
}

let lastTyping = 0;
function tellTyping() {
  if (current?.kind !== "room" || Date.now() - lastTyping < 2000) return;
  lastTyping = Date.now();
  // Volatile: news that is worthless when late is dropped instead of queued.
  socket.volatile.emit("typing", current.name);
}

function connect(name) {
  me = name;
  // Tells this browser from another person who wants the same name.
  const key = sessionStorage.getItem("key") ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
  sessionStorage.setItem("key", key);

  socket?.disconnect();
  socket = window.io({ auth: { name, key }, forceNew: true });
  showConnection(socket);

  socket.on("connect", () => {
    sessionStorage.setItem("name", name);
    $("welcome").hidden = true;
    $("chat").hidden = false;
    setWritable(true);
    // Also after a reconnect: the server knows a new socket, which is in no room yet.
    const rooms = [...conversations.values()].filter((place) => place.kind === "room").map((place) => place.name);
    for (const room of rooms.length ? rooms : [DEFAULT_ROOM]) join(room);
  });
  socket.on("connect_error", (error) => {
    setWritable(false);
    if (socket.active) return;
    $("welcome").hidden = false;
    $("chat").hidden = true;
    $("login-error").textContent = error.message;
    $("name").focus();
  });
  socket.on("disconnect", () => setWritable(false));

  socket.on("rooms", (names) => { roomNames = names; draw(); });
  socket.on("message", (message) => {
    if (!leftRooms.has(message.room)) receive(conversation("room", message.room), message);
  });
  socket.on("whisper", (message) =>
    receive(conversation("whisper", message.from === me ? message.to : message.from), message));
  socket.on("joined", (room, person) => note(room, person, "came in", (place) => place.people.add(person)));
  socket.on("left", (room, person) => note(room, person, "left", (place) => place.people.delete(person)));
  socket.on("typing", (room, person) => {
    const place = conversations.get(`room:${room}`);
    if (!place) return;
    clearTimeout(place.typing.get(person));
    place.typing.set(person, setTimeout(() => { place.typing.delete(person); drawTyping(); }, 3000));
    drawTyping();
  });
  socket.on("announcement", (text) => {
    for (const place of conversations.values()) {
      const id = (place.messages.at(-1)?.id ?? 0) + 0.5;
      place.messages.push({ id, note: `Announcement: ${text}` });
    }
    draw();
  });
}

function receive(place, message) {
  add(place, [message]);
  clearTimeout(place.typing.get(message.from));
  place.typing.delete(message.from);
  if (place !== current) place.unread += 1;
  draw();
}

function note(room, person, words, change) {
  const place = conversations.get(`room:${room}`);
  if (!place || person === me) return;
  change(place);
  if (place === current) {
    drawPeople();
    appendToLog(element("li", { className: "note", textContent: `${person} ${words}` }));
  }
}

function setWritable(writable) {
  for (const field of document.querySelectorAll("#composer *, #new-room *, #leave")) field.disabled = !writable;
}

// Drawing: the page is a function of the state above.

function draw() {
  drawRooms();
  drawPeople();
  drawTyping();
  $("title").textContent = current ? (current.kind === "room" ? `# ${current.name}` : `@ ${current.name}`) : "";
  $("leave").hidden = !current;
  $("leave").textContent = current?.kind === "whisper" ? "Close" : "Leave";
  $("messages").replaceChildren(...(current?.messages ?? []).map(drawMessage));
  $("messages").scrollTop = $("messages").scrollHeight;
}

function appendToLog(item) {
  const log = $("messages");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  log.append(item);
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function drawMessage(message) {
  if (message.note) return element("li", { className: "note", textContent: message.note });
  const at = new Date(message.at);
  return element("li", { className: message.from === me ? "mine" : "" },
    element("span", { className: "by" },
      element("b", { textContent: message.from }),
      element("time", {
        dateTime: at.toISOString(), textContent: at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }),
      })),
    element("span", { className: "text", textContent: message.text }));
}

function drawRooms() {
  const joined = [...conversations.values()].filter((place) => place.kind === "room");
  const others = roomNames.filter((name) => !conversations.has(`room:${name}`));
  $("rooms").replaceChildren(
    ...joined.map((place) => drawEntry(place, `# ${place.name}`)),
    ...others.map((name) => element("li", {}, element("button", {
      type: "button", className: "out", textContent: `# ${name}`, onclick: () => join(name, { open: true }),
    }))));
  const whispers = [...conversations.values()].filter((place) => place.kind === "whisper");
  $("whispers-section").hidden = whispers.length === 0;
  $("whispers").replaceChildren(...whispers.map((place) => drawEntry(place, `@ ${place.name}`)));
}

function drawEntry(place, label) {
  const button = element("button", { type: "button", onclick: () => show(place) }, element("span", { textContent: label }));
  button.setAttribute("aria-current", String(place === current));
  if (place.unread > 0) {
    button.append(element("span", { className: "unread", textContent: place.unread, ariaLabel: `${place.unread} unread` }));
  }
  return element("li", {}, button);
}

function drawPeople() {
  $("people-section").hidden = current?.kind !== "room";
  const people = [...(current?.people ?? [])].sort((a, b) => a.localeCompare(b));
  $("people").replaceChildren(...people.map((person) => element("li", {}, element("button", {
    type: "button",
    textContent: person === me ? `${person} (you)` : person,
    title: person === me ? "" : `Write to ${person} in private`,
    disabled: person === me,
    onclick: () => show(conversation("whisper", person)),
  }))));
}

function drawTyping() {
  const people = [...(current?.typing.keys() ?? [])];
  $("typing").textContent =
    people.length === 0 ? ""
    : people.length > 3 ? "Several people are typing…"
    : `${people.join(", ")} ${people.length === 1 ? "is" : "are"} typing…`;
}

$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = $("name").value.trim();
  if (name === "") return;
  $("login-error").textContent = "";
  withClient(() => connect(name), (words) => { $("login-error").textContent = words; });
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

$("name").value = sessionStorage.getItem("name") ?? "";
