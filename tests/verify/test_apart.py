"""The check shares nothing with the model, the ledger or the calendar: it imports the request, ground and plan only."""

from __future__ import annotations

import ast
from pathlib import Path

import planner.verify

FOLDER = Path(planner.verify.__file__).parent
ALLOWED = ("planner.problem", "planner.plan", "planner.ground", "planner.verify", "numpy", "pydantic", "__future__")
STANDARD = {
    "collections",
    "collections.abc",
    "dataclasses",
    "decimal",
    "fractions",
    "functools",
    "math",
    "re",
    "typing",
}
FORBIDDEN_NAMES = {"value_at", "matches", "allowed", "month_number", "KIND_OF_LINE"}


def test_imports() -> None:
    """M8.3: its own dates, discounting and matching."""
    files = sorted(FOLDER.glob("*.py"))
    assert len(files) > 20
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
            for module in modules:
                fine = module in STANDARD or any(module == a or module.startswith(a + ".") for a in ALLOWED)
                assert fine, f"{file.name} imports {module}"
            assert not FORBIDDEN_NAMES & set(names), f"{file.name} borrows {FORBIDDEN_NAMES & set(names)}"
