// A vehicle's icon: its shape seen from above, nose up, and how alive it is.

import { colour, STATES } from "./palette.js";

const SIZE = 34; // CSS pixels.
const RATIO = 2;

const circle = (x, y, radius) => {
  const path = new Path2D();
  path.arc(x, y, radius, 0, 2 * Math.PI);
  return path;
};
const joined = (...paths) => {
  const path = new Path2D();
  for (const each of paths) path.addPath(typeof each === "string" ? new Path2D(each) : each);
  return path;
};
const rotors = (x, y, radius) =>
  [[-x, -y], [x, -y], [-x, y], [x, y]].map(([left, top]) => circle(left, top, radius));

// In a square of -12 to 12.
const SHAPES = {
  copter: joined(
    "M-6.6-8 L0-3 L6.6-8 L8-6.6 L3.2 0 L8 6.6 L6.6 8 L0 3.2 L-6.6 8 L-8 6.6 L-3.2 0 L-8-6.6Z",
    "M0-9.5 L2.6-3.5 L-2.6-3.5Z", ...rotors(7.4, 7.4, 3.4)),
  plane: joined(
    "M0-11.5 C1.2-11.5 1.8-8.5 1.8-4.2 L11 2.2 L11 4.6 L1.7 2 L1.2 7.4 L4.4 9.8 L4.4 11.4 L0 10.2" +
    "L-4.4 11.4 L-4.4 9.8 L-1.2 7.4 L-1.7 2 L-11 4.6 L-11 2.2 L-1.8-4.2 C-1.8-8.5-1.2-11.5 0-11.5Z"),
  vtol: joined(
    "M0-11.5 C1.3-11.5 1.9-8 1.9-3.4 L11.5-1.4 L11.5 1.2 L1.9 1.6 L1.3 8 L4.4 9.6 L4.4 11.2 L0 10.4" +
    "L-4.4 11.2 L-4.4 9.6 L-1.3 8 L-1.9 1.6 L-11.5 1.2 L-11.5-1.4 L-1.9-3.4 C-1.9-8-1.3-11.5 0-11.5Z",
    ...rotors(6.6, 5.6, 2.5)),
  rover: joined(
    "M-4.6-6.4 L0-10.4 L4.6-6.4 L4.6 9 L-4.6 9Z",
    "M-8-6 L-5.6-6 L-5.6-1 L-8-1Z", "M8-6 L5.6-6 L5.6-1 L8-1Z",
    "M-8 3 L-5.6 3 L-5.6 8 L-8 8Z", "M8 3 L5.6 3 L5.6 8 L8 8Z"),
  boat: joined("M0-11.5 C4.6-6.5 5.6-2 5.2 3.5 L4.2 9.6 L-4.2 9.6 L-5.2 3.5 C-5.6-2-4.6-6.5 0-11.5Z"),
  sub: joined(
    "M0-11 C2.8-11 3.6-8 3.6-4 L3.6 4 C3.6 7 2.4 8.4 1.4 9 L5 10 L5 11.6 L-5 11.6 L-5 10 L-1.4 9" +
    "C-2.4 8.4-3.6 7-3.6 4 L-3.6-4 C-3.6-8-2.8-11 0-11Z",
    "M-7-2.4 L7-2.4 L7-.2 L-7-.2Z"),
  other: joined("M0-8.5 L8.5 0 L0 8.5 L-8.5 0Z"),
};

const draw = (path, state) => {
  const canvas = new OffscreenCanvas(SIZE * RATIO, SIZE * RATIO);
  const pen = canvas.getContext("2d");
  pen.translate(canvas.width / 2, canvas.height / 2);
  pen.scale((SIZE * RATIO) / 30, (SIZE * RATIO) / 30);
  pen.lineJoin = "round";
  // An edge of the ground's colour keeps icons apart from what they cross.
  pen.lineWidth = 3.4;
  pen.strokeStyle = colour("sea");
  pen.stroke(path);
  // Who speaks is solid. Who is silent is hollow: the colour is not the only difference.
  const solid = state === "live" || state === "replay";
  pen.lineWidth = solid ? 0.6 : 1.7;
  pen.strokeStyle = pen.fillStyle = colour(state);
  if (!solid) {
    pen.stroke(path);
    pen.fillStyle = colour("sea");
  }
  pen.fill(path, "nonzero");
  if (state === "lost") {
    pen.lineWidth = 2;
    pen.stroke(new Path2D("M-9-9 L9 9 M9-9 L-9 9"));
  }
  return pen.getImageData(0, 0, canvas.width, canvas.height);
};

export const addIcons = (map) => {
  for (const [shape, path] of Object.entries(SHAPES)) {
    for (const state of STATES) {
      map.addImage(`${shape}-${state}`, draw(path, state), { pixelRatio: RATIO });
    }
  }
};

// Without a heading a shape's nose would lie.
export const icon = (shape, state, heading) =>
  `${heading === null || !(shape in SHAPES) ? "other" : shape}-${state}`;
