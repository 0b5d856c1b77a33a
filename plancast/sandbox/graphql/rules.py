"""The demands of each network on a post, in this API's words (docs/networks.md#required-content).

Every rule yields sentences, and an answer lists all mistakes at once. Wordings that clients have
seen are those of Instagram, Facebook and NO_TEXT_OR_MEDIA; the others are ours, after their
pattern.
"""

from collections.abc import Callable, Iterator, Mapping

from plancast.sandbox import compose, contents, counting, measured, media
from plancast.sandbox import text as texts
from plancast.sandbox.graphql import boards
from plancast.sandbox.graphql.errors import INVALID, NO_TEXT_OR_MEDIA, Refused, invalid
from plancast.sandbox.graphql.post_input import Json, Piece
from plancast.sandbox.services import GRAPHQL_SERVICES, SERVICES, Service, longest_of_account
from plancast.sandbox.settings import Settings
from plancast.sandbox.values import Profile

_TIKTOK_VIDEO = 2200
_CATEGORIES = frozenset(map(str, (1, 2, 10, 15, 17, *range(19, 21), *range(22, 30))))
_TYPES = frozenset(("post", "story", "reel", "carousel"))
_TYPE = "posts require a type (post, story, or reel)."


def title(service: str) -> str:
    """Return the name of a network in a refusal."""
    return GRAPHQL_SERVICES[service].title


def characters(owner: Profile, settings: Settings, video: bool = False) -> int | None:
    """Return the longest text that a channel allows, None if any will do."""
    service = owner.service
    if service in settings.character_limits:
        return settings.character_limits[service]
    own = longest_of_account(service, owner.extras)
    if own is not None:
        return own
    return _TIKTOK_VIDEO if service == "tiktok" and video else GRAPHQL_SERVICES[service].characters


def check(piece: Piece, owner: Profile, settings: Settings) -> None:
    """Refuse a piece with all of its mistakes. Raises Refused."""
    if contents.is_blank(piece.text) and not piece.assets:
        raise Refused(INVALID, NO_TEXT_OR_MEDIA)
    sentences = [
        *_OWN.get(owner.service, _nothing)(piece, owner),
        *_lengths(piece, owner, settings),
        *_contents(piece, owner),
        *_thread(piece),
        *_link(piece, owner),
        *(_addresses(piece) if settings.check_images else ()),
    ]
    if sentences:
        raise invalid(*sentences)


def _lengths(piece: Piece, owner: Profile, settings: Settings) -> Iterator[str]:
    """Yield what is too long: the text, parts of a thread, the first comment, single fields."""
    name, service = title(owner.service), SERVICES[owner.service]
    known = GRAPHQL_SERVICES[owner.service]
    limit = characters(owner, settings, piece.has("video"))
    warning = str(piece.metadata.get(known.warning, "")).strip(compose.BLANK)
    parts = (piece.text, *(part["text"] for part in piece.thread[1:]))
    for number, text in enumerate(parts):
        shown = "" if number else warning
        for long in measured.overlong(text.strip(compose.BLANK), limit, service, settings, shown):
            what = f"Item {number + 1} of the thread" if number else "The text"
            yield f"{what} is too long for {name}: {long}."
    comment = piece.metadata.get("firstComment", "")
    if known.comment is not None:
        for long in measured.overlong(comment, known.comment, service, settings):
            yield f"The first comment is too long for {name}: {long}."
    for key, limit in known.longest:
        length = counting.utf16(piece.metadata.get(key, ""))
        if length > limit:
            yield f"The {key} is too long for {name}: {length} of {limit} characters."
    yield from _alt_texts(piece, service, settings)


def _alt_texts(piece: Piece, service: Service, settings: Settings) -> Iterator[str]:
    name = title(service.name)
    for asset in (*piece.assets, *(one for part in piece.thread[1:] for one in part["assets"])):
        for long in measured.overlong_alt_text(asset.get("altText", ""), service, settings):
            yield f"An alternative text is too long for {name}: {long}."


def _contents(piece: Piece, owner: Profile) -> Iterator[str]:
    followers = (part["text"] for part in piece.thread[1:])
    links = (piece.metadata.get("linkAttachment"), *(part.get("link") for part in piece.thread[1:]))
    cards = [link["url"] if link else "" for link in links]
    comment = piece.metadata.get("firstComment", "")
    service = SERVICES[owner.service]
    others = [*_strings(piece.metadata), *_strings({"assets": piece.assets})]
    return contents.mistakes(service, (piece.text, *followers), comment, cards, others)


def _strings(value: object) -> Iterator[str]:
    """Yield the texts at any depth of a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)


def _thread(piece: Piece) -> Iterator[str]:
    if not piece.thread:
        return
    if piece.thread[0]["text"] != piece.text:
        yield "The first item of a thread must have the text of the post."
    if any(contents.is_blank(part["text"]) and not part["assets"] for part in piece.thread):
        yield "Every item of a thread must have either text or media."


def _link(piece: Piece, owner: Profile) -> Iterator[str]:
    if not GRAPHQL_SERVICES[owner.service].link_card:
        return
    own = (piece.metadata.get("linkAttachment"), piece.assets, "A post")
    items = ((part.get("link"), part["assets"], "An item of a thread") for part in piece.thread)
    for link, media_beside, name in (own, *items):
        if link is not None and media_beside:
            yield f"{name} cannot have both a link attachment and media."
        if link is not None and texts.address(link["url"]).scheme not in ("http", "https"):
            yield "The link attachment has no web address."


def _addresses(piece: Piece) -> Iterator[str]:
    parts = (asset for part in piece.thread for asset in part["assets"])
    links = (piece.metadata.get("linkAttachment"), *(part.get("link") for part in piece.thread))
    pictures = [(link or {}).get("thumbnail", {}).get("url") for link in links]
    thumbnails = [{"kind": "image", "url": address} for address in pictures if address]
    for asset in (*piece.assets, *parts, *thumbnails):
        refused = media.refusal(asset["url"], asset["kind"])
        if refused is not None:
            yield f"{refused.message.rstrip('.')}."


# --- one network after the other ----------------------------------------------------------------


def _nothing(_piece: Piece, _owner: Profile) -> Iterator[str]:
    return iter(())


def _media(piece: Piece, name: str) -> Iterator[str]:
    if not piece.has("image", "video"):
        yield f"{name} posts require at least one image or video."


def _facebook(piece: Piece, _owner: Profile) -> Iterator[str]:
    if "type" not in piece.metadata:
        yield f"Facebook {_TYPE}"


def _instagram(piece: Piece, _owner: Profile) -> Iterator[str]:
    yield from _media(piece, "Instagram")
    if piece.metadata.get("type") not in _TYPES:
        yield f"Instagram {_TYPE}"


def _pinterest(piece: Piece, owner: Profile) -> Iterator[str]:
    yield from _media(piece, "Pinterest")
    if contents.is_blank(piece.text):
        yield "Pinterest posts require a text."
    board = piece.metadata.get("boardServiceId")
    if not board:
        yield "Pinterest posts require a board."
    elif board not in {known["serviceId"] for known in boards.of(owner)}:
        yield "The Pinterest board was not found."


def _youtube(piece: Piece, _owner: Profile) -> Iterator[str]:
    """Yield what a YouTube post lacks."""
    if not piece.has("video"):
        yield "YouTube posts require a video."
    if contents.is_blank(piece.metadata.get("title", "")):
        yield "YouTube posts require a title."
    category = piece.metadata.get("categoryId")
    if not category:
        yield "YouTube posts require a category."
    elif category not in _CATEGORIES:
        yield "The YouTube category does not exist."


def _tiktok(piece: Piece, _owner: Profile) -> Iterator[str]:
    yield from _media(piece, "TikTok")


def _twitter(piece: Piece, _owner: Profile) -> Iterator[str]:
    """Yield what is wrong with a post on X that passes on another one."""
    retweet = piece.metadata.get("retweet")
    if retweet is None:
        return
    if not (retweet["id"].isascii() and retweet["id"].isdigit()):
        yield "The retweeted post was not found."
    if piece.metadata.get("isAiGenerated"):
        yield "Retweets cannot be marked as AI-generated."


DETAILS = {"whats_new": "detailsWhatsNew", "offer": "detailsOffer", "event": "detailsEvent"}


def _google(piece: Piece, _owner: Profile) -> Iterator[str]:
    """Yield what a Google Business post lacks, or has of another type."""
    kind = piece.metadata.get("type")
    if kind is None:
        yield "Google Business posts require a type (whats_new, offer, or event)."
        return
    detail_names = [name for name in DETAILS.values() if name in piece.metadata]
    if detail_names not in ([], [DETAILS[kind]]):
        yield "The details of a Google Business post must match its type."
        return
    details: Json = piece.metadata.get(DETAILS[kind], {})
    if kind != "whats_new":
        missing = [key for key in ("title", "startDate", "endDate") if details.get(key) is None]
        if missing:
            yield f"A Google Business {kind} requires {' and '.join(missing)}."
        elif details["endDate"] < details["startDate"]:
            yield f"A Google Business {kind} cannot end before it starts."


_OWN: Mapping[str, Callable[[Piece, Profile], Iterator[str]]] = {
    "facebook": _facebook,
    "instagram": _instagram,
    "pinterest": _pinterest,
    "youtube": _youtube,
    "tiktok": _tiktok,
    "googlebusiness": _google,
    "twitter": _twitter,
}
