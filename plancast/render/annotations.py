"""Diagnostics in the forms that a forge shows at the lines of a pull request.

Two forms: the *workflow commands* of GitHub Actions, which a step prints and the runner reads, and
SARIF 2.1.0, which code scanning services import. Both expect files to be named from the top of the
checkout, so the caller passes diagnostics that are. A diagnostic without a place is put on the
first line of plancast.yaml, because SARIF results without one are dropped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from plancast.model.codes import CODES
from plancast.model.diagnostics import Diagnostic, Severity, in_order
from plancast.render.terminal.style import safe, to_json

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_HOME = "https://github.com/plancast/plancast"
WORKSPACE_FILE = "plancast.yaml"


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one workflow command per line, the worst first: GitHub shows ten of each kind."""
    return "".join(_command(item) + "\n" for item in in_order(diagnostics))


def render_sarif(diagnostics: Iterable[Diagnostic], version: str) -> str:
    """Return a SARIF log with one run, as JSON. `version` is that of plancast."""
    ordered = in_order(diagnostics)
    codes = sorted({item.code for item in ordered})
    driver = {
        "name": "plancast",
        "version": version,
        "informationUri": _HOME,
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(item, codes) for item in ordered],
    }
    return to_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


# -- workflow commands --------------------------------------------------------------------------


def _command(item: Diagnostic) -> str:
    properties = {"title": f"{item.code}: {item.summary}", "file": _file(item)}
    if item.source:
        properties["line"] = str(item.source.line)
        properties["col"] = str(item.source.column)
        if item.source.end_column > item.source.column:
            properties["endColumn"] = str(item.source.end_column)
    property_list = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[item.severity]} {property_list}::{_data(_message(item))}"


def _data(text: str) -> str:
    """Encode the message of a command. The runner decodes these three, and ends at a line end."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Encode the value of a property, which ends at a comma or a colon as well."""
    return _data(safe(text)).replace(":", "%3A").replace(",", "%2C")


# -- SARIF --------------------------------------------------------------------------------------


def _rule(code: str) -> dict[str, object]:
    row = CODES[code]
    rule: dict[str, object] = {
        "id": code,
        "shortDescription": {"text": row.summary},
        "defaultConfiguration": {"level": _LEVELS[Severity(row.severity)]},
        "helpUri": f"{_HOME}/blob/main/docs/reference/diagnostics.md",
    }
    if row.hint:
        rule["help"] = {"text": row.hint}
    return rule


def _result(item: Diagnostic, codes: Sequence[str]) -> dict[str, object]:
    # A name of a file need not be UTF-8: its bytes are quoted as they are.
    uri = quote(_file(item).encode("utf-8", "surrogateescape"), safe="/")
    region: dict[str, int] = {"startLine": item.source.line if item.source else 1}
    if item.source:
        region["startColumn"] = item.source.column
        if item.source.end_column > item.source.column:
            region["endColumn"] = item.source.end_column
    place = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": region}
    return {
        "ruleId": item.code,
        "ruleIndex": codes.index(item.code),
        "level": _LEVELS[item.severity],
        "message": {"text": _message(item)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"plancast/v1": _fingerprint(item)},
    }


def _fingerprint(item: Diagnostic) -> str:
    """Return a fingerprint that stays the same if lines are added above the problem.

    It contains the text of the line in the place of its number.
    """
    line = item.source.text.strip() if item.source else ""
    parts = (item.code, _file(item), item.address, line, item.detail)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


# -- both ---------------------------------------------------------------------------------------


def _file(item: Diagnostic) -> str:
    return item.source.file if item.source else (item.at.file if item.at else WORKSPACE_FILE)


def _message(item: Diagnostic) -> str:
    """Return the detail, the address and the hint, in two lines at the most. Never empty."""
    detail = item.detail or item.summary
    parts = (f"{detail} ({item.address})" if item.address else detail, item.hint)
    return safe("\n".join(part for part in parts if part))
