"use strict";

/* global io, Model */

const ROWS = 200;
const KEY = "socket.io-admin-session";
const { namespace, path } = document.body.dataset;
const model = new Model();
const element = (id) => document.getElementById(id);
let login = null;
let chosen = null;
let isPlanned = false;

const socket = io(namespace, {
  path,
  auth: (tell) => tell(login ?? { sessionId: sessionStorage.getItem(KEY) ?? "" }),
});

// Everything is drawn at once, at most once for each frame.
function plan() {
  if (isPlanned) return;
  isPlanned = true;
  requestAnimationFrame(() => {
    isPlanned = false;
    draw();
  });
}

function told(name, change) {
  socket.on(name, (...values) => {
    change(...values);
    plan();
  });
}

told("connect", () => {
  login = null;
  element("state").textContent = "connected";
  element("login").hidden = true;
  element("board").hidden = false;
});
told("disconnect", (reason) => {
  model.clear();
  element("state").textContent = `disconnected: ${reason}`;
});
told("connect_error", (error) => {
  element("state").textContent = "not connected";
  // Only a refusal by the server ends the attempts.
  if (socket.active) return;
  sessionStorage.removeItem(KEY);
  element("refusal").textContent = login ? error.message : "";
  element("login").hidden = false;
  element("board").hidden = true;
  login = null;
});
told("session", (id) => sessionStorage.setItem(KEY, id));
told("config", (config) => {
  model.features = new Set(config.supportedFeatures);
});
told("server_stats", (stats) => model.setStats(stats));
told("all_sockets", (sockets) => model.setAll(sockets));
told("socket_connected", (added) => model.connect(added));
told("socket_updated", (change) => model.update(change));
told("socket_disconnected", (space, id, reason) => model.disconnect(space, id, reason));
told("room_joined", (space, room, id) => model.join(space, room, id));
told("room_left", (space, room, id) => model.leave(space, room, id));
told("event_received", (space, id, values, time) => model.note("←", space, id, values, time));
told("event_sent", (space, id, values, time) => model.note("→", space, id, values, time));

// What was told is text, whatever is in it: no HTML is made of it.
function make(name, text, ...children) {
  const made = document.createElement(name);
  if (text !== null) made.textContent = text;
  made.append(...children);
  return made;
}

function row(text, end, press) {
  const last = make("span", end);
  last.className = "end";
  const parts = [make("span", text), last];
  if (!press) return make("li", null, ...parts);
  const button = make("button", null, ...parts);
  button.type = "button";
  button.onclick = press;
  return make("li", null, button);
}

function draw() {
  const { stats } = model;
  const space = element("spaces").value;
  if (stats) {
    element("server").textContent = `${stats.serverId} · up ${Math.floor(stats.uptime / 60)} min`;
    element("clients").textContent = stats.clientsCount;
    element("polling").textContent = stats.pollingClientsCount;
    drawSpaces(stats.namespaces, space);
  }
  const shown = model.matching(space, element("filter").value);
  element("shown").textContent = shown.length;
  element("sockets").replaceChildren(...shown.slice(0, ROWS).map((one) =>
    row(`${one.id} ${one.nsp}`, `${one.transport} · ${one.handshake.address}`, () => {
      chosen = Model.key(one.nsp, one.id);
      plan();
    })));
  element("more").textContent = shown.length > ROWS ? `${shown.length - ROWS} more: use the filter` : "";
  element("rooms").replaceChildren(...model.rooms(space).slice(0, ROWS).map(([room, count]) =>
    row(room, count, () => {
      element("filter").value = room;
      plan();
    })));
  element("reasons").replaceChildren(...[...model.reasons].map(([reason, count]) => row(reason, count)));
  drawCurve();
  drawDetail();
}

function drawSpaces(namespaces, selected) {
  const names = ["", ...namespaces.map((one) => one.name)];
  const options = element("spaces").options;
  if (options.length !== names.length || names.some((name, index) => options[index].value !== name)) {
    element("spaces").replaceChildren(...names.map((name) => {
      const option = make("option", name || "all namespaces");
      option.value = name;
      return option;
    }));
    element("spaces").value = names.includes(selected) ? selected : "";
  }
}

function drawCurve() {
  const counts = model.curve();
  const most = Math.max(1, ...counts);
  const recent = counts.slice(-5).reduce((sum, count) => sum + count, 0) / 5;
  element("rate").textContent = recent.toFixed(recent < 10 ? 1 : 0);
  element("curve").setAttribute("points", counts.map((count, index) =>
    `${index * 120 / (counts.length - 1)},${29 - 28 * count / most}`).join(" "));
}

function drawDetail() {
  const one = model.sockets.get(chosen);
  element("detail").hidden = !one;
  if (!one) return;
  element("title").textContent = `${one.id} in ${one.nsp}`;
  const facts = {
    client: one.clientId, transport: one.transport, address: one.handshake.address, since: one.handshake.time,
    agent: one.handshake.headers["user-agent"], url: one.handshake.url,
  };
  element("facts").replaceChildren(...Object.entries(facts).filter(([, value]) => value)
    .flatMap(([name, value]) => [make("dt", name), make("dd", value)]));
  const mayLeave = model.features.has("LEAVE");
  element("memberships").replaceChildren(...[...one.rooms].map((room) => {
    const item = make("li", room);
    if (mayLeave && room !== one.id) {
      const button = make("button", "×");
      button.type = "button";
      button.title = `leave ${room}`;
      button.onclick = () => socket.emit("leave", one.nsp, room, one.id);
      item.append(button);
    }
    return item;
  }));
  element("tools").hidden = !model.features.has("EMIT");
  element("events").replaceChildren(...model.events.filter((event) => event.key === chosen).slice(-50).reverse()
    .map((event) => make("li", null, make("code", `${event.direction} ${text(event.values)}`))));
}

function text(values) {
  return JSON.stringify(values, (_, value) =>
    value instanceof ArrayBuffer ? `${value.byteLength} bytes` : value).slice(0, 400);
}

element("login").onsubmit = (event) => {
  event.preventDefault();
  login = Object.fromEntries(new FormData(event.target));
  socket.connect();
};
element("join").onsubmit = (event) => {
  event.preventDefault();
  const one = model.sockets.get(chosen);
  if (one) socket.emit("join", one.nsp, event.target.room.value, one.id);
  event.target.reset();
};
element("emit").onsubmit = (event) => {
  event.preventDefault();
  const one = model.sockets.get(chosen);
  const { event: name, values } = event.target;
  try {
    const parsed = JSON.parse(`[${values.value}]`);
    element("mistake").textContent = "";
    if (one) socket.emit("emit", one.nsp, one.id, name.value, ...parsed);
  } catch (error) {
    element("mistake").textContent = error.message;
  }
};
element("kick").onclick = () => end(false);
element("cut").onclick = () => end(true);

function end(closesConnection) {
  const one = model.sockets.get(chosen);
  if (one) socket.emit("_disconnect", one.nsp, closesConnection, one.id);
}

element("leave").onclick = () => {
  chosen = null;
  plan();
};
element("filter").oninput = plan;
element("spaces").onchange = plan;
setInterval(plan, 1000);
