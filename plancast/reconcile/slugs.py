"""Names that plancast invents: aliases for profiles, and ids for posts that it imports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

from plancast.model.address import is_alias
from plancast.model.entry import Entry
from plancast.model.profile import Profile
from plancast.networks.base import Network
from plancast.networks.registry import NETWORKS

SLUG_LENGTH = 40


def slug(text: str, length: int = SLUG_LENGTH) -> str:
    """Return the words of a text as lower-case ASCII with dashes, cut at a word; "" if none."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", re.sub(r"https?://\S+", " ", plain))
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word
        if len(longer) > length:
            break
        name = longer
    return name or "".join(words)[:length]


def alias_for(
    profile: Profile, used: Collection[str], networks: Mapping[str, Network] = NETWORKS
) -> str:
    """Return an alias such as `acme-x` or `our-linkedin-2` that is not in `used`.

    It is never the name of a network: a variant by that name is for the whole network.
    """
    network = networks.get(profile.service)
    short = (network.short if network else "") or profile.service
    if not is_alias(short):  # the service chooses this word
        short = slug(short, 20) or "profile"
    name = slug(_handle(profile, network), 20)
    alias = f"{name}-{short}" if name and name != short else short
    return unused(f"our-{alias}" if alias in networks else alias, used)


def _handle(profile: Profile, network: Network | None) -> str:
    """Return the name without the server: `acme` for `@acme@mastodon.example`."""
    name = profile.username.lstrip("@").partition("@")[0]
    return name.removesuffix(network.handle_ending if network else "")


def post_id_for(entry: Entry, folder: str, used: Collection[str]) -> str:
    """Return an id such as `imported/2026-12-01-something-is-coming` that is not in `used`."""
    words = slug(entry.text) or "post"
    day = f"{entry.due_at:%Y-%m-%d}-" if entry.due_at else ""
    prefix = f"{folder}/" if folder else ""
    return unused(f"{prefix}{day}{words}", used)


def unused(name: str, used: Collection[str]) -> str:
    """Return the name, with a number appended if it is in `used`."""
    number, candidate = 2, name
    while candidate in used:
        candidate = f"{name}-{number}"
        number += 1
    return candidate
