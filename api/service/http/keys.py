"""``python -m api.service.http.keys add FILE OWNER``: make an API key. It is shown once; the file keeps its digest."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from datetime import date
from pathlib import Path
from typing import Any

from api.service.http.identity import LOCAL, OWNER, SCOPES, digest


def new(owner: str, **limits: Any) -> tuple[str, dict[str, Any]]:
    """A fresh key, and the entry that the keys file holds for it."""
    if not OWNER.match(owner) or owner == LOCAL:
        raise ValueError(f"an owner is 1 to 64 of a-z 0-9 . _ - (and not {LOCAL!r}), got {owner!r}")
    id = secrets.token_hex(4)
    key = f"gs_{id}_{secrets.token_urlsafe(32)}"
    entry = {"id": id, "owner": owner, "sha256": digest(key)}
    return key, entry | {name: value for name, value in limits.items() if value is not None}


def write(file: Path, entries: list[dict[str, Any]]) -> None:
    """Replace the keys file whole; only its owner may read it."""
    draft = file.with_name(file.name + ".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump({"keys": entries}, out, indent=1)
        out.write("\n")
    os.replace(draft, file)


def read(file: Path) -> list[dict[str, Any]]:
    """The entries of a keys file; none where there is no file yet."""
    found: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["keys"] if file.exists() else []
    return found


def _day(text: str) -> str:
    """A day that the service can read: one entry that it cannot lets nobody in. Raises ValueError."""
    return date.fromisoformat(text).isoformat()


def main(arguments: list[str] | None = None) -> int:
    """Add, list or revoke keys; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m api.service.http.keys", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="make a key and print it, once")
    add.add_argument("file", type=Path)
    add.add_argument("owner", help="whose jobs, plans and datasets the key sees")
    add.add_argument("--scope", action="append", choices=SCOPES, dest="scopes", help="default: plan")
    add.add_argument("--expires", type=_day, help="last day, YYYY-MM-DD")
    for name in ("max-jobs", "max-sites", "max-variables"):
        add.add_argument(f"--{name}", type=int)
    ensure = commands.add_parser("ensure", help="make a first key where there is no file yet, and print it")
    ensure.add_argument("file", type=Path)
    ensure.add_argument("owner")
    commands.add_parser("list", help="ids, owners and limits").add_argument("file", type=Path)
    revoke = commands.add_parser("revoke", help="take a key out; it stops working within a second")
    revoke.add_argument("file", type=Path)
    revoke.add_argument("id")
    given = parser.parse_args(arguments)
    entries = read(given.file)
    if given.command == "add":
        limits = {k: getattr(given, k) for k in ("scopes", "expires", "max_jobs", "max_sites", "max_variables")}
        try:
            key, entry = new(given.owner, **limits)
        except ValueError as error:
            parser.error(str(error))
        write(given.file, [*entries, entry])
        print(key)
    elif given.command == "ensure":
        if not entries:
            key, entry = new(given.owner)
            write(given.file, [entry])
            print(key)
    elif given.command == "list":
        for entry in entries:
            print(json.dumps({k: v for k, v in entry.items() if k != "sha256"}))
    else:
        left = [e for e in entries if e["id"] != given.id]
        if len(left) == len(entries):
            parser.error(f"{given.file} holds no key {given.id!r}")
        write(given.file, left)
    return 0


if __name__ == "__main__":
    sys.exit(main())
