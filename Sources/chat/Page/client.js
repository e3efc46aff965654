"use strict";

// Without --client-bundle the server redirects the page to the official copy, which needs the internet.
function withClient(start, fail) {
  if (window.io) start(window.io);
  else fail("The Socket.IO client could not be loaded. Start the server with --client-bundle DIR.");
}

const $ = (id) => document.getElementById(id);

// Text from other people goes through `textContent` only.
function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// Shows on every page how the connection of `socket` fares.
function showConnection(socket) {
  const show = (state, words, banner) => {
    document.body.dataset.connection = state;
    $("connection").textContent = words;
    $("banner").textContent = banner ?? "";
    $("banner").hidden = !banner;
  };
  socket.on("connect", () => show("connected", "connected"));
  socket.on("connect_error", () => {
    if (socket.active) show("reconnecting", "reconnecting…", "The server cannot be reached. Trying again…");
    else show("idle", "not connected");
  });
  socket.on("disconnect", (reason) => {
    if (socket.active) show("reconnecting", "reconnecting…", `Connection lost (${reason}). Reconnecting…`);
    else show("ended", "disconnected", reason === "io server disconnect" ? "The server ended this connection." : null);
  });
  socket.io.on("reconnect_attempt", (attempt) => {
    $("connection").textContent = `reconnecting… (${attempt})`;
  });
}
