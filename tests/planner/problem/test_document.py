"""Files and text: YAML without surprises, JSON without NaN, and a clear fault for everything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.errors import RequestError
from planner.problem.document import load_document, read_document


def yaml(text: str) -> dict[str, Any]:
    return read_document(text.encode(), "request.yaml", json_text=False)


def refused(text: str | bytes, json_text: bool = False) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(RequestError) as caught:
        read_document(data, "r", json_text=json_text)
    return str(caught.value)


@pytest.mark.parametrize(
    "word, value",
    [
        ("NO", "NO"), ("no", "no"), ("on", "on"), ("Yes", "Yes"), ("true", True), ("False", False), ("~", None), ("", None),
        ("null", None), ("2027-01", "2027-01"), ("2027-01-01", "2027-01-01"), ("12:30", "12:30"), ("1_000", "1_000"),
        ("007", "007"), ("0", 0), ("-5", -5), ("1e6", 1e6), ("1.5E-3", 1.5e-3), (".5", 0.5), ("5.", 5.0), ("0x10", "0x10"),
        ('"5"', "5"), ("'true'", "true"), ("!!str 5", "5"), ('!!float "5.5"', 5.5), (".nan", ".nan"), (".inf", ".inf"),
        ("<<", "<<"), ("=", "="),
    ],
)  # fmt: skip
def test_words(word: str, value: object) -> None:
    found = yaml(f"a: {word}\n")["a"]
    assert found == value and type(found) is type(value)


def test_keys_are_text_as_written() -> None:
    assert yaml("{1: a, NO: b, 2027-01: c, null: d, true: e}") == {
        "1": "a", "NO": "b", "2027-01": "c", "null": "d", "true": "e",
    }  # fmt: skip


def test_anchors_merges_and_blocks() -> None:
    text = """
base: &b {it_mw: 5, vendor: amd}
blocks:
  - {<<: *b, id: one}
  - <<: [*b, {gpus: 3}]
    id: two
    it_mw: 6
note: |
  two
  lines
"""
    found = yaml(text)
    assert found["blocks"] == [
        {"id": "one", "it_mw": 5, "vendor": "amd"},
        {"id": "two", "it_mw": 6, "vendor": "amd", "gpus": 3},
    ]
    assert found["note"] == "two\nlines\n"


@pytest.mark.parametrize(
    "text, words",
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: key 'a' stands twice"),
        ("a: [1, 2\n", "not valid YAML"),
        ("a: b: c\n", "line 1"),
        ("a: &x [*x]\n", "alias *x"),
        ("a: *nothing\n", "alias *nothing"),
        ("a: 1\n---\nb: 2\n", "line 2"),
        ("- 1\n- 2\n", "a list, not a mapping"),
        ("just text\n", "a single value"),
        ("", "is empty"),
        ("# only a comment\n", "is empty"),
        ("a: !!python/object:os.system x\n", "tag tag:yaml.org,2002:python/object:os.system is not used"),
        ("a: !!timestamp 2027-01-01\n", "is not used"),
        ("{[a]: 1}\n", "a key must be text"),
        ("a: 1e999\n", "too large"),
        ("a: " + "9" * 5000 + "\n", "too large"),
        ("a: " + "[" * 100_000, "nested more than 64 levels"),
        ("- " * 50_000 + "a", "nested more than 64 levels"),
        ("a: {<<: 5}\n", "<< takes"),
        ("a: \x07\n", "not valid YAML"),
        ("a:\n\t- b\n", "line 2"),
    ],
)
def test_yaml_refused(text: str, words: str) -> None:
    assert words in refused(text)


def test_aliases_that_grow_without_end() -> None:
    """Nine levels of nine aliases would be 387 million values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    assert "grows beyond all measure" in refused("\n".join(lines))


@pytest.mark.parametrize(
    "text, words",
    [
        ('{"a": 1, "a": 2}', "key 'a' stands twice"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": -Infinity}', "-Infinity"),
        ('{"a": 1e999}', "too large"),
        ('{"a": ' + "9" * 5000 + "}", "thousands of digits"),
        ('{"a": 1,}', "line 1, column 9"),
        ("[1]", "a list"),
        ("null", "is empty"),
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        ("", "not valid JSON"),
    ],
)
def test_json_refused(text: str, words: str) -> None:
    assert words in refused(text, json_text=True)


def test_bytes_that_are_not_utf8_name_line_and_column() -> None:
    assert "line 2, column 4: not UTF-8 text (byte 0xe9)" in refused("a: 1\nb: é\n".encode("latin-1"))
    assert "not UTF-8" in refused("a: 1".encode("utf-16"))


def test_a_byte_order_mark_and_the_first_character() -> None:
    assert read_document(b"\xef\xbb\xbfa: 1") == {"a": 1}
    assert read_document(b' {"a": 1}') == {"a": 1}


def test_files(tmp_path: Path) -> None:
    (tmp_path / "request.yaml").write_text("country: NO\n")
    (tmp_path / "request.json").write_text('{"country": "NO"}')
    assert (
        load_document(tmp_path / "request.yaml") == load_document(str(tmp_path / "request.json")) == {"country": "NO"}
    )
    for path, words in [
        (tmp_path / "reqest.yaml", "did you mean"),
        (tmp_path / "no" / "request.yaml", "no directory"),
        (tmp_path, "is a directory"),
        (Path("a\0b"), "cannot be read"),
    ]:
        with pytest.raises(RequestError, match=words):
            load_document(path)
