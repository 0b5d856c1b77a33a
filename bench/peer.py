"""The peer: octoDNS, which plans DNS records from YAML as plancast plans posts.

A record has four TXT values and 507 bytes of YAML, about the size of a post. The target's records
differ in one of a hundred, as the queue does from the posts. octoDNS plans twice: from YAML to YAML
with its own provider, and from YAML to `octodns_memory`, whose records are JSON, as those of a
service are.
octoDNS gets an environment of its own, below build/.
"""

from __future__ import annotations

import json
import random
import subprocess
import venv
from pathlib import Path

from bench.corpus import CHANGED_EVERY, SEED, WORDS
from bench.processes import BenchError, Subject, run

VERSION = "1.22.0"
RECORD_BYTES = 507
ZONE = "acme.example."
PAGE = 100
"""Records on one page of JSON."""

VALUES = 4
_PROVIDER = Path(__file__).resolve().parent / "peer_provider"
_MANAGER = """\
providers:
  config:
    class: octodns.provider.yaml.YamlProvider
    directory: {folder}/desired
    escaped_semicolons: false
    populate_should_replace: true
    supports_root_ns: false
  target:
{target}
zones:
  {zone}:
    sources: [config]
    targets: [target]
"""
_TARGETS = {
    "yaml": """\
    class: octodns.provider.yaml.YamlProvider
    directory: {folder}/live
    escaped_semicolons: false
    supports_root_ns: false""",
    "json": """\
    class: octodns_memory.MemoryProvider
    file: {folder}/live.json""",
}
KINDS = tuple(_TARGETS)


def install(folder: Path) -> Path | None:
    """Install octoDNS into a folder, unless it is there; return its interpreter.

    If it cannot be installed, say so and return None.
    """
    place = folder / f"octodns-{VERSION}"
    python, stamp = place / "bin" / "python", place / ".stamp"
    if stamp.exists():
        return python
    print(f"Installing octodns {VERSION} ...", flush=True)
    flags = ("--disable-pip-version-check", "--no-input", "-qq", "--retries", "1")
    try:
        venv.create(place, with_pip=True, clear=True)
        line = [str(python), "-m", "pip", "install", *flags, f"octodns=={VERSION}"]
        subprocess.run(line, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = str(getattr(error, "stderr", "") or error).strip().splitlines()[-1:]
        print(f"octodns: left out, it could not be installed ({''.join(reason)})")
        return None
    stamp.touch()
    return python


def plan_command(python: Path, folder: Path, kind: str) -> tuple[str, ...]:
    """Return the command that plans the zone, without applying it."""
    octodns = python.with_name("octodns-sync")
    return (str(python), str(octodns), "--quiet", "--config-file", str(folder / f"{kind}.yaml"))


def environ() -> dict[str, str]:
    """Return the variables with which octoDNS finds our provider."""
    return {"PYTHONPATH": str(_PROVIDER)}


def write_zones(folder: Path, count: int) -> None:
    """Write the zone as it should be and as it is, and a configuration for each kind of target."""
    (folder / "desired").mkdir(parents=True)
    (folder / "live").mkdir()
    desired, live = records(count, changed=True), records(count)
    (folder / "desired" / f"{ZONE}yaml").write_text(zone_file(desired), encoding="utf-8")
    (folder / "live" / f"{ZONE}yaml").write_text(zone_file(live), encoding="utf-8")
    (folder / "live.json").write_text("".join(pages(live)), encoding="utf-8")
    for kind, target in _TARGETS.items():
        text = _MANAGER.format(folder=folder, zone=ZONE, target=target.format(folder=folder))
        (folder / f"{kind}.yaml").write_text(text, encoding="utf-8")


Records = dict[str, list[str]]
"""The values of each record, by its name."""


def records(count: int, *, changed: bool = False, seed: int = SEED) -> Records:
    """Return so many records. `changed`: one in `CHANGED_EVERY` has another first value."""
    made = {}
    for number in range(count):
        dice = random.Random(f"{seed} record {number}")  # noqa: S311  # no secret
        name = f"r{number:06d}"
        words = " ".join(dice.choice(WORDS) for _ in range(RECORD_BYTES))
        room = RECORD_BYTES - len(record_text(name, [""] * VALUES))
        length, rest = divmod(room, VALUES)
        # A first letter that no other has: octoDNS sorts the values and refuses equal ones.
        values = [
            chr(ord("a") + place) + words[place * 150 :][: length - 1].replace(" ", "-")
            for place in range(VALUES)
        ]
        values[-1] += "z" * rest
        if changed and number % CHANGED_EVERY == 0:
            values[0] = values[0][:-4] + "anew"
        made[name] = values
    return made


def record_text(name: str, values: list[str]) -> str:
    """Return the YAML of a record: its keys in the order that octoDNS demands."""
    lines = "".join(f"  - {value}\n" for value in values)
    return f"{name}:\n  ttl: 300\n  type: TXT\n  values:\n{lines}"


def zone_file(zone: Records) -> str:
    """Return the YAML of a zone."""
    return "---\n" + "".join(record_text(name, values) for name, values in zone.items())


def pages(zone: Records) -> list[str]:
    """Return the zone as a service would: a line of JSON for each page."""
    rows = [
        {"name": name, "ttl": 300, "type": "TXT", "values": values} for name, values in zone.items()
    ]
    return [json.dumps(rows[start : start + PAGE]) + "\n" for start in range(0, len(rows), PAGE)]


def check_plan(subject: Subject, count: int) -> None:
    """Check that octoDNS plans the changed records and nothing else. Raises BenchError."""
    text = run(subject.command, subject.folder, subject.environ)
    expected = f"Creates=0, Updates={-(-count // CHANGED_EVERY)}, Deletes=0"
    if expected not in text:
        raise BenchError(f"{subject.name} should plan {expected}: {text[-2000:]}")
