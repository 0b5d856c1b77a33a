"""Write the facts of plancast/networks into the schema of posts and into pages of docs/.

In a page a place lies between `<!-- made: NAME -->` and `<!-- made -->`, in a line or around a
table. In the schema the places are `metadata`, and the networks that have threads and first
comments. Everything else in these files is written by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from plancast.model.limits import Counting
from plancast.networks.base import Network, NetworkSetting, SettingKind
from plancast.networks.counting import WAYS

Networks = Mapping[str, Network]

WIDTH = 100
"""Columns up to which an object of the schema stands on one line."""

ADDRESS = (
    "^https?://[^\\x00-\\x20\\x7f-\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+$"
)
TIME = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})$"
NUMBER = "^[0-9]{1,3}$"

_PLACE = re.compile(r"<!-- made: ([a-z-]+) -->(\n?).*?(\n?)<!-- made -->", re.DOTALL)
_METADATA = re.compile(r'^    "metadata": \{\n.*?^    \}', re.MULTILINE | re.DOTALL)


def listed(words: Iterable[str], last: str = " and ") -> str:
    """Return words as a list in a sentence: `a, b and c`."""
    *first, end = tuple(words) or ("none",)
    return f"{', '.join(first)}{last}{end}" if first else end


# -- the schema of posts --------------------------------------------------------------------------


def post_schema(text: str, networks: Networks) -> str:
    """Return the text of the schema with the settings of all networks in it."""
    # Each place is counted: a reworded schema would else keep its old facts for ever.
    text, replaced = _METADATA.subn(lambda _: f'    "metadata": {_metadata(networks)}', text)
    threads = listed(network.title for network in networks.values() if network.threads)
    text, named = re.subn(r"(which is `text`\. For )[^\"]*", rf"\g<1>{threads}.", text)
    comments = listed(one.title for one in networks.values() if one.first_comment is not None)
    text, also = re.subn(r"(right after it went out\. For )[^\"]*", rf"\g<1>{comments}.", text)
    if (replaced, named, also) != (1, 1, 1):
        raise ValueError("schemas/post.schema.json has no place for the facts of networks")
    return text


def _metadata(networks: Networks) -> str:
    schema = {
        "description": "What a network is told beside the content, by the name of the network.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {
                "type": "object",
                "additionalProperties": False,
                "properties": {one.name: setting_schema(one) for one in network.settings},
            }
            for name, network in networks.items()
            if network.settings
        },
    }
    return json_text(schema, 4, len('"metadata": '))


def setting_schema(setting: NetworkSetting) -> dict[str, Any]:
    """Return the schema of one setting."""
    schema: dict[str, Any] = {"description": setting.description}
    match setting.kind:
        case SettingKind.CHOICE:
            return {**schema, "enum": list(setting.choices)}
        case SettingKind.FLAG:
            return {**schema, "type": "boolean"}
        case SettingKind.ADDRESS:
            schema |= {"type": "string", "pattern": ADDRESS}
        case SettingKind.TIME:
            schema |= {"type": "string", "pattern": TIME}
        case SettingKind.NUMBER:
            schema |= {"type": "string", "pattern": NUMBER}
        case SettingKind.TEXT | SettingKind.POST:
            schema |= {"type": "string", "minLength": 1}
    return schema if setting.longest is None else {**schema, "maxLength": setting.longest}


def json_text(value: Any, indent: int, used: int = 0) -> str:
    """Return JSON with each object on one line if it fits. `used`: columns before it."""
    line = json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        line = re.sub(r"^\{(.*)\}$", r"{ \1 }", line)
    if not isinstance(value, dict) or indent + used + len(line) <= WIDTH:
        return line
    blank = " " * (indent + 2)
    rows = [
        f"{blank}{json.dumps(key)}: {json_text(inner, indent + 2, len(json.dumps(key)) + 2)}"
        for key, inner in value.items()
    ]
    return "{\n" + ",\n".join(rows) + f"\n{' ' * indent}}}"


# -- pages ----------------------------------------------------------------------------------------


def page(text: str, networks: Networks) -> str:
    """Return the text of a page with all its places made anew."""

    def made(place: re.Match[str]) -> str:
        name, before, after = place.groups()
        return f"<!-- made: {name} -->{before}{PLACES[name](networks)}{after}<!-- made -->"

    return _PLACE.sub(made, text)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows)
    title = f"| {' | '.join(head)} |".replace("|  |", "| |")
    return "\n".join((title, "|---" * len(head) + "|", *lines))


def _figure(number: int | None, missing: str) -> str:
    return missing if number is None else f"{number:,}"


def texts(networks: Networks) -> str:
    """Return the table of longest texts."""

    def post(network: Network) -> str:
        figure = _figure(network.text.longest, "not checked")
        if network.text.with_video is not None:
            figure += f"; {network.text.with_video:,} with a video"
        if network.text.most_bytes is not None:
            figure += f"; {network.text.most_bytes:,} bytes"
        return f"{figure}, or what the server allows" if network.text.set_by_server else figure

    return _table(
        ("network", "post", "first comment", "title", ""),
        (
            (
                f"`{name}`",
                post(network),
                _figure(network.first_comment, "–"),
                _figure(network.setting_title, "–"),
                network.text.source,
            )
            for name, network in networks.items()
        ),
    )


def counting(networks: Networks) -> str:
    """Return the table of ways of counting. The usual way stands last, for all others."""
    *special, usual = WAYS
    titles = {
        way: listed((one.title for one in networks.values() if one.text.counting is way), ", ")
        for way in special
    }
    titles[usual] = "all others"
    return _table(
        ("network", "one of the text counts as", ""),
        ((titles[way], how.words, how.source) for way, how in WAYS.items()),
    )


def images(networks: Networks) -> str:
    """Return the table of images and alternative texts."""
    return _table(
        ("network", "images", "alternative text"),
        (
            (
                f"`{name}`",
                _figure(network.images.most, "not checked"),
                _figure(network.images.alt_text, "–" if network.images.most == 0 else "not checked")
                + _other_unit(network),
            )
            for name, network in networks.items()
        ),
    )


def media_types(networks: Networks) -> str:
    """Return the table of types and sizes of files that Buffer names for a network."""

    def files(network: Network) -> tuple[str, ...]:
        images = "–" if network.images.most == 0 else _types(network.images.types)
        if not network.videos.allowed:
            return f"`{network.name}`", images, "–", "–"
        size = network.videos.megabytes
        videos = _types(network.videos.types) or "not checked"
        return f"`{network.name}`", images, videos, f"{size:,} MB" if size else "not checked"

    return _table(("network", "images", "videos", "size"), map(files, networks.values()))


def _types(names: tuple[str, ...]) -> str:
    return ", ".join(name.upper() for name in names)


def _other_unit(network: Network) -> str:
    """Return the words for the unit of alternative texts, if texts have another."""
    unit = network.images.alt_counting
    return "" if unit is None else f" {_UNITS[unit]}"


_UNITS = {Counting.CHARACTERS: "code points", Counting.UTF16: "UTF-16 code units"}
"""Units that alternative texts have beside texts with another."""


def _needs(network: Network) -> str:
    """Return the words for the content that a post must have."""
    if network.needs:
        return network.needs
    parts = []
    if network.videos.required:
        parts.append("a video")
    if network.images.required:
        parts.append("an image or a video" if network.videos.allowed else "an image")
    if network.text.required:
        parts.append("a text")
    parts += [f"a {setting.name}" for setting in network.settings if setting.required]
    words = listed(parts) if parts else "text or media"
    return words if network.videos.allowed else f"{words}; no video"


def required(networks: Networks) -> str:
    """Return the table of required content; networks that need the same share a row."""
    rows: dict[tuple[str, str], list[str]] = {}
    for network in networks.values():
        if network.needs_source:
            rows.setdefault((_needs(network), network.needs_source), []).append(network.title)
    return _table(
        ("network", "a post needs", ""),
        ((", ".join(titles), needs, source) for (needs, source), titles in rows.items()),
    )


def settings(networks: Networks) -> str:
    """Return the table of settings."""
    return _table(
        ("network", "`metadata`"),
        (
            (f"`{name}`", "".join(_settings(network.settings)))
            for name, network in networks.items()
            if network.settings
        ),
    )


def _settings(settings: tuple[NetworkSetting, ...]) -> Iterator[str]:
    """Yield the settings of a network; those with more than a name stand between semicolons."""
    before: str | None = None
    for setting in settings:
        about = "".join(_about(setting))
        if before is not None:
            yield "; " if before or about else ", "
        yield f"`{setting.name}`{about}"
        before = about


def _about(setting: NetworkSetting) -> Iterator[str]:
    if setting.note:
        yield f", {setting.note}"
    if setting.only_for:
        yield f", for {listed(setting.only_for)} only"
    if setting.required:
        yield ", must be there (PC510)"
    elif setting.required_for:
        yield f", must be there for {listed(setting.required_for)} (PC510)"
    if setting.choices:
        yield f": {', '.join(setting.choices)}"


def _titles(takes: Callable[[Network], bool]) -> Callable[[Networks], str]:
    """Return a function that lists the networks of a kind."""
    return lambda networks: listed(one.title for one in networks.values() if takes(one))


def _figures(figure: Callable[[Network], int | None]) -> Callable[[Networks], str]:
    """Return a function that lists networks with a figure each, the largest first."""

    def made(networks: Networks) -> str:
        known = [(number, one.title) for one in networks.values() if (number := figure(one))]
        known.sort(key=lambda pair: -pair[0])
        return ", ".join(f"{title} {number:,}" for number, title in known)

    return made


def videos(networks: Networks) -> str:
    """Return the networks that have videos, and those that need one."""
    without = listed(one.title for one in networks.values() if not one.videos.allowed)
    needing = listed(one.title for one in networks.values() if one.videos.required)
    return f"all but {without}; needed on {needing}"


def comment_lengths(networks: Networks) -> str:
    """Return the lengths of first comments, in the order in which `first-comments` names them."""
    known = (one.first_comment for one in networks.values())
    return listed(f"{length:,}" for length in known if length is not None)


PLACES: Mapping[str, Callable[[Networks], str]] = MappingProxyType(
    {
        "texts": texts,
        "counting": counting,
        "images": images,
        "media-types": media_types,
        "required": required,
        "settings": settings,
        "cards": _titles(lambda one: one.links.cards),
        "links-in-text": _titles(lambda one: one.links.in_text),
        "threads": _titles(lambda one: one.threads),
        "first-comments": _titles(lambda one: one.first_comment is not None),
        "comment-lengths": comment_lengths,
        "videos": videos,
        "subscribers": _figures(lambda one: one.text.for_subscribers),
        "own-limits": _titles(lambda one: one.limits.text_by_account),
        "links": _figures(lambda one: one.links.most),
        "posts-a-day": _figures(lambda one: one.posts_a_day),
        "hashtags": _figures(lambda one: one.hashtags),
        "photo-titles": _figures(lambda one: one.images.title),
        "refused": _titles(lambda one: bool(one.text.refused)),
    }
)
"""The function that makes each place in a page, by the name of the place."""
