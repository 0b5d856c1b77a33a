"""Emoji that are written with more than one code point, and finding them in a text.

The set is the one that Unicode recommends for general interchange (RGI, Emoji 18.0), in all the
spellings that its test file lists: a heart in a couple may have its variation selector or lack it.
Other combinations are several emoji, as fonts show them. Emoji of a single code point are not
listed, since nothing has to be joined for them.

The tables are kept here and not taken from a library: what a text weighs must not depend on which
Unicode version is installed where a plan is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations, product

JOINER, SELECTOR, KEYCAP = "\u200d", "\ufe0f", "\u20e3"
TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_CANCEL_TAG = "\U000e007f"

_TEXT_BY_DEFAULT = (
    "©®‼⁉™\u2139↔↕↖↗↘↙↩↪⌨⏏⏭⏮⏯⏱⏲⏸⏹⏺Ⓜ▪▫▶◀◻◼☀☁☂☃☄☎☑☘☝☠☢☣☦☪☮"
    "☯☸☹☺♀♂♟♠♣♥♦♨♻♾⚒⚔⚕⚖⚗⚙⚛⚜⚠⚧⚰⚱⛈⛏⛑⛓⛩⛰⛱⛴⛷⛸⛹✂✈✉✌✍✏✒✔✖"
    "✝✡✳✴❄❇❣❤➡⤴⤵⬅⬆⬇〰〽㊗㊙🅰🅱🅾🅿🈂🈷🌡🌤🌥🌦🌧🌨🌩🌪🌫🌬🌶🍽🎖🎗🎙🎚🎛🎞🎟🏋🏌🏍"
    "🏎🏔🏕🏖🏗🏘🏙🏚🏛🏜🏝🏞🏟🏳🏵🏷🐿👁📽🕉🕊🕯🕰🕳🕴🕵🕶🕷🕸🕹🖇🖊🖋🖌🖍🖐🖥🖨🖱🖲🖼🗂🗃🗄🗑🗒"
    "🗓🗜🗝🗞🗡🗣🗨🗯🗳🗺🛋🛍🛎🛏🛠🛡🛢🛣🛤🛥🛩🛰🛳"
)
"""Shown as text unless a selector follows, and written with one if they are joined."""

_EMOJI_BY_DEFAULT = (
    "⌚⌛◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛔⛪⛲⛳⛵⛺⛽❗⬛⬜⭐⭕🀄🈚🈯"
)
"""Shown as emoji anyway, but keyboards write a selector nevertheless."""

_WITH_TONE = (
    "☝⛹✊✋✌✍🎅🏂🏃🏄🏇🏊🏋🏌👂👃👆👇👈👉👊👋👌👍👎👏👐👦👧👨👩👫👬👭👮👯👰👱👲👳👴👵👶👷👸👼"
    "💁💂💃💅💆💇💏💑💪🕴🕵🕺🖐🖕🖖🙅🙆🙇🙋🙌🙍🙎🙏🚣🚴🚵🚶🛀🛌🤌🤏🤘🤙🤚🤛🤜🤝🤞🤟🤦🤰🤱🤲🤳🤴🤵"
    "🤶🤷🤸🤹🤼🤽🤾🥷🦵🦶🦸🦹🦻🧍🧎🧏🧑🧒🧓🧔🧕🧖🧗🧘🧙🧚🧛🧜🧝🫃🫄🫅🫰🫱🫲🫳🫴🫵🫶🫷🫸🫹🫺"
)

_JOINED = (
    # Heads, each with or without a tone, and what may be joined to any of them.
    ("🧑👨👩", "⚕ ⚖ ✈ 🌾 🍳 🍼 🎓 🎤 🎨 🏫 🏭 💻 💼 🔧 🔬 🚀 🚒 🦰 🦱 🦲 🦳"),
    ("🧑👨👩", "🦯 🦯+➡ 🦼 🦼+➡ 🦽 🦽+➡"),
    ("🧑", "🎄 🩰"),
    ("⛹🏃🏄🏊🏋🏌👮👯👰👱👳👷💁💂💆💇🕵🙅🙆🙇🙋🙍🙎🚣🚴🚵🚶🤦🤵🤷🤸", "♀ ♂"),
    ("🤹🤼🤽🤾🦸🦹🧍🧎🧏🧔🧖🧗🧘🧙🧚🧛🧜🧝", "♀ ♂"),
    ("🏃🚶🧎", "♀+➡ ♂+➡ ➡"),
)
_COUPLES = "👨 ❤ 👨, 👩 ❤ 👨, 👩 ❤ 👩, 👨 ❤+💋 👨, 👩 ❤+💋 👨, 👩 ❤+💋 👩, 🧑 🤝 🧑"
"""Both without a tone, or both with any."""

_MIXED_COUPLES = (
    "🧑 ❤ 🧑, 🧑 ❤+💋 🧑, 👨 🤝 👨, 👩 🤝 👨, 👩 🤝 👩, 🧑 🐰 🧑, 👨 🐰 👨, 👩 🐰 👩, "
    "🧑 \U0001faef 🧑, 👨 \U0001faef 👨, 👩 \U0001faef 👩, 🫱 🫲"
)
"""With two different tones. A single emoji stands for two without a tone, or with the same."""

_PARENTS, _CHILDREN = "👨 👩 👨+👨 👨+👩 👩+👩", "👦 👧 👦+👦 👧+👦 👧+👧"
_ADULTS, _YOUNG = "🧑 🧑+🧑", "🧒 🧒+🧒"
_WITHOUT_TONE = (
    "🧞+♀ 🧞+♂ 🧟+♀ 🧟+♂ 🏴+☠ 🏳+🌈 🏳+⚧ 🐈+⬛ 🐕+🦺 🐦+⬛ 🐦+🔥 🐻+❄ 🍄+🟫 🍋+🟩 👁+🗨 "
    "😮+💨 😵+💫 😶+🌫 🙂+↔ 🙂+↕ ⛓+💥 ❤+🔥 ❤+🩹"
)
_FLAGS = (
    "A:CDEFGILMOQRSTUWXZ B:ABDEFGHIJLMNOQRSTVWYZ C:ACDFGHIKLMNOPQRUVWXYZ D:EGJKMOZ E:ACEGHRSTU "
    "F:IJKMOR G:ABDEFGHILMNPQRSTUWY H:KMNRTU I:CDELMNOQRST J:EMOP K:EGHIMNPRWYZ L:ABCIKRSTUVY "
    "M:ACDEFGHKLMNOPQRSTUVWXYZ N:ACEFGILOPRUZ O:M P:AEFGHKLMNRSTWY Q:A R:EOSUW "
    "S:ABCDEGHIJKLMNORSTVXYZ T:ACDFGHJKLMNORTVWZ U:AGMNSYZ V:ACEGINU W:FS X:K Y:ET Z:AMW"
)
_REGIONS_OF_BRITAIN = ("gbeng", "gbsct", "gbwls")


def _qualified(parts: str) -> str:
    """Return the emoji between the plus signs, each as it is spelled inside a sequence, joined."""
    return JOINER.join(
        part + SELECTOR if part in _TEXT_BY_DEFAULT else part for part in parts.split("+")
    )


def _flags() -> Iterator[str]:
    for line in _FLAGS.split():
        first, _, seconds = line.partition(":")
        for second in seconds:
            yield chr(ord(first) + 0x1F1A5) + chr(ord(second) + 0x1F1A5)
    for region in _REGIONS_OF_BRITAIN:
        yield "🏴" + "".join(chr(ord(letter) + 0xE0000) for letter in region) + _CANCEL_TAG


def _joined() -> Iterator[str]:
    families = (
        *product(_PARENTS.split(), _CHILDREN.split()),
        *product(_ADULTS.split(), _YOUNG.split()),
    )
    for parts in (*map("+".join, families), *_WITHOUT_TONE.split()):
        yield _qualified(parts)
    for heads, tails in _JOINED:
        for head, tail in product(heads, tails.split()):
            yield _qualified(f"{head}+{tail}")
            for tone in TONES:
                yield f"{head}{tone}{JOINER}{_qualified(tail)}"


def _couples() -> Iterator[str]:
    for couple in _COUPLES.split(", "):
        yield _qualified(couple.replace(" ", "+"))
        for tone, other in product(TONES, TONES):
            yield _with_tones(couple, tone, other)
    for couple in _MIXED_COUPLES.split(", "):
        for tone, other in permutations(TONES, 2):
            yield _with_tones(couple, tone, other)


def _with_tones(couple: str, tone: str, other: str) -> str:
    first, *between, second = couple.split()
    return JOINER.join((first + tone, *map(_qualified, between), second + other))


def _spellings(sequence: str) -> Iterator[str]:
    """Yield a sequence with all of its selectors, with some, and with none: keyboards differ."""
    first, *parts = sequence.split(SELECTOR)
    for choice in product((SELECTOR, ""), repeat=len(parts)):
        yield first + "".join(map("".join, zip(choice, parts, strict=True)))


def _sequences() -> Iterator[str]:
    for key in "#*0123456789":
        yield key + KEYCAP
        yield key + SELECTOR + KEYCAP
    for sign in _TEXT_BY_DEFAULT + _EMOJI_BY_DEFAULT:
        yield sign + SELECTOR
    for base, tone in product(_WITH_TONE, TONES):
        yield base + tone
    yield from _flags()
    for sequence in (*_joined(), *_couples()):
        yield from _spellings(sequence)


SEQUENCES = frozenset(_sequences())

_SIZES = sorted({len(sequence) for sequence in SEQUENCES}, reverse=True)


def _any_at(place: int) -> str:
    signs = sorted({sequence[place] for sequence in SEQUENCES})
    return f"[{''.join(map(re.escape, signs))}]"


_START = re.compile(f"{_any_at(0)}(?={_any_at(1)})")
"""The first code point of a sequence before a second of one: most texts are passed over."""


def find_sequences(text: str) -> Iterator[str]:
    """Yield the emoji sequences of a text from left to right, each as long as it can be."""
    position = 0
    while start := _START.search(text, position):
        position = start.start()
        found = next(
            (
                text[position : position + size]
                for size in _SIZES
                if text[position : position + size] in SEQUENCES
            ),
            "",
        )
        if found:
            yield found
        position += len(found) or 1
