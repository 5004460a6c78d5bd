/** What a board asks first. The committed and reversible figures come from the service, which has the prices. */

import { chart } from "./chart";
import { el, table } from "./dom";
import { firstYear, peakFunding, pflopsYears, power } from "./figures";
import { set, state, type Loaded } from "./state";
import { colour } from "./theme";
import { money, number, period } from "./words";

export function boardView(): HTMLElement {
  const loaded = state.loaded;
  if (!loaded || loaded.plan.status.holds !== "plan") return el("p", {}, "The board's questions are answered once there is a plan.");
  return el("div", { class: "board" }, ...asked(loaded), signing(loaded), commitment(loaded), costs(loaded));
}

function asked(loaded: Loaded): HTMLElement[] {
  const peak = peakFunding(loaded);
  const { drawn, open } = power(loaded);
  const idle = open.map((g, i) => Math.max(0, g - drawn[i]!));
  const most = idle.indexOf(Math.max(...idle));
  const c = loaded.board?.committed;
  const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
  const card = (question: string, answer: string, note: string): HTMLElement => el("div", {}, el("dt", {}, question), el("dd", {}, answer, el("small", {}, note)));
  return [el("dl", { class: "facts" },
    card("Peak funding need", peak ? money(peak.musd) : "none", peak ? `spending ahead of counted income, ${period(peak.month, loaded.length)}` : "income runs ahead of spending throughout"),
    signed(loaded, card),
    ...(c ? [card("Firm once the first year is signed", money(sum(c.standing_musd) + sum(c.first_year_musd)), "falls due in the horizon in any case"),
      card("Still reversible then", money(sum(c.later_musd)), "depends on later decisions")] : []),
    card("Power without chips", `${number(idle[state.period] ?? 0)} MW`, `at open sites in ${period(loaded.plan.totals[state.period]!.month, loaded.length)}; most ${number(idle[most] ?? 0)} MW in ${period(loaded.plan.totals[most]!.month, loaded.length)}`))];
}

type Card = (question: string, answer: string, note: string) => HTMLElement;

function signed(loaded: Loaded, card: Card): HTMLElement {
  const all = firstYear(loaded);
  const note = `${all.length} decisions at ${new Set(all.map((a) => a.site)).size} sites, listed below`;
  const priced = loaded.board?.sign_now;
  return card("To sign in the first year", priced ? money(priced.reduce((sum, s) => sum + s.musd, 0)) : String(all.length), priced ? `whole price of ${note}` : note);
}

function signing(loaded: Loaded): HTMLElement {
  const names = new Map(loaded.plan.sites.map((s) => [s.id, s.name || s.id]));
  const priced = loaded.board?.sign_now;
  const rows: (string | Node)[][] = priced
    ? priced.map((s) => [period(s.month, loaded.length), s.site, s.acts.join("; "), money(s.musd)])
    : firstYear(loaded).map((a) => [period(a.month, loaded.length), names.get(a.site) ?? a.site, a.words]);
  const heads = priced ? ["When", "Site", "What", "Whole price"] : ["When", "Site", "What"];
  return el("section", {}, el("h3", {}, "What must be signed now"),
    el("p", { class: "note" }, "Decisions of the plan's first twelve months; all later ones can still be changed.",
      loaded.plan.signed.length ? ` Deals to sign: ${loaded.plan.signed.join(", ")}.` : ""),
    rows.length ? el("div", { class: "scroll" }, table(heads, rows)) : el("p", {}, "Nothing in the first year."));
}

function commitment(loaded: Loaded): HTMLElement | null {
  const c = loaded.board?.committed;
  if (!c) return el("section", {}, el("h3", {}, "Committed against reversible cash"), el("p", { class: "note" }, "Needs the request with its prices: open the plan from the service."));
  const after = c.after_standing_musd || c.after_later_musd ? `After the horizon ${money(c.after_standing_musd)} from decisions up to then and ${money(c.after_later_musd)} from later ones.` : undefined;
  return chart({
    title: "Committed against reversible spending by period",
    labels: loaded.plan.totals.map((t) => period(t.month, loaded.length)), at: state.period, words: money, note: after,
    series: [
      { name: "due in any case", colour: colour("ink-soft"), values: c.standing_musd },
      { name: "signed in the first year", colour: colour("accent"), values: c.first_year_musd },
      { name: "reversible: decided later", colour: colour("warm"), values: c.later_musd },
    ],
  });
}

function costs(loaded: Loaded): HTMLElement {
  const by = new Map((loaded.board?.sites ?? []).map((b) => [b.site, b]));
  const open = loaded.plan.sites.filter((s) => s.opened).sort((a, b) => b.it_mw - a.it_mw).slice(0, 300);
  const rows = open.map((s) => {
    const b = by.get(s.id);
    const work = pflopsYears(s, loaded.length);
    const unit = b ? b.musd_per_kpflops_year : work > 0 ? (1000 * s.spend_musd) / work : null;
    return [
      el("button", { type: "button", class: "link", onclick: () => set({ site: s.id, tab: "site" }) }, s.name || s.id),
      number(s.it_mw), b?.build_musd_per_mw != null ? money(b.build_musd_per_mw) : "–", unit !== null ? money(unit) : "–",
      number(Math.max(0, s.grid_mw - s.facility_mw)), b?.idle_mw_years != null ? number(b.idle_mw_years) : "–",
    ];
  });
  return el("section", {}, el("h3", {}, "What a MW and a PFLOPS-year cost, and what waits idle"),
    el("p", { class: "note" }, "New build: whole price of what is bought there for ourselves (chips with duties, shell, opening, land) per IT MW. Per 1,000 PFLOPS-years: all spending of the site and its share of rent in the horizon. Idle: facility MW at the meter that no chips draw, at the end, and in MW-years."),
    el("div", { class: "scroll" }, table(["Site", "IT MW", "$ per IT MW", "$ per 1,000 PFLOPS-years", "Idle MW", "Idle MW-years"], rows)));
}
