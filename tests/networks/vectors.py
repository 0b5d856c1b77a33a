"""Texts of known length on each network, which every implementation has to agree with.

`plancast.networks` and the local Buffer count by code of their own; both are checked with these.
"""

from __future__ import annotations

VS, ZWJ, KEYCAP = "\ufe0f", "\u200d", "\u20e3"
FAMILY = ZWJ.join("\U0001f468\U0001f469\U0001f467\U0001f466")
RUNNER = "\U0001f3c3"
FLAG = "\U0001f1e9\U0001f1ea"
QUERY = "https://example.com/a?q=" + "b" * 60
PLACEHOLDER = 23

Vectors = tuple[tuple[str, int], ...]

X: Vectors = (
    ("", 0),
    ("Hello", 5),
    ("cafe\u0301", 4),
    ("\u65e5\u672c", 4),
    ("w" * 1001, 1001),
    ("\u65e5" * 1001, 2002),
    ("\U0001f600" * 600, 1200),
    ("\u00a9", 1),
    ("\u00a9" + VS, 2),
    ("\u2122", 2),
    ("\u2019\u2026", 3),
    (FAMILY, 2),
    (FLAG * 2, 4),
    ("1" + VS + KEYCAP, 2),
    ("1" + KEYCAP, 2),
    (f"{RUNNER}{ZWJ}\u2642{VS}", 2),
    (f"{RUNNER}{ZWJ}\u2642", 2),
    (f"{RUNNER}{ZWJ}\u2642{ZWJ}\u27a1", 2),
    (f"{RUNNER}{ZWJ}\u2642{VS}{ZWJ}\u27a1", 2),
    (f"\u2764{ZWJ}\U0001f525", 2),
    (f"\U0001f441{ZWJ}\U0001f5e8{VS}", 2),
    (f"\U0001f9d1{ZWJ}\U0001f384", 2),
    (f"\U0001f426{ZWJ}\U0001f525", 2),
    (f"\U0001f469{ZWJ}\U0001f438", 5),
    ("\U0001faf9\U0001f3fd", 2),
    ("\U0001f44d\U0001f3fd", 2),
    ("w" * 256 + " https://github.com/nodejs/build", 280),
    ("https://example.com/" + "a" * 300, 23),
    ("HTTPS://EXAMPLE.COM/A", 23),
    ("example.com, t.co/a and foo.co.jp.", 23 * 3 + 8),
    ("example.invalid", 15),
    ("node.js", 7),
    ("https://localhost:8080", 22),
    ("mail@example.com", 16),
    ("@example.com", 12),
    ("#example.com", 12),
    ("(https://example.com/a).", 23 + 3),
    ("https://example.com/wiki/A_(b).", 23 + 1),
    (QUERY, 23),
    (QUERY + "!", 24),
    ("\u8a73\u7d30\u306f https://example.com\u3002\u3042", 7 + 23 + 4),
    ("\u898b\u3066example.com\u3060\u3088", 4 + 23 + 4),
    ("https://example.\u4e2d\u56fd", 23),
    ("https://a_b.example.com", 23),
    ("https://a.b_c.com", 17),
    ("https://xn--p1ai.xn--p1ai", 23),
    ("https://a.com\nhttps://b.com", 47),
    ("ftp://example.com", 17),
    ("https://t.co/abc?d=e!", 24),
    ("https://t.co/" + "a" * 41, 54),
)

MASTODON: Vectors = (
    ("", 0),
    ("Hello", 5),
    ("cafe\u0301", 4),
    (FAMILY + FLAG, 2),
    ("see https://example.com/" + "a" * 100 + " now", 4 + 23 + 4),
    ("HTTPS://EXAMPLE.COM/A", 23),
    ("\u8a73\u7d30\u306f https://example.com\u3002" + "\u3042" * 600, 628),
    ("w" * 475 + " (https://example.com/a).", 475 + 2 + 23 + 2),
    ("https://example.com/\u8a73\u7d30\u3002\u3042 \u3042", 23 + 2),
    ("https://example.com/\u300c\u8a73\u300d", 23 + 1),
    ("https://example.com/wiki/A_(b)", 23),
    ("https://example.com/wiki/A_(b).", 23 + 1),
    ("https://example.com/wiki/A_(\u6620\u753b)", 23 + 4),
    ("https://example.com/wiki/A_(\u6620\u753b)b", 23),
    ("https://example.com/a?q=\u00e9", 23),
    ("https://example.com/a?q=b!", 24),
    ("https://example.com:8080/a,", 24),
    ("example.com", 11),
    ("example.com/https://example.com/a", 33),
    ("https://example.invalid/" + "a" * 30, 54),
    ("https://localhost/" + "a" * 30, 48),
    ("gemini://example.com/a", 23),
    ("ipfs://example.com/a", 23),
    ("ftp://example.com/a", 19),
    ("xhttps://example.com/a", 22),
    ("\u3042https://example.com/a", 24),
    ("@https://example.com/a", 22),
    ("#https://example.com/a", 22),
    ("https://example.com/@alice@example.org", 23),
    ("@alice@mastodon.example hi", 9),
    ("@alice.bob@host", 10),
    ("@alice.bob@host.", 11),
    ("@alice", 6),
    ("mail a@b.example", 16),
    ("/@alice@b.example", 17),
    ("=@alice@b.example", 17),
    ("@alice@b.example@c", 18),
    ("@alice@b.example\u00e9 x", 8),
    ("@alice@\u4f8b.example", 6),
    ("@a-b@c.example", 4),
    ("@a@" + "b" * 254, 257),
    ("@a@" + "b" * 253, 2),
    ("https://t.co/abc", 23),
    ("https://t.co/abc?d=e", 27),
    ("https://t.co/" + "a" * 41, 54),
)

BLUESKY: Vectors = (
    ("", 0),
    ("Hello", 5),
    ("cafe\u0301", 4),
    ("\u65e5\u672c", 2),
    (FAMILY, 1),
    (FLAG * 2, 2),
    ("1" + VS + KEYCAP, 1),
    ("\r\n", 1),
    ("\u0e01\u0e33", 1),
    ("\u1112\u1161\u11ab", 1),
    (f"\U0001f469{ZWJ}\U0001f438", 1),
    ("https://example.com/" + "a" * 30, 50),
    (FAMILY * 121, 121),
)

THREADS: Vectors = (
    ("", 0),
    ("Hello", 5),
    ("caf\u00e9", 5),
    ("it\u2019s, we\u2019re, don\u2019t", 24),
    ("\u65e5\u672c", 6),
    (FAMILY, 25),
    ("https://example.com/" + "a" * 30, 50),
)

OTHERS: Vectors = (
    ("", 0),
    ("Hello", 5),
    ("cafe\u0301", 5),
    ("\u65e5\u672c", 2),
    ("\U0001d5d4\U0001d5d5", 4),
    (FAMILY, 11),
    ("https://example.com/" + "a" * 30, 50),
)

ALL = {"twitter": X, "mastodon": MASTODON, "bluesky": BLUESKY, "threads": THREADS} | dict.fromkeys(
    ("facebook", "instagram", "linkedin", "pinterest", "youtube", "tiktok", "googlebusiness"),
    OTHERS,
)
