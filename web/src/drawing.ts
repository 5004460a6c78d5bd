/** Drawing a site on the map: click corners, Enter or the first corner ends, Escape gives up. */

import type { GeoJSONSource, MapMouseEvent } from "maplibre-gl";
import type { Polygon } from "geojson";
import { byId, el, say } from "./dom";
import { theMap } from "./map";

export interface Drawn {
  type: "Feature";
  properties: Record<string, unknown>;
  geometry: Polygon;
}

export function canDraw(): boolean {
  return theMap() !== null;
}

export function drawSite(done: (site: Drawn) => void, number: number): void {
  const map = theMap();
  if (!map) return;
  const corners: [number, number][] = [];
  const canvas = map.getCanvas();
  const source = map.getSource<GeoJSONSource>("drawing")!;
  const hint = el("div", { class: "hint" }, "Click the corners of the parcel. ",
    el("button", { type: "button", onclick: () => finish() }, "Done (Enter)"), el("button", { type: "button", onclick: () => end() }, "Give up (Esc)"));
  byId("stage").append(hint);
  canvas.dataset["drawing"] = "yes";
  canvas.style.cursor = "crosshair";
  map.doubleClickZoom.disable();
  say("Drawing: click the corners of the parcel, Enter ends, Escape gives up.");
  canvas.focus();

  const show = (): void => void source.setData({
    type: "FeatureCollection",
    features: [
      ...(corners.length > 1 ? [{ type: "Feature" as const, properties: {}, geometry: { type: "LineString" as const, coordinates: [...corners, corners[0]!] } }] : []),
      ...corners.map((c) => ({ type: "Feature" as const, properties: {}, geometry: { type: "Point" as const, coordinates: c } })),
    ],
  });
  const click = (e: MapMouseEvent): void => {
    const first = corners[0];
    const at = first && map.project(first);
    if (at && corners.length > 2 && Math.hypot(at.x - e.point.x, at.y - e.point.y) < 10) return finish();
    const last = corners.at(-1);
    if (last && Math.hypot(map.project(last).x - e.point.x, map.project(last).y - e.point.y) < 4) return;
    corners.push([Number(e.lngLat.lng.toFixed(6)), Number(e.lngLat.lat.toFixed(6))]);
    show();
  };
  const key = (e: KeyboardEvent): void => {
    if (e.key === "Enter") finish();
    else if (e.key === "Escape") end();
  };
  const end = (): void => {
    map.off("click", click);
    removeEventListener("keydown", key, true);
    delete canvas.dataset["drawing"];
    canvas.style.cursor = "";
    map.doubleClickZoom.enable();
    source.setData({ type: "FeatureCollection", features: [] });
    hint.remove();
  };
  const finish = (): void => {
    if (corners.length < 3) return say("A parcel has three corners or more.");
    end();
    const area = corners.reduce((sum, [x, y], i) => { const [a, b] = corners[(i + 1) % corners.length]!; return sum + x * b - a * y; }, 0);
    const ring = area < 0 ? [...corners].reverse() : corners;
    done({ type: "Feature", properties: { id: `drawn-${number + 1}`, grid_mw: 100 }, geometry: { type: "Polygon", coordinates: [[...ring, ring[0]!]] } });
  };
  map.on("click", click);
  addEventListener("keydown", key, true);
}
