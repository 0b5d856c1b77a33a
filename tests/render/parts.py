"""The scene with everything beside text, link and images."""

from __future__ import annotations

from plancast.model.entry import Image, Stage, ThreadItem, Video
from plancast.model.plan import Action, Budget, Plan, RateWindow
from plancast.testing.builders import change, entry, leaf, plan

DARK = Image("https://images.acme.example/teaser.png", alt="A small wooden box on a dark stage")
THREAD = (
    "Two years, eleven prototypes, one very heavy box. A thread about what went wrong.",
    ThreadItem(
        "Number four was perfect, and then it rang like a bell. Every neighbour knew our hours.",
        (Image("https://images.acme.example/four.png", alt="A cracked anvil"),),
    ),
    "Number eleven is the one that ships on Monday: https://acme.example/anvil",
)
WINDOWS = (RateWindow(100, 900, 3), RateWindow(250, 86_400, 210), RateWindow(3000, 2_592_000, 2938))


def parts() -> Plan:
    """Everything beside text, link and images: threads, drafts, a reel, a pin; and edits of it."""
    thread = entry(str(THREAD[0]), thread=THREAD[1:], tags=("anvil", "launch"))
    edited = "Number eleven ships on Tuesday: https://acme.example/anvil"
    return plan(
        change(address="anvil/draft@acme-linkedin", after=entry(
            "What eleven prototypes taught us.", first_comment="Link: https://acme.example/anvil",
            stage=Stage.DRAFT,
        )),
        change(address="anvil/offer@acme-googlebusiness", after=entry(
            "Bring your old anvil.", at=None, stage=Stage.NEEDS_APPROVAL,
            metadata={"type": "offer", "title": "Old for new", "start": "2026-12-01T09:00:00+01:00",
                      "end": "2026-12-24T18:00:00+01:00"},
        )),
        change(address="anvil/pin@acme-pinterest", after=entry(
            "The anvil, on oak.", images=[DARK],
            metadata={"board": "Workshop", "title": "The anvil, again", "url": "https://acme.example"},
        )),
        change(address="anvil/reel@acme-instagram", after=entry(
            "Half as loud. Listen.", metadata={"type": "reel", "share_to_feed": True},
            video=Video("https://cdn.acme.example/loud.mp4", title="Half as loud", cover_ms=1500),
            first_comment="#toolmaking #anvil",
        )),
        change(address="anvil/thread@acme-bluesky", after=thread),
        change(address="anvil/thread@acme-x", after=thread),
        change(Action.UPDATE, "news/moved-on@acme-x", before=entry(stage=Stage.DRAFT),
               after=entry(), fields=[leaf("stage", "draft", "scheduled")]),
        change(
            Action.UPDATE,
            "news/thread@acme-x",
            before=entry("Root.", thread=["Second.", str(THREAD[2])], stage=Stage.DRAFT),
            after=entry("Root.", thread=["Second.", edited, "More."], stage=Stage.DRAFT),
            fields=[
                leaf("thread[0].images[0].alt", None, "A box"),
                leaf("thread[1].text", THREAD[2], edited),
                leaf("thread[2].text", None, "More."),
                leaf("video.url", None, "https://cdn.acme.example/loud.mp4"),
                leaf("video.cover_ms", "1500", "250"),
                leaf("first_comment", "", "#toolmaking"),
                leaf("metadata.ai_generated", False, True),
                leaf("metadata.type", None, "reel"),
                leaf("tags", "", "anvil, launch"),
            ],
        ),
        change(Action.NONE, "news/waits@acme-x", before=entry(stage=Stage.DRAFT),
               after=entry(stage=Stage.DRAFT)),
        budget=Budget(8, 0, WINDOWS, waits=False),
    )  # fmt: skip
