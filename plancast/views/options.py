"""What a renderer must know beside the plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """`width` in columns; `now` is what distances such as "in 8 days" count from."""

    now: datetime
    color: bool = False
    width: int = 100
    zone: str = "UTC"
    verbose: bool = False
