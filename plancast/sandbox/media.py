"""Addresses of media as Buffer meets them: those it refuses, and those that end before it fetches.

Buffer takes no files, only addresses, and fetches what is there when the post goes out
(docs/media.md). The sandbox fetches nothing. It goes by the address alone: a host that Buffer's
servers cannot reach, a page in the place of a file, an ending of another kind of file. What the
address leaves open is taken.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address
from socket import inet_aton, inet_ntoa
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote

from plancast.sandbox import text as texts
from plancast.sandbox.services import PICTURE_TYPES
from plancast.sandbox.v1.errors import BAD_IMAGE_URL, ApiError
from plancast.sandbox.values import Update

BACKFILL = "Failed to backfill media from URL"
"""The error of a post whose media could not be fetched when it went out."""

UNREADABLE_VIDEO = "Video could not be read from its URL"


def _words(text: str) -> list[str]:
    return text.split()


_PICTURES = frozenset((*PICTURE_TYPES, "heic", "heif", "jpe", "jfif", "apng"))
_OTHER_PICTURES = frozenset(_words("webp svg svgz avif bmp tif tiff ico jxl psd"))
_VIDEOS = frozenset(_words("mp4 mov qt m4v avi webm mpg mpeg mkv wmv flv 3gp ogv"))
_DOCUMENTS = frozenset(
    _words(
        "html htm xhtml txt md csv rtf json xml yaml yml pdf doc docx xls xlsx ppt pptx odt ods "
        "odp zip gz tar 7z rar exe msi dmg apk mp3 wav m4a ogg oga opus flac"
    )
)
_REFUSED: Mapping[str, frozenset[str]] = {
    "image": _OTHER_PICTURES | _VIDEOS | _DOCUMENTS,
    "video": (_PICTURES | _OTHER_PICTURES | _DOCUMENTS) - {"gif"},
    "document": frozenset(),
}
"""The endings that show that a file is of another kind, by the kind of asset."""

_CONVERTING = frozenset(_words("format fm f fmt auto output type as to"))
"""Keys of a query with which picture services send another type than the ending says."""

_NO_PUBLIC_NAME = re.compile(
    r"[^.]*|(.+\.)?(localhost|local|localdomain|internal|intranet|private|corp|home|lan|home\.arpa"
    r"|test|invalid|onion)"
)

_PAGES = tuple(
    re.compile(pattern)
    for pattern in (
        r"github\.com/[^/]+/[^/]+/(blob|blame|tree|edit)/.+",
        r"gist\.github\.com/[^/]+/[0-9a-f]{6,40}/?",
        r"gitlab\.(com|[^/]+)/.+/-/(blob|blame|tree|edit)/.+",
        r"gitlab\.(com|[^/]+)/(?!.*/-/)[^/]+/.+/(blob|blame|tree)/.+",
        r"bitbucket\.org/[^/]+/[^/]+/src/.+",
        r"(codeberg\.org|gitea\.[^/]+|forgejo\.[^/]+)/[^/]+/[^/]+/src/(branch|commit|tag)/.+",
        r"git\.sr\.ht/~[^/]+/[^/]+/tree/[^/]+/item/.+",
        r"(dev\.azure\.com|[^/]+\.visualstudio\.com)/.+/_git/.+",
        r"drive\.google\.com/(a/[^/]+/)?(file/d/|open$|drive/).*",
        r"docs\.google\.com/(document|presentation|spreadsheets|file)/.*",
        r"(photos\.google\.com|photos\.app\.goo\.gl)/.*",
        r"dropbox\.com/(s|sh|scl)/.*",
        r"(1drv\.ms|onedrive\.live\.com)/(?!download).*",
        r"[^/]+\.sharepoint\.com/:[a-z]:/.*",
        r"(share\.)?icloud\.com/.+",
        r"([^/]+\.)?box\.com/(s|v|file)/.*",
        r"(mega\.(nz|io)|we\.tl|wetransfer\.com)/.*",
        r"mediafire\.com/(file|view|folder)/.*",
        r"(m\.)?imgur\.com/([\w-]+/?|(a|gallery|t)/.*)",
        r"(ibb\.co/[\w-]+/?|postimg\.cc/([\w-]+/?|gallery/.*))",
        r"(flickr\.com|flic\.kr)/(photos|p)/.*",
        r"unsplash\.com/([a-z-]{2,5}/)?photos/(?!.*/download$).*",
        r"pexels\.com/([a-z]{2}-[a-z]{2}/)?(photo|video)/(?!.*/download).*",
        r"pixabay\.com/([a-z]{2}/)?(photos|illustrations|vectors|videos)/.*",
        r"giphy\.com/(gifs|clips|stickers)/.*",
        r"tenor\.com/([a-zA-Z-]+/)?view/.*",
        r"canva\.com/design/.*|figma\.com/(file|design|proto)/.*|loom\.com/share/.*",
        r"vimeo\.com/([^/]+/)*[0-9]+/?|((m\.)?youtube\.com|youtu\.be)/.+",
        r"instagram\.com/(p|reel|stories)/.*|(m\.)?facebook\.com/.+|fb\.watch/.*",
        r"(x|twitter)\.com/[^/]+/status/.*|(vm\.)?tiktok\.com/.+",
        r"(commons\.(m\.)?wikimedia\.org|[^/]+\.wikipedia\.org)/wiki/[A-Za-z]+:.*",
    )
)
"""Pages around files, as host and path. A request for one is answered with HTML."""

_DIRECT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "github.com": {"raw": ("1", "true")},
    "dropbox.com": {"raw": ("1",), "dl": ("1",)},
    "1drv.ms": {"download": ("1",)},
    "onedrive.live.com": {"download": ("1",)},
    "sharepoint.com": {"download": ("1",)},
}
"""Values in the query with which such a page sends the file."""


def refusal(url: str, kind: str = "image") -> ApiError | None:
    """Return the refusal of an address of an image, a video or a document; None if it is taken."""
    address = texts.address(url)
    host = (address.hostname or "").rstrip(".")
    if address.scheme not in ("http", "https") or _is_hidden(host) or _is_page(address, host):
        return ApiError(1003, UNREADABLE_VIDEO if kind == "video" else BAD_IMAGE_URL)
    suffix = suffix_of(url)
    if suffix in _REFUSED[kind] and not _CONVERTING & _query(address).keys():
        if kind == "video":
            return ApiError(1030, UNREADABLE_VIDEO)
        return ApiError(1030, f"The media file type .{suffix} is not supported.")
    return None


def suffix_of(url: str) -> str:
    """Return the type that an address names, such as "png"; "" if it names none."""
    name = unquote(texts.address(url).path).rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""


def _is_hidden(host: str) -> bool:
    """Return whether a host is out of the reach of Buffer's servers."""
    try:
        literal = ip_address(host if ":" in host else inet_ntoa(inet_aton(host)))
    except (OSError, ValueError):
        return _NO_PUBLIC_NAME.fullmatch(host) is not None
    if literal.version == 6 and literal.packed[0] >> 5 != 1:
        return True  # outside of 2000::/3
    carries_ipv4 = literal.version == 6 and literal.packed[:2] == b"\x20\x02"
    return carries_ipv4 or literal.is_multicast or not literal.is_global


def _is_page(address: SplitResult, host: str) -> bool:
    host = host.removeprefix("www.")
    direct = _DIRECT.get("sharepoint.com" if host.endswith(".sharepoint.com") else host, {})
    query = _query(address)
    if any(query.get(key, [""])[0] in values for key, values in direct.items()):
        return False
    place = f"{host}{unquote(address.path) or '/'}"
    return any(pattern.fullmatch(place) for pattern in _PAGES)


def _query(address: SplitResult) -> dict[str, list[str]]:
    try:
        found = parse_qs(address.query, keep_blank_values=True)
    except ValueError:
        return {}
    return {key.lower(): values for key, values in found.items()}


# -- addresses that end ---------------------------------------------------------------------------


def ended(item: Update, at: int) -> bool:
    """Return whether an address among the media of a post has stopped working by a moment."""
    return any(end <= at for url in _addresses(item) if (end := _end(url)) is not None)


def _addresses(item: Update) -> Iterator[str]:
    """Yield the addresses of all media of a post."""
    of = item.content
    yield from (of.media[key] for key in ("picture", "video") if key in of.media)
    yield from (extra["photo"] for extra in of.extra_media if "photo" in extra)
    metadata: Mapping[str, Any] = item.extras.get("metadata", {})
    parts = (asset for part in metadata.get("thread", ()) for asset in part["assets"])
    for asset in (*item.extras.get("assets", ()), *parts):
        if "url" in asset:
            yield asset["url"]


def _end(url: str) -> int | None:
    """Return the Unix second at which a signed address stops working; None if it names none."""
    query = {key: values[0] for key, values in _query(texts.address(url)).items()}
    for vendor in ("x-amz", "x-goog", "x-oss"):
        try:
            begin = datetime.strptime(query[f"{vendor}-date"], "%Y%m%dT%H%M%S%z")
            return int(begin.timestamp()) + int(query[f"{vendor}-expires"])
        except (KeyError, ValueError):
            continue
    if "sig" in query and "se" in query:
        try:
            moment = datetime.fromisoformat(query["se"])
        except ValueError:
            return None
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    if {"signature", "sig", "key-pair-id"} & query.keys():
        try:
            return int(query.get("expires", ""))
        except ValueError:  # no number, or one of thousands of digits
            return None
    return None
