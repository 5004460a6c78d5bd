/** The tabs about sites: the list of all, and one with its orders, limits and story. */

import { chart } from "./chart";
import { vendorColour } from "./colours";
import { el, table } from "./dom";
import { acts, pflopsYears } from "./figures";
import { zoomTo } from "./map";
import { set, siteOf, state, statusOf, type Loaded } from "./state";
import type { Site } from "./types";
import { colour } from "./theme";
import { big, money, number, percent, period, STATUS, vendorName } from "./words";

const MOST = 400;
const SIGNS: Record<string, string> = { committed: "◆", opened: "●", not_opened: "○", excluded: "×" };
let wanted = "";

export function siteList(): HTMLElement {
  const loaded = state.loaded;
  if (!loaded || loaded.plan.sites.length === 0) return el("p", {}, "Sites appear with a plan.");
  const holder = el("div", {});
  const search = el("input", { type: "search", placeholder: "Name, state, region, limit…", "aria-label": "Find sites", value: wanted, oninput: () => { wanted = search.value; fill(); } });
  const fill = (): void => {
    const word = wanted.trim().toLowerCase();
    const all = loaded.plan.sites.filter((s) => !word || `${s.id} ${s.name} ${s.state} ${s.country} ${s.region} ${s.main_limit}`.toLowerCase().includes(word));
    const sorted = all.sort((a, b) => Number(b.opened) - Number(a.opened) || now(b, "it_mw") - now(a, "it_mw") || b.grid_mw - a.grid_mw || (a.id < b.id ? -1 : 1));
    holder.replaceChildren(
      el("ul", { class: "sites" }, ...sorted.slice(0, MOST).map((s) => item(s))),
      ...(sorted.length > MOST ? [el("p", { class: "note" }, `and ${number(sorted.length - MOST)} more; narrow the search`)] : []));
  };
  fill();
  return el("div", {}, search, holder);
}

const now = (s: Site, key: "it_mw" | "facility_mw"): number => s.periods[state.period]?.[key] ?? 0;

function item(site: Site): HTMLElement {
  const status = statusOf(site);
  return el("li", { class: status },
    el("button", { type: "button", "aria-current": site.id === state.site ? "true" : null, onclick: () => set({ site: site.id, tab: "site" }) },
      el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[status] ?? ""),
      el("span", {}, el("b", {}, site.name || site.id), el("small", {}, [site.state || site.country, STATUS[status], status === "not_opened" || status === "excluded" ? "" : site.opening_month ? `from ${site.opening_month}` : ""].filter(Boolean).join(" · ")),
        site.opened ? null : el("em", {}, site.why || "no reason is given")),
      el("span", { class: "n" }, site.opened ? `${number(now(site, "it_mw"))} MW` : `${number(site.grid_mw)} MW grid`)));
}

export function siteView(): HTMLElement {
  const loaded = state.loaded;
  const site = siteOf(state.site);
  if (!loaded || !site) return el("p", {}, "Choose a site on the map or in the list.");
  const { length, plan, vendors } = loaded;
  const labels = site.periods.map((p) => period(p.month, length));
  return el("article", { class: "site" },
    el("h2", {}, site.name || site.id),
    el("p", { class: "note" }, [STATUS[statusOf(site)], site.state, site.country, site.region].filter(Boolean).join(" · "), " ",
      el("button", { type: "button", class: "link", onclick: () => zoomTo(site) }, "Show its parcel")),
    el("p", { class: "story" }, story(site, loaded)),
    el("p", { class: "why" }, el("b", {}, site.opened ? `Why not more: ${site.main_limit === "none" ? "no limit of its own" : site.main_limit}. ` : "Why not opened: "), site.why || "no reason is given"),
    chart({
      title: "IT MW online by vendor", labels, at: state.period, words: (v) => number(v),
      series: [
        ...vendors.map((v) => ({ name: vendorName(v), colour: vendorColour(v, vendors), values: site.periods.map((p) => p.it_mw_by_vendor[v] ?? 0) })),
        { name: "shell", kind: "step" as const, colour: colour("muted"), values: site.periods.map((p) => p.shell_mw) },
      ],
    }),
    chart({
      title: "Facility MW drawn against the grid", labels, at: state.period, words: (v) => number(v),
      series: [
        { name: "drawn at peak", colour: colour("accent"), values: site.periods.map((p) => p.facility_mw) },
        { name: "grid", kind: "step", colour: colour("ink"), values: site.periods.map((p) => p.grid_mw) },
      ],
    }),
    limits(site, loaded),
    el("h3", {}, "Decisions here"),
    decisions(site, loaded),
    site.land.length ? el("h3", {}, "Land") : null,
    site.land.length ? table(["Step", "Hectares"], [["parcel", number(site.parcel_ha, 1)], ...site.land.map((l) => [`less ${l.layer}`, number(l.ha, 1)]), ["buildable", number(site.buildable_ha, 1)]]) : null,
    el("p", { class: "note" }, `${plan.name}, site ${site.id}, ${site.lat.toFixed(4)}, ${site.lon.toFixed(4)}`));
}

function story(site: Site, { length }: Loaded): string {
  if (!site.opened) return site.status === "excluded" ? "The request excludes this site." : "The plan leaves this site closed.";
  const start = site.status === "committed" ? "Committed before the plan" : `Opens in ${period(site.opening_month ?? "", length)}`;
  const online = site.periods.find((p) => p.it_mw > 0);
  const mix = Object.entries(site.it_mw_by_vendor).filter(([, mw]) => mw > 0).map(([v, mw]) => `${vendorName(v)} ${number(mw)} MW`);
  return `${start}${online ? `; first units energised by ${period(online.month, length)}` : ""}. At the end ${number(site.it_mw)} MW of IT (${mix.join(", ") || "none"}), ${big(site.gpus)} GPUs, ${big(site.pflops)} PFLOPS, for ${money(site.spend_musd)} over the horizon.`;
}

function limits(site: Site, loaded: Loaded): HTMLElement {
  const end = site.periods.at(-1);
  const cost = loaded.board?.sites.find((b) => b.site === site.id);
  const work = pflopsYears(site, loaded.length);
  const rows: [string, string][] = [
    ["Grid power used at the end", site.power_used_share === null ? "–" : `${percent(site.power_used_share, 0)} of ${number(site.grid_mw)} MW`],
    ["Idle power at the end", end?.open ? `${number(Math.max(0, end.grid_mw - end.facility_mw))} MW without chips` : "–"],
    ["Land used at the end", site.land_used_share === null ? "–" : `${percent(site.land_used_share, 0)} of ${number(site.buildable_ha)} ha`],
    ["Spending in the horizon", money(site.spend_musd)],
    ["New build, whole price per IT MW", cost?.build_musd_per_mw != null ? money(cost.build_musd_per_mw) : "–"],
    ["Spending per 1,000 PFLOPS-years", cost?.musd_per_kpflops_year != null ? money(cost.musd_per_kpflops_year) : work > 0 ? money((1000 * site.spend_musd) / work) : "–"],
  ];
  return el("div", {}, el("h3", {}, "Limits and cost"), table(["", "This site"], rows));
}

function decisions(site: Site, loaded: Loaded): HTMLElement {
  const rows = acts(loaded, site.id);
  if (rows.length === 0) return el("p", { class: "note" }, "Nothing is opened, built or ordered here.");
  return el("div", { class: "scroll" }, table(["When", "What"], rows.map((a) => [period(a.month, loaded.length), a.words])));
}
