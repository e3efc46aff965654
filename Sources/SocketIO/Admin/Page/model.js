"use strict";

// What the server has told: no element of the page is touched here.

/* exported Model */
class Model {
  static eventLimit = 300;
  static secondsShown = 120;

  constructor() {
    this.clear();
  }

  clear() {
    this.sockets = new Map();
    this.reasons = new Map();
    this.events = [];
    this.stats = null;
    this.features = new Set();
    this.perSecond = new Map();
  }

  static key(space, id) {
    return `${space}#${id}`;
  }

  setAll(sockets) {
    for (const socket of sockets) this.connect(socket);
  }

  connect(socket) {
    this.sockets.set(Model.key(socket.nsp, socket.id), { ...socket, rooms: new Set(socket.rooms) });
  }

  update(change) {
    const socket = this.sockets.get(Model.key(change.nsp, change.id));
    if (socket) Object.assign(socket, change);
  }

  disconnect(space, id, reason) {
    this.sockets.delete(Model.key(space, id));
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  join(space, room, id) {
    this.sockets.get(Model.key(space, id))?.rooms.add(room);
  }

  leave(space, room, id) {
    this.sockets.get(Model.key(space, id))?.rooms.delete(room);
  }

  note(direction, space, id, values, time) {
    this.events.push({ direction, key: Model.key(space, id), values, time });
    if (this.events.length > Model.eventLimit) this.events.shift();
    this.count(Math.floor(Date.now() / 1000), 1);
  }

  count(second, events) {
    this.perSecond.set(second, (this.perSecond.get(second) ?? 0) + events);
    for (const old of this.perSecond.keys()) {
      if (old < second - Model.secondsShown - 2) this.perSecond.delete(old);
    }
  }

  // Where each event is told they are counted one by one, and each disconnect; elsewhere there are sums.
  setStats(stats) {
    this.stats = stats;
    if (this.features.has("ALL_EVENTS")) return;
    for (const { timestamp, type, subType, count } of stats.aggregatedEvents) {
      // Of the two seconds since the last ones.
      if (type === "packetsIn" || type === "packetsOut") {
        for (const back of [1, 2]) this.count(timestamp / 1000 - back, count / 2);
      } else if (type === "rawDisconnection") {
        this.reasons.set(subType, (this.reasons.get(subType) ?? 0) + count);
      }
    }
  }

  // How many events there were in each of the last seconds, those left out of which all is not known yet.
  curve() {
    const now = Math.floor(Date.now() / 1000) - 2;
    return Array.from({ length: Model.secondsShown }, (_, index) =>
      this.perSecond.get(now - Model.secondsShown + index) ?? 0);
  }

  // Rooms by how many are in them; those of the sockets' own ids are left out.
  rooms(space) {
    const counts = new Map();
    for (const socket of this.sockets.values()) {
      if (space && socket.nsp !== space) continue;
      for (const room of socket.rooms) {
        if (room !== socket.id) counts.set(room, (counts.get(room) ?? 0) + 1);
      }
    }
    return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  }

  matching(space, text) {
    const words = text.toLowerCase();
    return [...this.sockets.values()].filter((socket) =>
      (!space || socket.nsp === space) &&
      (!words || [socket.id, socket.handshake.address, ...socket.rooms].some((part) =>
        part.toLowerCase().includes(words))));
  }
}
