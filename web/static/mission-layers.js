// A mission on a map: its path with a number for each stop, its fence, its rally points.

import { colour } from "./palette.js";

const NOTHING = { type: "FeatureCollection", features: [] };
const SOURCE = "mission";
const is = (...kinds) => ["in", ["get", "kind"], ["literal", kinds]];
const FENCE = ["match", ["get", "kind"], "inside", colour("good"), colour("lost")];
const STOP = [
  "match", ["get", "kind"],
  "rally", colour("replay"), "home", colour("good"), "return", colour("lost"),
  "looked", colour("speed"), colour("live"),
];
const round = { "line-join": "round", "line-cap": "round" };

const LAYERS = [
  {
    id: "mission-fence", type: "fill", filter: is("inside", "outside"),
    paint: { "fill-color": FENCE, "fill-opacity": ["match", ["get", "kind"], "inside", 0.05, 0.18] },
  },
  {
    id: "mission-fence-edge", type: "line", filter: is("inside", "outside"), layout: round,
    paint: { "line-color": FENCE, "line-width": 1.6, "line-opacity": 0.85, "line-dasharray": [3, 2.2] },
  },
  {
    id: "mission-path-edge", type: "line", filter: is("path"), layout: round,
    paint: { "line-color": colour("sea"), "line-width": 5, "line-opacity": 0.8 },
  },
  {
    id: "mission-path", type: "line", filter: is("path"), layout: round,
    paint: { "line-color": colour("live"), "line-width": 2.2 },
  },
  {
    id: "mission-current", type: "circle", filter: ["==", ["get", "number"], -1],
    paint: {
      "circle-radius": 15, "circle-color": colour("good"), "circle-opacity": 0.18,
      "circle-stroke-color": colour("good"), "circle-stroke-width": 1.6,
    },
  },
  {
    id: "mission-stops", type: "circle", filter: is("item", "rally", "home", "return", "looked"),
    paint: {
      "circle-radius": 9, "circle-color": colour("panel"),
      "circle-stroke-color": STOP, "circle-stroke-width": 2,
    },
  },
  {
    id: "mission-numbers", type: "symbol", filter: is("item", "rally", "home", "return", "looked"),
    layout: {
      "text-field": ["get", "label"], "text-font": ["Inter"], "text-size": 11,
      // Stops in one place: the last is read, and the path says that there are others.
      "symbol-sort-key": ["-", 0, ["coalesce", ["get", "number"], -1]],
      "text-padding": 0,
    },
    paint: { "text-color": colour("ink") },
  },
];

// Adds the layers under the layer `below`; gives what draws a mission, and what marks its items.
export const addMission = (map, below) => {
  map.addSource(SOURCE, { type: "geojson", data: NOTHING });
  for (const layer of LAYERS) map.addLayer({ ...layer, source: SOURCE }, below);
  return {
    draw: (drawing) => map.getSource(SOURCE).setData(drawing ?? NOTHING),
    mark: (numbers) => map.setFilter("mission-current", [
      "all", ["==", ["get", "kind"], "item"], ["in", ["get", "number"], ["literal", numbers]],
    ]),
  };
};

export const load = async (path) => {
  const answer = await fetch(path, { headers: { Accept: "application/geo+json" } });
  return answer.ok && answer.headers.get("content-type")?.includes("json") ? answer.json() : NOTHING;
};

const bounds = (features) => {
  const places = [];
  const walk = (each) => (typeof each[0] === "number" ? places.push(each) : each.forEach(walk));
  for (const { geometry } of features) walk(geometry.coordinates);
  if (!places.length) return null;
  const [east, north] = [0, 1].map((n) => places.map((each) => each[n]));
  return [[Math.min(...east), Math.min(...north)], [Math.max(...east), Math.max(...north)]];
};

// Shows where a mission leads; with `whole`, its fence as well, which may be far beyond.
export const fitTo = (map, { features }, whole = true, duration = 0) => {
  const led = features.filter(({ geometry }) => whole || geometry.type !== "Polygon");
  const found = bounds(led.length ? led : features);
  if (found) map.fitBounds(found, { padding: 56, maxZoom: 17, duration });
};

// The mission on board of whoever is selected, asked for anew each time that somebody is.
export const showMissions = (map, below) => {
  const { draw } = addMission(map, below);
  let shown = null;
  return async (id) => {
    if (id === shown) return;
    shown = id;
    draw(null);
    if (!id) return;
    const drawing = await load(`/entities/${id}/mission`).catch(() => NOTHING);
    // Somebody else may have been selected meanwhile.
    if (shown === id) draw(drawing);
  };
};
