// The map of a mission's page: where it leads, and the vehicles that it was sent to.

import { addMission, fitTo, load } from "./mission-layers.js";
import { addScale, openMap } from "./open-map.js";
import { onMoves } from "./places.js";
import { isSilent } from "./silence.js";
import { afterPatch } from "./stream.js";

const panel = document.querySelector("#map");

// The items that vehicles are at now, by their own word; none when nothing comes any more.
const current = () => (isSilent() ? [] :
  [...document.querySelectorAll("#mission-uploads [data-current]")].map((each) => Number(each.dataset.current)));

// Their rows in the table are marked, with a map and without.
const markRows = () => {
  const now = current();
  document.querySelectorAll('[data-list="mission"] tbody tr').forEach((row, number) =>
    row.toggleAttribute("data-now", now.includes(number)));
  document.querySelectorAll(".profile [data-item]").forEach((stop) =>
    stop.toggleAttribute("data-now", now.includes(Number(stop.dataset.item))));
};
markRows();
afterPatch(markRows);
document.addEventListener("overwatch-silence", markRows);

const furnish = async ({ map, maplibre, refineWhenClose }) => {
  const [{ addVehicles }, { addButtons }, drawing] = await Promise.all([
    import("./vehicles.js"), import("./controls.js"), load(panel.dataset.drawing),
  ]);
  const vehicles = addVehicles(map);
  const mission = addMission(map, "selected");
  mission.draw(drawing);
  fitTo(map, drawing, false);
  addScale(map, maplibre);
  addButtons(map, {
    fit: () => fitTo(map, drawing, true, 700), whole: "Fit the mission and its fence", labels: ["names"],
  });
  const draw = () => {
    vehicles.draw(() => true);
    mission.mark(current());
  };
  onMoves(draw);
  afterPatch(draw);
  document.addEventListener("overwatch-silence", draw);
  draw();
  refineWhenClose(map);
  panel.dataset.ready = "drawn";
};

openMap(panel, "The table below has all places.").then((opened) => opened && furnish(opened));
