"""Texts compared with the limits of their networks, in the unit that the settings choose."""

from collections.abc import Iterator

from plancast.sandbox import counting
from plancast.sandbox.services import Service
from plancast.sandbox.settings import Counting, Settings


def overlong(
    text: str, limit: int | None, service: Service, settings: Settings, warning: str = ""
) -> Iterator[str]:
    """Yield how long a text is for each limit that it breaks: `281 of 280 characters`."""
    if settings.counting is Counting.UTF16:
        length = counting.utf16(text)
    else:
        length = counting.length(text, service.unit, warning)
    if limit is not None and length > limit:
        yield f"{length} of {limit} characters"
    size = counting.utf8(text)
    if service.most_bytes is not None and size > service.most_bytes:
        yield f"{size} of {service.most_bytes} bytes"


def overlong_alt_text(text: str, service: Service, settings: Settings) -> Iterator[str]:
    """Yield how long the description of a picture is, if it is too long."""
    unit = service.alt_unit or service.unit
    is_utf16 = settings.counting is Counting.UTF16
    length = counting.plain_length(text, counting.UTF16 if is_utf16 else unit)
    if service.alt_text is not None and length > service.alt_text:
        yield f"{length} of {service.alt_text} characters"
