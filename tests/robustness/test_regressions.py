"""Inputs that once ended with exit 70, row by row: found by the other tests here or by people."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from plancast.model.exit_codes import ExitCode
from tests.commands.workspace_dir import WorkspaceDir, post, workspace_yaml
from tests.robustness.ends import applied_workspace, must_end_well, state

Damage = Callable[[WorkspaceDir], None]


def owned(**fields: Any) -> Damage:
    """The state, with these fields of what it owns at a@x."""

    def damage(workspace: WorkspaceDir) -> None:
        document = state(workspace)
        document["resources"]["a@x"].update(fields)
        workspace.state_file.write_text(json.dumps(document))

    return damage


def whole(**fields: Any) -> Damage:
    """The state, with these fields of its own."""

    def damage(workspace: WorkspaceDir) -> None:
        workspace.state_file.write_text(json.dumps({**state(workspace), **fields}))

    return damage


def entry(**fields: Any) -> Damage:
    """The state, with these fields of the entry that it owns at a@x."""

    def damage(workspace: WorkspaceDir) -> None:
        document = state(workspace)
        document["resources"]["a@x"]["applied"].update(fields)
        workspace.state_file.write_text(json.dumps(document))

    return damage


def renamed(address: str) -> Damage:
    """The state, with another address in the place of a@x."""

    def damage(workspace: WorkspaceDir) -> None:
        document = state(workspace)
        document["resources"][address] = document["resources"].pop("a@x")
        workspace.state_file.write_text(json.dumps(document))

    return damage


def spelled(before: str, after: str) -> Damage:
    """The state, with a part of its text spelled in another way."""

    def damage(workspace: WorkspaceDir) -> None:
        text = json.dumps(state(workspace))
        assert before in text
        workspace.state_file.write_text(text.replace(before, after, 1))

    return damage


def journalled(body: bytes) -> Damage:
    """A journal with a line whose checksum fits."""

    def damage(workspace: WorkspaceDir) -> None:
        line = sha256(body).hexdigest()[:16].encode() + b" " + body + b"\n"
        (workspace.folder / ".plancast" / "journal.jsonl").write_bytes(line)

    return damage


STATES: dict[str, tuple[Damage, str]] = {
    "half a character in a text": (entry(text="\ud800"), "PC601"),
    "half a character in a key": (entry(metadata={"\udc00": "x"}), "PC601"),
    "an empty remote id": (owned(remote_id=""), "PC601"),
    "an empty profile id": (owned(profile_id=""), "PC601"),
    "an address with a path out": (renamed("a/../b@x"), "PC601"),
    "an address with an escape": (renamed("a\x1b[2J@x"), "PC601"),
    "the last moment there is": (owned(due_at="9999-12-31T23:59:59Z"), "PC601"),
    "the first moment there is": (owned(created_at="0001-01-01T00:00:00Z"), "PC601"),
    "a moment beyond the calendar": (whole(read_at="9999-12-31T23:59:59-14:00"), "PC601"),
    "a serial of 300 digits": (whole(serial=10**300), "PC601"),
    "a serial of 5000 digits": (spelled('"serial": ', '"serial": ' + "9" * 5000), "PC601"),
    "not a number": (spelled('"epoch": 1', '"epoch": NaN'), "PC601"),
    "an address twice": (spelled('"b@x": ', '"a@x": '), "PC601"),
    "a journal that is no JSON": (journalled(b"hello"), "PC603"),
    "a journal that is nested": (journalled(b"[" * 100_000), "PC603"),
    "a journal with half a character": (
        journalled(rb'{"kind":"sending","intent":"\ud800","at":"2026-11-30T08:00:00Z"}'),
        "PC603",
    ),
    "a journal of an unknown kind": (journalled(b'{"kind":"x"}'), "PC603"),
    "a journal of an intent without a serial": (
        journalled(
            b'{"kind":"outcome","intent":"x","outcome":"unknown","at":"2026-11-30T08:00:00Z"}'
        ),
        "PC603",
    ),
}
COMMANDS = (
    ("plan",),
    ("status",),
    ("state", "list"),
    ("apply", "--auto-approve"),
    ("state", "mv", "b@x", "z@x"),
)


@pytest.mark.parametrize("name", STATES)
def test_a_state(name: str) -> None:
    damage, code = STATES[name]
    with applied_workspace() as workspace:
        damage(workspace)
        content = workspace.state_file.read_bytes()
        for args in COMMANDS:
            result = must_end_well(workspace, *args)
            assert (result.code, result.codes) == (ExitCode.ERROR, [code]), (args, result.err)
        assert workspace.state_file.read_bytes() == content
        assert workspace.texts() == ["Alpha.", "Beta. https://acme.example/", "Gamma.", "Gamma."]


# -- files ----

GOOD = {"a.yaml": post("A.").encode()}
FILES: dict[str, tuple[dict[str, bytes], str]] = {
    "half a character": ({"a.yaml": rb"profiles: [x]" + b"\n" + rb'text: "\ud800"'}, "PC101"),
    "a null in the path of posts": (
        {**GOOD, "plancast.yaml": workspace_yaml().encode() + rb'content: ["\0"]'},
        "PC203",
    ),
    "a pattern that is none": (
        {**GOOD, "plancast.yaml": workspace_yaml().encode() + b'content: ["a**b/*.yaml"]'},
        "PC203",
    ),
    "a name that is too long": (
        {**GOOD, "plancast.yaml": workspace_yaml().encode() + b"content: [" + b"a" * 300 + b"]"},
        "PC002",
    ),
}


def seeded(seed: object) -> dict[str, bytes]:
    """A workspace whose sandbox begins with this."""
    settings = workspace_yaml(provider="{name: sandbox, seed: s.json}").encode()
    return {**GOOD, "plancast.yaml": settings, "s.json": json.dumps(seed).encode()}


OWNER = {"id": "p1", "service": "twitter"}
SEEDS: dict[str, object] = {
    "another thing": [],
    "an unknown key": {"\ud800": 1},
    "half a character": {"profiles": [{**OWNER, "service_username": "\ud800"}]},
    "half a character in a token": {"account": {"token": "\udcff"}},
    "half a character in a post": {
        "profiles": [OWNER],
        "posts": [{"profile": "p1", "text": "\ud800"}],
    },
    "tokens that are no list": {"account": {"tokens": 7}},
    "days that are no list": {"profiles": [{**OWNER, "schedules": [{"days": 1}]}]},
    "times that are no list": {"profiles": [{**OWNER, "schedules": [{"times": True}]}]},
    "a day that is a list": {"profiles": [{**OWNER, "schedules": [{"days": [[]], "times": []}]}]},
    "a time that is a list": {
        "profiles": [{**OWNER, "schedules": [{"days": ["mon"], "times": [["09:00"]]}]}]
    },
    "a number that is none": {"profiles": [{**OWNER, "created_at": "soon"}]},
    "a number of 30 digits": {"profiles": [{**OWNER, "created_at": 10**30}]},
    "figures that are none": {"profiles": [{**OWNER, "statistics": {"followers": 1.5}}]},
    "media that are a text": {
        "profiles": [OWNER],
        "posts": [{"profile": "p1", "text": "x", "media": "x"}],
    },
    "pictures that are numbers": {
        "profiles": [OWNER],
        "posts": [{"profile": "p1", "text": "x", "extra_media": [1]}],
    },
    "tags that are a number": {
        "profiles": [OWNER],
        "posts": [{"profile": "p1", "text": "x", "tags": 1}],
    },
    "a time that is a mapping": {
        "profiles": [OWNER],
        "posts": [{"profile": "p1", "text": "x", "scheduled_at": {}}],
    },
    "a clock that is a mapping": {"clock": {}},
    "a zone that is a folder": {"profiles": [{**OWNER, "timezone": "Europe"}]},
    "a zone that is too long": {"profiles": [{**OWNER, "timezone": "a" * 300}]},
    "limits that are a list": {"switches": {"character_limits": [1]}},
    "seconds of 300 digits": {"rate_limit": {"requests": 1, "seconds": 10**300}},
}


@pytest.mark.parametrize("name", FILES)
def test_a_file(tmp_path: Path, name: str) -> None:
    files, code = FILES[name]
    workspace = WorkspaceDir.tiny(tmp_path)
    for path, content in files.items():
        (tmp_path / path).write_bytes(content)
    before = workspace.files()
    for args in (("validate",), ("plan", "--offline"), ("apply", "--auto-approve")):
        result = must_end_well(workspace, *args)
        assert result.code == ExitCode.ERROR
        assert code in result.errors, result.err
    assert workspace.files() == before


@pytest.mark.parametrize("name", SEEDS)
def test_a_seed(tmp_path: Path, name: str) -> None:
    workspace = WorkspaceDir(tmp_path)
    for path, content in seeded(SEEDS[name]).items():
        (tmp_path / path).write_bytes(content)
    result = must_end_well(workspace, "plan")
    assert result.code == ExitCode.ERROR
    assert len(result.errors) == 1, result.err


CLOCKS = ["9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"]


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_clock_beyond_the_calendar(tmp_path: Path, clock: str) -> None:
    workspace = WorkspaceDir.tiny(
        tmp_path, provider=f"{{name: sandbox, clock: '{clock}'}}", a=post("A.")
    )
    assert must_end_well(workspace, "plan").code == ExitCode.ERROR
    workspace.write("plancast.yaml", workspace_yaml())
    assert must_end_well(workspace, "sandbox", "clock", clock).code == ExitCode.ERROR
    assert must_end_well(workspace, "sandbox", "clock", "+9999999999d").code == ExitCode.ERROR
    assert must_end_well(workspace, "plan").code == ExitCode.DONE
