# SPDX-License-Identifier: Apache-2.0
"""Who sees what behind an award: by link, by name, by search engine; and links that end, count and tell."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from credentials import digests
from earning.errors import (
    DisclosureError,
    EvaluatorLinkError,
    EvidenceUnknownError,
    SharingFieldError,
    SharingStateError,
    WorkUnknownError,
)
from earning.programme import Programme
from earning.sharing import (
    awards,
    evaluator_letters,
    evaluator_link,
    evaluator_links,
    evaluator_page,
    evidence,
    naming,
    panel,
)
from earning.sharing.evaluator_link import ANSWERS, EvaluatorLink, LinkState
from earning.sharing.sharing_data import SharingData
from earning.store import reviews as review_rows
from earning.store import sharing as store
from earning.work import applying
from earning.work.disclosure import Standing, is_shown, is_shown_by_link, standing
from earning.work.personal import EarningData
from earning.work.submissions import LINK, PRIVATE, PUBLIC, Artefact
from issuer import publish, reissue, revocation, sharing
from issuer.award import AwardState
from service import audit, mail
from service.accounts import people
from tests import raw
from tests.earning.house import NOW, somebody
from tests.earning.sharing_scene import LATER, PRIVATE_TEXT, PUBLIC_TEXT, URL, Award, awarded, found
from tests.earning.working import ANSWERS as WRITTEN
from tests.earning.working import said

TODAY = date(2026, 5, 4)
SOON = LATER + timedelta(minutes=5)


@pytest.fixture
def folder(shared_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shared_template, tmp_path / "data"))


@pytest.fixture
def award(programme: Programme) -> Award:
    return found(programme)


def look(award: Award, token: str, **more: object) -> evaluator_page.EvaluatorPage:
    return evaluator_page.look(award.programme, token, **{"now": SOON, **more})  # type: ignore[arg-type]


def shows_nothing(award: Award, token: str, *, now: object = SOON) -> bool:
    try:
        look(award, token, now=now)
    except EvaluatorLinkError:
        return True
    return False


# -- rules ------------------------------------------------------------------------------------------------


def test_a_piece_by_link_is_never_public_and_a_public_one_is_shown_by_link_too() -> None:
    for each in Standing:
        for state in (None, *AwardState):
            stands = state in (AwardState.ISSUED, AwardState.SUPERSEDED)
            assert is_shown(each, state) is (stands and each is Standing.OPEN)
            assert is_shown_by_link(each, state) is (stands and each in (Standing.OPEN, Standing.LINK))


@pytest.mark.parametrize("signed", [PRIVATE, PUBLIC])
@pytest.mark.parametrize("state", ["quarantined", "removed"])
def test_what_was_set_aside_is_shown_by_no_link(signed: str, state: str) -> None:
    sent = Artefact(id="1", place="part-1/a", kind="file", name="evidence-1.txt", disclosure=signed)
    now = replace(sent, disclosure=LINK)
    assert standing(sent, now) is Standing.LINK
    assert standing(sent, replace(now, state=state)) is Standing.SET_ASIDE


def test_a_link_lasts_a_month_unless_told_otherwise_and_a_year_at_most() -> None:
    def read(ends_on: str, label: str = "District") -> evaluator_link.Fields:
        return evaluator_link.read(label, ends_on, shows_name=False, shows_answers=False, today=TODAY)

    assert read("").ends_on == TODAY + timedelta(days=30)
    assert read("2026-05-04").ends_on == TODAY
    assert read("2027-05-04").ends_on == TODAY + timedelta(days=365)
    for wrong in ("2026-05-03", "2027-05-05", "tomorrow", "2026-13-01", "0"):
        with pytest.raises(SharingFieldError) as caught:
            read(wrong)
        assert caught.value.path == "ends_on"
    assert read("", "  District \n office ").label == "District office"
    for wrong in ("", "   ", "x" * 121, "a\x00b"):
        with pytest.raises(SharingFieldError) as caught:
            read("", wrong)
        assert caught.value.path == "label"


@pytest.mark.parametrize("token", ["", "A" * 21, "A" * 23, "A" * 21 + "/", "../etc/passwd", "A" * 21 + "é"])
def test_what_cannot_be_a_secret_is_not_looked_up(token: str) -> None:
    assert evaluator_link.digest(token) is None


def test_a_link_is_over_when_it_ends_or_is_withdrawn() -> None:
    link = EvaluatorLink("1", "a", "x", False, False, NOW, NOW + timedelta(days=1))
    assert link.state(NOW) is LinkState.GOOD
    assert link.state(NOW + timedelta(days=1)) is LinkState.ENDED
    withdrawn = replace(link, withdrawn_at=NOW)
    assert withdrawn.state(NOW + timedelta(days=1)) is LinkState.WITHDRAWN


# -- pieces -----------------------------------------------------------------------------------------------


def test_any_piece_can_be_shown_by_link_but_what_was_signed_as_private_never_becomes_public(
    award: Award,
) -> None:
    award.disclose(award.private, LINK)
    with pytest.raises(DisclosureError):
        award.disclose(award.private, PUBLIC)
    with pytest.raises(EvidenceUnknownError):
        evidence.read(award.programme, award.private.id)
    award.disclose(award.public, LINK)
    with pytest.raises(EvidenceUnknownError):
        evidence.read(award.programme, award.public.id)
    award.disclose(award.public, PUBLIC)
    assert evidence.read(award.programme, award.public.id).body == PUBLIC_TEXT
    actions = [each for each in said(award.programme, award.application) if each.startswith("artefact.")][-3:]
    assert actions == ["artefact.by-link", "artefact.by-link", "artefact.opened"]


def test_the_page_proves_that_each_piece_is_the_one_that_was_signed(award: Award) -> None:
    token = award.make(shows_answers=True)
    for piece in (award.private, award.link):
        award.disclose(piece, LINK)
    seen = look(award, token)
    document = json.loads(publish.find(award.programme.mint, award.key).signed_json or b"")
    signed = {each["digestMultibase"] for each in document["evidence"]}
    bodies = {award.public.id: PUBLIC_TEXT, award.private.id: PRIVATE_TEXT, award.link.id: URL.encode()}
    assert {each.id for each in seen.pieces} == set(bodies)
    for each in seen.pieces:
        assert each.fits
        # As an evaluator would do it without us: SHA-256 over salt and bytes, as a multihash in base64url.
        assert digests.digest_multibase(bodies[each.id], salt=bytes.fromhex(each.salt)) in signed
        assert bool(each.salt) is (each.id != award.public.id)
    assert seen.answers is not None
    assert seen.answers.fits
    body = evaluator_page.piece(award.programme, token, evaluator_page.ANSWERS_FILE, now=SOON).body
    assert json.loads(body) == WRITTEN
    assert digests.digest_multibase(body, salt=bytes.fromhex(seen.answers.salt)) in signed
    assert {text for _, text in seen.texts} == set(WRITTEN.values())
    assert str(seen.credential.findings.verdict) == "valid"


def test_a_file_that_was_exchanged_is_told_apart(award: Award, monkeypatch: pytest.MonkeyPatch) -> None:
    token = award.make()
    monkeypatch.setattr(type(award.programme.files), "get", lambda *_: b"Something else.")
    assert [each.fits for each in look(award, token).pieces] == [False]


def test_a_link_shows_what_is_chosen_at_that_moment(award: Award) -> None:
    token = award.make()
    assert [each.id for each in look(award, token).pieces] == [award.public.id]
    with pytest.raises(EvaluatorLinkError):
        evaluator_page.piece(award.programme, token, award.private.id, now=SOON)
    award.disclose(award.private, LINK)
    assert evaluator_page.piece(award.programme, token, award.private.id, now=SOON).body == PRIVATE_TEXT
    award.disclose(award.private, PRIVATE)
    award.disclose(award.public, PRIVATE)
    assert look(award, token).pieces == ()
    with pytest.raises(EvaluatorLinkError):
        evaluator_page.piece(award.programme, token, award.public.id, now=SOON)


def test_name_and_answers_are_shown_only_by_links_that_say_so(award: Award) -> None:
    plain, named = look(award, award.make()), look(award, award.make(shows_name=True))
    assert (plain.name, plain.answers, plain.texts) == (None, None, ())
    assert (named.name, named.answers) == (award.person.name, None)
    token = award.make()
    with pytest.raises(EvaluatorLinkError):
        evaluator_page.piece(award.programme, token, evaluator_page.ANSWERS_FILE, now=SOON)
    with award.programme.db.transaction() as session:
        people.change(session, award.person.id, name="Another Name", now=SOON)
    assert look(award, award.make(shows_name=True)).name is None  # not the one that was signed


def test_what_is_set_aside_goes_off_the_page_at_once(award: Award) -> None:
    token = award.make()
    award.disclose(award.private, LINK)
    with award.programme.db.transaction() as session:
        review_rows.set_artefacts(session, [award.private.id], "quarantined")
    assert [each.id for each in look(award, token).pieces] == [award.public.id]
    with pytest.raises(EvaluatorLinkError):
        evaluator_page.piece(award.programme, token, award.private.id, now=SOON)
    with pytest.raises(DisclosureError):
        award.disclose(award.private, LINK)


# -- links ------------------------------------------------------------------------------------------------


def test_of_the_secret_only_its_digest_is_kept(award: Award) -> None:
    token = award.make()
    assert len(token) == 22
    with award.programme.db.reading() as session:
        found = store.by_digest(session, hashlib.sha256(token.encode()).hexdigest())
    assert found == award.links()[0]
    data = b"".join(each.read_bytes() for each in award.programme.settings.data.rglob("*") if each.is_file())
    assert token.encode() not in data


def test_every_link_that_is_good_for_nothing_gets_the_same_answer(award: Award) -> None:
    programme = award.programme
    withdrawn, ended = award.make(), award.make(label="Ended", days=1)
    id = next(each.id for each in award.links() if each.label != "Ended")
    evaluator_links.withdraw(programme, award.id, id, person=award.person.id, now=LATER)
    told = set()
    for token in (withdrawn, "A" * 22, "no", ended):
        with pytest.raises(EvaluatorLinkError) as caught:
            evaluator_page.look(programme, token, now=LATER + timedelta(days=3))
        told.add((caught.value.code, caught.value.message, caught.value.path, caught.value.got))
    assert len(told) == 1
    assert award.uses() == []


def test_withdrawing_acts_at_once_and_other_links_go_on(award: Award) -> None:
    first, second = award.make(), award.make(label="Committee")
    id = next(each.id for each in award.links() if each.label == "District office")
    for _ in range(2):  # the second time changes nothing, and is not written down
        evaluator_links.withdraw(award.programme, award.id, id, person=award.person.id, now=SOON)
    assert shows_nothing(award, first)
    assert not shows_nothing(award, second)
    assert said(award.programme, award.application).count("evaluator-link.withdrawn") == 1


def test_a_link_ends_with_its_last_day_where_its_educator_is(award: Award) -> None:
    token = award.make(days=1)
    (link,) = award.links()
    assert not shows_nothing(award, token, now=link.ends_at - timedelta(seconds=1))
    assert shows_nothing(award, token, now=link.ends_at)


@pytest.mark.parametrize("wanted", [AwardState.SUSPENDED, AwardState.REVOKED])
def test_while_the_award_does_not_stand_its_links_show_nothing(award: Award, wanted: AwardState) -> None:
    token = award.make()
    mint = award.programme.mint
    revocation.decide(mint, award.key, revocation.decision(wanted, revocation.Reason.EVIDENCE), now=SOON)
    assert shows_nothing(award, token)
    with pytest.raises(SharingStateError):
        award.make()
    with pytest.raises(WorkUnknownError):
        evaluator_page.preview(award.programme, award.id, person=award.person.id, now=SOON)
    if wanted is AwardState.SUSPENDED:
        lifted = revocation.decision(AwardState.ISSUED, "It was an error.")
        revocation.decide(mint, award.key, lifted, now=SOON)
        assert not shows_nothing(award, token)


def test_a_link_follows_an_award_that_is_issued_again(award: Award) -> None:
    token = award.make()
    award.disclose(award.private, LINK)
    again = reissue.reissue(award.programme.mint, award.key, reason="other", now=SOON)
    seen = look(award, token)
    assert seen.credential.path == f"/credentials/{again.key}"
    assert len(seen.pieces) == 2
    assert all(each.fits for each in seen.pieces)
    shown = panel.panel(award.programme, award.id, person=award.person, now=SOON)
    assert (shown.key, shown.stands) == (again.key, True)
    assert awards.awards(award.programme, award.person.id)[0].key == again.key


def test_a_form_sent_twice_makes_one_link(award: Award) -> None:
    fields = evaluator_link.Fields("District office", (LATER + timedelta(days=9)).date())
    id = evaluator_links.fresh_id()
    evaluator_links.make(award.programme, award.id, fields, person=award.person, id=id, now=LATER)
    with pytest.raises(SharingStateError):
        evaluator_links.make(award.programme, award.id, fields, person=award.person, id=id, now=LATER)
    assert len(award.links()) == 1


def test_there_are_twenty_good_links_at_most(award: Award, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluator_link, "LIVING_MAX", 2)
    award.make()
    award.make()
    with pytest.raises(SharingStateError):
        award.make()
    evaluator_links.withdraw(
        award.programme, award.id, award.links()[0].id, person=award.person.id, now=LATER
    )
    award.make()
    monkeypatch.setattr(evaluator_link, "EVER_MAX", 3)
    with pytest.raises(SharingStateError):
        award.make(now=LATER + timedelta(days=60))


def test_nobody_else_makes_withdraws_or_looks(award: Award) -> None:
    other = somebody(award.programme, "Bea Educator")
    award.make()
    (link,) = award.links()
    fields = evaluator_link.Fields("Mine now", (LATER + timedelta(days=9)).date())
    id = evaluator_links.fresh_id()
    acts: tuple[Callable[[], object], ...] = (
        lambda: evaluator_links.make(award.programme, award.id, fields, person=other, id=id, now=LATER),
        lambda: evaluator_links.withdraw(award.programme, award.id, link.id, person=other.id, now=LATER),
        lambda: evaluator_page.preview(award.programme, award.id, person=other.id, now=LATER),
        lambda: panel.panel(award.programme, award.id, person=other, now=LATER),
        lambda: panel.set_listed(award.programme, award.id, person=other.id, on=True, now=LATER),
        lambda: awards.certificate(award.programme, award.id, person=other.id, now=LATER),
        lambda: awards.resume(award.programme, [award.id], person=other, with_name=True, now=LATER),
        lambda: evaluator_links.withdraw(award.programme, award.id, id, person=award.person.id, now=LATER),
    )
    for act in acts:
        with pytest.raises(WorkUnknownError):
            act()
    assert award.links() == (link,)


# -- uses -------------------------------------------------------------------------------------------------


def test_a_use_says_when_and_which_piece_and_nothing_else(award: Award) -> None:
    token = award.make(shows_answers=True)
    look(award, token)
    evaluator_page.piece(award.programme, token, award.public.id, now=SOON)
    evaluator_page.piece(award.programme, token, evaluator_page.ANSWERS_FILE, now=SOON)
    assert sorted(map(str, award.uses())) == sorted((ANSWERS, str(None), award.public.id))
    assert raw.columns(award.programme.db, "earning_evaluator_visits") == ["id", "link", "piece", "at"]


def test_opening_the_same_again_within_minutes_is_the_same_use(award: Award) -> None:
    token = award.make()
    for minutes in (0, 3, 9, 11):
        look(award, token, now=SOON + timedelta(minutes=minutes))
    assert award.uses() == [None, None]


def test_looking_at_it_oneself_is_no_use(award: Award) -> None:
    award.make(shows_name=True, shows_answers=True)
    (link,) = award.links()
    seen = evaluator_page.preview(award.programme, award.id, person=award.person.id, link=link.id, now=SOON)
    assert (seen.name, bool(seen.texts)) == (award.person.name, True)
    assert seen.answers is not None
    assert {each.path for each in (*seen.pieces, seen.answers)} == {""}
    plain = evaluator_page.preview(award.programme, award.id, person=award.person.id, now=SOON)
    assert (plain.name, plain.texts) == (None, ())
    assert award.uses() == []


def test_the_list_has_good_links_first_and_the_latest_use_first(award: Award) -> None:
    for label in ("One", "Two", "Three"):
        award.make(label=label)
    two = next(each for each in award.links() if each.label == "Two")
    evaluator_links.withdraw(award.programme, award.id, two.id, person=award.person.id, now=LATER)
    views = evaluator_links.of_award(award.programme, award.application, now=SOON)
    assert [each.state for each in views] == [LinkState.GOOD, LinkState.GOOD, LinkState.WITHDRAWN]


def test_links_that_were_over_a_year_ago_go_with_their_uses(award: Award) -> None:
    token = award.make(days=2)
    look(award, token)
    award.make(days=300)
    over = min(each.ends_at for each in award.links())
    assert evaluator_links.tidy(award.programme, over + timedelta(days=364)) == 0
    assert evaluator_links.tidy(award.programme, over + timedelta(days=367)) == 1
    assert len(award.links()) == 1
    assert award.uses() == []


# -- mails ------------------------------------------------------------------------------------------------


def subjects(award: Award, kind: str) -> list[str]:
    with award.programme.db.reading() as session:
        found = mail.listing(session, limit=200, address=award.person.email)
    return [each.subject for each in found if each.kind == kind]


def test_a_use_is_told_once_a_day_at_most(award: Award) -> None:
    token = award.make()
    assert evaluator_letters.tell(award.programme, SOON) == 0
    look(award, token)
    evaluator_page.piece(award.programme, token, award.public.id, now=SOON + timedelta(seconds=30))
    assert evaluator_letters.tell(award.programme, SOON + timedelta(minutes=1)) == 1
    assert evaluator_letters.tell(award.programme, SOON + timedelta(minutes=11)) == 0
    look(award, token, now=SOON + timedelta(days=1))
    assert evaluator_letters.tell(award.programme, SOON + timedelta(days=1, minutes=1)) == 1
    assert len(subjects(award, "link-used")) == 2
    assert token not in " ".join(subjects(award, "link-used"))


def test_an_end_is_told_three_days_before_and_once(award: Award) -> None:
    award.make(days=20)
    award.make(days=2)  # one that was made for a few days only is not told
    last = max(each.ends_at for each in award.links())
    assert evaluator_letters.tell(award.programme, last - timedelta(days=3, hours=1)) == 0
    assert evaluator_letters.tell(award.programme, last - timedelta(days=3)) == 1
    assert evaluator_letters.tell(award.programme, last - timedelta(days=1)) == 0
    assert len(subjects(award, "link-ending")) == 1


def test_who_wants_no_reminders_gets_none_of_these(award: Award) -> None:
    token = award.make()
    applying.set_reminders(award.programme, award.id, person=award.person.id, wanted=False)
    look(award, token)
    last = award.links()[0].ends_at
    assert evaluator_letters.tell(award.programme, SOON) == 0
    assert evaluator_letters.tell(award.programme, last - timedelta(days=1)) == 0


def test_the_end_of_a_link_that_was_withdrawn_or_shows_nothing_is_not_told(award: Award) -> None:
    award.make()
    award.make()
    first, second = award.links()
    evaluator_links.withdraw(award.programme, award.id, first.id, person=award.person.id, now=LATER)
    suspended = revocation.decision(AwardState.SUSPENDED, revocation.Reason.UNDER_REVIEW)
    revocation.decide(award.programme.mint, award.key, suspended, now=SOON)
    assert evaluator_letters.tell(award.programme, second.ends_at - timedelta(days=1)) == 0


# -- name, search engines, documents ----------------------------------------------------------------------


def test_only_the_name_that_was_signed_can_be_shown(award: Award) -> None:
    def shown() -> str | None:
        return naming.naming(award.programme, award.person.id, award.key).shown

    assert shown() is None
    naming.show(award.programme, award.person.id, award.key, "", now=SOON)
    assert shown() == award.person.name
    naming.hide(award.programme, award.person.id, award.key, now=SOON)
    assert shown() is None
    with award.programme.db.transaction() as session:
        people.change(session, award.person.id, name="Alex Married", now=SOON)
    found = naming.naming(award.programme, award.person.id, award.key)
    assert (found.fitting, found.is_signed) == (None, True)
    for typed in ("", "Alex Married", "Alex"):
        with pytest.raises(SharingFieldError):
            naming.show(award.programme, award.person.id, award.key, typed, now=SOON)
    naming.show(award.programme, award.person.id, award.key, award.person.name, now=SOON)
    assert shown() == award.person.name


def test_search_engines_are_let_in_and_out(award: Award) -> None:
    mint = award.programme.mint
    assert not sharing.is_indexed(mint, award.key)
    for on in (True, True, False):
        panel.set_listed(award.programme, award.id, person=award.person.id, on=on, now=SOON)
        assert sharing.is_indexed(mint, award.key) is on


def test_a_resume_needs_at_least_one(award: Award) -> None:
    with pytest.raises(SharingFieldError):
        awards.resume(award.programme, [], person=award.person, with_name=True, now=SOON)


# -- leaving ----------------------------------------------------------------------------------------------


def test_links_and_uses_are_handed_out_without_their_secrets(award: Award) -> None:
    token = award.make(label="District office")
    look(award, token)
    with award.programme.db.reading() as session:
        told = SharingData().export(session, award.person)
    assert [each["label"] for each in told["links"]] == ["District office"]
    assert [each["piece"] for each in told["links"][0]["uses"]] == [None]
    assert token not in str(told)
    assert hashlib.sha256(token.encode()).hexdigest() not in str(told)


def test_erasing_deletes_links_with_their_uses(award: Award) -> None:
    other = awarded(award.programme, "Bea Educator")
    token, kept = award.make(), other.make()
    look(award, token)
    with award.programme.db.transaction() as session:
        for room in (SharingData(), EarningData(award.programme)):
            room.erase(session, award.person, SOON)
    assert award.links() == ()
    assert shows_nothing(award, token)
    assert not shows_nothing(other, kept)
    assert raw.rows(award.programme.db, "SELECT count(*) FROM earning_evaluator_visits") == [(1,)]


def test_the_audit_names_the_link_by_its_id(award: Award) -> None:
    token = award.make()
    with award.programme.db.reading() as session:
        lines = audit.lines(session, subject=f"application:{award.id}")
    (line,) = [each for each in lines if each.action == "evaluator-link.made"]
    assert line.detail == {"link": award.links()[0].id}
    assert token not in str(lines)
