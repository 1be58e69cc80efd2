# SPDX-License-Identifier: Apache-2.0
"""Names beside a credential, and forgetting whose it is."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from issuer import names, publish, retention
from issuer.errors import AwardRequestError, NoSuchCredentialError
from issuer.mint import Mint
from issuer.store import credentials as rows
from issuer.store.credentials import StoredCredential
from tests.issuer.house import NOW, issued, members, verdict

NAME = "Alex  Educator"


@pytest.fixture
def found(mint: Mint) -> StoredCredential:
    return issued(mint, name=NAME, hides_name=True)


def page(client: FlaskClient, found: StoredCredential) -> str:
    return client.get(f"/credentials/{found.key}", headers={"Accept": "text/html"}).text


def test_a_hidden_name_is_signed_as_a_salted_hash_only(mint: Mint, found: StoredCredential) -> None:
    assert verdict(mint, found.signed_json) == "valid"
    address, name = members(found)["credentialSubject"]["identifier"]
    assert name["identityType"] == "name"
    assert name["hashed"] is True
    assert name["identityHash"].startswith("sha256$")
    assert name["salt"] == address["salt"]
    for signed in (found.signed_json, found.signed_jwt):
        assert signed is not None
        assert b"Alex" not in signed
    assert b"Alex" not in publish.picture(mint, found, form="svg")


def test_a_name_is_shown_only_while_its_earner_wants_that(
    mint: Mint, client: FlaskClient, found: StoredCredential
) -> None:
    assert "chosen not to show a name" in page(client, found)
    names.show(mint, found.key, "Alex Educator", now=NOW, actor="person:1")
    assert "Alex Educator" in page(client, found)
    names.hide(mint, found.key, now=NOW, actor="person:1")
    assert "Alex" not in page(client, found)


def test_another_name_than_the_signed_one_is_never_shown(
    mint: Mint, client: FlaskClient, found: StoredCredential
) -> None:
    with pytest.raises(AwardRequestError):
        names.show(mint, found.key, "Somebody Else", now=NOW, actor="person:1")
    with mint.db.transaction() as session:
        rows.set_shown_name(session, found.key, "Somebody Else")
    assert "Somebody" not in page(client, found)


def test_there_is_no_name_to_show_beside_nothing(mint: Mint) -> None:
    with pytest.raises(NoSuchCredentialError):
        names.hide(mint, "nothing", now=NOW, actor="person:1")
    with pytest.raises(NoSuchCredentialError):
        names.show(mint, "nothing", NAME, now=NOW, actor="person:1")


def test_an_erased_person_leaves_an_award_that_verifies(
    mint: Mint, client: FlaskClient, found: StoredCredential
) -> None:
    email = "alex.educator@SCHOOL.example".replace("alex.educator", "Alex.Educator")
    keys = retention.keys_of(mint, email)
    assert keys == (found.key,)
    (told,) = retention.export(mint, keys)
    assert isinstance(told, dict)
    assert told["name"] == NAME
    names.show(mint, found.key, NAME, now=NOW, actor="person:1")

    retention.erase(mint, keys, now=NOW, actor="person:1")
    retention.erase(mint, keys, now=NOW, actor="person:1")

    assert retention.keys_of(mint, email) == ()
    (told,) = retention.export(mint, keys)
    assert "Alex" not in str(told)
    assert "Alex" not in page(client, found)
    again = publish.find(mint, found.key)
    assert again.signed_json == found.signed_json
    assert verdict(mint, again.signed_json) == "valid"
    with mint.db.reading() as session:
        assert "Alex" not in str(rows.award(session, found.key))


def test_an_award_that_is_not_signed_yet_keeps_its_address_until_it_is(mint: Mint) -> None:
    from issuer import issuance
    from tests.issuer.house import request

    written = issuance.award(mint, request(), now=NOW)
    retention.erase(mint, [written.award.key], now=NOW, actor="person:1")
    assert issuance.issue(mint, written.award.key, now=NOW).signed_json is not None
