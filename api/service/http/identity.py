"""Who calls: nobody needs a key on this machine alone; anywhere else everybody does.

A key is ``gs_`` + 8 signs that name it + ``_`` + 43 random ones (256 bits). The keys file holds SHA-256 digests only::

    {"keys": [{"id": "3f9a01bc", "owner": "team-a", "sha256": "...", "scopes": ["plan"],
               "expires": "2027-12-31", "max_jobs": 50, "max_sites": 500, "max_variables": 200000}]}

``python -m api.service.http.keys add FILE OWNER`` writes it. It is read again when it changes, so that a key taken out of
it stops working within a second.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from api.service.http.logs import say
from api.service.http.problems import Problem
from api.service.settings import Settings, SettingsError

KEY = re.compile(r"gs_([0-9a-f]{8})_[A-Za-z0-9_-]{43}\Z")
OWNER = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
LOCAL = "local"
SCOPES = ("plan", "metrics")
LOOK_AGAIN_S = 1.0


@dataclass(frozen=True)
class Key:
    """One key as the file holds it; None: the service's own limit counts."""

    id: str
    owner: str
    sha256: str
    scopes: tuple[str, ...] = ("plan",)
    expires: date | None = None
    max_jobs: int | None = None
    max_sites: int | None = None
    max_variables: int | None = None


ANYBODY = Key("", LOCAL, "", SCOPES)
"""The caller where no keys are in use."""


def is_loopback(host: str) -> bool:
    """Only this machine can reach that address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def digest(key: str) -> str:
    """What is kept of a key. It has 256 random bits, so that one round of SHA-256 is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


class Identity:
    """Tells whose call it is. Raises SettingsError when the service would be open to strangers without keys."""

    def __init__(self, settings: Settings) -> None:
        self._file = settings.keys_file
        self._keys: Mapping[str, Key] = {}
        self._stamp: tuple[int, int] | None = None
        self._looked = 0.0
        if self._file is None:
            if not is_loopback(settings.host):
                raise SettingsError(
                    f"the service would listen on {settings.host} for everybody; name a file of API keys in "
                    "GIGASITE_KEYS_FILE (python -m api.service.http.keys add FILE OWNER), or listen on 127.0.0.1"
                )
            return
        self._keys, self._stamp = _read(self._file), _stamp(self._file)
        if not self._keys:
            raise SettingsError(f"GIGASITE_KEYS_FILE {self._file} holds no keys; add one first")

    @property
    def needs_keys(self) -> bool:
        """False on this machine alone."""
        return self._file is not None

    def key_of(self, headers: Mapping[str, str]) -> Key:
        """The key that a call brings. Raises Problem (key-required), the same for every reason."""
        if self._file is None:
            return ANYBODY
        self._refresh(self._file)
        brought = headers.get("x-api-key", "")
        authorization = headers.get("authorization", "")
        if not brought and authorization[:7].lower() == "bearer ":
            brought = authorization[7:].strip()
        found = KEY.match(brought)
        key = self._keys.get(found[1]) if found else None
        kept = key.sha256 if key else "0" * 64
        good = hmac.compare_digest(digest(brought[:100]), kept)
        if key is None or not good or (key.expires is not None and datetime.now(UTC).date() > key.expires):
            raise Problem(
                "key-required",
                "no valid API key came with the call: Authorization: Bearer gs_...",
                headers={"WWW-Authenticate": 'Bearer realm="gigasite"'},
            )
        return key

    def _refresh(self, file: Path) -> None:
        now = time.monotonic()
        if now - self._looked < LOOK_AGAIN_S:
            return
        self._looked = now
        stamp = _stamp(file)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._keys = _read(file)
        except SettingsError as error:
            self._keys = {}  # a keys file that cannot be read lets nobody in
            say("nobody is let in", logging.ERROR, why=str(error))


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _read(file: Path) -> dict[str, Key]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        entries = document["keys"]
        keys = [_entry(e) for e in entries]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"GIGASITE_KEYS_FILE {file} cannot be used: {type(error).__name__}: {error}") from None
    return {key.id: key for key in keys}


def _entry(entry: dict[str, Any]) -> Key:
    expires = entry.get("expires")
    key = Key(
        id=entry["id"],
        owner=entry["owner"],
        sha256=entry["sha256"].lower(),
        scopes=tuple(entry.get("scopes", ("plan",))),
        expires=date.fromisoformat(expires) if expires else None,
        **{name: entry.get(name) for name in ("max_jobs", "max_sites", "max_variables")},
    )
    if not re.fullmatch(r"[0-9a-f]{8}", key.id) or not OWNER.match(key.owner) or key.owner == LOCAL:
        raise ValueError(f"id {key.id!r} or owner {key.owner!r} is malformed")
    if not re.fullmatch(r"[0-9a-f]{64}", key.sha256) or set(key.scopes) - set(SCOPES):
        raise ValueError(f"key {key.id!r} has a malformed digest or an unknown scope")
    return key
