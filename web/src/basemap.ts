/** Countries and US states from the bundled atlases: no tile, no address outside. */

import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import type { Feature, FeatureCollection, Point, Polygon, MultiPolygon } from "geojson";
import type { Map as MapLibre } from "maplibre-gl";
import statesUrl from "us-atlas/states-10m.json?url";
import countriesUrl from "world-atlas/countries-50m.json?url";
import { colour } from "./theme";

type Atlas = Topology<Record<string, GeometryCollection<{ name: string }>>>;

async function atlas(url: string): Promise<Atlas> {
  return (await (await fetch(url)).json()) as Atlas;
}

/** Add the layers, below all others. */
export async function addBasemap(map: MapLibre): Promise<void> {
  const [world, us] = await Promise.all([atlas(countriesUrl), atlas(statesUrl)]);
  const countries = feature(world, world.objects["countries"]!);
  const states = feature(us, us.objects["states"]!);
  map.addSource("land", { type: "geojson", data: unwrapped(countries) });
  map.addSource("borders", { type: "geojson", data: mesh(world, world.objects["countries"]!, (a, b) => a !== b) });
  map.addSource("states", { type: "geojson", data: mesh(us, us.objects["states"]!, (a, b) => a !== b) });
  map.addSource("names", { type: "geojson", data: names(countries, states) });
  const first = map.getStyle().layers.find((l) => l.id !== "sea")?.id;
  map.addLayer({ id: "land", type: "fill", source: "land" }, first);
  map.addLayer({ id: "states", type: "line", source: "states" }, first);
  map.addLayer({ id: "borders", type: "line", source: "borders" }, first);
  map.addLayer({
    id: "names", type: "symbol", source: "names",
    filter: ["<=", ["get", "from"], ["zoom"]],
    layout: {
      "text-field": ["get", "name"], "text-size": 11, "text-max-width": 7, "text-letter-spacing": 0.06,
      "symbol-sort-key": ["-", 0, ["get", "size"]],
    },
  }, first);
  paintBasemap(map);
}

/** Colours of the scheme in use. */
export function paintBasemap(map: MapLibre): void {
  map.setPaintProperty("sea", "background-color", colour("sea"));
  if (!map.getLayer("land")) return;
  map.setPaintProperty("land", "fill-color", colour("land"));
  map.setPaintProperty("land", "fill-outline-color", colour("coast"));
  map.setPaintProperty("states", "line-color", colour("border"));
  map.setPaintProperty("states", "line-width", 0.8);
  map.setPaintProperty("borders", "line-color", colour("coast"));
  map.setPaintProperty("borders", "line-width", 1.2);
  map.setPaintProperty("names", "text-color", colour("place"));
  map.setPaintProperty("names", "text-halo-color", colour("land"));
  map.setPaintProperty("names", "text-halo-width", 1);
}

/**
 * The atlas draws on a globe: rings step over the antimeridian. On a flat map such a step would be a line across the whole
 * world, so longitudes go on beyond 180; what then lies outside is drawn on the other side. A ring around a pole is closed there.
 */
function unwrapped(all: FeatureCollection): FeatureCollection {
  const ring = (points: number[][]): number[][] => {
    let shift = 0;
    const flat = points.map(([x, y], i) => {
      const before = i > 0 ? points[i - 1]![0]! : x!;
      if (x! - before > 180) shift -= 360;
      if (before - x! > 180) shift += 360;
      return [x! + shift, y!];
    });
    const [first, last] = [flat[0]!, flat.at(-1)!];
    if (Math.abs(last[0]! - first[0]!) < 180) return flat;
    const pole = first[1]! < 0 ? -85.06 : 85.06;
    return [...flat, [last[0]!, pole], [first[0]!, pole], first];
  };
  return { type: "FeatureCollection", features: (all.features as Area[]).map((f) => ({ ...f, geometry: f.geometry.type === "Polygon"
    ? { type: "Polygon", coordinates: f.geometry.coordinates.map(ring) }
    : { type: "MultiPolygon", coordinates: f.geometry.coordinates.map((p) => p.map(ring)) } })) };
}

type Area = Feature<Polygon | MultiPolygon, { name: string }>;

/** A point for each name, at the middle of its largest part; small places show from a nearer zoom. */
function names(countries: FeatureCollection, states: FeatureCollection): FeatureCollection<Point> {
  const points = (all: FeatureCollection, isState: boolean): Feature<Point>[] =>
    (all.features as Area[]).flatMap((f) => {
      if (!isState && f.properties.name === "United States of America") return [];
      const rings = f.geometry.type === "Polygon" ? [f.geometry.coordinates[0]!] : f.geometry.coordinates.map((p) => p[0]!);
      const best = rings.map((r) => middle(r)).reduce((a, b) => (b.size > a.size ? b : a));
      const from = isState ? (best.size > 16 ? 3 : best.size > 6 ? 4 : 5.5) : best.size > 300 ? 1 : best.size > 40 ? 3 : 5;
      return [{ type: "Feature", geometry: { type: "Point", coordinates: best.at }, properties: { name: f.properties.name, size: best.size, from } }];
    });
  return { type: "FeatureCollection", features: [...points(countries, false), ...points(states, true)] };
}

function middle(ring: number[][]): { at: [number, number]; size: number } {
  let size = 0, x = 0, y = 0;
  for (let i = 0; i + 1 < ring.length; i++) {
    const [x0, y0] = ring[i] as [number, number];
    const [x1, y1] = ring[i + 1] as [number, number];
    const cross = x0 * y1 - x1 * y0;
    size += cross;
    x += (x0 + x1) * cross;
    y += (y0 + y1) * cross;
  }
  return size === 0 ? { at: [0, 0], size: 0 } : { at: [x / (3 * size), y / (3 * size)], size: Math.abs(size / 2) };
}
