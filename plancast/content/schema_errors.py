"""The check of a document against its schema, with messages for authors.

jsonschema finds the errors; its sentences are for people who know schemas. Here each error becomes
a diagnostic that says what was expected and what was found, and suggests the key that was probably
meant. `_EXPLAINERS` has one function for each keyword that the schemas use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from plancast.content.foreign_keys import advice
from plancast.content.swallowed import QUOTE_IT
from plancast.model.diagnostics import Diagnostic, Pointer, problem
from plancast.model.quoting import closest, shorten

_TYPES = {
    "string": "a text",
    "object": "a mapping",
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "nothing",
}
# Blanks and control characters one by one: libraries differ in what `\s` means.
_WEB_ADDRESS = (
    "^https?://[^\\x00-\\x20\\x7f-\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+$"
)
_OF_A_FILE = re.compile(r"\b(?:images\[|video\b|thumbnail$)")
_PATTERNS = {
    _WEB_ADDRESS: "an address that begins with http:// or https://",
    "^[0-9]{1,6}[smhd]$": "a length of time such as 90s, 5m, 2h or 1d",
    "^(off|[0-9]{1,6}[smhd])$": "off, or a length of time such as 90s, 5m, 2h or 1d",
    "^off$": "off, or a whole number",
    "^[0-9]{1,3}%$": "a number or a percentage such as 20%",
    "^[0-9]{1,3}$": "a number of up to three digits, in quotes",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})$": (
        "a time with its offset such as 2026-12-01T18:00:00+01:00"
    ),
    "^[A-Za-z0-9][A-Za-z0-9._-]*$": "the name of a remote: letters, digits, dots, dashes",
    "^refs/[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)+$": (
        "the full name of a ref, such as refs/plancast/state or refs/heads/plancast-state"
    ),
    "^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$": (
        "an id of letters, digits, dots, dashes and underscores, with slashes between its parts"
    ),
    "^[A-Za-z0-9._-]+$": "letters, digits, dots, dashes and underscores",
}


MOST_PROBLEMS = 100
"""The most problems reported for one document: more of them are one mistake, repeated."""


def explained(error: Any, at: Pointer) -> Iterator[Diagnostic]:
    """Yield the problems that an error of jsonschema stands for; `at` is that of the document."""
    place = at
    for step in error.absolute_path:
        place = place / step
    where = _spelled(error.absolute_path)
    explain = _EXPLAINERS.get(error.validator)
    if explain is None:
        yield problem("PC203", f"{where}: {_shown(error.instance)}", at=place)
    else:
        yield from explain(error, place, where)


def meant_key(key: str, known: Iterable[str]) -> str:
    """Return the known key that an unknown one was probably meant to be; "" if none is."""
    known = tuple(known)
    named = _QUOTED.findall(advice(key, known))
    return next((name for name in named if name in known), "" if named else closest(key, known))


_QUOTED = re.compile(r"`(\w+)")
"""The keys that an advice names."""


def _unknown_key(error: Any, place: Pointer, where: str) -> Iterator[Diagnostic]:
    known = sorted(error.schema.get("properties", {}))
    for key in error.instance:
        if key in known:
            continue
        inside = f" in {where}" if error.absolute_path else ""
        hint = advice(str(key), known)
        if not hint:
            close = meant_key(str(key), known)
            hint = f"Did you mean `{close}`?" if close else f"Known here: {', '.join(known)}."
        yield problem("PC201", f"{key!r}{inside}", hint=hint, at=place / key)


def _wrong_type(error: Any, place: Pointer, where: str) -> Iterator[Diagnostic]:
    wanted = error.validator_value
    kinds = [wanted] if isinstance(wanted, str) else list(wanted)
    # The two mistakes that YAML invites: `text: 2026` is a number, `profiles: x` is no list.
    expected = " or ".join(_TYPES[kind] for kind in kinds)
    hint = ""
    if "string" in kinds and isinstance(error.instance, bool | int | float):
        hint = "Put it in quotes if it is a text."
    elif "string" in kinds and isinstance(error.instance, dict | list):
        # `text: [new] …` and `text:` with `Note: …` below it are a list and a mapping to YAML.
        hint = f"Is it a text? {QUOTE_IT}"
    elif error.instance is None:
        hint = "Write a value, or remove the key."
    elif kinds == ["object"] and (known := sorted(error.schema.get("properties", {}))):
        hint = f"Write it with keys. Known here: {', '.join(known)}."
    elif kinds == ["array"] and isinstance(error.instance, str):
        hint = f"Write it as a list: [{error.instance}]."
    detail = f"{where}: expected {expected}, found {_kind(error.instance)}"
    yield problem("PC202", detail, hint=hint, at=place)


def _missing(error: Any, place: Pointer, where: str) -> Iterator[Diagnostic]:
    for key in error.validator_value:
        if key not in error.instance:
            inside = f" in {where}" if error.absolute_path else ""
            only = error.schema.get("properties", {}).get(key, {}).get("const")
            hint = f"Write `{key}: {only}`." if only is not None else ""
            yield problem("PC204", f"`{key}`{inside}", hint=hint, at=place)


def _choice(error: Any, place: Pointer, where: str) -> Iterator[Diagnostic]:
    allowed = [str(item) for item in error.validator_value]
    close = closest(str(error.instance), allowed)
    hint = f"Did you mean `{close}`?" if close else f"One of: {', '.join(allowed)}."
    yield problem("PC203", f"{where}: {_shown(error.instance)}", hint=hint, at=place)


def _constant(error: Any, place: Pointer, where: str) -> Iterator[Diagnostic]:
    hint = f"Write {error.validator_value}."
    yield problem("PC203", f"{where}: {_shown(error.instance)}", hint=hint, at=place)


def _pattern(error: Any, place: Pointer, where: str) -> Iterator[Diagnostic]:
    wanted = _PATTERNS.get(error.validator_value, "another form")
    detail = f"{where}: {_shown(error.instance)}"
    hint = f"Expected {wanted}."
    if error.validator_value == _WEB_ADDRESS and _OF_A_FILE.search(where):
        hint += " plancast uploads no files: put it on the web first."
    yield problem("PC203", detail, hint=hint, at=place)


def _one_of(error: Any, place: Pointer, where: str) -> Iterator[Diagnostic]:
    names = [f"`{option['required'][0]}`" for option in error.validator_value]
    yield problem("PC203", where, hint=f"Write either {' or '.join(names)}.", at=place)


def _too_short(_error: Any, place: Pointer, where: str) -> Iterator[Diagnostic]:
    yield problem("PC203", f"{where}: it is empty", at=place)


def _too_many(error: Any, place: Pointer, where: str) -> Iterator[Diagnostic]:
    hint = f"At the most {error.validator_value}."
    yield problem("PC203", f"{where}: {len(error.instance)} items", hint=hint, at=place)


def _bounds(error: Any, place: Pointer, where: str) -> Iterator[Diagnostic]:
    # The keywords are `maximum`, `maxLength`, `minimum`, `exclusiveMinimum`.
    word = "at the most" if "ax" in error.validator else "at least"
    hint = f"{word.capitalize()} {error.validator_value}."
    yield problem("PC203", f"{where}: {_shown(error.instance)}", hint=hint, at=place)


_EXPLAINERS = {
    "additionalProperties": _unknown_key,
    "type": _wrong_type,
    "required": _missing,
    "enum": _choice,
    "const": _constant,
    "pattern": _pattern,
    "oneOf": _one_of,
    "minLength": _too_short,
    "minItems": _too_short,
    "minProperties": _too_short,
    "maxItems": _too_many,
    "maxLength": _bounds,
    "minimum": _bounds,
    "exclusiveMinimum": _bounds,
}


def _spelled(path: Any) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".") or "the file"


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "a mapping"


def _shown(value: object) -> str:
    """Spell a value as YAML does (`true`, nothing), not as Python does (`True`, `None`)."""
    text = _kind(value) if value is None or isinstance(value, bool) else repr(value)
    return shorten(text, 100)
