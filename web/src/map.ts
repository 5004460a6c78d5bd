/** The map: parcels as polygons, each site's power as a ring (grid) with a disc in it (drawn), names beside. */

import { LngLatBounds, Map as MapLibre, NavigationControl, ScaleControl, setWorkerUrl, type ExpressionSpecification, type GeoJSONSource } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import type { Feature, FeatureCollection, Point } from "geojson";
import { addBasemap, paintBasemap } from "./basemap";
import { markId, markOf, scheme, type Mark, type Part, type Scheme } from "./colours";
import { byId } from "./dom";
import { draw, RADIUS } from "./marks";
import { preview } from "./preview";
import { listen, set, state, statusOf, type Loaded } from "./state";
import { colour, onTheme } from "./theme";
import { tip } from "./tip";
import { bring } from "./uploads";
import type { Site } from "./types";

setWorkerUrl(workerUrl);

const EMPTY: FeatureCollection = { type: "FeatureCollection", features: [] };
const zoomed = (name: string, unit: number): ExpressionSpecification =>
  ["interpolate", ["linear"], ["zoom"], 2, ["*", 0.6 / unit, ["get", name]], 4.5, ["*", 1 / unit, ["get", name]], 10, ["*", 1.5 / unit, ["get", name]], 13, ["*", 0.5 / unit, ["get", name]]];

/** From this many sites on, names appear when one is near enough to read them. */
const CROWD = 1000;

/** Where a name may stand when the places beside, above and below are taken; on a phone it would leave the map there. */
const CORNERS = ["top-left", "bottom-left", "top-right", "bottom-right"] as const;

let map: MapLibre | null = null;
let shown: Loaded | null = null;
let drawnShapes = new Set<string>();

export function theMap(): MapLibre | null {
  return map;
}

export async function startMap(): Promise<void> {
  const made = new MapLibre({
    container: "map",
    style: { version: 8, sources: {}, layers: [{ id: "sea", type: "background", paint: { "background-color": colour("sea") } }] },
    center: [-96, 38.5], zoom: 3.4, minZoom: 0.6, maxZoom: 17,
    attributionControl: { compact: true, customAttribution: "Borders: Natural Earth, US Census Bureau" },
    canvasContextAttributes: { preserveDrawingBuffer: true },
    // A fade after each step of the slider would draw everything again many times.
    fadeDuration: 0,
    dragRotate: false, pitchWithRotate: false, touchPitch: false,
    locale: { "Map.Title": "Map of the sites. The list of sites stands in the panel." },
  });
  made.touchZoomRotate.disableRotation();
  made.addControl(new NavigationControl({ showCompass: false }), "top-right");
  made.addControl(new ScaleControl(), "bottom-left");
  await new Promise<void>((done) => made.once("load", () => done()));
  map = made;
  made.setMissingStyleImageResolver((id) => {
    if (!made.hasImage(id)) made.addImage(id, draw(markOf(id), colour("mark-edge")), { pixelRatio: 2 });
  });
  layers(made);
  await addBasemap(made);
  onTheme(() => {
    for (const id of made.listImages()) made.removeImage(id);
    paintBasemap(made);
    paint(made);
    show();
  });
  paint(made);
  pointer(made);
  listen(["loaded", "period", "by", "other"], show);
  listen(["request"], () => { if (!state.loaded || state.loaded.plan.sites.length === 0) show(); });
  listen(["site"], select);
  show();
  document.documentElement.dataset["map"] = "ready";
  made.on("idle", () => { document.documentElement.dataset["map"] = "idle"; });
  made.on("dataloading", () => { document.documentElement.dataset["map"] = "ready"; });
}

function layers(made: MapLibre): void {
  for (const id of ["shapes", "points", "drawing"]) made.addSource(id, { type: "geojson", data: EMPTY, ...(id === "drawing" ? {} : { promoteId: "id" }) });
  const chosen: ExpressionSpecification = ["boolean", ["feature-state", "chosen"], false];
  made.addLayer({ id: "shapes", type: "fill", source: "shapes", minzoom: 6, paint: { "fill-color": ["coalesce", ["feature-state", "colour"], "#8a949e"], "fill-opacity": 0.5 } });
  made.addLayer({ id: "edges", type: "line", source: "shapes", minzoom: 6, paint: { "line-width": ["case", chosen, 3, 1.2] } });
  made.addLayer({
    id: "rings", type: "circle", source: "points", layout: { "circle-sort-key": ["-", 0, ["get", "ring"]] },
    paint: {
      "circle-radius": zoomed("ring", 1), "circle-opacity": ["interpolate", ["linear"], ["zoom"], 9, 0.16, 11, 0],
      "circle-stroke-width": ["case", chosen, 3.5, ["get", "open"], 1.8, 1],
      "circle-stroke-opacity": ["interpolate", ["linear"], ["zoom"], 9, 0.9, 11.5, 0],
    },
  });
  // Placed from the top: discs first, so that names keep clear of them.
  made.addLayer({
    id: "labels", type: "symbol", source: "points",
    layout: {
      "text-field": ["get", "name"], "text-size": ["case", ["get", "open"], 12, 11], "text-variable-anchor": isNarrow() ? ["top", "bottom"] : ["left", "right", "top", "bottom", ...CORNERS], "text-justify": "auto",
      "text-radial-offset": ["get", "offset"], "text-max-width": isNarrow() ? 8 : 12, "symbol-sort-key": ["-", 0, ["+", ["get", "disc"], ["case", ["get", "open"], 100, 0]]],
    },
  });
  made.addLayer({
    id: "discs", type: "symbol", source: "points", filter: ["has", "mark"],
    layout: {
      "icon-image": ["get", "mark"], "icon-size": zoomed("disc", RADIUS), "icon-allow-overlap": true, "icon-padding": 0,
      "symbol-sort-key": ["-", 0, ["get", "disc"]],
    },
  });
  made.addLayer({ id: "drawing", type: "line", source: "drawing", paint: { "line-width": 2.5, "line-dasharray": [2, 1] } });
  made.addLayer({ id: "corners", type: "circle", source: "drawing", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 5 } });
}

function paint(made: MapLibre): void {
  made.setPaintProperty("edges", "line-color", colour("ink"));
  made.setPaintProperty("rings", "circle-color", colour("ring"));
  made.setPaintProperty("rings", "circle-stroke-color", ["case", ["boolean", ["feature-state", "chosen"], false], colour("focus"), ["get", "open"], colour("ring"), colour("muted")]);
  made.setPaintProperty("labels", "text-color", ["case", ["get", "open"], colour("ink"), colour("ink-soft")]);
  made.setPaintProperty("labels", "text-halo-color", colour("land"));
  made.setPaintProperty("labels", "text-halo-width", 1.6);
  made.setPaintProperty("drawing", "line-color", colour("accent"));
  made.setPaintProperty("corners", "circle-color", colour("accent"));
}

/** Radius in pixels of so many MW: areas are true to scale among the sites of a plan. */
export function scaleOf(loaded: Loaded): (mw: number) => number {
  const most = loaded.plan.sites.reduce((m, s) => s.periods.reduce((n, p) => Math.max(n, p.grid_mw), Math.max(m, s.grid_mw)), 1);
  const n = loaded.plan.sites.length;
  const largest = n <= 40 ? 30 : n <= 300 ? 19 : n <= 1500 ? 12 : 8;
  return (mw) => largest * Math.sqrt(Math.max(0, mw) / most);
}

function show(): void {
  if (!map) return;
  const loaded = state.loaded;
  const source = map.getSource<GeoJSONSource>("points")!;
  if (!loaded || loaded.plan.sites.length === 0) return candidates(source);
  const looks = scheme(state.by, loaded, state.other);
  const size = scaleOf(loaded);
  const isNew = shown !== loaded;
  if (isNew) {
    shown = loaded;
    const features = (loaded.shapes?.features ?? []).filter((f) => f.geometry.type !== "Point");
    drawnShapes = new Set(features.map((f) => String(f.properties["id"])));
    map.getSource<GeoJSONSource>("shapes")!.setData({ type: "FeatureCollection", features: features.map((f) => ({ type: "Feature", geometry: f.geometry, properties: { id: f.properties["id"] } })) });
    fit(loaded);
    map.setLayerZoomRange("labels", loaded.plan.sites.length > CROWD ? 6.5 : 0, 24);
  }
  const points = loaded.plan.sites.map((s) => point(s, looks, size));
  if (isFew(loaded) && !isNarrow()) keepClear(points);
  source.setData({ type: "FeatureCollection", features: points });
  for (const site of loaded.plan.sites) {
    if (drawnShapes.has(site.id)) map.setFeatureState({ source: "shapes", id: site.id }, { colour: main(looks, site) });
  }
  if (isNew) select();
}

let drawn: number | null = null;

/** The candidates of the request, while there is no plan; brought into view when there are others than before. */
function candidates(source: GeoJSONSource): void {
  shown = null;
  const found = state.request ? preview(state.request) : null;
  source.setData(found?.points ?? EMPTY);
  map!.getSource<GeoJSONSource>("shapes")!.setData(found?.shapes ?? EMPTY);
  const count = found?.points.features.length ?? 0;
  if (found?.box && Math.abs(count - (drawn ?? -9)) > 1) view(new LngLatBounds(found.box));
  drawn = count;
  if (state.request) void bring(state.request).then((isNew) => { if (isNew) set({ request: { ...state.request } }); });
}

function main(looks: Scheme, site: Site): string {
  const parts = looks.mark(site, state.period)?.parts ?? [];
  return parts.reduce<Part>((a, b) => (b[1] > a[1] ? b : a), ["#8a949e", 0, 0])[0];
}

function point(site: Site, looks: Scheme, size: (mw: number) => number): Feature<Point> {
  const now = site.periods[state.period];
  const open = now?.open ?? false;
  const drawn = now?.facility_mw ?? 0;
  const mark: Mark | null = site.status === "excluded" ? { parts: [["#b33939", 8, 0]], letter: "×" } : looks.mark(site, state.period);
  const disc = Math.max(mark?.letter && isFew(state.loaded) ? 9 : 4, size(drawn));
  return {
    type: "Feature",
    geometry: { type: "Point", coordinates: [site.lon, site.lat] },
    properties: {
      id: site.id, name: site.name || site.id, open, ring: Math.max(3, size(now?.grid_mw ?? site.grid_mw)), disc,
      offset: (1.1 * Math.max(disc, size(now?.grid_mw ?? 0))) / 12 + 0.45, status: statusOf(site), ...(mark ? { mark: markId(mark) } : {}),
    },
  };
}

const isFew = (loaded: Loaded | null): boolean => (loaded?.plan.sites.length ?? 0) <= 300;

/** Where discs overlap, a name keeps clear of the other ones, too: beside its own alone it would find no place. */
function keepClear(points: Feature<Point>[]): void {
  const at = points.map((p) => map!.project(p.geometry.coordinates as [number, number]));
  const size = points.map((p) => Number(p.properties?.["disc"]));
  points.forEach(({ properties }, i) => points.forEach((other, j) => {
    const apart = at[i]!.dist(at[j]!);
    if (i === j || !other.properties?.["mark"] || apart > size[i]! + size[j]!) return;
    properties!["offset"] = Math.max(Number(properties!["offset"]), (apart + size[j]!) / 12 + 0.45);
  }));
}

/** Bring all sites into view. */
export function fit(loaded: Loaded): void {
  const box = new LngLatBounds();
  for (const site of loaded.plan.sites) box.extend([site.lon, site.lat]);
  if (!box.isEmpty()) view(box);
}

/** On a phone names stand above and below, where there is room. */
const isNarrow = (): boolean => byId("map").clientWidth < 600;

function view(box: LngLatBounds): void {
  map?.fitBounds(box, { padding: isNarrow() ? { top: 60, right: 60, bottom: 140, left: 60 } : { top: 60, right: 150, bottom: 150, left: 140 }, maxZoom: 9, animate: false });
}

let chosen: string | null = null;

function select(): void {
  if (!map) return;
  for (const source of ["points", "shapes"]) {
    if (chosen !== null) map.setFeatureState({ source, id: chosen }, { chosen: false });
    if (state.site !== null) map.setFeatureState({ source, id: state.site }, { chosen: true });
  }
  chosen = state.site;
}

/** Fly to a site's parcel. */
export function zoomTo(site: Site): void {
  const side = Math.sqrt(Math.max(site.parcel_ha, 20) / 100) / 111;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  map?.fitBounds([[site.lon - side, site.lat - side], [site.lon + side, site.lat + side]], { padding: 80, maxZoom: 14, animate: !calm, duration: 900 });
}

function pointer(made: MapLibre): void {
  const under = (p: { x: number; y: number }): string | null => {
    const found = made.queryRenderedFeatures([p.x, p.y], { layers: ["discs", "rings", "shapes"] });
    return (found[0]?.properties["id"] as string | undefined) ?? null;
  };
  made.on("mousemove", (e) => {
    const id = under(e.point);
    made.getCanvas().style.cursor = id ? "pointer" : "";
    tip(id, e.point.x, e.point.y);
  });
  made.on("mouseout", () => tip(null, 0, 0));
  made.on("click", (e) => {
    if (made.getCanvas().dataset["drawing"]) return;
    const id = under(e.point);
    if (id) set({ site: id, tab: "site" });
  });
}
