/** What the map can be coloured by. Every choice also has a shape, a letter, a pattern or a figure: never colour alone. */

import { isDark } from "./theme";
import { statusOf, type Loaded } from "./state";
import type { Site } from "./types";
import { big, money, number, percent, STATUS, vendorName } from "./words";

const SAFE = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c7a00", "#7b6bd6"];
const OWN: Record<string, string> = { nvidia: "#2f9e5b", amd: "#d55e00", google: "#3b7dd8", oracle: "#c0392b" };
const RAMP = ["#fde725", "#a0da39", "#4ac16d", "#1fa187", "#277f8e", "#365c8d", "#46327e"];
const GREY = "#8a949e";

/** Vendors keep their colour from plan to plan; unknown ones take the next free. */
export function vendorColour(vendor: string, vendors: string[]): string {
  const own = OWN[vendor];
  if (own) return own;
  const rest = vendors.filter((v) => !OWN[v]);
  return SAFE[Math.max(0, rest.indexOf(vendor)) % SAFE.length]!;
}

const LIMITS: Record<string, [letter: string, colour: string]> = {
  power: ["P", "#e69f00"], land: ["L", "#8c6d31"], budget: ["$", "#009e73"], supply: ["S", "#0072b2"],
  shell: ["H", "#cc79a7"], pace: ["T", "#56b4e9"], policy: ["R", "#7b6bd6"], resources: ["W", "#2aa6a6"],
  dates: ["D", "#b0567a"], none: ["·", GREY],
};
const STATUSES: Record<string, [letter: string, colour: string]> = {
  committed: ["C", "#46327e"], opened: ["+", "#1fa187"], not_opened: ["–", GREY], excluded: ["×", "#b33939"],
};

function limitOf(name: string): [string, string] {
  return LIMITS[name] ?? [name.slice(0, 1).toUpperCase() || "?", SAFE[name.length % SAFE.length]!];
}

/** Eighths of a pie in a colour, with hatching of its own (0: plain). */
export type Part = [colour: string, eighths: number, hatching: number];

/** How one site is drawn: parts of a pie, or one colour with a letter. */
export interface Mark {
  parts: Part[];
  letter: string;
}

export interface Entry {
  mark: Mark;
  words: string;
}

interface Figure {
  title: string;
  of: (site: Site, period: number, loaded: Loaded) => number | null;
  words: (value: number) => string;
}

const at = (key: "it_mw" | "facility_mw" | "grid_mw" | "pflops" | "gpus") =>
  (site: Site, period: number): number => site.periods[period]?.[key] ?? 0;

export const FIGURES: Record<string, Figure> = {
  it_mw: { title: "IT MW", of: at("it_mw"), words: (v) => `${number(v)} MW` },
  facility_mw: { title: "Facility MW", of: at("facility_mw"), words: (v) => `${number(v)} MW` },
  grid_mw: { title: "Grid MW", of: at("grid_mw"), words: (v) => `${number(v)} MW` },
  pflops: { title: "PFLOPS", of: at("pflops"), words: big },
  gpus: { title: "GPUs", of: at("gpus"), words: big },
  power_used: {
    title: "Share of grid power used",
    of: (s, p) => { const q = s.periods[p]; return q && q.open && q.grid_mw > 0 ? q.facility_mw / q.grid_mw : null; },
    words: (v) => percent(v, 0),
  },
  idle_mw: {
    title: "Power without chips, MW",
    of: (s, p) => { const q = s.periods[p]; return q?.open ? Math.max(0, q.grid_mw - q.facility_mw) : null; },
    words: (v) => `${number(v)} MW`,
  },
  land_used: { title: "Land used at the end", of: (s) => (s.opened ? s.land_used_share : null), words: (v) => percent(v, 0) },
  spend: {
    title: "Spending so far",
    of: (s, p) => s.periods.slice(0, p + 1).reduce((sum, q) => sum + q.spend_musd, 0) || null,
    words: money,
  },
  unit: {
    title: "$ per 1,000 PFLOPS-years",
    of: (s, _p, loaded) => loaded.board?.sites.find((b) => b.site === s.id)?.musd_per_kpflops_year ?? null,
    words: money,
  },
};

export const CHOICES: [string, string][] = [
  ["vendor", "Vendor mix"], ["status", "Status"], ["limit", "Main limit"],
  ...Object.entries(FIGURES).map(([id, f]) => [id, f.title] as [string, string]),
];

/** How sites are drawn for one choice, and the legend that says so. */
export interface Scheme {
  mark: (site: Site, period: number) => Mark | null;
  legend: Entry[];
  title: string;
}

const one = (colour: string, letter = ""): Mark => ({ parts: [[colour, 8, 0]], letter });

/** The scheme for a choice; `other` makes the map show the difference in IT MW to another plan. */
export function scheme(by: string, loaded: Loaded, other: Loaded | null): Scheme {
  if (by === "difference" && other) return difference(other);
  if (by === "status") return statuses();
  if (by === "limit") return limits(loaded);
  const figure = FIGURES[by];
  return figure ? figures(figure, loaded) : vendors(loaded);
}

function vendors(loaded: Loaded): Scheme {
  const all = loaded.vendors;
  return {
    title: "Vendor mix, by IT MW",
    mark: (site, p) => {
      const mix = site.periods[p]?.it_mw_by_vendor ?? {};
      const total = Object.values(mix).reduce((a, b) => a + b, 0);
      return total > 0 ? { parts: eighths(all.map((v, i) => [vendorColour(v, all), (mix[v] ?? 0) / total, i])), letter: "" } : null;
    },
    legend: all.map((v, i) => ({ mark: { parts: [[vendorColour(v, all), 8, i]], letter: "" }, words: vendorName(v) })),
  };
}

/** Shares as eighths that add up to 8; whoever has anything at all has one. */
function eighths(shares: Part[]): Part[] {
  const parts = shares.filter(([, s]) => s > 0).map(([c, s, h]): Part => [c, Math.max(1, Math.round(8 * s)), h]);
  for (let over = parts.reduce((a, [, n]) => a + n, 0) - 8; over !== 0 && parts.length > 0; over -= Math.sign(over)) {
    const most = parts.reduce((a, b) => (b[1] > a[1] ? b : a));
    most[1] -= Math.sign(over);
  }
  return parts;
}

function statuses(): Scheme {
  return {
    title: "Status",
    mark: (site, p) => {
      const found = STATUSES[statusOf(site)];
      return found && (site.periods[p]?.open || !site.opened) ? one(found[1], found[0]) : null;
    },
    legend: Object.entries(STATUSES).map(([id, [letter, c]]) => ({ mark: one(c, letter), words: STATUS[id] ?? id })),
  };
}

function limits(loaded: Loaded): Scheme {
  const used = [...new Set(loaded.plan.sites.map((s) => s.main_limit))].sort();
  return {
    title: "What limits each site",
    mark: (site) => { const [letter, c] = limitOf(site.main_limit); return one(c, letter); },
    legend: used.map((name) => { const [letter, c] = limitOf(name); return { mark: one(c, letter), words: name === "none" ? "nothing by itself" : name }; }),
  };
}

function figures(figure: Figure, loaded: Loaded): Scheme {
  const P = loaded.plan.totals.length;
  const step = Math.max(1, Math.floor(P / 6));
  let low = Infinity;
  let high = -Infinity;
  for (const site of loaded.plan.sites) {
    for (let p = P - 1; p >= 0; p -= step) {
      const value = figure.of(site, p, loaded);
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  const ramp = isDark() ? [...RAMP].reverse() : RAMP;
  const width = (high - low) / ramp.length;
  const bin = (v: number): number => (width > 0 ? Math.min(ramp.length - 1, Math.floor((v - low) / width)) : 0);
  const legend = Number.isFinite(low)
    ? ramp.map((c, i) => ({ mark: one(c, String(i + 1)), words: `${figure.words(low + i * width)} to ${figure.words(low + (i + 1) * width)}` }))
    : [];
  return {
    title: figure.title,
    mark: (site, p) => {
      const value = figure.of(site, p, loaded);
      return value === null ? null : one(ramp[bin(value)]!, String(bin(value) + 1));
    },
    legend: width > 0 ? legend : legend.slice(0, 1),
  };
}

function difference(other: Loaded): Scheme {
  const there = new Map(other.plan.sites.map((s) => [s.id, s]));
  const kinds: Record<string, Entry> = {
    more: { mark: one("#1b7f5c", "+"), words: "more IT MW here" },
    same: { mark: one(GREY, "="), words: "the same" },
    less: { mark: one("#c25a00", "−"), words: "less IT MW here" },
  };
  return {
    title: `Against ${other.plan.name}`,
    mark: (site, p) => {
      const before = there.get(site.id)?.periods[p]?.it_mw ?? 0;
      const now = site.periods[p]?.it_mw ?? 0;
      if (!before && !now) return null;
      return kinds[Math.abs(now - before) < 0.5 ? "same" : now > before ? "more" : "less"]!.mark;
    },
    legend: Object.values(kinds),
  };
}

/** The name under which a mark is kept as an image, and the way back. */
export function markId(mark: Mark): string {
  return `${mark.parts.map((part) => part.join("*")).join(",")}|${mark.letter}`;
}

export function markOf(id: string): Mark {
  const [parts, letter] = id.split("|");
  return { parts: (parts ?? "").split(",").map((p) => { const [c, n, h] = p.split("*"); return [c!, Number(n), Number(h)]; }), letter: letter ?? "" };
}
