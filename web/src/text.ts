/** The request as text. What is typed there counts as soon as anything is done with the request, or is refused with its fault. */

import { el } from "./dom";
import { fail } from "./load";
import { set, state } from "./state";
import type { Request } from "./types";

const TITLE = "The whole request as text";
/** What was typed and not used yet, and the text that it was typed over: another request makes it void. */
let typed: { over: string; text: string } | null = null;
/** Why what was typed cannot be used. */
let fault = "";

const written = (): string => JSON.stringify(state.request, null, 1);

function pending(): string | null {
  if (typed && typed.over !== written()) [typed, fault] = [null, ""];
  return typed?.text ?? null;
}

/** Whether there is text that the request does not hold yet. */
export function isTyped(): boolean {
  return pending() !== null;
}

/** The request takes what was typed. False, and told, where that is no request. */
export function takeTyped(): boolean {
  const text = pending();
  if (text === null) return true;
  try {
    const request: unknown = JSON.parse(text);
    if (typeof request !== "object" || request === null || Array.isArray(request)) throw new Error("A request is one object: { … }.");
    [typed, fault] = [null, ""];
    set({ request: request as Request, edited: true, failure: null });
    return true;
  } catch (error) {
    fault = error instanceof Error ? error.message : String(error);
    fail(error, "The text of the request is not JSON");
    return false;
  }
}

export function textForm(): HTMLElement {
  const text = pending();
  const box = el("textarea", {
    rows: 18, spellcheck: "false", "aria-label": "The request as JSON",
    // What the forms have changed since it was shown must not be undone by typing here.
    onfocus: () => { if (!isTyped() && box.value !== written()) box.value = written(); },
    oninput: () => { typed = { over: written(), text: box.value }; },
  });
  const drop = (): void => { [typed, fault] = [null, ""]; box.value = written(); set({ failure: null }); };
  const wrong = text !== null && fault !== "";
  if (text !== null) box.value = text;
  if (wrong) box.setAttribute("aria-invalid", "true");
  return el("details", { open: wrong, ontoggle: (e) => { if ((e.target as HTMLDetailsElement).open && !isTyped()) box.value = written(); } },
    el("summary", {}, TITLE), box, wrong ? el("small", { class: "fault" }, `✗ ${fault}`) : null,
    el("p", { class: "buttons" },
      el("button", { type: "button", onclick: takeTyped }, "Use this text"),
      el("button", { type: "button", onclick: drop }, "Undo typing")));
}
