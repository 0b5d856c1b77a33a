"""A provider for octoDNS whose records are pages of JSON, as a service returns them."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from octodns.provider.base import BaseProvider
from octodns.record import Record


class MemoryProvider(BaseProvider):  # type: ignore[misc]  # octoDNS has no types
    """Records from a file with a page of JSON on each line. It cannot be applied to."""

    SUPPORTS_GEO = False
    SUPPORTS_DYNAMIC = False
    SUPPORTS = frozenset({"TXT"})

    def __init__(self, id: str, file: str, **options: Any) -> None:  # octoDNS's name
        self.log = logging.getLogger(f"MemoryProvider[{id}]")  # octoDNS demands it
        super().__init__(id, **options)
        self._file = Path(file)

    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool:
        """Add the records to a zone; octoDNS calls this for the source and for the target."""
        del target
        with self._file.open(encoding="utf-8") as lines:
            for page in map(json.loads, lines):
                for row in page:
                    data = {key: value for key, value in row.items() if key != "name"}
                    record = Record.new(zone, row["name"], data, source=self, lenient=lenient)
                    zone.add_record(record, lenient=lenient)
        return True
