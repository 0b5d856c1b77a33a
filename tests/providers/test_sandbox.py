"""The sandbox of a workspace: how its world begins, its clock, and what commands do to it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plancast.files.folder import Folder
from plancast.files.refusals import LinkRefused
from plancast.model.entry import Entry
from plancast.model.exit_codes import Stop
from plancast.model.plan import RateWindow
from plancast.model.ports import OutcomeUnknown, Unreachable
from plancast.model.workspace import ProviderSettings
from plancast.providers import Connected, ProviderContext, connect
from plancast.providers.sandbox import (
    DATABASE,
    FAULT_KINDS,
    FOLDER,
    WORLD,
    SandboxClock,
    arm,
    begin,
    move_clock,
    open_world,
    same_file,
    show_clock,
)
from plancast.sandbox import World
from plancast.testing.fakes import START, FakeClock

AT = START.isoformat()


def connected(
    folder: Path, options: Mapping[str, object], clock: FakeClock | None = None
) -> Connected:
    return connect(
        ProviderContext(
            settings=ProviderSettings("sandbox", options),
            workspace_root=str(folder),
            environ={},
            clock=clock or FakeClock(),
            pacing_dir=str(folder / "pacing"),
            notify=lambda seconds, reason: None,
        )
    )


def codes(stop: pytest.ExceptionInfo[Stop]) -> list[str]:
    return [item.code for item in stop.value.diagnostics]


# -- how a world begins ----


def test_a_world_lives_in_the_workspace_and_git_ignores_it(tmp_path: Path) -> None:
    open_world(tmp_path, {}).close()
    assert (tmp_path / DATABASE).is_file()
    assert (tmp_path / FOLDER / ".gitignore").read_text() == "*\n"


def test_a_world_stays_what_it_was(tmp_path: Path) -> None:
    first = connected(tmp_path, {"clock": AT})
    profile = first.provider.profiles()[0]
    first.provider.create(Entry("a"), [profile])
    first.close()
    later = connected(tmp_path, {"clock": (START + timedelta(days=9)).isoformat()})
    assert len(later.provider.read([profile]).entries) == 1
    assert later.clock.now() == START
    later.close()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("seed.json", '{"profiles": [{"id": "a1", "service": "twitter"}]}'),
        ("seed.json", '\ufeff{"profiles": [{"id": "a1", "service": "twitter"}]}'),
        ("seed.yaml", "profiles:\n  - {id: a1, service: twitter}\n"),
        (
            "folder/seed.yml",
            "profiles:\r\n- id: a1\r\n  service: twitter\r\n"
            "  schedules: [{days: [mon], times: [09:30, 12:00]}]\r\n",
        ),
    ],
)
def test_a_world_can_begin_from_a_file(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
    one = connected(tmp_path, {"seed": name, "clock": AT})
    assert [profile.id for profile in one.provider.profiles()] == ["a1"]
    assert one.clock.now() == START
    one.close()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "PC002"),
        ("[]", "PC202"),
        ("", "PC202"),
        ("{", "PC002"),
        ("a: &x 1\nb: *x\n", "PC002"),
        ("a: !!python/object/apply:os.system [exit]\n", "PC002"),
        ("\x00", "PC002"),
        ("[" * 3000, "PC002"),
        ("nonsense: 1\n", "PC203"),
        ("profiles: [{id: a1, service: myspace}]\n", "PC203"),
        ("x: " + "y" * 5 * 1024 * 1024, "PC005"),
    ],
)
def test_a_seed_that_cannot_be_planted_leaves_no_world(
    tmp_path: Path, text: str | None, code: str
) -> None:
    if text is not None:
        (tmp_path / "seed.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Stop) as stop:
        open_world(tmp_path, {"seed": "seed.yaml"})
    assert codes(stop) == [code]
    assert not (tmp_path / DATABASE).exists()


@pytest.mark.parametrize("seed", ["../outside.json", "/etc/hostname", "link.json"])
def test_a_seed_lies_in_the_workspace(tmp_path: Path, seed: str) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (tmp_path / "outside.json").write_text("{}")
    (workspace / "link.json").symlink_to(tmp_path / "outside.json")
    with pytest.raises(Stop) as stop:
        open_world(workspace, {"seed": seed})
    assert codes(stop) == ["PC004"]


@pytest.mark.parametrize("clock", ["tomorrow", "2026-12-01 09:00", "12:30", 5, True, ["x"]])
def test_a_clock_is_a_moment(tmp_path: Path, clock: object) -> None:
    with pytest.raises(Stop) as stop:
        open_world(tmp_path, {"clock": clock})
    assert codes(stop) == ["PC203"]
    assert not (tmp_path / DATABASE).exists()


def other_world(tmp_path: Path) -> tuple[Path, bytes]:
    """A database that is none of the workspace's."""
    other = tmp_path / "other.db"
    World(other).close()
    return other, other.read_bytes()


def test_a_link_that_appears_while_the_database_is_opened_is_not_followed(tmp_path: Path) -> None:
    other, before = other_world(tmp_path)
    open_world(tmp_path, {}).close()
    folder = Folder(tmp_path.resolve(), (FOLDER,))
    check = same_file(folder, WORLD)
    (folder.path / WORLD).unlink()
    (folder.path / WORLD).symlink_to(other)
    with pytest.raises(LinkRefused):
        World(folder.path / WORLD, check=check)
    assert other.read_bytes() == before


def test_what_was_opened_is_what_was_looked_at(tmp_path: Path) -> None:
    other, before = other_world(tmp_path)
    open_world(tmp_path, {}).close()
    folder = Folder(tmp_path.resolve(), (FOLDER,))
    check = same_file(folder, WORLD)
    check(str(folder.path / WORLD))
    with pytest.raises(LinkRefused):
        check(str(other))  # a link that was there for no more than a moment
    other.replace(folder.path / WORLD)
    with pytest.raises(OSError, match="exchanged"):
        World(folder.path / WORLD, check=check)
    assert (folder.path / WORLD).read_bytes() == before


def test_a_workspace_need_not_have_a_name_in_unicode(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/w\xff"))
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system takes names in Unicode alone")
    open_world(folder, {}).close()
    assert (folder / DATABASE).is_file()


def test_a_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / FOLDER).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Stop) as stop:
        open_world(tmp_path, {})
    assert codes(stop) == ["PC011"]
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\x00" + b"x" * 5000])
def test_a_damaged_database_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / DATABASE).write_bytes(content)
    with pytest.raises(Stop) as stop:
        open_world(tmp_path, {})
    assert codes(stop) == ["PC809"]
    assert (tmp_path / DATABASE).read_bytes() == content


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file in the way")
    with pytest.raises(Stop) as stop:
        open_world(tmp_path, {})
    assert codes(stop) == ["PC809"]


def test_what_a_killed_process_left_behind_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "new.db").write_bytes(b"half a world")
    (tmp_path / FOLDER / "new.db-wal").write_bytes(b"and a log")
    with open_world(tmp_path, {"clock": AT}) as world:
        assert world.clock().moment == START
    assert not (tmp_path / FOLDER / "new.db").exists()


_OPENER = """
import sys
from pathlib import Path
from plancast.providers.sandbox import open_world
root = Path(sys.argv[1])
with open_world(root, {"seed": "seed.json"}) as world:
    profile = world.profiles()[0]
    world.person_create(profile.id, sys.argv[2])
"""


def test_processes_that_begin_together_share_one_world(tmp_path: Path) -> None:
    seed = {"profiles": [{"id": "a1", "service": "twitter"}]}
    (tmp_path / "seed.json").write_text(json.dumps(seed))
    command = [sys.executable, "-c", _OPENER, str(tmp_path)]
    runs = [subprocess.Popen([*command, f"post {n}"]) for n in range(3)]
    assert [run.wait(timeout=60) for run in runs] == [0, 0, 0]
    with open_world(tmp_path, {}) as world:
        texts = {item.content.text for item in world.snapshot()}
    assert texts == {"post 0", "post 1", "post 2"}


# -- limits ----


def test_a_world_has_a_request_limit_only_where_one_is_set(tmp_path: Path) -> None:
    free = connected(tmp_path, {})
    assert free.provider.windows() == ()
    free.close()
    paced = connected(tmp_path, {"rate_limit": {"requests": 7, "seconds": 9}})
    assert paced.provider.windows() == (RateWindow(7, 9, 7),)
    paced.provider.account()
    assert paced.provider.windows() == (RateWindow(7, 9, 6),)
    paced.close()
    free = connected(tmp_path, {})
    assert free.provider.windows() == ()
    free.close()


def test_the_limit_of_a_seed_holds(tmp_path: Path) -> None:
    (tmp_path / "seed.json").write_text('{"rate_limit": {"requests": 3, "seconds": 9}}')
    one = connected(tmp_path, {"seed": "seed.json"})
    assert one.provider.windows() == (RateWindow(3, 9, 3),)
    one.close()


def test_the_provider_knows_how_many_posts_fit(tmp_path: Path) -> None:
    one = connected(tmp_path, {"queue_limit": 2})
    assert one.provider.capabilities.queue_limit == 2
    profile = one.provider.profiles()[0]
    for text in "ab":
        one.provider.create(Entry(text), [profile])
    one.close()
    (tmp_path / "plain").mkdir()
    plain = connected(tmp_path / "plain", {})
    assert (plain.provider.capabilities.queue_limit or 0) > 0
    plain.close()


# -- the clock ----


def test_waiting_moves_a_clock_that_stands_still(tmp_path: Path) -> None:
    with World() as world:
        world.freeze(START)
        machine = FakeClock(datetime(2020, 1, 1, tzinfo=UTC))
        clock = SandboxClock(world, machine)
        clock.sleep(90)
        assert clock.now() == START + timedelta(seconds=90)
        assert clock.monotonic() == machine.monotonic()


def test_waiting_takes_its_time_where_the_clock_runs() -> None:
    with World() as world:
        machine = FakeClock()
        SandboxClock(world, machine).sleep(90)
        assert machine.slept == [90]


@pytest.mark.parametrize(
    ("move", "seconds"),
    [
        ("+90s", 90),
        ("+2m", 120),
        ("+2h", 7200),
        ("+1d", 86_400),
        ((START + timedelta(minutes=5)).isoformat(), 300),
        ("freeze", 0),
    ],
)
def test_moving_the_clock(move: str, seconds: int) -> None:
    with World() as world:
        world.freeze(START)
        assert move_clock(world, move).moment == START + timedelta(seconds=seconds)
        assert not show_clock(world).running


def test_letting_the_clock_run() -> None:
    with World() as world:
        world.freeze(START)
        assert move_clock(world, "run").running


@pytest.mark.parametrize(
    "move",
    ["", "+", "+h", "+2", "+²h", "+-2h", "yesterday", "2026-13-01T00:00:00Z", "+" + "9" * 30 + "d"],
)
def test_moves_that_are_none(move: str) -> None:
    with World() as world:
        world.freeze(START)
        with pytest.raises(Stop) as stop:
            move_clock(world, move)
        assert codes(stop) == ["PC401"]
        assert show_clock(world).moment == START


# -- commands ----


def test_beginning_again_forgets_everything(tmp_path: Path) -> None:
    with open_world(tmp_path, {"clock": AT}) as world:
        world.person_create(world.profiles()[0].id, "a")
        world.advance(5)
        begin(world, tmp_path, {"clock": AT})
        assert world.snapshot() == ()
        assert world.clock().moment == START


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_every_fault_can_be_armed(kind: str) -> None:
    with World() as world:
        arm(world, kind, endpoint="*", skip=0, times=1, seconds=2.5)
        (armed,) = world.faults()
        assert (armed.kind, armed.seconds) == (kind, 2.5)


def test_faults_that_are_none() -> None:
    with World() as world:
        with pytest.raises(Stop) as stop:
            arm(world, "meteor", endpoint="*", skip=0, times=1, seconds=None)
        assert codes(stop) == ["PC203"]
        assert world.faults() == ()


def test_a_database_that_breaks_under_way_is_a_broken_connection(tmp_path: Path) -> None:
    one = connected(tmp_path, {"clock": AT})
    profile = one.provider.profiles()[0]
    database = sqlite3.connect(tmp_path / DATABASE)
    database.execute("DROP TABLE updates")
    database.commit()
    database.close()
    with pytest.raises(OutcomeUnknown):
        one.provider.create(Entry("a"), [profile])
    with pytest.raises(Unreachable):
        one.provider.read([profile])
    one.close()
