// The way that each vehicle has come while we looked, fading with its distance from now.

import { colour, STATES } from "./palette.js";
import { all, onMoves, shownState } from "./places.js";

const MOST = 900;
const PAUSE = 30_000; // Milliseconds of silence after which a new piece begins.
const LEAST = 1e-5; // Degrees; about a metre.

const tracks = new Map();

const begin = (at) => ({ points: [at], told: performance.now() });

// Who was there before us begins where it is.
for (const { id, at } of all()) tracks.set(id, begin(at));

onMoves((told, kind) => {
  const time = performance.now();
  for (const { id, at } of told) {
    const track = tracks.get(id);
    if (!track || time - track.told > PAUSE || Math.abs(track.points.at(-1)[0] - at[0]) > 180) {
      tracks.set(id, begin(at));
      continue;
    }
    track.told = time;
    const [x, y] = track.points.at(-1);
    if (Math.abs(x - at[0]) < LEAST && Math.abs(y - at[1]) < LEAST) continue;
    track.points.push(at);
    if (track.points.length > MOST) track.points.shift();
  }
  if (kind === "delta") return;
  const here = new Set(all().map(({ id }) => id));
  for (const id of tracks.keys()) if (!here.has(id)) tracks.delete(id);
});

const features = (isShown) => ({
  type: "FeatureCollection",
  features: all().flatMap((each) => {
    const points = tracks.get(each.id)?.points ?? [];
    if (points.length < 2 || !isShown(each.id)) return [];
    return [{
      type: "Feature",
      properties: { id: each.id, state: shownState(each) },
      geometry: { type: "LineString", coordinates: points },
    }];
  }),
});

const faded = (name, share) => {
  const [r, g, b] = colour(name).match(/\w\w/g).map((each) => parseInt(each, 16));
  return `rgba(${r},${g},${b},${share})`;
};

export const TRACK_LAYERS = STATES.map((state) => `track-${state}`);

// Adds the layers under the layer `below`; returns what draws them anew.
export const addTracks = (map, below) => {
  map.addSource("tracks", {
    type: "geojson",
    lineMetrics: true,
    data: { type: "FeatureCollection", features: [] },
  });
  // A gradient cannot depend on a feature, hence a layer for each state.
  for (const state of STATES) {
    map.addLayer({
      id: `track-${state}`,
      type: "line",
      source: "tracks",
      filter: ["==", ["get", "state"], state],
      layout: { "line-join": "round", "line-cap": "round" },
      paint: {
        "line-width": 2.4,
        "line-gradient": [
          "interpolate", ["linear"], ["line-progress"],
          0, faded(state, 0.05), 0.4, faded(state, 0.4), 1, faded(state, 0.95),
        ],
      },
    }, below);
  }
  let drawn = "";
  return (isShown) => {
    // Drawing costs power: only what has changed is drawn.
    const found = features(isShown);
    const now = JSON.stringify(found.features.map(({ properties, geometry: { coordinates } }) =>
      [properties, coordinates.length, coordinates.at(-1)]));
    if (now !== drawn) map.getSource("tracks").setData(found);
    drawn = now;
  };
};
