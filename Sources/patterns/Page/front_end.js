"use strict";

const $ = (id) => document.getElementById(id);

// The other server: its name is this one's, its port is another.
const server = `${location.protocol}//${location.hostname}:${document.body.dataset.serverPort}`;
$("origin").textContent = location.origin;
$("server").textContent = server;

const script = document.createElement("script");
script.src = server + document.body.dataset.client;
script.onload = () => {
  const socket = io(`${server}/feed`);
  socket.on("connect", () => { $("state").textContent = "connected"; });
  socket.on("connect_error", (error) => { $("state").textContent = `refused: ${error.message}`; });
  socket.on("item", (text) => {
    const item = document.createElement("li");
    item.textContent = text;
    $("feed").append(item);
    while ($("feed").childElementCount > 50) $("feed").firstElementChild.remove();
  });
};
script.onerror = () => { $("state").textContent = "the Socket.IO client has not loaded"; };
document.head.append(script);
