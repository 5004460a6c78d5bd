"""Print docs/mathematics.md from the docstrings of planner.model, so that the manual is the code's own words.

    .venv/bin/python tools/mathematics.py           write the file
    .venv/bin/python tools/mathematics.py --check   exit code 1 where the file is out of date

Families come in the order of FAMILIES, rules in the order of their file. A rule is a function whose docstring holds an
equation; a family's module docstring says in words what its rules say in signs.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "mathematics.md"

HEAD = r"""# The mathematics

Printed from the docstrings of `planner/model` by `tools/mathematics.py`; a test keeps it up to date. Do not edit it by hand.
What the words mean stands in [meaning.md](meaning.md), whose paragraphs are cited (`M3.4`); why the model looks like this in
[decisions](decisions/). Every equation below is one function, so the name in front of it finds the code.

## Notation

Indices: site $s$, block $k$, period $p$ of $P$ (the first is 0), demand $d$, market $j$, deal $i$ (a lease above a variable: $j$),
tranche $t$. $L$ is a period's length in years, $\delta_p = (1 + r)^{-pL}$ its discount factor. Power is IT power unless it says
facility.

| Decided | Meaning | | Data | Meaning |
|---|---|---|---|---|
| $n_{skp}$ | units ever ordered by $p$; whole, never falling | | $w_k$ | IT MW of a unit |
| $y_{sp}$ | 1 once the site is open (1 at committed sites) | | $v_k$ | a unit's metric: IT MW, PFLOPS, GPUs or 1 |
| $b_{sp}$ | shell MW ever started by $p$; $j_{sp}$ whole steps of it | | $G_{sp}$ | grid, facility MW |
| $g_{skp}$ | units ever gone by $p$ | | $PUE_{sp}$, $PUE^{peak}_{sp}$ | facility over IT power, mean and at peak |
| $r_{skp}$ | units that left early in $p$ and are sold | | $f_k$, $H_s$ | hectares of a unit, buildable hectares |
| $i_{skp}$ | existing units that stand idle | | $u_{kr}$, $Q_{srp}$ | resource used by a unit, stated by the site |
| $x_{sjp}$ | served to a market | | $S_{kp}$, $A_p$ | supply of a block, of a pool (cumulative) |
| $u_{dp}$ | missing from a demand | | $D_d$, $A_{jp}$ | a demand's, a market's amount |
| $K_p$ | cash at the end of $p$ | | $B_p$ | budget per year |
| $z$ | yes or no: present, holder, source, short | | $B_s$, $W$, $R_s$ | build periods, periods of a year, pace |
| $s_i$ | 1 where deal i is signed (1 where it is not optional) | | $A_t$, $M_{it}$ | mark of tranche t, its money |
| $r_{itp}$ | 1 once progress of deal i has reached mark t | | $l_k$ | periods from order to online |
| $n^j_{skp}$, $b^j_{sp}$ | units, and shell, on lease j | | $\underline w_{ip}$ | least MW that a lease is paid for |
| $h_{js}$, $z_{jsp}$ | the partner pays the opening of s; in p | | $\bar\Delta_{ip}$, $\sigma_i$ | a loan's limit, share of capex |
| $\Delta_{ip}$ | ever drawn of a loan by p | | $\underline X_{ip}$, $\bar X_{ip}$ | least and most that a customer takes |
| $x_{iskp}$ | sold to a customer | | $v_{ik}$ | a unit in what deal i counts or sells |
| $u_{ij}$, $u_{ip}$ | missing from a promise, from a customer's minimum | | $\pi_{ip}$ | price of a lease, a customer, a shortfall |

| Follows | Meaning | | Money | Meaning |
|---|---|---|---|---|
| $a_{skp}$ | units ever come online, existing ones included | | $c_{kp}$ | price of a unit |
| $x_{skp}$ | units whose life has ended | | $\kappa_{sp}$ | construction per MW |
| $o_{skp} = a - g$ | online | | $\ell_{sp}$, $A_{sp}$ | land per hectare, opening works |
| $e_{skp} = o - i$ | energised | | $\rho_{kp}$, $\sigma_{kp}$ | revenue per year, resale |
| $t_{skp}$ | standing on the ground, ordered or existing | | $\tau_{sp}$, $F_{sp}$ | property tax, site's yearly cost |
| $T_p$ | a metric over all sites | | $\lambda_k$, $\phi_k$ | load factor, PFLOPS of a unit |
| $g_{ip}$ | progress of deal i | | $I_p$, $X_p$ | inflows, covered spending |
| $w_{ip}$ | MW that lease i is paid for | | $C_{ip}$, $c_{ip}$ | capex covered by a loan, by p and in p |

Existing units are data: $N_{skp}$ online, $A_{skp}$ ever arrived and $X_{skp}$ gone by age, if none retired early; $E_{sp}$ the
shell that needs no building. A bar is the largest value that the data allow, and the smallest number used as a bound.

Orders are differences of states, $n_{skp} - n_{sk,p-1}$. The solver sees them as increments
([decision 2](decisions/0002-cumulative-state-and-increments.md)), which changes nothing in what follows.
"""

FOLLOWS = "From these follow, as expressions without variables of their own:"

MATH = re.compile(r":math:`([^`]*)`")
ROLE = re.compile(r":(?:mod|func|class|attr|meth):`~?([^`]*)`")
CODE = re.compile(r"``([^`]*)``")
ALIGNED = re.compile(r"^(`[^`]+`) {2,}", re.MULTILINE)
"""A name and, some columns to the right, what it is: a list in Markdown."""


def markdown(text: str) -> str:
    """A docstring's words in Markdown: equations between dollars, names as code."""
    text = inspect.cleandoc(text)
    text = MATH.sub(lambda m: f"${m.group(1)}$", text)
    text = ROLE.sub(lambda m: f"`{m.group(1)}`", text)
    text = CODE.sub(lambda m: f"`{m.group(1)}`", text)
    return ALIGNED.sub(r"- \1 ", text)


def functions(module: ModuleType) -> Iterator[Callable[..., object]]:
    """The functions that a module defines itself, in the order of its file."""
    for item in vars(module).values():
        if inspect.isfunction(item) and item.__module__ == module.__name__:
            yield item


def rules(module: ModuleType) -> list[Callable[..., object]]:
    """Public functions whose docstring holds an equation, or that cite a paragraph of the contract."""
    found = []
    for function in functions(module):
        if function.__name__.startswith("_"):
            continue
        text = function.__doc__ or ""
        if ":math:" in text or re.match(r"M\d\.\d+", text):
            found.append(function)
    return found


def one_rule(function: Callable[..., object]) -> str:
    """``**name** words and equation``."""
    return f"- **{function.__name__}**: {_indented(markdown(function.__doc__ or ''))}"


def _indented(text: str) -> str:
    first, *rest = text.splitlines()
    return "\n".join([first, *(f"  {line}" if line else "" for line in rest)])


def section(title: str, words: str, found: Iterable[Callable[..., object]]) -> str:
    """A heading, what the part is about, and its rules."""
    lines = "\n".join(one_rule(f) for f in found)
    return f"## {title}\n\n{markdown(words)}\n\n{lines}\n".replace("\n\n\n", "\n\n")


def manual() -> str:
    """The whole page."""
    from planner.model import decisions, money, objectives, terminal
    from planner.model.constraints import FAMILIES
    from planner.model.deals import money as deal_money

    parts = [HEAD, section("What follows from the decisions", f"{decisions.__doc__}\n{FOLLOWS}", _quantities())]
    for family in FAMILIES:
        name = family.__name__.rsplit(".", 1)[-1]
        parts.append(section(f"{name.capitalize()} (`constraints/{name}.py`)", family.__doc__ or "", rules(family)))
    lines = (*money.CAPEX, *money.OPEX, money.revenue, money.resale)
    parts.append(
        section("Money (`money.py`)", money.__doc__ or "", (f for f in lines if f.__module__ == money.__name__))
    )
    parts.append(section("Money of deals (`deals/money.py`)", deal_money.__doc__ or "", rules(deal_money)))
    credit = [f for f in functions(terminal) if f.__name__ in {"credit", "chip_share", "_kept_chips"}]
    parts.append(section("Terminal credit (`terminal.py`)", terminal.__doc__ or "", credit))
    parts.append(section("Objectives (`objectives/`)", objectives.__doc__ or "", objectives.OBJECTIVES.values()))
    return "\n".join(parts)


def _quantities() -> list[Callable[..., object]]:
    from planner.model import decisions as d
    from planner.model.deals import progress as g

    return [d.arrived, d.expired, d.gone, d.online, d.standing, d.energised, d.ever_ordered, g.progress]


def main(words: list[str]) -> int:
    """Write the page, or say that it is out of date."""
    sys.path.insert(0, str(ROOT))
    text = manual()
    if words == ["--check"]:
        same = TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text
        if not same:
            print("docs/mathematics.md is out of date: run python tools/mathematics.py", file=sys.stderr)
        return 0 if same else 1
    if words:
        print(__doc__, file=sys.stderr)
        return 2
    TARGET.write_text(text, encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {len(text.splitlines())} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
