"""Measurements as a markdown table and as a picture of the gap over time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

GAPS = (0.05, 0.01, 0.002)
Trace = Sequence[Sequence[float | None]]


def relative_gap(objective: float | None, bound: float | None) -> float | None:
    """M8.2: ``|objective - bound| / max(|objective|, 1e-9)``."""
    if objective is None or bound is None:
        return None
    return abs(objective - bound) / max(abs(objective), 1e-9)


def gaps(trace: Trace) -> list[tuple[float, float]]:
    """``(seconds, gap)`` wherever there were an objective and a bound."""
    return [(s, g) for s, x, b in trace if s is not None and (g := relative_gap(x, b)) is not None]


def seconds_to(trace: Trace, gap: float) -> float | None:
    """When the gap was first this small, by the bound known then."""
    return next((s for s, g in gaps(trace) if g <= gap), None)


def held(answer: dict[str, Any]) -> str:
    """What the textbook model held at the end: a gap, an empty plan, or nothing."""
    x, gap = answer["objective"], relative_gap(answer["objective"], answer["bound"])
    if x is None:
        return "no plan"
    if abs(x) < 1e-6:
        return "empty plan"
    if gap is None:
        return "no bound"
    return f"{gap:.2%}" if gap <= 1 else "over 100%"


def contradicted(plan: dict[str, Any], textbook: dict[str, Any], tolerance: float = 1e-6) -> bool:
    """True where one model's plan is better than the other model's bound: one of the two would be wrong."""
    sign = 1 if plan["sense"] == "minimize" else -1
    for holder, prover in ((plan, textbook), (textbook, plan)):
        x, bound = holder["objective"], prover["bound"]
        if x is not None and bound is not None and sign * (x - bound) < -tolerance * max(1.0, abs(x)):
            return True
    return False


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _total(route: dict[str, Any], clock: str, *steps: str) -> float:
    return float(sum(v for k, v in route[clock].items() if not steps or k in steps))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [_row(head), "|" + "---|" * len(head), *map(_row, rows), ""]


def building(results: Sequence[dict[str, Any]]) -> list[str]:
    """Sizes, and building and hand-over beside the two bare routes."""
    head = (
        "request", "rows", "columns", "non-zeros", "whole", "build s", "hand-over s", "together s",
        "textbook bare s", "ratio", "own model bare s", "ratio", "textbook non-zeros", "load",
    )  # fmt: skip
    rows = []
    for r in results:
        b = r["build"]
        ours, bare = b["ours"], b["own_bare"]
        total = _total(ours, "cpu_s")
        book = _total(b["textbook"], "cpu_s") if "textbook" in b else None
        own = _total(bare, "cpu_s")
        n = b["size"]
        rows.append((
            r["name"], f"{n['rows']:,}", f"{n['columns']:,}", f"{n['nonzeros']:,}", f"{n['whole']:,}",
            _seconds(_total(ours, "cpu_s", "data", "model")),
            _seconds(_total(ours, "cpu_s", "compile", "travel", "increments", "pass")),
            f"{total:.1f} (wall {_total(ours, 'wall_s'):.1f})",
            _seconds(book), "–" if book is None else f"{total / book:.2f}",
            f"{own:.1f}", f"{total / own:.2f}",
            f"{b['textbook_size']['nonzeros']:,}" if "textbook_size" in b else "–", f"{b['load']:.1f}",
        ))  # fmt: skip
    return _table(head, rows)


def searching(results: Sequence[dict[str, Any]]) -> list[str]:
    """Our search: when which gap, the last gap and who proved its bound, memory, check."""
    head = (
        "request", "strategy", "limit s", "first plan s", *(f"to {100 * g:g}% s" for g in GAPS), "final gap", "bound by",
        "stopped", "check", "search starts s", "whole s", "search CPU s", "memory: model, search, together MB", "load",
    )  # fmt: skip
    rows = []
    for r in results:
        p, trace = r["plan"], r["plan"]["trace"]
        first = next((s for s, x, _ in trace if x is not None), None)
        rows.append((
            r["name"], p["strategy"], f"{r['limit_s']:g}", _seconds(first),
            *(_seconds(seconds_to(trace, g)) for g in GAPS),
            _percent(p["gap"]), p["bound_source"] or "–", p["stopped"],
            {True: "ok", False: "FAILED", None: "–"}[p["check_ok"]], _seconds(p["until_search_s"]), _seconds(p["wall_s"]),
            _seconds(p["search_cpu_s"]), ", ".join(f"{mb:.0f}" for mb in p["memory"].values()),
            f"{p['load'][0]:.1f}–{p['load'][1]:.1f}",
        ))  # fmt: skip
    return _table(head, rows)


def versus(results: Sequence[dict[str, Any]]) -> list[str]:
    """The textbook model with the same limit."""
    head = (
        "request", "ours: gap", "textbook: gap", "ours: objective", "textbook: objective", "our bound", "textbook's bound",
        "agree", "textbook: to 5% s", "build s", "search CPU s", "memory MB", "load",
    )  # fmt: skip
    rows = []
    for r in results:
        p, t = r["plan"], r.get("textbook")
        if t is None:
            unknown = ", ".join(r["build"]["unknown_to_textbook"])
            why = f"not comparable ({unknown})" if unknown else "not run"
            rows.append((r["name"], _percent(p["gap"]), why, *["–"] * 10))
            continue
        rows.append((
            r["name"], _percent(p["gap"]), held(t), *(_number(x) for x in (p["objective"], t["objective"], p["bound"], t["bound"])),
            "NO" if contradicted(p, t) else "yes", _seconds(seconds_to(t["trace"], 0.05)), _seconds(t["built_s"]),
            _seconds(t["search_cpu_s"]), f"{t['memory_mb']:.0f}", f"{t['load'][0]:.1f}–{t['load'][1]:.1f}",
        ))  # fmt: skip
    return _table(head, rows)


def _percent(gap: float | None) -> str:
    return "no plan" if gap is None else f"{gap:.2%}"


def _number(x: float | None) -> str:
    return "–" if x is None else f"{x:,.0f}"


def markdown(results: Sequence[dict[str, Any]], machine: str) -> str:
    """The whole report."""
    finished = [r for r in results if "plan" in r]
    return "\n".join([
        "# Benchmark",
        "",
        machine,
        "",
        "## Building and hand-over",
        "",
        "Processor seconds, best of the repeats. *Build*: request to Pyomo model. *Hand-over*: compiled, checked, sent to the "
        "solver process, passed to HiGHS. *Textbook bare*: the textbook model, Pyomo's standard form, `passModel`. "
        "*Own model bare*: our model by that route. All routes in the same process, the garbage collector at rest for all.",
        "",
        *building(results),
        "## Search",
        "",
        "Seconds since the request was handed in, building included. *Load*: processes wanting a processor, before and after.",
        "",
        *searching(finished),
        "## Against the textbook model",
        "",
        "Bare HiGHS, same gap asked for, same threads, and the same limit for its search alone. *Agree*: neither "
        "model's plan is better than the other's bound.",
        "",
        *versus(finished),
    ])  # fmt: skip


def _last_second(r: dict[str, Any]) -> float:
    return float(max(r[key]["wall_s"] for key in ("plan", "textbook") if key in r))


def picture(results: Sequence[dict[str, Any]], path: Path) -> None:
    """Gap over time, one panel a request; a plan's gap until the end of its search."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    finished = [r for r in results if "plan" in r]
    if not finished:
        return
    columns = min(3 if len(finished) > 6 else 2, len(finished))
    lines = -(-len(finished) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(5.2 * columns, 3.0 * lines), squeeze=False)
    for ax, r in zip(axes.flat, finished):
        for key, label, colour in (("plan", "Gigasite", "#0b6e4f"), ("textbook", "textbook model", "#b23a48")):
            points = gaps(r[key]["trace"]) if key in r else []
            if points:
                seconds, values = zip(*[*points, (max(r[key]["wall_s"], points[-1][0]), points[-1][1])])
                ax.step(seconds, [100 * g for g in values], where="post", color=colour, label=label)
            elif key in r:
                ax.plot([], [], color=colour, label=f"{label}: nothing")
        for level in (5, 1, 0.2):
            ax.axhline(level, color="#bbbbbb", linewidth=0.6, zorder=0)
        ax.set(
            title=r["name"],
            yscale="log",
            ylim=(0.05, 300),
            xlim=(0, _last_second(r)),
            xlabel="seconds",
            ylabel="gap, %",
        )
        ax.set_yticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
        ax.legend(loc="upper right", fontsize=8, frameon=False)
    for ax in list(axes.flat)[len(finished) :]:
        ax.set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
