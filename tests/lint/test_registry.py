"""Each rule that is written is also asked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest

import plancast.lint
from plancast.lint.registry import ENTRY_RULES, QUEUE_RULES
from plancast.model.codes import CODES
from plancast.model.workspace import CheckLevel, Policy

ROOM = Path(plancast.lint.__file__).parent
ENTRY = ["Desired", "LintContext"]
QUEUE = ["Sequence[Desired]", "LintContext"]


def rules(room: Path, kinds: list[str]) -> Iterator[str]:
    """Yield the public functions below a folder whose arguments are of these kinds."""
    for path in sorted(room.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                found = [ast.unparse(one.annotation) for one in node.args.args if one.annotation]
                if found == kinds and path.stem != "registry":
                    yield f"{path.stem}.{node.name}"


def name(rule: object) -> str:
    return f"{rule.__module__.rpartition('.')[2]}.{getattr(rule, '__name__', '')}"


def test_each_rule_about_an_entry_has_a_row() -> None:
    assert set(rules(ROOM, ENTRY)) == {name(rule) for rule in ENTRY_RULES}, (
        "add a row to ENTRY_RULES of plancast/lint/registry.py"
    )


def test_each_rule_about_entries_beside_each_other_has_a_row() -> None:
    assert set(rules(ROOM, QUEUE)) == {name(rule) for rule in QUEUE_RULES}, (
        "add a row to QUEUE_RULES of plancast/lint/registry.py"
    )


def test_a_rule_without_a_row_is_noticed(tmp_path: Path) -> None:
    rule = "def no_weekend(item: Desired, context: LintContext) -> Iterator[Diagnostic]: ..."
    (tmp_path / "weekend.py").write_text(rule)
    assert list(rules(tmp_path, ENTRY)) == ["weekend.no_weekend"]


def test_each_code_that_a_rule_reports_is_known() -> None:
    for path in sorted(ROOM.glob("*.py")):
        codes = set(re.findall(r'"(PC\d{3})"', path.read_text(encoding="utf-8")))
        assert codes <= CODES.keys(), f"add the codes of {path.name} to plancast/model/codes.py"


def checks() -> list[str]:
    """Return the fields of the policy that give a rule its weight."""
    hints = get_type_hints(Policy, include_extras=True)
    return [name for name, hint in hints.items() if hint == CheckLevel]


@pytest.mark.parametrize("key", checks())
def test_each_check_of_the_policy_is_read_by_a_rule(key: str) -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in ROOM.glob("*.py")]
    read = {n.attr for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    assert key in read, f"policy.{key}: write its rule in plancast/lint"


def test_each_code_that_a_rule_reports_has_a_case() -> None:
    cases = (Path(__file__).parent / "test_rules.py").read_text(encoding="utf-8")
    for path in sorted(ROOM.glob("*.py")):
        codes = set(re.findall(r'"(PC\d{3})"', path.read_text(encoding="utf-8")))
        missing = sorted(code for code in codes if f'"{code}"' not in cases)
        assert missing == [], f"tests/lint/test_rules.py: add a case for each code of {path.name}"
