"""What the canonical form of a post is made of: the order of its keys, and its width."""

from __future__ import annotations

WIDTH = 100
"""Columns up to which a list or a mapping may stand on one line."""

KEYS = (
    "id", "was", "profiles", "timezone", "schedule", "status", "stage", "skip", "text", "thread",
    "link", "images", "video", "first_comment", "metadata", "campaign", "tags", "protect",
    "on_drift", "shorten", "link_card", "variants",
)  # fmt: skip
"""The order of keys in a post, in a variant and in defaults: who, when, what, and the rest."""

SETTINGS = {
    "facebook": ("type",),
    "instagram": ("type", "share_to_feed", "link", "ai_generated"),
    "twitter": ("ai_generated",),
    "mastodon": ("spoiler_text",),
    "threads": ("topic",),
    "pinterest": ("board", "title", "url"),
    "youtube": (
        "title", "category", "privacy", "license", "notify_subscribers", "embeddable",
        "made_for_kids", "ai_generated",
    ),
    "tiktok": ("title", "ai_generated"),
    "googlebusiness": (
        "type", "title", "button", "link", "code", "terms", "start", "end", "full_day",
    ),
}  # fmt: skip
"""The order of networks under `metadata`, and of what each of them is told."""
