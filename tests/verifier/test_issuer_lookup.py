# SPDX-License-Identifier: Apache-2.0
"""What somebody pastes becomes an issuer: by identifier, domain, page or credential."""

from __future__ import annotations

import json

import pytest

from tests.world import MemorySigner, World, timed_out
from verifier import issuer_lists, issuer_lookup
from verifier.bureau import Bureau
from verifier.errors import IssuerFieldError
from verifier.issuer_lookup import Candidate, look_up
from verifier.list_format import ListedIssuer
from verifier.ports import Fetched

SLUG = "example-district"


@pytest.fixture(autouse=True)
def begun(bureau: Bureau, world: World) -> None:
    issuer_lists.ensure(bureau, SLUG, "Exampleton", actor="test", now=world.clock.now())


def find(bureau: Bureau, world: World, pasted: str) -> Candidate:
    return look_up(bureau, SLUG, pasted, now=world.clock.now())


def test_a_did_is_its_own_answer_and_nobody_vouches_for_a_name(bureau: Bureau, world: World) -> None:
    union = world.issuer("union")
    found = find(bureau, world, f" {union.id}#key-1 ")
    assert (found.issuer, found.address, found.trouble) == (ListedIssuer(union.id, ""), "union.example", "")


def test_a_did_key_needs_no_host(bureau: Bureau, world: World) -> None:
    key = world.did_key_issuer("solo")
    assert find(bureau, world, key.id).issuer.did == key.id
    assert isinstance(key.signer(), MemorySigner)
    assert world.requests == []


def test_a_domain_is_a_did_web_that_must_be_there(bureau: Bureau, world: World) -> None:
    union = world.issuer("union")
    assert find(bureau, world, "Union.Example").issuer.did == union.id
    with pytest.raises(IssuerFieldError):
        find(bureau, world, "nobody.example")
    world.go_offline("union")
    with pytest.raises(IssuerFieldError):
        find(bureau, world, "union.example")


def test_a_did_that_does_not_answer_may_still_be_listed(bureau: Bureau, world: World) -> None:
    world.issuer("union")
    world.go_offline("union")
    found = find(bureau, world, "did:web:union.example")
    assert (found.issuer.name, bool(found.trouble)) == ("", True)


def test_a_credential_vouches_for_the_name_of_its_issuer(bureau: Bureau, world: World) -> None:
    union = world.issuer("union")
    badge = union.mint()
    world.served["https://elsewhere.example/1"] = badge
    found = find(bureau, world, "https://elsewhere.example/1")
    assert found.issuer == ListedIssuer(union.id, "The Union", "https://union.example/")
    assert (found.careful, found.known) == (None, None)


def test_a_withdrawn_credential_still_shows_whose_it_is_and_a_forged_one_does_not(
    bureau: Bureau, world: World
) -> None:
    union = world.issuer("union")
    badge = union.mint()
    union.revoke(badge)
    world.served["https://union.example/1"] = badge
    assert find(bureau, world, "https://union.example/1").issuer.name == "The Union"
    world.served["https://union.example/2"] = badge.replace(b"Teamwork", b"Mastery")
    with pytest.raises(IssuerFieldError, match="does not show who issued it"):
        find(bureau, world, "https://union.example/2")


def profile(did: str, name: object = "The Union") -> bytes:
    members = {"id": did, "type": ["Profile"], "name": name, "url": "https://union.example/"}
    return json.dumps(members).encode()


def test_a_profile_names_itself_on_its_own_host_alone(bureau: Bureau, world: World) -> None:
    union = world.issuer("union")
    world.served["https://union.example/about"] = profile(union.id)
    world.served["https://evil.example/about"] = profile(union.id, "The Evil Union")
    assert find(bureau, world, "https://union.example/about").issuer.name == "The Union"
    found = find(bureau, world, "https://evil.example/about")
    assert (found.issuer.did, found.issuer.name, found.address) == (union.id, "", "union.example")


def test_a_did_with_a_path_has_its_profile_there(bureau: Bureau, world: World) -> None:
    did = "did:web:many.example:issuers:one"
    one = world.issuer("one", id=did, title="One")
    world.served[did] = json.dumps(one.document()).encode()
    world.served["https://many.example/issuers/one/did.json"] = world.served[did]
    world.served["https://many.example/issuers/one"] = profile(did, "One of many")
    assert find(bureau, world, did).issuer.name == "One of many"
    world.served["https://many.example/issuers/one"] = profile("did:web:other.example", "Another")
    assert find(bureau, world, did).issuer.name == ""


def test_names_that_hide_something_are_not_taken_over(bureau: Bureau, world: World) -> None:
    union = world.issuer("union")
    for name in ("A\u202eB", "", 7, "x" * 301):
        world.served["https://union.example/about"] = profile(union.id, name)
        assert find(bureau, world, "https://union.example/about").issuer.name == ""


def test_a_look_alike_and_a_known_one_are_pointed_out(bureau: Bureau, world: World) -> None:
    union, evil = world.issuer("union"), world.issuer("evil", title="The Uniоn")  # a Cyrillic o
    now = world.clock.now()
    issuer_lists.add(bureau, SLUG, ListedIssuer(union.id, union.title), note="", actor="test", now=now)
    world.served["https://evil.example/1"] = evil.mint()
    found = find(bureau, world, "https://evil.example/1")
    assert found.careful is not None
    assert "looks like The Union (union.example)" in found.careful
    world.served["https://union.example/1"] = union.mint()
    known = find(bureau, world, "https://union.example/1").known
    assert known is not None
    assert known.removed_at is None


@pytest.mark.parametrize(
    "pasted", ["", "  ", "The Union", "union", "did:", "did:web:UNION.example", "x@y.example"]
)
def test_what_means_nobody_is_told(bureau: Bureau, world: World, pasted: str) -> None:
    with pytest.raises(IssuerFieldError) as caught:
        find(bureau, world, pasted)
    assert caught.value.path == "what"
    assert world.requests == []


@pytest.mark.parametrize(
    "served",
    [
        b"<html><body>About us</body></html>",
        b"{}",
        b'{"id": 7, "type": "Profile"}',
        b'{"id": "The Union", "type": "Profile", "name": "A"}',
        Fetched("", 404, "", b""),
        Fetched("", 500, "", b""),
        timed_out("union.example"),
    ],
)
def test_a_page_that_is_nobodys_is_told(
    bureau: Bureau, world: World, served: bytes | Fetched | Exception
) -> None:
    world.served["https://union.example/about"] = served
    with pytest.raises(IssuerFieldError):
        find(bureau, world, "https://union.example/about")


@pytest.mark.parametrize(
    "host",
    [
        "badges.hallrnark.example",
        "badges.ha11mark.example",
        "badges-hallmark.example",
        "badges.hallmark.example.evil.example",
    ],
)
def test_an_address_is_compared_before_anybody_has_a_name_or_a_key(
    bureau: Bureau, world: World, host: str
) -> None:
    real = ListedIssuer("did:web:badges.hallmark.example", "Example Education Association")
    issuer_lists.add(bureau, SLUG, real, note="", actor="test", now=world.clock.now())
    found = find(bureau, world, f"did:web:{host}")
    assert (found.issuer.name, bool(found.trouble)) == ("", True)
    assert found.careful is not None
    assert "badges.hallmark.example of Example Education Association" in found.careful


def test_a_typed_name_is_compared_too_and_both_are_marked_on_the_list(bureau: Bureau, world: World) -> None:
    now = world.clock.now()
    real = ListedIssuer("did:web:badges.hallmark.example", "Example Education Association")
    typed = ListedIssuer("did:web:other.example", "Example Educaton Association")
    far = ListedIssuer("did:web:museum.example", "Mockup Museum")
    for each in (real, far):
        issuer_lists.add(bureau, SLUG, each, note="", actor="test", now=now)
    assert issuer_lookup.as_typed(bureau, SLUG, far).careful is None
    told = issuer_lookup.as_typed(bureau, SLUG, typed).careful
    assert told is not None
    assert "looks like Example Education Association (badges.hallmark.example)" in told
    issuer_lists.add(bureau, SLUG, typed, note="", actor="test", now=now)
    entries = issuer_lists.published(bureau, SLUG).entries
    assert set(issuer_lookup.cautions(bureau, entries, entries)) == {real.did, typed.did}
