"""Addresses: one rule for files, the command line, the state and saved plans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.address import Address, is_alias, is_post_id
from tests.strategies import addresses, texts

GOOD = ("a@x", "2026/launch-teaser@acme-x", "a.b_c-d/E9@A.b_c-9", "..a/b..@.", "...@x", "a/.b@-")

BAD = {
    "empty": "",
    "no alias": "a",
    "an empty alias": "a@",
    "an empty id": "@x",
    "a blank": "a b@x",
    "a letter beyond ASCII": "é@x",
    "a digit beyond ASCII": "٣@x",
    "a path that leads out": "a/../b@x",
    "a path out at the front": "../a@x",
    "a path out at the end": "a/..@x",
    "a step that stays": "a/./b@x",
    "a dot alone": ".@x",
    "a slash at the front": "/a@x",
    "a slash at the end": "a/@x",
    "two slashes": "a//b@x",
    "a backslash": "a\\b@x",
    "two signs": "a@b@x",
    "a slash in the alias": "a@x/y",
    "a blank in the alias": "a@x ",
    "a line end": "a@x\n",
    "an escape": "a\x1b[2J@x",
    "half a character": "\ud800@x",
    "an undecodable byte": "a@\udcff",
}


@pytest.mark.parametrize("text", GOOD)
def test_an_address_reads_back_as_it_is_printed(text: str) -> None:
    assert str(Address.parse(text)) == text


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_address_is_refused_in_words_that_can_be_shown(name: str) -> None:
    with pytest.raises(ValueError, match="not an address") as caught:
        Address.parse(BAD[name])
    assert str(caught.value).isprintable()


@given(addresses)
def test_addresses_of_files_are_addresses(address: Address) -> None:
    assert Address.parse(str(address)) == address


@given(texts | st.from_regex(r"[a./@-]{1,9}"))
def test_every_text_is_an_address_or_refused_as_such(text: str) -> None:
    try:
        address = Address.parse(text)
    except ValueError:
        return
    assert is_post_id(address.post)
    assert is_alias(address.profile)
    assert ".." not in address.post.split("/")
