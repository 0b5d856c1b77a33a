"""The networks that plancast knows, by the names that Buffer gives them.

The order is that of `metadata` in a post file as `plancast fmt` writes it, and of the tables in
docs/networks.md.

The limits are ours and are newer than those of `GET /info/configuration.json`, whose figures were
never refreshed (docs/buffer/v1.md#configuration). A limit that the provider reports can raise one
of ours and can add a network, but never lower one: a post that the network takes must not be
refused because of an old table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plancast.model.limits import NetworkLimits
from plancast.networks.base import Network
from plancast.networks.bluesky import BLUESKY
from plancast.networks.facebook import FACEBOOK
from plancast.networks.google import GOOGLE
from plancast.networks.googlebusiness import GOOGLEBUSINESS
from plancast.networks.instagram import INSTAGRAM
from plancast.networks.linkedin import LINKEDIN
from plancast.networks.mastodon import MASTODON
from plancast.networks.pinterest import PINTEREST
from plancast.networks.substack import SUBSTACK
from plancast.networks.threads import THREADS
from plancast.networks.tiktok import TIKTOK
from plancast.networks.twitter import TWITTER
from plancast.networks.youtube import YOUTUBE

NETWORKS: Mapping[str, Network] = {
    "facebook": FACEBOOK,
    "instagram": INSTAGRAM,
    "linkedin": LINKEDIN,
    "twitter": TWITTER,
    "bluesky": BLUESKY,
    "mastodon": MASTODON,
    "threads": THREADS,
    "pinterest": PINTEREST,
    "youtube": YOUTUBE,
    "tiktok": TIKTOK,
    "googlebusiness": GOOGLEBUSINESS,
    "google": GOOGLE,
    "substack": SUBSTACK,
}

LIMITS: Mapping[str, NetworkLimits] = {name: network.limits for name, network in NETWORKS.items()}


def merge(
    ours: Mapping[str, NetworkLimits], theirs: Mapping[str, NetworkLimits]
) -> Mapping[str, NetworkLimits]:
    """Return our limits, raised and completed by those of the provider; nothing is lowered."""
    merged = dict(ours)
    for service, reported in theirs.items():
        known = merged.get(service)
        if known is None:
            merged[service] = reported
        elif known.text is not None and reported.text is not None and reported.text > known.text:
            merged[service] = replace(known, text=reported.text)
    return merged
