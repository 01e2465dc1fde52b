// Says so when nothing comes any more. The server beats every two seconds, so silence means
// that it, or the way to it, is gone, and that nothing on the page may look live.

import { mark, now, since } from "./clock.js";
import { onAny } from "./stream.js";

const PATIENCE = 5000;
const EVERY = 500;

let heard = mark();
let heardAt = null;

const banner = document.createElement("div");
banner.id = "silence";
banner.className = "stale-banner";
banner.setAttribute("role", "alert");
banner.hidden = true;
document.querySelector(".topbar").after(banner);

export const isSilent = () => document.body.hasAttribute("data-silent");

const tell = (silent) => {
  if (silent === isSilent()) return;
  document.body.toggleAttribute("data-silent", silent);
  banner.hidden = !silent;
  if (silent) {
    const time = heardAt && new Date(heardAt).toISOString().slice(11, 19);
    banner.textContent = time
      ? `No data since ${time} UTC: what is shown is old. The server does not answer.`
      : "No data has come yet. The server does not answer.";
  }
  document.dispatchEvent(new CustomEvent("overwatch-silence"));
};

// After a sleep, or when the page was busy, what has come meanwhile is still to be heard:
// that spares the page one look, once.
let looked = mark();
let spared = false;
const look = () => {
  const wasAway = since(looked) > 4 * EVERY;
  looked = mark();
  if (wasAway && !spared) spared = true;
  else tell(since(heard) >= PATIENCE);
};

onAny(() => {
  heard = mark();
  heardAt = now();
  spared = false;
  tell(false);
});
setInterval(look, EVERY);
