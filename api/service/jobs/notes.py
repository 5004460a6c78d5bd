"""What a child has told and is not yet written: kept together, thinned out, handed over when due."""

from __future__ import annotations

import time
from typing import Any

from api.service.jobs.attempt import News

BOUNDS_EVERY_S = 1.0
"""Bounds, incumbents and progress are written this often at most; phases and points at once."""
MOST_EVENTS = 5_000
"""Of one start; later ones only change the job's row."""


class Notes:
    """News of one start of a job."""

    def __init__(self) -> None:
        self._columns: dict[str, Any] = {}
        self._events: list[tuple[str, dict[str, Any]]] = []
        self._latest: dict[str, dict[str, Any]] = {}
        self._point: dict[str, Any] | None = None
        self._urgent = False
        self._due = 0.0
        self._told = 0
        self._limit_s: float | None = None
        self._began = time.monotonic()

    def take(self, line: dict[str, Any]) -> None:
        """One line of the child."""
        if line["kind"] == "about":
            self._limit_s = line["time_limit_s"]
            self._columns |= {k: line[k] for k in ("objective_name", "objective_sense", "objective_unit")}
        elif line["kind"] == "point":
            self._point = {k: line[k] for k in ("value", "bound", "decisions")}
        elif line["kind"] == "event":
            self._take_event(line)

    def _take_event(self, line: dict[str, Any]) -> None:
        kind = line["event"]
        data = {k: v for k, v in line.items() if k not in ("kind", "event") and v not in (None, "")}
        if kind in ("incumbent", "bound"):
            self._latest[kind] = data
            self._columns |= {c: line.get(k) for c, k in COLUMNS if line.get(k) is not None}
        elif kind != "done":
            self._urgent = True
            self._events.append((kind, data))
            self._columns["message"] = line.get("message", "")

    def due(self, everything: bool = False) -> News:
        """What is to be written now; it is no longer kept here."""
        now = time.monotonic()
        if not everything and now < self._due and not self._urgent:
            point, self._point = self._point, None
            return News({}, [], point)
        if now >= self._due:
            self._progress(now)
        events = [*self._events, *self._latest.items()][: max(0, MOST_EVENTS - self._told)]
        news = News(self._columns, events, self._point)
        self._columns, self._events, self._latest, self._point = {}, [], {}, None
        self._urgent, self._due = False, now + BOUNDS_EVERY_S
        self._told += len(events)
        return news

    def put_back(self, news: News) -> None:
        """It could not be written; keep it for the next time, what came since goes before it."""
        self._columns = news.columns | self._columns
        self._events = [*news.events, *self._events]
        self._point = self._point or news.point
        self._told -= len(news.events)
        self._urgent = True

    def _progress(self, now: float) -> None:
        if self._limit_s:
            self._columns["progress"] = min(99, int(100 * (now - self._began) / self._limit_s))


COLUMNS = (("incumbent", "objective"), ("bound", "bound"), ("gap", "gap"))
