"use strict";

let socket = null;
let timer = 0;
// In the order in which they came, so that nobody who is new moves the others.
const order = new Map();

function refresh() {
  clearTimeout(timer);
  if (!socket.connected) return;
  ask(socket, "overview", [], (overview) => {
    setText($("panel-error"), overview.error ?? "");
    if (!overview.error) draw(overview);
    timer = setTimeout(refresh, 2000);
  });
}

function draw(overview) {
  drawList($("rooms"), overview.rooms, (room) => room.name, () => makeRow("", "number", "number"), (row, room) =>
    fill(row, room.name, room.people, room.messages));

  const people = new Map(overview.people.map((person) => [person.name, person]));
  // A row that goes moves those below it under the pointer: it stays, without its button, until the pointer has left.
  const mayMove = !$("people").matches(":hover");
  for (const name of order.keys()) if (!people.has(name) && mayMove) order.delete(name);
  for (const [name, person] of people) order.set(name, person);
  drawList($("people"), [...order.values()], (person) => person.name, makePerson, (row, person) => {
    const isHere = people.has(person.name);
    fill(row, person.name, isHere ? person.sockets : 0, isHere ? person.rooms.join(", ") : "gone");
    row.classList.toggle("gone", !isHere);
    row.lastElementChild.firstElementChild.disabled = !isHere;
  });
  $("nobody").hidden = order.size > 0;
}

function makeRow(...classes) {
  return element("tr", {}, ...classes.map((className) => element("td", { className }, element("bdi"))));
}

function fill(row, ...texts) {
  texts.forEach((text, column) => setText(row.children[column].firstElementChild, String(text)));
}

function makePerson({ name }) {
  const kick = element("button", { type: "button", className: "quiet", textContent: "Kick", ariaLabel: `Kick ${name}` });
  kick.onclick = () => {
    kick.disabled = true;
    ask(socket, "kick", [name], (reply) => {
      refresh();
      setText($("panel-error"), reply.error ?? "");
    });
  };
  const row = makeRow("", "number", "");
  row.append(element("td", {}, kick));
  return row;
}

function connect(password) {
  setText($("login-error"), "");
  socket?.disconnect();
  socket = window.io("/admin", { auth: { password }, forceNew: true });
  showConnection(socket);
  socket.on("connect", () => {
    $("password").value = "";
    $("welcome").hidden = true;
    $("panel").hidden = false;
    refresh();
  });
  socket.on("connect_error", (error) => { if (!socket.active) askForPassword(error.message); });
  socket.on("disconnect", () => { if (!socket.active) askForPassword("The server has ended the connection."); });
}

function askForPassword(why) {
  $("welcome").hidden = false;
  $("panel").hidden = true;
  setText($("login-error"), why);
  $("password").focus();
}

$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  const password = $("password").value;
  clientLoaded.then(() => connect(password));
});
$("announce").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("announcement").value.trim();
  if (text === "") return;
  ask(socket, "announce", [text], (reply) => {
    $("announce-result").classList.toggle("good", !reply.error);
    setText($("announce-result"), reply.error ?? "Everybody has been told.");
    if (!reply.error) $("announcement").value = "";
  });
});
