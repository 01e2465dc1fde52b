// The map page: puts the map together, and keeps it in step with the table.

import { fit, flyTo, reveal } from "./camera.js";
import { isShown, onFilter } from "./filter.js";
import { listen } from "./keys.js";
import { showMissions } from "./mission-layers.js";
import { addScale, openMap } from "./open-map.js";
import { all, onMoves, place } from "./places.js";
import { onSelect, select, selected } from "./selection.js";
import "./sort.js";
import { afterPatch } from "./stream.js";

const panel = document.querySelector("#map");

const furnish = async ({ map, maplibre, refineWhenClose }) => {
  const [{ addButtons, addReadout }, { addGrid }, { addPopup }, { addRings }, tracked, { addVehicles }] =
    await Promise.all([
      import("./controls.js"), import("./grid.js"), import("./popup.js"), import("./rings.js"),
      import("./tracks.js"), import("./vehicles.js"),
    ]);
  const vehicles = addVehicles(map);
  const drawTracks = tracked.addTracks(map, "selected");
  const drawRings = addRings(map, "track-live");
  const drawMission = showMissions(map, "track-live");
  addGrid(map, "countries", addReadout(map));
  addScale(map, maplibre);
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
    drawMission(id);
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

openMap(panel, "The table works without it.").then(
  (opened) => (opened ? furnish(opened) : listen({ fit: () => undefined })));
