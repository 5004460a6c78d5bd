"""Classical problems as requests: the writers by hand, the table's verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.published import assignment, gap, median, optima, pmed
from benchmarks.published.__main__ import Row, main, table
from benchmarks.published.sample import Case, cases
from tests.model.test_classics import PUBLISHED, needs_published, optimum
from tests.worlds import near


def test_median_by_hand() -> None:
    """Points 0, 1, 5, 6 on a line: two medians serve at 1 + 1 = 2, one at 1 + 0 + 4 + 5 = 10, three at 1."""
    at = [0, 1, 5, 6]
    far = [[float(abs(a - b)) for b in at] for a in at]
    assert [optimum(median(far, count)) for count in (1, 2, 3)] == [10, 2, 1]
    # Capacity 6 and demands 3, 3, 2, 2, one source each: two medians serve 3 + 3 and 2 + 2, as before; 5 does not hold the first pair.
    assert optimum(median(far, 2, [3, 3, 2, 2], 6)) == 2


def test_assignment_by_hand() -> None:
    """Agents of 5 and 4; uses 3, 3, 2 and 2, 2, 3: both jobs 1 and 2 at the second (4 of 4), job 3 at the first, or one each.

    Values 6, 5, 4 at the first and 4, 1, 3 at the second. 3 at the first with 1 (3 + 2 = 5): 6 + 4, and 2 at the second: 1; 11.
    With 2 instead: 5 + 4 + 4 = 13. Least: 1 and 2 at the second, 3 at the first: 4 + 1 + 4 = 9; 3 at the second leaves nothing
    for 1 or 2 there (3 + 2 > 4), and both do not fit into the first (6 > 5).
    """
    values, uses = [[6, 5, 4], [4, 1, 3]], [[3, 3, 2], [2, 2, 3]]
    assert optimum(assignment(values, uses, [5, 4], maximize=True)) == 13
    assert optimum(assignment(values, uses, [5, 4], maximize=False)) == 9


@needs_published
@pytest.mark.parametrize("form", ["max", "min"])
def test_generalised_assignment(form: str) -> None:
    """gap1-0: 336 and 261."""
    folder = PUBLISHED / "gap"
    published = optima(folder)["cattrysse1994/gap1-0", form]
    near(optimum(gap(folder / "cattrysse1994" / "gap1-0", maximize=form == "max")), published)


@needs_published
@pytest.mark.slow
def test_p_median() -> None:
    """pmed1: 5819."""
    near(optimum(pmed(PUBLISHED / "pmedian" / "pmed1.txt")), 5819.0)


@needs_published
def test_every_case_of_the_sample_can_be_read() -> None:
    """Names are unique within a family, files exist, and the request of one of each family parses as a request."""
    from planner.problem.read import parse_request

    sample = list(cases(PUBLISHED))
    assert len({(c.family, c.name) for c in sample}) == len(sample) >= 40
    firsts = {c.family: c for c in reversed(sample) if "1,000" not in c.family}
    for case in firsts.values():
        assert parse_request(case.document())


def row(ours: float | None, bound: float | None, stopped: str, *, proven: bool = True, checked: bool = True) -> Row:
    """An instance whose published value is 100."""
    return Row(Case("f", "n", 100.0, proven, dict), ours, bound, None, None, stopped, 1.0, checked, 0.0)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (row(100.0, 100.0, "optimal"), "equal, proven"),
        (row(100.004, 100.004, "optimal"), "equal, proven"),  # published to the cent
        (row(100.0, 95.0, "time_limit"), "equal, not proven"),
        (row(103.0, 95.0, "time_limit"), "not reached: 3.00% off"),
        (row(None, 95.0, "time_limit"), "no plan in time"),
        (row(99.0, 98.0, "time_limit"), "WRONG: the published optimum is outside"),
        (row(101.0, 101.0, "optimal"), "WRONG: the published optimum is outside"),
        (row(101.0, 101.0, "optimal", proven=False), "proven; the published one is a best known value"),
        (row(100.0, 100.0, "optimal", checked=False), "FAILED ITS CHECK"),
    ],
)
def test_verdicts(found: Row, verdict: str) -> None:
    """What the last column says; a wrong answer is never softened."""
    assert found.verdict == verdict
    assert verdict in table([found], 60.0)


def test_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and it is said what is missing."""
    monkeypatch.setattr("sys.argv", ["published", str(tmp_path)])
    assert main() == 2
    assert "holds none of the instances" in capsys.readouterr().err
