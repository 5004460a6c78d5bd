/** The legend, and the choice of what the map is coloured by. */

import { CHOICES, scheme } from "./colours";
import { byId, el } from "./dom";
import { scaleOf } from "./map";
import { swatch } from "./marks";
import { listen, set, state } from "./state";
import { colour, onTheme } from "./theme";

export function startLegend(): void {
  listen(["loaded", "by", "other"], show);
  onTheme(show);
  show();
}

function show(): void {
  const loaded = state.loaded;
  const box = byId("legend");
  box.hidden = !loaded || loaded.plan.sites.length === 0;
  if (!loaded || box.hidden) return;
  const looks = scheme(state.by, loaded, state.other);
  const pick = el("select", { id: "by", onchange: () => set({ by: pick.value }) },
    ...[...CHOICES, ...(state.other ? [["difference", "Difference to other plan"] as [string, string]] : [])].map(([id, title]) =>
      el("option", { value: id, selected: id === state.by }, title)));
  const edge = colour("mark-edge");
  const isOpen = box.querySelector("details")?.open ?? innerWidth > 700;
  box.replaceChildren(
    el("label", { for: "by" }, "Colour by"), pick,
    el("details", { open: isOpen }, el("summary", {}, looks.title),
      el("ul", {}, ...looks.legend.map((e) => el("li", {}, swatch(e.mark, edge), e.words)), ...sizes(scaleOf(loaded)))));
}

/** Rings and discs, to scale. */
function sizes(size: (mw: number) => number): HTMLElement[] {
  const most = [10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10].find((mw) => size(mw) <= 24) ?? 10;
  const r = size(most);
  const sign = el("span", { class: "scale", "aria-hidden": "true" }, el("i", {}));
  sign.style.width = sign.style.height = `${2 * r}px`;
  const inner = sign.firstElementChild as HTMLElement;
  inner.style.width = inner.style.height = `${2 * size(most / 2)}px`;
  return [el("li", { class: "sizes" }, sign, el("span", {}, `ring: ${most.toLocaleString("en-US")} MW of grid; disc: ${(most / 2).toLocaleString("en-US")} MW drawn at the meter, the smallest for little or nothing yet`))];
}
