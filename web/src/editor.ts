/** The request in forms: horizon, money, vendors, objective, power, search; and all of it as text. */

import { get, post } from "./api";
import { el, say } from "./dom";
import { markFaults } from "./faults";
import { fail, solve } from "./load";
import { field, resolve, type Schema } from "./schema";
import { set, state } from "./state";
import { features, safely } from "./preview";
import { isCopyable, shownSites } from "./uploads";
import { isTyped, takeTyped, textForm } from "./text";
import type { Request } from "./types";
import { number, vendorName } from "./words";
import { canDraw, drawSite } from "./drawing";

let schema: Schema | null = null;
/** The request that this form itself has set: it need not be shown anew. */
export let own: Request | null = null;
let site = 0;
/** What the last check said, and of which request. */
let checked: { of: Request; box: HTMLElement } | null = null;

type Props = Record<string, unknown>;

export function editor(): HTMLElement {
  if (!state.request) return el("div", {}, el("p", {}, "No request is loaded. Load an example, or drop a request or GeoJSON on the map."));
  const holder = el("form", { class: "editor", novalidate: true, onsubmit: (e) => { e.preventDefault(); if (takeTyped()) void solve(state.request!); } });
  if (schema) fill(holder, schema);
  else {
    holder.append("Reading the schema…");
    void get<Schema>("/schema").then((found) => { schema = found; holder.replaceChildren(); fill(holder, found); }, (e) => fail(e, "No schema"));
  }
  return holder;
}

function put(key: string, value: unknown): void {
  const isOther = isTyped();   // the forms show what was before the text was typed
  if (!takeTyped()) return;
  const next = { ...state.request };
  if (value === undefined) delete next[key];
  else next[key] = value;
  own = isOther ? null : next;
  set({ request: next, edited: true });
}

function fill(holder: HTMLElement, root: Schema): void {
  const request = state.request!;
  const part = (name: string, words: string, open = false): HTMLElement => {
    const inner = field("", root.properties?.[name] ?? {}, root, request[name], (v) => put(name, v), `/${name}`);
    return el("details", { open }, el("summary", {}, words), inner);
  };
  holder.append(
    el("p", { class: "lead" }, String(request["name"] ?? "Request"), " ", el("small", {}, sizeOf(request))),
    el("p", { class: "buttons" },
      el("button", { type: "submit", class: "primary" }, "Plan it"),
      el("button", { type: "button", onclick: () => void check() }, "Check only"),
      el("button", { type: "button", onclick: save }, "Save as file")),
    checked?.of === request ? checked.box : "",
    part("budget", "Budget", true), part("horizon", "Dates"), vendors(root), objective(root), powerForm(root), part("solver", "Search"), textForm());
  markFaults(holder, state.failure?.faults ?? []);
}

function sizeOf(request: Request): string {
  const n = shownSites(request)?.length;
  return [n !== undefined ? `${number(n)} sites` : "sites from a file", `${(request["blocks"] as unknown[] | undefined)?.length ?? 0} blocks`, `${(request["deals"] as unknown[] | undefined)?.length ?? 0} deals`].join(", ");
}

function objective(root: Schema): HTMLElement {
  const now = state.request!["objective"];
  const list = (Array.isArray(now) ? now : [now]) as unknown[];
  const shape = root.$defs?.["Objective"] ?? {};
  const forms = list.map((each, i) => field(list.length > 1 ? `Stage ${i + 1}` : "", shape, root, each, (v) => {
    list[i] = v;
    put("objective", list.length > 1 ? [...list] : v);
  }, list.length > 1 ? `/objective/${i}` : "/objective"));
  return el("details", {}, el("summary", {}, "Objective"), el("p", { class: "note" }, "One of maximize and minimize."), ...forms);
}

/** Shares of vendors are policies like others; here they can be added and taken away. */
function vendors(root: Schema): HTMLElement {
  const box = el("div", {});
  const shape = root.$defs?.["VendorShare"] ?? {};
  const policies = (): Props[] => (state.request!["policies"] as Props[] | undefined) ?? [];
  const known = [...new Set([...(state.loaded?.vendors ?? []), "nvidia", "amd"])];
  const show = (): void => {
    box.replaceChildren(
      ...policies().flatMap((p, i) => {
        if (p["kind"] !== "vendor_share") return [];
        const form = field(vendorName(String(p["vendor"] ?? "vendor")), shape, root, p, (v) => put("policies", policies().map((q, k) => (k === i ? { kind: "vendor_share", ...(v as Props) } : q))), `/policies/${i}`);
        return [el("div", { class: "policy" }, form, el("button", { type: "button", class: "link", onclick: () => { put("policies", policies().filter((_, k) => k !== i)); show(); } }, "Remove this limit"))];
      }),
      el("p", { class: "buttons" }, ...known.map((v) => el("button", { type: "button", onclick: () => { put("policies", [...policies(), { kind: "vendor_share", vendor: v, max: 0.7 }]); show(); } }, `Limit ${vendorName(v)}`))));
  };
  show();
  return el("details", {}, el("summary", {}, "Vendor limits"), el("p", { class: "note" }, "Shares of what is online, from a date on."), box);
}

const OF_SITE = ["grid_mw", "available_from", "pue", "opening_musd", "build_months", "pace_mw_per_year", "buildable_ha"];

/** Power and dates of one site; drawing a new one on the map. */
function powerForm(root: Schema): HTMLElement {
  const all = features(state.request!);
  if (!all) return fromFile();
  const shape = resolve(root.$defs?.["SiteProperties"] ?? {}, root);
  const box = el("div", {});
  const pick = el("select", { "aria-label": "Site", onchange: () => { site = Number(pick.value); show(); } });
  const show = (): void => {
    const now = features(state.request!)!;
    site = Math.min(site, Math.max(0, now.length - 1));
    pick.replaceChildren(...now.slice(0, 2000).map((f, i) => el("option", { value: i, selected: i === site }, String(f.properties["name"] ?? f.properties["id"] ?? `site ${i + 1}`))));
    const one = now[site];
    box.replaceChildren(...(one ? OF_SITE.map((key) => {
      const given = one.properties[key];
      const value = typeof given === "string" && /^\s*\[/.test(given) ? safely(given) ?? given : given;
      return field(key, shape.properties?.[key] ?? {}, root, value, (v) => change(key, v), `/sites/features/${site}/properties/${key}`) ?? "";
    }) : []));
  };
  const change = (key: string, value: unknown): void => {
    const list = features(state.request!)!.map((f, i) => (i === site ? { ...f, properties: { ...f.properties, [key]: value } } : f));
    put("sites", { ...(state.request!["sites"] as object), features: list });
  };
  const draw = el("button", { type: "button", disabled: !canDraw(), onclick: () => drawSite((made) => {
    put("sites", { ...(state.request!["sites"] as object), features: [...features(state.request!)!, made] });
    site = features(state.request!)!.length - 1;
    show();
    say(`Site ${String(made.properties["id"])} is added; give its power.`);
  }, features(state.request!)!.length) }, "Draw a new site");
  show();
  return el("details", {}, el("summary", {}, "Power of sites"), el("p", { class: "buttons" }, pick, draw), box);
}

/** Sites that stand in an upload can be copied into the request, to be changed here. */
function fromFile(): HTMLElement {
  const copy = el("button", { type: "button", onclick: () => {
    const found = shownSites(state.request!);
    if (!found) return;
    own = null;
    set({ request: { ...state.request, sites: { type: "FeatureCollection", features: found.map((f) => ({ type: "Feature", ...f })) } }, edited: true });
  } }, "Copy them into the request");
  return el("details", {}, el("summary", {}, "Power of sites"), el("p", { class: "note" }, "The sites stand in a file of their own."), isCopyable(state.request!) ? copy : null);
}

async function check(): Promise<void> {
  if (!takeTyped()) return;
  set({ failure: null });
  try {
    const report = await post<{ warnings?: string[]; variables?: number; [more: string]: unknown }>("/requests/check", state.request);
    const warnings = report.warnings ?? [];
    const box = el("div", { class: "good" }, el("b", {}, "✓ It can be planned."), ...warnings.map((w) => el("p", { class: "note" }, typeof w === "string" ? w : JSON.stringify(w))));
    say("The request can be planned.");
    own = null;
    const of = { ...state.request };
    checked = { of, box };
    set({ request: of });
  } catch (error) {
    checked = null;
    fail(error, "The request has faults");
  }
}

function save(): void {
  if (!takeTyped()) return;
  const link = el("a", { href: URL.createObjectURL(new Blob([JSON.stringify(state.request, null, 1)], { type: "application/json" })), download: "request.json" });
  link.click();
  URL.revokeObjectURL(link.href);
}

