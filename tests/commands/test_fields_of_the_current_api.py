"""Fields that only Buffer's current API has: apply, edit, import and pull leave nothing to do.

Each row of POSTS is a post with such fields. A second client makes a person's edits in Buffer.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from plancast.model.entry import Entry, Link, ThreadItem
from plancast.model.workspace import ProviderSettings
from plancast.providers import ProviderContext, connect
from plancast.providers.sandbox import open_world
from plancast.testing.fakes import FakeClock
from tests.commands.workspace_dir import NOW, WorkspaceDir

CHANNELS = {"x": "twitter", "ig": "instagram", "th": "threads", "bs": "bluesky", "ss": "substack"}
SPACE = (
    f"version: 1\nprovider: {{name: sandbox, api: graphql, clock: {NOW}}}\n"
    "timezone: Europe/Berlin\nprofiles:\n"
) + "".join(f"  {alias}: {{service: {name}}}\n" for alias, name in CHANNELS.items())
DATES = Link("https://acme.example/dates")
IMAGE = "images: [{url: https://acme.example/a.png, alt: A yard}]\n"


@dataclass(frozen=True, slots=True)
class Case:
    """A post on a profile, an edit of its file, and an edit in Buffer with what `pull` writes."""

    profile: str
    body: str
    edit: tuple[str, str]
    in_buffer: Callable[[Entry], Entry]
    pulled: tuple[str, str]


def setting(name: str, value: str) -> Callable[[Entry], Entry]:
    """Return the edit that gives an entry another setting."""

    def changed(entry: Entry) -> Entry:
        return replace(entry, metadata=tuple(sorted({**dict(entry.metadata), name: value}.items())))

    return changed


POSTS: Mapping[str, Case] = {
    "a retweet": Case(
        "x",
        "metadata: {twitter: {retweet: https://x.com/acme/status/20?s=20}}\n",
        ("status/20", "status/21"),
        setting("retweet", "22"),
        ("https://x.com/acme/status/20?s=20", '"22"'),
    ),
    "a place on Instagram": Case(
        "ig",
        f'{IMAGE}metadata: {{instagram: {{location_id: "7", location: Rome}}}}\n',
        ("location: Rome", "location: Roma"),
        setting("location", "The yard"),
        ("location: Rome", "location: The yard"),
    ),
    "a place on Threads": Case(
        "th",
        'metadata: {threads: {location_id: "7", location: Rome}}\n',
        ('"7"', '"8"'),
        setting("location_id", "9"),
        ('"7"', '"9"'),
    ),
    "a card in a thread": Case(
        "bs",
        "thread:\n  - text: Two.\n    link: https://acme.example/launch\n",
        ("acme.example/launch", "acme.example/other"),
        lambda entry: replace(entry, thread=(ThreadItem("Two.", (), DATES),)),
        ("acme.example/launch", "acme.example/dates"),
    ),
    "a card in a thread on Threads": Case(
        "th",
        "thread:\n  - Two.\n  - text: Three.\n"
        "    link:\n      url: https://acme.example/launch\n      title: Come\n",
        ("title: Come", "title: Come in"),
        lambda entry: replace(
            entry,
            thread=(entry.thread[0], ThreadItem("Three.", (), Link(DATES.url, "Come by"))),
        ),
        ("https://acme.example/launch\n      title: Come", f"{DATES.url}\n      title: Come by"),
    ),
    "a link that ends a post of a thread": Case(
        "x",
        "thread:\n  - text: Two.\n    link: https://acme.example/launch\n",
        ("acme.example/launch", "acme.example/other"),
        lambda entry: replace(entry, thread=(ThreadItem("Three. https://acme.example/launch"),)),
        ("Two.", "Three. https://acme.example/launch"),
    ),
    "a note on Substack": Case(
        "ss",
        "link: https://acme.example/launch\n",
        ("acme.example/launch", "acme.example/other"),
        lambda entry: replace(entry, link=DATES),
        ("acme.example/launch", "acme.example/dates"),
    ),
}


def workspace(folder: Path, case: Case) -> WorkspaceDir:
    """Return a workspace whose post stands in the queue, with nothing left to do."""
    one = WorkspaceDir(folder)
    one.write("plancast.yaml", SPACE)
    channels = [{"id": alias, "service": name} for alias, name in CHANNELS.items()]
    with open_world(folder, {}) as world:
        world.reset({"clock": NOW, "profiles": channels})
    head = f"profiles: [{case.profile}]\nschedule: 2026-12-01 09:30\ntext: So true.\n"
    one.write("a.yaml", head + case.body)
    done = one.apply()
    assert done.code == 0, done.err
    assert one.summary() == {"unchanged": 1}
    return one


def edited_in_buffer(one: WorkspaceDir, change: Callable[[Entry], Entry]) -> None:
    """Edit the only entry as another client of the API would."""
    context = ProviderContext(
        ProviderSettings("sandbox", {"api": "graphql"}),
        str(one.folder), {}, FakeClock(), "", lambda seconds, reason: None,
    )  # fmt: skip
    connected = connect(context)
    try:
        provider = connected.provider
        profiles = provider.profiles()
        (live,) = provider.read(profiles).entries
        (owner,) = (profile for profile in profiles if profile.id == live.profile_id)
        before = replace(live.entry, due_at=live.due_at)
        provider.update(live.id, change(before), live.entry, owner)
    finally:
        connected.close()


every_post = pytest.mark.parametrize("name", POSTS)


@every_post
def test_an_edit_of_the_file_is_applied_once(tmp_path: Path, name: str) -> None:
    case = POSTS[name]
    one = workspace(tmp_path, case)
    one.edit("a.yaml", *case.edit)
    assert one.summary() == {"update": 1}
    done = one.apply()
    assert done.code == 0, done.err
    assert one.summary() == {"unchanged": 1}
    assert len(one.live()) == 1


@every_post
def test_what_a_person_changes_in_buffer_is_drift_and_is_pulled(tmp_path: Path, name: str) -> None:
    case = POSTS[name]
    one = workspace(tmp_path, case)
    edited_in_buffer(one, case.in_buffer)
    assert one.summary() == {"update": 1, "drifted": 1}
    done = one.run("pull", "--auto-approve")
    assert done.code == 0, done.err
    before, after = case.pulled
    assert (one.folder / "a.yaml").read_text().endswith(case.body.replace(before, after))
    assert one.plan()["budget"]["requests"] == 0, "Buffer holds it already"
    live = one.live()
    assert one.apply().code == 0
    assert one.live() == live
    assert one.summary() == {"unchanged": 1}


@every_post
def test_an_import_writes_it(tmp_path: Path, name: str) -> None:
    one = workspace(tmp_path, POSTS[name])
    (one.folder / "a.yaml").unlink()
    one.lose_state()
    shutil.rmtree(one.folder / "imported", ignore_errors=True)
    done = one.run("import", "--auto-approve")
    assert done.code == 0, done.err
    assert one.run("validate").code == 0
    assert one.summary() == {"unchanged": 1}
    live = one.live()
    assert one.apply("--allow-new-state").code == 0
    assert one.live() == live
