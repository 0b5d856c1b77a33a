"""What the canonical form of a post is made of: the order of its keys, and its width."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plancast.model import entry_fields
from plancast.model.entry import Image, Link, Video
from plancast.networks.registry import NETWORKS

WIDTH = 100
"""Columns up to which a list or a mapping may stand on one line."""

_TIMING = ("schedule", "stage")
_BESIDE = {"stage": "status", "text": "skip", "tags": "campaign", "shorten": "protect on_drift"}
"""Keys of which no entry knows, by the key that they stand before."""

_OF_ENTRIES = (*_TIMING, *(key for key in entry_fields.KEYS if key not in _TIMING))

KEYS: tuple[str, ...] = (
    *("id", "was", "profiles", "timezone"),
    *(key for name in _OF_ENTRIES for key in (*_BESIDE.get(name, "").split(), name)),
    "variants",
)
"""The order of keys in a post, in a variant and in defaults: who, when, what, and the rest."""

SETTINGS: Mapping[str, tuple[str, ...]] = {
    name: tuple(setting.name for setting in network.settings)
    for name, network in NETWORKS.items()
    if network.settings
}
"""The order of networks under `metadata`, and of the settings of each."""


def said_of(part: Link | Image | Video) -> dict[str, Any]:
    """Return what a file says of a link, an image or a video: a file, or its url, and the rest."""
    owner = type(part)
    found = {name: getattr(part, name) for name in entry_fields.file_parts(owner)}
    if found.get("file"):
        del found["url"]
    always = ("url", *entry_fields.details(owner))
    return {
        name: value
        for name, value in found.items()
        if value is not None and (value != "" or name in always)
    }
