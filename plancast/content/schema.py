"""The JSON schemas: one source for editors, for validation and for `plancast schema`.

`schema_text` returns the text as it is shipped. Two libraries read it. `accepts` asks
jsonschema-rs, which is thirty times faster and only says yes or no. `validator` is that of
jsonschema, which finds what is wrong. jsonschema-rs has wheels for the usual platforms alone;
without it jsonschema does both, with the same verdicts.
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


def accepts(name: str, value: Any) -> bool:
    """Return whether a document fits a schema of `_FILES`."""
    fast = _fast_validator(name)
    if fast is not None:
        try:
            if fast.is_valid(value):
                return True
        except (TypeError, ValueError):
            pass  # a value that JSON has no form for; jsonschema takes any
    return bool(validator(name).is_valid(value))


@cache
def _fast_validator(name: str) -> Any:
    """Return the validator of jsonschema-rs, built once; None if that is not installed."""
    try:
        from jsonschema_rs import Draft202012Validator, Registry  # noqa: PLC0415
    except ImportError:
        return None
    documents = _documents(name)
    registry = Registry([(document["$id"], document) for document in documents])
    return Draft202012Validator(_wanted(name, documents), registry=registry)


@cache
def validator(name: str) -> Any:
    """Return the validator of a schema, built once: building costs fifty times what using does."""
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415
    from referencing import Registry, Resource  # noqa: PLC0415

    documents = _documents(name)
    registry: Any = Registry().with_resources(
        (document["$id"], Resource.from_contents(document)) for document in documents
    )
    extend: Any = validators.extend
    made = extend(Draft202012Validator, {"pattern": _pattern})
    return made(_wanted(name, documents), registry=registry)


def _documents(name: str) -> list[Any]:
    """Return the schemas of files, which refer to each other, and the named one."""
    return [json.loads(schema_text(item)) for item in dict.fromkeys((*_FILES, name))]


def _wanted(name: str, documents: list[Any]) -> Any:
    return next(item for item in documents if item["$id"].endswith(f"/{name}.schema.json"))


def takes_setting(service: str, key: str, value: str | bool) -> bool:
    """Return whether a post file can hold this setting of a network under `metadata`."""
    return accepts("post", {"metadata": {service: {key: value}}})


def choices(service: str, key: str) -> tuple[str | bool, ...]:
    """Return the values that a setting under `metadata` can have; empty if it takes free text."""
    networks = validator("post").schema["$defs"]["metadata"]["properties"]
    spec = networks.get(service, {}).get("properties", {}).get(key, {})
    return (True, False) if spec.get("type") == "boolean" else tuple(spec.get("enum", ()))


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[Any]:
    """Match a pattern as JSON Schema defines it: in Python `$` lets a final line end pass."""
    if isinstance(value, str) and not _compiled(pattern).search(value):
        from jsonschema import ValidationError  # noqa: PLC0415

        yield ValidationError(f"{value!r} does not match {pattern!r}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\$$", r"\\Z", pattern))
