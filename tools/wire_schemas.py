"""Write the fields of an entry into the schemas of plan and state, from the table of fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plancast.model.entry import Entry
from plancast.model.entry_fields import (
    ENTRY_FIELDS,
    AnyField,
    Kind,
    Presence,
    defaults,
    in_documents,
)

WIDTH = 100
"""Columns up to which a value stands on one line."""


def wire_schema(path: Path) -> str:
    """Return the text of a schema with all fields of an entry.

    The schema of a known field is kept, such as its description by hand; a new field gets the type
    of its kind.
    """
    text = path.read_text(encoding="utf-8")
    entry = json.loads(text)["$defs"]["entry"]
    rows = in_documents(Entry, ENTRY_FIELDS)
    known = entry["properties"]
    entry["required"] = [row.name for row in rows if row.presence is not Presence.IF_SET]
    entry["properties"] = {
        row.name: known[row.name] if row.name in known else wire_type(row) for row in rows
    }
    begin = text.index('\n    "entry": {') + 1
    end = text.index("\n    },\n", begin) + len("\n    }")
    return text[:begin] + f'    "entry": {as_json(entry, 4, 4 + len("entry: ,") + 2)}' + text[end:]


def wire_type(row: AnyField) -> Mapping[str, Any]:
    """Return the type as which the codec writes a field. Kinds with parts are described by hand.

    Raises KeyError for those.
    """
    usual = defaults(Entry)[row.name]
    words = [word.value for word in row.words] if row.words else []
    types: Mapping[Kind, Mapping[str, Any]] = {
        Kind.TEXT: {"type": "string"},
        Kind.NUMBER: {"type": "integer"},
        Kind.FLAG: {"type": "boolean"},
        Kind.MOMENT: {"anyOf": [{"$ref": "#/$defs/time"}, {"type": "null"}]},
        Kind.WORD: {"enum": words if usual else [*words, None]},
        Kind.NAMES: {"type": "array", "items": {"type": "string"}},
    }
    return types[row.kind]


def as_json(value: object, indent: int, lead: int) -> str:
    """Format JSON as the schemas are written: a value that fits stands on one line.

    A mapping that holds a mapping never does. `lead`: columns that are taken on the first line.
    """
    flat = _flat(value)
    nested = isinstance(value, dict) and any(isinstance(item, dict) for item in value.values())
    if not isinstance(value, dict | list) or (not nested and lead + len(flat) <= WIDTH):
        return flat
    inner = indent + 2
    if isinstance(value, dict):
        names = [f"{json.dumps(key)}: " for key in value]
        lines = [
            name + as_json(item, inner, inner + len(name) + 1)
            for name, item in zip(names, value.values(), strict=True)
        ]
    else:
        lines = [as_json(item, inner, inner + 1) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    body = ",\n".join(f"{' ' * inner}{line}" for line in lines)
    return f"{opening}\n{body}\n{' ' * indent}{closing}"


def _flat(value: object) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{json.dumps(key)}: {_flat(item)}" for key, item in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flat, value))}]"
    return json.dumps(value, ensure_ascii=False)
