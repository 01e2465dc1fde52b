// Lines to judge distances by: degrees from afar, a grid of round metres close by.

import { colour } from "./palette.js";

const METRES = 111195; // A degree of latitude.
const NEAR = 8;
const SPACING = 90; // Pixels between two lines, at least.
const MOST = 400;

const nice = (least) => {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((step) => step * power >= least);
};
export const metres = (value) => (value >= 1000 ? `${value / 1000} km` : `${value} m`);

// Metres to a pixel, in the middle of the map.
export const resolution = (map) =>
  (2 * Math.PI * 6371008.8 * Math.cos((map.getCenter().lat * Math.PI) / 180)) /
  (512 * 2 ** map.getZoom());

const lines = (west, south, east, north, stepX, stepY, [x0, y0]) => {
  const found = [];
  const first = (low, zero, step) => zero + Math.ceil((low - zero) / step) * step;
  for (let x = first(west, x0, stepX); x <= east && found.length < MOST; x += stepX) {
    found.push([[x, south], [x, north]]);
  }
  for (let y = first(south, y0, stepY); y <= north && found.length < MOST; y += stepY) {
    // A parallel is no straight line on a globe.
    const parts = Math.max(1, Math.min(72, Math.ceil((east - west) / 5)));
    const step = (east - west) / parts;
    found.push(Array.from({ length: parts + 1 }, (_, i) => [west + i * step, y]));
  }
  return found;
};

const degrees = (map) => {
  const step = map.getZoom() < 3 ? 15 : map.getZoom() < 5 ? 5 : map.getZoom() < 6.5 ? 2 : 1;
  return { lines: lines(-180, -80, 180, 80, step, step, [0, 0]), step: `${step}°` };
};

const close = (map) => {
  const side = nice(resolution(map) * SPACING);
  const bounds = map.getBounds();
  // The grid hangs on a round place near the middle, so that it stays as the map is moved.
  const at = [map.getCenter().lng, map.getCenter().lat].map((each) => Math.round(each * 5) / 5);
  const stepY = side / METRES, stepX = stepY / Math.cos((at[1] * Math.PI) / 180);
  return {
    lines: lines(
      bounds.getWest() - stepX, bounds.getSouth() - stepY,
      bounds.getEast() + stepX, bounds.getNorth() + stepY, stepX, stepY, at,
    ),
    step: metres(side),
  };
};

// Draws the grid under the layer `below`, and tells `hear` how far its lines are apart.
export const addGrid = (map, below, hear) => {
  map.addSource("grid", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({
    id: "grid",
    type: "line",
    source: "grid",
    paint: { "line-color": colour("grid"), "line-width": 0.7 },
  }, below);
  let drawn = "";
  const draw = () => {
    const near = map.getZoom() >= NEAR;
    const grid = near ? close(map) : degrees(map);
    if (near || grid.step !== drawn) {
      map.getSource("grid").setData({ type: "MultiLineString", coordinates: grid.lines });
      hear(grid.step);
    }
    drawn = near ? "" : grid.step;
  };
  map.on("moveend", draw);
  draw();
};
