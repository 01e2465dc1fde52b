// Forms that ask for something: once however often a button is pressed or the network fails, and
// what is hazardous after it was asked once more. What comes of it is said beside the button.

import { isTold, mark, now, since } from "./clock.js";

const TRIES = 3;
const WAIT_MS = 1000;
// A double click is over by then.
const SETTLED_MS = 1500;

// By what is asked for: the key and the time that it has in common with its retries.
const asked = new Map();
const underway = new Set();
const dialog = document.querySelector("#sure");
const begun = mark();

// Not crypto.randomUUID, which browsers have by https alone.
const chance = () =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((each) => each.toString(16).padStart(2, "0"))
    .join("");

// By the server's clock; until it tells the time, from when it made the page, which is no later.
const time = () => Math.round(isTold() ? now() : Number(dialog.dataset.now) + since(begun));

// The time goes along, so that what waits too long for the server is not done any more.
const first = (what) => {
  if (!asked.has(what)) asked.set(what, { key: chance(), at: time() });
  return asked.get(what);
};

const say = (form, text, wrong, href) => {
  const place = form.querySelector(".answer") ?? document.querySelector("#said");
  place.hidden = false;
  place.toggleAttribute("data-wrong", wrong);
  place.textContent = text;
  if (!href || href === location.pathname) return;
  const link = document.createElement("a");
  link.href = href;
  link.textContent = "Follow it";
  place.append(" ", link);
};

// What is wrong with each field, as the server's own pages say it.
const faults = ({ detail, errors = [] }) =>
  errors.map(({ location, message }) => `${location.split(".").pop()}: ${message}`).join("; ") ||
  detail;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const send = async (action, body, key) => {
  for (let tried = 1; ; tried += 1) {
    try {
      return await fetch(action, {
        method: "POST",
        headers: { Accept: "application/json", "Idempotency-Key": key },
        body,
      });
    } catch (error) {
      if (tried === TRIES) throw error;
      await pause(WAIT_MS);
    }
  }
};

const ask = async (form, action, body) => {
  const what = `${action} ${body}`;
  if (underway.has(what)) return;
  underway.add(what);
  say(form, "Asking…", false);
  try {
    const { key, at } = first(what);
    body.set("asked_at", at);
    const answer = await send(action, body, key);
    const told = await answer.json().catch(() => ({}));
    const text = answer.ok ? told.said : faults(told);
    say(form, text ?? `The server said ${answer.status}.`, !answer.ok || !!told.wrong, told.href);
    // After a fault of the server's nobody knows whether it was done: it is the same again.
    if (answer.status < 500) setTimeout(() => asked.delete(what), SETTLED_MS);
    if (answer.ok && form.matches(".ask")) form.reset();
  } catch {
    say(
      form,
      "The server does not answer: whether it was asked for is not known. Pressed again, it is" +
        " still asked for once.",
      true,
    );
  }
  underway.delete(what);
};

// The question of a form, if it has one: that of a box that is ticked before that of all of it.
const question = (form) => {
  const [first, ...others] = form.querySelectorAll(".sure-text");
  const ticked = others.find((each) => form.elements[each.dataset.with]?.checked);
  return (ticked ?? first)?.textContent;
};

// What it is asked with, as it was filled in.
const PARAMETER = "param.";
const filled = (said) =>
  [...said]
    .filter(([name, value]) => name.startsWith(PARAMETER) && value)
    .map(([name, value]) => [
      name.slice(PARAMETER.length).replaceAll("_", " "),
      value === "true" ? "" : ` ${value.slice(0, 80)}`,
    ])
    .map((parts) => parts.join(""));

// Whom a form to several addresses.
const addressed = (form) => {
  if (form.querySelector("[name=whom][value=all]:checked")) return ["all that can do it"];
  const ticked = [...form.querySelectorAll("[name=entities]:checked")];
  return ticked.map((each) => each.closest("label").querySelector("bdi").textContent);
};

// Resolves to the reason that was given, or null where the answer is no.
const sure = ({ text, more, word, asksReason }) =>
  new Promise((done) => {
    const { reason } = dialog.querySelector("form").elements;
    dialog.querySelector("#sure-question").textContent = text;
    dialog.querySelector("#sure-with").textContent = more.join(", ");
    dialog.querySelector(".yes").textContent = `Yes: ${word}`;
    reason.value = "";
    reason.closest("label").hidden = !asksReason;
    dialog.returnValue = "";
    dialog.showModal();
    const ended = () => done(dialog.returnValue === "yes" ? reason.value : null);
    dialog.addEventListener("close", ended, { once: true });
  });

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-ask]")) return;
  event.preventDefault();
  const { action } = form.attributes;
  const said = new URLSearchParams(new FormData(form));
  // The key tells it from others: the id of the form is for pages without a script.
  said.delete("command_id");
  const text = question(form);
  if (text && !dialog.open) {
    const word = form.querySelector("button[type=submit]").textContent;
    const reason = await sure({
      text,
      more: [...addressed(form), ...filled(said)],
      word,
      asksReason: !form.elements.reason,
    });
    if (reason === null) return;
    if (!form.elements.reason) said.set("reason", reason);
    else said.set("confirmed", "true");
  } else if (text) return;
  await ask(form, action.value, said);
});

// In a dialog Enter in the field of the reason is a yes only where a button says so.
dialog.querySelector("input").addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault();
});

// What is forced needs a reason.
document.addEventListener("change", ({ target }) => {
  if (target.name === "forced") target.form.elements.reason.required = target.checked;
});
document.addEventListener("reset", ({ target }) => {
  if (target.elements.reason) target.elements.reason.required = false;
});
