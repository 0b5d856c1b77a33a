"""Google Business: news, offers and events of a place.

Its setting `type` decides which others a post takes, as in Buffer's schema
(docs/buffer/graphql.md#settings-of-networks).
"""

from plancast.model.limits import Counting
from plancast.networks.base import (
    Layout,
    Network,
    NetworkImages,
    NetworkLook,
    NetworkSetting,
    NetworkText,
    SettingKind,
)

GOOGLEBUSINESS = Network(
    name="googlebusiness",
    title="Google Business",
    short="google",
    look=NetworkLook("G", "#1c6b3c", Layout.PAGE),
    text=NetworkText(4000, Counting.UTF16),
    images=NetworkImages(1),
    settings=(
        NetworkSetting(
            "type",
            "What kind of post it is.",
            SettingKind.CHOICE,
            choices=("whats_new", "offer", "event"),
        ),
        NetworkSetting(
            "title",
            "The title of an event or an offer.",
            required_for=("event", "offer"),
            heading=True,
        ),
        NetworkSetting(
            "button",
            "The button below the post.",
            SettingKind.CHOICE,
            choices=("none", "book", "call", "learn_more", "order", "shop", "signup"),
            only_for=("whats_new", "event"),
        ),
        NetworkSetting("link", "Where the button leads.", SettingKind.ADDRESS),
        NetworkSetting("code", "The code of an offer.", only_for=("offer",), label="offer code"),
        NetworkSetting("terms", "The terms of an offer.", only_for=("offer",)),
        NetworkSetting(
            "start",
            "When it begins, with its offset: 2026-12-01T18:00:00+01:00.",
            SettingKind.TIME,
            only_for=("offer", "event"),
            required_for=("event", "offer"),
            label="begins",
            note="such as `2026-12-01T18:00:00+01:00`",
        ),
        NetworkSetting(
            "end",
            "When it ends, with its offset.",
            SettingKind.TIME,
            only_for=("offer", "event"),
            required_for=("event", "offer"),
            label="ends",
        ),
        NetworkSetting(
            "full_day",
            "Whether an event lasts whole days.",
            SettingKind.FLAG,
            only_for=("event",),
            label="lasts whole days",
        ),
    ),
    needs="a type, and the details of that type; "
    "an event or an offer has a title, a start and an end",
)
