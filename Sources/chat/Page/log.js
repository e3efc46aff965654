"use strict";

// What is shown of a conversation at most; somebody who reads further up keeps as much again.
const SHOWN = 200;
// Messages of one person that are closer stand below each other without the name.
const CLOSE = 5 * 60 * 1000;
// How many of the last messages are asked for again after a lost connection.
const OVERLAP = 20;

// What was said in one conversation, in a list of its own. Each item has the server's number, which alone decides where it
// stands and whether it is there already: what comes twice, or late, does no harm.
class Log {
  constructor(label) {
    // Whether it follows what is new; not while somebody reads further up.
    this.follows = true;
    this.position = 0;
    this.unseen = 0;
    this.list = element("ol", { className: "log", tabIndex: 0, hidden: true, role: "log" });
    this.label = label;
    this.list.addEventListener("scroll", () => {
      if (this.list.hidden) return;
      this.position = this.list.scrollTop;
      this.follows = this.list.scrollHeight - this.position - this.list.clientHeight < 60;
      if (this.follows) this.unseen = 0;
      this.changed?.();
    });
  }

  set label(text) {
    this.list.ariaLabel = text;
  }

  // Nothing if there is an item of that number.
  add(number, item, { isMine = false, isMessage = false } = {}) {
    let before = this.list.lastElementChild;
    while (before && before.number > number) before = before.previousElementSibling;
    if (before?.number === number) return false;
    item.number = number;
    if (before) before.after(item);
    else this.list.prepend(item);
    group(item);
    group(item.nextElementSibling);
    if (isMine) this.follows = true;
    else if (isMessage && !this.follows) this.unseen += 1;
    const most = this.follows ? SHOWN : 2 * SHOWN;
    while (this.list.childElementCount > most) this.list.firstElementChild.remove();
    this.settle();
    return true;
  }

  // The number from which on something may be missing: not the last, because what several loops of the server send can
  // arrive out of order.
  get since() {
    return [...this.list.children].filter((item) => item.from).at(-OVERLAP)?.number ?? 0;
  }

  // A list that is not shown has no position: it is given back when it is.
  show(isShown) {
    this.list.hidden = !isShown;
    this.settle();
  }

  toEnd() {
    this.follows = true;
    this.settle();
  }

  settle() {
    if (this.list.hidden) return;
    if (this.follows) {
      this.unseen = 0;
      this.list.scrollTop = this.list.scrollHeight;
    } else if (this.list.scrollTop === 0) {
      this.list.scrollTop = this.position;
    }
    this.changed?.();
  }
}

function group(item) {
  if (!item?.from) return;
  const before = item.previousElementSibling;
  item.classList.toggle("continues", before?.from === item.from && item.at - before.at < CLOSE);
}

function messageItem(message, isMine) {
  const at = new Date(message.at);
  const item = element("li", { className: isMine ? "mine" : "" },
    element("p", { className: "by" },
      isolated(message.from),
      element("time", {
        dateTime: at.toISOString(), title: at.toLocaleString(),
        textContent: at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }),
      })),
    element("p", { className: "text", dir: "auto", textContent: message.text }));
  item.from = message.from;
  item.at = at;
  return item;
}

// Words of the page, with names of people among them.
function noteItem(...parts) {
  return element("li", { className: "note" }, ...parts);
}

// "Ada, Bob and 3 others", as nodes.
function listed(names) {
  const shown = names.length > 4 ? names.slice(0, 3) : names;
  const parts = shown.map(isolated);
  if (shown.length < names.length) parts.push(`${names.length - shown.length} others`);
  return parts.flatMap((part, index) =>
    index === 0 ? [part] : [index === parts.length - 1 ? " and " : ", ", part]);
}
