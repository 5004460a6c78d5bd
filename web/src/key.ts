/** Asks for an API key where the service wants one. It is kept until the tab is closed. */

import { onKeyWanted } from "./api";
import { el } from "./dom";

let asking: Promise<string | null> | null = null;

export function startKey(): void {
  onKeyWanted(() => (asking ??= ask().finally(() => { asking = null; })));
}

function ask(): Promise<string | null> {
  return new Promise((done) => {
    const box = el("input", { type: "password", name: "key", autocomplete: "off", placeholder: "gs_…", id: "key", size: 40 });
    const dialog = el("dialog", { onclose: () => { done(dialog.returnValue === "ok" && box.value ? box.value.trim() : null); dialog.remove(); } },
      el("form", { method: "dialog" }, el("label", { for: "key" }, "This service wants an API key"), box,
        el("p", { class: "buttons" }, el("button", { value: "ok", class: "primary" }, "Use it"), el("button", { value: "" }, "Not now"))));
    document.body.append(dialog);
    dialog.showModal();
  });
}
