// The charts of an entity: the last ten minutes, sliding, with one crosshair for all.

import uPlot from "./vendor/uPlot.mjs";
import { now } from "./clock.js";
import { colour } from "./palette.js";
import { on } from "./stream.js";

const WINDOW = 600; // Seconds; less for as long as there is less to show.
const LEAST_WINDOW = 60;
const PAUSE = 10; // Seconds without a point after which a line does not go on.
const HEIGHT = 150;
// A line's colour, the least room above and below it, and what it cannot go beyond.
const LOOKS = {
  altitude: { name: "live", room: 2 },
  speed: { name: "speed", room: 0.5, floor: 0 },
  battery: { name: "good", room: 2, floor: 0, ceiling: 100 },
  voltage: { name: "replay", room: 0.2, floor: 0 },
};
const FONT = "11px 'JetBrains Mono', monospace";

const together = uPlot.sync("entity");
const time = uPlot.tzDate;
const utc = (seconds) => time(new Date(seconds * 1e3), "Etc/UTC");
const axis = (more) => ({
  font: FONT,
  stroke: colour("dim"),
  grid: { stroke: colour("line"), width: 1 },
  ticks: { show: false },
  ...more,
});

class Chart {
  constructor(panel) {
    this.panel = panel;
    this.data = [[], []];
    const head = document.createElement("div");
    head.className = "chart-head";
    const title = document.createElement("h3");
    title.textContent = panel.dataset.title;
    this.value = document.createElement("output");
    head.append(title, this.value);
    panel.append(head);
    const look = LOOKS[panel.dataset.chart];
    const line = colour(look.name);
    this.plot = new uPlot({
      width: panel.clientWidth,
      height: HEIGHT,
      tzDate: utc,
      legend: { show: false },
      padding: [6, 10, 0, 0],
      cursor: { sync: { key: together.key, setSeries: false }, drag: { x: false, y: false }, points: { size: 6 }, dataIdx: Chart.near },
      scales: { x: { time: true, range: () => this.span() }, y: { range: (_plot, ...ends) => Chart.range(look, ...ends) } },
      axes: [
        axis({ size: 24, space: 70, values: Chart.times }),
        axis({ size: 48, space: 26 }),
      ],
      series: [{}, {
        stroke: line,
        width: 1.5,
        fill: (plot) => Chart.fade(plot, line),
        points: { show: false },
      }],
      hooks: { setCursor: [() => this.tell()] },
    }, this.data, panel);
    new ResizeObserver(() => this.plot.setSize({ width: panel.clientWidth, height: HEIGHT })).observe(panel);
    panel.chart = this;
  }

  span() {
    const until = now() / 1000;
    const [first = until] = this.data[0];
    return [Math.max(until - WINDOW, Math.min(first, until - LEAST_WINDOW)), until];
  }

  // A time that would be cut off by the edge is left out.
  static times(plot, ticks, _axis, _space, step) {
    const digits = step < 60 ? 8 : 5;
    const edge = plot.bbox.width / devicePixelRatio - 3 * digits + 10;
    return ticks.map((each) =>
      (plot.valToPos(each, "x") > edge ? null : utc(each).toTimeString().slice(0, digits)));
  }

  // The crosshair tells of a point only where there is one.
  static near(plot, _series, index, at) {
    return Math.abs(plot.data[0][index] - at) < PAUSE ? index : null;
  }

  // A flat line lies in the middle, and noise is not made to look like a storm.
  static range({ room, floor = -Infinity, ceiling = Infinity }, low, high) {
    if (low === null || high === null) return [0, 1];
    const more = Math.max((high - low) * 0.12, room);
    return [Math.max(low - more, floor), Math.min(high + more, ceiling)];
  }

  static fade(plot, line) {
    const { top, height } = plot.bbox;
    const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
    gradient.addColorStop(0, `${line}40`);
    gradient.addColorStop(1, `${line}00`);
    return gradient;
  }

  take(kind, [times, values]) {
    if (kind === "snapshot") this.data = [[], []];
    const [x, y] = this.data;
    times.forEach((at, index) => {
      if (x.length && at - x.at(-1) > PAUSE) {
        x.push(x.at(-1) + 1);
        y.push(null);
      }
      x.push(at);
      y.push(values[index]);
    });
    const old = x.findIndex((at) => at >= now() / 1000 - WINDOW - PAUSE);
    x.splice(0, old < 0 ? x.length : old);
    y.splice(0, old < 0 ? y.length : old);
    this.slide();
  }

  slide() {
    this.plot.setData(this.data);
    this.panel.toggleAttribute("data-empty", this.data[1].every((each) => each === null));
    this.tell();
  }

  // The value under the cursor, else the latest.
  tell() {
    const { idxs, left } = this.plot?.cursor ?? { left: -1 };
    const value = left < 0 ? this.data[1].findLast((each) => each !== null) : this.data[1][idxs[1]];
    const text = value == null ? "–" : `${value.toFixed(1)} ${this.panel.dataset.unit}`;
    if (this.value.textContent !== text) this.value.textContent = text;
  }
}

const charts = new Map(
  [...document.querySelectorAll("[data-chart]")].map((panel) => [panel.dataset.chart, new Chart(panel)]));
on("datastar-chart", ({ k, m, e }) => charts.get(k)?.take(m, JSON.parse(e)));
setInterval(() => charts.forEach((chart) => chart.slide()), 1000);
// Numbers drawn before the font was there are drawn again.
document.fonts.load(FONT).then(() => charts.forEach(({ plot }) => plot.redraw()));
