"""The lengths of texts, as the networks count them or as Buffer may.

This is a second implementation: plancast has its own, and one that is shared could not find a
mistake of the other. It follows the published patterns of the networks; their host names are read
by `hosts`, since as patterns they cost the square of a text. Lists of names are data files: emoji
of more than one code point (Unicode's test file for Emoji 18.0, and the selectors that keyboards
add), and the top-level domains of twitter-text 3.1.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import groupby

import regex

from plancast.sandbox.hosts import Grammar, links

_SPACES = "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_INVALID = "\ufffe\ufeff\uffff"
_MARKERS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_ACCENTS = (
    "\xc0-\xd6\xd8-\xf6\xf8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272"
    "\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_BEFORE = f"[^A-Za-z0-9@\uff20$#\uff03{_INVALID}]"
_TCO = re.compile(r"https?://t\.co/([a-z0-9]+)(?:\?[^\s]*[a-z0-9\-_&=#/])?", re.IGNORECASE)
_BARE_END = "(?=[^0-9a-zA-Z@+-]|$)"
_FLAT = 23
_LONGEST_LABEL, _LONGEST_ADDRESS, _LONGEST_SLUG, _LONGEST_HOST = 63, 4096, 40, 253

X, MASTODON, GRAPHEMES, BYTES, POINTS, UTF16 = (
    "x",
    "mastodon",
    "graphemes",
    "bytes",
    "points",
    "utf16",
)
"""The units. All but the last two belong to one network each."""

Span = tuple[int, int]


def utf16(text: str) -> int:
    """Return how many UTF-16 code units a text has."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8(text: str) -> int:
    """Return how many bytes of UTF-8 a text has; half a character is three."""
    return len(text.encode("utf-8", "surrogatepass"))


def length(text: str, unit: str, warning: str = "") -> int:
    """Return the length of a text. `warning` is the content warning, which Mastodon adds."""
    if unit == X:
        return _weight(text)
    if unit == MASTODON:
        return _graphemes(warning + _mastodon(text))
    return plain_length(text, unit)


def plain_length(text: str, unit: str) -> int:
    """Return the length of a text in which no address is shortened, such as a description."""
    if unit == UTF16:
        return utf16(text)
    if unit == BYTES:
        return utf8(text)
    if unit == X:
        return _weight_in_full(_composed(text))
    return len(text) if unit == POINTS else _graphemes(text)


_FLAGS = re.compile("((?:[\U0001f1e6-\U0001f1ff]{2})+)(?=[\U0001f1e6-\U0001f1ff])")


def _graphemes(text: str) -> int:
    r"""Count graphemes. Flags that another letter of a flag follows are counted beforehand.

    `\X` looks back over a whole row of such letters, at each of them.
    """
    rest, position, flags = [], 0, 0
    for row in _FLAGS.finditer(text):
        rest += [text[position : row.start()], row.group()[-2:]]
        position, flags = row.end(), flags + len(row.group()) // 2 - 1
    rest.append(text[position:])
    return flags + sum(1 for _ in regex.finditer(r"\X", "".join(rest)))


# --- X ------------------------------------------------------------------------------------------


def _composed(text: str) -> str:
    from unicodedata import normalize  # noqa: PLC0415

    return normalize("NFC", text)


def _weight(text: str) -> int:
    text = _composed(text)
    rest, found = [], 0
    position = 0
    for start, end in _x_addresses(text):
        rest.append(text[position:start])
        position, found = end, found + 1
    rest.append(text[position:])
    return found * _FLAT + sum(map(_weight_in_full, rest))


def _weight_in_full(text: str) -> int:
    """Weigh emoji and characters: two, or one for those of the older alphabets."""
    others, emoji = _emoji().subn("", text) if not text.isascii() else (text, 0)
    return 2 * emoji + sum(1 if _is_light(ord(sign)) else 2 for sign in others)


def _is_light(point: int) -> bool:
    return point <= 4351 or 8192 <= point <= 8205 or 8208 <= point <= 8223 or 8242 <= point <= 8247


def emoji_sequences() -> Iterator[str]:
    """Yield all emoji of more than one code point; those that begin alike stand together."""
    for line in _data("emoji.txt").splitlines():
        first, *rests = line.split(" ")
        for rest in rests:
            yield "".join(chr(int(point, 16)) for point in (first, *rest.split("-")))


def names() -> list[str]:
    """Return the top-level domains, the longest first."""
    return sorted(_data("domains.txt").split(), key=len, reverse=True)


@cache
def _emoji() -> re.Pattern[str]:
    """Compile a pattern of all sequences; the longest of those that begin alike comes first."""
    patterns = []
    for first, alike in groupby(emoji_sequences(), key=lambda sequence: sequence[0]):
        tails = sorted((sequence[1:] for sequence in alike), key=len, reverse=True)
        patterns.append(f"{re.escape(first)}(?:{'|'.join(map(re.escape, tails))})")
    return re.compile("|".join(patterns))


def _data(name: str) -> str:
    return files("plancast.sandbox").joinpath("data", name).read_text("utf-8")


def _ends() -> str:
    """Return the pattern of a top-level domain at the end of a host."""
    return f"(?i:{'|'.join(map(re.escape, names()))}){_BARE_END}"


@cache
def x_grammar() -> Grammar:
    """Compile what X takes for a link."""
    outside = rf"!'#%&()*+,\\/:;<=>?@\[\]\^{{|}}~${_SPACES}{_INVALID}{_MARKERS}"
    inside = rf"[a-zA-Z\u0400-\u04ff0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_ACCENTS}]"
    group = rf"\((?:{inside}+|{inside}*\({inside}+\){inside}*)\)"
    last = rf"(?:[+\-a-zA-Z\u0400-\u04ff0-9=_#/{_ACCENTS}]|{group})"
    path = rf"(?:(?:{inside}*(?:{group}{inside}*)*{last})|(?:@{inside}+/))"
    query = r"\?[a-zA-Z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-zA-Z0-9\-_&=#/]"
    return Grammar(
        labels=re.compile(f"[^{outside}.]+"),
        end=re.compile(f"{_ends()}|(?i:xn--[-0-9a-z]+)"),
        scheme=re.compile("(?i:https?)://"),
        before=re.compile(_BEFORE),
        tail=re.compile(f"(?::[0-9]+)?(?P<path>/{path}*)?(?:{query})?"),
        longest_scheme=len("https://"),
    )


_PLAIN_LABELS = re.compile(rf"(?:[a-zA-Z0-9{_ACCENTS}-]+\.)+")


def _plain_hosts(host: str) -> Iterator[Span]:
    """Yield the host names of Latin letters in a host."""
    position = 0
    while row := _PLAIN_LABELS.search(host, position):
        start, position = row.span()
        dots = (at for at in range(position - 1, start, -1) if host[at] == ".")
        ends = (x_grammar().end.match(host, dot + 1) for dot in dots)
        if end := next(filter(None, ends), None):
            yield start, end.end()
            position = max(position, end.end())


def _x_addresses(text: str) -> Iterator[Span]:
    """Yield the addresses that X links; a host without a scheme only in Latin letters."""
    if "." not in text:
        return
    for link in links(text, x_grammar()):
        start, end = link.start, link.end
        if not _is_valid(text[start:end], link.host, link.scheme):
            continue
        if link.scheme:
            short = _TCO.match(text, start, end)
            if short is None:
                yield start, end
            elif len(short[1]) <= _LONGEST_SLUG:
                yield short.span()
            continue
        hosts = list(_plain_hosts(link.host))
        if text[max(0, start - 1) : start] in ("-", "_", ".", "/") or not hosts:
            continue
        spans = [(start + begin, start + stop) for begin, stop in hosts]
        if link.path:
            spans[-1] = (spans[-1][0], end)
        yield from spans


def _is_valid(url: str, host: str, scheme: str) -> bool:
    if utf16(url) + (0 if scheme else len("https://")) > _LONGEST_ADDRESS:
        return False
    for label in re.split("[.\u3002\uff0e\uff61]", host):
        encoded = label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
        if len(encoded) > _LONGEST_LABEL:
            return False
    return True


# --- Mastodon -----------------------------------------------------------------------------------

_WORD = r"[\p{L}\p{M}\p{Nd}\p{Pc}]"
_SLUG = re.compile(r"https?://t\.co/([a-z0-9]+)", re.IGNORECASE)
_MENTION = regex.compile(
    rf"(?<![=/\p{{L}}\p{{M}}\p{{Nd}}\p{{Pc}}])@(?P<name>[a-zA-Z0-9_]+(?:[.-]+[a-zA-Z0-9_]+)*)"
    rf"(?:@(?P<host>{_WORD}+(?:[.-]+{_WORD}+)*))?(?P<after>(?:[@\uff20{_ACCENTS}]|://)?)"
)


@cache
def mastodon_grammar() -> Grammar:
    """Compile what Mastodon takes for a link."""
    outside = rf"!\"#$%&'()*+,/:;<=>?@\[\]\^`{{|}}~\x00-\x1f\x7f{_SPACES}{_INVALID}{_MARKERS}"
    inside = r"[^\p{White_Space}<>()?]"
    group = rf"\((?:{inside}+|{inside}*\({inside}+\){inside}*)\)"
    narrow = rf"[a-zA-Z\p{{Cyrillic}}0-9!*';:=+,.$/%#\[\]\p{{Pd}}_~&|@{_ACCENTS}]"
    last = (
        r"(?:[^\p{White_Space}()?!*\"'\u300c\u300d<>;:=,.$%\[\]~&|@]"
        rf"|\((?:{narrow}+|{narrow}*\({narrow}+\){narrow}*)\))"
    )
    path = rf"(?:(?:{inside}*(?:{group}{inside}*)*{last})|(?:{inside}+/))"
    beyond = (
        "\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\uffef\U00010000-\U0001fffd\U00020000-\U000dfffd"
        "\U000e1000-\U000efffd\U000f0000-\U000ffffd\U00100000-\U0010fffd"
    )
    query = rf"\?[a-zA-Z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^{beyond}]*[a-zA-Z0-9_&=#/\-{beyond}]"
    schemes = "(?i:https?|dat|dweb|ipfs|ipns|ssb|gopher|gemini)"
    return Grammar(
        labels=regex.compile(f"[^{outside}.]+"),
        end=regex.compile(f"{_ends()}|(?i:xn--[0-9a-z]+)"),
        scheme=regex.compile(f"{schemes}://"),
        before=regex.compile(_BEFORE),
        tail=regex.compile(rf"(?::[0-9]+)?(?P<path>/{path}*)?(?:{query})?"),
        longest_scheme=len("gopher://"),
    )


def _mastodon(text: str) -> str:
    """Return a text as Mastodon measures it: placeholders for links, mentions without servers."""
    changes: list[tuple[int, int, str]] = []
    if ":" in text and "." in text:
        for link in links(text, mastodon_grammar()):
            start, end = link.start, link.end
            if link.scheme and _is_valid(text[start:end], link.host, link.scheme):
                short = _SLUG.match(text, start, end)
                if short is None or len(short[1]) <= _LONGEST_SLUG:
                    changes.append((start, short.end() if short else end, "x" * _FLAT))
    for match in _MENTION.finditer(text):
        if not match["after"] and len(match["host"] or "") <= _LONGEST_HOST:
            changes.append((match.start(), match.end(), f"@{match['name']}"))
    changes.sort()
    shown, position = "", 0
    for start, end, instead in changes:
        if start >= position:
            shown += text[position:start] + instead
            position = end
    return shown + text[position:]
