"""The content of a post: from the input of a mutation to the values that the world keeps, and back.

A Piece is text, assets and the metadata of the channel's own service; metadata of other services is
ignored. Assets are kept as `{"kind": "image", "url": ..., ...}`. The world keeps a piece twice: as
the Content that v1 shows, and in `extras` the values that only this API has. If v1 changes one of
them, the other follows: the text is always that of the Content, and new media replace the old
assets.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from plancast.sandbox import compose
from plancast.sandbox import text as texts
from plancast.sandbox.graphql.errors import invalid
from plancast.sandbox.services import GRAPHQL_SERVICES, SERVICES
from plancast.sandbox.settings import Settings
from plancast.sandbox.values import Content, Kind, Profile, Update

Json = Mapping[str, Any]

#: Services whose posts can carry a link card here.
CARDS = frozenset(name for name, known in GRAPHQL_SERVICES.items() if known.link_card)
_KINDS = ("image", "video", "document", "link")


@dataclass(frozen=True, slots=True)
class Piece:
    """The content of a post on one channel. `metadata` holds no null."""

    text: str
    assets: tuple[Json, ...] = ()
    metadata: Json = field(default_factory=dict)

    @property
    def thread(self) -> tuple[Json, ...]:
        """All parts of a thread, the root first; empty if the post is none."""
        return tuple(self.metadata.get("thread", ()))

    def has(self, *kinds: str) -> bool:
        """Return whether there is an asset of one of these kinds."""
        return any(asset["kind"] in kinds for asset in self.assets)


def read(sent: Json, owner: Profile) -> Piece:
    """Return the piece of a createPost, or of an editPost that replaces everything."""
    return _linked(
        Piece(sent.get("text") or "", assets(sent.get("assets")), metadata(sent, owner)), owner
    )


def edited(sent: Json, item: Update, owner: Profile) -> Piece:
    """Return the piece after an editPost that keeps omitted fields."""
    kept = stored(item, owner)
    changed = kept
    if "text" in sent:
        changed = replace(changed, text=sent["text"] or "")
        # The text of a post is that of its thread's root: a new text changes both.
        if changed.thread and changed.text != kept.text:
            root = {**changed.thread[0], "text": changed.text}
            thread = [root, *changed.thread[1:]]
            changed = replace(changed, metadata={**changed.metadata, "thread": thread})
    if "assets" in sent:
        changed = replace(changed, assets=assets(sent["assets"]))
    inputs = sent.get("metadata") or {}
    own = inputs.get(_key(owner))
    if own is not None:
        news = metadata(sent, owner)
        stay = {
            name: value for name, value in kept.metadata.items() if own.get(name, "") is not None
        }
        merged = {**stay, **news} if GRAPHQL_SERVICES[owner.service].is_merged else news
        changed = replace(changed, metadata=merged)
    return _linked(changed, owner)


def _key(owner: Profile) -> str:
    """Return the key of the channel's service in PostInputMetaData."""
    return GRAPHQL_SERVICES[owner.service].input_key or owner.service


def metadata(sent: Json, owner: Profile) -> Json:
    """Return the metadata of the channel's own service, a thread's assets as they are kept."""
    inputs = (sent.get("metadata") or {}).get(_key(owner)) or {}
    own = _without_nulls(inputs)
    if own.get("thread"):
        own["thread"] = [_part(part, owner) for part in own["thread"]]
    else:
        own.pop("thread", None)
    return own


def _part(sent: Json, owner: Profile) -> dict[str, Any]:
    """Return a part of a thread as it is kept. Raises Refused for metadata of another network."""
    own = _without_nulls(sent.get("metadata") or {})
    if own.keys() - {owner.service}:
        raise invalid("The metadata of an item of a thread are those of another network.")
    kept = {"text": sent.get("text") or "", "assets": list(assets(sent.get("assets")))}
    link = own.get(owner.service, {}).get("linkAttachment")
    return {**kept, "link": link} if link else kept


def _without_nulls(value: Json) -> dict[str, Any]:
    """Return a mapping without null values, at any depth."""
    filled = {name: item for name, item in value.items() if item is not None}
    return {
        n: _without_nulls(item) if isinstance(item, Mapping) else item for n, item in filled.items()
    }


def assets(inputs: Iterable[Json] | None) -> tuple[Json, ...]:
    """Return assets as they are kept. Raises Refused unless each is of exactly one kind."""
    kept: list[Json] = []
    for asset in inputs or ():
        kinds = [kind for kind in _KINDS if asset.get(kind) is not None]
        if len(kinds) != 1:
            raise invalid("An asset is exactly one of image, video, document or link.")
        inside = _without_nulls(asset[kinds[0]])
        if kinds[0] == "video" and "thumbnailUrl" in inside:
            raise invalid("The thumbnail of a video cannot be set by its address.")
        kept.append({"kind": kinds[0], **inside.pop("metadata", {}), **inside})
    return tuple(kept)


def _linked(piece: Piece, owner: Profile) -> Piece:
    """Turn a link among the assets into a link attachment, on services that have one."""
    links = [asset for asset in piece.assets if asset["kind"] == "link"]
    if not links:
        return piece
    if owner.service not in CARDS:
        raise invalid("This network has no link attachments.")
    link = {key: links[0][key] for key in ("url", "title", "description") if key in links[0]}
    if "thumbnailUrl" in links[0]:
        link["thumbnail"] = {"url": links[0]["thumbnailUrl"]}
    rest = tuple(asset for asset in piece.assets if asset["kind"] != "link")
    return replace(piece, assets=rest, metadata={"linkAttachment": link, **piece.metadata})


# --- stored values ----------------------------------------------------------------------------


def content(piece: Piece, owner: Profile, settings: Settings) -> Content:
    """Return a piece as v1 shows it.

    Links in the text are shortened only if the profile shortens.
    """
    text = shown_text(piece.text, owner, settings)
    link = piece.metadata.get("linkAttachment")
    media: dict[str, str] = {}
    extra: list[dict[str, str]] = []
    for asset in piece.assets:
        if asset["kind"] == "image" and "picture" not in media:
            media = {"picture": asset["url"], **_details(asset)}
        elif asset["kind"] == "image":
            extra.append({"photo": asset["url"], **_details(asset)})
        elif asset["kind"] == "video" and not media:
            media = {"video": asset["url"]}
    if link and SERVICES[owner.service].card:
        parts = {key: str(link[key]) for key in ("title", "description") if link.get(key)}
        picture = link.get("thumbnail", {}).get("url")
        parts |= {"picture": picture} if picture else {}
        media = compose.card({"link": link["url"], **parts})
    pictured = "picture" in media and "link" not in media
    kind = Kind.PICTURE if pictured else Kind.LINK if link or texts.first_link(text) else Kind.TEXT
    return Content(text, texts.md5(piece.text), kind, media, tuple(extra))


def _details(image: Json) -> dict[str, str]:
    details = {"thumbnail": image.get("thumbnailUrl"), "alt_text": image.get("altText")}
    return {name: value for name, value in details.items() if value}


def shown_text(text: str, owner: Profile, settings: Settings) -> str:
    """Return a text as it is read back."""
    trimmed = text.strip(compose.BLANK)
    return texts.shorten(trimmed, owner.id) if shortens(owner, settings) else trimmed


def shortens(owner: Profile, settings: Settings) -> bool:
    """Return whether links are shortened in posts of this API on a channel."""
    return owner.shortens and settings.graphql_shortens


def extras(piece: Piece, owner: Profile, settings: Settings) -> dict[str, Any]:
    """Return the values that the Content lacks, as `Update.extras` keeps them."""
    kept = dict(piece.metadata)
    if piece.thread:
        kept["thread"] = [
            {**part, "text": shown_text(part["text"], owner, settings)} for part in piece.thread
        ]
    return {"assets": [dict(asset) for asset in piece.assets], "metadata": kept}


def stored(item: Update, owner: Profile) -> Piece:
    """Return the piece of a post, created over either API."""
    kept = dict(item.extras.get("metadata", {}))
    if kept.get("thread"):  # v1 may have changed the text, which is that of the root
        root = {**kept["thread"][0], "text": item.content.text}
        kept["thread"] = [root, *kept["thread"][1:]]
    media = item.content.media
    if "link" in media and "linkAttachment" not in kept and owner.service in CARDS:
        kept["linkAttachment"] = _attachment(media)
    elif "link" in media and owner.service not in CARDS:
        kept["v1_link"] = media["link"]  # Google's posts have a button in its place
    kept_assets = item.extras.get("assets")
    listed = _media(item.content) if kept_assets is None else tuple(kept_assets)
    return Piece(item.content.text, listed, kept)


def _attachment(media: Mapping[str, str]) -> dict[str, Any]:
    """Return the link attachment of a post that was created over v1."""
    names = {"url": "link", "title": "title", "description": "description"}
    attachment: dict[str, Any] = {name: media[key] for name, key in names.items() if media.get(key)}
    picture = media.get("picture") or media.get("preview")
    return attachment | ({"thumbnail": {"url": picture}} if picture else {})


def _media(of: Content) -> tuple[Json, ...]:
    """Return the assets of a post that was created over v1."""
    media_assets: list[Json] = []
    if "link" not in of.media:
        if of.media.get("picture"):
            media_assets.append(_image(of.media["picture"], of.media))
        elif of.media.get("video"):
            media_assets.append({"kind": "video", "url": of.media["video"]})
    return (*media_assets, *(_image(extra["photo"], extra) for extra in of.extra_media))


def _image(url: str, details: Mapping[str, str]) -> Json:
    thumbnail = {"thumbnailUrl": details["thumbnail"]} if details.get("thumbnail") else {}
    return {"kind": "image", "url": url, "altText": details.get("alt_text", ""), **thumbnail}
