"""Markdown posts from the file to the queue: what a plan shows is what is sent."""

from __future__ import annotations

from pathlib import Path

from tests.commands.workspace_dir import WorkspaceDir

POST = (
    "---\nprofiles: [x]\nschedule: 2026-12-01 09:30\n---\n\n"
    "# Hello\n\nSee **our** [page](https://acme.example/a_b_c) <!-- note -->\n\n"
    "![A door](https://acme.example/door.png)\n"
)
SENT = "Hello\n\nSee our page (https://acme.example/a_b_c)"


def test_a_converted_post_is_shown_and_sent_as_plain_text(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    workspace.write("_defaults.yaml", "markdown: plain\n")
    workspace.write("a.md", POST)
    plan = workspace.plan()
    (change,) = plan["changes"]
    assert change["after"]["text"] == SENT
    assert [(item["code"], item["severity"]) for item in plan["diagnostics"]] == [("PC227", "info")]
    for view in ("human", "markdown", "html"):
        shown = workspace.run("plan", "--format", view).out
        assert "https://acme.example/a_b_c" in shown
        assert "**our**" not in shown
        assert "converted from Markdown" in shown
    assert workspace.apply().code == 0
    (update,) = workspace.live()
    assert update.content.text == SENT
    assert change["after"]["images"] == [{"url": "https://acme.example/door.png", "alt": "A door"}]
    assert workspace.summary() == {"unchanged": 1}


def test_a_post_without_the_key_is_sent_as_before(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    workspace.write("a.md", POST)
    validated = workspace.run("validate")
    assert (validated.code, validated.codes) == (0, ["PC226"])
    assert workspace.apply().code == 0
    assert workspace.texts() == [POST.split("---\n\n")[1].strip()]
    workspace.write("_defaults.yaml", "markdown: literal\n")
    assert workspace.summary() == {"unchanged": 1}
    assert workspace.run("validate").codes == []


def test_a_new_workspace_converts(tmp_path: Path) -> None:
    workspace = WorkspaceDir(tmp_path)
    assert workspace.run("init").code == 0
    assert "\nmarkdown: plain\n" in (tmp_path / "plancast.yaml").read_text()
    assert workspace.run("validate").codes == []


def test_the_canonical_form_has_the_key_before_what_it_is_about(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    workspace.write("a.md", "---\nimages: []\nmarkdown:  'plain'\nstatus: draft\n---\n# *Hello*\n")
    assert workspace.run("fmt").code == 0
    assert (tmp_path / "a.md").read_text() == (
        '---\nstatus: draft\nmarkdown: "plain"\nimages: []\n---\n# *Hello*\n'
    )
