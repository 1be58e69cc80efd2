# SPDX-License-Identifier: Apache-2.0
"""The issuance cycle: durable steps, exact bytes, nothing twice (threats I1, I2, K3, L1)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from credentials.digests import sha256_hex
from credentials.document import parse, write
from credentials.errors import HallmarkError
from credentials.verification_method import KeyAlgorithm
from issuer import issuance, revocation, status_publisher
from issuer.award import AwardRequest, AwardState, evidence_of
from issuer.errors import (
    AwardRequestError,
    DuplicateAwardError,
    IssuedInsideTransactionError,
    LintError,
    NoSuchAchievementError,
    NotEarnedError,
    SelfCheckError,
    SignedBeforeError,
    StatusFinalError,
)
from issuer.mint import Mint
from issuer.ports import Findings
from issuer.revocation import Decision, Reason
from issuer.store import credentials as rows
from issuer.store import status as status_rows
from issuer.store.credentials import StoredCredential
from keys.cabinet import Cabinet
from keys.errors import CustodyError
from keys.keyring import KeyState
from service import audit
from service.errors import IdempotencyKeyReusedError
from tests.issuer.house import NOW, issued, members, request, verdict


class StoppedError(Exception):
    """Stands for the end of the process."""


def _award_and_issue(mint: Mint, asked: AwardRequest) -> None:
    issuance.issue(mint, issuance.award(mint, asked, now=NOW).award.key, now=NOW)


def stop_at(mint: Mint, step: str) -> Mint:
    def reached(name: str) -> None:
        if name == step:
            raise StoppedError(step)

    return replace(mint, reached=reached)


def test_both_forms_verify_and_are_stored_as_they_were_signed(mint: Mint) -> None:
    found = issued(mint)
    assert verdict(mint, found.signed_json) == "valid"
    assert verdict(mint, found.signed_jwt) == "valid"
    again = issuance.issue(mint, found.key, now=NOW + timedelta(hours=5))
    assert again == found


def test_signed_bytes_without_their_proof_are_the_intended_bytes(mint: Mint) -> None:
    found = issued(mint)
    stripped = {name: value for name, value in members(found).items() if name != "proof"}
    assert found.intended is not None
    assert write(stripped) == found.intended.document


def test_every_step_has_its_audit_line_with_the_digests(mint: Mint) -> None:
    found = issued(mint)
    with mint.db.reading() as session:
        lines = audit.lines(session, subject=found.key)
        assert audit.check(session) is None
    assert [line.action for line in lines] == [
        "credential.awarded",
        "credential.intended",
        "credential.issued",
    ]
    assert found.signed_json is not None
    assert lines[-1].detail["json_sha256"] == sha256_hex(found.signed_json)
    assert "Alex" not in json.dumps([dict(line.detail) for line in lines])


def test_the_same_key_and_request_award_once(mint: Mint) -> None:
    asked = request(idempotency_key="key-1", request_digest="d")
    first = issuance.award(mint, asked, now=NOW)
    again = issuance.award(mint, asked, now=NOW + timedelta(days=400))
    assert first.is_new
    assert not again.is_new
    assert again.award == first.award


def test_the_same_key_for_something_else_is_refused(mint: Mint) -> None:
    issuance.award(mint, request(idempotency_key="key-1", request_digest="d"), now=NOW)
    with pytest.raises(IdempotencyKeyReusedError):
        issuance.award(mint, request(idempotency_key="key-1", request_digest="e"), now=NOW)


def test_one_submission_is_awarded_once(mint: Mint) -> None:
    issuance.award(mint, request(), now=NOW)
    with pytest.raises(DuplicateAwardError):
        issuance.award(mint, request(email="Alex.Educator@SCHOOL.example"), now=NOW)
    issuance.award(mint, request(submission="another"), now=NOW)


def test_what_was_not_earned_or_does_not_exist_is_not_written_down(mint: Mint) -> None:
    with pytest.raises(NotEarnedError):
        issuance.award(mint, request(levels=(("noticing", "Basic"),)), now=NOW)
    with pytest.raises(NoSuchAchievementError):
        issuance.award(mint, request(achievement="SEL9-v1"), now=NOW)
    for sign in "\u200b\u202e\ufeff\x00\x7f":  # another person by the hash, the same one to every eye
        with pytest.raises(AwardRequestError):
            issuance.award(mint, request(email=f"Alex{sign}.Educator@school.example"), now=NOW)
    with mint.db.reading() as session:
        assert rows.unfinished(session) == ()


@pytest.mark.parametrize("step", issuance.STEPS)
def test_what_stopped_at_any_step_is_finished_later_and_only_once(mint: Mint, step: str) -> None:
    asked = request(idempotency_key="key-1", request_digest="d")
    with pytest.raises(StoppedError):
        _award_and_issue(stop_at(mint, step), asked)
    finished = issuance.resume(mint, now=NOW + timedelta(minutes=10))
    assert len(finished) == (0 if step == "stored" else 1)
    assert issuance.resume(mint, now=NOW + timedelta(minutes=11)) == ()
    written = issuance.award(mint, asked, now=NOW)
    found = issuance.issue(mint, written.award.key, now=NOW)
    assert not written.is_new
    assert verdict(mint, found.signed_json, now=NOW + timedelta(minutes=12)) == "valid"
    with mint.db.reading() as session:
        assert len(rows.every(session)) == 1
        assert len(status_rows.places(session, found.key)) == 2


@pytest.mark.parametrize("step", issuance.STEPS[1:])
def test_whatever_may_have_been_signed_can_be_withdrawn(mint: Mint, step: str) -> None:
    stopped = stop_at(mint, step)
    written = issuance.award(mint, request(), now=NOW)
    with pytest.raises(StoppedError):
        issuance.issue(stopped, written.award.key, now=NOW)
    decision = Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR)
    revocation.decide(mint, written.award.key, decision, now=NOW)
    assert issuance.resume(mint, now=NOW) == ()
    with mint.db.reading() as session:
        place = status_rows.places(session, written.award.key)[0]
        assert place.is_set
        decoys = status_rows.set_decoys(session, place.list)
        assert set(status_rows.set_positions(session, place.list)).difference(decoys) == {place.position}


def test_the_same_bytes_are_signed_again(mint: Mint) -> None:
    written = issuance.award(mint, request(), now=NOW)
    with pytest.raises(StoppedError):
        issuance.issue(stop_at(mint, "signed"), written.award.key, now=NOW)
    with mint.db.reading() as session:
        intended = rows.get(session, written.award.key).intended
    found = issuance.issue(mint, written.award.key, now=NOW + timedelta(hours=3))
    assert found.intended == intended
    assert intended is not None
    assert members(found)["proof"][0]["created"] == intended.created.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_key_that_was_replaced_meanwhile_signs_nothing(mint: Mint) -> None:
    written = issuance.award(mint, request(), now=NOW)
    with pytest.raises(StoppedError):
        issuance.issue(stop_at(mint, "intended"), written.award.key, now=NOW)
    mint.cabinet.rotate("example-education", KeyAlgorithm.ED25519, now=NOW)
    found = issuance.issue(mint, written.award.key, now=NOW)
    ring = mint.cabinet.ring("example-education")
    active = next(key for key in ring.keys if key.state is KeyState.ACTIVE and key.algorithm == "Ed25519")
    assert members(found)["proof"][0]["verificationMethod"] == ring.method_id(active)
    assert verdict(mint, found.signed_json) == "valid"


def test_rotation_keeps_what_was_issued(mint: Mint) -> None:
    before = issued(mint)
    for algorithm in (KeyAlgorithm.ED25519, KeyAlgorithm.P256):
        mint.cabinet.rotate("example-education", algorithm, now=NOW)
    assert verdict(mint, before.signed_json) == "valid"
    assert verdict(mint, before.signed_jwt) == "valid"


def test_issuing_inside_a_transaction_is_refused(mint: Mint) -> None:
    written = issuance.award(mint, request(), now=NOW)
    with pytest.raises(IssuedInsideTransactionError), mint.db.transaction():
        issuance.issue(mint, written.award.key, now=NOW)
    assert issuance.issue(mint, written.award.key, now=NOW).is_signed


def test_a_withdrawn_award_is_not_signed_any_more(mint: Mint) -> None:
    written = issuance.award(mint, request(), now=NOW)
    revocation.decide(mint, written.award.key, Decision(AwardState.REVOKED, Reason.OTHER), now=NOW)
    with pytest.raises(StatusFinalError):
        issuance.issue(mint, written.award.key, now=NOW)


@dataclass(frozen=True)
class Doubting:
    """A verifier that finds fault with everything but what a throw-away key signed."""

    mint: Mint

    def __call__(
        self, credential: bytes, *, now: datetime, documents: Mapping[str, bytes] | None = None
    ) -> Findings:
        own = [name for name in documents or {} if name.startswith("did:")]
        ring = self.mint.cabinet.ring("example-education")
        is_real = any(ring.method_id(key).encode() in (documents or {})[own[0]] for key in ring.keys)
        broken = credential[:-9] + b"A" + credential[-8:] if is_real else credential
        return self.mint.examine(broken, now=now, documents=documents)


def test_what_does_not_verify_is_halted_and_never_published(mint: Mint) -> None:
    written = issuance.award(mint, request(), now=NOW)
    doubting = replace(mint, examine=Doubting(mint))
    for _ in range(issuance.ATTEMPTS):
        with pytest.raises((SelfCheckError, HallmarkError)):
            issuance.issue(doubting, written.award.key, now=NOW)
    with mint.db.reading() as session:
        found = rows.get(session, written.award.key)
        lines = [line.action for line in audit.lines(session, subject=found.key)]
    assert not found.is_signed
    assert found.attempts == issuance.ATTEMPTS
    assert found.halted is not None
    assert lines.count("credential.halted") == issuance.ATTEMPTS
    assert issuance.resume(mint, now=NOW) == ()


# Two pieces of evidence with one link, of which each says something else: the lint refuses that.
UNSOUND = tuple(
    evidence_of(b"a journal", name=name, salt=bytes(16), url="https://school.example/journal")
    for name in ("Journal", "Diary")
)


def locked(mint: Mint) -> Mint:
    """The same house, opened with a wrong passphrase."""
    environ = {"HALLMARK_KEYS_PASSPHRASE": "not the one that the keys were sealed with"}
    return replace(mint, cabinet=Cabinet.open(mint.db, mint.settings, environ=environ))


def _signed(mint: Mint) -> list[StoredCredential]:
    with mint.db.reading() as session:
        return [rows.get(session, key) for key in rows.every(session)]


@pytest.mark.parametrize("key", ["key-1", "key-2", None])
def test_a_refused_award_stands_in_nobodys_way(mint: Mint, key: str | None) -> None:
    refused = request(evidence=UNSOUND, idempotency_key="key-1", request_digest="unsound")
    for _ in range(2):
        with pytest.raises(LintError):
            _award_and_issue(mint, refused)
    assert issuance.resume(mint, now=NOW) == ()
    corrected = request(idempotency_key=key, request_digest=key and "corrected")
    written = issuance.award(mint, corrected, now=NOW)
    assert written.is_new
    assert verdict(mint, issuance.issue(mint, written.award.key, now=NOW).signed_json) == "valid"
    with pytest.raises((DuplicateAwardError, IdempotencyKeyReusedError)):
        _award_and_issue(mint, refused)
    assert issuance.resume(mint, now=NOW) == ()
    assert [found.key for found in _signed(mint)] == [written.award.key]


def test_what_was_replaced_is_never_signed(mint: Mint) -> None:
    old = issuance.award(mint, request(evidence=UNSOUND), now=NOW).award.key
    with pytest.raises(LintError):
        issuance.issue(mint, old, now=NOW)
    new = issuance.award(mint, request(), now=NOW).award.key
    with pytest.raises(StatusFinalError):
        issuance.issue(mint, old, now=NOW)
    assert issuance.issue(mint, new, now=NOW).key == new
    with mint.db.reading() as session:
        lines = [line.action for line in audit.lines(session, subject=old)]
    assert lines == ["credential.awarded", "credential.halted", "credential.superseded"]


@pytest.mark.parametrize("key", ["key-1", None])
def test_a_wrong_passphrase_leaves_one_credential_once_it_is_right(mint: Mint, key: str | None) -> None:
    asked = request(idempotency_key=key, request_digest=key and "d")
    for _ in range(issuance.ATTEMPTS + 1):
        with pytest.raises(CustodyError):
            _award_and_issue(locked(mint), asked)
    assert issuance.resume(mint, now=NOW) == ()
    written = issuance.award(mint, asked, now=NOW)
    assert written.is_new
    issuance.issue(mint, written.award.key, now=NOW)
    assert issuance.resume(mint, now=NOW) == ()
    assert len(_signed(mint)) == 1


def test_what_was_tried_with_a_wrong_passphrase_is_not_minted_for_each_try(mint: Mint) -> None:
    for number in range(2):
        with pytest.raises(CustodyError):
            _award_and_issue(locked(mint), request(submission=str(number)))
    _award_and_issue(mint, request(submission="2"))
    assert issuance.resume(mint, now=NOW) == ()
    assert len(_signed(mint)) == 1


def test_what_was_asked_for_again_and_then_stopped_is_finished(mint: Mint) -> None:
    asked = request(idempotency_key="key-1", request_digest="d")
    for _ in range(issuance.ATTEMPTS):
        with pytest.raises(CustodyError):
            _award_and_issue(locked(mint), asked)
    with pytest.raises(StoppedError):
        _award_and_issue(stop_at(mint, "placed"), asked)
    assert len(issuance.resume(mint, now=NOW)) == 1


def test_a_house_that_resumes_with_a_wrong_passphrase_finishes_later(mint: Mint) -> None:
    with pytest.raises(StoppedError):
        _award_and_issue(stop_at(mint, "placed"), request())
    for _ in range(issuance.ATTEMPTS + 1):
        assert issuance.resume(locked(mint), now=NOW) == ()
    assert len(issuance.resume(mint, now=NOW)) == 1


@pytest.mark.parametrize("keys", [["key-1"] * 4, ["key-1", "key-2", "key-3", "key-4"]])
def test_of_many_corrected_requests_at_once_one_becomes_a_credential(mint: Mint, keys: list[str]) -> None:
    with pytest.raises(LintError):
        _award_and_issue(mint, request(evidence=UNSOUND, idempotency_key="key-1", request_digest="unsound"))

    def ask(key: str) -> str | None:
        corrected = request(idempotency_key=key, request_digest="corrected")
        try:
            written = issuance.award(mint, corrected, now=NOW)
        except DuplicateAwardError:
            return None
        return issuance.issue(mint, written.award.key, now=NOW).key

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(ask, keys)) - {None}
    assert answers == {found.key for found in _signed(mint)}
    assert len(answers) == 1


def test_one_that_fails_beside_one_that_succeeds_halts_nothing(mint: Mint) -> None:
    asked = request(idempotency_key="key-1", request_digest="d")
    key = issuance.award(mint, asked, now=NOW).award.key
    with pytest.raises(StoppedError):
        issuance.issue(stop_at(mint, "intended"), key, now=NOW)
    with pytest.raises(CustodyError):
        issuance.issue(locked(mint), key, now=NOW)
    with mint.db.reading() as session:
        assert rows.get(session, key).halted is None
    assert [found.key for found in issuance.resume(mint, now=NOW)] == [key]


def test_no_audit_line_no_signature(mint: Mint) -> None:
    written = issuance.award(mint, request(), now=NOW)
    with _full_audit_log(mint), pytest.raises(HallmarkError):
        issuance.issue(mint, written.award.key, now=NOW)
    with mint.db.reading() as session:
        assert rows.get(session, written.award.key).intended is None


@contextmanager
def _full_audit_log(mint: Mint) -> Iterator[None]:
    """Make the database refuse audit lines, as a full disk would."""
    with mint.db.transaction() as session:
        session.execute(text("ALTER TABLE audit_log RENAME TO full_log"))
    yield
    with mint.db.transaction() as session:
        session.execute(text("ALTER TABLE full_log RENAME TO audit_log"))


def test_two_issuers_stand_side_by_side(mint: Mint) -> None:
    one, other = issued(mint), issued(mint, achievement="TPT1-v1")
    assert members(one)["issuer"]["id"] == "did:web:badges.hallmark.example"
    assert members(other)["issuer"]["id"] == "did:web:badges.hallmark.example:issuers:example-state"
    assert verdict(mint, other.signed_json) == verdict(mint, other.signed_jwt) == "valid"
    with mint.db.reading() as session:
        lists = {each.list for found in (one, other) for each in status_rows.places(session, found.key)}
    assert len(lists) == 4


def test_a_given_document_can_be_made_revocable(mint: Mint) -> None:
    document = members(issued(mint))
    del document["proof"], document["credentialStatus"]
    document["id"] = "urn:uuid:0e3c4a52-4f9a-4f3e-8d58-6b7a1a0f3c22"
    signed = issuance.sign_document(mint, parse(write(document)), now=NOW, revocable=True)
    assert verdict(mint, signed) == "valid"
    with mint.db.reading() as session:
        found = rows.find(session, document["id"])
    assert found is not None
    revocation.decide(mint, found.key, Decision(AwardState.REVOKED, Reason.OTHER), now=NOW)
    assert verdict(mint, signed) == "revoked"


def test_a_given_document_leaves_a_record_before_it_is_signed(mint: Mint) -> None:
    document = members(issued(mint))
    del document["proof"], document["credentialStatus"]
    document["id"] = "urn:uuid:0e3c4a52-4f9a-4f3e-8d58-6b7a1a0f3c22"
    with pytest.raises(StoppedError):
        issuance.sign_document(stop_at(mint, "signed"), parse(write(document)), now=NOW)
    finished = issuance.resume(mint, now=NOW)
    assert [each.credential_id for each in finished] == [document["id"]]


@pytest.fixture
def given(mint: Mint) -> dict[str, Any]:
    """A good document of ours without proof and status, under an id of its own."""
    document = members(issued(mint))
    del document["proof"], document["credentialStatus"]
    return document | {"id": "urn:uuid:0e3c4a52-4f9a-4f3e-8d58-6b7a1a0f3c22"}


def sign(mint: Mint, document: dict[str, Any], **options: Any) -> bytes:
    return issuance.sign_document(mint, parse(write(document)), now=NOW, **options)


def test_the_same_document_again_gives_the_stored_bytes(mint: Mint, given: dict[str, Any]) -> None:
    signed = sign(mint, given, revocable=True)
    assert sign(mint, given, revocable=True) == signed
    assert sign(mint, dict(reversed(given.items()))) == signed
    own = {name: value for name, value in parse(signed).members.items() if name != "proof"}
    assert sign(mint, own) == signed
    with mint.db.reading() as session:
        found = rows.find(session, given["id"])
        assert found is not None
        assert len(status_rows.places(session, found.key)) == 2
    revocation.decide(mint, found.key, Decision(AwardState.REVOKED, Reason.OTHER), now=NOW)
    assert verdict(mint, signed) == "revoked"


def test_another_document_under_the_same_id_is_refused(mint: Mint, given: dict[str, Any]) -> None:
    sign(mint, given)
    for options in ({}, {"jwt": True}):
        with pytest.raises(SignedBeforeError, match="signed under this id"):
            sign(mint, given | {"name": "Something else"}, **options)
    with pytest.raises(SignedBeforeError, match="without a place"):
        sign(mint, given, revocable=True)
    assert len(_signed(mint)) == 2


def test_both_forms_of_a_given_document_are_withdrawn_together(mint: Mint, given: dict[str, Any]) -> None:
    forms = [sign(mint, given, revocable=True), sign(mint, given, jwt=True)]
    assert [sign(mint, given), sign(mint, given, jwt=True)] == forms
    assert [verdict(mint, form) for form in forms] == ["valid", "valid"]
    with mint.db.reading() as session:
        found = rows.find(session, given["id"])
        assert found is not None
        lines = [line.action for line in audit.lines(session, subject=found.key)]
    assert lines == ["credential.intended", "credential.issued", "credential.issued"]
    revocation.decide(mint, found.key, Decision(AwardState.REVOKED, Reason.OTHER), now=NOW)
    assert [verdict(mint, form) for form in forms] == ["revoked", "revoked"]


def test_one_document_given_many_times_at_once_is_signed_once(mint: Mint, given: dict[str, Any]) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(lambda _: sign(mint, given, revocable=True), range(4)))
    assert len(answers) == 1
    assert len(_signed(mint)) == 2


def test_a_given_document_that_could_not_be_signed_may_be_given_again(
    mint: Mint, given: dict[str, Any]
) -> None:
    with pytest.raises(CustodyError):
        sign(locked(mint), given)
    assert verdict(mint, sign(mint, given | {"name": "Something else"})) == "valid"


def test_a_new_list_begins_before_the_old_one_is_half_full(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_publisher, "HALF", 2)
    lists = []
    for number in range(3):
        found = issued(mint, submission=str(number))
        with mint.db.reading() as session:
            lists.append(status_rows.places(session, found.key)[0].list)
    assert lists[0] == lists[1] != lists[2]
