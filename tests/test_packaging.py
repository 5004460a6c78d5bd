"""The packaging keeps its promises: locks that hold everything and name no address, four packages in one
distribution, and a `run` script that any Python can start."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PACKAGES = ("planner", "sites", "solvers", "api")

# Pieces, so that this file does not hold what it looks for.
REGISTRIES = (
    "pypi" + ".org",
    "python" + "hosted",
    "registry." + "npmjs",
    "pypi" + "/simple",
    "artifact" + "ory",
    "--" + "index-url",
)
MACHINE_PATH = re.compile(r"""(?:^|[\s"'`=(\[<:])/(?:(?:work|root|home|Users)/|opt/(?!venv\b))[\w.-]+""", re.MULTILINE)


def kept_files() -> list[Path]:
    """The files that belong to the project: tracked, or new and not ignored."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs git and a clone: which files belong to the project is git's knowledge")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip(f"git cannot list the files here: {listed.stderr.decode(errors='replace').strip()}")
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """The file's text; empty for pictures, spreadsheets and other binary files."""
    content = path.read_bytes()
    return "" if b"\0" in content[:4096] else content.decode("utf-8", "replace")


def entries(name: str) -> dict[str, str]:
    """Package -> the lock's whole entry for it, hashes included."""
    joined = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip()]
    return {re.split(r"[=\s;\[]", line, maxsplit=1)[0]: line for line in lines}


def versions(name: str) -> dict[str, str]:
    return {package: line.split("==")[1].split()[0] for package, line in entries(name).items()}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------------------------------------- the tree


def test_no_registry_address_in_any_file() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in kept_files()
        for word in REGISTRIES
        if word in text_of(path).lower()
    ]
    assert not found, "users' own settings say where packages come from:\n" + "\n".join(found)


def test_no_machine_path_in_any_file() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group().strip()}"
        for path in kept_files()
        for match in MACHINE_PATH.finditer(text_of(path))
    ]
    assert not found, "a path of somebody's machine:\n" + "\n".join(found)


def test_what_a_run_makes_is_not_kept() -> None:
    made = {"out", ".venv", "dist"}
    assert not [path for path in kept_files() if path.relative_to(ROOT).parts[0] in made]


# ------------------------------------------------------------------------------------------------------------ the locks


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_exact_versions_and_hashes_and_no_address(name: str) -> None:
    for package, line in entries(name).items():
        assert re.match(rf"{re.escape(package)}(\[[\w,-]+\])?==[\w.+!-]+\s", line), line[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", line), f"{package} has no hash"
        assert "://" not in line and " @ " not in line, f"{package} names an address"


def test_lock_answers_every_requirement() -> None:
    declared = project()
    required = declared["project"]["dependencies"] + declared["dependency-groups"]["install"]
    development = declared["project"]["optional-dependencies"]["dev"]

    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[<>=!~\s;\[]", word, maxsplit=1)[0].lower() for word in requirements}

    assert names(required) <= entries("requirements.lock").keys()
    assert names(required + development) <= entries("requirements-dev.lock").keys()


def test_tests_use_the_very_versions_that_plans_use() -> None:
    plain, development = versions("requirements.lock"), versions("requirements-dev.lock")
    assert {package: development.get(package) for package in plain} == plain


def test_highs_version_is_one_that_tells_the_truth() -> None:
    """1.14.0 returns suboptimal points as optimal."""
    assert versions("requirements.lock")["highspy"] == "1.15.1"


def test_running_program_uses_the_locked_versions() -> None:
    """Not in an environment of one's own making: only where `./run` installed."""
    if not (ROOT / ".venv" / "gigasite-stamp.json").exists() or not sys.prefix.startswith(str(ROOT)):
        pytest.skip("this environment was not made by ./run")
    import highspy
    import pyomo.version

    locked = versions("requirements.lock")
    assert locked["pyomo"] == pyomo.version.__version__
    assert locked["highspy"].startswith(highspy.Highs().version())


# ----------------------------------------------------------------------------------------------------- the distribution


def test_four_packages_and_one_command() -> None:
    declared = project()
    assert declared["project"]["name"] == "gigasite"
    assert declared["project"]["requires-python"] == ">=3.11"
    assert declared["project"]["scripts"] == {"gigasite": "api.cli:main"}
    assert declared["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(PACKAGES)
    for package in PACKAGES:
        assert (ROOT / package / "__init__.py").is_file(), f"{package} is not a package"


@pytest.mark.parametrize("package", ["planner", "solvers"])
def test_typed_packages_say_so(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_wheel_carries_code_and_data(tmp_path: Path) -> None:
    """Catalogue, tables, examples and map styles travel inside the wheel, or an installed program misses them."""
    pytest.importorskip("hatchling", reason="the build tool comes with ./run")
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    wheel = next(tmp_path.glob("gigasite-*.whl"))
    assert wheel.name.endswith("-py3-none-any.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    kinds = {".py", ".yaml", ".yml", ".json", ".geojson", ".csv", ".qml", ".md", ".typed"}
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in kept_files()
        if path.relative_to(ROOT).parts[0] in PACKAGES and path.suffix in kinds
    }
    assert wanted <= inside, f"missing in the wheel: {sorted(wanted - inside)}"
    tops = {name.split("/")[0] for name in inside}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


# ------------------------------------------------------------------------------------------------------- the run script


def start(*words: str, folder: Path, script: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`run` under a Python that sees neither site packages nor environment variables."""
    command = [sys.executable, "-I", "-S", str(script or ROOT / "run"), *words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}
    )


def copy_of_run(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("run", "pyproject.toml", *LOCKS):
        shutil.copy(ROOT / name, folder / name)
    return folder / "run"


@pytest.mark.parametrize("word", ["--help", "-h", "help", None])
def test_help_needs_only_a_bare_python(word: str | None, tmp_path: Path) -> None:
    done = start(*([word] if word else []), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    for command in ("plan", "test", "lint", "bench", "gigasite", "lock", "install"):
        assert re.search(rf"^  {command}\b", done.stdout, re.MULTILINE), f"{command} is not explained"
    assert list(tmp_path.iterdir()) == []


def test_unknown_command_is_named_with_those_known(tmp_path: Path) -> None:
    done = start("paln", folder=tmp_path)
    assert done.returncode == 2
    assert "'paln'" in done.stderr and "plan, serve, gigasite, test" in done.stderr and "Traceback" not in done.stderr


def test_incomplete_copy_is_told_what_is_missing(tmp_path: Path) -> None:
    script = copy_of_run(tmp_path / "a copy")
    (script.parent / "requirements.lock").unlink()
    (script.parent / ".venv" / "bin").mkdir(parents=True)
    (script.parent / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (script.parent / ".venv" / "gigasite-stamp.json").write_text('{"run": {"place": "elsewhere"}}')
    done = start("plan", folder=tmp_path, script=script)
    assert done.returncode == 1
    assert "requirements.lock" in done.stderr and "Next step" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("stamp", ["", "{", "[]", '{"run": 3}', '{"run": {}}', '{"run": {"packages": "old"}}'])
def test_damaged_or_old_stamp_means_not_installed(stamp: str, tmp_path: Path) -> None:
    script = copy_of_run(tmp_path / "copy")
    (script.parent / ".venv").mkdir()
    (script.parent / ".venv" / "gigasite-stamp.json").write_text(stamp)
    probe = (
        "import runpy, sys; names = runpy.run_path(sys.argv[1]); "
        "print(names['is_ready']('run'), names['is_ready']('dev'), names['why_not_usable']())"
    )
    done = subprocess.run([sys.executable, "-c", probe, str(script)], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("False False The "), done.stderr


def test_failing_installer_gives_its_words_and_a_next_step(tmp_path: Path) -> None:
    """No network: the installer's own words, and what usually helps."""
    script = copy_of_run(tmp_path / "copy")
    probe = (
        "import runpy, sys; names = runpy.run_path(sys.argv[1]); "
        "print(names['explain_failure']('pip', 'ERROR: Temporary failure in name resolution'))"
    )
    done = subprocess.run([sys.executable, "-c", probe, str(script)], capture_output=True, text=True, check=True)
    assert "Temporary failure in name resolution" in done.stdout
    assert "Next step: check the network" in done.stdout


def test_continuous_check_calls_what_people_call() -> None:
    for name in ("run", ".ci/run", "tools/lock.sh"):
        assert os.access(ROOT / name, os.X_OK), f"{name} cannot be started: chmod +x {name}"
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "set -euo pipefail" in script
    for command in ("./run lint", "./run test", "./run plan"):
        assert command in script
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=False).returncode == 0
    assert subprocess.run(["bash", "-n", str(ROOT / "tools" / "lock.sh")], check=False).returncode == 0
