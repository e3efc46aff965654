"use strict";

const $ = (id) => document.getElementById(id);

// Text from other people goes through `textContent` only.
function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// A name among other words: whatever its direction, it does not turn them around.
function isolated(name) {
  return element("bdi", { textContent: name });
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Brings the children of `list` in line with `items`. An element stays as long as its key is there, so that the focus, a
// press that is under way and a screen reader are left alone; `update` writes what may have changed.
function drawList(list, items, keyOf, make, update) {
  const keys = new Set(items.map(keyOf));
  const focused = document.activeElement;
  const known = new Map();
  for (const node of [...list.children]) {
    if (keys.has(node.dataset.key)) known.set(node.dataset.key, node);
    else node.remove();
  }
  let next = list.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const node = known.get(key) ?? make(item);
    node.dataset.key = key;
    update(node, item);
    if (node === next) next = next.nextElementSibling;
    else list.insertBefore(node, next);
  }
  // What is moved loses it.
  if (list.contains(focused) && document.activeElement !== focused) focused.focus();
}

// The Socket.IO client. Asked for by this script, so that one that does not come holds up nothing else: without
// --client-bundle it is on another server, in the internet.
const clientLoaded = new Promise((resolve) => {
  const advise = () => {
    $("client-error").textContent =
      "The Socket.IO client has not loaded: its server does not answer. Whoever runs this chat can start it with "
      + "--client-bundle DIR, where DIR is the folder dist of the npm package socket.io-client.";
    $("client-error").hidden = false;
  };
  const timer = setTimeout(advise, 3000);
  const script = element("script", { src: document.body.dataset.client });
  script.onerror = advise;
  script.onload = () => {
    clearTimeout(timer);
    $("client-error").hidden = true;
    resolve(window.io);
  };
  document.head.append(script);
});

// The answer to a request: what the server says, or that it says nothing, which is no refusal: it may have done it.
//
// `then` is called while the answer is handled, and so before the event behind it; a promise would be later.
function ask(socket, event, values, then) {
  socket.timeout(5000).emit(event, ...values, (error, reply) => {
    then(error ? { error: "The server did not answer.", isUnanswered: true } : reply);
  });
}

// Shows on every page how the connection of `socket` fares.
function showConnection(socket) {
  const show = (state, words, banner) => {
    document.body.dataset.connection = state;
    setText($("connection"), words);
    setText($("banner"), banner ?? "");
    $("banner").hidden = !banner;
  };
  show("connecting", "connecting…");
  socket.on("connect", () => show("connected", "connected"));
  socket.on("connect_error", () => {
    if (socket.active) show("reconnecting", "reconnecting…", "The server cannot be reached. Trying again…");
    else show("idle", "not connected");
  });
  socket.on("disconnect", () => {
    if (socket.active) show("reconnecting", "reconnecting…", "Connection lost. Reconnecting…");
    else show("ended", "disconnected");
  });
}
