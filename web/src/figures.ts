/** What is worked out from a plan for charts and tables. Money is million US dollars, nominal. */

import type { Loaded } from "./state";
import type { Site, Total } from "./types";
import { monthNumber } from "./words";

export interface Power {
  drawn: number[];
  open: number[];
  all: number[];
}

/** Facility MW drawn at peak, grid MW at open sites and grid MW of every candidate, by period. */
export function power({ plan }: Loaded): Power {
  const zero = (): number[] => plan.totals.map(() => 0);
  const found = { drawn: zero(), open: zero(), all: zero() };
  for (const site of plan.sites) {
    if (site.status === "excluded") continue;
    site.periods.forEach((p, i) => {
      if (i >= found.all.length) return;
      found.drawn[i]! += p.facility_mw;
      found.open[i]! += p.open ? p.grid_mw : 0;
      found.all[i]! += p.grid_mw;
    });
  }
  return found;
}

/** Spending in every period. */
export function spending(totals: Total[]): number[] {
  return totals.map((t) => t.capex_musd + t.opex_musd);
}

/** The most that spending so far runs ahead of income so far, as the report says it (income that the budget counts). */
export function peakFunding({ plan, board }: Loaded): { musd: number; month: string } | null {
  if (board) return board.peak_funding;
  const counted = new Map(plan.balances.map((b) => [b.month, b.income_musd]));
  let behind = 0, most = 0, month = "";
  for (const t of plan.totals) {
    behind += t.capex_musd + t.opex_musd - (counted.get(t.month) ?? t.income_musd);
    if (behind > most) [most, month] = [behind, t.month];
  }
  return most > 0.005 ? { musd: most, month } : null;
}

/** PFLOPS-years of a site inside the horizon. */
export function pflopsYears(site: Site, length: number): number {
  return (site.periods.reduce((sum, p) => sum + p.pflops, 0) * length) / 12;
}

/** What is decided at a site or everywhere, in time: openings, shells, orders, what stands idle. */
export interface Act {
  month: string;
  site: string;
  words: string;
}

export function acts(loaded: Loaded, site?: string): Act[] {
  const idle = loaded.plan.idle
    .filter((o) => site === undefined || o.site === site)
    .map((o) => ({ month: o.month, site: o.site, words: `${o.units} × ${o.block} stand idle: no power` }));
  return inTime([...decided(loaded, site), ...idle]);
}

function decided({ plan }: Loaded, site?: string): Act[] {
  const mine = (row: { site: string }): boolean => site === undefined || row.site === site;
  const on = (terms: string): string => (terms === "own" ? "" : `, on lease ${terms}`);
  return [
    ...plan.openings.filter(mine).map((o) => ({ month: o.month, site: o.site, words: "open the site" })),
    ...plan.shells.filter(mine).map((s) => ({ month: s.month, site: s.site, words: `start ${s.mw < 10 ? s.mw.toFixed(1) : Math.round(s.mw)} MW of shell${on(s.terms)}` })),
    ...plan.orders.filter(mine).map((o) => ({ month: o.month, site: o.site, words: `order ${o.units} × ${o.block}${on(o.terms)}` })),
  ];
}

const inTime = (found: Act[]): Act[] => found.sort((a, b) => (a.month < b.month ? -1 : a.month > b.month ? 1 : 0));

/** Decisions of the first year: what has to be signed now. */
export function firstYear(loaded: Loaded): Act[] {
  const start = loaded.plan.totals[0]?.month;
  if (!start) return [];
  return inTime(decided(loaded).filter((a) => monthNumber(a.month) < monthNumber(start) + 12));
}
