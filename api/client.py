"""A client of the service: submit, follow with a progress bar, fetch as a GeoDataFrame.

>>> client = Client("http://127.0.0.1:8000")            # doctest: +SKIP
>>> job = client.submit("request.yaml").follow()        # doctest: +SKIP
>>> job.sites().plot("it_mw")                           # doctest: +SKIP

It needs nothing beyond the standard library to talk; GeoPandas and rich come in where they are used.
"""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from api.client_wire import TRIES, ServiceError, Wire

if TYPE_CHECKING:
    import geopandas as gpd

    from planner.plan import Plan

UPLOADS = {
    ".geojson": "application/geo+json", ".json": "application/geo+json", ".gpkg": "application/geopackage+sqlite3",
    ".fgb": "application/flatgeobuf", ".parquet": "application/vnd.apache.parquet", ".zip": "application/zip",
    ".csv": "text/csv",
}  # fmt: skip
FINISHED = frozenset({"successful", "failed", "dismissed"})


class Client(Wire):
    """A service at an address, with an API key where it wants one."""

    def submit(self, request: Mapping[str, Any] | str | Path, fresh: bool = False) -> Job:
        """Queue a request: a mapping, or the path of a YAML or JSON file whose site files are uploaded with it.

        A plan of the same content is used again unless ``fresh``. Sending twice over a bad line makes one job.
        """
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        if fresh:
            headers["Cache-Control"] = "no-cache"
        answer = self.call("POST", "/plans", json.dumps(self._document(request)).encode(), headers)
        return Job(self, answer.json()["jobID"])

    def check(self, request: Mapping[str, Any] | str | Path) -> dict[str, Any]:
        """Validation and geometry only: warnings, hectares, size. Raises ServiceError with every fault."""
        body = json.dumps(self._document(request)).encode()
        found: dict[str, Any] = self.call("POST", "/requests/check", body, {"Content-Type": "application/json"}).json()
        return found

    def upload(self, path: str | Path, name: str = "") -> str:
        """Upload a site or exclusion file; returns the reference that a request names it by."""
        path = Path(path)
        media = UPLOADS.get(path.suffix.lower())
        if media is None:
            raise ValueError(f"{path.name}: files of these kinds are taken: {', '.join(UPLOADS)}")
        target = f"/datasets?name={quote(name or path.name)}"
        reference: str = self.call("POST", target, path.read_bytes(), {"Content-Type": media}).json()["reference"]
        return reference

    def jobs(self, limit: int = 50) -> list[dict[str, Any]]:
        """The newest jobs' status."""
        found: list[dict[str, Any]] = self.call("GET", f"/jobs?limit={limit}").json()["jobs"]
        return found

    def job(self, id: str) -> Job:
        """A job by its id."""
        return Job(self, id)

    def example(self, name: str = "stargate") -> dict[str, Any]:
        """A shipped request, ready to submit."""
        found: dict[str, Any] = self.call("GET", f"/examples/{quote(name)}").json()
        return found

    def _document(self, request: Mapping[str, Any] | str | Path) -> dict[str, Any]:
        if isinstance(request, Mapping):
            return dict(request)
        from planner.problem.document import load_document

        path = Path(request)
        document = load_document(path)
        if isinstance(document.get("sites"), str):
            document["sites"] = self.upload(path.parent / document["sites"])
        for layer in (document.get("land") or {}).get("exclusions") or []:
            if isinstance(layer, dict) and isinstance(layer.get("path"), str):
                layer["path"] = self.upload(path.parent / layer["path"])
        return document


class Job:
    """A job at the service."""

    def __init__(self, client: Client, id: str) -> None:
        self.client, self.id = client, id

    def __repr__(self) -> str:
        return f"Job({self.id!r})"

    def status(self) -> dict[str, Any]:
        """How it is doing: status, progress, incumbent, bound, gap, place in the queue."""
        found: dict[str, Any] = self.client.call("GET", f"/jobs/{self.id}").json()
        return found

    def cancel(self) -> dict[str, Any]:
        """Stop it and keep its best plan."""
        found: dict[str, Any] = self.client.call("DELETE", f"/jobs/{self.id}").json()
        return found

    def events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """News as it comes, as (kind, data), until the job has finished. A broken line is picked up where it was."""
        last, failures = "", 0
        while True:
            kind = ""
            try:
                for line in self.client.stream(f"/jobs/{self.id}/events", {"Last-Event-ID": last} if last else {}):
                    name, _, value = line.partition(": ")
                    if name == "id":
                        last = value
                    elif name == "event":
                        kind = value
                    elif name == "data":
                        failures, data = 0, json.loads(value)
                        yield kind, data
                        if kind == "status" and data.get("status") in FINISHED:
                            return
            except (OSError, http.client.HTTPException):
                failures += 1
                if failures >= TRIES:
                    raise
            if self.status()["status"] in FINISHED:
                return
            time.sleep(0.2 * 2**failures)

    def follow(self, quiet: bool = False) -> Job:
        """Wait for the end, with a progress bar unless ``quiet``; Ctrl-C stops the job and keeps its best plan."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[news]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, disable=quiet) as bar:
            task = bar.add_task("waiting", total=100, news="")
            try:
                for kind, _ in self.events():
                    if kind != "log":
                        _shown(bar, task, self.status())
            except KeyboardInterrupt:
                self.cancel()
                for _ in self.events():
                    pass
            _shown(bar, task, self.status())
        return self

    def plan(self) -> Plan:
        """The whole plan. Raises ServiceError where there is none (yet)."""
        from planner.plan import Plan

        return Plan.model_validate_json(self.fetch("json"))

    def sites(self) -> gpd.GeoDataFrame:
        """One row per candidate site, opened or not."""
        return self._layer("geojson")

    def timeline(self) -> gpd.GeoDataFrame:
        """One row per site and period."""
        return self._layer("timeline")

    def fetch(self, format: str) -> bytes:
        """The result in a format: json, geojson, timeline, gpkg, kml, csv, xlsx, html, md, png."""
        return self.client.call("GET", f"/jobs/{self.id}/results?f={quote(format)}").body

    def save(self, path: str | Path, format: str | None = None) -> Path:
        """The same as a file; its ending names the format where ``format`` does not."""
        path = Path(path)
        path.write_bytes(self.fetch(format or ("csv" if path.suffix == ".zip" else path.suffix[1:])))
        return path

    def _layer(self, format: str) -> gpd.GeoDataFrame:
        import geopandas as gpd

        features = json.loads(self.fetch(format))["features"]
        return gpd.GeoDataFrame.from_features(features, crs=4326)


def _shown(bar: Any, task: Any, status: Mapping[str, Any]) -> None:
    words = [f"{name} {status[name]:,.6g}" for name in ("incumbent", "bound") if status.get(name) is not None]
    if status.get("gap") is not None:
        words.append(f"gap {status['gap']:.2%}")
    if status.get("queue_position"):
        words.append(f"place {status['queue_position']} in the queue")
    bar.update(task, description=status["status"], completed=status.get("progress") or 0, news=", ".join(words))


__all__ = ["Client", "Job", "ServiceError"]
