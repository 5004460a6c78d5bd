/** Sites of files that the service keeps, brought back to be shown: it has turned every format into GeoJSON, or CSV as it was. */

import { blob } from "./api";
import type { Request } from "./types";

export interface Features {
  features: { properties: Record<string, unknown>; geometry: unknown }[];
}

const brought = new Map<string, Promise<Features["features"]>>();
const here = new Map<string, Features["features"]>();
const PREFIX = "dataset:";

/** The sites in the request itself, or of its upload once they have come; undefined where they cannot be had. */
export function shownSites(request: Request): Features["features"] | undefined {
  const sites = request["sites"] as Features | string | undefined;
  return typeof sites === "string" ? here.get(sites) : stated(sites);
}

/** The features of a collection; GeoJSON allows one to have no properties at all. */
export function stated(sites: Features | null | undefined): Features["features"] | undefined {
  return sites?.features?.map((f) => (f.properties ? f : { ...f, properties: {} }));
}

/** Fetch the sites of the upload that the request names; true when there is something new to show. */
export async function bring(request: Request): Promise<boolean> {
  const name = request["sites"];
  if (typeof name !== "string" || !name.startsWith(PREFIX) || brought.has(name)) return false;
  const coming = blob(`/datasets/${encodeURIComponent(name.slice(PREFIX.length))}/content`).then(async (file) => {
    const text = await file.text();
    return file.type.includes("csv") ? fromCsv(text) : (JSON.parse(text) as Features).features;
  });
  brought.set(name, coming);
  try {
    here.set(name, await coming);
    return true;
  } catch {
    return false;   // the service will say what is wrong when the request is checked
  }
}

/** Whether the sites of the request stand in an upload that can as well be written out in it. */
export function isCopyable(request: Request): boolean {
  return shownSites(request)?.some((f) => "type" in f) ?? false;
}

const LON = ["lon", "lng", "long", "longitude", "x"], LAT = ["lat", "latitude", "y"];

/** Points from a table, for the map: the planner reads the table itself. */
function fromCsv(text: string): Features["features"] {
  const head = text.split("\n", 1)[0]!;
  const comma = [",", ";", "\t"].reduce((a, b) => (head.split(b).length > head.split(a).length ? b : a));
  const [heads, ...rows] = cells(text, comma);
  const names = (heads ?? []).map((h) => h.trim().toLowerCase());
  const [x, y] = [LON, LAT].map((all) => names.findIndex((n) => all.includes(n))) as [number, number];
  if (x < 0 || y < 0) return [];
  return rows.filter((r) => r[x]?.trim() && r[y]?.trim()).map((r) => ({
    geometry: { type: "Point", coordinates: [Number(r[x]), Number(r[y])] },
    properties: Object.fromEntries(names.flatMap((n, i) => (r[i]?.trim() ? [[n, plain(r[i]!.trim())]] : []))),
  }));
}

const plain = (cell: string): string | number => (/^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell);

function cells(text: string, comma: string): string[][] {
  const rows: string[][] = [[]];
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${comma}\\r\\n]*))(${comma}|\\r?\\n|$)`, "g");
  for (const [, quoted, bare, end] of text.replace(/^\uFEFF/, "").matchAll(cell)) {
    rows.at(-1)!.push(quoted !== undefined ? quoted.replaceAll('""', '"') : (bare ?? ""));
    if (end === "") break;
    if (end !== comma) rows.push([]);
  }
  return rows.filter((r) => r.length > 1 || r[0] !== "");
}
