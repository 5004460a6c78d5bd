"""The OpenAPI document as one HTML page that needs nothing but itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from api.service.http.problems import KINDS

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.2rem; border-bottom: 1px solid #d5dde5; font-size: 1.2rem; }
section { margin: 1.2rem 0; } h3 { font: 600 1rem ui-monospace, monospace; margin: 0 0 .2rem; }
.verb { display: inline-block; min-width: 4.2rem; color: #fff; background: #176ca8; border-radius: 3px; text-align: center; }
.POST { background: #23803f; } .DELETE { background: #a83a2c; }
pre { background: #f3f6f9; padding: .6rem .8rem; overflow-x: auto; } td, th { text-align: left; padding: .15rem .8rem .15rem 0;
vertical-align: top; } code { background: #f3f6f9; } nav a { margin-right: 1rem; }
"""

START = """# a plan of the shipped example, about ten seconds of search
curl -s BASE/examples/stargate?time_limit_s=10 > request.json
# gives jobID
curl -s -H 'Content-Type: application/json' --data-binary @request.json BASE/plans
# status, incumbent, bound, gap
curl -s BASE/jobs/JOBID
# the same as it happens
curl -sN BASE/jobs/JOBID/events
# or gpkg, kml, csv, xlsx, html
curl -s BASE/plans/JOBID?f=geojson > sites.geojson"""
CODE = re.compile(r"(`{1,2})(.+?)\1")


def page(document: dict[str, Any], here: str) -> str:
    """The page, with curl lines for the address that it was asked for at."""
    tags: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, operations in document["paths"].items():
        for verb, operation in operations.items():
            tags.setdefault(operation.get("tags", ["other"])[0], []).append((verb.upper(), path, operation))
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Gigasite: the service</title>',
        f"<style>{STYLE}</style>",
        f"<h1>{escape(document['info']['title'])}</h1><p>{_words(document['info'].get('description', ''))}</p>",
        "<nav>",
        *(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in tags),
        '<a href="#all-problems">problems</a><a href="/openapi.json">openapi.json</a></nav>',
        f"<pre>{escape(START.replace('BASE', here))}</pre>",
    ]
    for tag, operations in tags.items():
        parts.append(f'<h2 id="{escape(tag)}">{escape(tag)}</h2>')
        for entry in operations:
            parts += _operation(*entry)
    parts.append('<h2 id="all-problems">Problems</h2><table><tr><th>status<th>kind<th>meaning<th>what to do')
    for name, kind in KINDS.items():
        parts.append(f"<tr><td>{kind.status}<td><code>{name}</code><td>{escape(kind.title)}<td>{_words(kind.advice)}")
    return "\n".join([*parts, "</table></html>"])


def _operation(verb: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f'<section><h3><span class="verb {verb}">{verb}</span> {escape(path)}</h3>'
    yield f"<b>{escape(operation.get('summary', ''))}.</b> {_words(operation.get('description', ''))}"
    parameters = operation.get("parameters", [])
    if parameters:
        yield "<table>"
        for parameter in parameters:
            words = _words(parameter.get("description") or parameter.get("schema", {}).get("description", ""))
            need = ", required" if parameter.get("required") else ""
            yield f"<tr><td><code>{escape(parameter['name'])}</code><td>{parameter['in']}{need}<td>{words}"
        yield "</table>"
    body = operation.get("requestBody", {}).get("content", {})
    if body:
        yield f"<p>Body: {escape(', '.join(body))}</p>"
    yield "<table>"
    for status, answer in operation.get("responses", {}).items():
        kinds = ", ".join(answer.get("content", {}))
        yield f"<tr><td>{escape(str(status))}<td>{_words(answer.get('description', ''))}<td>{escape(kinds)}"
    yield "</table></section>"


def _words(text: str) -> str:
    """Prose as HTML: what stands in back-quotes is code."""
    return CODE.sub(r"<code>\2</code>", escape(text))
