"use strict";

// The patterns over plain HTTP and a raw WebSocket. What a button does is shown beside it, as it is written here.

const patterns = {};

patterns["request-response"] = {
  async get({ wire, show }) {
    const answer = await wire.fetch("/hello");
    show(await answer.text());
  },

  async post({ wire, show }) {
    const answer = await wire.fetch("/hello", { method: "POST", body: "ping" });
    show(await answer.text());
  },
};

patterns["short-polling"] = {
  async start({ wire, show, kept }) {
    clearTimeout(kept.timer);
    const answer = await wire.fetch("/price");
    const { cents } = await answer.json();
    kept.requests = (kept.requests ?? 0) + 1;
    kept.changes = (kept.changes ?? 0) + (cents === kept.cents ? 0 : 1);
    kept.cents = cents;
    show(`${(cents / 100).toFixed(2)} (requests: ${kept.requests}, new prices: ${kept.changes})`);
    kept.timer = setTimeout(() => patterns["short-polling"].start({ wire, show, kept }), 3000);
  },

  stop({ kept }) {
    clearTimeout(kept.timer);
  },
};

patterns["long-polling"] = {
  async validate({ wire, show, field, kept }) {
    kept.request = new AbortController();
    const begun = Date.now();
    show("the answer comes when it is done…");
    const answer = await wire.fetch("/validations", {
      method: "POST", body: field("number"), signal: kept.request.signal,
    });
    const { isValid } = await answer.json();
    show(`${isValid ? "valid" : "not valid"}, after ${Math.round((Date.now() - begun) / 1000)} s`);
  },

  async leave({ wire, show, kept }) {
    kept.request?.abort();
    await new Promise((next) => setTimeout(next, 200));  // The two take different connections.
    const answer = await wire.fetch("/validations");
    const { running, done, abandoned } = await answer.json();
    show(`the server has ${running} under way, ${done} done, ${abandoned} given up`);
  },
};

patterns["server-sent-events"] = {
  upload({ wire, show, bar, kept, field }) {
    kept.source?.close();
    kept.source = wire.events(field("lose") ? "/progress?lose" : "/progress");
    kept.source.addEventListener("progress", ({ data }) => {
      bar(data);
      show(`${data} %`);
    });
  },

  stop({ kept }) {
    kept.source?.close();
  },
};

patterns["raw-websocket"] = {
  upload({ wire, show, bar, kept }) {
    const piece = new Uint8Array(10_000);
    kept.socket?.close();
    kept.isPaused = false;
    const socket = kept.socket = wire.webSocket("/upload?bytes=100000");
    kept.next = () => { if (!kept.isPaused && socket.readyState === WebSocket.OPEN) socket.send(piece); };
    socket.addEventListener("open", kept.next);
    socket.addEventListener("message", ({ data }) => {
      bar(data);
      show(`${data} %`);
      if (data !== "100") setTimeout(kept.next, 400);
    });
  },

  pause({ kept, show }) {
    if (!kept.socket) return;
    kept.isPaused = !kept.isPaused;
    show(kept.isPaused ? "paused" : "goes on");
    kept.next();
  },
};
