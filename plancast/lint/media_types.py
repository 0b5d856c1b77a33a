"""Types of files, by the ending of an address and by the `Content-Type` of an answer. Pure.

Only types that are certain are named: `.php` may well be a picture. An ending or a type that is not
here leads to no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plancast.model.media import MediaKind


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file: its name as in the tables of networks. `kind` is None for other files."""

    name: str
    kind: MediaKind | None

    @property
    def words(self) -> str:
        """The type for people: `WEBP image`, `HTML page`."""
        suffix = {MediaKind.IMAGE: "image", MediaKind.VIDEO: "video"}
        return f"{self.name.upper()} {suffix[self.kind] if self.kind else 'file'}"


_IMAGES = {
    "jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "png": ("png", "apng"),
    "heic": ("heic", "heif"),
    "gif": ("gif",),
    "webp": ("webp",),
    "svg": ("svg", "svgz"),
    "avif": ("avif",),
    "bmp": ("bmp",),
    "tiff": ("tif", "tiff"),
    "ico": ("ico",),
    "jxl": ("jxl",),
    "psd": ("psd",),
}
_VIDEOS = {
    "mp4": ("mp4",),
    "mov": ("mov", "qt"),
    "m4v": ("m4v",),
    "avi": ("avi",),
    "webm": ("webm",),
    "mpeg": ("mpg", "mpeg"),
    "mkv": ("mkv",),
    "wmv": ("wmv",),
    "flv": ("flv",),
    "3gp": ("3gp",),
    "ogv": ("ogv",),
}
_OTHERS = {
    "html": ("html", "htm", "xhtml"),
    "text": ("txt", "md", "csv", "rtf"),
    "json": ("json",),
    "xml": ("xml",),
    "yaml": ("yaml", "yml"),
    "pdf": ("pdf",),
    "office": ("doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp"),
    "archive": ("zip", "gz", "tar", "7z", "rar"),
    "program": ("exe", "msi", "dmg", "apk"),
    "mp3": ("mp3",),
    "wav": ("wav",),
    "m4a": ("m4a",),
    "ogg": ("ogg", "oga", "opus"),
    "flac": ("flac",),
}

ENDINGS: Mapping[str, FileType] = {
    ending: FileType(name, kind)
    for table, kind in ((_IMAGES, MediaKind.IMAGE), (_VIDEOS, MediaKind.VIDEO), (_OTHERS, None))
    for name, endings in table.items()
    for ending in endings
}
"""The type of a file by the ending of its name, in lower case and without the dot."""

_CONTENT_TYPES: Mapping[str, FileType] = {
    "image/jpg": ENDINGS["jpeg"],
    "image/pjpeg": ENDINGS["jpeg"],
    "image/apng": ENDINGS["png"],
    "image/heif": ENDINGS["heic"],
    "image/svg+xml": ENDINGS["svg"],
    "image/x-icon": ENDINGS["ico"],
    "image/vnd.microsoft.icon": ENDINGS["ico"],
    "image/x-ms-bmp": ENDINGS["bmp"],
    "image/vnd.adobe.photoshop": ENDINGS["psd"],
    "video/quicktime": ENDINGS["mov"],
    "video/x-m4v": ENDINGS["m4v"],
    "video/x-msvideo": ENDINGS["avi"],
    "video/x-matroska": ENDINGS["mkv"],
    "video/x-ms-wmv": ENDINGS["wmv"],
    "video/x-flv": ENDINGS["flv"],
    "video/3gpp": ENDINGS["3gp"],
    "video/ogg": ENDINGS["ogv"],
    "text/html": ENDINGS["html"],
    "application/xhtml+xml": ENDINGS["html"],
    "application/json": ENDINGS["json"],
    "application/xml": ENDINGS["xml"],
    "text/xml": ENDINGS["xml"],
    "application/pdf": ENDINGS["pdf"],
    "application/zip": ENDINGS["zip"],
}


def type_of_answer(content_type: str) -> FileType | None:
    """Return the type that a `Content-Type` names; None if it says nothing certain.

    `text/plain` and `application/octet-stream` are what a host sends that does not know better.
    """
    known = _CONTENT_TYPES.get(content_type)
    if known is not None:
        return known
    family, _, name = content_type.partition("/")
    kind = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO}.get(family)
    by_name = ENDINGS.get(name)
    return by_name if kind is not None and by_name is not None and by_name.kind is kind else None
