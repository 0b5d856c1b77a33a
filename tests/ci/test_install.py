"""The action on a machine that has nothing but Python: it installs itself, and works."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.ci.runner import Job, action, base_environ
from tests.commands.desk import post, workspace

OUT_OF_REACH = re.compile(r"No matching distribution found|Could not find a version")


def test_it_installs_what_its_own_checkout_holds(tmp_path: Path) -> None:
    checkout = tmp_path / "posts"
    checkout.mkdir()
    (checkout / "plancast.yaml").write_text(workspace(), encoding="utf-8")
    (checkout / "a.yaml").write_text(post(), encoding="utf-8")
    index = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_"))}
    environ = {**base_environ(tmp_path), **index, "PIP_NO_COMPILE": "1"}
    job = Job(checkout, tmp_path / "temp", tmp_path / "artifacts", {"event_name": "push"}, environ)
    ended = job.use(action(), {"run": "plan"})
    if ended.codes["install"] and OUT_OF_REACH.search(ended.log):
        pytest.skip("the packages that plancast stands on are out of reach")
    assert ended.ok, ended.log
    assert "Plan: 1 to create" in ended.summary
    assert (tmp_path / "artifacts" / "plancast" / "preview.html").is_file()
