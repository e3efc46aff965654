"use strict";

// The server hands out the client bundle when it was started with --client-bundle. Without it, the official copy of the
// same version is used, and the browser checks that it is the one named here.
function withClient(start, fail) {
  if (window.io) return start(window.io);
  const script = document.createElement("script");
  script.src = "https://cdn.socket.io/4.8.1/socket.io.min.js";
  script.integrity = "sha384-mkQ3/7FUtcGyoppY6bz/PORYoGqOl7/aSUMn2ymDOJcapfS6PHqxhRTMh1RR0Q6+";
  script.crossOrigin = "anonymous";
  script.onload = () => start(window.io);
  script.onerror = () => fail("The Socket.IO client could not be loaded. Start the server with --client-bundle DIR.");
  document.head.append(script);
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
