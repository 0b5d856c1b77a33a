"""The builder of the inputs of mutations, and the prediction of how a post reads back. Pure.

`expected` is the harder half. Texts come back trimmed. A link becomes a card if the network has
cards and nothing else is attached (a card beside pictures is refused, see
docs/buffer/graphql.md#creating-posts); else it ends the text. A link within a text becomes a card
too, unless the post forbids it: this API makes no cards by itself, so plancast asks for one.
Pictures come back with their alternative texts. Links may come back shortened, whatever a post
says (docs/buffer/graphql.md#link-shortening).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

from plancast.model.entry import Entry, Image, Link, QueuePosition, Stage, ThreadItem, Video
from plancast.model.profile import Profile
from plancast.networks.registry import NETWORKS
from plancast.networks.sent_text import as_post, place_link
from plancast.providers.buffer_features import CARDS, CURRENT
from plancast.providers.buffer_graphql import metadata
from plancast.providers.buffer_text import first_url

THREADED = frozenset(name for name, network in NETWORKS.items() if network.threads)
COMMENTED = frozenset(
    name for name, network in NETWORKS.items() if network.first_comment is not None
)

SHARE_NOW = "shareNow"


# -- to the wire ----------------------------------------------------------------------------------


def create_input(
    entry: Entry, owner: Profile, tag_ids: Sequence[str] | None = None
) -> dict[str, Any]:
    """Build a CreatePostInput. `tag_ids` is None if tags cannot be used."""
    fields = {"channelId": owner.id, **_content(entry, owner), **_time(entry)}
    fields["saveToDraft"] = entry.stage is not Stage.SCHEDULED
    fields["needsApproval"] = entry.stage is Stage.NEEDS_APPROVAL
    if tag_ids:
        fields["tagIds"] = list(tag_ids)
    return fields


def edit_input(  # noqa: PLR0913, PLR0917  # the post, before and after, and what is said beside it
    post_id: str,
    entry: Entry,
    previous: Entry,
    owner: Profile,
    tag_ids: Sequence[str] | None = None,
    mode: str = "",
) -> dict[str, Any]:
    """Build an EditPostInput that holds the whole post: omitted fields may be kept or be lost.

    See docs/buffer/graphql.md#editing-posts. Only the mode is omitted, for a post that keeps its
    place in the queue: with a mode Buffer would put it at the end again. `mode` overrides that.
    """
    fields = {"id": post_id, **_content(entry, owner, previous)}
    stays = entry.due_at is None and previous.due_at is None and entry.stage is previous.stage
    if mode:
        fields["mode"] = mode
    elif not stays:
        fields.update(_time(entry))
    fields["saveToDraft"] = entry.stage is not Stage.SCHEDULED
    if entry.stage is not previous.stage:
        if entry.stage is Stage.NEEDS_APPROVAL:
            fields["approvalChange"] = "request"
        elif entry.stage is Stage.DRAFT and previous.stage is Stage.NEEDS_APPROVAL:
            fields["approvalChange"] = "revert"
    if tag_ids is not None:
        fields["tagIds"] = list(tag_ids)
    return fields


def _time(entry: Entry) -> dict[str, Any]:
    if entry.due_at is not None:
        due_at = entry.due_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"mode": "customScheduled", "dueAt": due_at}
    return {"mode": "shareNext" if entry.queue is QueuePosition.TOP else "addToQueue"}


def _content(entry: Entry, owner: Profile, previous: Entry | None = None) -> dict[str, Any]:
    """Build the content of a post. Fields that only `previous` has are sent as null.

    An edit may keep a field that is left out, so leaving one out does not remove it.
    """
    text, card, images = _placed(entry, owner)
    assets = [*_image_assets(images), *_video_assets(entry.video, owner.service)]
    before = previous or Entry()
    current = {name for name, _ in before.metadata}
    link_url = card.url if card is not None and owner.service == metadata.GOOGLE else ""
    own = metadata.settings_input(entry.metadata, owner, link_url, current)
    if own.get("retweet") and text:
        # Which of the two goes out is not published, so they are the same
        # (docs/buffer/graphql.md#retweets).
        own["retweet"] = {**own["retweet"], "comment": text}
    if entry.first_comment.strip() or before.first_comment:
        own["firstComment"] = entry.first_comment.strip() or None
    if entry.thread:
        parts = [_thread_item(as_post(item), owner) for item in entry.thread]
        own["thread"] = [{"text": text, "assets": assets}, *parts]
    elif before.thread:
        own["thread"] = None
    if owner.service in CARDS and (card or before.link):
        own["linkAttachment"] = _attachment(card) if card else None
    fields: dict[str, Any] = {"schedulingType": "automatic", "text": text, "assets": assets}
    if own:
        fields["metadata"] = {metadata.wire_name(owner.service): own}
    return fields


def _thread_item(item: Entry, owner: Profile) -> dict[str, Any]:
    """Build a ThreadedPostInput of one of the posts after the first."""
    text, card, images = _placed(item, owner)
    fields: dict[str, Any] = {"text": text, "assets": _image_assets(images)}
    if card is not None:
        fields["metadata"] = {
            metadata.wire_name(owner.service): {"linkAttachment": _attachment(card)}
        }
    return fields


def _attachment(link: Link) -> dict[str, Any]:
    parts = (("url", link.url), ("title", link.title), ("description", link.description))
    card: dict[str, Any] = {name: value for name, value in parts if value is not None}
    return {**card, "thumbnail": {"url": link.thumbnail}} if link.thumbnail else card


def _image_assets(images: Iterable[Image]) -> list[dict[str, Any]]:
    return [
        {
            "image": {
                "url": image.url,
                **({} if image.alt is None else {"metadata": {"altText": image.alt}}),
            }
        }
        for image in images
    ]


def _video_assets(video: Video | None, service: str) -> list[dict[str, Any]]:
    if video is None:
        return []
    cover = video.cover_ms if service in metadata.COVERED else None
    about = {"title": video.title, "thumbnailOffset": cover}
    details = {name: value for name, value in about.items() if value is not None}
    return [{"video": {"url": video.url, **({"metadata": details} if details else {})}}]


# -- what reads back ------------------------------------------------------------------------------


def expected(entry: Entry, owner: Profile) -> Entry:
    """Predict how an entry reads back from Buffer; the docstring of the module has the rules."""
    text, card, images = _placed(entry, owner)
    video = entry.video
    if video is not None and owner.service not in metadata.COVERED:
        video = Video(video.url, video.title)
    url = card.url if card is not None and owner.service == metadata.GOOGLE else ""
    settings = metadata.canonical(entry.metadata, owner, url)
    return Entry(
        text=text,
        due_at=entry.due_at,
        link=_bare(settings.button_url) if owner.service == metadata.GOOGLE else card,
        images=tuple(Image(image.url, image.alt) for image in images),
        shorten=bool(owner.shortens),
        video=video,
        thread=tuple(_expected_item(as_post(item), owner) for item in entry.thread),
        first_comment=entry.first_comment.strip(),
        metadata=settings.settings,
        tags=entry.tags,
        stage=entry.stage,
    )


def _expected_item(item: Entry, owner: Profile) -> ThreadItem:
    text, card, images = _placed(item, owner)
    return ThreadItem(text, tuple(Image(image.url, image.alt) for image in images), card)


def _bare(url: str) -> Link | None:
    return Link(url) if url else None


def _placed(entry: Entry, owner: Profile) -> tuple[str, Link | None, tuple[Image, ...]]:
    """Place the link of an entry: return the text, the card and the pictures that result.

    Shared by both directions, so that the prediction and the request cannot disagree.
    """
    entry = replace(entry, text=entry.text.strip())
    placed, images = place_link(entry, owner.service, CURRENT.link_cards), entry.images
    bare = not (images or entry.video or entry.thread)
    if entry.link is None and owner.service in CARDS and bare:
        url = first_url(placed.text) if entry.link_card else ""
        return placed.text, _bare(url), images
    if placed.card is None and entry.link and entry.link.thumbnail and owner.service not in CARDS:
        # There is no card to show the picture of the link on, so it is attached as an image.
        images = images if images or entry.video else (Image(entry.link.thumbnail),)
    return placed.text.strip(), placed.card, images
