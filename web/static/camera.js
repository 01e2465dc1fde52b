// Where the map looks: at the fleet, or at one vehicle.

import { isShown } from "./filter.js";
import { all, place } from "./places.js";

const CLOSE = 14;

// West and east of places, across the antimeridian where that is shorter.
const span = (longitudes) => {
  const sorted = [...longitudes].sort((a, b) => a - b);
  let west = sorted[0], east = sorted.at(-1), gap = 360 - (east - west);
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i] - sorted[i - 1] > gap) {
      gap = sorted[i] - sorted[i - 1];
      [west, east] = [sorted[i], sorted[i - 1] + 360];
    }
  }
  return [west, east];
};

// Shows the fleet: who is not lost, where there is anybody; else all of it.
export const fit = (map, duration = 700) => {
  const shown = all().filter(({ id }) => isShown(id));
  const heard = shown.filter(({ state }) => state !== "lost");
  const places = heard.length ? heard : shown;
  if (!places.length) return;
  const [west, east] = span(places.map(({ at }) => at[0]));
  const latitudes = places.map(({ at }) => at[1]);
  const size = map.getCanvas();
  const room = Math.min(90, size.clientWidth / 6, size.clientHeight / 6);
  // To the right there are buttons, and names of vehicles.
  const padding = { top: room, bottom: room, left: room, right: Math.min(room + 40, size.clientWidth / 4) };
  map.fitBounds([[west, Math.min(...latitudes)], [east, Math.max(...latitudes)]], {
    padding, duration, maxZoom: CLOSE,
  });
};

export const flyTo = (map, id, duration = 900) => {
  const center = place(id)?.at;
  if (center) map.flyTo({ center, zoom: Math.max(map.getZoom(), CLOSE - 0.5), duration });
};

// Brings a vehicle into view, if it is not.
export const reveal = (map, id) => {
  const center = place(id)?.at;
  if (center && !map.getBounds().contains(center)) map.easeTo({ center, duration: 400 });
};
