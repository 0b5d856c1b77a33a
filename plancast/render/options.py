"""What a renderer must know beside the plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plancast.model.features import THE_PROVIDER


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """`width` in columns; `now` is what distances such as "in 8 days" count from.

    `title` is that of the provider: "changed in Buffer".

    For the page and the comment: `limit` is how many characters the reader takes, `revision` the
    commit that was planned, `run` the address of the CI run that did it, `files` that below which
    the forge shows the files of the workspace ("" where there is none).
    """

    now: datetime
    color: bool = False
    width: int = 100
    zone: str = "UTC"
    verbose: bool = False
    limit: int = 65_536
    revision: str = ""
    run: str = ""
    files: str = ""
    title: str = THE_PROVIDER
