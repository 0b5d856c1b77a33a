"""The folders that a measurement needs: workspaces, a sandbox that holds the queue, and DNS zones.

sandbox/   a workspace on the embedded sandbox, whose queue holds every post
memory/    a workspace on Buffer's API (`v1` or `graphql`) at an address of this machine
server/    the same queue, to be served
dns/       zones of as many records, see `peer`
"""

from __future__ import annotations

import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import corpus, peer
from plancast.sandbox import World

ZONE = "Europe/Berlin"
ROOM = 1_000_000
"""More posts and requests than a corpus needs: limits are not what is measured."""

RENAMED_EVERY = 10

PROVIDERS = {"v1": "buffer", "graphql": "buffer-graphql"}
_WORKSPACE = """\
version: 1
workspace: bench
provider: {{{provider}, queue_limit: {room}}}
content: posts
timezone: {zone}
profiles:
{profiles}
"""
_SANDBOX = f'name: sandbox, clock: "{corpus.CLOCK}"'
_LIMIT = f"rate_limit: {{requests: {ROOM}, seconds: 60}}"


def write_folders(folder: Path, count: int, api: str) -> None:
    """Write all folders for so many posts. No workspace owns an entry yet."""
    posts = tuple(corpus.posts(count))
    for name in ("sandbox", "memory"):
        corpus.write(folder / name, posts)
    write_settings(folder / "sandbox", _SANDBOX)
    write_settings(folder / "memory", f"name: {PROVIDERS[api]}, {_LIMIT}")
    write_settings(folder / "server", f"{_SANDBOX}, {_LIMIT}, api: {api}")
    fill(folder / "sandbox", posts)
    # A copy: a server keeps counts of its own, and both are open at once.
    shutil.copytree(folder / "sandbox/.plancast-sandbox", folder / "server/.plancast-sandbox")
    peer.write_zones(folder / "dns", count)


def change_posts(folder: Path, count: int) -> None:
    """Replace the posts of both workspaces by their changed edition."""
    posts = tuple(corpus.posts(count, changed=True))
    for name in ("sandbox", "memory"):
        corpus.write(folder / name, posts)


def rename_posts(folder: Path, count: int) -> None:
    """Give one post in `RENAMED_EVERY` another id, as if its file had another name."""
    for post in list(corpus.posts(count))[::RENAMED_EVERY]:
        path = folder / post.path
        content = path.read_bytes()
        path.write_bytes(content.replace(b"id: bench/", b"id: moved/", 1))


def renamed(count: int) -> int:
    """Return how many of so many posts get another id."""
    return -(-count // RENAMED_EVERY)


def write_creates(folder: Path, count: int) -> Path:
    """Write a workspace of posts whose queue in the sandbox is empty; return its folder."""
    corpus.write(folder, tuple(corpus.posts(count)))
    write_settings(folder, _SANDBOX)
    fill(folder, ())
    return folder


def write_queue(folder: Path, count: int) -> Path:
    """Write a workspace without posts; its queue has so many entries on one profile."""
    write_settings(folder, _SANDBOX)
    (folder / "posts").mkdir()
    fill(folder, tuple(corpus.posts(count)), profile=corpus.SERVICES[1])
    return folder


def write_settings(folder: Path, provider: str) -> None:
    """Write the plancast.yaml of a workspace."""
    folder.mkdir(parents=True, exist_ok=True)
    pairs = zip(corpus.PROFILES, corpus.SERVICES, strict=True)
    profiles = "\n".join(f"  {alias}: {{service: {service}}}" for alias, service in pairs)
    text = _WORKSPACE.format(provider=provider, room=ROOM, zone=ZONE, profiles=profiles)
    (folder / "plancast.yaml").write_text(text, encoding="utf-8")


def fill(folder: Path, posts: tuple[corpus.Post, ...], profile: str = "") -> None:
    """Create the sandbox of a workspace, with one entry for each post in its queue.

    All entries are on `profile` if it is given, a service; else on that of their post.
    """
    (folder / ".plancast-sandbox").mkdir()
    tags = sorted({tag for post in posts for tag in (post.tag, post.campaign)})
    seed = {
        "account": {"queue_limit": ROOM},
        "clock": corpus.CLOCK,
        "rate_limit": {"requests": 0},
        "tags": [{"name": name} for name in tags],
        "posts": [entry(post) | ({"profile": profile} if profile else {}) for post in posts],
    }
    with World(folder / ".plancast-sandbox" / "world.db") as world:
        world.reset(seed)


def entry(post: corpus.Post) -> dict[str, object]:
    """Return the entry of a post as a seed describes it."""
    services = dict(zip(corpus.PROFILES, corpus.SERVICES, strict=True))
    media = {"photo": post.image, "alt_text": post.blurb}
    if post.link:
        media = {"link": post.link, "title": corpus.LINK_TITLE, "description": post.blurb}
    return {
        "profile": services[post.profile],
        "text": post.text,
        "scheduled_at": post.due.replace(tzinfo=ZoneInfo(ZONE)).isoformat(),
        "media": media,
        "tags": [post.tag, post.campaign],
    }
