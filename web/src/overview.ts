/** The first tab: what the plan comes to, the charts, and the search while it runs. */

import { asked } from "./boardview";
import { vendorColour } from "./colours";
import { chart } from "./chart";
import { el } from "./dom";
import { power } from "./figures";
import { amount, fact, searching } from "./searching";
import { set, state, type Loaded } from "./state";
import { colour } from "./theme";
import type { Plan } from "./types";
import { big, figure, gapText, line, money, number, period, STOPPED, vendorName } from "./words";

export function overview(): HTMLElement {
  const { solving, loaded } = state;
  if (solving) return searching(solving);
  if (!loaded) return el("div", {}, el("p", { class: "lead" }, "No plan yet."), el("p", {}, "Load an example, drop a file on the map, or open one of your plans."));
  if (loaded.plan.status.holds !== "plan") return noPlan(loaded);
  return el("div", {}, headline(loaded), ...charts(loaded), caveats(loaded));
}

function headline(loaded: Loaded): HTMLElement {
  const { plan } = loaded;
  const end = plan.totals.at(-1)!;
  const spent = plan.totals.reduce((sum, t) => sum + t.capex_musd + t.opex_musd, 0);
  const opened = plan.sites.filter((s) => s.opened).length;
  const proof = plan.bound === null || plan.objective === null
    ? "No bound is proven."
    : `${amount(plan.objective, plan.objective_unit)}; proven ${limit(plan, plan.bound)}.`;
  return el("section", { class: "headline" },
    el("h2", {}, plan.name),
    el("p", { class: "verdict" }, el("b", {}, `${first(STOPPED[plan.status.stopped] ?? plan.status.stopped)}. `),
      plan.gap !== null ? `Gap ${gapText(plan.gap)}. ` : "", `${first(plan.objective_name)}: ${proof} `,
      plan.check.ok ? el("span", { class: "ok" }, `✓\u00a0Independent check passed: ${number(plan.check.rules_checked)} limits and figures.`)
        : el("span", { class: "fault" }, `✗\u00a0Independent check FAILED: ${plan.check.violations.length} violations.`)),
    unrounded(plan),
    el("dl", { class: "facts" },
      fact("IT online at the end", `${number(end.it_mw)} MW`, `at ${number(opened)} of ${number(plan.sites.length)} sites; ${number(end.facility_mw)} MW at the meter`),
      fact("PFLOPS at the end", big(end.pflops), `${big(end.gpus)} GPUs`),
      fact("Spending", money(spent), "in the horizon, nominal"),
      ...asked(loaded)));
}

const first = (words: string): string => (words[0]?.toUpperCase() ?? "") + words.slice(1);

/** A bound on the side where it holds: "at most 89.2 M PFLOPS-years". */
const limit = (plan: Plan, bound: number): string =>
  `${plan.objective_sense === "maximize" ? "at\u00a0most" : "at\u00a0least"} ${amount(bound, plan.objective_unit)}`;

/** The second, looser bound, with a gap of its own, or why there is none; older plans say nothing of it. */
function unrounded(plan: Plan): HTMLElement | null {
  const { rigorous_bound: bound, rigorous_gap: gap, rigorous_source: source } = plan;
  if (bound == null) return source ? el("p", { class: "note" }, `No bound proven without rounding (${source.replace(/^none: /, "")}).`) : null;
  return el("p", { class: "note" }, `Bound proven without rounding: ${limit(plan, bound)}${gap == null ? "" : `, gap ${gapText(gap)}`}.`);
}

function charts(loaded: Loaded): HTMLElement[] {
  const { plan, length, vendors, board } = loaded;
  const labels = plan.totals.map((t) => period(t.month, length));
  const at = state.period;
  const byVendor = (of: (vendor: string) => number[]) =>
    vendors.map((v) => ({ name: vendorName(v), colour: vendorColour(v, vendors), values: of(v) }));
  const { drawn, open, all } = power(loaded);
  const found = [
    chart({ title: "IT MW online by vendor", labels, at, words: (v) => number(v), series: byVendor((v) => plan.totals.map((t) => t.it_mw_by_vendor[v] ?? 0)) }),
    chart({
      title: board?.pflops_by_vendor ? "PFLOPS online by vendor" : "PFLOPS online", labels, at, words: big,
      series: board?.pflops_by_vendor
        ? byVendor((v) => board.pflops_by_vendor?.[v] ?? labels.map(() => 0))
        : [{ name: "PFLOPS", colour: colour("accent"), values: plan.totals.map((t) => t.pflops) }],
    }),
    chart({
      title: "Cash flow per period", labels, at, words: money, series: cash(loaded),
      note: plan.after_horizon.some((a) => a.musd) ? `After the horizon ${money(plan.after_horizon.reduce((s, a) => s + a.musd, 0))} more falls due.` : undefined,
    }),
    chart({
      title: "Power drawn against the grid, facility MW", labels, at, words: (v) => number(v),
      series: [
        { name: "drawn at peak", colour: colour("accent"), values: drawn },
        { name: "grid at open sites", kind: "step", colour: colour("ink"), values: open },
        { name: "grid of all candidates", kind: "step", colour: colour("muted"), values: all },
      ],
    }),
  ];
  return [el("div", { class: "charts" }, ...found, ...deals(loaded, labels))];
}

const GROUPS: [string, string[], string][] = [
  ["Chips", ["blocks", "tariffs", "sales_tax", "unpaid"], "#0072b2"],
  ["Buildings and land", ["construction", "openings", "land"], "#e69f00"],
  ["Energy", ["energy"], "#cc79a7"],
  ["Leases and loans", ["lease", "repayments"], "#7b6bd6"],
  ["Other opex", ["block_opex", "site_opex", "property_tax", "serving", "penalties"], "#8a949e"],
];

/** Spending below the line, what comes in above it. */
function cash({ plan }: Loaded): { name: string; colour: string; values: number[]; kind?: "line" }[] {
  const of = (lines: Set<string>, sign: number): number[] =>
    plan.totals.map((t) => sign * plan.cash.reduce((sum, c) => sum + (c.month === t.month && lines.has(c.line) ? c.musd : 0), 0));
  const income = [...new Set(plan.cash.filter((c) => c.kind === "income").map((c) => c.line))];
  const found: { name: string; colour: string; values: number[]; kind?: "line" }[] = [
    ...GROUPS.map(([name, lines, c]) => ({ name, colour: c, values: of(new Set(lines), -1) })),
    ...income.map((l, i) => ({ name: line(l), colour: ["#009e73", "#56b4e9", "#8c7a00"][i % 3]!, values: of(new Set([l]), 1) })),
  ].filter((s) => s.values.some((v) => v !== 0));
  if (plan.balances.length > 0) {
    found.push({ name: "budget left", colour: colour("ink"), kind: "line", values: plan.balances.map((b) => b.cash_musd) });
  }
  return found;
}

const METRICS: Record<string, string> = { it_mw: "MW of IT", pflops: "PFLOPS", gpus: "GPUs" };

/** When each deal reaches its tranches, and what they bring. */
function deals(loaded: Loaded, labels: string[]): HTMLElement[] {
  const { plan, length } = loaded;
  if (plan.deals.length === 0) return [];
  const months = plan.totals.map((t) => t.month);
  const row = (deal: (typeof plan.deals)[number]): HTMLElement => {
    const reached = deal.tranches.filter((t) => t.month !== null);
    const final = deal.periods.at(-1)?.progress ?? 0;
    const dots = deal.tranches.map((t, i) => {
      const at = t.month === null ? -1 : months.indexOf(t.month);
      const when = t.month === null ? "not reached" : period(t.month, length);
      const dot = el("li", { class: at < 0 ? "never" : at <= state.period ? "reached" : "coming", title: `${big(t.at)} ${METRICS[deal.metric] ?? deal.metric}: ${when}${t.musd ? `, ${money(t.musd)}` : ""}` },
        el("b", {}, at < 0 ? "○" : at <= state.period ? "●" : "◐"), ` ${i + 1}: ${when}`, t.musd ? el("small", {}, ` ${money(t.musd)}`) : null);
      return dot;
    });
    return el("div", { class: "deal" },
      el("h4", {}, deal.id, " ", el("small", {}, `${vendorName(deal.counterparty)}, ${deal.kind.replaceAll("_", " ")}${deal.signed ? "" : ", not signed"}`)),
      el("p", {}, [
        deal.cash_in_musd ? `brings ${money(deal.cash_in_musd)}` : "", deal.cash_out_musd ? `costs ${money(deal.cash_out_musd)}` : "",
        deal.holding_musd ? `shares held ${money(deal.holding_musd)}` : "", deal.tranches.length ? `${reached.length} of ${deal.tranches.length} tranches` : `${big(final)} ${METRICS[deal.metric] ?? deal.metric} at the end`,
      ].filter(Boolean).join(" · ")),
      dots.length ? el("ol", { class: "tranches" }, ...dots) : null);
  };
  const bring = plan.deals.filter((d) => d.periods.some((p) => p.cash_in_musd > 0));
  const colours = ["#009e73", "#e69f00", "#0072b2", "#cc79a7", "#56b4e9", "#d55e00"];
  return [
    el("section", { class: "deals chart" }, el("h3", {}, "Deals and their tranches"), ...plan.deals.map(row)),
    ...(bring.length ? [chart({ title: "What deals bring in", labels, at: state.period, words: money, series: bring.map((d, i) => ({ name: d.id, colour: colours[i % 6]!, values: d.periods.map((p) => p.cash_in_musd) })) })] : []),
  ];
}

function caveats({ plan }: Loaded): HTMLElement {
  const list = (title: string, rows: string[]): HTMLElement | null =>
    rows.length ? el("details", {}, el("summary", {}, `${title} (${rows.length})`), el("ul", {}, ...rows.map((r) => el("li", {}, r)))) : null;
  return el("section", { class: "caveats" },
    list("What binds", plan.bindings.map((b) => b.message)),
    list("Warnings", plan.warnings),
    list("Figures that the request did not state", plan.assumptions.map((a) => `${a.subject}: ${a.field} = ${figure(a.value)} ${a.unit} (${a.origin}${a.source ? `, ${a.source}` : ""})`)));
}

function noPlan({ plan }: Loaded): HTMLElement {
  const alone = plan.clashes.length > 0 && plan.clashes.every((c) => c.repairs_alone);
  return el("section", { class: "failed" },
    el("h2", {}, `No plan: ${STOPPED[plan.status.stopped] ?? plan.status.stopped}`),
    plan.clashes.length
      ? el("div", {}, el("p", {}, alone ? "Any one of these limits would have to give way:" : "What would have to give way, all of it together:"),
          el("ul", {}, ...plan.clashes.map((c) => el("li", {}, el("b", {}, `${c.family}: `), c.message))))
      : el("p", {}, plan.status.stopped === "time_limit" ? "No plan was found in the time given. Allow more seconds under Request, Search." : plan.status.stopped === "cancelled" ? "The search had found no plan yet when it was stopped." : "See the warnings below."),
    plan.bound !== null ? el("p", {}, `Proven so far: ${limit(plan, plan.bound)}.`) : null,
    unrounded(plan),
    el("p", { class: "buttons" }, el("button", { type: "button", onclick: () => set({ tab: "request" }) }, "Change the request")),
    ...plan.warnings.map((w) => el("p", { class: "note" }, w)));
}

