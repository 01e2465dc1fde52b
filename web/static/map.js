// The map page: puts the map together, and keeps it in step with the table.

import { fit, flyTo, reveal } from "./camera.js";
import { isShown, onFilter } from "./filter.js";
import { listen } from "./keys.js";
import { all, onMoves, place } from "./places.js";
import { onSelect, select, selected } from "./selection.js";
import "./sort.js";
import { afterPatch } from "./stream.js";

const panel = document.querySelector("#map");

const refuse = (why) => {
  const words = document.createElement("p");
  words.className = "map-refusal";
  words.textContent = `The map cannot be drawn: ${why} The table works without it.`;
  panel.replaceChildren(words);
  panel.dataset.ready = "without";
  listen({ fit: () => undefined });
};

const canDraw = () => Boolean(document.createElement("canvas").getContext("webgl2"));

const build = async () => {
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
  });
  panel.map = map;
  // Not "load", which waits for the whole world to be drawn: vehicles come first.
  await map.once("style.load");
  return { map, maplibre, refineWhenClose };
};

const furnish = async ({ map, maplibre, refineWhenClose }) => {
  const [{ addButtons, addReadout }, { addGrid }, { addPopup }, { addRings }, tracked, { addVehicles }] =
    await Promise.all([
      import("./controls.js"), import("./grid.js"), import("./popup.js"), import("./rings.js"),
      import("./tracks.js"), import("./vehicles.js"),
    ]);
  const vehicles = addVehicles(map);
  const drawTracks = tracked.addTracks(map, "selected");
  const drawRings = addRings(map, "track-live");
  addGrid(map, "countries", addReadout(map));
  map.addControl(new maplibre.ScaleControl({ maxWidth: 110 }), "bottom-left");
  map.addControl(new maplibre.AttributionControl({
    compact: false, customAttribution: "Natural Earth",
  }), "bottom-right");
  const showPopup = addPopup(map, maplibre.Popup, () => select(null));
  const fitFleet = () => fit(map);
  addButtons(map, { fit: fitFleet, labels: ["names"], tracks: tracked.TRACK_LAYERS });
  listen({ fit: fitFleet });

  let dirty = false, looked = false;
  const draw = () => {
    dirty = false;
    vehicles.draw(isShown);
    const id = selected() && place(selected()) && isShown(selected()) ? selected() : null;
    vehicles.mark(id);
    drawRings(id && place(id).at);
    showPopup(id);
    if (looked || !all().length) return;
    // The first sight of the fleet: as it is, or one vehicle if the address names one.
    looked = true;
    if (id) flyTo(map, id, 0);
    else fit(map, 0);
  };
  const drawSoon = () => {
    if (dirty) return;
    dirty = true;
    requestAnimationFrame(draw);
  };

  onMoves(drawSoon);
  onFilter(drawSoon);
  afterPatch(() => selected() && drawSoon());
  document.addEventListener("overwatch-silence", drawSoon);
  map.on("zoomend", drawSoon);
  onSelect((id, go) => {
    drawSoon();
    if (id) (go ? flyTo : reveal)(map, id);
  });
  setInterval(() => drawTracks(isShown), 1000);

  const near = ({ x, y }) => map.queryRenderedFeatures(
    [[x - 8, y - 8], [x + 8, y + 8]], { layers: ["vehicles"] });
  map.on("click", ({ point }) => select(near(point)[0]?.properties.id ?? null));
  map.on("mousemove", ({ point }) => {
    map.getCanvas().style.cursor = near(point).length ? "pointer" : "";
  });
  refineWhenClose(map);
  drawSoon();
  panel.dataset.ready = "drawn";
};

if (canDraw()) build().then(furnish, () => refuse("its parts could not be loaded."));
else refuse("this browser offers no WebGL 2.");
