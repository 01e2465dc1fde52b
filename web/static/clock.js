// The server's time, so that ages are right whatever this machine believes.

import { on } from "./stream.js";

let told = null;

// How long since then, in milliseconds. Of our two clocks one may stand still while the
// machine sleeps and the other may be put back: the one that has gone further is right.
export const since = ({ wall, steady }) =>
  Math.max(Date.now() - wall, performance.now() - steady, 0);
export const mark = () => ({ wall: Date.now(), steady: performance.now() });

// Milliseconds since 1970 by the server's clock; by our own until it has told.
export const now = () => (told === null ? Date.now() : told.time + since(told.at));
export const isTold = () => told !== null;

on("datastar-beat", ({ t }) => {
  told = { time: Number(t), at: mark() };
});
