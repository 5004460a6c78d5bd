"""``board.json``: the figures a board asks for first, as the report states them, for a page that draws them.

Money is million US dollars, nominal; periods are in the plan's order.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api.outputs import views
from api.outputs.bundle import Bundle
from api.outputs.canonical import pretty
from api.outputs.html import money_figures, site_figures
from api.outputs.html.subject import Subject


def document(bundle: Bundle) -> dict[str, Any]:
    """All figures of the file."""
    subject = Subject(bundle.plan, bundle)
    peak = money_figures.peak(subject, money_figures.counted_income(subject))
    return {
        "peak_funding": None if peak is None else {"musd": peak.musd, "month": peak.month},
        "committed": _committed(subject),
        "sign_now": [
            {"month": s.month, "site": s.site, "acts": list(s.acts), "musd": s.musd}
            for s in views.next_steps(bundle, money_figures.FIRST_MONTHS)
        ],
        "sites": _sites(subject),
        "pflops_by_vendor": site_figures.pflops_by_vendor(subject),
    }


def write(bundle: Bundle, path: Path) -> None:
    """Write ``board.json``."""
    path.write_text(pretty(document(bundle)), encoding="utf-8", newline="\n")


def _committed(subject: Subject) -> dict[str, Any] | None:
    """Spending by when it is decided: in any case, in the first year, later."""
    found = money_figures.committed(subject)
    if found is None:
        return None
    return {
        "standing_musd": found.standing,
        "first_year_musd": found.first_year,
        "later_musd": found.later,
        "after_standing_musd": found.after_standing,
        "after_later_musd": found.after_later,
    }


def _sites(subject: Subject) -> list[dict[str, Any]]:
    """Unit costs and idle power of each open site, in the report's order."""
    waits = {i.site.id: i for i in site_figures.idle(subject)}
    return [
        {
            "site": c.site.id,
            "build_musd_per_mw": c.build_musd_per_mw,
            "musd_per_kpflops_year": c.musd_per_kpflops_year,
            "idle_mw": waits[c.site.id].idle_mw,
            "idle_mw_years": waits[c.site.id].idle_mw_years,
            "empty_shell_mw": waits[c.site.id].empty_shell_mw,
        }
        for c in site_figures.unit_costs(subject)
    ]
