# SPDX-License-Identifier: Apache-2.0
"""Addresses are read strictly, and have one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import MailAddressError
from service.mailbox import ADDRESS_CHARS, Mailbox, read_address, read_mailbox, read_name


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ada@teachers.example", "ada@teachers.example"),
        (" Ada.O'Neil+mc@Teachers.EXAMPLE ", "Ada.O'Neil+mc@teachers.example"),
        ("ada@schüle.example", "ada@xn--schle-mva.example"),
    ],
)
def test_an_address_gets_its_one_spelling(typed: str, address: str) -> None:
    assert read_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ada",
        "@teachers.example",
        "ada@",
        "ada@localhost",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        "a da@teachers.example",
        "ada@teachers.example\r\nBcc: eve@evil.example",
        "ada\n@teachers.example",
        ".ada@teachers.example",
        "ada..b@teachers.example",
        '"ada"@teachers.example',
        "ädä@teachers.example",
        "ada@eve@teachers.example",
        "ada@teachers.example, eve@evil.example",
        "<ada@teachers.example>",
        f"{'a' * 65}@teachers.example",
        f"{'a' * 64}@{'b.' * 95}example",
    ],
)
def test_what_is_no_plain_address_is_refused(typed: str) -> None:
    with pytest.raises(MailAddressError):
        read_address(typed)


@given(st.text(max_size=40))
def test_what_is_taken_is_one_line_of_ascii_and_stays_the_same(typed: str) -> None:
    try:
        address = read_address(f"{typed}@teachers.example")
    except MailAddressError:
        return
    assert address.isascii()
    assert address.isprintable()
    assert " " not in address
    assert len(address) <= ADDRESS_CHARS
    assert read_address(address) == address


def test_a_name_may_stand_before_an_address() -> None:
    assert read_mailbox("Example Education <awards@union.example>") == Mailbox(
        address="awards@union.example", name="Example Education"
    )
    assert read_mailbox("awards@union.example") == Mailbox(address="awards@union.example")


@pytest.mark.parametrize("name", ["Ada\r\nBcc: eve@evil.example", "Ada\x00", "Ada\u2028Eve"])
def test_a_name_with_a_line_break_is_refused(name: str) -> None:
    with pytest.raises(MailAddressError):
        read_name(name)
