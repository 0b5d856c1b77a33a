"""Every key of `policy:` changes the policy that is built, and every field of it has a key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from jsonschema import Draft202012Validator

from plancast.content.parse import workspace
from plancast.content.schema import schema_text
from plancast.model.diagnostics import Pointer
from plancast.model.workspace import Policy

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plan.md"
SCHEMA: dict[str, Any] = json.loads(schema_text("workspace"))
KEYS: dict[str, Any] = SCHEMA["properties"]["policy"]["properties"]
FIELDS = {item.name for item in fields(Policy)}
WINDOW = {"from": "2026-12-24 00:00", "to": "2026-12-27 00:00"}
CANDIDATES = (True, False, 7, "7m", "7%", [WINDOW])


def values(spec: dict[str, Any]) -> Iterator[Any]:
    """Yield values that the schema of a key takes and that are not its default."""
    checked = Draft202012Validator({**spec, "$defs": SCHEMA["$defs"]})
    for value in spec.get("examples") or spec.get("enum") or CANDIDATES:
        if checked.is_valid(value) and value != spec.get("default"):
            yield value


def built(spec: dict[str, Any]) -> Policy:
    made, problems = workspace({"version": 1, "profiles": {}, "policy": spec}, ".", Pointer("a"))
    assert problems == []
    return made.policy


def changed(name: str, value: object) -> set[str]:
    """Return the fields in which a policy with one key is not the usual one."""
    policy, usual = built({name: value}), Policy()
    return {item for item in FIELDS if getattr(policy, item) != getattr(usual, item)}


def has_effect(name: str, value: object) -> bool:
    """Return whether a key reaches the fields that it is named after, and no other one."""
    return bool(changed(name, value)) and changed(name, value) <= {name, f"{name}_percent"}


@pytest.mark.parametrize("name", KEYS)
def test_every_key_of_the_schema_changes_the_policy(name: str) -> None:
    tried = list(values(KEYS[name]))
    assert tried, f"no value is known for policy.{name}: add one to CANDIDATES"
    ignored = [value for value in tried if not has_effect(name, value)]
    assert ignored == [], (
        f"policy.{name} is read and ignored: add it to Policy (model/workspace.py)"
    )


def test_a_key_that_the_policy_lacks_would_be_found() -> None:
    assert not has_effect("zzz", 7)


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_every_field_of_the_policy_has_a_key(name: str) -> None:
    key = name.removesuffix("_percent")
    assert key in KEYS, f"Policy.{name} has no key in policy: of schemas/workspace.schema.json"


@pytest.mark.parametrize("name", [name for name in KEYS if "default" in KEYS[name]])
def test_the_default_of_the_schema_is_that_of_the_policy(name: str) -> None:
    assert changed(name, KEYS[name]["default"]) == set()


@pytest.mark.parametrize("name", [name for name in KEYS if "enum" in KEYS[name]])
def test_the_words_of_the_schema_are_those_of_the_policy(name: str) -> None:
    hint = get_type_hints(Policy, include_extras=True)[name]
    is_enum = isinstance(hint, type) and issubclass(hint, Enum)
    words = [item.value for item in hint] if is_enum else list(hint.__metadata__[0])
    assert KEYS[name]["enum"] == words


@pytest.mark.parametrize("name", KEYS)
def test_every_key_of_the_policy_is_described(name: str) -> None:
    section = PAGE.read_text(encoding="utf-8").partition("\n## Policy\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    described = {key for line in rows for key in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert name in described, "docs/plan.md: a row in the table of the policy"
