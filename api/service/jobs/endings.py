"""How a job ends, in the words and columns of its row."""

from __future__ import annotations

import json
from typing import Any


def of_result(result: dict[str, Any], folder: str, dismissed: bool, note: str) -> tuple[str, dict[str, Any]]:
    """Status and columns of a job whose result is there. A plan that failed its check is no plan, and the job failed."""
    columns = {
        "folder": folder,
        "files": json.dumps(result["files"]),
        "result_sha256": result["sha256"],
        "holds": result["holds"],
        "stopped": result["stopped"],
        "incumbent": result["objective"],
        "bound": result["bound"],
        "gap": result["gap"],
        "message": note or _message(result),
    }
    if result["stopped"] == "error":
        told = "; ".join(result["violations"]) or "the search failed"
        columns["error"] = error_text("check", f"the plan did not pass its independent check: {told}", ())
        return "failed", columns
    return ("dismissed" if dismissed else "successful"), columns


def error_text(code: str, message: str, faults: Any) -> str:
    """For the row's ``error``."""
    return json.dumps({"code": code, "message": message, "faults": list(faults)})


def _message(result: dict[str, Any]) -> str:
    words = {
        "optimal": "proven best",
        "gap_reached": "within the gap asked for",
        "time_limit": "the time limit was reached",
        "cancelled": "stopped early",
        "infeasible": "no plan satisfies the request; the result says which limits clash",
    }
    stopped = words.get(result["stopped"], result["stopped"])
    return (
        stopped if result["holds"] == "plan" or result["stopped"] == "infeasible" else f"{stopped}, no plan was found"
    )
