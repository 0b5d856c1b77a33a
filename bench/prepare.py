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
_LIMIT = f"rate_limit: {{requests: {ROOM}, seconds: 60}}"


def write_folders(folder: Path, count: int, api: str) -> None:
    """Write all folders for so many posts. No workspace owns an entry yet."""
    posts = tuple(corpus.posts(count))
    for name in ("sandbox", "memory"):
        corpus.write(folder / name, posts)
    sandbox = f'name: sandbox, clock: "{corpus.CLOCK}"'
    write_settings(folder / "sandbox", sandbox)
    write_settings(folder / "memory", f"name: {PROVIDERS[api]}, {_LIMIT}")
    write_settings(folder / "server", f"{sandbox}, {_LIMIT}, api: {api}")
    fill(folder / "sandbox", posts)
    # A copy: a server keeps counts of its own, and both are open at once.
    shutil.copytree(folder / "sandbox/.plancast-sandbox", folder / "server/.plancast-sandbox")
    peer.write_zones(folder / "dns", count)


def change_posts(folder: Path, count: int) -> None:
    """Replace the posts of both workspaces by their changed edition."""
    posts = tuple(corpus.posts(count, changed=True))
    for name in ("sandbox", "memory"):
        corpus.write(folder / name, posts)


def write_settings(folder: Path, provider: str) -> None:
    """Write the plancast.yaml of a workspace."""
    folder.mkdir(parents=True, exist_ok=True)
    pairs = zip(corpus.PROFILES, corpus.SERVICES, strict=True)
    profiles = "\n".join(f"  {alias}: {{service: {service}}}" for alias, service in pairs)
    text = _WORKSPACE.format(provider=provider, room=ROOM, zone=ZONE, profiles=profiles)
    (folder / "plancast.yaml").write_text(text, encoding="utf-8")


def fill(folder: Path, posts: tuple[corpus.Post, ...]) -> None:
    """Create the sandbox of a workspace, with one entry for each post in its queue."""
    (folder / ".plancast-sandbox").mkdir()
    tags = sorted({tag for post in posts for tag in (post.tag, post.campaign)})
    seed = {
        "account": {"queue_limit": ROOM},
        "clock": corpus.CLOCK,
        "rate_limit": {"requests": 0},
        "tags": [{"name": name} for name in tags],
        "posts": [entry(post) for post in posts],
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
