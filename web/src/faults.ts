/** Everything that is wrong with a request, each beside its field where there is one. */

import { el } from "./dom";
import { set, state } from "./state";
import type { Fault } from "./types";

const MOST = 40;

export function failureBox(): HTMLElement | null {
  const { failure } = state;
  if (!failure) return null;
  return el("section", { class: "failed", role: "alert" },
    el("button", { type: "button", class: "close", "aria-label": "Close this message", onclick: () => set({ failure: null }) }, "×"),
    el("h2", {}, failure.title), el("p", {}, failure.detail), faultList(failure.faults));
}

export function faultList(faults: Fault[]): HTMLElement | null {
  if (faults.length === 0) return null;
  return el("ul", { class: "faults" },
    ...faults.slice(0, MOST).map((f) => el("li", {}, f.pointer || f.path ? el("code", {}, f.pointer ?? f.path ?? "") : null, ` ${f.message}`, f.hint ? el("small", {}, ` ${f.hint}`) : null)),
    faults.length > MOST ? el("li", {}, `and ${faults.length - MOST} more`) : null);
}

/** Mark the fields that faults point to, and open what hides them. */
export function markFaults(form: HTMLElement, faults: Fault[]): void {
  const fields = [...form.querySelectorAll<HTMLElement>("[data-pointer]")];
  for (const fault of faults) {
    const at = fault.pointer ?? "";
    const best = fields.filter((f) => at === f.dataset["pointer"] || at.startsWith(`${f.dataset["pointer"]}/`)).at(-1);
    if (!best) continue;
    best.setAttribute("aria-invalid", "true");
    const box = best.closest(".field");
    if (box && !box.querySelector(".fault")) box.append(el("small", { class: "fault" }, `✗ ${fault.message}`));
    best.closest("details")?.setAttribute("open", "");
  }
}
