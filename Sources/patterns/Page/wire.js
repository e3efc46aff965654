"use strict";

const $ = (id) => document.getElementById(id);

// Text from others goes through `textContent` only.
function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// What goes over the wire for one pattern: the browser's own `fetch`, `EventSource`, `WebSocket` and `io`, overheard.
class Wire {
  static most = 200;
  static packets = { open: 0, close: 1, ping: 2, pong: 3, message: 4, upgrade: 5, noop: 6 };

  constructor(list) {
    this.list = list;
  }

  add(kind, text) {
    const follows = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 40;
    this.list.append(element("li", { className: kind, textContent: text }));
    while (this.list.childElementCount > Wire.most) this.list.firstElementChild.remove();
    if (follows) this.list.scrollTop = this.list.scrollHeight;
  }

  out(text) { this.add("out", text); }
  in(text) { this.add("in", text); }
  note(text) { this.add("note", text); }

  async fetch(path, options = {}) {
    this.out(`${options.method ?? "GET"} ${path}${options.body ? `\n${options.body}` : ""}`);
    try {
      const answer = await fetch(path, options);
      const body = await answer.clone().text();
      this.in(`${answer.status} ${answer.statusText}${body ? `\n${body}` : ""}`);
      return answer;
    } catch (error) {
      this.note(error.name === "AbortError" ? "left before the answer" : error.message);
      throw error;
    }
  }

  events(path) {
    const source = new EventSource(path);
    let last = "";
    const ask = () => this.out(`GET ${path}${last ? `\nLast-Event-ID: ${last}` : ""}`);
    ask();
    source.onopen = () => this.in("200 OK\nContent-Type: text/event-stream");
    source.addEventListener("progress", (event) => {
      last = event.lastEventId;
      this.in(`event: progress\nid: ${last}\ndata: ${event.data}`);
    });
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) return this.in("204 No Content: does not come back");
      this.note("the connection has ended: comes back by itself");
      setTimeout(() => { if (source.readyState !== EventSource.CLOSED) ask(); }, 1000);
    };
    return source;
  }

  webSocket(path) {
    const socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}${path}`);
    this.out(`GET ${path}\nUpgrade: websocket`);
    const shown = (data) => (typeof data === "string" ? data : `(${data.byteLength} bytes)`);
    socket.addEventListener("open", () => this.in("101 Switching Protocols"));
    socket.addEventListener("message", ({ data }) => this.in(shown(data)));
    socket.addEventListener("close", ({ code, reason }) => this.note(`closed: ${code} ${reason}`));
    const send = socket.send.bind(socket);
    socket.send = (data) => {
      this.out(shown(data));
      send(data);
    };
    return socket;
  }

  // Each with a connection of its own, so that nothing of another pattern is overheard.
  io(namespace, options = {}) {
    const socket = window.io(namespace, { forceNew: true, reconnectionDelay: 500, ...options });
    this.out(`GET /socket.io/?EIO=4&transport=polling`);
    this.overhear(socket.io.engine);
    // The next engine is made right after this event.
    socket.io.on("reconnect_attempt", () => queueMicrotask(() => this.overhear(socket.io.engine)));
    return socket;
  }

  overhear(engine) {
    const text = ({ type, data }) => `${Wire.packets[type]}${data ?? ""}`;
    engine.on("packetCreate", (packet) => this.out(text(packet)));
    engine.on("packet", (packet) => this.in(text(packet)));
    engine.on("upgrade", (transport) => this.note(`over ${transport.name} from here on`));
    engine.on("close", (reason) => this.note(`closed: ${reason}`));
  }
}
