"""Requirements of a post beyond text, links and images: can provider and network do it?

A part that cannot be done is an error, never left out in silence: half of what an author wrote
is not what they wrote. A variant can say otherwise for a profile that cannot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from plancast.model.entry import Entry, Image
from plancast.model.entry_fields import ENTRY_FIELDS, Kind, defaults
from plancast.model.features import Features, LinkCards
from plancast.model.limits import NetworkLimits
from plancast.model.quoting import closest
from plancast.model.workspace import Desired
from plancast.networks.base import Network, SettingKind
from plancast.networks.counting import excess, overlong, overlong_alt_text
from plancast.networks.registry import NETWORKS
from plancast.networks.sent_text import as_post, sent_text
from plancast.networks.text_contents import shows_nothing

_URL = re.compile(r"https?://\S+")
_ELSEWHERE = "Write it in the variants of the networks that can."
_TAG = 100
"""How many characters the name of a tag has at the most (docs/networks.md#names-of-tags)."""


_DEFAULTS = defaults(Entry)
_REFUSED = tuple(
    row
    for feature in fields(Features)
    for row in ENTRY_FIELDS
    if row.feature == feature.name and row.lack
)
"""Fields that not every provider can carry, in the order of the features."""


@dataclass(frozen=True, slots=True)
class UnmetRequirement:
    """A problem of an entry. `path` leads to the key from the post. No `hint`: that of the code."""

    code: str
    detail: str
    path: tuple[str | int, ...]
    hint: str = ""


def abilities(
    item: Desired,
    rules: NetworkLimits,
    features: Features,
    networks: Mapping[str, Network] = NETWORKS,
) -> Iterator[UnmetRequirement]:
    """Yield everything that provider or network will not take.

    `rules` are the limits of the entry's own network and account, `networks` all that are known.
    """
    refused = tuple(_provider(item, features))
    lacking = {finding.path[0] for finding in refused}
    yield from refused
    for finding in _network(item, rules, features, networks.get(item.profile.service)):
        if finding.path[0] not in lacking:
            yield finding
    yield from _links(item, features)


def _provider(item: Desired, features: Features) -> Iterator[UnmetRequirement]:
    for row in _REFUSED:
        if getattr(item.entry, row.name) != _DEFAULTS[row.name] and not getattr(
            features, row.feature
        ):
            # Settings of a network stand below its name.
            below = (item.profile.service,) if row.kind is Kind.SETTINGS else ()
            detail = f"{features.refuses_as} has no {row.lack}"
            yield UnmetRequirement("PC509", detail, (row.file_key, *below))


def _network(
    item: Desired, rules: NetworkLimits, features: Features, network: Network | None
) -> Iterator[UnmetRequirement]:
    entry, service = item.entry, item.profile.service
    if entry.thread and not rules.threads:
        yield UnmetRequirement("PC504", f"{service}: there are no threads", ("thread",), _ELSEWHERE)
    elif entry.thread:
        yield from _thread(entry, service, rules, features.link_cards)
    if entry.first_comment and rules.first_comment is None:
        detail = f"{service}: there are no first comments"
        yield UnmetRequirement("PC504", detail, ("first_comment",), _ELSEWHERE)
    elif entry.first_comment:
        limits = NetworkLimits(rules.first_comment, rules.counting)
        name = f"{service}, first comment"
        yield from _length(entry.first_comment.strip(), name, limits, ("first_comment",))
    yield from _media(entry, service, rules, features.link_cards)
    if features.metadata:
        yield from _settings(item, rules, network)
    if features.tags:
        yield from _tags(item)


def _settings(
    item: Desired, rules: NetworkLimits, network: Network | None
) -> Iterator[UnmetRequirement]:
    """Yield the settings that are missing, too long, unknown to the account or out of place."""
    service, settings = item.profile.service, dict(item.entry.metadata)
    place = ("metadata", service)
    if not settings:
        # Then all that can be wrong is that one is missing.
        yield from _missing(service, settings, rules, network)
        return
    yield from _missing(service, settings, rules, network)
    yield from _of_another_type(network, settings)
    yield from _beside_each_other(item.entry, network, settings)
    title = settings.get("title")
    if rules.title and isinstance(title, str):
        limits = NetworkLimits(rules.title, rules.counting)
        yield from _length(title, f"{service}, title", limits, (*place, "title"))
    yield from _span(service, settings)
    yield from _not_a_choice(network, settings)
    board = settings.get("board")
    boards = {name for known in item.profile.boards for name in (known.id, known.name)}
    if isinstance(board, str) and boards and board not in boards:
        names = sorted(known.name for known in item.profile.boards)
        close = closest(board, names)
        hint = f"Did you mean {close}?" if close else f"Known: {', '.join(names)}."
        yield UnmetRequirement("PC511", repr(board), (*place, "board"), hint)


def _missing(
    service: str,
    settings: Mapping[str, str | bool],
    rules: NetworkLimits,
    network: Network | None,
) -> Iterator[UnmetRequirement]:
    for key in (*rules.requires, *_required_by_type(network, settings)):
        if _is_missing(settings.get(key)):
            hint = f"Write `metadata: {{{service}: {{{key}: …}}}}`."
            yield UnmetRequirement("PC510", f"{service}: {key}", ("metadata", service), hint)


def _is_missing(value: str | bool | None) -> bool:
    """Return whether a setting is not there, or is a text of which nothing is seen."""
    return shows_nothing(value) if isinstance(value, str) else not value


def _not_a_choice(
    network: Network | None, settings: Mapping[str, str | bool]
) -> Iterator[UnmetRequirement]:
    """Yield the numbers that the network does not have; the schema knows their form alone."""
    for one in network.settings if network else ():
        value = settings.get(one.name)
        is_listed = one.kind is SettingKind.NUMBER and one.choices
        if network and is_listed and isinstance(value, str) and value not in one.choices:
            detail = f"{network.name}: there is no {one.name} {value!r}"
            place = ("metadata", network.name, one.name)
            yield UnmetRequirement("PC203", detail, place, f"Known: {', '.join(one.choices)}.")


def _span(service: str, settings: Mapping[str, str | bool]) -> Iterator[UnmetRequirement]:
    """The times of an event or an offer: that they exist, and in which order."""
    times: dict[str, datetime] = {}
    for key in ("start", "end"):
        said = settings.get(key)
        if not isinstance(said, str):
            continue
        moment = _moment(said)
        if moment is None:
            hint = "Write it with its offset: 2026-12-01T18:00:00+01:00."
            yield UnmetRequirement("PC401", repr(said), ("metadata", service, key), hint)
        else:
            times[key] = moment
    if len(times) > 1 and times["end"] <= times["start"]:
        detail = f"it ends at {settings['end']}, and begins at {settings['start']}"
        yield UnmetRequirement("PC203", detail, ("metadata", service, "end"), "Choose a later end.")


def _moment(said: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _required_by_type(
    network: Network | None, settings: Mapping[str, str | bool]
) -> tuple[str, ...]:
    """Return the settings that a post of this type needs."""
    if network is None:
        return ()
    kind = network.type_of(settings)
    return tuple(one.name for one in network.settings if kind in one.required_for)


def _of_another_type(
    network: Network | None, settings: Mapping[str, str | bool]
) -> Iterator[UnmetRequirement]:
    """Yield the settings that a post of this type has no place for: they would not be sent."""
    if network is None:
        return
    kind = network.type_of(settings)
    owners = {one.name: one.only_for for one in network.settings}
    for key, value in sorted(settings.items()):
        types = owners.get(key, ())
        if not types or kind in types or value in ("", "none", False):
            continue
        detail = f"{network.name}: `type: {kind}` has no {key}"
        hint = f"It is for `type: {'` or `'.join(types)}`."
        yield UnmetRequirement("PC504", detail, ("metadata", network.name, key), hint)


def _beside_each_other(
    entry: Entry, network: Network | None, settings: Mapping[str, str | bool]
) -> Iterator[UnmetRequirement]:
    """Yield settings that name no post, exclude another part of the post, or lack another one."""
    for setting in network.settings if network else ():
        value = settings.get(setting.name)
        if not value or network is None:
            continue
        place = ("metadata", network.name, setting.name)
        about = f"{network.name}: {setting.name}"
        if setting.kind is SettingKind.POST and not network.post_of(str(value)):
            yield UnmetRequirement("PC545", f"{about}: {value!r}", place)
        for name in setting.excludes:
            if settings.get(name) or getattr(entry, name, None):
                yield UnmetRequirement("PC546", f"{about} and {name}", place)
        if setting.needs and not settings.get(setting.needs):
            hint = f"Write `{setting.needs}` beside it, or leave both out."
            yield UnmetRequirement("PC547", f"{about} without {setting.needs}", place, hint)


def _tags(item: Desired) -> Iterator[UnmetRequirement]:
    """Names that no tag can have. One that is refused would leave the others unset, too."""
    for name in item.entry.tags:
        if len(name) > _TAG:
            detail = f"a tag of {len(name)} characters: {name[:30]!r}…"
            path = "campaign" if name == item.campaign.strip() else "tags"
            yield UnmetRequirement("PC203", detail, (path,), f"At the most {_TAG}.")


def _thread(
    entry: Entry, service: str, rules: NetworkLimits, cards: LinkCards
) -> Iterator[UnmetRequirement]:
    if not entry.text:
        yield UnmetRequirement(
            "PC514", f"{service}: the first post of a thread needs a text", ("thread",)
        )
    if entry.text and entry.thread[0].text.strip() == entry.text:
        yield UnmetRequirement("PC514", f"{service}: part 2 repeats the first post", ("thread", 0))
    for index, part in enumerate(entry.thread):
        place = ("thread", index)
        name = f"{service}, part {index + 2}"
        text = sent_text(as_post(part), service, rules, cards)
        if not (text or part.images):
            yield UnmetRequirement("PC514", f"{name} is empty", place)
        yield from _length(text, name, rules, (*place, "text"))
        yield from _pictures(part.images, name, rules, (*place, "images"))


def _pictures(
    images: tuple[Image, ...], where: str, rules: NetworkLimits, path: tuple[str | int, ...]
) -> Iterator[UnmetRequirement]:
    if rules.images is not None and len(images) > rules.images:
        yield UnmetRequirement("PC503", f"{where}: {len(images)} of {rules.images}", path)
    for index, image in enumerate(images):
        over = overlong_alt_text(image.alt or "", rules)
        if over:
            yield UnmetRequirement("PC506", f"{where}: {over}", (*path, index))


def _media(
    entry: Entry, service: str, rules: NetworkLimits, cards: LinkCards
) -> Iterator[UnmetRequirement]:
    if entry.video is None:
        if rules.needs_video:
            hint = "Add `video:`, or leave the profile out."
            yield UnmetRequirement("PC504", f"{service}: a post needs a video", ("video",), hint)
        return
    if not rules.video:
        yield UnmetRequirement("PC504", f"{service}: there are no videos", ("video",), _ELSEWHERE)
    if entry.images:
        yield UnmetRequirement("PC513", "a video and images", ("video",))
    if entry.link and not rules.link_in_text:
        yield UnmetRequirement("PC513", "a video and a link card", ("video",))
    text = sent_text(entry, service, rules, cards)
    if rules.text_with_video is not None and not excess(text, rules):
        limits = NetworkLimits(rules.text_with_video, rules.counting)
        yield from _length(text, f"{service} with a video", limits, ("text",))


def _length(
    text: str, where: str, limits: NetworkLimits, path: tuple[str | int, ...]
) -> Iterator[UnmetRequirement]:
    over = overlong(text, limits)
    if over:
        yield UnmetRequirement("PC501", f"{where}: {over}", path)


def _links(item: Desired, features: Features) -> Iterator[UnmetRequirement]:
    """If the channel decides whether links are shortened, the post cannot."""
    if features.shorten:
        return
    entry, domain = item.entry, item.profile.shortens
    texts = (
        (("text",), entry.text),
        *((("thread", n), p.text) for n, p in enumerate(entry.thread)),
    )
    if entry.shorten and not domain and item.profile.id:
        detail = "`shorten` has no effect: the channel does not shorten"
        yield UnmetRequirement("PC512", detail, ("shorten",))
    elif domain and not entry.shorten:
        detail = f"{item.profile.label}: links become {_links_of(domain)}"
        yield from (
            UnmetRequirement("PC512", detail, path) for path, text in texts if _URL.search(text)
        )


def _links_of(domain: str) -> str:
    """Return the links that a domain makes; a word that is no domain is not shown."""
    return f"{domain} links" if "." in domain else "short ones"
