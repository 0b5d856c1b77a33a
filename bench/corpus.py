"""Corpora of posts: the same bytes for the same size and seed, on every machine.

A post is one YAML file of exactly `BYTES` bytes for one of five profiles: schedule, campaign, tags,
a text of about 200 characters with emoji, mentions and hashtags, and an image with its alternative
text or, on the networks that show it as a card, a link. It is in canonical form, so `fmt --check`
passes. In the changed edition one text in a hundred differs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

SEED = 20_261_130
BYTES = 600
"""The size of the file of a post."""

CHANGED_EVERY = 100
PROFILES = ("x", "linkedin", "facebook", "instagram", "mastodon")
SERVICES = ("twitter", "linkedin", "facebook", "instagram", "mastodon")
CARDS = ("linkedin", "facebook")
LINK_TITLE = "Wood, tools, and a workshop"
LEAST_BLURB = 40
A_DAY = 12
FIRST_DUE = datetime(2031, 1, 6, 8, 0)  # noqa: DTZ001  # a local time of the workspace's zone
CLOCK = "2030-12-30T08:00:00Z"
"""The time at which a sandbox stands still. The posts are due later, and later than any real day
on which the benchmark will run."""

WORDS = (
    "autumn", "basket", "before", "bench", "brass", "bright", "carve", "cedar", "chisel", "clamp",
    "corner", "craft", "drawer", "every", "finish", "first", "fresh", "grain", "handle", "heavy",
    "hinge", "honest", "ready", "joint", "keeps", "lathe", "linen", "little", "maple", "measure",
    "mortise", "never", "oiled", "order", "panel", "paper", "plane", "polish", "quiet", "quick",
    "repair", "rivet", "sand", "shelf", "small", "spare", "steady", "stone", "table", "tenon",
    "timber", "turned", "under", "walnut", "weekend", "which", "winter", "wooden", "workshop",
    "yard",
)  # fmt: skip
_EMOJI = ("🪵", "🔨", "✨", "🎉", "👩‍🔧", "🛠️", "🇪🇺", "❤️")
_TAGS = ("#woodworking", "#handmade", "#workshop", "#tools")
_CAMPAIGNS = ("spring", "launch", "tips", "hiring", "holidays")


@dataclass(frozen=True, slots=True)
class Post:
    """One post: what its file and its entry in a queue are made of.

    `due` is local time. `blurb` is the alternative text of its image or the description of its
    link, which is as long as the file has room.
    """

    number: int
    due: datetime
    text: str
    campaign: str
    tag: str

    @property
    def profile(self) -> str:
        """Return the alias of its profile."""
        return PROFILES[self.number % len(PROFILES)]

    @property
    def path(self) -> str:
        """Return the path of its file: folders of a hundred."""
        return f"posts/{self.number // 100:04d}/post-{self.number:06d}.yaml"

    @property
    def image(self) -> str:
        """Return the address of its image, "" if it has a link instead."""
        return "" if self.link else f"https://img.acme.example/{self.number:06d}.png"

    @property
    def link(self) -> str:
        """Return the address of its link, "" if it has an image instead."""
        return f"https://acme.example/posts/{self.number:06d}" if self.profile in CARDS else ""

    @property
    def blurb(self) -> str:
        """Return what fills the file up to `BYTES` bytes. Raises ValueError if it has no room."""
        room = BYTES - len(self._file_with("").encode())
        if room < LEAST_BLURB:
            raise ValueError(f"post {self.number} has room for {room} more bytes")
        words = " ".join(WORDS[(self.number + place) % len(WORDS)] for place in range(room))
        return f"{words[: room - 1].rstrip():x<{room - 1}}."

    def file(self) -> bytes:
        """Return the content of its file: exactly `BYTES` bytes."""
        return self._file_with(self.blurb).encode()

    def _file_with(self, blurb: str) -> str:
        lines = [
            f"id: bench/{self.number:06d}",
            f"profiles: [{self.profile}]",
            f"schedule: {self.due:%Y-%m-%d %H:%M}",
            "text: |",
            *(f"  {line}" if line else "" for line in self.text.split("\n")),
        ]
        if self.link:
            lines += ["link:", f"  url: {self.link}", f"  title: {LINK_TITLE}"]
            lines += [f"  description: {blurb}"]
        else:
            lines += ["images:", f"  - url: {self.image}", f"    alt: {blurb}"]
        lines += [f"campaign: {self.campaign}", f"tags: [{self.tag}, {self.campaign}]"]
        return "\n".join(lines) + "\n"


def posts(count: int, *, changed: bool = False, seed: int = SEED) -> Iterator[Post]:
    """Yield so many posts, `A_DAY` on each day.

    `changed`: one in `CHANGED_EVERY` has another text.
    """
    for number in range(count):
        # A generator for each post: a post is the same in a corpus of any size.
        dice = random.Random(f"{seed} {number}")  # noqa: S311  # no secret
        text = _text(dice, number)
        if changed and number % CHANGED_EVERY == 0:
            text = f"{text} Again."
        yield Post(
            number,
            FIRST_DUE + timedelta(days=number // A_DAY, hours=number % A_DAY),
            text,
            dice.choice(_CAMPAIGNS),
            dice.choice(_TAGS)[1:],
        )


def write(folder: Path, corpus: Sequence[Post]) -> None:
    """Write the files of a corpus below a folder; replace those that are there."""
    for post in corpus:
        path = folder / post.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(post.file())


def _text(dice: random.Random, number: int) -> str:
    """Return a text of two paragraphs, about 200 characters, that no other post has."""
    first = f"{_sentence(dice, 95)} {dice.choice(_EMOJI)}"
    second = f"No. {number:06d}: {_sentence(dice, 85)} With @mira and {dice.choice(_TAGS)}"
    return f"{first}\n\n{second} {dice.choice(_EMOJI)}"


def _sentence(dice: random.Random, length: int) -> str:
    """Return a sentence of words that has about this length, and never more."""
    words: list[str] = []
    while len(" ".join([*words, "workshop"])) < length:
        words.append(dice.choice(WORDS))
    return " ".join(words).capitalize() + "."
