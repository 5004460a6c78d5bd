/** The candidates of a request that has no plan yet: parcels, and rings by the grid power they will have. */

import type { Feature, FeatureCollection, Geometry, Point, Position } from "geojson";
import { shownSites, stated, type Features } from "./uploads";
import type { Request } from "./types";

export interface Preview {
  points: FeatureCollection<Point>;
  shapes: FeatureCollection;
  box: [number, number, number, number] | null;
}

/** The sites that stand in the request itself; none where it names a file. */
export function features(request: Request): Features["features"] | undefined {
  const sites = request["sites"] as Features | string | undefined;
  return typeof sites === "object" ? stated(sites) : undefined;
}

function* positions(value: unknown): Generator<Position> {
  if (!Array.isArray(value)) return;
  if (typeof value[0] === "number") yield value as Position;
  else for (const part of value) yield* positions(part);
}

/** The last value of a number or a schedule, as text or not; 0 where there is none. */
function power(given: unknown): number {
  const value: unknown = typeof given === "string" ? safely(given) : given;
  const last: unknown = Array.isArray(value) ? (value.at(-1) as { value?: unknown } | undefined)?.value : value;
  return typeof last === "number" ? last : 0;
}

/** What a text says as JSON; null where it is none. */
export function safely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function preview(request: Request): Preview {
  const sites = shownSites(request) ?? [];
  const most = sites.reduce((m, f) => Math.max(m, power(f.properties["grid_mw"])), 1);
  const largest = sites.length <= 40 ? 30 : sites.length <= 300 ? 19 : sites.length <= 1500 ? 12 : 8;
  const points: Feature<Point>[] = [];
  const shapes: Feature[] = [];
  let all: [number, number, number, number] | null = null;
  sites.forEach((f, i) => {
    const geometry = f.geometry as Geometry | null;
    if (!geometry || !("coordinates" in geometry)) return;
    let own: [number, number, number, number] | null = null;
    for (const [x, y] of positions(geometry.coordinates)) own = grown(own, x!, y!);
    if (!own) return;
    all = grown(grown(all, own[0], own[1]), own[2], own[3]);
    const id = String(f.properties["id"] ?? `site ${i + 1}`);
    if (geometry.type !== "Point") shapes.push({ type: "Feature", geometry, properties: { id } });
    const ring = Math.max(4, largest * Math.sqrt(power(f.properties["grid_mw"]) / most));
    points.push({
      type: "Feature",
      geometry: { type: "Point", coordinates: [(own[0] + own[2]) / 2, (own[1] + own[3]) / 2] },
      properties: { id, name: String(f.properties["name"] ?? id), open: false, ring, disc: 4, offset: ring / 12 + 0.3 },
    });
  });
  return { points: { type: "FeatureCollection", features: points }, shapes: { type: "FeatureCollection", features: shapes }, box: all };
}

function grown(box: [number, number, number, number] | null, x: number, y: number): [number, number, number, number] {
  return box ? [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)] : [x, y, x, y];
}
