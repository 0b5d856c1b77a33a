"""The corpora: the same bytes everywhere, and as large as they should be."""

from __future__ import annotations

import hashlib
from pathlib import Path

import yaml

from bench import corpus, peer
from plancast.content.loader import load

DIGESTS = {
    "posts": "293d80398459b3f2",
    "records": "73c635c1ad65ce9a",
}
"""Another corpus would make the baseline mean something else: write a new one with it."""


def digest(parts: list[bytes]) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def test_corpora_are_the_same_bytes_on_every_machine() -> None:
    found = {
        "posts": digest([post.path.encode() + post.file() for post in corpus.posts(300)]),
        "records": digest([peer.zone_file(peer.records(300)).encode()]),
    }
    assert found == DIGESTS


def test_a_larger_corpus_begins_with_the_smaller_one() -> None:
    assert list(corpus.posts(60))[:20] == list(corpus.posts(20))
    assert peer.records(20).items() <= peer.records(60).items()


def test_another_seed_makes_another_corpus() -> None:
    assert list(corpus.posts(3, seed=1)) != list(corpus.posts(3))
    assert peer.records(3, seed=1) != peer.records(3)


def test_every_post_and_every_record_has_its_size() -> None:
    for changed in (False, True):
        files = [post.file() for post in corpus.posts(500, changed=changed)]
        assert {len(file) for file in files} == {corpus.BYTES}
        zone = peer.records(500, changed=changed)
        sizes = {len(peer.record_text(name, values)) for name, values in zone.items()}
        assert sizes == {peer.RECORD_BYTES}


def test_one_in_a_hundred_is_changed() -> None:
    pairs = zip(corpus.posts(301), corpus.posts(301, changed=True), strict=True)
    assert [one.number for one, two in pairs if one.text != two.text] == [0, 100, 200, 300]
    live, desired = peer.records(301), peer.records(301, changed=True)
    changed = [name for name in live if live[name] != desired[name]]
    assert changed == ["r000000", "r000100", "r000200", "r000300"]


def test_texts_and_values_are_those_of_no_other() -> None:
    assert len({post.text for post in corpus.posts(500, changed=True)}) == 500
    assert all(len(set(values)) == peer.VALUES for values in peer.records(500).values())


def test_the_yaml_of_the_zone_and_its_json_say_the_same() -> None:
    zone = peer.records(150)
    read = yaml.safe_load(peer.zone_file(zone))
    rows = [row for page in peer.pages(zone) for row in yaml.safe_load(page)]
    assert [len(yaml.safe_load(page)) for page in peer.pages(zone)] == [100, 50]
    assert {row.pop("name"): row for row in rows} == read


def test_plancast_accepts_the_posts(tmp_path: Path) -> None:
    from bench import prepare  # noqa: PLC0415

    prepare.write_settings(tmp_path, "name: sandbox")
    corpus.write(tmp_path, list(corpus.posts(10)))
    loaded = load(tmp_path)
    assert loaded.diagnostics == ()
    assert len(loaded.posts) == 10
