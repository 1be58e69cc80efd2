# SPDX-License-Identifier: Apache-2.0
"""The panel "Share and privacy" and the page of an evaluator, by forms alone."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from earning.programme import Programme
from earning.sharing import naming, panel, standings
from earning.sharing.awards import share_path
from issuer import names, revocation, sharing
from issuer.award import AwardState
from service import clock
from service.accounts import people
from tests.earning.house import somebody
from tests.earning.sharing_scene import PRIVATE_TEXT, PUBLIC_TEXT, URL, Award, found
from tests.earning.visits import BROWSER, Visitor, sign_in
from tests.earning.working import ANSWERS as WRITTEN


@pytest.fixture
def folder(shared_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shared_template, tmp_path / "data"))


@pytest.fixture
def award(programme: Programme) -> Award:
    return found(programme)


@pytest.fixture
def alex(award: Award, client: FlaskClient) -> Visitor:
    return sign_in(award.programme, client, award.person)


def made(award: Award, alex: Visitor, **fields: str) -> str:
    """Make a link by its form, and return its path."""
    answer = alex.post(f"{award.path}/links", {"label": "District office", **fields})
    assert answer.status_code == 200, answer.text
    (address,) = set(re.findall(r'value="http://[^"]*(/shared/[\w-]{22})"', answer.text))
    return str(address)


def test_the_panel_has_everything_for_showing_an_award(award: Award, alex: Visitor) -> None:
    page = alex.get(award.path)
    assert page.status_code == 200
    text = unescape(page.text)
    elsewhere = sharing.add_to_profile(award.programme.mint, award.key)
    assert f'href="{elsewhere.url}"' in text
    for field in elsewhere.fields:
        assert f'value="{field.value}"' in text
    assert sharing.text_line(award.programme.mint, award.key) in text
    assert sharing.snippet_html(award.programme.mint, award.key) in text
    assert sharing.embed_html(award.programme.mint, award.key) in text
    assert text.index("<iframe") < text.index("It never changes")  # what tells the state comes first
    assert "It works through this day" in text
    for ending in (".png", ".svg", ".json", ".jwt", "/qr.svg", "/qr.png"):
        assert f'href="/credentials/{award.key}{ending}"' in text
    assert f'href="/awards/{award.id}/certificate.pdf"' in text
    (card,) = re.findall(r'src="(/credentials/[^"]+/card\.png\?v=\w+)"', text)
    assert alex.get(card).mimetype == "image/png"
    assert "no-store" in page.headers["Cache-Control"]


def test_a_new_link_is_shown_once_and_then_never_again(
    award: Award, alex: Visitor, client: FlaskClient
) -> None:
    path = made(award, alex, shows_name="yes")
    assert path not in alex.get(award.path).text
    page = client.get(path, headers=BROWSER)
    assert page.status_code == 200
    assert award.person.name in page.text
    assert f'href="/credentials/{award.key}"' in page.text
    listed = alex.get(award.path).text
    assert "1 use, the last one" in listed
    (link,) = award.links()
    gone = alex.post(f"{award.path}/links/{link.id}/withdraw")
    assert gone.location == f"{award.path}?done=withdrawn&at={link.id}#links"
    assert client.get(path, headers=BROWSER).status_code == 404
    assert "withdrawn by you" in alex.get(award.path).text


def test_every_form_about_links_answers_where_it_is_seen(award: Award, alex: Visitor) -> None:
    page = alex.get(award.path).text
    assert f'action="{award.path}/links#answer"' in page
    assert '<div id="answer" tabindex="-1">' in page
    fields = {"label": "District office"}
    for answer in (fields, {**fields, "ends_on": "2020-01-01"}):
        told = alex.post(f"{award.path}/links", answer).text
        place = told.index('id="answer"')
        assert place < told.index('role="status" id="new-link"' if answer is fields else 'id="summary"')
    (link,) = award.links()
    assert f'/links/{link.id}/withdraw#answer"' in alex.get(award.path).text


def test_a_link_without_the_name_says_that_the_public_page_shows_it(award: Award, alex: Visitor) -> None:
    made(award, alex)
    hidden = alex.get(award.path).text
    assert "stands on the public page anyway" not in hidden
    assert "to which this link leads, does not." in hidden
    alex.post(f"{award.path}/name", {"shown": "yes"})
    shown = alex.get(award.path).text
    assert "Your name stands on the public page anyway" in shown
    assert "The public page shows it to everybody anyway" in shown


def test_an_evaluator_sees_badge_date_and_levels(award: Award, alex: Visitor, client: FlaskClient) -> None:
    page = client.get(made(award, alex), headers=BROWSER).text
    assert re.search(r'<img src="/achievements/[^"]+/image.svg"[^>]+alt="Badge image: ', page)
    assert "Level reached" in page
    assert "This link does not tell the earner’s name" in page
    assert award.person.name not in page
    assert "<time datetime=" in page


def test_a_link_that_shows_nothing_sends_nobody_to_whoever_runs_the_site(client: FlaskClient) -> None:
    page = client.get(f"/shared/{'a' * 22}", headers=BROWSER)
    assert page.status_code == 404
    assert "tell whoever runs this site" not in page.text
    assert "sharing.link" in page.text


def test_the_public_page_of_an_award_leads_its_earner_to_the_panel(award: Award, client: FlaskClient) -> None:
    assert standings.has_panel(award.programme, award.key)
    assert not standings.has_panel(award.programme, "00000000-0000-4000-8000-000000000000")
    page = client.get(f"/credentials/{award.key}", headers=BROWSER).text
    assert '<a href="/awards">Share and privacy</a>' in page


def test_times_of_the_panel_name_their_zone() -> None:
    moment = datetime(2026, 2, 27, 18, 42, tzinfo=UTC)
    assert panel.clock_words(moment, "America/Los_Angeles") == "February 27, 2026, 10:42 PST"
    assert panel.clock_words(moment, "America/Sao_Paulo") == "February 27, 2026, 15:42 UTC-03"
    assert panel.clock_words(moment, "UTC") == "February 27, 2026, 18:42 UTC"


def test_what_was_typed_about_a_link_stays_where_it_does_not_fit(award: Award, alex: Visitor) -> None:
    refused = alex.post(f"{award.path}/links", {"label": "", "ends_on": "2020-01-01", "shows_name": "yes"})
    assert refused.status_code == 422
    assert 'href="#label"' in refused.text
    refused = alex.post(f"{award.path}/links", {"label": "Office <b>", "ends_on": "2020-01-01"})
    assert refused.status_code == 422
    assert 'href="#ends_on"' in refused.text
    assert 'value="Office &lt;b&gt;"' in refused.text
    assert award.links() == ()


def test_a_form_sent_again_makes_no_second_link(award: Award, alex: Visitor) -> None:
    page = alex.get(award.path).text
    (id,) = re.findall(r'name="id" value="([0-9a-f-]{36})"', page)
    assert alex.post(f"{award.path}/links", {"label": "Office", "id": id}).status_code == 200
    again = alex.post(f"{award.path}/links", {"label": "Office", "id": id})
    assert again.status_code == 409
    assert "made already" in again.text
    assert len(award.links()) == 1


def test_name_and_search_engines_are_switched_by_buttons(
    award: Award, alex: Visitor, client: FlaskClient
) -> None:
    def public() -> str:
        return client.get(f"/credentials/{award.key}", headers=BROWSER).text

    assert award.person.name not in public()
    assert alex.post(f"{award.path}/name", {"shown": "yes"}).location == f"{award.path}?done=name-shown#name"
    assert award.person.name in public()
    alex.post(f"{award.path}/name", {"shown": "perhaps"})
    assert award.person.name not in public()
    for listed, expected in (("yes", True), ("x", False)):
        assert alex.post(f"{award.path}/listing", {"listed": listed}).status_code == 303
        assert sharing.is_indexed(award.programme.mint, award.key) is expected


def test_a_name_that_was_changed_since_is_typed_as_it_was(award: Award, alex: Visitor) -> None:
    with award.programme.db.transaction() as session:
        people.change(session, award.person.id, name="Alex Married", now=clock.now())
    assert "Your name as it was then" in alex.get(award.path).text
    refused = alex.post(f"{award.path}/name", {"shown": "yes", "name": "Alex <i>"})
    assert refused.status_code == 422
    assert "not the name that was signed" in refused.text
    assert 'value="Alex &lt;i&gt;"' in refused.text
    assert alex.post(f"{award.path}/name", {"shown": "yes", "name": award.person.name}).status_code == 303


def test_private_pieces_are_shown_by_link_and_by_nothing_else(
    award: Award, alex: Visitor, client: FlaskClient
) -> None:
    path = made(award, alex, shows_answers="yes")
    for piece in (award.private, award.link):
        assert alex.post(f"{award.path}/evidence/{piece.id}", {"disclosure": "link"}).status_code == 303
    page = unescape(client.get(path, headers=BROWSER).text)
    assert URL in page
    for text in WRITTEN.values():
        assert text in page
    assert page.count("as it was signed</span>") == 4
    file = client.get(f"{path}/evidence/{award.private.id}")
    assert file.data == PRIVATE_TEXT
    assert file.headers["Content-Disposition"].startswith("attachment; ")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in file.headers["Content-Security-Policy"]
    seen = client.get(f"{path}/evidence/{award.link.id}", headers=BROWSER)
    assert "shows you this link" in seen.text
    assert client.get(f"{path}/evidence/{award.link.id}", headers={"Accept": "*/*"}).data == URL.encode()
    answers = client.get(f"{path}/evidence/answers.json")
    assert answers.get_json() == WRITTEN


def test_an_educator_looks_as_an_evaluator_without_a_use(award: Award, alex: Visitor) -> None:
    made(award, alex, shows_name="yes")
    (link,) = award.links()
    page = alex.get(f"{award.path}/as-evaluator?link={link.id}").text
    assert "This is how an evaluator sees it." in page
    assert award.person.name in page
    plain = alex.get(f"{award.path}/as-evaluator?link=no").text
    assert "Whoever gave you this link" in plain
    assert award.uses() == []


@pytest.mark.parametrize("state", [AwardState.SUSPENDED, AwardState.REVOKED])
def test_the_panel_of_an_award_that_does_not_stand_says_so(
    award: Award, alex: Visitor, client: FlaskClient, state: AwardState
) -> None:
    path = made(award, alex)
    decision = revocation.decision(state, revocation.Reason.EVIDENCE)
    revocation.decide(award.programme.mint, award.key, decision, now=clock.now())
    page = alex.get(award.path).text
    assert "shows nothing at present" in page
    assert "Make the link" not in page
    assert "Add to profile" not in page
    assert client.get(path, headers=BROWSER).status_code == 404
    assert alex.get(f"{award.path}/as-evaluator").status_code == 404
    assert "Share and privacy" in alex.get("/awards").text


def test_an_award_without_a_fingerprint_of_a_name_says_why_none_can_be_shown(
    award: Award, alex: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming, "_is_signed", lambda _: False)
    monkeypatch.setattr(names, "fits", lambda *_: False)
    assert "signed without a fingerprint of your name" in alex.get(award.path).text
    refused = alex.post(f"{award.path}/name", {"shown": "yes", "name": award.person.name})
    assert refused.status_code == 409


def test_a_resume_is_made_of_own_awards_alone(award: Award, alex: Visitor, client: FlaskClient) -> None:
    none = alex.post("/awards/resume", {"with_name": "yes"})
    assert none.status_code == 422
    assert 'href="#chosen"' in none.text
    bea = sign_in(award.programme, client, somebody(award.programme, "Bea Educator"))
    assert bea.post("/awards/resume", {f"award-{award.id}": "yes"}).status_code == 404
    assert bea.get(f"/awards/{award.id}/certificate.pdf").status_code == 404
    assert alex.post("/awards/resume", {"award-../../x": "yes"}).status_code == 404


def test_certificate_and_resume_are_documents_to_be_saved(award: Award, alex: Visitor) -> None:
    pytest.importorskip("typst")
    for answer in (
        alex.get(f"/awards/{award.id}/certificate.pdf"),
        alex.post("/awards/resume", {f"award-{award.id}": "yes", "with_name": "yes"}),
    ):
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.text[:500]
        assert answer.data.startswith(b"%PDF-")
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert "no-store" in answer.headers["Cache-Control"]


def test_the_public_piece_is_still_shown_to_everybody(award: Award, client: FlaskClient) -> None:
    assert client.get(f"/evidence/{award.public.id}").data == PUBLIC_TEXT


def test_work_without_an_award_has_no_panel(award: Award, alex: Visitor) -> None:
    for id in ("00000000-0000-4000-8000-000000000000", award.public.id):
        assert alex.get(share_path(id)).status_code == 404
    assert replace(award.application, award=None) != award.application
