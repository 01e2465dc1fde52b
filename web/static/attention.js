// The tab says what is wrong while somebody looks elsewhere: in its title, and by its mark.

import { isSilent } from "./silence.js";
import { afterPatch } from "./stream.js";

const title = document.title;
const mark = document.querySelector("link[rel=icon]");

const count = (state) => Number(document.querySelector(`#counts [data-state=${state}] b`)?.textContent ?? 0);
const wrong = () => {
  const heard = !isSilent() && document.querySelector("#connection").dataset.state === "live";
  if (!heard) return "no data";
  const state = ["lost", "stale"].find(count);
  return state ? `${count(state)} ${state}` : "";
};

const tell = () => {
  const what = wrong();
  const told = what ? `(${what}) ${title}` : title;
  if (document.title === told) return;
  document.title = told;
  mark.href = what ? "/static/mark-alert.svg" : "/static/mark.svg";
};

document.addEventListener("overwatch-silence", tell);
afterPatch(tell);
tell();
