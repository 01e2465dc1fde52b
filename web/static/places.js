// Where every vehicle is, as the stream tells it, and as the map draws it.

import { icon } from "./icons.js";
import { on } from "./stream.js";
import { isSilent } from "./silence.js";

const places = new Map();
const movers = [];

// The cells of a row, in the order in which the server writes them.
const read = (
  [id, name, longitude, latitude, heading, state, shape, altitude, own, why, seen]) =>
  ({ id, name, at: [longitude, latitude], heading, state, shape, altitude, own, why, seen });

export const place = (id) => places.get(id);
export const all = () => [...places.values()];

// Call `hear` with each place that is new, and with the kind of event that told of them.
export const onMoves = (hear) => movers.push(hear);

on("datastar-geo", ({ t: kind, e: rows }) => {
  const cells = JSON.parse(rows);
  if (kind === "remove") {
    for (const id of cells) places.delete(id);
  } else {
    if (kind === "snapshot") places.clear();
    for (const each of cells.map(read)) places.set(each.id, each);
  }
  const told = kind === "remove" ? [] : cells.map(([id]) => places.get(id));
  for (const hear of movers) hear(told, kind);
});

// When nothing comes any more, who was live is not known to be.
export const shownState = ({ state }) =>
  isSilent() && (state === "live" || state === "replay") ? "stale" : state;

export const features = (isShown) => ({
  type: "FeatureCollection",
  features: all().filter(({ id }) => isShown(id)).map((each) => {
    const state = shownState(each);
    return {
      type: "Feature",
      geometry: { type: "Point", coordinates: each.at },
      properties: {
        id: each.id,
        name: each.name,
        state,
        icon: icon(each.shape, state, each.heading),
        heading: each.heading ?? 0,
      },
    };
  }),
});
