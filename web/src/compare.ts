/** Two plans side by side: headline figures, and the sites where they differ. */

import { get } from "./api";
import { chart } from "./chart";
import { el, table } from "./dom";
import { peakFunding } from "./figures";
import { fail, fetchPlan } from "./load";
import { set, state, type Loaded } from "./state";
import type { Job } from "./types";
import { colour } from "./theme";
import { big, money, number, period } from "./words";

/** Put another plan beside the shown one. */
export async function compareWith(id: string): Promise<void> {
  try {
    const other = await fetchPlan(await get<Job>(`/jobs/${id}`));
    if (other.plan.status.holds !== "plan") throw new Error("Its search ended without a plan.");
    set({ other, tab: "compare" });
  } catch (error) {
    fail(error, "The other plan cannot be read");
  }
}

export function compareView(): HTMLElement {
  const { loaded, other } = state;
  if (!loaded || loaded.plan.status.holds !== "plan") return el("p", {}, "A comparison needs a plan on the map.");
  const list = el("ul", { class: "plans" });
  void get<{ jobs: Job[] }>("/jobs?limit=30").then(({ jobs }) => {
    const others = jobs.filter((j) => j.holds === "plan" && j.jobID !== loaded.job?.jobID);
    list.replaceChildren(...others.map((j) => el("li", {}, el("button", { type: "button", "aria-pressed": other?.job?.jobID === j.jobID ? "true" : "false", onclick: () => void compareWith(j.jobID) }, planWords(j)))));
    if (others.length === 0) list.replaceChildren(el("li", { class: "note" }, "There is no other plan yet. Change the request and plan it again."));
  }, () => undefined);
  return el("div", {}, other ? beside(loaded, other) : el("p", {}, "Choose the plan to compare with; the one on the map is called “this plan”."), el("h3", {}, "Other plans"), list);
}

/** A job in a list. */
export function planWords(job: Job): string {
  const when = job.created ? new Date(job.created).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }) : "";
  const what = job.incumbent != null ? `${job.objective_name ?? ""} ${job.objective_unit?.toUpperCase() === "MUSD" ? money(job.incumbent) : big(job.incumbent)}` : job.stopped?.replaceAll("_", " ") ?? job.status;
  return `${job.name ?? job.jobID.slice(0, 8)} · ${what} · ${when}`;
}

function beside(now: Loaded, other: Loaded): HTMLElement {
  const spent = (l: Loaded): number => l.plan.totals.reduce((s, t) => s + t.capex_musd + t.opex_musd, 0);
  const end = (l: Loaded) => l.plan.totals.at(-1)!;
  const row = (name: string, of: (l: Loaded) => number, words: (v: number) => string): (string | Node)[] => {
    const [a, b] = [of(now), of(other)];
    const d = a - b;
    return [name, words(a), words(b), `${d > 0 ? "+" : d < 0 ? "−" : ""}${words(Math.abs(d))}`];
  };
  const there = new Map(other.plan.sites.map((s) => [s.id, s]));
  const moved = now.plan.sites
    .map((s) => ({ s, d: s.it_mw - (there.get(s.id)?.it_mw ?? 0), before: there.get(s.id) }))
    .concat(other.plan.sites.filter((s) => !now.plan.sites.some((t) => t.id === s.id)).map((s) => ({ s: { ...s, it_mw: 0, opening_month: null }, d: -s.it_mw, before: s })))
    .filter(({ s, d, before }) => Math.abs(d) > 0.5 || (s.opening_month ?? "") !== (before?.opening_month ?? ""))
    .sort((a, b) => Math.abs(b.d) - Math.abs(a.d));
  const months = [...new Set([...now.plan.totals, ...other.plan.totals].map((t) => t.month))].sort();
  const mw = (l: Loaded): (number | null)[] => months.map((m) => l.plan.totals.find((t) => t.month === m)?.it_mw ?? null);
  return el("section", {},
    el("h2", {}, "This plan against ", el("em", {}, other.plan.name)),
    el("p", { class: "buttons" },
      el("button", { type: "button", onclick: () => set({ by: "difference" }) }, "Show the difference on the map"),
      el("button", { type: "button", onclick: () => set({ loaded: other, other: now, period: Math.min(state.period, other.plan.totals.length - 1) }) }, "Swap"),
      el("button", { type: "button", onclick: () => set({ other: null, by: state.by === "difference" ? "vendor" : state.by }) }, "End the comparison")),
    table(["", "This plan", "Other", "Difference"], [
      row("Sites open", (l) => l.plan.sites.filter((s) => s.opened).length, (v) => number(v)),
      row("IT MW at the end", (l) => end(l).it_mw, (v) => number(v)),
      row("PFLOPS at the end", (l) => end(l).pflops, big),
      row("GPUs at the end", (l) => end(l).gpus, big),
      row("Compute, PFLOPS-years", (l) => l.plan.objectives["compute"] ?? 0, big),
      row("Spending", spent, money),
      row("Peak funding", (l) => peakFunding(l)?.musd ?? 0, money),
      row("Cost, discounted", (l) => l.plan.objectives["cost"] ?? 0, money),
      row("Carbon, tonnes", (l) => l.plan.objectives["carbon"] ?? 0, big),
    ]),
    chart({
      title: "IT MW online", labels: months.map((m) => period(m, now.length)), words: (v) => number(v), at: months.indexOf(now.plan.totals[state.period]?.month ?? ""),
      series: [{ name: "this plan", kind: "line", colour: colour("accent"), values: mw(now) }, { name: "other", kind: "line", colour: colour("warm"), values: mw(other) }],
    }),
    el("h3", {}, `Sites that differ (${moved.length})`),
    el("div", { class: "scroll" }, table(["Site", "IT MW here", "IT MW there", "Opens here", "Opens there"], moved.slice(0, 200).map(({ s, before }) => [
      el("button", { type: "button", class: "link", onclick: () => set({ site: s.id, tab: "site" }) }, s.name || s.id),
      number(s.it_mw), number(before?.it_mw ?? 0), opens(s), before ? opens(before) : "not there",
    ]))));
}

function opens(site: { status: string; opened: boolean; opening_month: string | null }): string {
  return site.status === "committed" ? "committed" : site.opened ? site.opening_month ?? "yes" : "no";
}
