// Opens a map in a panel: the world, and nothing on it yet.

const canDraw = () => Boolean(document.createElement("canvas").getContext("webgl2"));

const refuse = (panel, why, instead) => {
  const words = document.createElement("p");
  words.className = "map-refusal";
  words.textContent = `The map cannot be drawn: ${why} ${instead}`;
  panel.replaceChildren(words);
  panel.dataset.ready = "without";
  return null;
};

const build = async (panel, more) => {
  const [maplibre, { refineWhenClose, style }] = await Promise.all([
    import("./vendor/maplibre-gl.mjs"), import("./basemap.js"),
  ]);
  maplibre.setWorkerUrl("/static/vendor/maplibre-gl-worker.mjs");
  const map = new maplibre.Map({
    container: panel,
    style: await style(),
    center: [0, 28],
    zoom: 1.6,
    maxZoom: 20,
    maxPitch: 60,
    attributionControl: false,
    // A name that fades in is a name that cannot be read yet.
    fadeDuration: 0,
    ...more,
  });
  panel.map = map;
  // Not "load", which waits for the whole world to be drawn: vehicles come first.
  await map.once("style.load");
  return { map, maplibre, refineWhenClose };
};

// What every map says of itself: how far is how far, and whose the world is.
export const addScale = (map, maplibre) => {
  map.addControl(new maplibre.ScaleControl({ maxWidth: 110 }), "bottom-left");
  map.addControl(new maplibre.AttributionControl({
    compact: false, customAttribution: "Natural Earth",
  }), "bottom-right");
};

// The map, or null where there can be none: then the panel says why, and what there is instead.
export const openMap = async (panel, instead, more = {}) => {
  if (!canDraw()) return refuse(panel, "this browser offers no WebGL 2.", instead);
  try {
    return await build(panel, more);
  } catch {
    return refuse(panel, "its parts could not be loaded.", instead);
  }
};
