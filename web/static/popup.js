// The card at the selected vehicle. Names are other people's: they are only ever text.

import { tick } from "./ages.js";
import { row } from "./filter.js";
import { place, shownState } from "./places.js";

const CELLS = [
  ["altitude", "Alt", " m"], ["speed", "Spd", " m/s"], ["heading", "Hdg", "°"],
  ["mode", "Mode", ""], ["battery", "Bat", " %"],
];

const element = (tag, className, text = "") => {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
};

const card = (id) => {
  const { name, at: [longitude, latitude], own, why, seen } = place(id);
  const state = shownState(own ? { state: own } : place(id));
  const box = element("div", "card");
  box.dataset.state = shownState(place(id));
  const head = element("div", "card-head");
  const word = element("span", "state", state.toUpperCase());
  word.dataset.state = state;
  head.append(element("b", "card-name", name), word);
  box.append(head);
  // It speaks, and where it is is not known any more.
  if (why) {
    const told = element("p", "card-why", `Place: ${why}`);
    if (seen) {
      const age = element("span", "age");
      age.dataset.heard = seen;
      told.append("; it was there ", age, " ago");
    }
    box.append(told);
  }
  const facts = element("dl", "card-facts");
  for (const [cell, title, unit] of CELLS) {
    const text = row(id)?.querySelector(`td.${cell}`)?.lastChild?.textContent ?? "";
    if (!text || text === "–") continue;
    const fact = element("div", `card-${cell}`);
    fact.append(element("dt", "", title), element("dd", "", `${text}${unit}`));
    facts.append(fact);
  }
  const open = element("a", "card-link", "Open");
  open.href = `/entities/${encodeURIComponent(id)}`;
  const foot = element("div", "card-foot");
  foot.append(element("code", "", `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`), open);
  box.append(facts, foot);
  return box;
};

// Keeps a popup at a vehicle; `closed` is called when somebody closes it.
export const addPopup = (map, Popup, closed) => {
  let popup = null;
  let shown = "";
  const remove = () => {
    const old = popup;
    popup = null;
    old?.remove();
  };
  return (id) => {
    if (!id || !place(id)) {
      remove();
      return;
    }
    const content = card(id);
    if (!popup) {
      shown = "";
      const opened = new Popup({
        closeOnClick: false, focusAfterOpen: false, offset: 20, maxWidth: "260px",
      });
      opened.on("close", () => popup === opened && ((popup = null), closed()));
      popup = opened.setLngLat(place(id).at).addTo(map);
    }
    popup.setLngLat(place(id).at);
    // Left alone while it says the same, so that its link can be clicked and keeps the focus.
    if (shown !== content.outerHTML) {
      shown = content.outerHTML;
      const focused = popup.getElement()?.querySelector(".card-link") === document.activeElement;
      popup.setDOMContent(content);
      tick();
      if (focused && content.isConnected) content.querySelector(".card-link").focus();
    }
  };
};
