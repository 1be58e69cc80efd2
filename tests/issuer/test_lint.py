# SPDX-License-Identifier: Apache-2.0
"""What would not verify everywhere is not signed (threats I1, D8)."""

from __future__ import annotations

import copy
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from credentials.document import parse, write
from issuer import issuance
from issuer.errors import ForeignIssuerError, ForeignStatusError, LintError
from issuer.mint import Mint
from service.errors import DatabaseUnavailableError
from tests.issuer.house import NOW, issued, members, open_mint, verdict

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def mint(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mint]:
    """One house for all of these: what is refused leaves nothing behind."""
    opened = open_mint(Path(shutil.copytree(template, tmp_path_factory.mktemp("lint") / "data")))
    yield opened
    opened.db.close()


@pytest.fixture(scope="module")
def credential(mint: Mint) -> dict[str, Any]:
    return members(issued(mint, submission="the one"))


@pytest.fixture
def unsigned(credential: dict[str, Any]) -> dict[str, Any]:
    """A good document of ours without proof and status, under an id of its own."""
    found = copy.deepcopy(credential)
    del found["proof"], found["credentialStatus"]
    return found | {"id": f"urn:uuid:{uuid.uuid4()}"}


def sign(mint: Mint, document: dict[str, Any], **options: Any) -> bytes:
    return issuance.sign_document(mint, parse(write(document)), now=NOW, **options)


def subject(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["credentialSubject"]
    return found


CHANGES: dict[str, Change] = {
    "an undefined member": lambda d: d.update(foo="bar"),
    "an undefined member far inside": lambda d: subject(d)["achievement"]["criteria"].update(foo="bar"),
    "null": lambda d: d.update(description=None),
    "an empty array": lambda d: d.update(termsOfUse=[]),
    "a control character": lambda d: d.update(name="bell\x07"),
    "a form feed": lambda d: subject(d)["achievement"].update(description="a\x0cb"),
    "delete": lambda d: d.update(name="a\x7fb"),
    "no character": lambda d: d.update(name="a\ufffeb"),
    "last of the plane": lambda d: d.update(name="a\uffffb"),
    "a relative id": lambda d: subject(d).update(id="me"),
    "an id with a space": lambda d: subject(d).update(id="urn:a b"),
    "a type that nobody defined": lambda d: d["type"].append("Surprise"),
    "@graph": lambda d: subject(d).update({"@graph": [{"id": "urn:x:1"}]}),
    "@included": lambda d: d.update({"@included": [{"id": "urn:x:1", "type": "Image"}]}),
    "a nested context": lambda d: subject(d).update({"@context": "https://www.w3.org/ns/credentials/v2"}),
    "another context": lambda d: d["@context"].append("https://example.org/context"),
    "contexts in another order": lambda d: d["@context"].reverse(),
    "an older context": lambda d: d["@context"].__setitem__(
        1, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json"
    ),
    "a huge integer": lambda d: subject(d).update(creditsEarned=2**53),
    "too many digits": lambda d: subject(d).update(creditsEarned=0.1234567890123456),
    "a tiny number": lambda d: subject(d).update(creditsEarned=1e-7),
    "a large number": lambda d: subject(d).update(creditsEarned=1e20),
    "jti": lambda d: d.update(jti="urn:x:1"),
    "endorsementJwt": lambda d: d.update(endorsementJwt=["e30.e30.e30"]),
    "no id": lambda d: d.pop("id"),
    "no validFrom": lambda d: d.pop("validFrom"),
    "a date without a zone": lambda d: d.update(validFrom="2026-01-01T00:00:00"),
    "an end before the beginning": lambda d: d.update(validUntil="1999-01-01T00:00:00Z"),
    "no criteria": lambda d: subject(d)["achievement"].pop("criteria"),
    "nobody who earned it": lambda d: subject(d).pop("identifier"),
    "a single value where the schema wants an array": lambda d: d.update(evidence=d["evidence"][0]),
    "two objects with one id": lambda d: subject(d)["achievement"].update(
        creator={"id": d["issuer"]["id"], "type": ["Profile"], "name": "Somebody else"}
    ),
    "a status nobody can read": lambda d: d.update(
        credentialStatus={
            "id": "https://nowhere.example/status/1#7",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": "https://nowhere.example/status/1",
        }
    ),
    "a proof": lambda d: d.update(proof=[{"type": "DataIntegrityProof"}]),
    "characters that sort differently elsewhere": lambda d: subject(d)["achievement"].update(
        tag=["\U0001f600", "！"]
    ),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("jwt", [False, True])
def test_is_not_signed(mint: Mint, unsigned: dict[str, Any], what: str, jwt: bool) -> None:
    changed = copy.deepcopy(unsigned)
    CHANGES[what](changed)
    with pytest.raises(LintError):
        sign(mint, changed, jwt=jwt)


def test_the_unchanged_document_is_signed(mint: Mint, unsigned: dict[str, Any]) -> None:
    signed = sign(mint, unsigned)
    assert verdict(mint, signed) == "valid"
    assert verdict(mint, sign(mint, unsigned, jwt=True)) == "valid"
    stripped = {name: value for name, value in parse(signed).members.items() if name != "proof"}
    assert stripped == unsigned


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "tab\tline\nreturn\r and \U0001f600, Zoë, É"},
        {"name": "！"},
        {"name": "\u0085\u2028"},
    ],
)
def test_unusual_text_that_verifies_everywhere_is_signed(
    mint: Mint, unsigned: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert verdict(mint, sign(mint, unsigned | changes)) == "valid"


@pytest.mark.parametrize("credits", [0, 1, 2.5, 1000000.5, 2**53 - 1])
def test_numbers_that_everybody_writes_alike_are_signed(
    mint: Mint, unsigned: dict[str, Any], credits: float
) -> None:
    subject(unsigned)["creditsEarned"] = credits
    assert verdict(mint, sign(mint, unsigned)) == "valid"


def test_what_is_over_or_has_not_begun_may_be_stated(mint: Mint, unsigned: dict[str, Any]) -> None:
    over = unsigned | {"validFrom": "2020-01-01T00:00:00Z", "validUntil": "2021-01-01T00:00:00Z"}
    assert verdict(mint, sign(mint, over)) == "expired"
    later = unsigned | {"validFrom": "2999-01-01T00:00:00Z", "id": f"urn:uuid:{uuid.uuid4()}"}
    assert verdict(mint, sign(mint, later)) == "not-yet-valid"


@pytest.mark.parametrize("issuer", ["did:web:elsewhere.example", "", "https://badges.hallmark.example"])
def test_nothing_is_signed_in_the_name_of_others(mint: Mint, unsigned: dict[str, Any], issuer: str) -> None:
    unsigned["issuer"]["id"] = issuer
    with pytest.raises(ForeignIssuerError):
        sign(mint, unsigned)


def test_the_issuer_that_was_named_must_be_the_one_in_the_document(
    mint: Mint, unsigned: dict[str, Any]
) -> None:
    with pytest.raises(ForeignIssuerError):
        sign(mint, unsigned, slug="example-state")


def test_no_document_takes_the_place_of_another_in_our_lists(
    mint: Mint, unsigned: dict[str, Any], credential: dict[str, Any]
) -> None:
    with pytest.raises(ForeignStatusError):
        sign(mint, unsigned | {"credentialStatus": credential["credentialStatus"]})


def test_no_document_takes_the_id_of_an_award(
    mint: Mint, unsigned: dict[str, Any], credential: dict[str, Any]
) -> None:
    with pytest.raises(ForeignStatusError):
        sign(mint, unsigned | {"id": credential["id"]})


@pytest.fixture
def endorsement(credential: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": credential["@context"],
        "id": f"urn:uuid:{uuid.uuid4()}",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Accepted here",
        "issuer": credential["issuer"],
        "validFrom": credential["validFrom"],
        "credentialSubject": {
            "id": credential["id"],
            "type": ["EndorsementSubject"],
            "endorsementComment": "Counts for ten hours.",
        },
    }


@pytest.mark.parametrize("jwt", [False, True])
def test_an_endorsement_is_signed_by_the_same_rules(
    mint: Mint, endorsement: dict[str, Any], jwt: bool
) -> None:
    assert sign(mint, endorsement, jwt=jwt)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("name"),
        lambda d: d["credentialSubject"].update(foo=1),
        lambda d: d["credentialSubject"].pop("id"),
        lambda d: d.update(validFrom="yesterday"),
        lambda d: d["type"].append("OpenBadgeCredential"),
    ],
)
def test_a_bad_endorsement_is_not_signed(mint: Mint, endorsement: dict[str, Any], change: Change) -> None:
    change(endorsement)
    with pytest.raises(LintError):
        sign(mint, endorsement)


def test_a_database_that_is_away_is_no_fault_of_the_document(mint: Mint, unsigned: dict[str, Any]) -> None:
    """Whoever asks hears that we cannot at the moment, and nothing is halted for good."""

    def away(*_: Any, **__: Any) -> Any:
        raise DatabaseUnavailableError("The database does not answer at the moment.")

    with pytest.raises(DatabaseUnavailableError):
        sign(replace(mint, examine=away), unsigned)
