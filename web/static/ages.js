// Ages grow by themselves, second by second; the words are those that the server uses.

import { isTold, now } from "./clock.js";
import { afterPatch } from "./stream.js";

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

export const words = (seconds) => {
  const [length, unit] = UNITS.find(([each]) => seconds >= each) ?? [1, "s"];
  return `${Math.floor(seconds / length)} ${unit}`;
};

const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

export const tick = () => {
  if (!isTold()) return;
  for (const age of document.querySelectorAll(".age[data-heard]")) {
    write(age, words(Math.max(0, now() - Number(age.dataset.heard)) / 1000));
  }
  const clock = document.querySelector("#clock");
  if (clock) write(clock, `${new Date(now()).toISOString().slice(11, 19)} UTC`);
};

afterPatch(tick);
setInterval(tick, 1000);
