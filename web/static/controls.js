// The buttons on the map, and the line below it: where the cursor is, and what a square of the grid is.

const button = (name, text, title, act) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `map-${name}`;
  made.textContent = text;
  made.title = title;
  made.setAttribute("aria-label", title);
  made.addEventListener("click", act);
  return made;
};

const toggle = (name, text, title, show) => {
  const made = button(name, text, title, () => {
    const on = made.getAttribute("aria-pressed") !== "true";
    made.setAttribute("aria-pressed", on);
    show(on);
  });
  made.setAttribute("aria-pressed", "true");
  return made;
};

const group = (...children) => {
  const made = document.createElement("div");
  made.className = "maplibregl-ctrl maplibregl-ctrl-group map-buttons";
  made.append(...children);
  return { onAdd: () => made, onRemove: () => made.remove() };
};

const visible = (map, layers) => (on) => {
  for (const layer of layers) map.setLayoutProperty(layer, "visibility", on ? "visible" : "none");
};

export const addButtons = (map, { fit, whole = "Fit the fleet (f)", labels, tracks }) => {
  map.addControl(group(
    button("in", "+", "Closer", () => map.zoomIn()),
    button("out", "−", "Farther", () => map.zoomOut()),
    button("fit", "◎", whole, fit),
  ), "top-right");
  map.addControl(group(
    toggle("labels", "Aa", "Names of vehicles", visible(map, labels)),
    ...(tracks ? [toggle("tracks", "∿", "Tracks", visible(map, tracks))] : []),
  ), "top-right");
};

const degrees = (value, digits, positive, negative) =>
  `${Math.abs(value).toFixed(5).padStart(digits + 6, "0")}°${value < 0 ? negative : positive}`;

// Returns what writes the spacing of the grid.
export const addReadout = (map) => {
  const line = document.createElement("div");
  line.className = "readout";
  const [cursor, grid] = [document.createElement("span"), document.createElement("span")];
  cursor.className = "readout-cursor";
  line.append(cursor, grid);
  map.getContainer().append(line);
  const write = ({ lng, lat }) => {
    const longitude = ((((lng + 180) % 360) + 360) % 360) - 180;
    cursor.textContent = `${degrees(lat, 2, "N", "S")} ${degrees(longitude, 3, "E", "W")}`;
  };
  map.on("mousemove", ({ lngLat }) => write(lngLat));
  map.on("move", () => matchMedia("(hover: none)").matches && write(map.getCenter()));
  return (step) => (grid.textContent = `grid ${step}`);
};
