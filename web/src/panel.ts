/** The panel beside the map: tabs, and what stands in them. */

import { boardView } from "./boardview";
import { compareView } from "./compare";
import { byId, el } from "./dom";
import { editor, own } from "./editor";
import { failureBox } from "./faults";
import { downloads } from "./files";
import { overview } from "./overview";
import { siteList, siteView } from "./siteview";
import { listen, set, state } from "./state";
import { onTheme } from "./theme";

const TABS: [id: string, title: string, view: () => HTMLElement][] = [
  ["overview", "Plan", overview], ["board", "Board", boardView], ["sites", "Sites", siteList], ["site", "Site", siteView],
  ["request", "Request", editor], ["compare", "Compare", compareView], ["files", "Files", downloads],
];
/** Tabs that show figures of the slider's period. */
const TIMED = new Set(["overview", "board", "site", "sites", "compare"]);

export function startPanel(): void {
  const list = el("div", { role: "tablist", "aria-label": "Views of the plan", onkeydown: (e) => arrows(e as KeyboardEvent) });
  const body = el("div", { id: "body", role: "tabpanel", tabindex: 0 });
  const alerts = el("div", {});
  byId("side").append(list, alerts, body);
  list.append(...TABS.map(([id, title]) => el("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": "body", onclick: () => set({ tab: id }) }, title)));

  const show = (): void => {
    const [id, , view] = TABS.find(([t]) => t === state.tab) ?? TABS[0]!;
    for (const tab of list.querySelectorAll("[role=tab]")) {
      const isOn = tab.id === `tab-${id}`;
      tab.setAttribute("aria-selected", String(isOn));
      tab.setAttribute("tabindex", isOn ? "0" : "-1");
    }
    body.setAttribute("aria-labelledby", `tab-${id}`);
    const made = view();
    if (body.firstChild !== made) keepingOpen(body, () => body.replaceChildren(made));
    document.documentElement.dataset["tab"] = id;
  };
  let waits = 0;
  listen(["tab", "site"], () => { show(); byId("side").scrollTop = 0; });
  listen(["loaded", "other", "solving"], show);
  listen(["request"], () => { if (state.request !== own && state.tab === "request") show(); });
  listen(["period"], () => {
    if (!TIMED.has(state.tab)) return;
    cancelAnimationFrame(waits);
    waits = requestAnimationFrame(show);
  });
  listen(["failure"], () => {
    alerts.replaceChildren(failureBox() ?? "");
    if (state.failure) byId("side").scrollTop = 0;
    if (state.tab === "request") show();
  });
  onTheme(show);
  show();
}

/** Details that were open stay open, fields keep the focus, and the place is kept. */
function keepingOpen(body: HTMLElement, change: () => void): void {
  const name = (d: Element): string => d.closest("figure")?.querySelector("figcaption")?.textContent ?? d.querySelector("summary")?.textContent ?? "";
  const open = new Set([...body.querySelectorAll("details[open]")].map(name));
  const at = byId("side").scrollTop;
  const focus = document.activeElement instanceof HTMLElement && body.contains(document.activeElement) ? document.activeElement.textContent : null;
  change();
  for (const d of body.querySelectorAll("details")) if (open.has(name(d))) d.open = true;
  if (focus) [...body.querySelectorAll<HTMLElement>("button, summary, a")].find((b) => b.textContent === focus)?.focus({ preventScroll: true });
  byId("side").scrollTop = at;
}

function arrows(e: KeyboardEvent): void {
  const ids = TABS.map(([id]) => id);
  const now = ids.indexOf(state.tab);
  const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: ids.length - 1 }[e.key];
  if (next === undefined) return;
  e.preventDefault();
  const id = ids[(next + ids.length) % ids.length]!;
  set({ tab: id });
  queueMicrotask(() => byId(`tab-${id}`).focus());
}
