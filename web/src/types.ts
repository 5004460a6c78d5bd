/** What the service hands out, as far as this page reads it (docs/meaning.md, section 8). */

import type { FeatureCollection, Polygon, MultiPolygon, Point } from "geojson";

export interface SitePeriod {
  month: string;
  open: boolean;
  it_mw: number;
  facility_mw: number;
  grid_mw: number;
  shell_mw: number;
  gpus: number;
  units: number;
  idle_units: number;
  pflops: number;
  spend_musd: number;
  it_mw_by_vendor: Record<string, number>;
}

export interface Site {
  id: string;
  name: string;
  region: string;
  country: string;
  state: string;
  status: "candidate" | "committed" | "excluded";
  opened: boolean;
  opening_month: string | null;
  lon: number;
  lat: number;
  parcel_ha: number;
  buildable_ha: number;
  land: { layer: string; ha: number }[];
  it_mw: number;
  facility_mw: number;
  grid_mw: number;
  power_used_share: number | null;
  land_used_share: number | null;
  gpus: number;
  units: number;
  pflops: number;
  it_mw_by_vendor: Record<string, number>;
  units_by_block: Record<string, number>;
  spend_musd: number;
  main_limit: string;
  why: string;
  periods: SitePeriod[];
}

export interface Total {
  month: string;
  it_mw: number;
  facility_mw: number;
  gpus: number;
  units: number;
  pflops: number;
  capex_musd: number;
  opex_musd: number;
  income_musd: number;
  it_mw_by_vendor: Record<string, number>;
}

export interface Order {
  site: string;
  block: string;
  month: string;
  units: number;
  terms: string;
}

export interface Deal {
  id: string;
  kind: string;
  counterparty: string;
  signed: boolean;
  metric: string;
  cash_in_musd: number;
  cash_out_musd: number;
  holding_musd: number;
  tranches: { at: number; month: string | null; arrives: string | null; musd: number; held_musd: number }[];
  periods: { month: string; progress: number; cash_in_musd: number; cash_out_musd: number; leased_mw: number }[];
}

export interface Plan {
  format: string;
  name: string;
  status: { stopped: string; holds: "plan" | "no_plan" };
  objective_name: string;
  objective_sense: "maximize" | "minimize";
  objective_unit: string;
  objective: number | null;
  bound: number | null;
  gap: number | null;
  /** Bound, gap and origin without a solver's rounding; plans of earlier versions lack them. */
  rigorous_bound?: number | null;
  rigorous_gap?: number | null;
  rigorous_source?: string;
  openings: { site: string; month: string }[];
  orders: Order[];
  shells: { site: string; month: string; mw: number; terms: string }[];
  idle: { site: string; block: string; month: string; units: number }[];
  signed: string[];
  cash: { month: string; line: string; kind: "capex" | "opex" | "income"; musd: number }[];
  balances: { month: string; income_musd: number; cash_musd: number }[];
  deals: Deal[];
  sites: Site[];
  totals: Total[];
  objectives: Record<string, number>;
  after_horizon: { month: string; line: string; musd: number; note: string }[];
  bindings: { family: string; subject: string; months: string[]; message: string }[];
  clashes: { family: string; subject: string; month: string | null; amount: number; unit: string; message: string; repairs_alone: boolean }[];
  check: { ok: boolean; rules_checked: number; violations: { rule: string; subject: string; message: string }[] };
  assumptions: { subject: string; field: string; value: unknown; unit: string; origin: string; source: string }[];
  warnings: string[];
}

export interface Link {
  href: string;
  rel: string;
  type: string;
  title: string;
}

export interface Fault {
  pointer?: string;
  path?: string;
  message: string;
  hint?: string;
  severity?: string;
}

export interface Job {
  jobID: string;
  status: "accepted" | "running" | "successful" | "failed" | "dismissed";
  message?: string;
  name?: string;
  created?: string;
  progress?: number;
  queue_position?: number;
  objective_name?: string;
  objective_sense?: "maximize" | "minimize";
  objective_unit?: string;
  incumbent?: number;
  bound?: number;
  gap?: number;
  stopped?: string;
  holds?: "plan" | "no_plan";
  error?: { code: string; message: string; faults: Fault[] };
  links: Link[];
}

/** The figures for a board, which need the request's prices (`?f=board`). */
export interface Board {
  peak_funding: { musd: number; month: string } | null;
  committed: {
    standing_musd: number[];
    first_year_musd: number[];
    later_musd: number[];
    after_standing_musd: number;
    after_later_musd: number;
  } | null;
  sign_now: { month: string; site: string; acts: string[]; musd: number }[];
  sites: { site: string; build_musd_per_mw: number | null; musd_per_kpflops_year: number | null;
    idle_mw: number; idle_mw_years: number | null; empty_shell_mw: number }[];
  pflops_by_vendor: Record<string, number[]> | null;
}

export type SiteShapes = FeatureCollection<Polygon | MultiPolygon | Point, Record<string, unknown>>;

/** A planning request: free JSON whose schema the service gives. */
export type Request = Record<string, unknown>;
