"""What the canonical form of a post is made of: the order of its keys, and its width."""

from __future__ import annotations

from collections.abc import Mapping

from plancast.networks.registry import NETWORKS

WIDTH = 100
"""Columns up to which a list or a mapping may stand on one line."""

KEYS = (
    "id", "was", "profiles", "timezone", "schedule", "status", "stage", "skip", "text", "thread",
    "link", "images", "video", "first_comment", "metadata", "campaign", "tags", "protect",
    "on_drift", "shorten", "link_card", "variants",
)  # fmt: skip
"""The order of keys in a post, in a variant and in defaults: who, when, what, and the rest."""

SETTINGS: Mapping[str, tuple[str, ...]] = {
    name: tuple(setting.name for setting in network.settings)
    for name, network in NETWORKS.items()
    if network.settings
}
"""The order of networks under `metadata`, and of the settings of each."""
