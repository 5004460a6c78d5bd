"""The door for requests: what a document may hold over HTTP, its limits, and the check of everything else by a clerk.

A document over HTTP never names a file or an address: where a file may stand (``sites``, ``path`` of an exclusion) it is
``dataset:ID``, an upload of the same caller.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from api.service.http.clerk import ClerkDied, ClerksBusy, ClerkTooSlow
from api.service.http.identity import Key
from api.service.http.problems import Problem, fault
from api.service.http.service import Service
from api.service.http.text import shown
from api.service.http.uploads import REFERENCE

CHECK_SECONDS = 2.5
"""After this a request is accepted on what needs no geometry; the worker, which has more time, finds the rest."""

WAIT_SECONDS = 0.5
"""So long a check waits for a clerk (a thousand different requests at once would wait ten seconds); then the request is treated
as one whose check took too long."""

PATIENT_SECONDS = 2.0
"""The same where the check is all that was asked for, and nothing less will do."""

MOST_EXCLUSIONS = 50
MOST_GROWTH_M = 20_000
"""The widest setback and the widest buffer of an exclusion layer: beyond it is a slip, and scribbles take minutes to grow."""
MOST_CHECKED = 256
MOST_THREADS = os.cpu_count() or 1


@dataclass(frozen=True)
class Admitted:
    """A request that may be submitted: as workers read it, the folder of its files (relative to the data folder)."""

    document: dict[str, Any]
    base_dir: str
    content_hash: str | None
    report: dict[str, Any]
    """What the check told; for a reader."""


async def admit(service: Service, key: Key, document: Any, digest: str, full: bool = False) -> Admitted:
    """Check a document, ``digest`` being that of the body it came in. Raises Problem with every fault. ``full``: the check is
    all that is asked for, so that its report tells everything, and half a check will not do."""
    if not isinstance(document, dict):
        raise Problem("request-refused", faults=[fault("", "a request is one object of keys")])
    resolved, base_dir, misnamed = await _resolved(service, key, document)
    exceeded = list(_limits(service, key, document))
    if misnamed or exceeded:
        others = (await _quickly(service, document))["faults"]
        told = [*misnamed, *exceeded, *(f for f in others if f["severity"] == "error")]
        if misnamed or len(told) > len(exceeded):
            raise Problem("request-refused", f"{_faults(len(told))} and send it again", faults=told)
        raise Problem(
            "limit", "a limit is exceeded" if len(told) == 1 else f"{len(told)} limits are exceeded", faults=told
        )
    report = await _checked(service, (digest, base_dir), resolved, full)
    if not report["ok"]:
        told = [_retold(f, service) for f in report["faults"]]
        errors = sum(f["severity"] == "error" for f in told)
        raise Problem("request-refused", f"{_faults(errors)} and send it again", faults=told)
    _variables(service, key, report)
    return Admitted(resolved, base_dir, report.get("request_sha256"), report)


def _faults(count: int) -> str:
    return "one fault; correct it" if count == 1 else f"{count} faults; correct each"


async def _resolved(
    service: Service, key: Key, document: dict[str, Any]
) -> tuple[dict[str, Any], str, list[dict[str, Any]]]:
    """The document with uploads as the files they are kept in, and the folder these lie in; a fault for every path,
    address and unknown id."""
    faults = []
    out = document
    used = False
    for pointer, name in files_named(document):
        found = REFERENCE.match(name)
        dataset = await service.datasets.find(key.owner, found[1]) if found else None
        if dataset is not None:
            out = replaced(out, pointer, dataset.file)
            used = True
            await service.datasets.touch(key.owner, dataset)
        elif found:
            faults.append(fault(pointer, f"there is no dataset {found[1]}", "see GET /datasets"))
        else:
            hint = "send the FeatureCollection itself, or upload it (POST /datasets) and write dataset:ID"
            faults.append(fault(pointer, f"a request over HTTP names no file and no address, got {shown(name)}", hint))
    return out, service.datasets.base_dir(key.owner) if used else "", faults


def files_named(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every place where a request names a file, and what stands there."""
    sites = document.get("sites")
    if isinstance(sites, str):
        yield "/sites", sites
    land = document.get("land")
    layers = land.get("exclusions") if isinstance(land, dict) else None
    if isinstance(layers, list):
        for i, layer in enumerate(layers[: MOST_EXCLUSIONS + 1]):
            if isinstance(layer, dict) and isinstance(layer.get("path"), str):
                yield f"/land/exclusions/{i}/path", layer["path"]


def replaced(document: dict[str, Any], pointer: str, file: str) -> dict[str, Any]:
    """A copy with another value at a pointer; only what lies on the way is copied."""
    if pointer == "/sites":
        return {**document, "sites": file}
    i = int(pointer.split("/")[3])
    layers = list(document["land"]["exclusions"])
    layers[i] = {**layers[i], "path": file}
    return {**document, "land": {**document["land"], "exclusions": layers}}


def _limits(service: Service, key: Key, document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every limit that the document's plain counts exceed."""
    s = service.settings
    sites, horizon = document.get("sites"), document.get("horizon")
    features = sites.get("features") if isinstance(sites, dict) else None
    land, solver = document.get("land"), document.get("solver")
    counts: list[tuple[str, str, Any, float]] = [
        ("/sites/features", "sites", _length(features), min(s.max_sites, key.max_sites or s.max_sites)),
        ("/blocks", "blocks", _length(document.get("blocks")), s.max_blocks),
        ("/horizon/periods", "periods", _value(horizon, "periods"), s.max_periods),
        ("/land/setback_m", "m of setback", _value(land, "setback_m"), MOST_GROWTH_M),
        ("/land/exclusions", "exclusion layers", _length(_value(land, "exclusions", list)), MOST_EXCLUSIONS),
        ("/solver/time_limit_s", "seconds", _value(solver, "time_limit_s"), s.solve_limit_s),
        ("/solver/memory_limit_mb", "MB", _value(solver, "memory_limit_mb"), s.solve_memory_mb),
        ("/solver/threads", "threads", _value(solver, "threads"), MOST_THREADS),
    ]
    layers = _value(land, "exclusions", list) or []
    for i, layer in enumerate(layers[:MOST_EXCLUSIONS]):
        counts.append((f"/land/exclusions/{i}/buffer_m", "m of buffer", _value(layer, "buffer_m"), MOST_GROWTH_M))
    for pointer, what, got, most in counts:
        if got is not None and got > most:
            yield fault(pointer, f"{got:,} {what}; this service takes at most {most:,}", limit=what, most=most)


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, list) else None


def _value(document: Any, name: str, kind: type | None = None) -> Any:
    value = document.get(name) if isinstance(document, dict) else None
    if kind is not None:
        return value if isinstance(value, kind) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


async def _checked(service: Service, name: tuple[str, str], document: dict[str, Any], full: bool) -> dict[str, Any]:
    """A clerk's report; a request that was checked lately (``name``: digest of its body, folder) is not checked again,
    unless the report is to be ``full``. A dataset's id is the digest of its content, so that the same words mean the same files."""
    _, base_dir = name
    if not full and name in service.checked:
        service.checked.move_to_end(name)
        return service.checked[name]
    folder = str(service.settings.data / base_dir) if base_dir else str(service.datasets.nothing)
    try:
        wait = PATIENT_SECONDS if full else WAIT_SECONDS
        report: dict[str, Any] = await service.clerks.do(
            "check", CHECK_SECONDS, wait=wait, document=document, base_dir=folder, full=full
        )
    except (ClerkTooSlow, ClerksBusy) as error:
        if not full:
            return await _quickly(service, document)
        if isinstance(error, ClerksBusy):
            raise Problem("unavailable", "too many requests are being checked", headers={"Retry-After": "5"}) from None
        raise Problem("check-too-long", f"the check was stopped after {CHECK_SECONDS:g} s") from None
    except ClerkDied:
        raise Problem("check-too-long", "the check ran out of memory or broke off; simplify the geometries") from None
    if not full and len(report["faults"]) < 50:
        service.checked[name] = report
        while len(service.checked) > MOST_CHECKED:
            service.checked.popitem(last=False)
    return report


async def _quickly(service: Service, document: dict[str, Any]) -> dict[str, Any]:
    """What needs no geometry."""
    try:
        report: dict[str, Any] = await service.quick.do("parse", CHECK_SECONDS, document=document)
    except (ClerkTooSlow, ClerksBusy, ClerkDied):
        raise Problem("unavailable", "the check is overloaded", headers={"Retry-After": "10"}) from None
    if report["ok"]:
        message = "the sites were not checked in time; the job does that first"
        report["faults"] = [*report["faults"], {**fault("/sites", message), "severity": "warning"}]
    return report


def _variables(service: Service, key: Key, report: dict[str, Any]) -> None:
    size = report.get("size")
    if size is None:
        return
    s = service.settings
    for what, pointer, got, most in (
        ("sites", "/sites", size["sites"], min(s.max_sites, key.max_sites or s.max_sites)),
        ("variables", "", size["variables_at_most"], min(s.max_variables, key.max_variables or s.max_variables)),
    ):
        if got > most:
            message = f"up to {got:,} {what} would be needed; this service takes at most {most:,}"
            hint = "fewer sites, blocks or periods" if what == "variables" else "screen the sites first"
            raise Problem("limit", message, faults=[fault(pointer, message, hint, limit=what, most=most)])


def _retold(told: dict[str, Any], service: Service) -> dict[str, Any]:
    """A fault with the caller's own names for uploads instead of the files' names."""
    return {k: service.datasets.renamed(v) if isinstance(v, str) else v for k, v in told.items()}
