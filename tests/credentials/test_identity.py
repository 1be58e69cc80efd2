# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from credentials.document import Json
from credentials.errors import IdentityError
from credentials.identity import IDENTIFIER_CHARS, IdentityObject, identity_hash, matches, normalised

SALT = "mKf3vXq9Wc2Rb7TzLp0sEA"


def test_agrees_with_the_published_values() -> None:
    # Open Badges 3.0 and 2.0 examples.
    assert identity_hash("a@example.com", "Kosher") == (
        "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
    )
    assert identity_hash("jjefferson18@example.com", "FleurDeSel") == (
        "sha256$658625b25ab3d75d613ca97d9a5a77f70e2192feca5557f4ad09a4d4f121f5fc"
    )


def test_a_created_identity_matches_its_address_and_no_other() -> None:
    identity = IdentityObject.create("Ada.Lovelace@Example.ORG ", salt=SALT)
    assert identity.hashed
    assert identity.weaknesses == ()
    assert matches(identity, "Ada.Lovelace@example.org")
    assert matches(identity, " Ada.Lovelace@EXAMPLE.org")
    assert not matches(identity, "ada.lovelace@example.net")
    assert not matches(identity, "")


def test_only_the_domain_of_an_address_ignores_case() -> None:
    assert normalised(" Ada@Example.ORG") == "Ada@example.org"
    assert normalised("Ada", "userName") == "Ada"
    assert not matches(IdentityObject.create("Ada@example.org", salt=SALT), "ada@example.org")


def test_an_address_that_another_issuer_hashed_in_lower_case_is_found() -> None:
    identity = IdentityObject("emailAddress", identity_hash("ada@example.org", SALT), hashed=True, salt=SALT)
    assert matches(identity, "Ada@Example.org")


def test_a_name_is_compared_letter_by_letter_and_composed() -> None:
    named = IdentityObject.create("Zo\u00eb  Reyes", salt="s" * 22, identity_type="name")
    for typed in ("Zo\u00eb Reyes", " Zo\u00eb\tReyes ", "Zoe\u0308 Reyes"):
        assert matches(named, typed)
    for other in ("Zoe Reyes", "zo\u00eb reyes", "ZO\u00cb REYES", "Zo\u00eb R.", "Reyes, Zo\u00eb"):
        assert not matches(named, other)


def test_an_identity_survives_writing_and_reading() -> None:
    identity = IdentityObject.create("ada@example.org", salt=SALT)
    assert IdentityObject.read(identity.to_members()) == identity
    unsalted = IdentityObject("emailAddress", identity_hash("ada@example.org"), hashed=True)
    assert "salt" not in unsalted.to_members()
    assert IdentityObject.read(unsalted.to_members()) == unsalted


def test_hexadecimal_digits_are_compared_without_case() -> None:
    upper = "sha256$" + identity_hash("ada@example.org", SALT).partition("$")[2].upper()
    assert matches(IdentityObject("emailAddress", upper, hashed=True, salt=SALT), "ada@example.org")


def test_old_weak_forms_match_and_say_so() -> None:
    md5 = IdentityObject("emailAddress", identity_hash("ada@example.org", algorithm="md5"), hashed=True)
    assert matches(md5, "ada@example.org")
    assert len(md5.weaknesses) == 2
    plain = IdentityObject("emailAddress", "Ada@Example.org", hashed=False)
    assert matches(plain, "Ada@example.org")
    assert not matches(plain, "bob@example.org")
    assert len(plain.weaknesses) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"hashed": "true"},
        {"hashed": None},
        {"identityHash": ""},
        {"identityHash": "sha1$" + "0" * 40},
        {"identityHash": "sha256$" + "0" * 63},
        {"identityHash": "sha256$" + "g" * 64},
        {"identityHash": 1},
        {"identityType": None},
        {"salt": 7},
    ],
)
def test_a_malformed_identity_is_refused(changes: dict[str, Json]) -> None:
    with pytest.raises(IdentityError):
        IdentityObject.read(IdentityObject.create("ada@example.org", salt=SALT).to_members() | changes)


def test_an_endless_identifier_is_refused() -> None:
    with pytest.raises(IdentityError):
        matches(IdentityObject.create("a@example.org", salt=SALT), "a" * (IDENTIFIER_CHARS + 1))


def test_half_a_character_is_no_identifier() -> None:
    for identity in (
        IdentityObject.create("a@example.org", salt=SALT),
        IdentityObject("emailAddress", "a@example.org", hashed=False),
    ):
        with pytest.raises(IdentityError):
            matches(identity, "a\ud800@example.org")


def test_we_issue_no_short_salt_and_know_no_other_hash() -> None:
    with pytest.raises(ValueError, match="salt"):
        IdentityObject.create("ada@example.org", salt="short")
    with pytest.raises(ValueError, match="hash"):
        identity_hash("ada@example.org", SALT, algorithm="sha1")
