"""A request's document as rows for every sheet."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.records.request_xlsx import layout
from api.records.request_xlsx.layout import BASIS, BUDGET, CHILDREN, PARCELS, RECORDS, SCHEDULES, SETTINGS, SITES
from api.records.request_xlsx.parcels import corners
from planner.problem.deals import PROMISED_ALSO_AS


class Tables:
    """Rows for every sheet, gathered from a document."""

    def __init__(self, document: Mapping[str, Any], base_dir: Path) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in layout.ORDER}
        self._taken: set[tuple[str, str]] = set()
        rest = {k: v for k, v in document.items() if v is not None}
        self._entries(rest)
        self._sites(rest, base_dir)
        self._budget(rest)
        for key, held in layout.flat(rest):
            if layout.is_steps(held):
                self._steps(SETTINGS, "", key, held)
            else:
                self.rows[SETTINGS].append({"setting": key, "value": layout.text_of(held, key)})

    def _entries(self, rest: dict[str, Any]) -> None:
        for sheet, where in RECORDS.items():
            held: Any = rest
            for key in where[:-1]:
                held = held.get(key, {}) if isinstance(held, dict) else {}
            listed = (
                held.pop(where[-1], None) if isinstance(held, dict) and held is not rest else rest.pop(where[-1], None)
            )
            for entry in [listed] if isinstance(listed, dict) else listed or []:
                self._entry(sheet, {"use": entry} if isinstance(entry, str) else dict(entry))

    def _entry(self, sheet: str, entry: dict[str, Any]) -> None:
        row: dict[str, Any] = {}
        number = len(self.rows[sheet]) + 2
        me = layout.identity(entry)
        me = me if me and (sheet, me) not in self._taken else f"#{number}"
        self._taken.add((sheet, me))
        if sheet == "markets" and isinstance(entry.get("location"), list | tuple):
            entry["lon"], entry["lat"] = entry.pop("location")
        if sheet == "deals":
            self._lists(entry, me)
        if sheet == "blocks" and isinstance(entry.get("basis"), dict):
            for figure, held in entry.pop("basis").items():
                self.rows[BASIS].append(
                    {"block": me, "figure": figure, **{c: layout.text_of(v) for c, v in held.items() if v is not None}}
                )
        for column, held in layout.flat(entry):
            if layout.is_steps(held):
                self._steps(sheet, me, column, held)
            else:
                row[column] = layout.text_of(held, column)
        self.rows[sheet].append(row)

    def _lists(self, deal: dict[str, Any], me: str) -> None:
        """A deal's tranches and promises, which have sheets of their own."""
        promises = deal.get("kind") == "purchase_commitment"
        for key in ("commitments", *PROMISED_ALSO_AS) if promises else ("tranches",):
            if isinstance(deal.get(key), list | tuple) and all(isinstance(x, dict) for x in deal[key]):
                sheet = "commitments" if promises else "tranches"
                for entry in deal.pop(key):
                    self.rows[sheet].append(
                        {"deal": me, **{c: layout.text_of(v, c) for c, v in entry.items() if v is not None}}
                    )

    def _sites(self, rest: dict[str, Any], base_dir: Path) -> None:
        if "sites" not in rest:
            return
        named = rest.get("property_names") or {}
        key = named.get("id", "id") if isinstance(named, dict) and isinstance(named.get("id", "id"), str) else "id"
        for properties, geometry in _features(rest.pop("sites"), base_dir, named):
            row: dict[str, Any] = {}
            me = str(properties.get(key, ""))
            if geometry is not None and geometry["type"] == "Point":
                row["lon"], row["lat"] = (float(c) for c in geometry["coordinates"][:2])
            elif geometry is not None:
                names = ("part", "ring", "lon", "lat")
                self.rows[PARCELS] += [{"site": me, **dict(zip(names, corner))} for corner in corners(geometry)]
            _, owner, field = CHILDREN["existing"]
            if isinstance(properties.get(field), list) and all(isinstance(e, dict) for e in properties[field]):
                for entry in properties.pop(field):
                    self.rows["existing"].append({owner: me, **{c: layout.text_of(v, c) for c, v in entry.items()}})
            for column, held in _opened(properties):
                if layout.is_steps(held):
                    self._steps(SITES, me, column, held)
                else:
                    row[column] = layout.text_of(held, column)
            self.rows[SITES].append(row)

    def _budget(self, rest: dict[str, Any]) -> None:
        budget = rest.get("budget")
        if not isinstance(budget, dict) or "per_year_musd" not in budget:
            return
        rest["budget"] = {k: v for k, v in budget.items() if k != "per_year_musd"}
        held = budget["per_year_musd"]
        steps = held if layout.is_steps(held) else [{"value": held}]
        self.rows[BUDGET] = [
            {**({"from": s["from"]} if "from" in s else {}), "per_year_musd": s["value"]} for s in steps
        ]
        if not rest["budget"]:
            del rest["budget"]

    def _steps(self, table: str, id: str, field: str, steps: Any) -> None:
        self.rows[SCHEDULES] += [
            {"table": table, "id": id, "field": field, "from": s["from"], "value": s["value"]} for s in steps
        ]


def _opened(properties: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """A site's properties; resources get a column each."""
    found = []
    for column, held in properties.items():
        if column == "resources" and isinstance(held, dict):
            found += [(f"resources.{name}", amount) for name, amount in held.items()]
        elif held is not None:
            found.append((column, held))
    return found


def _features(
    sites: Any, base_dir: Path, named: Mapping[str, Any]
) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Properties and WGS 84 geometry of every site, from the request or from the file it names."""
    import shapely

    from planner.errors import RequestError
    from sites.faults import Faults
    from sites.read import read

    faults = Faults()
    table = read(sites, base_dir, named, faults)
    faults.stop_if_any()
    if table is None:
        raise RequestError(faults.warnings)
    shapes = [s if isinstance(s, shapely.Geometry) else None for s in table.shapes]
    return [
        ({str(k): _plain(v) for k, v in row.items()}, None if s is None else json.loads(shapely.to_geojson(s)))
        for row, s in zip(table.rows, shapes)
    ]


def _plain(value: Any) -> Any:
    """What a vector file's reader hands out, as JSON knows it."""
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    return value.item() if hasattr(value, "item") else value
