"use strict";

// Three panes, each with a way of its own to the same messages.

// In the order of the server's numbers, and none twice.
function addMessage(pane, message) {
  const list = pane.querySelector("ol");
  let before = list.lastElementChild;
  while (before && before.number > message.number) before = before.previousElementSibling;
  if (before?.number === message.number) return;
  const item = element("li", {}, element("b", { textContent: message.name }), ` ${message.text} `,
    element("small", { textContent: message.way }));
  item.number = message.number;
  if (before) before.after(item);
  else list.prepend(item);
  while (list.childElementCount > 200) list.firstElementChild.remove();
  list.scrollTop = list.scrollHeight;
}

function lastNumber(pane) {
  return pane.querySelector("ol").lastElementChild?.number ?? 0;
}

patterns["chat-three-ways"] = {
  open({ wire, kept, pane, show }) {
    patterns["chat-three-ways"].close({ kept, show });
    // 1: asks again and again.
    const poll = async () => {
      const answer = await wire.fetch(`/messages?after=${lastNumber(pane("http"))}`);
      for (const message of await answer.json()) addMessage(pane("http"), message);
    };
    poll();
    kept.timer = setInterval(poll, 3000);
    // 2: is told.
    kept.webSocket = wire.webSocket(`/messages?after=${lastNumber(pane("websocket"))}`);
    kept.webSocket.addEventListener("message", ({ data }) => addMessage(pane("websocket"), JSON.parse(data)));
    // 3: the same, with names of events, answers, and a way back when the connection is lost.
    kept.socket = wire.io("/");
    kept.socket.on("history", (messages) => messages.forEach((message) => addMessage(pane("socketio"), message)));
    kept.socket.on("message", (message) => addMessage(pane("socketio"), message));
    show("open: say something in any of them");
  },

  close({ kept, show }) {
    clearInterval(kept.timer);
    kept.webSocket?.close();
    kept.socket?.disconnect();
    show("closed");
  },

  async say({ wire, kept, pane }, way, name, text) {
    const draft = { name, text };
    if (way === "websocket") return kept.webSocket?.send(JSON.stringify(draft));
    if (way === "socketio") return kept.socket && addMessage(pane(way), await kept.socket.emitWithAck("say", draft));
    await wire.fetch("/messages", { method: "POST", body: JSON.stringify(draft) });
  },
};
