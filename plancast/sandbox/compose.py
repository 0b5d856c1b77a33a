"""The rewriting of submitted content into stored content. Pure; refusals are ApiErrors.

A planner must not mistake this rewriting for a person's edit. Networks with link cards turn a link
into `media` and drop a photo beside it; on the others the link is appended to the text. A `photo`
reads back as `picture`. Text is trimmed and its links are shortened, while `text_md5` is that of
the text as submitted, after the link was appended.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from plancast.sandbox import contents, measured
from plancast.sandbox import media as media_rules
from plancast.sandbox import text as texts
from plancast.sandbox.services import SERVICES, Limits, Service, longest_of_account
from plancast.sandbox.settings import Settings
from plancast.sandbox.v1.errors import NO_INSTAGRAM_PHOTO, ApiError
from plancast.sandbox.v1.php_form import Form
from plancast.sandbox.values import Content, Kind, Profile

_CARD_PARTS = ("link", "title", "description", "expanded_link", "preview", "picture", "thumbnail")
_PICTURE_PARTS = ("picture", "thumbnail", "alt_text", "video")
#: The characters that PHP trims. A no-break space, for instance, stays.
BLANK = " \t\n\r\0\x0b"
_STORAGE = "https://buffer-pictures.s3.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Submission:
    """The content parameters of create and update.

    `media` and `extra_media` are None if they were not sent, and empty if they were sent empty: the
    first keeps the stored value, the second clears it. `by_person`: written in the service itself,
    where the rules about single characters are not asked, so that a queue can hold anything.
    """

    text: str | None
    facebook_text: str | None = None
    media: Mapping[str, str] | None = None
    extra_media: tuple[Mapping[str, str], ...] | None = None
    retweet: Mapping[str, str] | None = None
    shorten: bool = True
    attachment: bool = True
    by_person: bool = False

    @classmethod
    def from_form(cls, form: Form) -> Self:
        """Read the content parameters of a request."""
        return cls(
            text=form.text("text"),
            facebook_text=form.text("fb_text"),
            media=form.mapping("media"),
            extra_media=form.mappings("extra_media"),
            retweet=form.mapping("retweet"),
            shorten=form.flag("shorten", True),
            attachment=form.flag("attachment", True),
        )

    def text_for(self, service: str) -> str:
        """Return the text for a network; Facebook may have one of its own."""
        if service == "facebook" and self.facebook_text:
            return self.facebook_text
        return self.text or ""


def compose(
    submission: Submission,
    profile: Profile,
    settings: Settings,
    kept: Content | None = None,
    md5_before: str = "",
) -> Content:
    """Return the stored content of a submission on one profile. Raises ApiError.

    `kept` is the stored content that an update edits. `md5_before` is the text_md5 that the same
    call gave the profile before this one: the service passes it on to a profile whose text is
    empty.
    """
    service = SERVICES[profile.service]
    raw = submission.text_for(service.name)
    media, extra = _stored(submission, kept)
    link = media.get("link", "")
    if link and not service.card:
        # A network without cards shows the link only if it is in the text.
        raw = raw if texts.has_link(raw, link) else f"{raw} {link}"
        media = _picture(media, settings)
    elif link:
        media, extra = card(media), ()  # a card has one picture, that of its page
    else:
        media = _picture(media, settings)
    # From here on `raw` is what text_md5 is made of, and `shown` is what answers show.
    shown = raw.strip(BLANK)
    link_in_text = texts.first_link(shown)
    if link_in_text and service.card and submission.attachment and not media and not extra:
        media = card({"link": link_in_text})
        shown = texts.without_link(shown, link_in_text) if settings.strip_card_url else shown
    if submission.shorten and profile.shortens:
        shown = texts.shorten(shown, profile.id)
    retweet = _retweet(submission, service, kept)
    content = Content(
        text=shown,
        text_md5=texts.md5(raw) if raw or not md5_before else md5_before,
        kind=_kind(shown, media, extra, retweet),
        media=media,
        extra_media=extra,
        retweet=retweet,
    )
    others = [value for item in (content.media, *content.extra_media) for value in item.values()]
    card_url = content.media.get("link", "")
    mistake = next(contents.mistakes(service, (raw,), cards=(card_url,), others=others), "")
    if mistake and not submission.by_person:
        raise ApiError(1004, mistake)
    _check(content, raw.strip(BLANK), profile, settings)
    return content


def _stored(
    submission: Submission, kept: Content | None
) -> tuple[Mapping[str, str], tuple[Mapping[str, str], ...]]:
    """Return the media as submitted, or as stored before if none were sent."""
    media: Mapping[str, str] = submission.media or {}
    extra = submission.extra_media or ()
    if kept is not None and submission.media is None:
        media = kept.media
        if not submission.attachment and "link" in media:
            media = {}
    if kept is not None and submission.extra_media is None:
        extra = kept.extra_media
    return media, tuple(_photo(item) for item in extra)


def card(media: Mapping[str, str]) -> dict[str, str]:
    """Return a link card. The page's own values stand in for those that the client did not send.

    The sandbox fetches nothing: title, description and picture of the page are derived from its
    address, the same every time.
    """
    link = media["link"]
    address = texts.address(link)
    site = address.hostname or link
    slug = (
        address.path.rstrip("/").rpartition("/")[2].rpartition(".")[0]
        or (address.path.rstrip("/").rpartition("/")[2])
    )
    scraped = {
        "link": link,
        "title": slug.replace("-", " ").replace("_", " ").strip().capitalize() or site,
        "description": f"A page of {site}.",
        "expanded_link": link,
        "preview": f"https://{site}/preview.png",
    }
    return {part: value for part in _CARD_PARTS if (value := media.get(part) or scraped.get(part))}


def _picture(media: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Return the rest of media without a link: one picture, a video, or nothing."""
    picture = media.get("photo") or media.get("picture", "")
    if not picture:
        return {"video": media["video"]} if media.get("video") else {}
    parts = {**media, "picture": picture}
    if settings.rehost_images and not picture.startswith(_STORAGE):
        parts |= rehosted(picture)
    return {part: parts[part] for part in _PICTURE_PARTS if part in parts}


def rehosted(picture: str) -> dict[str, str]:
    """Return the addresses of a picture and its thumbnail in Buffer's own storage."""
    digest = hashlib.sha256(picture.encode()).hexdigest()
    copy = f"{_STORAGE}/{digest[:32]}.{digest[32:]}"
    suffix = media_rules.suffix_of(picture) or "jpg"
    return {"picture": f"{copy}.{suffix}", "thumbnail": f"{copy}.100x100.{suffix}"}


def _photo(item: Mapping[str, str]) -> dict[str, str]:
    """Return an element of extra_media: its address is called `photo`, however it was sent."""
    photo = item.get("photo") or item.get("picture", "")
    rest = {key: item[key] for key in ("thumbnail", "alt_text") if key in item}
    return {"photo": photo, **rest}


def _retweet(submission: Submission, service: Service, kept: Content | None) -> Mapping[str, str]:
    """Return the retweet of a post on Twitter; {} on other networks, or without one."""
    before = dict(kept.retweet) if kept else {}
    sent = submission.retweet or {}
    if service.name != "twitter" or not (before or sent.get("tweet_id")):
        return {}
    return before | {k: v for k, v in sent.items() if k in ("tweet_id", "comment")}


def _kind(
    text: str,
    media: Mapping[str, str],
    extra: tuple[Mapping[str, str], ...],
    retweet: Mapping[str, str],
) -> Kind:
    """Return the `type` of an update."""
    if retweet:
        return Kind.RETWEET
    if "link" in media:
        return Kind.LINK
    if "picture" in media or extra:
        return Kind.PICTURE
    return Kind.LINK if texts.first_link(text) else Kind.TEXT


def _check(content: Content, text: str, owner: Profile, settings: Settings) -> None:
    """Refuse content that is empty, too long, or lacks a picture. Raises ApiError."""
    service = SERVICES[owner.service]
    pictures = [content.media.get("picture", ""), *(i["photo"] for i in content.extra_media)]
    pictures = [picture for picture in pictures if picture]
    shown = bool(content.text and not contents.is_blank(content.text))
    # A card does not make up for a text that shows nothing, though it does for none at all.
    beside = pictures or "video" in content.media or (content.media and not content.text)
    if not (shown or beside or content.retweet):
        raise ApiError(1004, "Please give the post a text or something to show.")
    title = next(iter(service.types.values()))
    if service.needs_picture and not (pictures or "video" in content.media):
        raise ApiError(1004, NO_INSTAGRAM_PHOTO.replace("Instagram", title))
    limit = Limits(settings.character_limits).characters(service.name)
    own = longest_of_account(service.name, owner.extras)
    if own is not None and service.name not in settings.character_limits:
        limit = own
    for long in measured.overlong(text, limit, service, settings):
        raise ApiError(1004, f"The text is too long for {title}: {long}.")
    for medium in (content.media, *content.extra_media):
        for long in measured.overlong_alt_text(medium.get("alt_text", ""), service, settings):
            raise ApiError(1004, f"The alternative text is too long for {title}: {long}.")
    if settings.check_images:
        for picture in pictures:
            refused = media_rules.refusal(picture)
            if refused is not None:
                raise refused
