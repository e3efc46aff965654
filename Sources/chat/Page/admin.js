"use strict";

let socket = null;
let timer = 0;

async function ask(event, ...values) {
  try {
    return await socket.timeout(5000).emitWithAck(event, ...values);
  } catch {
    return { error: "The server did not answer." };
  }
}

async function refresh() {
  clearTimeout(timer);
  if (!socket.connected) return;
  const overview = await ask("overview");
  $("panel-error").textContent = overview.error ?? "";
  if (!overview.error) {
    $("rooms").replaceChildren(...overview.rooms.map(drawRoom));
    $("people").replaceChildren(...overview.people.map(drawPerson));
  }
  timer = setTimeout(refresh, 2000);
}

function cell(text, className = "") {
  return element("td", { textContent: text, className });
}

function drawRoom(room) {
  return element("tr", {}, cell(room.name), cell(room.people, "number"), cell(room.messages, "number"));
}

function drawPerson(person) {
  const kick = element("button", { type: "button", className: "quiet", textContent: "Kick" });
  kick.setAttribute("aria-label", `Kick ${person.name}`);
  kick.onclick = async () => {
    kick.disabled = true;
    await ask("kick", person.name);
    refresh();
  };
  return element("tr", {}, cell(person.name), cell(person.sockets, "number"), cell(person.rooms.join(", ")),
    element("td", {}, kick));
}

function connect(password) {
  socket?.disconnect();
  socket = window.io("/admin", { auth: { password }, forceNew: true });
  showConnection(socket);
  socket.on("connect", () => {
    $("welcome").hidden = true;
    $("panel").hidden = false;
    refresh();
  });
  socket.on("connect_error", (error) => {
    if (socket.active) return;
    $("welcome").hidden = false;
    $("panel").hidden = true;
    $("login-error").textContent = error.message;
  });
}

$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  $("login-error").textContent = "";
  const words = (text) => { $("login-error").textContent = text; };
  withClient(() => connect($("password").value), words);
});
$("announce").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("announcement").value.trim();
  if (text === "") return;
  const reply = await ask("announce", text);
  if (!reply.error) $("announcement").value = "";
});
