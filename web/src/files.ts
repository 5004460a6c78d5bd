/** Downloads of every format, and files dropped on the page. */

import { blob, get, post, usesKey } from "./api";
import { byId, el, say } from "./dom";
import { fail, showPlan } from "./load";
import { loadedOf, set, state } from "./state";
import type { Plan, Request } from "./types";

/** The tab with all formats and the link to share. */
export function downloads(): HTMLElement {
  const { loaded } = state;
  if (!loaded) return el("p", {}, "Files appear with a plan.");
  const job = loaded.job;
  if (!job) return el("p", {}, "This plan came from a file on your machine; the service holds no other formats of it.");
  const results = job.links.filter((l) => l.rel.endsWith("/results"));
  const address = `${location.origin}${location.pathname}#plan=${job.jobID}`;
  const shared = el("input", { type: "text", readonly: true, value: address, "aria-label": "Link to this plan", onfocus: () => shared.select() });
  return el("div", {},
    el("h3", {}, "Files"),
    el("ul", { class: "files" }, ...results.map((l) => {
      const kind = new URL(l.href, location.href).searchParams.get("f") ?? "file";
      const link = el("a", { href: l.href, download: `plan.${kind}`, onclick: (e) => { if (usesKey()) { e.preventDefault(); void withKey(l.href, kind); } } }, el("b", {}, kind), ` ${l.title}`);
      return el("li", {}, link);
    })),
    el("h3", {}, "Share"),
    el("p", { class: "buttons" }, shared, el("button", { type: "button", onclick: () => void copy(shared) }, "Copy the link")),
    el("p", { class: "note" }, "Whoever may use this service sees the plan under the link."));
}

async function copy(box: HTMLInputElement): Promise<void> {
  box.select();
  try {
    await navigator.clipboard.writeText(box.value);
    say("The link is copied.");
  } catch {
    say("The link is selected; copy it with the keyboard.");
  }
}

async function withKey(href: string, kind: string): Promise<void> {
  try {
    const url = URL.createObjectURL(await blob(href));
    el("a", { href: url, download: `plan.${kind}` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  } catch (error) {
    fail(error, "The file cannot be fetched");
  }
}

const BINARY: Record<string, string> = {
  gpkg: "application/geopackage+sqlite3", fgb: "application/flatgeobuf", parquet: "application/vnd.apache.parquet", zip: "application/zip", csv: "text/csv",
};

/** Listen for files on the whole page. */
export function startDrop(): void {
  const veil = byId("drop");
  let depth = 0;
  const files = (e: DragEvent): boolean => e.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragenter", (e) => { if (files(e)) { depth++; veil.hidden = false; } });
  addEventListener("dragleave", () => { if (--depth <= 0) { depth = 0; veil.hidden = true; } });
  addEventListener("dragover", (e) => { if (files(e)) e.preventDefault(); });
  addEventListener("drop", (e) => {
    depth = 0;
    veil.hidden = true;
    if (!files(e)) return;
    e.preventDefault();
    const file = e.dataTransfer?.files[0];
    if (file) void take(file);
  });
}

/** A file from the user: a plan, a request, or sites. */
export async function take(file: File): Promise<void> {
  set({ failure: null });
  try {
    const ending = file.name.split(".").at(-1)?.toLowerCase() ?? "";
    if (ending === "yaml" || ending === "yml") return await yaml(await file.text());
    if (ending in BINARY) return await upload(file, BINARY[ending]!);
    const found = JSON.parse(await file.text()) as Request;
    if (String(found["format"]).startsWith("gigasite-plan/")) {
      set({ request: null, other: null });
      showPlan(loadedOf(found as unknown as Plan, null, null, null));
      history.replaceState(null, "", location.pathname);
    } else if (found["type"] === "FeatureCollection") {
      await sites(found, file.name);
    } else {
      set({ request: found, edited: true, tab: "request", loaded: null });
    }
    say(`${file.name} is loaded.`);
  } catch (error) {
    fail(error, `${file.name} cannot be used`);
  }
}

/** YAML by its 1.2 core schema: months stay the texts they are. */
async function yaml(text: string): Promise<void> {
  const { parse } = await import("yaml");
  set({ request: parse(text) as Request, edited: true, tab: "request", loaded: null });
}

async function upload(file: File, type: string): Promise<void> {
  const kept = await post<{ reference: string }>(`/datasets?name=${encodeURIComponent(file.name)}`, file, type);
  await sites(kept.reference, file.name);
}

/** Sites go into the request at hand, or into the first example's frame. */
async function sites(found: unknown, name: string): Promise<void> {
  const frame = state.request ?? frameOf(await get<Request>("/examples/stargate"));
  set({ request: { ...frame, name: name.replace(/\.\w+$/, ""), sites: found }, edited: true, tab: "request", loaded: null, other: null });
}

/** The example without what belongs to its own sites. */
function frameOf(example: Request): Request {
  const { deals: _deals, policies: _policies, demand: _demand, ...rest } = example;
  return { ...rest, solver: { time_limit_s: 60, relative_gap: 0.01 } };
}
