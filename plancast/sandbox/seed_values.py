"""Checked access to the values of a seed. A SeedError names the place of a bad value.

A seed is a file that a person wrote, so it can hold anything.
"""

from collections.abc import Iterable, Mapping

Seed = Mapping[str, object]

MOST = 2**53
"""Numbers beyond this are read differently by different programs."""


class SeedError(ValueError):
    """A seed that cannot be planted; the message names the place."""


def checked(seed: object) -> Seed:
    """Return a seed of which every text can be stored. Raises SeedError."""
    # No recursion: a seed may be nested deeper than Python's stack.
    waiting: list[object] = [seed]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting.extend(value.keys())
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)
        elif isinstance(value, str):
            try:
                value.encode()
            except UnicodeEncodeError:
                raise SeedError(f"{value!r} holds half a character") from None
    if not isinstance(seed, Mapping):
        raise SeedError("a mapping is needed")
    return seed


def only(entry: Seed, place: str, keys: Iterable[str]) -> None:
    """Refuse keys that mean nothing. Raises SeedError."""
    unknown = sorted(str(key) for key in set(entry) - set(keys))
    if unknown:
        raise SeedError(f"{place or 'seed'}: unknown {', '.join(unknown)}")


def mapping(entry: Seed, key: str, default: object = None) -> Seed:
    """Return the mapping under a key, an empty one for null. Raises SeedError."""
    value = entry.get(key, default)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise SeedError(f"{key}: a mapping is needed")
    return value


def mappings(entry: Seed, key: str, default: object = ()) -> list[Seed]:
    """Return the list of mappings under a key. Raises SeedError."""
    value = entry.get(key, default)
    if not isinstance(value, list | tuple) or not all(isinstance(v, Mapping) for v in value):
        raise SeedError(f"{key}: a list of mappings is needed")
    return list(value)


def texts(entry: Seed, key: str, place: str, default: object = ()) -> tuple[str, ...]:
    """Return the list of texts under a key. Raises SeedError."""
    value = entry.get(key, default)
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise SeedError(f"{place}.{key}: a list of texts is needed")
    return tuple(value)


def whole_number(value: object, place: str) -> int:
    """Return a whole number, which may be written as text. Raises SeedError."""
    try:
        number = int(str(value))
    except ValueError:
        raise SeedError(f"{place}: a whole number is needed") from None
    if abs(number) > MOST:
        raise SeedError(f"{place}: {number} is too large")
    return number


def words(entry: object, place: str) -> Mapping[str, str]:
    """Return a mapping of texts to texts. Raises SeedError."""
    if not isinstance(entry, Mapping) or not all(
        isinstance(key, str) and isinstance(value, str) for key, value in entry.items()
    ):
        raise SeedError(f"{place}: a mapping of texts is needed")
    return entry
