"""The JSON schemas: one source for editors, for validation and for `plancast schema`.

`schema_text` returns the text as it is shipped, `validator` the compiled form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

SCHEMAS = ("post", "workspace", "moves", "plan", "state", "event")
_FILES = ("post", "workspace", "moves")
"""The schemas of files that an author writes. They refer to each other."""

_INSTALLED = Path(__file__).parent.parent / "schemas"
_CHECKOUT = Path(__file__).parent.parent.parent / "schemas"


def schema_text(name: str) -> str:
    """Read a schema as it is shipped, from the installed package or from a checkout."""
    folder = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return (folder / f"{name}.schema.json").read_text(encoding="utf-8")


@cache
def validator(name: str) -> Any:
    """Return the validator of a schema, built once: building costs fifty times what using does."""
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415
    from referencing import Registry, Resource  # noqa: PLC0415

    documents = [json.loads(schema_text(item)) for item in _FILES]
    if name not in _FILES:
        documents.append(json.loads(schema_text(name)))
    registry: Any = Registry().with_resources(
        (document["$id"], Resource.from_contents(document)) for document in documents
    )
    wanted = next(item for item in documents if item["$id"].endswith(f"/{name}.schema.json"))
    extend: Any = validators.extend
    return extend(Draft202012Validator, {"pattern": _pattern})(wanted, registry=registry)


def takes_setting(service: str, key: str, value: str | bool) -> bool:
    """Return whether a post file can hold this setting of a network under `metadata`."""
    return bool(validator("post").is_valid({"metadata": {service: {key: value}}}))


def choices(service: str, key: str) -> tuple[str | bool, ...]:
    """Return the values that a setting under `metadata` can have; empty if it takes free text."""
    networks = validator("post").schema["$defs"]["metadata"]["properties"]
    spec = networks.get(service, {}).get("properties", {}).get(key, {})
    return (True, False) if spec.get("type") == "boolean" else tuple(spec.get("enum", ()))


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[Any]:
    """Match a pattern as JSON Schema defines it: Python's `$` would let a final line end pass."""
    if isinstance(value, str) and not _compiled(pattern).search(value):
        from jsonschema import ValidationError  # noqa: PLC0415

        yield ValidationError(f"{value!r} does not match {pattern!r}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\$$", r"\\Z", pattern))
