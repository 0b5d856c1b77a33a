"""Texts on which two ways of counting are compared: the same ones in each run.

They are made of pieces that have caused trouble: addresses and the characters around them,
mentions, emoji in each spelling, letters that compose, and scripts without blanks. A third of them
is filled up to the limit of a network, since a difference matters there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from plancast.networks.emoji_sequences import SEQUENCES
from tests.networks.vectors import FAMILY, FLAG, VS, ZWJ

WORDS = (
    *("a", "Hello", "w" * 30, "caf\u00e9", "cafe\u0301", "\u0416\u0443\u043a", "\u0627\u0644"),
    *("\u65e5\u672c\u8a9e", "\u3042" * 9, "\ud55c\uad6d", "\u1112\u1161\u11ab", "\u0e01\u0e33"),
    *("\u0928\u093f", "\u0b95\u0bcd\u0bb7", "\U0001d5d4", "\ufb2c", "\u0344", "\u10ff", "\u1100"),
    *("#tag", "$TAG", "it\u2019s", "\u201cso\u201d", "\u2026", "1.5", "node.js", "e.g.", "10:30"),
)
PUNCTUATION = (
    *(" ", " ", " ", "\n", "", ".", ",", "!", "?", ":", ";", "(", ")", "[", "]", "<", ">", '"'),
    *(
        "'",
        "`",
        "\\",
        "|",
        "~",
        "*",
        "&",
        "%",
        "$",
        "#",
        "@",
        "=",
        "+",
        "-",
        "_",
        "/",
        "^",
        "{",
        "}",
    ),
    *("\u3002", "\u3001", "\u300c", "\u300d", "\uff01", "\u2013", "\xa0", "\u3000", "\u202a"),
    *("\u200b", "\u200d", "\ufe0f", "\ufeff", "\t", "\r\n"),
)
ADDRESSES = (
    *("https://example.com", "http://example.com/", "HTTPS://EXAMPLE.COM/A", "example.com"),
    *("example.com/a", "www.example.co.jp/a?b=c", "https://example.com/a-b_c/d.html"),
    *("https://example.com/a?b=c&d=e#f", "https://example.com:8080/a", "https://sub.example.org/"),
    *("https://example.com/wiki/A_(b)", "https://example.com/wiki/A_(b_(c))", "https://a.io/a_(b"),
    *("https://example.com/\u00e9", "https://example.com/\u65e5\u672c", "https://example.com/%20"),
    *("https://example.invalid/a", "https://localhost/a", "https://127.0.0.1/a", "t.co/abc"),
    *("https://t.co/abc", "https://t.co/abc?d=e", "https://a_b.example.com", "https://a.b_c.com"),
    *("https://\u4f8b.com/a", "https://example.\u4e2d\u56fd", "https://xn--p1ai.xn--p1ai/a"),
    *("ftp://example.com/a", "gemini://example.com/a", "ipfs://example.com/a", "mailto:a@b.com"),
    *("https://example.com?a=b", "https://-a.com", "https://a.com/?", "https://a.com/!"),
    *("a@b.example", "foo.bar.baz", "https://example.com/" + "a" * 60, "https://user:pw@a.com/"),
)
MENTIONS = (
    *("@alice", "@alice@mastodon.example", "@a.b@host", "@a-b@c.example", "@\u00e9", "@a@b@c"),
    *("@alice_", "@alice@\u4f8b.example", "@alice@mastodon.social.", "/@a@b.example"),
)
OLD_EMOJI = (
    *("\U0001f600", "\u263a" + VS, "\u2764" + VS, FAMILY, FLAG, "\U0001f44d\U0001f3fd"),
    *("1" + VS + "\u20e3", f"\U0001f469{ZWJ}\U0001f4bb", "\u00a9", "\u2122", "\U0001f3f4"),
)
"""Emoji that twitter-text knows: they are of Unicode 11 or older, in their full spelling."""

Measure = Callable[[str], int]


def texts(limit: int, measure: Measure, number: int = 7500) -> list[str]:
    """Return different texts. `measure` only helps to fill some of them up to the limit."""
    random = Random("texts of all kinds")
    made = dict.fromkeys((*ADDRESSES, *MENTIONS, *WORDS))
    made |= dict.fromkeys(f"a {emoji} b" for emoji in sorted(SEQUENCES)[::2])
    pieces = (WORDS, PUNCTUATION, PUNCTUATION, ADDRESSES, MENTIONS, OLD_EMOJI)
    while len(made) < number:
        text = "".join(_pieces(random, pieces))
        if len(made) % 2:
            text = _filled(text, limit + random.randint(-3, 3), measure)
        made[text] = None
    return list(made)


def _pieces(random: Random, kinds: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    for _ in range(random.randint(2, 14)):
        yield random.choice(random.choice(kinds))
        yield random.choice((" ", "", ""))


def _filled(text: str, limit: int, measure: Measure) -> str:
    """Put as much before a text as leaves it at about the limit."""
    return f"{'w' * (limit - measure(text) - 1)} {text}"
