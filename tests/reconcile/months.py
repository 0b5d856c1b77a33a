"""A month of posts as it looks after people have had their hands in the queue.

What is live is known to be whose, so that a matching can be judged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from plancast.model.entry import Address, LiveEntry
from plancast.model.workspace import Desired
from plancast.testing import builders
from plancast.testing.builders import NOW
from tests.reconcile.making import desired

_SPOKEN = (
    "about above again autumn bakery basket before bicycle bridge bright building button cable"
    " camera candle carpet castle central chair cheese circle clever clinic coffee cotton country"
    " courage cousin daily danger decide delight desert dinner doctor dozen dream driver early"
    " eastern edge engine evening every fabric famous farmer feather festival finger flower forest"
    " fresh friend future garden gentle glass golden grain guitar hammer harbour health history"
    " holiday honest hotel idea island jacket journey kitchen ladder language laughter lemon letter"
    " library listen little machine magic market meadow melody mirror modern morning mountain"
    " museum music narrow nature neighbour number ocean office open orange orchard paint paper"
    " pattern people pepper picture planet pocket potato present quarter quiet railway ready recipe"
    " river rocket saddle sailor salad school season secret shadow shelter silver simple singer"
    " spring station story street summer supper table teacher theatre ticket timber tomorrow tower"
    " travel treasure tunnel umbrella village violin visit voice walnut water weather welcome"
    " window winter wonder workshop yellow young"
)
WORDS = _SPOKEN.split()


@dataclass(frozen=True)
class Month:
    """A month of desired entries, live entries, and the ids of the owned ones by address."""

    desired: tuple[Desired, ...]
    live: tuple[LiveEntry, ...]
    truth: dict[Address, str]


def month(size: int, seed: int, aliases: tuple[str, ...] = ("acme-x", "acme-fb")) -> Month:
    """Of `size` entries 12 % repeat a text; 35 % came back with shortened links, 8 % were edited.

    10 % were moved, 7 % never came to be, and another 10 % were made by hand, of which every
    third says what a repeated one says.
    """
    random = Random(seed)
    evergreen = [_text(random) for _ in range(max(1, size // 40))]
    wanted, live, truth = [], [], {}
    for number in range(size):
        text = random.choice(evergreen) if random.random() < 0.12 else _text(random)
        at = NOW + timedelta(minutes=random.randrange(7 * 24 * 60, 37 * 24 * 60))
        item = desired(f"p{number:05d}@{random.choice(aliases)}", builders.entry(text, at=at))
        wanted.append(item)
        if random.random() >= 0.07:
            id = f"{random.randrange(16**8):08x}-{number}"
            truth[item.address] = id
            live.append(_disturbed(item, id, random))
    for number in range(size // 10):
        text = random.choice(evergreen) if random.random() < 1 / 3 else _text(random)
        at = NOW + timedelta(minutes=random.randrange(7 * 24 * 60, 37 * 24 * 60))
        content = builders.entry(text, at=at)
        live.append(
            builders.live(
                f"{random.randrange(16**8):08x}-by-hand-{number}",
                content,
                alias=random.choice(aliases),
                due_at=at,
            )
        )
    random.shuffle(wanted)
    random.shuffle(live)
    return Month(tuple(wanted), tuple(live), truth)


def _text(random: Random) -> str:
    text = " ".join(random.choice(WORDS) for _ in range(random.randrange(6, 22))).capitalize()
    return f"{text}. https://acme.example/{random.choice(WORDS)}" if random.random() < 0.6 else text


def _disturbed(item: Desired, id: str, random: Random) -> LiveEntry:
    """The entry as it is live by now."""
    entry = item.entry
    words = entry.text.split()
    if random.random() < 0.35 / 0.6 and words[-1].startswith("https:"):
        words[-1] = f"https://buff.ly/{random.randrange(16**6):06x}"
    if random.random() < 0.08:
        words[random.randrange(len(words) - 1)] = random.choice(WORDS)
        words.insert(0, random.choice(WORDS))
    at = entry.due_at
    assert at is not None
    if random.random() < 0.10:
        furthest = 10 if random.random() < 0.7 else 96
        at += timedelta(minutes=random.choice((-1, 1)) * random.randrange(5, furthest * 60))
    content = replace(entry, text=" ".join(words), due_at=at)
    return builders.live(id, content, alias=item.address.profile, due_at=at)
