// The world as a map style: Natural Earth from our own files, no glyphs, no sprites.

import "./vendor/topojson-client.min.js";
import { colour } from "./palette.js";

const { feature } = globalThis.topojson;
const NEAR = 7; // From this zoom on the finer coast is worth its size.

const load = async (name) => (await fetch(`/static/vendor/${name}.topo.json`)).json();
const source = (topology, name, more) => ({
  type: "geojson",
  data: feature(topology, topology.objects[name]),
  ...more,
});

const FONT = ["Inter"];
const byZoom = (...stops) => ["interpolate", ["exponential", 1.4], ["zoom"], ...stops];
const line = (id, from, paint, more) => ({ id, type: "line", source: from, paint, ...more });
const round = { layout: { "line-join": "round", "line-cap": "round" } };

// Water that grows lighter towards the shore; land covers the other half of each line.
const shelves = (coast, suffix) =>
  [[2, 0.13], [0.8, 0.2]].map(([width, opacity], index) =>
    line(`shelf-${index}${suffix}`, coast, {
      "line-color": colour("shelf"),
      "line-opacity": opacity,
      "line-width": byZoom(0, 4 * width, 6, 14 * width, 12, 60 * width, 16, 120 * width),
      "line-blur": byZoom(0, 2 * width, 6, 9 * width, 12, 40 * width, 16, 80 * width),
    }, round));

const ground = (land, coast, borders, suffix) => [
  ...shelves(coast, suffix),
  { id: `land${suffix}`, type: "fill", source: land, paint: { "fill-color": colour("land") } },
  line(`borders${suffix}`, borders, {
    "line-color": colour("border"),
    "line-width": byZoom(1, 0.4, 8, 1.4),
  }),
  line(`coast${suffix}`, coast, {
    "line-color": colour("coast"),
    "line-width": byZoom(1, 0.5, 8, 1.1, 14, 1.6),
  }, round),
];

const name = (id, from, layout, paint, more) => ({
  id,
  type: "symbol",
  source: from,
  layout: { "text-field": ["get", "name"], "text-font": FONT, ...layout },
  paint: { "text-halo-color": colour("land"), "text-halo-width": 1.2, ...paint },
  ...more,
});

export const style = async () => {
  // Names are drawn with the page's own fonts, which must be there before the first is.
  const [base] = await Promise.all([load("base"), document.fonts.load("500 16px Inter")]);
  const sources = Object.fromEntries(Object.keys(base.objects).map((each) => [
    each, source(base, each, { maxzoom: 10, attribution: "" }),
  ]));
  return {
    version: 8,
    // A globe from afar. Close by it is flat: cheaper to draw, and names lie where they should.
    projection: {
      type: ["interpolate", ["linear"], ["zoom"], 5, "vertical-perspective", 7, "mercator"],
    },
    sources,
    layers: [
      { id: "sea", type: "background", paint: { "background-color": colour("sea") } },
      ...ground("land", "coast", "borders", ""),
      { id: "lakes", type: "fill", source: "lakes", paint: { "fill-color": colour("lake") } },
      line("rivers", "rivers", {
        "line-color": colour("river"), "line-width": byZoom(2, 0.4, 8, 1.2),
      }, { minzoom: 3, maxzoom: 8 }),
      line("regions", "regions", {
        "line-color": colour("border"), "line-width": 0.6, "line-dasharray": [3, 3],
      }, { minzoom: 3.5, maxzoom: 8 }),
      name("countries", "countries", {
        "text-size": byZoom(1, 9, 5, 13),
        "text-transform": "uppercase",
        "text-letter-spacing": 0.16,
        "text-max-width": 8,
        "text-padding": 6,
        "symbol-sort-key": ["-", 0, ["get", "size"]],
      }, { "text-color": colour("place") }, {
        minzoom: 1,
        maxzoom: 7,
        // A name for every island would leave none for the countries.
        filter: [">=", ["get", "size"], ["step", ["zoom"], 14, 3, 7, 4, 3, 5, 0]],
      }),
      {
        id: "city-dots", type: "circle", source: "cities", minzoom: 4,
        paint: { "circle-radius": 2, "circle-color": colour("place") },
      },
      name("cities", "cities", {
        "text-size": byZoom(4, 10, 10, 13),
        "text-offset": [0.6, 0],
        "text-anchor": "left",
      }, { "text-color": colour("place") }, { minzoom: 4 }),
    ],
  };
};

// The finer coast takes the place of the coarse one the first time that anybody is close to it.
export const refineWhenClose = (map) => {
  const refine = async () => {
    if (map.getZoom() < NEAR) return;
    map.off("move", refine);
    const coast = await load("coast");
    for (const each of ["land", "coast", "borders"]) {
      map.addSource(`near-${each}`, source(coast, each, { maxzoom: 12 }));
    }
    for (const layer of ground("near-land", "near-coast", "near-borders", "-near")) {
      map.addLayer({ ...layer, minzoom: NEAR }, "lakes");
    }
    await map.once("idle");
    for (const layer of ground("land", "coast", "borders", "")) {
      map.setLayerZoomRange(layer.id, 0, NEAR);
    }
  };
  map.on("move", refine);
};
