"""The use cases, on one page: load, check, plan, verify, evaluate. Every door calls these and nothing deeper.

=========  ======================================================================================================
load       read a request and its files, derive the land, cross-check everything; all faults at once
plan       search, then re-check from the request alone; a plan that fails is not returned as one (M8.3)
verify     re-check somebody's plan.json against a request
evaluate   score a planner's own plan of record with the same arithmetic and the same check
=========  ======================================================================================================
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api import __version__
from api.outputs.canonical import sha256
from api.told import differences
from planner.errors import Fault, RequestError
from planner.ground import Ground
from planner.installed import version_of
from planner.plan import Assumption, Check, Decisions, Plan, Status, Violation
from planner.problem.problem import Problem
from planner.problem.request import Request

if TYPE_CHECKING:
    from sites import Prepared
    from solvers import Where

OnEvent = Callable[[Any], None]
"""Called with a :class:`solvers.events.Event` whenever the search has news."""

OnPoint = Callable[[float, Callable[[], Any]], None]
"""Called with each better point's objective and what reads its :class:`planner.plan.Decisions`."""

Cancelled = Callable[[], bool]

OVERRIDABLE = ("time_limit_s", "relative_gap", "threads", "seed")
"""Solver options that a door may set over the request's own (they are named in the plan's provenance)."""


@dataclass(frozen=True)
class Loaded:
    """A request that can be planned: read, resolved and cross-checked."""

    base_dir: Path
    document: dict[str, Any]
    request: Request
    prepared: Prepared
    problem: Problem
    ground: Ground
    assumptions: tuple[Assumption, ...]
    warnings: tuple[Fault, ...]
    request_hash: str


def load(path: Path) -> Loaded:
    """Read a request file. Raises :class:`planner.errors.RequestError` with everything that is wrong."""
    from planner.problem.read import load_document

    return load_parsed(load_document(path), path.resolve().parent)


def load_parsed(document: dict[str, Any], base_dir: Path) -> Loaded:
    """The same for a document already parsed; files it names lie relative to ``base_dir``."""
    from planner.problem.read import assemble, parse_request

    try:
        request, warnings, assumptions = parse_request(document)
    except RequestError as error:
        raise RequestError([*error.faults, *_faults_of_sites(document, error.faults, base_dir)]) from None
    from sites import prepare

    prepared = prepare(request, base_dir)
    problem, more = assemble(request, prepared.sites, prepared.ground)
    return Loaded(
        base_dir,
        document,
        request,
        prepared,
        problem,
        prepared.ground,
        (*assumptions, *prepared.assumptions),
        (*warnings, *prepared.warnings, *more),
        request_hash(document, base_dir),
    )


SITE_KEYS = ("sites", "property_names", "site_defaults", "fill", "land", "strict")
"""The part of a request that says what its sites are."""


def _faults_of_sites(document: dict[str, Any], told: tuple[Fault, ...], base_dir: Path) -> tuple[Fault, ...]:
    """What is wrong with the sites of a request whose other parts are wrong too, so that all is told at once."""
    from planner.problem.read import parse_request

    wrong = {fault.path[0] for fault in told if fault.path}
    part = {key: document[key] for key in SITE_KEYS if key in document}
    if "sites" not in part or wrong & set(part):
        return ()
    stand_in = {
        "horizon": {"start": "2026-01", "periods": 1, "period": "year"},
        "blocks": [{"id": "any", "vendor": "any", "it_mw": 1}],
        "objective": {"maximize": "compute"},
    }
    try:
        from sites import prepare

        prepare(parse_request({**stand_in, **part})[0], base_dir)
    except RequestError as error:
        return error.faults
    return ()


def with_solver(loaded: Loaded, **overrides: Any) -> Loaded:
    """The same request searched with other options; ``None`` leaves the request's own."""
    from pydantic import ValidationError

    from planner.problem.faults import faults_of
    from planner.problem.objective import SolverOptions

    stated = {k: v for k, v in overrides.items() if v is not None and k in OVERRIDABLE}
    if not stated:
        return loaded
    try:
        solver = SolverOptions(**{**loaded.problem.solver.model_dump(), **stated})
    except ValidationError as error:
        raise RequestError(faults_of(error, SolverOptions, ("solver",))) from None
    return replace(loaded, problem=loaded.problem.model_copy(update={"solver": solver}))


def plan(
    loaded: Loaded,
    on_event: OnEvent | None = None,
    cancelled: Cancelled = lambda: False,
    on_point: OnPoint | None = None,
    start: Decisions | None = None,
    where: Where | None = None,
) -> Plan:
    """Search for a plan and check it. Always returns a plan or the honest absence of one (M8.2).

    ``cancelled`` is asked now and then; once it says yes the search ends with the best plan in hand. ``start`` is an earlier
    plan's decisions: what of them fits this request is where the search begins (M8.15). ``where``: what solves the small programs,
    this process or others; the plan is the same (M8.7).
    """
    import solvers

    began = time.monotonic()
    found = solvers.plan(
        loaded.problem,
        loaded.ground,
        on_event=on_event,
        cancelled=cancelled,
        on_point=on_point,
        start=start,
        where=where or solvers.HERE,
    )
    if start is not None:
        named = sha256(start.model_dump(mode="json"))
        found = found.model_copy(update={"provenance": {**found.provenance, "started_from_sha256": named}})
    if found.status.holds == "plan" and on_event is not None:
        on_event(solvers.Event("phase", time.monotonic() - began, message="checking the plan"))
    return checked(loaded, found)


def checked(loaded: Loaded, found: Plan) -> Plan:
    """A search's plan with its assumptions, provenance and check; one that fails its check is not returned as a plan."""
    found = _dress(found, loaded)
    if found.status.holds == "no_plan":
        return found
    found = found.model_copy(update={"check": check_plan(loaded, found)})
    return found if found.check.ok else without_decisions(found)


def verify(loaded: Loaded, found: Plan) -> Check:
    """Re-check a plan from the request alone, under the solver options it says it was searched with."""
    wrong = []
    named, options = found.provenance.get("request_sha256"), found.provenance.get("solver", {})
    if named is not None and named != loaded.request_hash:
        wrong.append(f"the plan was made from another request: it names {named}, this one is {loaded.request_hash}")
    try:
        loaded = with_solver(loaded, **options)
    except (TypeError, RequestError) as error:
        wrong.append(f"provenance.solver does not hold the search's options: {error}")
    check = check_plan(loaded, found)
    named_wrong = [Violation(rule="M8.4", family="provenance", subject="request", message=m) for m in wrong]
    told = list(differences(loaded.problem, loaded.ground, loaded.assumptions, found))
    if named_wrong or told:
        check = check.model_copy(update={"ok": False, "violations": [*named_wrong, *check.violations, *told]})
    return check


def evaluate(loaded: Loaded, path: Path) -> Plan:
    """Score a plan of record (CSV, XLSX or JSON). Its ``check`` names every limit it breaks."""
    from api.records import read_record
    from planner.ledger import evaluate as score

    record = read_record(path, loaded.problem)
    found = _dress(score(loaded.problem, loaded.ground, record.decisions), loaded)
    found = found.model_copy(
        update={
            "assumptions": [*found.assumptions, *record.assumptions],
            "warnings": [*found.warnings, *(str(w) for w in record.warnings)],
        }
    )
    return found.model_copy(update={"check": check_plan(loaded, found)})


def check_plan(loaded: Loaded, found: Plan) -> Check:
    """Both independent checks: limits, dollars and dates by ``planner.verify``, hectares and kilometres by
    ``sites.verify``."""
    from planner.verify import verify as recompute
    from sites.verify import recheck

    check = recompute(loaded.problem, loaded.ground, found)
    ground = recheck(loaded.request, loaded.base_dir, found)
    violations = [*check.violations, *ground]
    return check.model_copy(update={"ok": not violations, "violations": violations})


def without_decisions(found: Plan) -> Plan:
    """What is left of a plan that failed its check: the violations, the bound, and no plan (M8.3)."""
    return Plan(
        name=found.name,
        status=Status(stopped="error", holds="no_plan"),
        objective_name=found.objective_name,
        objective_sense=found.objective_sense,
        objective_unit=found.objective_unit,
        objective=None,
        bound=found.bound,
        gap=None,
        gap_absolute=None,
        bound_source=found.bound_source,
        rigorous_bound=found.rigorous_bound,
        rigorous_source=found.rigorous_source,
        check=found.check,
        assumptions=found.assumptions,
        warnings=found.warnings,
        provenance=found.provenance,
    )


def _dress(found: Plan, loaded: Loaded) -> Plan:
    """Add what the request's reading knows: the assumptions ledger, warnings and provenance (M8.4, M8.5)."""
    ledger = {(a.subject, a.field): a for a in (*found.assumptions, *loaded.assumptions)}
    warnings = dict.fromkeys([*found.warnings, *(str(w) for w in loaded.warnings)])
    return found.model_copy(
        update={
            "assumptions": sorted(ledger.values(), key=lambda a: (a.subject, a.field)),
            "warnings": list(warnings),
            "provenance": {**found.provenance, **provenance(loaded)},
        }
    )


def provenance(loaded: Loaded) -> dict[str, Any]:
    """What a plan depends on besides its decisions. No wall times, no machine: the same request gives the same text."""
    solver = loaded.problem.solver.model_dump(mode="json")
    return {
        "request_sha256": loaded.request_hash,
        **versions(),
        "solver": {k: solver[k] for k in OVERRIDABLE},
    }


def versions() -> dict[str, str]:
    """Versions of the program and of what solves and models."""
    return {"gigasite": __version__, "highs": version_of("highspy"), "pyomo": version_of("pyomo")}


def request_hash(document: dict[str, Any], base_dir: Path) -> str:
    """SHA-256 of the request's content and of the files it names. Layout, order of keys and file type do not matter."""
    files = {}
    if isinstance(document.get("sites"), str):
        files["sites"] = _file_hash(base_dir / document["sites"])
    for i, layer in enumerate((document.get("land") or {}).get("exclusions") or []):
        if isinstance(layer, dict) and isinstance(layer.get("path"), str):
            files[f"land/exclusions/{i}"] = _file_hash(base_dir / layer["path"])
    return sha256({"request": document, "files": files})


def _file_hash(path: Path) -> str:
    """Of a file, of a Shapefile with the parts beside it, or of all files in a folder such as a file geodatabase."""
    parts = [path]
    if path.is_dir():
        parts = sorted(p for p in path.rglob("*") if p.is_file())
    elif path.suffix.lower() == ".shp":
        parts = sorted(p for p in path.parent.glob(path.stem + ".*") if p.is_file())
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as f:
            digest.update(hashlib.file_digest(f, "sha256").digest())
    return digest.hexdigest()
