"use strict";

// Connects the buttons of each section with its pattern, and shows the script of both.

function dedented(code) {
  const indent = Math.min(...code.split("\n").slice(1).filter((line) => line.trim()).map((line) => line.search(/\S/)));
  return code.replaceAll(`\n${" ".repeat(indent)}`, "\n");
}

function install(section) {
  const pattern = patterns[section.id];
  const find = (selector) => section.querySelector(selector);
  const tools = {
    section,
    wire: new Wire(find(".wire")),
    // What lives from one press to the next.
    kept: {},
    show: (text) => { find("output").textContent = text; },
    bar: (percent) => { find("progress").value = percent; },
    list: (text) => {
      const list = find(".events");
      list.append(element("li", { textContent: text }));
      while (list.childElementCount > 50) list.firstElementChild.remove();
      list.scrollTop = list.scrollHeight;
    },
    pane: (way) => find(`[data-way="${way}"]`),
    field: (name) => {
      const field = find(`[name="${name}"]`);
      return field.type === "checkbox" ? field.checked : field.value;
    },
  };
  const perform = async (act) => {
    try {
      await act();
    } catch (error) {
      if (error.name !== "AbortError") tools.show(`failed: ${error.message}`);
    }
  };
  for (const button of section.querySelectorAll("[data-do]")) {
    button.onclick = () => perform(() => pattern[button.dataset.do](tools));
  }
  for (const form of section.querySelectorAll("form[data-way]")) {
    form.onsubmit = (event) => {
      event.preventDefault();
      const { text } = form.elements;
      perform(() => pattern.say(tools, form.dataset.way, tools.field("name"), text.value));
      text.value = "";
    };
  }
  find(".script").textContent = dedented(Object.values(pattern).map(String).join("\n\n  "));
}

document.querySelectorAll(".pattern").forEach(install);

// The Socket.IO client may be in the internet: what needs none works without.
const script = element("script", { src: document.body.dataset.client });
script.onload = () => { document.body.dataset.ready = "yes"; };
script.onerror = () => { $("client-error").hidden = false; };
document.head.append(script);
