/** Small charts in SVG: stacked bars and lines over periods. Each has a pattern or dash besides its colour, and a table behind it. */

import { el, svg, table } from "./dom";

export interface Series {
  name: string;
  values: (number | null)[];
  colour: string;
  kind?: "bar" | "line" | "step";
}

export interface Chart {
  title: string;
  labels: string[];
  series: Series[];
  words: (value: number) => string;
  /** The period that the slider stands at; none where time is something else. */
  at?: number | null;
  note?: string | undefined;
  /** Where each label stands, where they are not evenly spaced. */
  xs?: number[];
}

const W = 420, H = 168, LEFT = 50, RIGHT = 10, TOP = 8, BOTTOM = 20;
const DASHES = ["", "6 3", "2 3", "8 3 2 3"];
let ids = 0;

/** The chart with its legend, and its figures as a table for whoever cannot see it. */
export function chart(c: Chart): HTMLElement {
  const bars = c.series.filter((s) => (s.kind ?? "bar") === "bar");
  const lines = c.series.filter((s) => (s.kind ?? "bar") !== "bar");
  const n = c.labels.length;
  const up = c.labels.map((_, i) => bars.reduce((sum, s) => sum + Math.max(0, s.values[i] ?? 0), 0));
  const down = c.labels.map((_, i) => bars.reduce((sum, s) => sum + Math.min(0, s.values[i] ?? 0), 0));
  const all = [...(bars.length > 0 ? [...up, ...down] : []), ...lines.flatMap((s) => s.values.filter((v): v is number => v !== null))];
  const isRange = bars.length === 0;
  const ticks = nice(Math.min(isRange ? Infinity : 0, ...all), Math.max(isRange ? -Infinity : 0, ...all));
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const span = c.xs ? Math.max(1e-9, c.xs.at(-1)! - c.xs[0]!) : 1;
  const x = (i: number): number => LEFT + (W - LEFT - RIGHT) * (c.xs ? (c.xs[i]! - c.xs[0]!) / span : (i + 0.5) / Math.max(1, n));
  const y = (v: number): number => TOP + ((H - TOP - BOTTOM) * (high - v)) / (high - low || 1);
  const width = Math.max(1, ((W - LEFT - RIGHT) / Math.max(1, n)) * 0.74);
  const prefix = `c${++ids}`;
  const picture = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${c.title}. ${told(c, bars, up)}` });
  picture.append(patterns(prefix, bars));
  for (const t of ticks) {
    picture.append(svg("line", { x1: LEFT, x2: W - RIGHT, y1: y(t), y2: y(t), class: t === 0 ? "axis" : "grid" }),
      svg("text", { x: LEFT - 5, y: y(t) + 3.5, class: "tick end" }, c.words(t).replace(/\.0+ /, " ")));
  }
  const every = Math.ceil(n / 5);
  c.labels.forEach((label, i) => {
    if (c.xs ? i === 0 || i === n - 1 : i % every === 0 || n <= 6) picture.append(svg("text", { x: x(i), y: H - 5, class: c.xs && i > 0 ? "tick end" : c.xs ? "tick" : "tick middle" }, label));
    let above = 0, below = 0;
    bars.forEach((s, k) => {
      const v = s.values[i] ?? 0;
      if (!v) return;
      const base = v > 0 ? above : below;
      const [a, b] = [y(base), y(base + v)];
      if (v > 0) above += v; else below += v;
      picture.append(svg("rect", { x: x(i) - width / 2, width, y: Math.min(a, b), height: Math.max(0.5, Math.abs(a - b)), fill: `url(#${prefix}-${k})`,
        class: c.at !== undefined && c.at !== null && i > c.at ? "future" : null }, svg("title", {}, `${label}: ${s.name} ${c.words(v)}`)));
    });
  });
  lines.forEach((s, k) => picture.append(svg("path", { d: path(s, x, y, width / 0.74), stroke: s.colour, "stroke-dasharray": DASHES[k % 4]!, class: "line" })));
  if (c.at !== undefined && c.at !== null && n > 0) picture.append(svg("line", { x1: x(c.at), x2: x(c.at), y1: TOP, y2: H - BOTTOM, class: "now" }));
  return el("figure", { class: "chart" }, el("figcaption", {}, c.title), picture, legend(prefix, bars, lines), c.note ? el("p", { class: "note" }, c.note) : null, figures(c));
}

function told(c: Chart, bars: Series[], up: number[]): string {
  const last = c.labels.length - 1;
  const at = c.at ?? last;
  if (bars.length > 0 && up.length > 0) return `${c.labels[at]}: ${c.words(up[at] ?? 0)}; at the end ${c.words(up[last] ?? 0)}.`;
  return c.series.map((s) => `${s.name} ends at ${c.words(s.values.findLast((v) => v !== null) ?? 0)}`).join("; ");
}

/** Round numbers from below the least to above the most. */
export function nice(low: number, high: number): number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (high === low) [low, high] = [low - Math.abs(low || 1) * 0.05, high + Math.abs(high || 1) * 0.05];
  if (low > 0 && high - low < 0.01 * high) low = high * 0.99;
  const raw = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((s) => s * power).find((s) => s >= raw) ?? raw;
  const from = Math.floor(low / step + 1e-9), to = Math.ceil(high / step - 1e-9);
  return Array.from({ length: to - from + 1 }, (_, i) => (from + i) * step);
}

function path(s: Series, x: (i: number) => number, y: (v: number) => number, full: number): string {
  let pen = "";
  s.values.forEach((v, i) => {
    if (v === null) return;
    const first = pen === "";
    if (s.kind === "step") pen += `${first ? "M" : "L"}${x(i) - full / 2} ${y(v)}L${x(i) + full / 2} ${y(v)}`;
    else pen += `${first ? "M" : "L"}${x(i)} ${y(v)}`;
  });
  return pen;
}

function patterns(prefix: string, bars: Series[]): SVGDefsElement {
  return svg("defs", {}, ...bars.map((s, k) =>
    svg("pattern", { id: `${prefix}-${k}`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${k * 45})` },
      svg("rect", { width: 6, height: 6, fill: s.colour }),
      k > 0 ? svg("line", { x1: 0, x2: 0, y1: 0, y2: 6, class: "hatch", "stroke-width": k > 3 ? 4 : 2 }) : null)));
}

function legend(prefix: string, bars: Series[], lines: Series[]): HTMLElement {
  const key = (mark: SVGElement, name: string): HTMLElement => el("li", {}, svg("svg", { viewBox: "0 0 16 10", class: "key", "aria-hidden": "true" }, mark), name);
  return el("ul", { class: "keys" },
    ...bars.map((s, k) => key(svg("rect", { width: 16, height: 10, fill: `url(#${prefix}-${k})` }), s.name)),
    ...lines.map((s, k) => key(svg("path", { d: "M0 5H16", stroke: s.colour, "stroke-dasharray": DASHES[k % 4]!, class: "line" }), s.name)));
}

function figures(c: Chart): HTMLElement {
  const box = el("details", {}, el("summary", {}, "Figures"));
  box.addEventListener("toggle", () => {
    if (!box.open || box.querySelector("table")) return;
    const rows = c.labels.map((label, i) => [label, ...c.series.map((s) => { const v = s.values[i]; return v === null || v === undefined ? "–" : c.words(v); })]);
    box.append(el("div", { class: "scroll" }, table(["Period", ...c.series.map((s) => s.name)], rows)));
  });
  return box;
}
