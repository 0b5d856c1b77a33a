"""Invisible characters, and the places in a text at which a script or an emoji needs them.

A reviewer approves what is on the screen, so a character without a shape must not pass unseen: it
can carry hidden letters (tags), turn the direction of reading, or make two words look like one.
`show_hidden` writes each of them as `<U+XXXX>`.

Hidden characters are: controls; those that Unicode calls *default ignorable*; the few that are
blank by their shape (Braille blank, fillers); private use, whose shape nothing defines; halves of
surrogate pairs; noncharacters. Some of them have a job in ordinary text, and there they stay:

* joiners (U+200C, U+200D) between letters of scripts that join, such as Persian, and at a virama,
  as in Hindi; U+200D in emoji sequences;
* variation selectors after a character that has variants: emoji, ideographs, mathematical signs,
  Mongolian and some other letters;
* tags in the flags of England, Scotland and Wales, which are the only flags made of them;
* U+200B between words of scripts that are written without blanks, such as Khmer; the Mongolian
  vowel separator; Braille blanks in Braille.

Every decision looks at a bounded number of neighbours, so the time is linear in the length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Default_Ignorable_Code_Point, including code points that Unicode reserves for more of the kind.

See https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point.
"""

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb"
"""Controls but tab and line feed, which are left to the caller; line and paragraph separators."""

_BLANK = "\U00016fe4\U0001d159"
"""A filler of Khitan and a note without a head; the Braille blank U+2800 has a rule of its own."""

_UNDEFINED = (
    "\ud800-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0xF0000, 0x10000)
    )
    + "\U000f0000-\U0010ffff"
)
"""Halves of surrogate pairs, private use and noncharacters."""

_TAG = 0xE0000
_FLAGS = "|".join(
    "\U0001f3f4" + "".join(chr(_TAG + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)

HIDDEN = f"{_IGNORABLE}{_CONTROLS}{_BLANK}{_UNDEFINED}"
"""All hidden characters but U+2800, as ranges for a character class of `re`."""

_HIDDEN_SIGN = f"[\u2800{HIDDEN}]"
_CANDIDATE = f"{_FLAGS}|[\u2800-\u28ff]+|[{HIDDEN}]"
_ORDER = f"[{_CONTROLS}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # Compiled when a text needs it: every command loads this module, and few texts do.
    return re.compile(pattern)


def code_point(character: str) -> str:
    """Return the visible form of a character: `<U+200B>`."""
    return f"<U+{ord(character):04X}>"


def show_hidden(text: str, form: Callable[[str], str] = code_point) -> str:
    """Replace each hidden character that its place does not need by what `form` returns for it.

    Tabs and line feeds stay.
    """
    if text.isascii() and text.isprintable():
        return text
    # Most texts have none, and searching the set of their characters is ten times as fast.
    if not _compiled(_HIDDEN_SIGN).search("".join(set(text))):
        return text

    def replacement(match: re.Match[str]) -> str:
        signs, start, end = match.group(), match.start(), match.end()
        if len(signs) > 1 or "\u2800" <= signs <= "\u28ff":
            # A flag stays, and so does a run of Braille; but a run of blanks alone is no Braille.
            return signs if signs.strip("\u2800") else form("\u2800") * len(signs)
        # Slices of bounded length, so that equal places hit the cache of `_is_needed`.
        before, after = text[max(0, start - _BEFORE) : start], text[end : end + _AFTER]
        return signs if _is_needed(before, signs, after) else form(signs)

    return _compiled(_CANDIDATE).sub(replacement, text)


def show_orders(text: str) -> str:
    """Replace each character that a terminal obeys, whatever stands beside it.

    Those are controls, marks of direction and halves of surrogate pairs: fewer than `show_hidden`
    replaces. Line feeds and tabs stay.
    """
    # What a terminal obeys is never printable, to Python as to Unicode.
    if text.replace("\n", " ").replace("\t", " ").isprintable():
        return text
    return _compiled(_ORDER).sub(lambda match: code_point(match.group()), text)


# -- places that need a hidden character ----------------------------------------------------------

_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf"
    "\u23e9-\u23f3\u23f8-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2604\u260e\u2611"
    "\u2614\u2615\u2618\u261d\u2620\u2622\u2623\u2626\u262a\u262e\u262f\u2638-\u263a\u2640\u2642"
    "\u2648-\u2653\u265f\u2660\u2663\u2665\u2666\u2668\u267b\u267e\u267f\u2692-\u2697\u2699"
    "\u269b\u269c\u26a0\u26a1\u26a7\u26aa\u26ab\u26b0\u26b1\u26bd\u26be\u26c4\u26c5\u26c8\u26ce\u26cf"
    "\u26d1\u26d3\u26d4\u26e9\u26ea\u26f0-\u26f5\u26f7-\u26fa\u26fd\u2702\u2705\u2708-\u270d\u270f"
    "\u2712\u2714\u2716\u271d\u2721\u2728\u2733\u2734\u2744\u2747\u274c\u274e\u2753-\u2755\u2757"
    "\u2763\u2764\u2795-\u2797\u27a1\u27b0\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff"
)
"""Emoji, except for digits and the letters of flags.

The blocks of pictures are taken whole: most of the code points that are free in them will be emoji,
and a new one must not look like an attack.
"""

_MODIFIERS = "\U0001f3fb-\U0001f3ff"
_JOINER, _NON_JOINER = "\u200d", "\u200c"
_UNSEEN_SPACE, _VOWEL_SEPARATOR = "\u200b", "\u180e"
_MONGOLIAN_SELECTORS = "\u180b\u180c\u180d\u180f"
_VIRAMA = 9
"""The canonical combining class of viramas: marks that take the vowel from a consonant."""

_BEFORE, _AFTER = 6, 2
"""Characters before and after that a decision sees: a letter with its marks, and what follows."""

_JOINING = (
    "ARABIC ", "SYRIAC ", "MANDAIC ", "NKO ", "MONGOLIAN ", "PHAGS-PA ", "MANICHAEAN ", "PSALTER ",
    "HANIFI ", "ADLAM ", "SOGDIAN ", "OLD SOGDIAN ", "OLD UYGHUR ", "CHORASMIAN ",
)  # fmt: skip
"""Beginnings of the Unicode names of letters that join their neighbours."""

_UNSPACED = (
    "THAI ", "LAO ", "KHMER ", "MYANMAR ", "TAI ", "NEW TAI ", "JAVANESE ", "BALINESE ",
)  # fmt: skip
"""Beginnings of the Unicode names in scripts that are written without blanks between words."""

_IDEOGRAPHS = ("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH")
_DOTTED = ("MYANMAR LETTER", "PHAGS-PA LETTER", "MANICHAEAN LETTER")
_HIEROGLYPHS = ("EGYPTIAN HIEROGLYPH",)
_WITH_FORMS = (
    "\u2018-\u201d\u2200-\u22ff\u2a00-\u2aff\u3001\u3002\uff01\uff0c\uff0e\uff1a\uff1b\uff1f"
)


@lru_cache(maxsize=4096)
def _is_needed(before: str, sign: str, after: str) -> bool:
    """Return whether a hidden character does its proper job between these neighbours."""
    if sign == _JOINER:
        return _joins_emoji(before, after) or _joins_letters(before, after)
    if sign == _NON_JOINER:
        return _parts_letters(before, after)
    if sign == _UNSEEN_SPACE:
        return _parts_words(before[-1:], after[:1])
    if sign == _VOWEL_SEPARATOR:
        return _is_mongolian(_letter(before)) and _is_mongolian(after[:1])
    return _is_variant(before[-1:], sign, after[:1])


def _joins_emoji(before: str, after: str) -> bool:
    """Return whether a joiner stands between two emoji.

    The first one may have a skin tone and a variation selector.
    """
    before = before.removesuffix("\ufe0f")
    picture = before[:-1] if _is_in(_MODIFIERS, before[-1:]) else before
    return _is_in(_EMOJI, after[:1]) and _is_in(_EMOJI, picture[-1:])


def _joins_letters(before: str, after: str) -> bool:
    """Return whether a joiner stands at a virama, or gives a letter a joined form.

    It does so if exactly one side is a letter that joins: next to another one it would join anyway.
    """
    if _ends_with_virama(before):
        return not _is(after[:1], "M") and after[:1] not in (_JOINER, _NON_JOINER)
    if _begins_with_virama(before, after):
        return True
    return _is_joining(_letter(before)) != _is_joining(after[:1])


def _parts_letters(before: str, after: str) -> bool:
    """Return whether a non-joiner stands at a virama, or keeps two letters of a word apart."""
    if _ends_with_virama(before):
        return _is(after[:1], "L")
    if _begins_with_virama(before, after):
        return True
    left, right = _letter(before), after[:1]
    return (_is_joining(left) or _is_joining(right)) and _is(left, "LN") and _is(right, "LN")


def _parts_words(left: str, right: str) -> bool:
    """Return whether the zero-width space is between words of which one has an unspaced script."""
    unspaced = _is_named(left, _UNSPACED) or _is_named(right, _UNSPACED)
    return unspaced and _is(left, "LMN") and _is(right, "LN")


def _is_variant(base: str, sign: str, following: str) -> bool:
    """Return whether Unicode defines a variant of the character with this selector."""
    if sign in "\ufe0e\ufe0f":
        # A digit is no emoji by itself: with a selector and U+20E3 it becomes a keycap.
        return _is_in(_EMOJI, base) or (_is_in("0-9#*", base) and following == "\u20e3")
    if sign in _MONGOLIAN_SELECTORS:
        return _is_mongolian(base)
    # The supplement of variation selectors is defined for ideographs alone.
    if sign >= "\U000e0100":
        return sign <= "\U000e01ef" and _is_named(base, _IDEOGRAPHS)
    return (
        (sign == "\ufe00" and _is_named(base, _DOTTED))
        or (sign in "\ufe00\ufe01" and _is_in(_WITH_FORMS, base))
        or (sign in "\ufe00\ufe01\ufe02" and _is_named(base, _IDEOGRAPHS))
        or ("\ufe00" <= sign <= "\ufe06" and _is_named(base, _HIEROGLYPHS))
    )


# -- properties of characters ---------------------------------------------------------------------


def _ends_with_virama(before: str) -> bool:
    """Return whether the last character is a virama that belongs to a letter."""
    return _is_virama(before[-1:]) and _is(_letter(before), "L")


def _begins_with_virama(before: str, after: str) -> bool:
    """Return whether a virama and a letter follow a letter, as in the Bengali ya-phala."""
    return _is_virama(after[:1]) and _is(after[1:], "L") and _is(_letter(before), "L")


def _letter(before: str) -> str:
    """Return the character that the marks at the end belong to, "" if none is within _BEFORE."""
    for character in reversed(before):
        # A hidden character ends the search; but Mongolian selectors belong to their letter.
        if _compiled(_HIDDEN_SIGN).match(character) and character not in _MONGOLIAN_SELECTORS:
            return ""
        if not _is(character, "M"):
            return character
    return ""


def _is_virama(character: str) -> bool:
    return bool(character) and unicodedata.combining(character) == _VIRAMA


def _is_joining(character: str) -> bool:
    return _is(character, "L") and _is_named(character, _JOINING)


def _is_mongolian(character: str) -> bool:
    return _is(character, "L") and _is_named(character, ("MONGOLIAN ",))


def _is_named(character: str, beginnings: tuple[str, ...]) -> bool:
    return bool(character) and unicodedata.name(character, "").startswith(beginnings)


def _is_in(ranges: str, character: str) -> bool:
    return bool(character) and _compiled(f"[{ranges}]").match(character) is not None


def _is(character: str, categories: str) -> bool:
    """Return whether a character is in one of the categories: letter (L), mark (M), number (N)."""
    return bool(character) and unicodedata.category(character)[0] in categories
