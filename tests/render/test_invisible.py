# ruff: noqa: RUF001  # letters of many scripts look like others
"""Characters without a shape: which are shown, and which stay because a script needs them."""

from __future__ import annotations

import json
import unicodedata

import pytest
import regex
from hypothesis import given

from plancast.render.invisible import code_point, show_hidden, show_orders
from plancast.render.terminal.style import columns, one_line, safe, to_json
from plancast.testing.builders import change, entry, plan
from tests import strategies
from tests.render.rendering import rendered

EVERY = [chr(number) for number in range(0x110000)]


def tags(text: str) -> str:
    """Return the letters as invisible tag characters."""
    return "".join(chr(0xE0000 + ord(letter)) for letter in text)


NEEDED = {
    "Persian": "می‌خواهم کتاب‌های PDF‌ها را در خانه‌ام بخوانم؛ ۵‌تایی",
    "Persian, an abbreviation": "سال ۱۴۴۲ ه‍.",
    "Kurdish": "بە‌ڕێوەبەر",
    "Arabic": "السَّلامُ عَلَيْكُم",
    "Hebrew": "שָׁלוֹם עֲלֵיכֶם",
    "Hindi": "क्‍ष और क्‌ष, शक्‍ति",
    "Marathi": "दऱ्‍या",
    "Bengali": "র‍্যাব, উদ্‌যাপন",
    "Kannada": "ಸಾಫ್ಟ್‌ವೇರ್",
    "Malayalam": "അവന്‍ ന്‍റെ",
    "Sinhala": "ශ්‍රී ලංකා",
    "Myanmar": "မြန်မာ\u200bဘာသာ",
    "Myanmar, dotted": "ၵ︀",
    "Khmer": "ភាសា\u200bខ្មែរ\u200bFacebook",
    "Thai": "ภาษา\u200bไทย",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ ᠠᠷᠠᠳ᠎ᠠ ᠰᠠᠢᠨ᠋",
    "Japanese": "葛󠄀城市と辻󠄁さん",
    "mathematics": "a ≨︀ b ∩︀ c",
    "Braille": "⠀⠀⢀⣤⣶⠀\n⠀⣿",
    "families": "👨‍👩‍👧‍👦 👩‍❤️‍💋‍👨 👩🏽‍🤝‍👨🏿",
    "professions": "👩🏽‍🚀 🧑‍💻 🕵️‍♂️ ⛹🏽‍♂️",
    "flags": "🇩🇪 🏳️‍🌈 🏳️‍⚧️ 🏴‍☠️",
    "flags of countries in countries": "🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "keycaps": "1️⃣ #️⃣ *️⃣",
    "selectors": "❤️ ☺︎ ™️ ©️ ▶️ ‼️ ❤️‍🔥 🐈‍⬛ 👍🏽",
}

HIDDEN = {
    "tags": ("Hello" + tags("hi"), "Hello<U+E0068><U+E0069>"),
    "tags behind a flag": ("🏴" + tags("ustx") + "\U000e007f",
                           "🏴<U+E0075><U+E0073><U+E0074><U+E0078><U+E007F>"),
    "a flag and more": ("🏴" + tags("gbeng") + "\U000e007f" + tags("x"),
                        "🏴" + tags("gbeng") + "\U000e007f<U+E0078>"),
    "a flag without its end": ("🏴" + tags("gb"), "🏴<U+E0067><U+E0062>"),
    "selector of a letter": ("a\ufe0fb", "a<U+FE0F>b"),
    "two selectors": ("❤\ufe0f\ufe0f", "❤\ufe0f<U+FE0F>"),
    "selector of a digit": ("1\ufe0f", "1<U+FE0F>"),
    "selector of an ideograph, elsewhere": ("a\U000e0100", "a<U+E0100>"),
    "a second one": ("葛\U000e0100\U000e0101", "葛\U000e0100<U+E0101>"),
    "Mongolian selector": ("a\u180b", "a<U+180B>"),
    "vowel separator": ("a\u180eb", "a<U+180E>b"),
    "joiner": ("a\u200db", "a<U+200D>b"),
    "joiner at the end": ("👩\u200d", "👩<U+200D>"),
    "joiner between a picture and a letter": ("👩\u200da", "👩<U+200D>a"),
    "two joiners": ("👩\u200d\u200d👧", "👩<U+200D><U+200D>👧"),
    "joiner within an Arabic word": ("ب\u200dب", "ب<U+200D>ب"),
    "non-joiner": ("a\u200cb", "a<U+200C>b"),
    "non-joiner at the end": ("می\u200c ", "می<U+200C> "),
    "joiner after a vowel sign": ("का\u200d", "का<U+200D>"),
    "virama without a letter": ("\u094d\u200d", "\u094d<U+200D>"),
    "a mark that is none": ("क\u034f\u094d\u200d", "क<U+034F>\u094d<U+200D>"),
    "space without width": ("pay\u200bpal", "pay<U+200B>pal"),
    "word joiner": ("a\u2060b", "a<U+2060>b"),
    "soft hyphen": ("a\u00adb", "a<U+00AD>b"),
    "grapheme joiner": ("a\u034fb", "a<U+034F>b"),
    "fillers": ("\u115f\u1160 \u3164\uffa0", "<U+115F><U+1160> <U+3164><U+FFA0>"),
    "Braille blank": ("a\u2800\u2800b", "a<U+2800><U+2800>b"),
    "Khmer vowels": ("\u17b4\u17b5", "<U+17B4><U+17B5>"),
    "functions": ("f\u2061x\u2062y\u2063z\u2064", "f<U+2061>x<U+2062>y<U+2063>z<U+2064>"),
    "direction": ("\u202eabc\u2066\u061c", "<U+202E>abc<U+2066><U+061C>"),
    "annotations": ("\ufff9a\ufffab\ufffb", "<U+FFF9>a<U+FFFA>b<U+FFFB>"),
    "notes": ("\U0001d173\U0001d159", "<U+1D173><U+1D159>"),
    "private use": ("\ue000\uf8ff\U000f0000", "<U+E000><U+F8FF><U+F0000>"),
    "noncharacters": ("\ufdd0\ufffe\U0001ffff", "<U+FDD0><U+FFFE><U+1FFFF>"),
    "half of a character": ("\ud83d!", "<U+D83D>!"),
    "controls": ("\x00\x1b[2J\x7f\x9b", "<U+0000><U+001B>[2J<U+007F><U+009B>"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEEDED)
def test_what_a_script_needs_stays(name: str) -> None:
    assert show_hidden(NEEDED[name]) == NEEDED[name]


@pytest.mark.parametrize("name", HIDDEN)
def test_what_nobody_sees_is_shown(name: str) -> None:
    text, shown = HIDDEN[name]
    assert show_hidden(text) == shown


def test_every_ignorable_character_of_unicode_is_shown_between_letters() -> None:
    ignorable = regex.compile(r"\p{Default_Ignorable_Code_Point}")
    found = [sign for sign in EVERY if ignorable.match(sign)]
    assert len(found) > 4000
    assert [code_point(sign) for sign in found if show_hidden(f"a{sign}b") == f"a{sign}b"] == []


def test_no_other_character_is_shown_but_those_without_a_shape_of_their_own() -> None:
    ignorable = regex.compile(r"\p{Default_Ignorable_Code_Point}|\p{Noncharacter_Code_Point}")
    shapeless = ("Cc", "Cs", "Co", "Zl", "Zp")
    blank = "\u2800\U0001d159\U00016fe4\ufff9\ufffa\ufffb"
    wrong = [
        code_point(sign)
        for sign in EVERY
        if sign not in "\t\n"
        and (show_hidden(sign) != sign)
        != bool(unicodedata.category(sign) in shapeless or sign in blank or ignorable.match(sign))
    ]
    assert wrong == []


def test_every_emoji_takes_a_selector_and_is_joined() -> None:
    emoji = regex.compile(r"(?![0-9#*\U0001f1e6-\U0001f1ff\p{Emoji_Modifier}])\p{Emoji}")
    found = [sign for sign in EVERY if emoji.match(sign)]
    assert len(found) > 1300
    for form in ("{}\ufe0f", "{}\ufe0e", "👩\u200d{}", "{}\ufe0f\u200d🔥"):
        texts = map(form.format, found)
        assert [text for text in texts if show_hidden(text) != text] == []


def test_every_order_of_a_terminal_is_shown_and_no_printable_character() -> None:
    changed = {one for one in EVERY if show_orders(one) != one}
    orders = {
        one
        for one in EVERY
        if unicodedata.category(one) in ("Cc", "Zl", "Zp", "Cs")
        or unicodedata.bidirectional(one)
        in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        or one in "\u061c\u200e\u200f\ufff9\ufffa\ufffb"
    }
    assert changed == orders - {"\t", "\n"}
    assert not any(one.isprintable() for one in changed)


@given(strategies.texts)
def test_what_was_shown_stays_as_it_is(text: str) -> None:
    shown = show_hidden(text)
    assert show_hidden(shown) == shown
    assert show_orders(shown) == shown
    assert safe(safe(text)) == safe(text)


@given(strategies.texts)
def test_json_has_the_same_escapes_and_the_same_value(text: str) -> None:
    written = to_json(text)
    assert json.loads(written) == text
    assert show_hidden(written) == written


def test_what_stays_without_a_shape_takes_no_column() -> None:
    assert columns("خانه‌ام") == columns("خانهام")
    assert columns("❤️") == columns("❤")
    assert columns("🏴" + tags("gbeng") + "\U000e007f") == 2
    assert columns("क्ष") == 2


# -- in every view --------------------------------------------------------------------------------


@pytest.mark.parametrize("renderer", ["human", "markdown", "html"])
@pytest.mark.parametrize("name", [name for name in HIDDEN if name != "controls"])
def test_a_text_shows_it_in_every_view(renderer: str, name: str) -> None:
    text, shown = HIDDEN[name]
    view = rendered(plan(change(after=entry(f"({text})"))), renderer, width=200)
    written = show_hidden(f"({text})")
    escaped = written.replace("<U", "&lt;U").replace(">", "&gt;")
    assert (written if renderer == "human" else escaped) in view
    assert shown.strip() in one_line(text)


@pytest.mark.parametrize("renderer", ["human", "markdown", "html", "json"])
@pytest.mark.parametrize("name", NEEDED)
def test_a_text_that_needs_it_is_shown_as_it_is(renderer: str, name: str) -> None:
    text = NEEDED[name].split("\n")[0].replace("#️⃣ ", "")  # a view marks what looks like a tag
    assert text in rendered(plan(change(after=entry(text))), renderer, width=200)
