// The filter hides rows of the table; whoever draws the fleet elsewhere asks what is shown.

import { afterPatch } from "./stream.js";

const box = document.querySelector("[data-filter]");
const ID = "e-";

export const rows = () => [...document.querySelectorAll("#fleet-rows > tr")];
export const row = (id) => document.getElementById(ID + id);
export const idOf = (element) => element.id.slice(ID.length);

const words = () => box.value.toLowerCase().split(/\s+/).filter(Boolean);
const hears = [];
let shown = null;

// Every word of the filter stands somewhere in what the row says, or in its id.
const matches = (element, wanted) => {
  const text = `${idOf(element)} ${element.textContent}`.toLowerCase();
  return wanted.every((word) => text.includes(word));
};

// The server knows of no filter, so each row that it sends is looked at again.
const apply = () => {
  const wanted = words();
  const before = shown;
  shown = wanted.length ? new Set() : null;
  for (const each of rows()) {
    const fits = matches(each, wanted);
    if (each.hidden === fits) each.hidden = !fits;
    if (shown && fits) shown.add(idOf(each));
  }
  document.querySelector(".fleet").toggleAttribute("data-filtered", wanted.length > 0);
  const same = before === shown || (before && shown && before.size === shown.size &&
    [...before].every((id) => shown.has(id)));
  if (!same) for (const hear of hears) hear();
};

export const isShown = (id) => shown === null || shown.has(id);
export const shownRows = () => rows().filter((each) => !each.hidden);
export const onFilter = (hear) => hears.push(hear);
export const focus = () => box.select();
export const clear = () => {
  box.value = "";
  box.blur();
  apply();
};

box.addEventListener("input", apply);
afterPatch(apply);
