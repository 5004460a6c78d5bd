"""The commands: one module a group, and all of them in the order in which ``--help`` lists them."""

from __future__ import annotations

from collections.abc import Callable

from api.commands.handing import export, report, xlsx
from api.commands.planning import check, evaluate, plan, verify
from api.commands.serving import serve, worker
from api.commands.shipped import catalogue, example, schema
from api.commands.studying import compare, deals, sweep

COMMANDS: tuple[Callable[..., None], ...] = (
    plan, check, verify, evaluate, compare, deals, sweep,
    report, export, xlsx,
    schema, catalogue, example,
    serve, worker,
)  # fmt: skip
