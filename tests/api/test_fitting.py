"""Tables on terminals of any width: no figure is cut, no column lost, every part led by the first column."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from api.terminal import summary
from api.terminal.fitting import fit

HEAD = ("site", "opens", "IT MW", "grid used", "PFLOPS", "spend", "limited by", "blocks at the end")
ROWS = (
    ("abilene", "2027-01", "278", "94 %", "1,386,000", "$9.52 bn", "power", "11×helios-hall"),
    (
        "Port Washington",
        "2027-10",
        "1,176",
        "70 %",
        "882,000",
        "$8.30 bn",
        "budget",
        "6×vera-rubin-hall, 1×helios-hall",
    ),
    ("... 3 more in the report", *[""] * 7),
)
WORDS = (0, 1, 6, 7)


def shown(width: int) -> list[str]:
    out = io.StringIO()
    summary.grid(Console(file=out, width=width), "What opens", HEAD, ROWS, WORDS, foot=1)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", range(16, 170, 3))
def test_figures_stand_whole_at_every_width(width: int) -> None:
    lines = shown(width)
    text = "\n".join(lines)
    for row in ROWS[:2]:
        for cell in (*row[1:6], row[6]):
            assert cell in text, cell
    for name in HEAD:
        assert all(word in text for word in name.split()), name
    if width >= 30:
        assert max(map(len, lines)) <= width
        assert "abilene" in text and "Washington" in text


def test_a_wide_terminal_shows_one_table_and_a_narrow_one_several() -> None:
    def heads(width: int) -> int:
        return sum("site" in line for line in shown(width))

    assert [heads(w) for w in (160, 80, 40)] == [1, 2, 5]


def test_what_is_left_goes_to_the_columns_that_want_it() -> None:
    """By hand: least widths 1 + 16 + 3, frame 2 + 2·3 = 28; of 32 cells four more go to the words."""
    (part,) = fit(("a", "words", "MW"), [("x", "eight eight eight eight", "1.5")], (0, 1), 32)
    assert part.columns == (0, 1, 2) and part.widths == (1, 20, 3) and part.width == 32


def test_words_break_from_each_other_and_figures_do_not() -> None:
    (part,) = fit(("", "change"), [("a", "only there"), ("b", "$3.96 bn")], (0,), 14)
    assert part.widths == (1, 8)
