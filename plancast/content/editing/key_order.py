"""The constants of the canonical form of a post: the order of its keys, and its width.

The formatter, the emitter and the patcher share them, so all three write the same form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plancast.model import entry_fields
from plancast.model.entry import Image, Link, Video
from plancast.networks.registry import NETWORKS

WIDTH = 100
"""Columns up to which a list or a mapping may stand on one line."""

_TIMING = ("schedule", "stage")
_BESIDE = {
    "stage": "status",
    "text": "markdown skip",
    "tags": "campaign",
    "shorten": "protect on_drift",
}
"""Keys of posts that are no fields of an entry, by the key that they stand before."""

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
    """Return the mapping that a post file holds for a link, an image or a video.

    It has `file` or `url`, and every detail that is known: an empty text counts as known.
    """
    owner = type(part)
    parts = {name: getattr(part, name) for name in entry_fields.file_parts(owner)}
    if parts.get("file"):
        del parts["url"]
    always = ("url", *entry_fields.details(owner))
    return {
        name: value
        for name, value in parts.items()
        if value is not None and (value != "" or name in always)
    }
