"""What whole units can make of a limit: by hand, by trying everything, and in the power rows of a small world."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.whole_units import LONGEST, largest_sum, rounded


@pytest.mark.parametrize(
    ("limit", "sizes", "found"),
    [
        (137.0, ((48.0, 9),), 96.0),  # two of 48 fit
        (137.0, ((48.0, 9), (24.0, 9)), 120.0),  # 48 + 48 + 24
        (137.0, ((48.0, 9), (24.0, 9), (12.0, 1)), 132.0),  # one of 12 beside 120
        (137.0, ((48.0, 1), (12.0, 3)), 84.0),  # all there can be: 48 + 36
        (97.6, ((48.0, 3), (96.0, 2)), 96.0),
        (0.3, ((0.1, 5),), 0.3),  # 0.3 / 0.1 is 2.9999999999999996
        (23.9, ((24.0, 4),), 0.0),
        (0.0, ((24.0, 4),), 0.0),
        (-5.0, ((24.0, 4),), 0.0),
        (50.0, (), 0.0),
    ],
)
def test_the_largest_sum(limit: float, sizes: tuple[tuple[float, int], ...], found: float) -> None:
    assert largest_sum(limit, sizes) == pytest.approx(found, abs=1e-12)


def test_sizes_beyond_counting_leave_the_limit_alone() -> None:
    """A third of a megawatt is no whole number of watts; and with too many steps only the common divisor counts."""
    assert largest_sum(10.0, ((1 / 3, 50),)) == 10.0
    limit = (LONGEST + 1) * 0.5 + 0.2
    assert largest_sum(limit, ((0.5, 10**6),)) == pytest.approx(limit - 0.2)


SIZES = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 4)), min_size=1, max_size=4)


@given(st.integers(0, 400), SIZES, st.sampled_from([1.0, 0.25, 12.0]))
def test_it_is_what_trying_everything_finds(limit: int, counts: list[tuple[int, int]], unit: float) -> None:
    sizes = tuple((w * unit, n) for w, n in counts)
    tenth = limit / 10 * unit
    sums = (
        sum(k * w for k, (w, _) in zip(many, counts, strict=True))
        for many in itertools.product(*(range(n + 1) for _, n in counts))
    )
    assert largest_sum(tenth, sizes) == pytest.approx(max(s * unit for s in sums if s <= limit / 10), abs=1e-9)


@given(st.floats(0.1, 300.0), SIZES)
def test_no_whole_choice_that_fits_breaks_a_rounded_row(limit: float, counts: list[tuple[int, int]]) -> None:
    r""":math:`\sum \lfloor w/\delta \rfloor n \le \lfloor L/\delta \rfloor` for every whole choice within L."""
    sizes = tuple((float(w), n) for w, n in counts)
    rows = rounded(limit, sizes)
    for many in itertools.product(*(range(n + 1) for _, n in counts)):
        if sum(k * w for k, (w, _) in zip(many, counts, strict=True)) <= limit:
            for delta, units in rows:
                assert sum(k * (w // delta) for k, (w, _) in zip(many, counts, strict=True)) <= units


def test_rounded_rows_by_hand() -> None:
    """137 MW hold two halls of 48 (96 MW): n48 <= 2. Of 24 they hold five (120): 2 n48 + n24 <= 5. Of 12 eleven (132, less than
    0.98 x 137 = 134.26): 4 n48 + 2 n24 + n12 <= 11. 145 MW hold 144 in every size, which is near enough."""
    assert rounded(137.0, ((48.0, 9), (24.0, 9), (12.0, 9))) == [(12.0, 11), (24.0, 5), (48.0, 2)]
    assert rounded(145.0, ((48.0, 9), (24.0, 9), (12.0, 9))) == []
