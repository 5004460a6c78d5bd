/** The search while it runs. Its parts are changed in place, so that the button is not taken away under a finger. */

import { chart } from "./chart";
import { el } from "./dom";
import { stopSolving } from "./load";
import type { State } from "./state";
import { colour } from "./theme";
import { big, gapText, money, number } from "./words";

type Solving = NonNullable<State["solving"]>;
interface Shown { id: string; box: HTMLElement; title: HTMLElement; phase: HTMLElement; facts: HTMLElement; button: HTMLButtonElement; chart: HTMLElement }
let shown: Shown | null = null;

/** An amount of the objective in its unit. */
export function amount(value: number, unit: string): string {
  return unit.toUpperCase() === "MUSD" ? money(value) : `${big(value)} ${unit}`;
}

export function fact(name: string, value: string, note?: string): HTMLElement {
  return el("div", {}, el("dt", {}, name), el("dd", {}, value, note ? el("small", {}, note) : null));
}

export function searching(now: Solving): HTMLElement {
  const view = shown?.id === now.job.jobID ? shown : (shown = frame(now.job.jobID));
  const last = now.progress.at(-1);
  const unit = now.job.objective_unit ?? "";
  const gap = last?.incumbent != null && last.bound != null ? Math.abs(last.incumbent - last.bound) / Math.max(Math.abs(last.incumbent), 1e-9) : null;
  view.title.textContent = `Planning ${now.job.name ?? ""}`;
  view.phase.textContent = `${now.phase[0]?.toUpperCase() ?? ""}${now.phase.slice(1)}${last ? `, ${number(last.seconds)} s` : ""}`;
  view.facts.replaceChildren(
    fact("Best plan so far", last?.incumbent != null ? amount(last.incumbent, unit) : "none yet"),
    fact("Proven bound", last?.bound != null ? amount(last.bound, unit) : "none yet"),
    fact("Gap", gap !== null ? gapText(gap) : "–"));
  view.button.disabled = now.stopping;
  view.button.textContent = now.stopping ? "Stopping…" : "Stop and keep the best plan";
  view.chart.replaceChildren(now.progress.length > 1 ? course(now) : "");
  return view.box;
}

function frame(id: string): Shown {
  const title = el("span", {});
  const phase = el("p", { class: "phase" });
  const facts = el("dl", { class: "facts" });
  const button = el("button", { type: "button", onclick: () => void stopSolving() });
  const figure = el("div", {});
  const head = el("h2", {}, el("span", { class: "spinner", "aria-hidden": "true" }), title);
  return { id, box: el("div", { class: "solving" }, head, phase, el("p", { class: "buttons" }, button), facts, figure), title, phase, facts, button, chart: figure };
}

function course({ progress }: Solving): HTMLElement {
  return chart({
    title: "The search: best plan and bound over time",
    labels: progress.map((p) => `${Math.round(p.seconds)} s`),
    xs: progress.map((p) => p.seconds),
    words: big,
    series: [
      { name: "best plan", kind: "line", colour: colour("accent"), values: progress.map((p) => p.incumbent) },
      { name: "bound", kind: "line", colour: colour("warm"), values: progress.map((p) => p.bound) },
    ],
  });
}
