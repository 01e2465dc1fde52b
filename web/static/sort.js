// The table in the order of a column: a click on its head sorts by it, another turns it round.

import { idOf, rows } from "./filter.js";
import { afterPatch } from "./stream.js";

// Who needs somebody comes first.
const URGENCY = ["lost", "stale", "live", "replay"];
const NUMBERS = ["battery", "altitude", "speed", "heading"];

const heads = document.querySelectorAll(".fleet-table th");
let order = { column: "name", turned: false };

const text = (row, column) => row.querySelector(`td.${column}`).lastChild?.textContent ?? "";
const value = (row, column) => {
  if (column === "state") return URGENCY.indexOf(row.dataset.state);
  // The newest first: ages grow, so that what was heard is what does not change.
  if (column === "age") return -(row.querySelector("td.age").dataset.heard ?? 0);
  return NUMBERS.includes(column) ? Number.parseFloat(text(row, column)) : text(row, column).toLowerCase();
};
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
// As the server puts them.
const byName = (a, b) =>
  compare(value(a, "name"), value(b, "name")) || compare(idOf(a), idOf(b));

const sorted = (found) => {
  const { column, turned } = order;
  const keys = new Map(found.map((row) => [row, value(row, column)]));
  return found.toSorted((a, b) => {
    const [x, y] = [keys.get(a), keys.get(b)];
    // What has no value is last, whichever way round.
    return compare(Number.isNaN(x), Number.isNaN(y)) ||
      (turned ? compare(y, x) : compare(x, y)) || byName(a, b);
  });
};

// The server knows of no order but its own, so what it sends is put in ours again.
const apply = () => {
  const body = document.querySelector("#fleet-rows");
  sorted(rows()).forEach((row, index) => {
    const there = body.children[index];
    if (there === row) return;
    // Moving keeps the focus, where the browser can.
    if (body.moveBefore) body.moveBefore(row, there);
    else body.insertBefore(row, there);
  });
};

const tell = (head) => {
  for (const each of heads) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", order.turned ? "descending" : "ascending");
};

for (const head of heads) {
  const column = head.className;
  head.querySelector("button").addEventListener("click", () => {
    order = { column, turned: order.column === column && !order.turned };
    tell(head);
    apply();
  });
}
tell(heads[0]);
afterPatch(apply);
