"""Addresses of pages that show a file: those of forges, and of places where files are shared. Pure.

A page is what a browser shows around a picture; a request for its address is answered with HTML.
If the address of the file itself follows from that of the page, it is proposed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from plancast.lint.media_addresses import MediaAddress, escape


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the place of a file.

    `of` names the service. `direct` is the address of the file itself, "" if it cannot be derived.
    `certain` is False if only the form of the path shows it, on a host that is not known.
    """

    of: str
    direct: str = ""
    certain: bool = True
    viewer: bool = False


def page(address: MediaAddress) -> Page | None:
    """Return the page that an address leads to; None if nothing shows that it is one."""
    forge = _forge(address)
    if forge is not None and forge.certain:
        return forge
    return _viewer(address) or forge


def _forge(address: MediaAddress) -> Page | None:
    """Return the page of a forge, with the address of the file in its escaped form."""
    for read in _FORGES if _LIKE_A_FORGE.search(address.url) else ():
        found = read(address)
        if found is not None:
            scheme, slashes, rest = found.direct.partition("://")
            return replace(found, direct=f"{scheme}{slashes}{escape(rest)}")
    return None


# -- forges ---------------------------------------------------------------------------------------

_LIKE_A_FORGE = re.compile(
    r"[/%](?:2F)?(?:blob|blame|tree|edit|src|_git)[/%]|gist\.", re.IGNORECASE
)
"""One look at the whole address, since almost every address is no page of a forge."""

_GITHUB = r"/([^/]+)/([^/]+)/(?:blob|blame|tree|edit)/(.+)"
_GITLAB = r"(/.+)/-/(?:blob|blame|tree|edit)/(.+)"
_OLD_GITLAB = r"(/[^/]+/.+?)/(?:blob|blame|tree)/(.+)"
_BITBUCKET = r"/([^/]+)/([^/]+)/src/(.+)"
_GITEA = r"/([^/]+)/([^/]+)/src/(branch|commit|tag)/(.+)"
_SOURCEHUT = r"/(~[^/]+)/([^/]+)/tree/([^/]+)/item/(.+)"
_GIST = r"(/[^/]+/[0-9a-f]{6,40})/?"
_AZURE = r"/.+/_git/[^/]+.*"


def _github(address: MediaAddress) -> Page | None:
    host = _without_www(address)
    if host == "gist.github.com":
        found = re.fullmatch(_GIST, address.path)
        direct = f"https://gist.githubusercontent.com{found[1]}/raw" if found else ""
        return Page("GitHub", direct) if found else None
    found = re.fullmatch(_GITHUB, address.path)
    known = host == "github.com"
    if found is None or not (known or host.startswith("github.")):
        return None
    if address.parameters.get("raw") in ("1", "true"):
        return None  # it redirects to the file
    owner, name, rest = found.groups()
    if known:
        return Page("GitHub", f"https://raw.githubusercontent.com/{owner}/{name}/{rest}")
    return Page("GitHub", f"https://{host}/{owner}/{name}/raw/{rest}", certain=False)


def _gitlab(address: MediaAddress) -> Page | None:
    known = address.host == "gitlab.com" or address.host.startswith("gitlab.")
    found = re.fullmatch(_GITLAB, address.path)
    if found is None and known:
        found = None if "/-/" in address.path else re.fullmatch(_OLD_GITLAB, address.path)
    if found is None:
        return None
    direct = f"https://{address.host}{found[1]}/-/raw/{found[2]}"
    return Page("GitLab", direct, certain=known)


def _bitbucket(address: MediaAddress) -> Page | None:
    found = re.fullmatch(_BITBUCKET, address.path)
    if found is None or address.host != "bitbucket.org":
        return None
    return Page("Bitbucket", "https://bitbucket.org/{}/{}/raw/{}".format(*found.groups()))


def _gitea(address: MediaAddress) -> Page | None:
    found = re.fullmatch(_GITEA, address.path)
    if found is None:
        return None
    host = address.host
    known = host in ("codeberg.org", "gitea.com") or host.startswith(("gitea.", "forgejo."))
    name = {"codeberg.org": "Codeberg"}.get(host, "Gitea")
    direct = "https://{}/{}/{}/raw/{}/{}".format(host, *found.groups())
    return Page(name, direct, certain=known)


def _sourcehut(address: MediaAddress) -> Page | None:
    found = re.fullmatch(_SOURCEHUT, address.path)
    if found is None or address.host != "git.sr.ht":
        return None
    return Page("SourceHut", "https://git.sr.ht/{}/{}/blob/{}/{}".format(*found.groups()))


def _azure(address: MediaAddress) -> Page | None:
    known = address.host == "dev.azure.com" or address.host.endswith(".visualstudio.com")
    return Page("Azure DevOps") if known and re.fullmatch(_AZURE, address.path) else None


_FORGES: tuple[Callable[[MediaAddress], Page | None], ...] = (
    _github,
    _gitlab,
    _bitbucket,
    _gitea,
    _sourcehut,
    _azure,
)


# -- places where files are shared ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Viewer:
    """A place that shows files on pages.

    `hosts` and `paths` are patterns for the whole host and the whole path. `but`: keys of the query
    and their values that lead to the file after all; `switch` writes the first of them.
    """

    of: str
    hosts: str
    paths: str = r".*"
    but: tuple[tuple[str, str], ...] = ()
    switch: bool = False


_ID = r"/[A-Za-z0-9_-]+/?"

_VIEWERS: tuple[_Viewer, ...] = (
    _Viewer("Google Drive", r"drive\.google\.com", r"/(?:a/[^/]+/)?(?:file/d/.*|open|drive/.*)"),
    _Viewer(
        "Google Docs", r"docs\.google\.com", r"/(?:document|presentation|spreadsheets|file)/.*"
    ),
    _Viewer("Google Photos", r"photos\.google\.com|photos\.app\.goo\.gl"),
    _Viewer(
        "Dropbox",
        r"dropbox\.com",
        r"/(?:s|sh|scl)/.*",
        (("raw", "1"), ("dl", "1")),
        switch=True,
    ),
    _Viewer("OneDrive", r"1drv\.ms|onedrive\.live\.com", r"/(?!download).*", (("download", "1"),)),
    _Viewer("SharePoint", r".+\.sharepoint\.com", r"/:[a-z]:/.*", (("download", "1"),)),
    _Viewer("iCloud", r"(?:share\.)?icloud\.com", r"/.+"),
    _Viewer("Box", r"(?:.+\.)?box\.com", r"/(?:s|v|file)/.*"),
    _Viewer("Mega", r"mega\.(?:nz|io)"),
    _Viewer("MediaFire", r"mediafire\.com", r"/(?:file|view|folder)/.*"),
    _Viewer("WeTransfer", r"we\.tl|wetransfer\.com"),
    _Viewer("Imgur", r"(?:m\.)?imgur\.com", rf"{_ID}|/(?:a|gallery|t)/.*"),
    _Viewer("ImgBB", r"ibb\.co", _ID),
    _Viewer("Postimages", r"postimg\.cc", rf"{_ID}|/gallery/.*"),
    _Viewer("Flickr", r"flickr\.com|flic\.kr", r"/(?:photos|p)/.*"),
    _Viewer(
        "Unsplash", r"unsplash\.com", r"/(?:[a-z]{2}(?:-[a-z]{2})?/)?photos/(?!.*/download$).*"
    ),
    _Viewer("Pexels", r"pexels\.com", r"/(?:[a-z]{2}-[a-z]{2}/)?(?:photo|video)/(?!.*/download).*"),
    _Viewer(
        "Pixabay", r"pixabay\.com", r"/(?:[a-z]{2}/)?(?:photos|illustrations|vectors|videos)/.*"
    ),
    _Viewer("Giphy", r"giphy\.com", r"/(?:gifs|clips|stickers)/.*"),
    _Viewer("Tenor", r"tenor\.com", r"/(?:[a-zA-Z-]+/)?view/.*"),
    _Viewer("Canva", r"canva\.com", r"/design/.*"),
    _Viewer("Figma", r"figma\.com", r"/(?:file|design|proto)/.*"),
    _Viewer("Loom", r"loom\.com", r"/share/.*"),
    _Viewer("Vimeo", r"vimeo\.com", r"/(?:[^/]+/)*[0-9]+/?"),
    _Viewer("YouTube", r"(?:m\.)?youtube\.com|youtu\.be", r"/.+"),
    _Viewer("Instagram", r"instagram\.com", r"/(?:p|reel|stories)/.*"),
    _Viewer("Facebook", r"(?:m\.)?facebook\.com|fb\.watch", r"/.+"),
    _Viewer("X", r"(?:x|twitter)\.com", r"/[^/]+/status/.*"),
    _Viewer("TikTok", r"(?:vm\.)?tiktok\.com", r"/.+"),
    _Viewer(
        "Wikimedia", r"commons\.(?:m\.)?wikimedia\.org|.+\.wikipedia\.org", r"/wiki/[A-Za-z]+:.*"
    ),
)
"""Pages that need a browser, a click or an account; the files themselves lie on other hosts."""


@cache
def _any_viewer() -> re.Pattern[str]:
    """Return one pattern for all hosts, since almost every address is that of another one."""
    return re.compile("|".join(one.hosts for one in _VIEWERS))


@cache
def _compiled() -> tuple[tuple[_Viewer, re.Pattern[str], re.Pattern[str]], ...]:
    """Return the viewers with their patterns, compiled for the first post with media."""
    return tuple((one, re.compile(one.hosts), re.compile(one.paths)) for one in _VIEWERS)


def _viewer(address: MediaAddress) -> Page | None:
    host = _without_www(address)
    if not _any_viewer().fullmatch(host):
        return None
    for one, hosts, paths in _compiled():
        if not hosts.fullmatch(host) or not paths.fullmatch(address.path):
            continue
        if any(address.parameters.get(key) == value for key, value in one.but):
            return None
        direct = _switched(address, *one.but[0]) if one.switch else ""
        return Page(one.of, direct, viewer=True)
    return None


def _switched(address: MediaAddress, key: str, value: str) -> str:
    """Return the address with one key of its query set, and without `dl`."""
    head, _, query = address.url.partition("#")[0].partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith(("dl=", f"{key}="))]
    return f"{head}?{'&'.join((*kept, f'{key}={value}'))}"


def _without_www(address: MediaAddress) -> str:
    return address.host.removeprefix("www.")
