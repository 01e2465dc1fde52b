// What comes over the live stream. Datastar hands every event of its connection to the document.

const PATCH = "datastar-patch-elements";
const hearers = new Map();
const patched = [];
let waiting = false;

// Call `hear` with the fields of every event of this name.
export const on = (name, hear) => {
  hearers.set(name, [...(hearers.get(name) ?? []), hear]);
};

// Call `hear` with no arguments after every event of any name.
export const onAny = (hear) => on("", hear);

// Call `look` after elements have been patched, before they are painted.
export const afterPatch = (look) => patched.push(look);

const look = () => {
  waiting = false;
  for (const each of patched) each();
};

document.addEventListener("datastar-fetch", ({ detail: { type, argsRaw } }) => {
  // The session has ended: nothing will come until somebody signs in.
  if (type === "error" && argsRaw.status === "401") location.assign("/sign-in");
  if (!type.startsWith("datastar-")) return;
  for (const hear of hearers.get("") ?? []) hear();
  for (const hear of hearers.get(type) ?? []) hear(argsRaw);
  if (type === PATCH && !waiting) {
    waiting = true;
    requestAnimationFrame(look);
  }
});
