// Range rings around the selected vehicle: how far is it to what is near it.

import { metres, resolution } from "./grid.js";
import { colour } from "./palette.js";

const EARTH = 6371008.8;
const POINTS = 96;
const RADIANS = Math.PI / 180;
const STEPS = [1, 2, 5];
const LEAST = 32; // Pixels: a smaller one would lie under the vehicle.

const circle = ([longitude, latitude], radius) => {
  const reach = radius / EARTH, sine = Math.sin(latitude * RADIANS);
  const cosine = Math.cos(latitude * RADIANS);
  return Array.from({ length: POINTS + 1 }, (_, index) => {
    const bearing = (index / POINTS) * 2 * Math.PI;
    const y = Math.asin(sine * Math.cos(reach) + cosine * Math.sin(reach) * Math.cos(bearing));
    const x = Math.atan2(
      Math.sin(bearing) * Math.sin(reach) * cosine, Math.cos(reach) - sine * Math.sin(y));
    return [longitude + x / RADIANS, y / RADIANS];
  });
};

// Three radii that fit the screen: of 1, 2 and 5 times a power of ten.
const radii = (map) => {
  const size = map.getCanvas();
  const reach = 0.45 * resolution(map) * Math.min(size.clientWidth, size.clientHeight);
  const all = [1, 10, 100, 1e3, 1e4, 1e5, 1e6].flatMap((power) => STEPS.map((step) => step * power));
  return all.filter((radius) => radius <= reach && radius >= LEAST * resolution(map)).slice(-3);
};

export const addRings = (map, below) => {
  map.addSource("rings", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({
    id: "rings",
    type: "line",
    source: "rings",
    filter: ["==", ["geometry-type"], "LineString"],
    paint: { "line-color": colour("ring"), "line-width": 1, "line-dasharray": [2, 4] },
  }, below);
  map.addLayer({
    id: "ring-names",
    type: "symbol",
    source: "rings",
    filter: ["==", ["geometry-type"], "Point"],
    layout: {
      "text-field": ["get", "name"], "text-font": ["Inter"], "text-size": 10,
      "text-allow-overlap": true,
    },
    paint: {
      "text-color": colour("ring"), "text-halo-color": colour("sea"), "text-halo-width": 1.5,
    },
  }, below);
  // Around `place`, or nowhere.
  return (place) => {
    const features = (place ? radii(map) : []).flatMap((radius) => {
      const coordinates = circle(place, radius);
      const properties = { name: metres(radius) };
      return [
        { type: "Feature", properties, geometry: { type: "LineString", coordinates } },
        { type: "Feature", properties, geometry: { type: "Point", coordinates: coordinates[POINTS / 2] } },
      ];
    });
    map.getSource("rings").setData({ type: "FeatureCollection", features });
  };
};
