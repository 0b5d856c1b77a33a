"""The profile by room: which room a stack belongs to, and a real run of the sampler."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import sampler

SITE = "/venv/lib/python3.11/site-packages"
MAIN = "/clone/plancast/commands/main.py"


@pytest.mark.parametrize(
    ("files", "room"),
    [
        (["/clone/plancast/reconcile/compare.py", MAIN], "plancast/reconcile"),
        (["/usr/lib/python3.11/re.py", "/clone/plancast/networks/length.py"], "plancast/networks"),
        (["/clone/plancast/content/yaml_reader.py", MAIN], "YAML"),
        ([f"{SITE}/yaml/cyaml.py", "/clone/plancast/content/loader.py"], "YAML"),
        (["/clone/plancast/content/schema.py", MAIN], "JSON Schema"),
        ([f"{SITE}/jsonschema/validators.py", MAIN], "JSON Schema"),
        (["/clone/plancast/content/schema_errors.py", MAIN], "JSON Schema"),
        (["/usr/lib/python3.11/json/decoder.py", f"{SITE}/httpx/_models.py", MAIN], "JSON"),
        (["/usr/lib/python3.11/ssl.py", f"{SITE}/httpcore/_sync/pool.py", MAIN], "HTTP client"),
        (["/clone/plancast/model/entry.py", "<frozen importlib._bootstrap>", MAIN], "imports"),
        ([f"{SITE}/httpx/_api.py", "<frozen importlib._bootstrap_external>"], "imports"),
        (["/clone/plancast/api.py"], "plancast/api"),
        (["/usr/lib/python3.11/runpy.py"], sampler.OTHER),
        ([], sampler.OTHER),
    ],
)
def test_a_stack_belongs_to_a_room(files: list[str], room: str) -> None:
    assert sampler.room_of(files) == room


def test_a_sampled_command_ends_as_it_would_and_is_counted(tmp_path: Path) -> None:
    report = tmp_path / "counts.json"
    line = [sys.executable, sampler.__file__, str(report), "validate", "--no-such-option"]
    ended = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, "No such option" in ended.stderr) == (1, True), ended.stderr
    counts = json.loads(report.read_text(encoding="utf-8"))
    assert counts["imports"] > 0
