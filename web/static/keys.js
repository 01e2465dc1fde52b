// The keyboard: everything that the mouse can do to the fleet.

import * as filter from "./filter.js";
import { select, selected } from "./selection.js";

const step = (by) => {
  const ids = filter.shownRows().map(filter.idOf);
  if (!ids.length) return;
  const at = ids.indexOf(selected());
  const to = at < 0 ? (by > 0 ? 0 : ids.length - 1) : at + by;
  select(ids[Math.max(0, Math.min(ids.length - 1, to))]);
};

const escape = () => {
  filter.clear();
  select(null);
};

const open = () => selected() && location.assign(`/entities/${encodeURIComponent(selected())}`);

export const listen = ({ fit }) => {
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Enter: () => selected() && select(selected(), true),
    o: open,
    f: fit,
    "/": filter.focus,
    Escape: escape,
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const typing = event.target.closest("input, textarea, select");
    // On the map arrows move the map; on a link or button Enter is theirs.
    const owns = event.target.closest(".maplibregl-canvas")
      ? event.key.startsWith("Arrow")
      : event.key === "Enter" && event.target.closest("a, button");
    if (owns || (typing && event.key.length === 1)) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    if (typing && event.key === "Enter") typing.blur();
    act();
  });
};
