// The vehicles on the map: an icon each, its name, and a ring around the selected one.

import { addIcons } from "./icons.js";
import { colour } from "./palette.js";
import { features } from "./places.js";

const STATE_COLOUR = [
  "match", ["get", "state"],
  "live", colour("ink"), "replay", colour("replay"), "stale", colour("stale"), colour("lost"),
];

export const addVehicles = (map) => {
  addIcons(map);
  map.addSource("vehicles", {
    type: "geojson", data: { type: "FeatureCollection", features: [] },
  });
  map.addLayer({
    id: "selected",
    type: "circle",
    source: "vehicles",
    filter: ["==", ["get", "id"], ""],
    paint: {
      "circle-radius": 21,
      "circle-color": colour("ink"),
      "circle-opacity": 0.08,
      "circle-stroke-color": colour("ink"),
      "circle-stroke-width": 1.4,
      "circle-stroke-opacity": 0.85,
    },
  });
  map.addLayer({
    id: "vehicles",
    type: "symbol",
    source: "vehicles",
    layout: {
      "icon-image": ["get", "icon"],
      "icon-rotate": ["get", "heading"],
      "icon-rotation-alignment": "map",
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
    },
  });
  map.addLayer({
    id: "names",
    type: "symbol",
    source: "vehicles",
    layout: {
      "text-field": ["get", "name"],
      "text-font": ["Inter"],
      "text-size": 12,
      "text-max-width": 14,
      "text-variable-anchor": ["left", "right", "top", "bottom"],
      "text-radial-offset": 1.9,
      "text-justify": "auto",
      "text-padding": 1,
    },
    paint: {
      "text-color": STATE_COLOUR,
      "text-halo-color": colour("sea"),
      "text-halo-width": 1.6,
    },
  });
  return {
    draw: (isShown) => map.getSource("vehicles").setData(features(isShown)),
    mark: (id) => map.setFilter("selected", ["==", ["get", "id"], id ?? ""]),
  };
};
