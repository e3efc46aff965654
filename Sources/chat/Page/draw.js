"use strict";

// Everything on the page but the logs is a function of the state in chat.js.

function draw() {
  drawRooms();
  drawPeople();
  drawTyping();
  drawUnread();
  drawToEnd();
  $("menu").hidden = $("chat").hidden;
  setText($("title"), current ? label(current) : "No room");
  $("nowhere").hidden = Boolean(current);
  $("leave").hidden = !current;
  setText($("leave"), current?.kind === "whisper" ? "Close" : "Leave");
  $("composer").hidden = !current;
  for (const field of document.querySelectorAll("#composer *")) field.disabled = !isWritable();
  for (const field of document.querySelectorAll("#new-room *, #leave")) field.disabled = !socket?.connected;
}

const collator = new Intl.Collator();
const label = (place) => (place.kind === "room" ? `# ${place.name}` : `@ ${place.name}`);

function drawRooms() {
  const places = [...conversations.values()];
  const joined = places.filter((place) => place.kind === "room");
  const others = roomNames.filter((name) => !conversations.has(`room:${name}`));
  const entries = [...joined, ...others.map((name) => ({ key: `room:${name}`, kind: "room", name, unread: 0 }))];
  const whispers = places.filter((place) => place.kind === "whisper");
  drawList($("rooms"), entries, (entry) => entry.key, makeEntry, updateEntry);
  drawList($("whispers"), whispers, (entry) => entry.key, makeEntry, updateEntry);
  $("whispers-section").hidden = whispers.length === 0;
}

function makeEntry({ key, name }) {
  const open = () => {
    if (conversations.has(key)) show(conversations.get(key));
    else if (socket.connected) join(name, { open: true });
  };
  return element("li", {}, element("button", { type: "button", onclick: open },
    element("bdi", { className: "name" }), element("span", { className: "unread", hidden: true })));
}

function updateEntry(node, entry) {
  const button = node.firstElementChild;
  button.classList.toggle("out", !conversations.has(entry.key));
  button.ariaCurrent = entry === current ? "true" : null;
  setText(button.firstElementChild, label(entry));
  drawCount(button.lastElementChild, entry.unread);
}

// The one entry that a message changes.
function drawEntry(place) {
  const list = $(place.kind === "room" ? "rooms" : "whispers");
  const node = [...list.children].find((node) => node.dataset.key === place.key);
  if (node) updateEntry(node, place);
}

function drawCount(node, count) {
  node.hidden = count === 0;
  setText(node, count > 99 ? "99+" : String(count));
  node.ariaLabel = `${count} unread`;
}

// In sight also where the rooms are in a drawer, and where the page is in another tab.
function drawUnread() {
  const count = [...conversations.values()].reduce((sum, place) => sum + place.unread, 0);
  drawCount($("menu-unread"), count);
  document.title = count > 0 ? `(${count}) Chat` : "Chat";
}

function drawToEnd() {
  const unseen = current?.log.follows === false ? current.log.unseen : 0;
  $("to-end").hidden = unseen === 0;
  setText($("to-end"), `↓ ${unseen} new ${unseen === 1 ? "message" : "messages"}`);
}

function drawPeople() {
  $("people-section").hidden = current?.kind !== "room";
  const people = [...(current?.people ?? [])].sort(collator.compare);
  drawList($("people"), people, (name) => (name === me ? `${name} (you)` : name), makePerson, () => {});
}

function makePerson(name) {
  const isMe = name === me;
  const button = element("button", { type: "button", disabled: isMe },
    element("span", {}, isolated(name), isMe ? " (you)" : ""));
  if (!isMe) button.title = `Write to ${name} in private`;
  button.onclick = () => show(conversation("whisper", name));
  return element("li", {}, button);
}

function drawTyping() {
  const people = [...(current?.typing.keys() ?? [])];
  const text =
    people.length === 0 ? ""
    : people.length > 3 ? "Several people are typing…"
    : `${people.map((name) => `\u2068${name}\u2069`).join(", ")} ${people.length === 1 ? "is" : "are"} typing…`;
  setText($("typing"), text);
}

// On a narrow page the rooms and the people are in a drawer.
function showSide(isShown) {
  document.body.classList.toggle("side-open", isShown);
  $("shade").hidden = !isShown;
  $("menu").ariaExpanded = String(isShown);
}
