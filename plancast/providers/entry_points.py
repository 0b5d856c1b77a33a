"""The finder of providers in other packages, by entry points of the installed environment.

Premise: nothing in a repository may run code. Python itself searches the current folder when it is
started as `python -m plancast`, and every folder of PYTHONPATH; and the metadata of a package are
only a folder with two text files, which a repository could hold. So a package counts only if its
metadata and its code lie outside the checkout. The exception is the folder of installed packages of
this Python itself, since a virtual environment often lies in a checkout.
"""

from __future__ import annotations

import site
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, EntryPoint, distributions
from importlib.util import find_spec
from pathlib import Path

from plancast.content.discovery import find_checkout
from plancast.model.diagnostics import problem
from plancast.model.exit_codes import Stop
from plancast.providers.registry import BUILT_IN, ProviderInfo

GROUP = "plancast.providers"


@dataclass(frozen=True, slots=True)
class Installed:
    """The packages on the path `search`, without those in `untrusted` folders.

    `trusted` folders are exceptions: packages there count even inside an untrusted folder.
    """

    search: tuple[str, ...]
    untrusted: tuple[Path, ...]
    trusted: tuple[Path, ...] = ()

    @classmethod
    def of_this_process(cls, root: Path | None = None) -> Installed:
        """Search Python's path without the checkouts of `root` and of the current folder."""
        here = Path.cwd()
        is_searched = "" in sys.path or str(here) in sys.path  # as `python -m plancast` has it
        untrusted = checkouts(root, here if is_searched or find_checkout(here) else None)
        return cls(tuple(sys.path), untrusted, site_folders())

    def names(self) -> tuple[str, ...]:
        """Return the names that packages register, sorted. A built-in name cannot be taken."""
        names = {point.name for point in self._points()}
        return tuple(sorted(names - BUILT_IN.keys()))

    def usable(self) -> tuple[ProviderInfo, ...]:
        """Return the rows of all packages that work."""
        rows = []
        for name in self.names():
            try:
                info = self.find(name)
            except Stop:
                continue
            if info is not None:
                rows.append(info)
        return tuple(rows)

    def find(self, name: str) -> ProviderInfo | None:
        """Return the row that a package registers under a name, None if none does.

        Raises Stop (PC814) if two do, or if it is broken.
        """
        # By value: a package that is on the path twice is still one registration.
        points = {point.value: point for point in self._points() if point.name == name}
        if not points or name in BUILT_IN:
            return None
        if len(points) > 1:
            raise _broken(name, f"two packages register it: {' and '.join(sorted(points))}")
        (point,) = points.values()
        return self._loaded(name, point)

    def _loaded(self, name: str, point: EntryPoint) -> ProviderInfo:
        # The place of the code is checked before it is imported: importing would run it.
        top = point.module.partition(".")[0]
        spec = PathFinder.find_spec(top, list(self.search)) or find_spec(top)
        places = [spec.origin] if spec and spec.origin else list(_folders(spec))
        if not places:
            raise _broken(name, f"there is no module {point.module}")
        if not all(self._is_trusted(Path(place)) for place in places):
            raise _broken(
                name, f"{point.module} lies in a checkout, and code from there is not run"
            )
        try:
            info = point.load()
        except Exception as error:  # it runs code of others, which can raise anything
            raise _broken(name, f"{point.value} cannot be loaded: {error!r}") from error
        if not isinstance(info, ProviderInfo):
            raise _broken(name, f"{point.value} is no ProviderInfo")
        if info.name != name:
            raise _broken(name, f"{point.value} calls itself {info.name}")
        return info

    def _points(self) -> Iterator[EntryPoint]:
        for package in distributions(path=[entry or "." for entry in self.search]):
            if self._is_trusted(_place(package)):
                yield from package.entry_points.select(group=GROUP)

    def _is_trusted(self, place: Path) -> bool:
        place = place.resolve()
        if any(place.is_relative_to(folder) for folder in self.trusted):
            return True
        return not any(place.is_relative_to(folder) for folder in self.untrusted)


def checkouts(*folders: Path | None) -> tuple[Path, ...]:
    """Return the checkouts that folders lie in; a folder itself if it lies in none."""
    known = [folder.resolve() for folder in folders if folder is not None]
    return tuple(dict.fromkeys(find_checkout(folder) or folder for folder in known))


def site_folders() -> tuple[Path, ...]:
    """Return the folders in which this Python keeps installed packages."""
    paths = sysconfig.get_paths()
    places = (paths["purelib"], paths["platlib"], site.getusersitepackages())
    return tuple(dict.fromkeys(Path(place).resolve() for place in places))


def _place(package: Distribution) -> Path:
    return Path(str(package.locate_file("")))


def _folders(spec: object) -> Sequence[str]:
    return tuple(getattr(spec, "submodule_search_locations", None) or ())


def _broken(name: str, detail: str) -> Stop:
    return Stop([problem("PC814", f"{name}: {detail}")])
