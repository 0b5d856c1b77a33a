"""Case folders: a world, what is done in it, and what the plan must say.

Each `cases/NNN-name/case.yaml` is a story. `before` is applied first, so that it
is owned; then `person` edits the queue, `clock` moves; then `desired` is
planned and compared with `expect`. At the end the plan is applied, and the plan
after that must have nothing to do, unless `again` says otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from plancast.model.plan import Action, Plan
from tests.engine.worlds import PROFILES, Loop, entry, moment, wanted

CASES = sorted(path.parent for path in Path(__file__).parent.glob("cases/*/case.yaml"))


class _Loader(yaml.SafeLoader):
    """Dates stay text."""


_Loader.yaml_implicit_resolvers = {
    key: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for key, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def test_there_are_cases() -> None:
    assert len(CASES) >= 20


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_case(folder: Path) -> None:
    text = (folder / "case.yaml").read_text(encoding="utf-8")
    case = yaml.load(text, Loader=_Loader)
    loop = Loop.at(case.get("now", "2026-11-23 09:00"))
    able = loop.provider.capabilities
    edits_failed = case.get("edits_failed", True)
    loop.provider.capabilities = replace(able, edits_failed=edits_failed)
    loop.converge([wanted(spec) for spec in case.get("before", [])])
    _act(loop, case.get("person", []))
    if "clock" in case:
        loop.clock.advance((moment(case["clock"]) - loop.clock.now()).total_seconds())
    if case.get("state") == "lost":
        loop.store.forget()
    desired = [wanted(spec) for spec in case.get("desired", [])]

    planned = loop.plan(desired)

    assert _changes_by_key(planned.plan) == {
        _key(item): item for item in map(_expected, case["expect"])
    }
    assert [item.code for item in planned.plan.diagnostics] == case.get("diagnostics", [])
    assert [item.text for item in planned.plan.unmanaged] == case.get("unmanaged", [])
    assert planned.plan.budget.requests == case.get("requests", 0)
    if planned.plan.can_apply:
        before = len(loop.provider.calls)
        loop.apply(planned)
        made = [call for call in loop.provider.calls[before:] if call.method != "read"]
        assert len(made) == case.get("requests", 0)
        again = loop.plan(desired).plan
        acting = [str(item.address) for item in again.changes if item.action is not Action.NONE]
        assert acting == case.get("again", [])
        assert [item.text for item in again.unmanaged] == case.get("unmanaged", [])


def _act(loop: Loop, steps: list[dict[str, Any]]) -> None:
    """Do what a person does in Buffer, from its short form."""
    for step in steps:
        profile = PROFILES[step["profile"]]
        if "make" in step:
            loop.provider.add(entry(step["make"]), profile)
            continue
        target = next(
            item for item in loop.provider.queue(profile.id) if item.entry.text == step["find"]
        )
        if step["do"] == "edit":
            due = moment(step["at"]) if "at" in step else None
            loop.provider.edit(target.id, text=step.get("text"), due_at=due)
        elif step["do"] == "remove":
            loop.provider.remove(target.id)
        elif step["do"] == "publish":
            loop.provider.publish(target.id)
        elif step["do"] == "refuse":
            loop.provider.fail(target.id)
        else:
            raise ValueError(step)


def _changes_by_key(plan: Plan) -> dict[str, dict[str, Any]]:
    summaries = {}
    for change in plan.changes:
        item = {
            "address": str(change.address),
            "action": change.action.value,
            "fields": [leaf.path for leaf in change.fields],
            "drift": [leaf.path for leaf in change.drift],
            "situations": [situation.value for situation in change.situations],
        }
        summaries[_key(item)] = item
    return summaries


def _key(item: dict[str, Any]) -> str:
    return f"{item['address']} {item['action']}"


def _expected(item: dict[str, Any]) -> dict[str, Any]:
    return {"fields": [], "drift": [], "situations": [], **item}
