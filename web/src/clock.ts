/** The time slider: moves through the periods and plays the build-out. */

import { byId, el } from "./dom";
import { listen, set, state } from "./state";
import { big, money, number, period } from "./words";

let timer: number | null = null;

export function startClock(): void {
  const play = el("button", { type: "button", class: "play", "aria-label": "Play the build-out", onclick: toggle }, "▶");
  const range = el("input", { type: "range", min: 0, max: 0, value: 0, "aria-label": "Period", oninput: () => { stop(); set({ period: Number(range.value) }); } });
  const when = el("output", { class: "when" });
  const what = el("span", { class: "what" });
  const ends = el("div", { class: "ends", "aria-hidden": "true" });
  byId("clock").append(play, when, el("div", { class: "track" }, range, ends), what);

  listen(["loaded"], () => {
    stop();
    const loaded = state.loaded;
    const n = loaded?.plan.totals.length ?? 0;
    byId("clock").hidden = n === 0;
    if (!loaded || n === 0) return;
    range.max = String(n - 1);
    const years = loaded.plan.totals.map((t, i) => [t.month.slice(0, 4), i] as const).filter(([y], i, all) => i === 0 || all[i - 1]![0] !== y);
    const step = Math.ceil(years.length / 12);
    ends.replaceChildren(...years.filter((_, i) => i % step === 0).map(([y, i]) => {
      const mark = el("span", {}, y);
      mark.style.left = `${n > 1 ? (100 * i) / (n - 1) : 0}%`;
      if (i > 0 && i === n - 1) mark.className = "last";
      return mark;
    }));
  });
  listen(["loaded", "period"], () => {
    const loaded = state.loaded;
    const total = loaded?.plan.totals[state.period];
    if (!loaded || !total) return;
    const words = period(total.month, loaded.length);
    range.value = String(state.period);
    range.setAttribute("aria-valuetext", `${words}: ${number(total.it_mw)} MW of IT online`);
    when.textContent = words;
    const open = loaded.plan.sites.filter((s) => s.periods[state.period]?.open).length;
    const spent = loaded.plan.totals.slice(0, state.period + 1).reduce((sum, t) => sum + t.capex_musd + t.opex_musd, 0);
    what.replaceChildren(
      fact(number(open), open === 1 ? "site open" : "sites open"), fact(`${number(total.it_mw)} MW`, "IT online"),
      fact(big(total.pflops), "PFLOPS"), fact(money(spent), "spent so far"));
  });

  function fact(value: string, name: string): HTMLElement {
    return el("span", {}, el("b", {}, value), ` ${name}`);
  }

  function toggle(): void {
    if (timer !== null) return stop();
    const last = Number(range.max);
    if (state.period >= last) set({ period: 0 });
    play.textContent = "❚❚";
    play.setAttribute("aria-label", "Pause");
    timer = window.setInterval(() => {
      if (state.period >= last) return stop();
      set({ period: state.period + 1 });
    }, Math.max(180, Math.min(700, 12000 / (last + 1))));
  }

  function stop(): void {
    if (timer !== null) clearInterval(timer);
    timer = null;
    play.textContent = "▶";
    play.setAttribute("aria-label", "Play the build-out");
  }
}
