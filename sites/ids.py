"""Ids of sites: present, readable, and different from each other for a human eye."""

from __future__ import annotations

import unicodedata
from typing import Any

from sites.faults import Faults, feature_path


def settle(stated: list[dict[str, Any]], faults: Faults) -> list[str]:
    """One name per site for messages; missing and repeated ids are faults.

    Two ids are the same when they look the same: compared after Unicode normalisation (NFKC) and without case.
    """
    labels: list[str] = []
    seen: dict[str, tuple[int, str]] = {}
    for index, properties in enumerate(stated):
        value = properties.get("id")
        if not isinstance(value, str) or not value.strip():
            labels.append(f"#{index + 1}")
            if value is None:
                name = properties.get("name")
                about = f" ({name})" if isinstance(name, str) else ""
                faults.error(
                    feature_path(index, "properties", "id"),
                    f"site #{index + 1}{about} has no id",
                    "give it a property `id`, or map a column: property_names: {id: COLUMN}",
                )
            continue
        labels.append(value)
        key = unicodedata.normalize("NFKC", value).casefold().strip()
        if key in seen:
            first, spelled = seen[key]
            same = "" if spelled == value else f" (written {spelled!r} there)"
            faults.error(
                feature_path(index, "properties", "id"),
                f"site id {value!r} stands twice: sites #{first + 1} and #{index + 1}{same}",
                "ids differ by more than case or accents' encoding",
            )
        else:
            seen[key] = (index, value)
    return labels
