"""Addresses of media and the verdict on each, for the rules and for the sandbox alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

DUE = datetime(2026, 12, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """An address and the code of its problem, "" if there is none. `kind` is image or video.

    `warned`: the problem is a warning, and the sandbox takes the post.
    """

    url: str
    code: str = ""
    kind: str = "image"
    warned: bool = False


HOST = "https://images.acme.example"

TYPES = (
    *(Row(f"{HOST}/a.{ending}") for ending in ("jpg", "JPEG", "jfif", "png", "heic", "gif")),
    *(
        Row(f"{HOST}/{name}")
        for name in ("a", "a.", "a.php", "a.cgi?x=a.webp", "v1.2/a", "a#b.svg")
    ),
    *(Row(f"{HOST}/a.{ending}", "PC530") for ending in ("webp", "svg", "avif", "bmp", "tiff")),
    *(
        Row(f"{HOST}/a.{ending}", "PC530")
        for ending in ("txt", "mp4", "html", "pdf", "zip", "mp3", "exe")
    ),
    Row(f"{HOST}/a.WebP", "PC530"),
    Row(f"{HOST}/a.%77ebp", "PC530"),
    Row(f"{HOST}/a.webp?w=1200", "PC530"),
    Row(f"{HOST}/a.webp?w=1200&fm=jpg"),
    Row(f"{HOST}/a.png/a.webp", "PC530"),
    Row(f"{HOST}/a.svg/640px-a.svg.png"),
    *(Row(f"{HOST}/a.{ending}", kind="video") for ending in ("mp4", "MOV", "m4v", "", "aspx")),
    *(Row(f"{HOST}/a.{e}", "PC530", "video") for e in ("png", "webp", "txt", "html", "mp3", "pdf")),
    *(Row(f"{HOST}/a.{e}", "PC530", "video", warned=True) for e in ("gif", "mkv", "webm")),
)

HIDDEN_HOSTS = (
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "printer.local", "nas", "db.internal"),
    *("pc.home.arpa", "a.lan", "a.test", "a.invalid", "a.onion"),
    *("127.0.0.1", "127.1.2.3", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1"),
    *("0.0.0.0", "0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "198.18.0.1", "192.0.2.1", "203.0.113.9", "224.0.0.1", "255.255.255.255"),
    *("[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "[2001:db8::1]"),
    *("[::ffff:127.0.0.1]", "[::ffff:8.8.8.8]", "[64:ff9b::a00:1]", "[2002:7f00:1::]"),
    *("[::127.0.0.1]", "[2001::1]"),
)
PUBLIC_HOSTS = (
    *(
        "acme.example",
        "localhost.acme.example",
        "local.example",
        "8.8.8.8",
        "172.32.0.1",
        "1.1.1.1",
    ),
    *("[2606:4700::1111]", "127.0.0.1.nip.example", "192.169.0.1", "xn--bcher-kva.example"),
)
HOSTS = (
    *(Row(f"https://{host}/a.png", "PC533") for host in HIDDEN_HOSTS),
    Row("http://localhost/a.png", "PC533"),
    Row("http://localhost:8000/a.png", "PC533"),
    Row("https://user:word@127.0.0.1/a.png", "PC533"),
    Row("https://localhost/a.mp4", "PC533", "video"),
    *(Row(f"https://{host}/a.png") for host in PUBLIC_HOSTS),
    Row("https://acme.example:8443/a.png"),
    Row("http://acme.example/a.png"),
)

FORGES = (
    *(
        Row(url, "PC531")
        for url in (
            "https://github.com/acme/posts/blob/main/img/a.png",
            "https://www.github.com/acme/posts/blob/v1.0/a%20b.png",
            "https://github.com/acme/posts/blame/main/a.png",
            "https://github.com/acme/posts/blob/main/a.png?raw=false",
            "https://gist.github.com/acme/0123456789abcdef0123456789abcdef",
            "https://gitlab.com/acme/social/posts/-/blob/main/a.png",
            "https://gitlab.com/acme/posts/blob/main/a.png",
            "https://gitlab.acme.example/acme/posts/-/blob/main/a.png",
            "https://bitbucket.org/acme/posts/src/main/a.png",
            "https://codeberg.org/acme/posts/src/branch/main/a.png",
            "https://gitea.acme.example/acme/posts/src/commit/0123abc/a.png",
            "https://git.sr.ht/~acme/posts/tree/main/item/a.png",
            "https://dev.azure.com/acme/social/_git/posts?path=/a.png",
        )
    ),
    *(
        Row(url, "PC531", warned=True)
        for url in (
            "https://git.acme.example/acme/posts/-/blob/main/a.png",
            "https://git.acme.example/acme/posts/src/branch/main/a.png",
            "https://github.acme.example/acme/posts/blob/main/a.png",
        )
    ),
    *(
        Row(url)
        for url in (
            "https://raw.githubusercontent.com/acme/posts/main/a.png",
            "https://github.com/acme/posts/blob/main/a.png?raw=true",
            "https://github.com/acme/posts/raw/main/a.png",
            "https://github.com/acme/posts/releases/download/v1/a.png",
            "https://acme.github.io/blob/main/a.png",
            "https://gitlab.com/acme/posts/-/raw/main/a.png",
            "https://bitbucket.org/acme/posts/raw/main/a.png",
            "https://codeberg.org/acme/posts/raw/branch/main/a.png",
            "https://acme.example/blob/main/a.png",
        )
    ),
)

VIEWERS = (
    *(
        Row(url, "PC532")
        for url in (
            "https://drive.google.com/file/d/1aB_c-2/view?usp=sharing",
            "https://drive.google.com/open?id=1aB",
            "https://docs.google.com/presentation/d/1aB/edit",
            "https://photos.google.com/photo/AF1",
            "https://photos.app.goo.gl/aB1",
            "https://www.dropbox.com/s/abc/a.png?dl=0",
            "https://www.dropbox.com/scl/fi/abc/a.png?rlkey=x&dl=0",
            "https://dropbox.com/s/abc/a.png",
            "https://1drv.ms/i/s!abc",
            "https://onedrive.live.com/?cid=1&id=2",
            "https://acme-my.sharepoint.com/:i:/g/personal/a/abc",
            "https://www.icloud.com/iclouddrive/0abc",
            "https://share.icloud.com/photos/0abc",
            "https://app.box.com/s/abc",
            "https://imgur.com/aBc123",
            "https://imgur.com/a/aBc123",
            "https://imgur.com/gallery/aBc123",
            "https://ibb.co/aBc123",
            "https://postimg.cc/aBc123",
            "https://www.flickr.com/photos/acme/123/",
            "https://unsplash.com/photos/a-stage-aBc123",
            "https://www.pexels.com/photo/a-stage-123/",
            "https://pixabay.com/photos/stage-123/",
            "https://giphy.com/gifs/stage-aBc",
            "https://www.canva.com/design/abc/view",
            "https://www.figma.com/file/abc/Stage",
            "https://www.instagram.com/p/aBc/",
            "https://x.com/acme/status/1/photo/1",
            "https://commons.wikimedia.org/wiki/File:Stage.png",
            "https://en.wikipedia.org/wiki/File:Stage.png",
        )
    ),
    *(
        Row(url, "PC532", "video")
        for url in (
            "https://www.youtube.com/watch?v=aBc",
            "https://youtu.be/aBc",
            "https://vimeo.com/123",
            "https://www.loom.com/share/abc",
            "https://www.tiktok.com/@acme/video/1",
            "https://drive.google.com/file/d/1aB/view",
        )
    ),
    *(
        Row(url)
        for url in (
            "https://www.dropbox.com/s/abc/a.png?raw=1",
            "https://www.dropbox.com/s/abc/a.png?dl=1",
            "https://dl.dropboxusercontent.com/s/abc/a.png",
            "https://drive.google.com/uc?export=download&id=1aB",
            "https://lh3.googleusercontent.com/d/1aB",
            "https://i.imgur.com/aBc123.png",
            "https://imgur.com/aBc123.png",
            "https://i.ibb.co/aBc/a.png",
            "https://live.staticflickr.com/1/2_3_b.jpg",
            "https://images.unsplash.com/photo-1",
            "https://unsplash.com/photos/aBc/download",
            "https://media.giphy.com/media/aBc/giphy.gif",
            "https://upload.wikimedia.org/wikipedia/commons/a/ab/Stage.png",
            "https://onedrive.live.com/download?cid=1",
            "https://res.cloudinary.com/acme/image/upload/v1/a.png",
        )
    ),
)

BEFORE, AFTER = "20261130T120000Z", "20261201T113000Z"
UNIX_AFTER = "1800000000"
"""In January 2027."""

SIGNED = (
    *(
        Row(f"{HOST}/a.png?X-{of}-Date={BEFORE}&X-{of}-Expires=3600&X-{of}-Signature=ab", "PC535")
        for of in ("Amz", "Goog", "OSS")
    ),
    Row(f"{HOST}/a.png?x-amz-date={BEFORE}&x-amz-expires=86400&x-amz-signature=ab", "PC535"),
    Row(f"{HOST}/a.png?X-Amz-Date={AFTER}&X-Amz-Expires=604800&X-Amz-Signature=ab"),
    Row(f"{HOST}/a.png?X-Amz-Date={AFTER}&X-Amz-Expires=3600", "PC536", warned=True),
    Row(f"{HOST}/a.png?X-Amz-Date=20261340T120000Z&X-Amz-Expires=3600"),
    Row(f"{HOST}/a.png?X-Amz-Date={BEFORE}"),
    Row(f"{HOST}/a.png?Expires=1764547200&Signature=ab&Key-Pair-Id=K1", "PC535"),
    Row(f"{HOST}/a.png?Expires={UNIX_AFTER}&Signature=ab&Key-Pair-Id=K1"),
    Row(f"{HOST}/a.png?Expires=1764547200"),
    Row(f"{HOST}/a.png?se=2026-12-01T11%3A59%3A59Z&sig=ab", "PC535"),
    Row(f"{HOST}/a.png?se=2026-11-01&sig=ab", "PC535"),
    Row(f"{HOST}/a.png?se=2027-12-01T00%3A00%3A00Z&sig=ab"),
    Row(f"{HOST}/a.png?se=2026-11-01"),
    Row(f"{HOST}/a.png?se=soon&sig=ab"),
    # Beyond the calendar.
    Row(f"{HOST}/a.png?X-Amz-Date=99991231T235959Z&X-Amz-Expires=604800"),
    Row(f"{HOST}/a.png?se=9999-12-31T23%3A59%3A59-23%3A59&sig=ab"),
    Row(f"{HOST}/a.mp4?se=2026-11-01&sig=ab", "PC535", "video"),
)

ROWS = (*TYPES, *HOSTS, *FORGES, *VIEWERS, *SIGNED)
