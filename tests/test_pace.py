"""The limiter against a server that counts: real processes, a socket, 200 creates."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.every(3)
def test_200_creates_against_a_limit_of_60_are_never_refused() -> None:
    line = [sys.executable, "bench/pace.py", "1"]
    ended = subprocess.run(line, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "200 applied" in ended.stdout
    assert ended.stdout.rstrip().endswith(" 0 refused")
