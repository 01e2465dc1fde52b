// Which vehicle is selected: its row, the address of the page, and whoever else wants to know.

import { idOf, row } from "./filter.js";
import { afterPatch } from "./stream.js";

let chosen = decodeURIComponent(location.hash.slice(1)) || null;
const hears = [];

export const selected = () => chosen;

// Call `hear` with the id, or null, and with whether the map should go there.
export const onSelect = (hear) => hears.push(hear);

const mark = () => {
  const now = chosen && row(chosen);
  for (const each of document.querySelectorAll("#fleet-rows > tr[aria-current]")) {
    if (each !== now) each.removeAttribute("aria-current");
  }
  now?.setAttribute("aria-current", "true");
};

export const select = (id, go = false) => {
  chosen = id;
  history.replaceState(null, "", id ? `#${id}` : location.pathname);
  mark();
  if (id) row(id)?.scrollIntoView({ block: "nearest" });
  for (const hear of hears) hear(id, go);
};

document.querySelector("#fleet-rows").parentElement.addEventListener("click", (event) => {
  const clicked = event.target.closest("#fleet-rows > tr");
  // A click on a link is meant for the link.
  if (clicked && !event.target.closest("a")) select(idOf(clicked), true);
});
addEventListener("hashchange", () =>
  select(decodeURIComponent(location.hash.slice(1)) || null, true));
// The server knows of no selection, so rows that it sends have lost it.
afterPatch(mark);
