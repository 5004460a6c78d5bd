"""The documents keep up with the code: examples run, commands exist, links lead somewhere, and no family of limits lacks its
paragraph, its check or its test."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from api import exits, usecases
from api.commands.app import app
from api.outputs import OUTPUTS
from planner import catalogue
from planner.model.constraints import FAMILIES
from planner.problem.block import Block
from planner.problem.read import parse_request

ROOT = Path(__file__).parents[1]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
CODE = sorted(p for folder in ("planner", "sites", "solvers", "api", "tests") for p in (ROOT / folder).rglob("*.py"))
NAMES = [family.__name__.rsplit(".", 1)[-1] for family in FAMILIES]


def text(name: str) -> str:
    """A document's text."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of one language, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text(name), re.MULTILINE | re.DOTALL)
    return ["\n".join(line.removeprefix(indent) for line in body.splitlines()) for indent, body in found]


def paragraphs() -> dict[str, str]:
    """``M3.4`` -> its text in docs/meaning.md."""
    return dict(re.findall(r"^- \*\*(M\d\.\d+)[ +]*\*\*(.*)$", text("docs/meaning.md"), re.MULTILINE))


def help_of(*words: str) -> str:
    """What ``gigasite ... --help`` says."""
    result = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, [*words, "--help"])
    assert result.exit_code == 0, f"gigasite {' '.join(words)} --help fails: {result.output}"
    return result.output


# ---------------------------------------------------------------------------------------------------- the mathematics


@pytest.mark.skipif(not (ROOT / "tools").is_dir(), reason="development tools are not part of a source package")
def test_the_mathematics_are_printed_from_the_docstrings() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "mathematics.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_every_family_is_in_the_mathematics(name: str) -> None:
    page = text("docs/mathematics.md")
    assert page.count(f"(`constraints/{name}.py`)") == 1
    part = page.split(f"(`constraints/{name}.py`)")[1].split("\n## ")[0]
    assert "$" in part, f"constraints/{name}.py says no equation in its docstrings"


@pytest.mark.parametrize("name", NAMES)
def test_every_family_has_its_paragraph_check_and_test(name: str) -> None:
    """House rule: one word finds a family in the contract, the mathematics, the check and the tests."""
    family = dict(zip(NAMES, FAMILIES, strict=True))[name]
    cited = re.findall(r"M\d\.\d+", family.__doc__ or "")
    assert cited, f"planner/model/constraints/{name}.py cites no paragraph of docs/meaning.md in its first lines"
    assert set(cited) <= set(paragraphs())
    check = ROOT / "planner" / "verify" / f"{name}.py"
    assert check.is_file(), f"planner/verify/{name}.py is missing: the family has no independent check"
    listed = (ROOT / "planner" / "verify" / "check.py").read_text(encoding="utf-8")
    assert f"    {name}.check,\n" in listed, f"{name}.check stands in no list of planner/verify/check.py"
    for folder in ("model", "verify"):
        files = sorted((ROOT / "tests" / folder).glob("test_*.py"))
        tests = [t for f in files for t in re.findall(r"^def (test_\w+)", f.read_text(encoding="utf-8"), re.MULTILINE)]
        tests += [f.stem for f in files]
        word = name.removesuffix("s")
        assert any(word in t for t in tests), f"no test in tests/{folder} is named after the family {name}"


# --------------------------------------------------------------------------------------------------------- the contract


def test_paragraphs_are_numbered_without_gaps() -> None:
    by_section: dict[str, list[int]] = {}
    for label in paragraphs():
        section, number = label[1:].split(".")
        by_section.setdefault(section, []).append(int(number))
    assert set(by_section) == {"1", "2", "3", "4", "5", "7", "8"}
    for section, numbers in by_section.items():
        assert numbers == list(range(1, len(numbers) + 1)), f"section {section}: {numbers}"


def test_every_paragraph_that_code_cites_is_there() -> None:
    known, later = set(paragraphs()), ("M6.",)
    older = set(re.findall(r"\| (A\d+) \|", text("docs/meaning.md").split("## Older labels")[1]))
    for path in CODE:
        if path == Path(__file__):
            continue
        source = path.read_text(encoding="utf-8")
        for label in re.findall(r"\bM\d\.\d+", source):
            assert label in known or label.startswith(later), f"{path.relative_to(ROOT)} cites {label}"
        if "outputs" not in path.parts:  # spreadsheets have cells of these names
            for label in re.findall(r"\bA\d{1,2}\b(?=[),;: ])", source):
                assert label in older, f"{path.relative_to(ROOT)} cites {label}"


def test_the_request_of_the_contract_is_read() -> None:
    (example,) = blocks("docs/meaning.md", "yaml")
    request, warnings, _ = parse_request(yaml.safe_load(example))
    assert request.name == "Two campuses"
    assert warnings == []


# ----------------------------------------------------------------------------------------------------------- the README


def readme_request() -> Any:
    (example,) = blocks("README.md", "yaml")
    assert len(example.splitlines()) <= 25
    return yaml.safe_load(example)


def test_the_request_of_the_readme_is_read(tmp_path: Path) -> None:
    loaded = usecases.load_parsed(readme_request(), tmp_path)
    assert loaded.warnings == ()
    assert [s.id for s in loaded.problem.sites] == ["abilene", "saline"]


def test_the_request_of_the_readme_is_planned(tmp_path: Path) -> None:
    loaded = usecases.load_parsed(readme_request(), tmp_path)
    plan = usecases.plan(usecases.with_solver(loaded, relative_gap=0.05))
    assert plan.status.holds == "plan"
    assert plan.check.ok


def test_blocks_in_running_words_are_blocks() -> None:
    found = [
        b
        for name in ("README.md", "CONTRIBUTING.md", "docs/data.md")
        for b in re.findall(r"`(\{(?:use|id: my).*?\})`", text(name))
    ]
    assert len(found) >= 3
    for written in found:
        Block.model_validate(catalogue.expand(yaml.safe_load(written)))


def test_every_command_is_there_and_every_command_is_told() -> None:
    told = set(re.findall(r"^\| `gigasite (\w+)", text("README.md"), re.MULTILINE))
    known = {c.name or (c.callback.__name__ if c.callback else "") for c in app.registered_commands}
    assert told == known


@pytest.mark.parametrize("line", re.findall(r"^\| `gigasite .*$", text("README.md"), re.MULTILINE))
def test_commands_have_the_options_that_are_told(line: str) -> None:
    command = re.findall(r"gigasite (\w+)", line)[0]
    page = help_of(command)
    for option in re.findall(r"(?<![\w-])--?[a-z][\w-]*", line):
        assert option in page, f"gigasite {command} knows no {option}"


def test_words_of_run_are_known() -> None:
    words = {w for path in DOCS for w in re.findall(r"\./run (\w+)", path.read_text(encoding="utf-8"))}
    assert {"plan", "test", "lint", "bench", "gigasite", "install"} <= words
    page = subprocess.run(
        [sys.executable, str(ROOT / "run"), "help"], capture_output=True, text=True, check=True
    ).stdout
    for word in words - {"help"}:
        assert re.search(rf"^  {word}\b", page, re.MULTILINE), f"./run {word} is not a command"


def test_every_file_of_a_plan_is_told() -> None:
    page = text("README.md").split("## What a plan says")[1].split("\n## ")[0]
    assert [o.name for o in OUTPUTS if f"`{o.name}`" not in page] == []


def test_exit_codes_are_those_of_the_program() -> None:
    page = text("README.md")
    told = {
        int(code): words for code, words in re.findall(r"\*\*(\d)\*\* (.*?)(?: · |\. Output)", page.replace("\n", " "))
    }
    assert set(told) == {exits.OK, exits.FAILED, exits.BAD_REQUEST, exits.INFEASIBLE, exits.NO_PLAN_YET}
    assert "infeasible" in told[exits.INFEASIBLE]
    assert "bad request" in told[exits.BAD_REQUEST]
    assert "without a plan" in told[exits.NO_PLAN_YET]


def test_code_in_contributing_is_the_codes_own() -> None:
    flat = " ".join((ROOT / "planner/model/constraints/policies.py").read_text(encoding="utf-8").split())
    for block in blocks("CONTRIBUTING.md", "python"):
        assert " ".join(block.split()) in flat


def test_files_named_in_contributing_are_there() -> None:
    for name in re.findall(r"`((?:planner|sites|solvers|api|tests|tools|docs)/[\w./]+)`", text("CONTRIBUTING.md")):
        assert (ROOT / name).exists(), f"CONTRIBUTING.md names {name}"
    page, names = text("CONTRIBUTING.md"), "\n".join(p.read_text(encoding="utf-8") for p in CODE if p != Path(__file__))
    for name in (
        "SurviveAnySiteLoss",
        "survivable",
        "SITE_CHECKS",
        "survive_row",
        "sum_row",
        "KINDS",
        "_survive",
        "FAMILY_OF_ROW",
        "CASES",
        "DEALS",
        "OPEX",
        "INFLOWS",
    ):
        assert f"`{name}`" in page
        assert re.search(rf"\b{name}\b", names), f"{name} is gone from the code"


# --------------------------------------------------------------------------------------------------------------- all pages


@pytest.mark.parametrize("path", DOCS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} links to {target}"


@pytest.mark.parametrize("path", DOCS, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_machine_paths(path: Path) -> None:
    found = re.findall(
        r"(?:^|[\s\"'`(])(/(?:work|root|home|Users|tmp|opt|srv)/[^\s`)]*)", path.read_text(encoding="utf-8")
    )
    assert found == []


def test_every_decision_is_listed() -> None:
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", text("docs/decisions/README.md"))
    assert listed == sorted(p.name for p in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
