"use strict";

// The patterns over Socket.IO.

patterns["publish-subscribe"] = {
  connect({ wire, kept, list }) {
    if (kept.socket) return;
    kept.socket = wire.io("/topics");
    kept.socket.on("published", (topic, text, node) => list(`${topic}: ${text} (${node})`));
  },

  async subscribe(tools) {
    patterns["publish-subscribe"].connect(tools);
    await tools.kept.socket.emitWithAck("subscribe", tools.field("topic"));
    tools.show(`subscribed to ${tools.field("topic")}`);
  },

  async unsubscribe(tools) {
    patterns["publish-subscribe"].connect(tools);
    await tools.kept.socket.emitWithAck("unsubscribe", tools.field("topic"));
    tools.show(`no more of ${tools.field("topic")}`);
  },

  publish(tools) {
    patterns["publish-subscribe"].connect(tools);
    tools.kept.socket.emit("publish", tools.field("topic"), tools.field("text"));
  },
};

patterns["feed"] = {
  open({ section }) {
    const { hostname, protocol } = location;
    const frame = section.querySelector("iframe");
    frame.src = `${protocol}//${hostname}:${document.body.dataset.frontEndPort}/`;
    frame.hidden = false;
  },

  async post({ wire, field }) {
    await wire.fetch("/feed", { method: "POST", body: field("text") });
  },
};

patterns["notice"] = {
  open({ wire, kept, show, list }) {
    if (kept.ada) return;
    kept.ada = wire.io("/people", { auth: { name: "ada" } });
    kept.bob = wire.io("/people", { auth: { name: "bob" } });
    kept.bob.on("notice", (from, text) => list(`Bob reads from ${from}: ${text}`));
    kept.ada.on("notice", (from, text) => list(`Ada reads from ${from}: ${text}`));
    kept.bob.on("connect", () => show("Ada and Bob are here"));
  },

  notify(tools) {
    patterns["notice"].open(tools);
    tools.kept.ada.emit("notify", "bob", tools.field("text"));
  },
};

patterns["token"] = {
  async without({ wire, show, kept }) {
    kept.socket?.disconnect();
    kept.socket = wire.io("/members");
    kept.socket.on("connect_error", (error) => show(`refused: ${error.message}`));
  },

  async with({ wire, show, kept }) {
    kept.socket?.disconnect();
    kept.socket = wire.io("/members", {
      // Asked for at each connect: a token is good for one.
      auth: async (send) => {
        const answer = await wire.fetch("/tokens", { method: "POST" });
        send({ token: await answer.text() });
      },
    });
    kept.socket.on("welcome", (where) => show(`welcome ${where}`));
  },
};

patterns["rooms"] = {
  connect({ wire, kept, list }) {
    if (kept.socket) return;
    kept.socket = wire.io("/halls");
    kept.socket.on("entered", (hall, id) => list(`${id === kept.socket.id ? "you" : id} came into ${hall}`));
    kept.socket.on("called", (hall, text) => list(`in ${hall}: ${text}`));
  },

  async enter(tools) {
    patterns["rooms"].connect(tools);
    await tools.kept.socket.emitWithAck("enter", tools.field("hall"));
    tools.show(`in ${tools.field("hall")}`);
  },

  async leave(tools) {
    patterns["rooms"].connect(tools);
    await tools.kept.socket.emitWithAck("leave", tools.field("hall"));
    tools.show(`out of ${tools.field("hall")}`);
  },

  async call({ wire, field }) {
    await wire.fetch(`/halls/${encodeURIComponent(field("hall"))}`, { method: "POST", body: field("text") });
  },
};

patterns["recovery"] = {
  open({ wire, show, kept, list }) {
    if (kept.socket) return;
    kept.socket = wire.io("/news");
    kept.socket.on("headline", (text) => list(text));
    kept.socket.on("connect", () => show(kept.socket.recovered ? "back, and recovered" : "connected"));
    kept.socket.on("disconnect", () => show("away"));
  },

  async lose(tools) {
    patterns["recovery"].open(tools);
    const { kept, wire } = tools;
    if (!kept.socket.connected) await new Promise((next) => kept.socket.once("headline", next));
    kept.missed = (kept.missed ?? 0) + 1;
    kept.socket.io.engine.close();
    await wire.fetch("/news", { method: "POST", body: `what happened while you were away (${kept.missed})` });
  },
};
