/** The bar at the top, and the welcome while nothing is loaded. */

import { get } from "./api";
import { planWords } from "./compare";
import { byId, el } from "./dom";
import { take } from "./files";
import { fail, openJob, solve } from "./load";
import { listen, set, state } from "./state";
import { isDark, onTheme, toggleTheme } from "./theme";
import type { Job, Request } from "./types";

interface Example { name: string; title: string }

export function startTop(): void {
  const theme = el("button", { type: "button", onclick: toggleTheme });
  const label = (): void => { theme.textContent = isDark() ? "☀ Light" : "☾ Dark"; };
  onTheme(label);
  label();
  const state_ = el("span", { class: "state", role: "status" });
  byId("top").append(
    el("a", { class: "brand", href: "./", onclick: (e) => { e.preventDefault(); home(); } }, "Gigasite"),
    state_, el("span", { class: "grow" }), examplesMenu(), picker("Open a file"),
    el("a", { href: "/docs", class: "button" }, "API"), theme);
  listen(["loaded", "solving", "request", "edited"], () => {
    const name = state.solving?.job.name ?? state.loaded?.plan.name ?? state.request?.["name"];
    state_.textContent = [name, state.solving ? "planning…" : state.edited ? "request changed, not planned yet" : ""].filter(Boolean).join(" · ");
  });
  listen(["loaded", "solving", "request"], () => void welcome());
  void welcome();
}

function home(): void {
  history.replaceState(null, "", location.pathname);
  set({ loaded: null, other: null, request: null, edited: false, failure: null, site: null, tab: "overview" });
}

function examplesMenu(): HTMLElement {
  const menu = el("select", { "aria-label": "Load an example", onchange: () => { const name = menu.value; menu.value = ""; if (name) void example(name); } }, el("option", { value: "" }, "Examples"));
  void examples().then((all) => menu.append(...all.map((e) => el("option", { value: e.name }, e.title))), () => undefined);
  return menu;
}

function picker(words: string): HTMLElement {
  const input = el("input", { type: "file", accept: ".json,.geojson,.yaml,.yml,.csv,.gpkg,.fgb,.parquet,.zip", class: "unseen", onchange: () => { const file = input.files?.[0]; if (file) void take(file); input.value = ""; } });
  return el("label", { class: "button" }, input, words);
}

async function examples(): Promise<Example[]> {
  return (await get<{ examples: Example[] }>("/examples")).examples;
}

/** Load an example into the request's forms. */
export async function example(name: string): Promise<void> {
  try {
    set({ request: await get<Request>(`/examples/${name}`), edited: false, tab: "request", loaded: null, other: null, failure: null });
    history.replaceState(null, "", location.pathname);
  } catch (error) {
    fail(error, "The example cannot be loaded");
  }
}

async function welcome(): Promise<void> {
  const box = byId("welcome");
  box.hidden = Boolean(state.loaded || state.solving || state.request);
  if (box.hidden || box.childElementCount > 0) return;
  const list = el("ul", { class: "plans" });
  const ways = el("div", { class: "buttons" });
  box.append(
    el("h1", {}, "Where, what and when to build"),
    el("p", {}, "Gigasite plans AI data-center capacity: which sites open, which blocks are ordered there, in which quarter; with a proven bound and an independent check."),
    ways, el("p", { class: "note" }, "Or drop a request, sites (GeoJSON, GeoPackage, CSV …) or a plan.json anywhere on this page."), list);
  try {
    ways.append(...(await examples()).map((e, i) => el("div", { class: "way" },
      el("button", { type: "button", class: i === 0 ? "primary" : null, onclick: () => void example(e.name).then(() => solve(state.request!)) }, `Plan “${e.title}”`),
      el("button", { type: "button", "aria-label": `Look at its request: ${e.title}`, onclick: () => void example(e.name) }, "Look at its request"))));
    const { jobs } = await get<{ jobs: Job[] }>("/jobs?limit=8");
    if (jobs.length) list.before(el("h2", {}, "Your latest plans"));
    list.append(...jobs.map((j) => el("li", {}, el("button", { type: "button", onclick: () => void openJob(j.jobID).catch((e: unknown) => fail(e, "The plan cannot be opened")) }, planWords(j)))));
  } catch (error) {
    fail(error, "The service does not answer");
  }
}
