/** What a board asks first. The committed and reversible figures come from the service, which has the prices. */

import { chart } from "./chart";
import { el, table } from "./dom";
import { fact } from "./searching";
import { firstYear, peakFunding, pflopsYears, power } from "./figures";
import { set, state, type Loaded } from "./state";
import { colour } from "./theme";
import { money, moneyRange, number, period } from "./words";

export function boardView(): HTMLElement {
  const loaded = state.loaded;
  if (!loaded || loaded.plan.status.holds !== "plan") return el("p", {}, "The board's questions are answered once there is a plan.");
  return el("div", { class: "board" }, el("dl", { class: "facts" }, ...asked(loaded)), signing(loaded), commitment(loaded), costs(loaded));
}

/** What a board asks first, one card each: to be signed, funding, commitment, unit costs, idle power. */
export function asked(loaded: Loaded): HTMLElement[] {
  const when = (month: string): string => period(month, loaded.length).replace(" ", "\u00a0");
  const peak = peakFunding(loaded);
  const { drawn, open } = power(loaded);
  const idle = open.map((g, i) => Math.max(0, g - drawn[i]!));
  const most = idle.indexOf(Math.max(...idle));
  const { totals } = loaded.plan;
  return [
    signed(loaded),
    fact("Peak funding need", peak ? money(peak.musd) : "none", peak ? `spending ahead of counted income, ${when(peak.month)}` : "income runs ahead of spending throughout"),
    ...firm(loaded),
    ...unit(loaded, "Price of an IT MW", "build_musd_per_mw", "new build"),
    ...unit(loaded, "Cost of 1,000 PFLOPS-years", "musd_per_kpflops_year", "all spending"),
    fact("Power without chips", `${number(idle[state.period] ?? 0)} MW`, `open sites, ${when(totals[state.period]!.month)}; most ${number(idle[most] ?? 0)} MW in ${when(totals[most]!.month)}`),
  ];
}

function signed(loaded: Loaded): HTMLElement {
  const all = firstYear(loaded);
  const sites = new Set(all.map((a) => a.site)).size;
  const note = `${all.length} decisions at ${sites} ${sites === 1 ? "site" : "sites"}`;
  const priced = loaded.board?.sign_now;
  return fact("To sign in the first year", priced ? money(priced.reduce((sum, s) => sum + s.musd, 0)) : String(all.length), priced ? `whole price of ${note}` : note);
}

function firm({ board }: Loaded): HTMLElement[] {
  const c = board?.committed;
  if (!c) return [];
  const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
  return [fact("Committed by then", money(sum(c.standing_musd) + sum(c.first_year_musd)), `of the horizon's spending; ${money(sum(c.later_musd))} still reversible`)];
}

/** The range over sites of a unit cost; nothing where no site has one. */
function unit({ board, plan }: Loaded, title: string, key: "build_musd_per_mw" | "musd_per_kpflops_year", what: string): HTMLElement[] {
  const known = (board?.sites ?? []).flatMap((b) => (b[key] === null ? [] : [{ id: b.site, musd: b[key] }])).sort((a, b) => a.musd - b.musd);
  const [low, high] = [known[0], known.at(-1)];
  if (!low || !high) return [];
  const name = (id: string): string => plan.sites.find((s) => s.id === id)?.name || id;
  return [fact(title, moneyRange(low.musd, high.musd), known.length > 1 ? `${what}; least at ${name(low.id)}` : what)];
}

function signing(loaded: Loaded): HTMLElement {
  const names = new Map(loaded.plan.sites.map((s) => [s.id, s.name || s.id]));
  const priced = loaded.board?.sign_now;
  const rows: (string | Node)[][] = priced
    ? priced.map((s) => [period(s.month, loaded.length), s.site, s.acts.join("; "), money(s.musd)])
    : firstYear(loaded).map((a) => [period(a.month, loaded.length), names.get(a.site) ?? a.site, a.words]);
  const heads = priced ? ["When", "Site", "What", "Whole price"] : ["When", "Site", "What"];
  return el("section", {}, el("h3", {}, "What must be signed now"),
    el("p", { class: "note" }, "Decisions of the plan's first twelve months at whole prices, without what a lease's partner pays; all later ones can still be changed.",
      loaded.plan.signed.length ? ` Deals to sign: ${loaded.plan.signed.join(", ")}.` : ""),
    rows.length ? el("div", { class: "scroll short", tabindex: 0, role: "region", "aria-label": "To be signed now" }, table(heads, rows)) : el("p", {}, "Nothing in the first year."));
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
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Costs by site" }, table(["Site", "IT MW", "$ per IT MW", "$ per 1,000 PFLOPS-years", "Idle MW", "Idle MW-years"], rows)));
}
