"""Options of a view: what a renderer needs beside the plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plancast.model.features import PLAIN, THE_PROVIDER, LinkCards


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """Options that all renderers take; each uses those that concern it.

    `width` is in columns. `sort` is the order of the changes in a terminal: by "time" or
    "address". Distances such as "in 8 days" count from `now`. `title` is that of the provider, as
    in "changed in Buffer", `link_cards` which links it sends as cards. `quiet` leaves out all
    problems but errors.

    For the page and the comment: `limit` is how many characters the forge takes, `revision` the
    commit that was planned, `run` the web address of the CI run, and `files` the web address below
    which the forge shows the files of the workspace; the three are "" if there is none.
    """

    now: datetime
    color: bool = False
    width: int = 100
    zone: str = "UTC"
    verbose: bool = False
    quiet: bool = False
    sort: str = "time"
    limit: int = 65_536
    revision: str = ""
    run: str = ""
    files: str = ""
    title: str = THE_PROVIDER
    link_cards: LinkCards = PLAIN.link_cards
