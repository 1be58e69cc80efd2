# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from credentials.errors import HallmarkError
from earning.programme import Programme
from earning.review import awarding
from earning.work.applications import State
from issuer import achievements, documents, issuance, publish
from service import mail, typeset
from service.errors import IdempotencyKeyReusedError, TypesettingError
from tests.earning import reviewing as it
from tests.earning.house import NOW

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def quiet(programme: Programme) -> Programme:
    return replace(programme, settings=replace(programme.settings, second_reading_percent=0))


def letters(programme: Programme, kind: str = "awarded") -> list[tuple[mail.Mail, mail.Content]]:
    with programme.db.reading() as session:
        found = [each for each in mail.listing(session, limit=100) if each.kind == kind]
        return [(each, content) for each in found if (content := mail.content(session, each.id))]


def signed(programme: Programme, application: str) -> dict[str, Any]:
    key = it.found(programme, application).award
    assert key is not None
    read: dict[str, Any] = json.loads(publish.find(programme.mint, key).signed_json or b"")
    return read


def passed(programme: Programme, **options: Any) -> str:
    robin = it.reviewer(programme, "Robin Reviewer")
    application = it.applied(programme, it.author(programme), **options)
    piece = it.artefact(programme, application)
    it.send(programme, application, artefacts=(piece,))
    it.read(programme, robin)
    assert it.state(programme, application.id) is State.PASSED
    return application.id


def test_what_has_passed_is_signed_and_its_earner_is_told(quiet: Programme) -> None:
    id = passed(quiet)
    assert letters(quiet) == []
    assert awarding.award(quiet, now=LATER) == 1
    assert it.state(quiet, id) is State.AWARDED
    ((letter, content),) = letters(quiet)
    assert letter.subject == "You earned Adult SEL 1: Self-Awareness"
    assert f"/credentials/{it.found(quiet, id).award}" in content.text
    assert awarding.award(quiet, now=LATER) == 0
    assert len(letters(quiet)) == 1


def test_the_award_carries_levels_evidence_and_days_and_no_name_in_plain_words(quiet: Programme) -> None:
    id = passed(quiet)
    awarding.award(quiet, now=LATER)
    credential = signed(quiet, id)
    subject = credential["credentialSubject"]
    rubric = achievements.get(quiet.mint, it.VERSION).micro_credential.criteria
    assert len(subject["result"]) == len(rubric)
    assert all(each["achievedLevel"] for each in subject["result"])
    assert len(credential["evidence"]) == 2
    assert all("id" not in each for each in credential["evidence"])
    assert credential["awardedDate"].startswith(NOW.date().isoformat())
    assert {"activityStartDate", "activityEndDate"} <= set(subject)
    text = json.dumps(credential)
    for hidden in (
        "Alex Educator",
        "journal.txt",
        "My journal",
        "knot in the stomach",
        "Robin",
        "@school.example",
    ):
        assert hidden not in text


def test_the_forwarded_mail_verifies_and_signs_nobody_in(quiet: Programme) -> None:
    passed(quiet, portal="wa")
    awarding.award(quiet, now=LATER)
    ((_, content),) = letters(quiet)
    files = {each.name: each for each in content.attachments}
    assert set(files) == {"credential.json", "badge.png", "certificate.pdf"}
    certificate = PdfReader(io.BytesIO(files["certificate.pdf"].body))
    (inside,) = certificate.attachments["credential.json"]
    for body in (files["credential.json"].body, files["badge.png"].body, inside):
        assert str(quiet.mint.examine(body, now=LATER).verdict) == "valid"
    forged = files["credential.json"].body.replace(b"Self-Awareness", b"Self-Awarenesz")
    assert str(quiet.mint.examine(forged, now=LATER).verdict) != "valid"
    links = re.findall(r"[\ue0a1][^\s<\"]*", content.text + content.html)
    assert links
    assert not [link for link in links if "?" in link or "token" in link or "sign-in" in link]
    assert "Washington sample portal" in content.text


@pytest.mark.parametrize("shows", [True, False])
def test_the_name_is_shown_only_if_its_earner_wants_that(quiet: Programme, shows: bool) -> None:
    from issuer import names

    id = passed(quiet, shows_name=shows)
    awarding.award(quiet, now=LATER)
    found = publish.find(quiet.mint, it.found(quiet, id).award or "")
    assert names.shown(quiet.mint, found) == ("Alex Educator" if shows else None)
    ((_, content),) = letters(quiet)
    (pdf,) = (each.body for each in content.attachments if each.name == "certificate.pdf")
    page = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert ("Alex Educator" in page) is shows
    assert ("chosen not to show a name" in page) is not shows


@pytest.mark.parametrize("missing", [True, False])
def test_an_award_does_not_wait_for_a_certificate(
    quiet: Programme, monkeypatch: pytest.MonkeyPatch, missing: bool
) -> None:
    def broken(*_: Any, **__: Any) -> bytes:
        raise TypesettingError("The document could not be set.")

    if missing:
        monkeypatch.setattr(typeset, "is_available", lambda: False)
    else:
        monkeypatch.setattr(documents, "certificate", broken)
    passed(quiet)
    assert awarding.award(quiet, now=LATER) == 1
    ((_, content),) = letters(quiet)
    assert {each.name for each in content.attachments} == {"credential.json", "badge.png"}
    assert "certificate.pdf" not in content.text


def test_one_that_cannot_be_signed_keeps_nobody_waiting_and_is_tried_again(
    quiet: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = passed(quiet)
    second = it.applied(quiet, it.author(quiet, "Bo Second"))
    it.send(quiet, second)
    it.read(quiet, it.reviewer(quiet, "Sam Second"))
    right = issuance.issue

    def fails_once(mint: Any, key: str, **options: Any) -> Any:
        if key == it.found(quiet, first).award:
            raise HallmarkError("The key is away.")
        return right(mint, key, **options)

    monkeypatch.setattr(issuance, "issue", fails_once)
    assert awarding.award(quiet, now=LATER) == 1
    assert it.state(quiet, first) is State.PASSED
    monkeypatch.undo()
    assert awarding.award(quiet, now=LATER) == 1
    assert len(letters(quiet)) == 2


def test_an_application_cannot_be_awarded_twice(quiet: Programme) -> None:
    id = passed(quiet)
    awarding.award(quiet, now=LATER)
    found = it.found(quiet, id)
    from issuer.award import AwardRequest
    from issuer.errors import DuplicateAwardError

    again = AwardRequest(
        achievement=found.version, email="alex.educator@school.example", submission=id, awarded_at=LATER
    )
    with pytest.raises(DuplicateAwardError):
        issuance.award(quiet.mint, again, now=LATER)
    keyed = replace(again, idempotency_key=f"application:{id}", request_digest="other")
    with pytest.raises(IdempotencyKeyReusedError):
        issuance.award(quiet.mint, keyed, now=LATER)
