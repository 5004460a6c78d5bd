/** What the page shows, in one place; whoever shows something listens. */

import { monthNumber } from "./words";
import type { Board, Fault, Job, Plan, Request, Site, SiteShapes } from "./types";

export interface Progress {
  seconds: number;
  incumbent: number | null;
  bound: number | null;
}

export interface Loaded {
  /** Job behind the plan; null for a plan.json that was dropped. */
  job: Job | null;
  plan: Plan;
  shapes: SiteShapes | null;
  board: Board | null;
  /** Periods' length in months. */
  length: number;
  vendors: string[];
}

export interface State {
  loaded: Loaded | null;
  other: Loaded | null;
  request: Request | null;
  /** What of the request was changed since it was loaded or planned. */
  edited: boolean;
  solving: { job: Job; progress: Progress[]; phase: string; stopping: boolean } | null;
  failure: { title: string; detail: string; faults: Fault[] } | null;
  period: number;
  by: string;
  site: string | null;
  tab: string;
}

type Part = keyof State;
type Listener = (changed: ReadonlySet<Part>) => void;

export const state: State = {
  loaded: null, other: null, request: null, edited: false, solving: null, failure: null,
  period: 0, by: "vendor", site: null, tab: "overview",
};
const listeners: [ReadonlySet<Part>, Listener][] = [];
let waiting: Set<Part> | null = null;

/** Call back, once per turn, when one of these parts has changed. */
export function listen(parts: Part[], listener: Listener): void {
  listeners.push([new Set(parts), listener]);
}

/** Change parts of the state. */
export function set(change: Partial<State>): void {
  const changed = (Object.keys(change) as Part[]).filter((k) => state[k] !== change[k]);
  Object.assign(state, change);
  if (changed.length === 0) return;
  if (!waiting) {
    waiting = new Set();
    queueMicrotask(flush);
  }
  for (const part of changed) waiting.add(part);
}

function flush(): void {
  const changed = waiting ?? new Set<Part>();
  waiting = null;
  for (const [parts, listener] of listeners) {
    if ([...changed].some((c) => parts.has(c))) listener(changed);
  }
}

/** A plan with what is derived from it once. Vendors stand in the given order, so that each has the pattern of the report. */
export function loadedOf(plan: Plan, job: Job | null, shapes: SiteShapes | null, board: Board | null, order: string[] = []): Loaded {
  const [first, second] = plan.totals;
  const length = first && second ? monthNumber(second.month) - monthNumber(first.month) : 3;
  const named = new Set(plan.totals.flatMap((t) => Object.keys(t.it_mw_by_vendor)));
  const vendors = [...new Set([...order.filter((v) => named.has(v)), ...named])];
  return { job, plan, shapes, board, length, vendors };
}

export function siteOf(id: string | null, loaded = state.loaded): Site | null {
  return loaded?.plan.sites.find((s) => s.id === id) ?? null;
}

/** The word the GeoJSON uses. */
export function statusOf(site: Site): string {
  if (site.status !== "candidate") return site.status;
  return site.opened ? "opened" : "not_opened";
}
