# SPDX-License-Identifier: Apache-2.0
"""Affiliates see what is shown to them alone, and issue PD certificates by a rule for what is valid then."""

from __future__ import annotations

import base64
import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from issuer.award import AwardState
from issuer.revocation import Reason
from recognition.adopting import publishing
from recognition.attesting import attendance, attestations, certificate_letters, certificates, sharing
from recognition.errors import CertificateRefusedError, NoSuchShareError
from recognition.recognition_data import RecognitionData
from recognition.stating.statement_view import statement_view
from recognition.store import certificates as rows
from service import audit, clock, mail
from tests.earning.house import NOW, somebody
from tests.recognition import affiliate_scene
from tests.recognition.affiliate_scene import RULE, VT, WA, Scene
from verifier.asked import Asked

EMAIL = "alex.educator@school.example"
HOME = f"/affiliate/{VT}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with affiliate_scene.opened(tmp_path_factory.mktemp("affiliates") / "house") as scene:
        yield scene


@pytest.fixture
def scene(made: Scene) -> Iterator[Scene]:
    """The house, as it was: nothing is shown, and no certificate stands."""
    yield made
    for slug in (VT, WA):
        made.hide(slug)
        for each in certificates.issued(made.office, slug, "")[0]:
            if each.statement.withdrawn_at is None:
                certificates.withdraw(
                    made.office, slug, each.statement.id, why="Tidied.", actor="person:t", now=NOW
                )


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


# -- consent ----------------------------------------------------------------------------------------------


def test_nothing_is_shown_by_default_and_what_is_shown_is_taken_back_at_once(scene: Scene) -> None:
    assert "No member shows an award" in words(scene.officer.get(HOME).text)
    page = words(scene.educator.get("/awards/affiliate").text)
    assert "the award’s link, your name and your e-mail address" in page
    fields = {"organisation": VT, "award": scene.link, "do": "show"}
    assert scene.educator.post("/awards/affiliate", fields).status_code == 303
    assert "sees it" in scene.educator.get("/awards/affiliate").text
    shown = scene.officer.get(HOME).text
    assert EMAIL in shown
    assert scene.link in shown
    assert scene.educator.post("/awards/affiliate", {**fields, "do": "hide"}).status_code == 303
    assert EMAIL not in scene.officer.get(HOME).text


def test_the_affiliate_of_the_own_state_comes_first(scene: Scene) -> None:
    (own,) = sharing.own(scene.office, scene.award.person)
    assert [each.organisation.slug for each in own.near] == [VT]
    assert WA in {each.organisation.slug for each in own.others}
    scene.show(WA)
    (own,) = sharing.own(scene.office, scene.award.person)
    assert {each.organisation.slug for each in own.near} == {VT, WA}


def test_nobody_shows_what_is_not_theirs_and_to_nobody_but_an_affiliate(scene: Scene) -> None:
    stranger = somebody(scene.house.programme, f"Stranger {NOW.microsecond}")
    with pytest.raises(NoSuchShareError):
        sharing.give(scene.office, stranger, VT, scene.link, now=NOW)
    for organisation in ("example-district", "example-education", "nowhere"):
        with pytest.raises(NoSuchShareError):
            sharing.give(scene.office, scene.award.person, organisation, scene.link, now=NOW)
    scene.show()
    with pytest.raises(NoSuchShareError):
        sharing.withdraw(scene.office, stranger, VT, scene.link, now=NOW)
    assert EMAIL in scene.officer.get(HOME).text


def test_showing_twice_is_once_and_leaves_a_line_that_names_nobody(scene: Scene) -> None:
    id = scene.show()
    assert scene.show() == id
    with scene.house.db.reading() as session:
        lines = audit.lines(session, subject=f"consent:{id}")
    assert lines[-1].action == "award.shown"
    assert EMAIL not in str(lines)


def test_another_affiliate_sees_nothing_of_it(scene: Scene) -> None:
    id = scene.show()
    assert EMAIL not in scene.other.get(f"/affiliate/{WA}").text
    for path in (HOME, f"{HOME}/certificates", f"{HOME}/forwarded", f"{HOME}/attendance"):
        assert scene.other.get(path).status_code == 404
    assert scene.other.post(f"/affiliate/{WA}/awards/{id}/certificate").status_code == 404
    assert scene.other.post(f"{HOME}/awards/{id}/certificate").status_code == 404


# -- one click --------------------------------------------------------------------------------------------


def test_one_click_issues_a_certificate_over_the_hours_of_the_rule_and_tells_the_educator(
    scene: Scene,
) -> None:
    id = scene.show()
    page = scene.officer.get(HOME).text
    assert "Issue 15-hour PD certificate" in page
    assert "15 PD hours (Vermont) by the rule" in words(page)
    answer = scene.officer.post(f"{HOME}/awards/{id}/certificate")
    assert answer.status_code == 303
    done = words(scene.officer.get(answer.location).text)
    assert "This was issued" in done
    assert "15-hour PD certificate" in done
    (kind, subject, files), *_ = scene.mails(EMAIL)
    assert (kind, subject) == ("pd-certificate", "Your 15-hour PD certificate")
    assert files[0] == "credential.json"
    found = certificates.issued(scene.office, VT, "alex")[0][0]
    signed = json.loads(found.statement.signed or b"")
    assert signed["credentialSubject"]["result"][0]["value"] == "15"
    assert "(example rule)" in signed["name"]
    assert found.participant == "Alex Educator"
    assert scene.house.desk.examine(found.statement.signed or b"", now=clock.now()).verdict == "valid"


def public(scene: Scene, path: str, kind: str = "") -> str:
    answer = scene.client.application.test_client().get(
        path + kind, headers={"Accept": "" if kind else "text/html"}
    )
    assert answer.status_code == 200
    return str(answer.text)


def test_a_name_stands_on_the_page_only_while_its_educator_agrees_and_is_never_signed(scene: Scene) -> None:
    id = scene.show()
    answer = scene.officer.post(f"{HOME}/awards/{id}/certificate")
    (found,) = [each for each in listed(scene) if each.statement.withdrawn_at is None]
    path = f"/pd-certificates/{found.statement.id}"
    assert answer.status_code == 303
    assert "Alex Educator" in public(scene, path)
    assert "Alex" not in public(scene, path, ".json")
    compared = scene.house.desk.examine(found.statement.signed or b"", now=clock.now())
    assert compared.summary is not None
    assert compared.summary.recipient_name is None
    scene.hide(VT)
    assert "Alex" not in public(scene, path)
    scene.show()
    assert "Alex Educator" in public(scene, path)


def listed(scene: Scene) -> list[certificates.Issued]:
    return list(certificates.issued(scene.office, VT, "")[0])


@pytest.mark.parametrize(
    ("name", "word"), [("Alex Educator", "valid"), ("Mallory Otherperson", "wrong-recipient")]
)
def test_a_district_compares_the_name_it_has_on_file(scene: Scene, name: str, word: str) -> None:
    id = scene.show()
    scene.officer.post(f"{HOME}/awards/{id}/certificate")
    (found,) = [each for each in listed(scene) if each.statement.withdrawn_at is None]
    asked = Asked(recipient=name)
    assert scene.house.desk.look_at_url(found.link, now=clock.now(), asked=asked).verdict == word


def test_after_an_erasure_nothing_names_anybody_and_nobody_is_written_to(scene: Scene) -> None:
    id = scene.show()
    scene.officer.post(f"{HOME}/awards/{id}/certificate")
    (found,) = [each for each in listed(scene) if each.statement.withdrawn_at is None]
    with scene.house.db.transaction() as session:
        RecognitionData().erase(session, scene.award.person, NOW)
    path = f"/pd-certificates/{found.statement.id}"
    pages = (
        public(scene, path),
        public(scene, path, ".json"),
        scene.officer.get(f"{HOME}/certificates").text,
        scene.officer.get(f"{HOME}/certificates/{found.statement.id}").text,
    )
    row = certificates.one(scene.office, VT, found.statement.id)
    assert not [page for page in pages if "Alex Educator" in page or EMAIL in page]
    assert (row.participant, row.to) == ("", "")
    assert "Alex" not in str(statement_view(scene.office, row.statement, now=NOW, is_private=True))
    certificates.withdraw(scene.office, VT, row.statement.id, why="Wrong.", actor="person:t", now=NOW)
    with scene.house.db.reading() as session:
        assert mail.find(session, f"pd-certificate-withdrawn:{row.statement.id}") is None


def test_a_name_that_is_not_the_earners_is_refused(scene: Scene) -> None:
    sent = {"url": scene.link, "body": "", "email": EMAIL, "name": "Mallory Otherperson"}
    before = len(listed(scene))
    answer = scene.officer.post(f"{HOME}/forwarded/issue", sent)
    assert answer.status_code == 422
    assert "not the name in the award" in words(answer.text)
    assert len(listed(scene)) == before


def test_clicking_twice_issues_one(scene: Scene) -> None:
    id = scene.show()
    first, second = (scene.officer.post(f"{HOME}/awards/{id}/certificate").location for _ in range(2))
    assert first == second
    with scene.house.db.reading() as session:
        assert rows.without(session, VT) == 0
    kinds = [kind for kind, _, _ in scene.mails(EMAIL)]
    before = kinds.count("pd-certificate")
    assert certificate_letters.send(scene.office, now=NOW) == 0
    assert [kind for kind, _, _ in scene.mails(EMAIL)].count("pd-certificate") == before


def test_awards_without_a_certificate_come_first_and_are_counted(scene: Scene) -> None:
    scene.show()
    assert "1 of them without a PD certificate" in words(scene.officer.get(HOME).text)
    inbox = certificates.inbox(scene.office, VT, now=NOW)
    assert (inbox.number, inbox.without, inbox.more) == (1, 1, False)


def test_an_award_under_review_gets_none_until_that_is_lifted(scene: Scene) -> None:
    id = scene.show()
    scene.decide(AwardState.SUSPENDED, Reason.UNDER_REVIEW)
    try:
        assert "suspended" in words(scene.officer.get(HOME).text)
        with pytest.raises(CertificateRefusedError):
            certificates.issue_shown(scene.office, VT, id, actor="person:v", now=NOW)
        assert scene.officer.post(f"{HOME}/awards/{id}/certificate").status_code == 409
        found, _ = certificates.issued(scene.office, VT, "alex")
        assert all(each.statement.withdrawn_at for each in found)
    finally:
        scene.decide(AwardState.ISSUED, Reason.REVIEW_ENDED)
    assert certificates.issue_shown(scene.office, VT, id, actor="person:v", now=NOW)


def test_without_a_rule_that_gives_one_no_certificate_follows(scene: Scene) -> None:
    scene.show(WA)
    page = words(scene.other.get(f"/affiliate/{WA}").text)
    assert "No rule that this organisation has adopted gives a PD certificate" in page
    publishing.drop(scene.office, VT, RULE, actor="test", now=NOW)
    try:
        with pytest.raises(CertificateRefusedError):
            certificates.issue_shown(scene.office, VT, scene.show(), actor="person:v", now=NOW)
    finally:
        publishing.adopt(scene.office, VT, RULE, actor="test", now=NOW)


def test_a_withdrawn_certificate_is_told_with_its_reason_and_another_may_follow(scene: Scene) -> None:
    id = scene.show()
    first = certificates.issue_shown(scene.office, VT, id, actor="person:v", now=NOW)
    assert scene.officer.post(f"{HOME}/certificates/{first}/withdraw", {"why": " "}).status_code == 422
    answer = scene.officer.post(f"{HOME}/certificates/{first}/withdraw", {"why": "Sent to the wrong year."})
    assert answer.status_code == 303
    assert "Sent to the wrong year." in scene.officer.get(answer.location).text
    (kind, _, _), *_ = scene.mails(EMAIL)
    assert kind == "pd-certificate-withdrawn"
    signed = certificates.one(scene.office, VT, first).statement.signed or b""
    assert scene.house.desk.examine(signed, now=clock.now()).verdict == "revoked"
    public = scene.client.get(f"/pd-certificates/{first}", headers={"Accept": "text/html"})
    assert public.status_code == 200
    assert "wrong year" not in public.text
    assert EMAIL not in public.text
    assert certificates.issue_shown(scene.office, VT, id, actor="person:v", now=NOW) != first
    assert scene.other.get(f"/affiliate/{WA}/certificates/{first}").status_code == 404
    assert scene.other.post(f"/affiliate/{WA}/certificates/{first}/withdraw", {"why": "x"}).status_code == 404


def test_a_rule_in_example_gives_none_outside_a_demonstration(scene: Scene) -> None:
    scene.show()
    real = replace(scene.office, settings=replace(scene.office.settings, demo=False))
    (line,) = certificates.inbox(real, VT, now=NOW).lines
    assert line.offer is None
    assert "example" in line.refusal


# -- a forwarded award ------------------------------------------------------------------------------------


def bring(scene: Scene, *, email: str = EMAIL, **fields: object) -> str:
    answer = scene.officer.post(f"{HOME}/forwarded", {"email": email, **fields})
    assert answer.status_code == 200, words(answer.text)
    return answer.text


def send_again(page: str) -> dict[str, str]:
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(url|body|email)" value="([^"]*)"', page)
    }


@pytest.mark.parametrize("attached", [True, False])
def test_a_forwarded_mail_is_verified_on_arrival_and_answered_by_a_click(
    scene: Scene, attached: bool
) -> None:
    raw = scene.forwarded(attached=attached)
    page = bring(scene, file=(io.BytesIO(raw), "award.eml"))
    assert "in force" in page
    assert page.count("Issue 15-hour PD certificate") == 1
    again = send_again(page)
    assert bool(again["body"]) is attached
    answer = scene.officer.post(f"{HOME}/forwarded/issue", {**again, "name": "Alex Educator"})
    assert answer.status_code == 303
    found = certificates.one(scene.office, VT, answer.location.rsplit("/", 1)[1].partition("?")[0])
    assert (found.statement.person_key, found.participant) == (EMAIL, "Alex Educator")
    assert "stands for it already" in bring(scene, text=scene.link)


def test_an_award_of_somebody_else_gives_no_certificate(scene: Scene) -> None:
    page = bring(scene, text=scene.link, email="mallory@school.example")
    assert "wrong recipient" in words(page)
    assert "Issue 15-hour" not in page
    sent = {"url": scene.link, "body": "", "email": "mallory@school.example", "name": "Mallory"}
    assert scene.officer.post(f"{HOME}/forwarded/issue", sent).status_code == 422
    assert certificates.issued(scene.office, VT, "mallory")[0] == ()


def test_a_forged_award_gives_no_certificate(scene: Scene) -> None:
    forged = scene.credential().replace(b"Self-Awareness", b"Self-Assurance").replace(b'"SEL1"', b'"SEL9"')
    assert forged != scene.credential()
    page = bring(scene, file=(io.BytesIO(forged), "credential.json"))
    assert "Issue 15-hour" not in page
    sent = {"url": "", "body": base64.b64encode(forged).decode(), "email": EMAIL, "name": ""}
    assert scene.officer.post(f"{HOME}/forwarded/issue", sent).status_code == 422


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": "not a link"},
        {"text": "https://"},
        {"email": "nobody"},
        {"file": b"From: a@b.example\nSubject: x\n\nNothing here.\n"},
        {"file": b"\xd0\xcf\x11\xe0" + bytes(600)},
        {"file": b"From: a@b.example\n" + b"X: boundary\n" * 60 + b"\n\nhttps://x.example/credentials/1\n"},
        {"file": b"%PDF-1.7 broken"},
        {"file": b"{"},
        {"body": "%%%"},
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_typed_is_lost(
    scene: Scene, fields: dict[str, object]
) -> None:
    raw = fields.get("file")
    sent = {"email": EMAIL, "name": "Alex E.", **fields}
    if isinstance(raw, bytes):
        sent["file"] = (io.BytesIO(raw), "brought")
    path = f"{HOME}/forwarded/issue" if "body" in fields else f"{HOME}/forwarded"
    answer = scene.officer.post(path, sent)
    assert answer.status_code == 422, words(answer.text)
    assert str(sent["email"]) in answer.text


# -- attendance -------------------------------------------------------------------------------------------


def test_an_award_joins_attendance_only_if_it_is_shown(scene: Scene) -> None:
    code = scene.office.holdings(scene.award.person.id)[0].code
    entry = attestations.read(
        email=EMAIL, event="workshop", item=code, on=NOW.date().isoformat(), today=NOW.date()
    )
    attestations.record(scene.office, VT, [entry], how="hand", actor="person:v", now=NOW)
    (row,) = attendance.view(scene.office, VT, "alex").rows
    assert (row.item, row.awarded) == (code, None)
    scene.show()
    (row,) = attendance.view(scene.office, VT, "alex").rows
    assert row.awarded == NOW.date()
    assert "not recorded" in words(scene.officer.get(f"{HOME}/attendance/people").text)


def test_an_officer_of_one_affiliate_lands_on_its_pages_and_still_reaches_the_figures(scene: Scene) -> None:
    assert scene.officer.get("/affiliate").location == HOME
    assert scene.officer.get("/affiliate/attendance").location == f"{HOME}/attendance"
    page = scene.officer.get(HOME).text
    for path in (f"{HOME}/certificates", f"{HOME}/forwarded", f"{HOME}/attendance", "/manage"):
        assert f'href="{path}"' in page
    assert scene.educator.get("/affiliate").status_code == 403


def test_hours_are_decimals(scene: Scene) -> None:
    scene.show()
    (line,) = certificates.inbox(scene.office, VT, now=NOW).lines
    assert line.offer is not None
    assert line.offer.hours == Decimal(15)
    assert isinstance(line.offer.hours, Decimal)


def test_nobody_finds_the_earner_by_trying_addresses(scene: Scene) -> None:
    def tried(email: str) -> certificates.Looked:
        return certificates.look(
            scene.office, VT, url=scene.link, body=b"", email=email, actor="person:guesser", now=NOW
        )

    answers = [tried(f"guess{number}@school.example").checked.verdict for number in range(11)]
    assert answers == ["wrong-recipient"] * 10 + ["undetermined"]
    assert tried(EMAIL).offer is None


def test_a_certificate_whose_award_fell_says_so(scene: Scene) -> None:
    made = certificates.issue_shown(scene.office, VT, scene.show(), actor="person:v", now=NOW)
    scene.decide(AwardState.SUSPENDED, Reason.UNDER_REVIEW)
    try:
        assert "under review by its issuer" in words(scene.officer.get(f"{HOME}/certificates/{made}").text)
    finally:
        scene.decide(AwardState.ISSUED, Reason.REVIEW_ENDED)
