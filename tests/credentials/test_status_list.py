# SPDX-License-Identifier: Apache-2.0
"""Bitstring status lists: only a proven zero bit is clear, and nothing is read without bounds (threat V6)."""

from __future__ import annotations

import base64
import gzip
import random
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials import legacy_status
from credentials.dates import parse_datetime
from credentials.errors import (
    StatusEncodingError,
    StatusEntryError,
    StatusError,
    StatusIndexError,
    StatusListError,
    StatusListTooLongError,
    StatusListTooShortError,
    StatusSizeError,
    StatusTypeError,
    UnknownError,
)
from credentials.status_list import (
    STATUS_ENTRIES_MIN,
    STATUS_INFLATED,
    BitstringStatusListEntry,
    compose_list,
    decode,
    encode,
    read_entry,
    read_list,
    read_status,
)

LIST_URL = "https://badges.example/status/1"
ENTRY: dict[str, Any] = {
    "id": f"{LIST_URL}#94567",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "94567",
    "statusListCredential": LIST_URL,
}
# Bitstring Status List v1.0, example of a list of 131,072 entries in which none is set.
W3C_EMPTY = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"


def packed(bits: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(gzip.compress(bits, mtime=0)).rstrip(b"=").decode()


def test_reads_the_example_of_the_specification() -> None:
    assert decode(W3C_EMPTY) == bytes(STATUS_ENTRIES_MIN // 8)


def test_index_zero_is_the_most_significant_bit_of_the_first_byte() -> None:
    bits = decode(encode([0, 9]))
    assert bits[:2] == b"\x80\x40"
    assert [read_status(bits, index) for index in (0, 1, 7, 8, 9)] == [1, 0, 0, 0, 1]


@given(st.sets(st.integers(0, STATUS_ENTRIES_MIN - 1), max_size=40))
def test_exactly_the_given_entries_are_set(indices: set[int]) -> None:
    bits = decode(encode(indices))
    assert bits.count(0) == len(bits) - len({index // 8 for index in indices})
    assert all(read_status(bits, index) for index in indices)
    assert sum(byte.bit_count() for byte in bits) == len(indices)


@pytest.mark.parametrize("length", [STATUS_ENTRIES_MIN, STATUS_ENTRIES_MIN + 3])
@pytest.mark.parametrize("step", [1, 2, 31, 32, 33, 4_096])
def test_many_entries_and_few_are_set_alike(length: int, step: int) -> None:
    indices = [*range(0, length, step), 0, length - 1]
    bits = bytearray((length + 7) // 8)
    for index in indices:
        bits[index // 8] |= 1 << (7 - index % 8)
    encoded = encode(reversed(indices), length=length)
    assert decode(encoded) == bytes(bits)
    assert gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4))) == bytes(
        bits
    )


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, 0.1, 0.5])
def test_lists_are_no_longer_than_with_the_usual_way_to_compress(share: float) -> None:
    draw = random.Random(3)  # noqa: S311  the same places on every run
    places = draw.sample(range(STATUS_ENTRIES_MIN), int(STATUS_ENTRIES_MIN * share))
    bits = decode(encode(places))
    assert len(encode(places)) <= len(packed(bits)) + 64


def test_the_same_bits_always_give_the_same_text() -> None:
    first = encode([5, 70_000])
    assert first == encode(iter([70_000, 5, 5]))
    header = base64.urlsafe_b64decode(first[1:] + "=" * (-len(first[1:]) % 4))[:10]
    assert header[4:8] == bytes(4)  # no time
    assert header[3] == 0  # no name


def test_a_list_that_others_compress_is_read() -> None:
    bits = bytearray(STATUS_ENTRIES_MIN // 8)
    bits[3] = 1
    assert decode(packed(bytes(bits))) == bytes(bits)


@pytest.mark.parametrize("index", [-(2**70), -1, STATUS_ENTRIES_MIN, 2**70])
def test_an_index_outside_the_list_is_unknown(index: int) -> None:
    with pytest.raises(StatusIndexError):
        read_status(decode(W3C_EMPTY), index)
    with pytest.raises(StatusIndexError):
        encode([index])
    with pytest.raises(StatusIndexError):
        encode([*range(STATUS_ENTRIES_MIN), index])


def test_the_limits_of_length_hold_on_both_sides() -> None:
    assert len(decode(packed(bytes(STATUS_ENTRIES_MIN // 8)))) * 8 == STATUS_ENTRIES_MIN
    with pytest.raises(StatusListTooShortError):
        decode(packed(bytes(STATUS_ENTRIES_MIN // 8 - 1)))
    assert len(decode(packed(bytes(STATUS_INFLATED)))) == STATUS_INFLATED
    with pytest.raises(StatusListTooLongError):
        decode(packed(bytes(STATUS_INFLATED + 1)))
    with pytest.raises(StatusListTooShortError):
        encode([], length=STATUS_ENTRIES_MIN - 1)
    with pytest.raises(StatusListTooLongError):
        encode([], length=STATUS_INFLATED * 8 + 1)
    assert len(decode(encode([], length=STATUS_INFLATED * 8))) == STATUS_INFLATED


def test_a_bomb_is_stopped_at_the_limit() -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(deflate.compress(bytes(1_048_576)) for _ in range(256)) + deflate.flush()
    with pytest.raises(StatusListTooLongError):
        decode("u" + base64.urlsafe_b64encode(bomb).rstrip(b"=").decode())


def _damaged() -> dict[str, str]:
    whole = gzip.compress(bytes(STATUS_ENTRIES_MIN // 8), mtime=0)

    def text(data: bytes) -> str:
        return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    return {
        "two members": text(whole + whole),
        "trailing byte": text(whole + b"\0"),
        "cut off": text(whole[:-1]),
        "cut off in the middle": text(whole[: len(whole) // 2]),
        "wrong checksum": text(whole[:-8] + bytes(4) + whole[-4:]),
        "not gzip but zlib": text(zlib.compress(bytes(STATUS_ENTRIES_MIN // 8))),
        "nothing": "u",
        "empty": "",
        "no multibase letter": text(whole)[1:],
        "another multibase": "z" + text(whole)[1:],
        "padded": text(whole) + "=",
        "white space": text(whole)[:9] + "\n" + text(whole)[9:],
        "standard alphabet": "u" + base64.b64encode(whole).decode().rstrip("=") + "+/",
        "not ASCII": "uH4sIé",
        "raw text": "u" + "A" * 200,
    }


@pytest.mark.parametrize("name", _damaged())
def test_damaged_bits_are_unknown_and_never_clear(name: str) -> None:
    with pytest.raises(StatusEncodingError):
        decode(_damaged()[name])


@given(st.binary(max_size=200), st.booleans())
def test_no_text_whatever_makes_another_error(data: bytes, is_gzip: bool) -> None:
    text = packed(data) if is_gzip else data.decode("latin-1")
    with pytest.raises(UnknownError):
        decode(text)


def test_an_entry_is_read_and_written() -> None:
    entry = read_entry(ENTRY)
    assert entry == BitstringStatusListEntry(
        id=ENTRY["id"],
        status_purpose="revocation",
        status_list_index=94567,
        status_list_credential=LIST_URL,
    )
    assert entry.to_members() == ENTRY


@pytest.mark.parametrize("index", [0, 5, 94567])
def test_a_whole_number_as_index_is_taken_with_a_warning(index: int) -> None:
    entry = read_entry(ENTRY | {"statusListIndex": index})
    assert entry.status_list_index == index
    assert entry.warnings


@pytest.mark.parametrize(
    "index",
    [None, True, False, -1, 5.0, 1e3, "", "-1", "+1", "1.0", "1e3", "0x10", "007", "00", " 1", "1 ", "1\n",
     "٣", "９", "1_0", "9" * 21, [], ["1"], {}],
)  # fmt: skip
def test_any_other_index_is_unknown(index: Any) -> None:
    with pytest.raises(StatusEntryError) as caught:
        read_entry(ENTRY | {"statusListIndex": index})
    assert caught.value.path == "/statusListIndex"


@pytest.mark.parametrize("name", ["statusPurpose", "statusListCredential", "statusListIndex"])
@pytest.mark.parametrize("value", [..., None, "", 5.5, []])
def test_an_entry_without_one_of_its_members_is_unknown(name: str, value: Any) -> None:
    entry = {key: member for key, member in (ENTRY | {name: value}).items() if member is not ...}
    with pytest.raises(StatusEntryError):
        read_entry(entry)


@pytest.mark.parametrize("kind", [None, "StatusList2021Entry", "1EdTechRevocationList", [], 5, ["X", 5]])
def test_an_entry_of_another_type_is_unknown(kind: Any) -> None:
    with pytest.raises(StatusTypeError):
        read_entry(ENTRY | {"type": kind})


@pytest.mark.parametrize("size", [2, 0, "1", None, True, 1.0])
def test_more_than_one_bit_is_never_guessed(size: Any) -> None:
    with pytest.raises(StatusSizeError):
        read_entry(ENTRY | {"statusSize": size})
    assert read_entry(ENTRY | {"statusSize": size, "statusPurpose": "message"}).status_purpose == "message"
    assert read_entry(ENTRY | {"statusSize": 1}) == read_entry(ENTRY)


def test_an_entry_may_lack_an_id_and_gains_a_warning_when_it_is_the_lists() -> None:
    assert read_entry({name: value for name, value in ENTRY.items() if name != "id"}).id is None
    assert read_entry(ENTRY | {"id": LIST_URL}).warnings
    with pytest.raises(StatusEntryError):
        read_entry(ENTRY | {"id": 5})


def composed(**changes: Any) -> dict[str, Any]:
    return (
        compose_list(
            id=LIST_URL,
            issuer_members={"id": "did:web:badges.example", "type": ["Profile"], "name": "Union"},
            status_purpose="revocation",
            encoded_list=encode([3]),
            valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            valid_until=datetime(2026, 1, 1, 1, tzinfo=UTC),
        )
        | changes
    )


def test_a_list_is_composed_and_read() -> None:
    members = composed()
    assert members["@context"] == ["https://www.w3.org/ns/credentials/v2"]
    assert members["issuer"] == {"id": "did:web:badges.example", "name": "Union"}
    found = read_list(members)
    assert (found.id, found.issuer_id, found.status_purposes) == (
        LIST_URL,
        "did:web:badges.example",
        ("revocation",),
    )
    assert (found.valid_from, found.valid_until, found.ttl_ms) == (
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, 1, tzinfo=UTC),
        60_000,
    )
    assert read_status(decode(found.encoded_list), 3) == 1


def test_a_list_of_both_vcdm_versions_and_with_several_purposes_is_read() -> None:
    members = composed(issuanceDate="2026-01-01T00:00:00Z", issuer="did:web:badges.example")
    del members["validFrom"], members["validUntil"], members["id"]
    members["credentialSubject"]["statusPurpose"] = ["revocation", "suspension"]
    members["credentialSubject"]["ttl"] = "soon"
    found = read_list(members)
    assert found.valid_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert (found.valid_until, found.id, found.ttl_ms) == (None, None, None)
    assert found.status_purposes == ("revocation", "suspension")


def test_one_date_of_a_list_does_not_hide_another() -> None:
    past, future = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
    found = read_list(composed(validFrom=past, issuanceDate=future, validUntil=future, expirationDate=past))
    assert (found.valid_from, found.valid_until) == (parse_datetime(future), parse_datetime(past))
    found = read_list(composed(validFrom=future, issuanceDate=past, validUntil=past, expirationDate=future))
    assert (found.valid_from, found.valid_until) == (parse_datetime(future), parse_datetime(past))


@pytest.mark.parametrize(
    "changes",
    [
        {"type": ["VerifiableCredential"]},
        {"type": None},
        {"credentialSubject": []},
        {"credentialSubject": {"type": "StatusList2021"}},
        {"credentialSubject": {"type": "BitstringStatusList", "encodedList": "u"}},
        {"credentialSubject": {"type": "BitstringStatusList", "statusPurpose": []}},
        {"credentialSubject": {"type": "BitstringStatusList", "statusPurpose": ["revocation", 5]}},
        {
            "credentialSubject": {
                "type": "BitstringStatusList",
                "statusPurpose": "revocation",
                "encodedList": 5,
            }
        },
        {"issuer": None},
        {"issuer": {"name": "Union"}},
        {"id": 5},
        {"validUntil": "2026-01-01"},
        {"validFrom": 5},
    ],
)
def test_what_is_no_list_is_unknown(changes: dict[str, Any]) -> None:
    with pytest.raises(StatusListError):
        read_list(composed(**changes))


# -- older kinds -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url_safe", [True, False])
@pytest.mark.parametrize("padded", [True, False])
def test_a_status_list_2021_is_read_in_every_spelling(url_safe: bool, padded: bool) -> None:
    bits = bytes([64, *range(256), *bytes(STATUS_ENTRIES_MIN // 8)])
    data = gzip.compress(bits, mtime=0)
    text = (base64.urlsafe_b64encode(data) if url_safe else base64.b64encode(data)).decode()
    decoded = legacy_status.decode_2021(text if padded else text.rstrip("="))
    assert decoded == bits
    assert read_status(decoded, 1) == 1


@pytest.mark.parametrize("text", [W3C_EMPTY, "", "H4s", "H4sI !", "A" * 4_000_000])
def test_damaged_bits_of_a_status_list_2021_are_unknown(text: str) -> None:
    with pytest.raises(StatusError):
        legacy_status.decode_2021(text)


def test_entries_and_lists_of_2021_are_not_those_of_today() -> None:
    entry = ENTRY | {"type": "StatusList2021Entry"}
    assert legacy_status.read_entry_2021(entry).to_members() == entry
    with pytest.raises(StatusTypeError):
        legacy_status.read_entry_2021(ENTRY)
    older = composed(
        type=["VerifiableCredential", "StatusList2021Credential"],
        credentialSubject={"type": "StatusList2021", "statusPurpose": "revocation", "encodedList": "H4sI"},
    )
    assert legacy_status.read_list_2021(older).encoded_list == "H4sI"
    with pytest.raises(StatusListError):
        legacy_status.read_list_2021(composed())
    with pytest.raises(StatusListError):
        read_list(older)


def test_a_revocation_list_names_the_revoked() -> None:
    entries: list[Any] = [
        {"id": "https://badges.example/c/1", "revoked": True, "revocationReason": "withdrawn"},
        {"id": "https://badges.example/c/2"},
        {"id": "https://badges.example/c/3", "revoked": False},
        {"id": " https://badges.example/c/%34 ", "revocationReason": 5},
    ]
    members = {"revokedCredential": entries}

    def find(number: int) -> legacy_status.Revocation | None:
        return legacy_status.find_revocation(members, credential_id=f"https://badges.example/c/{number}")

    first, second, fourth = find(1), find(2), find(4)
    assert first is not None
    assert first.reason == "withdrawn"
    assert second is not None
    assert second.reason is None
    assert find(3) is None
    assert fourth is not None
    assert fourth.reason is None
    assert find(5) is None


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"revokedCredential": None},
        {"revokedCredential": {"id": "x"}},
        {"revokedCredential": ["x"]},
        {"revokedCredential": [{"revoked": True}]},
        {"revokedCredential": [{"id": 5}]},
        {"revokedCredential": [{"id": "x", "revoked": "yes"}]},
        {"revokedCredential": [{"id": "x", "revoked": None}]},
    ],
)
def test_a_revocation_list_of_another_form_proves_nothing(members: dict[str, Any]) -> None:
    with pytest.raises(StatusListError):
        legacy_status.find_revocation(members, credential_id="x")


def test_a_revocation_list_entry_says_where_its_list_is() -> None:
    entry: dict[str, Any] = {"type": "1EdTechRevocationList", "id": "https://badges.example/revoked"}
    assert legacy_status.revocation_list_address(entry) == entry["id"]
    assert legacy_status.revocation_list_address(entry | {"type": [entry["type"]]}) == entry["id"]
    with pytest.raises(StatusTypeError):
        legacy_status.revocation_list_address(ENTRY)
    with pytest.raises(StatusEntryError):
        legacy_status.revocation_list_address({"type": "1EdTechRevocationList"})
