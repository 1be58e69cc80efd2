# SPDX-License-Identifier: Apache-2.0
"""``/plan`` and ``/plan/mine``: without account and script; nobody in addresses, cookies and logs."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import app
from recognition.adopting import issuer_names, publishing
from recognition.plan import plans
from service.accounts.people import Person
from tests.earning.house import NOW, somebody
from tests.earning.sharing_scene import Award, awarded
from tests.earning.visits import Visitor, sign_in
from tests.recognition.planning_scene import CYCLE, MA, WA
from tests.recognition.policy_scene import DISTRICT, make
from verifier import issuer_lists
from verifier.list_format import ListedIssuer

HTML = {"Accept": "text/html"}
RULE = "us-ma-renewal"
SECRETS = ("paraprofessional", "Secretfield", "2031-01-17", "PSEA")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[app.House]:
    found = make(tmp_path_factory.mktemp("plan"))
    yield found
    found.jobs.close()
    found.db.close()


@pytest.fixture(scope="module")
def client(house: app.House) -> FlaskClient:
    return app.create_app(house.settings).test_client()


@pytest.fixture(scope="module")
def award(house: app.House) -> Award:
    return awarded(house.programme)


@pytest.fixture
def earner(house: app.House, client: FlaskClient, award: Award) -> Visitor:
    return sign_in(house.programme, client, award.person)


@pytest.fixture
def newcomer(house: app.House, client: FlaskClient) -> tuple[Visitor, Person]:
    person = somebody(house.programme, f"New Comer {NOW.timestamp()}{id(client)}{len(_MADE)}")
    _MADE.append(person.id)
    return sign_in(house.programme, client, person), person


_MADE: list[str] = []


def said(response: TestResponse) -> str:
    """Return what a page says, without its tags."""
    text = re.sub(r"<(style|script)[^>]*>.*?</\1>|<[^>]+>", " ", response.text, flags=re.DOTALL)
    return " ".join(html.unescape(text).split())


def send(client: FlaskClient, fields: dict[str, str], *codes: str, rule: str = RULE) -> TestResponse:
    form = {"policy": rule, **fields, **{f"want-{code}": "yes" for code in codes}}
    return client.post("/plan", data=form, headers=HTML)


# -- the public page ----------------------------------------------------------------------------------------


def test_the_list_of_rules_says_what_each_gives_and_how_sure_it_is(client: FlaskClient) -> None:
    page = client.get("/plan", headers=HTML)
    assert page.status_code == 200
    assert "Two related micro-credentials give 10 professional development points (Massachusetts)" in said(
        page
    )
    assert "Example rule" in said(page)


def test_an_unknown_rule_makes_no_claim_of_any_kind(client: FlaskClient) -> None:
    page = client.get("/plan?policy=us-tx-renewal", headers=HTML)
    assert page.status_code == 404
    assert "we say nothing about what a micro-credential gives there" in said(page)
    assert send(client, {}, rule="us-tx-renewal").status_code == 404
    assert send(client, {}, rule="x" * 5000).status_code == 404


def test_a_link_names_a_rule_and_a_micro_credential_which_is_ticked(client: FlaskClient) -> None:
    page = client.get(f"/plan?policy={RULE}&item=SEL1", headers=HTML)
    assert re.search(r'name="want-SEL1" value="yes" checked', page.text)
    assert not re.search(r'name="want-SEL2" value="yes" checked', page.text)
    assert 'name="fact-role"' in page.text
    assert 'name="fact-lane_group"' not in page.text
    assert client.get(f"/plan?policy={RULE}&item=%3Cscript%3E", headers=HTML).status_code == 200


def test_the_answer_says_one_sentence_first_with_rule_source_and_status(client: FlaskClient) -> None:
    page = send(client, MA, "SEL1", "SEL2", "SEL3")
    words = said(page)
    assert page.status_code == 200
    assert "With these 3 micro-credentials you would have 10 professional development points" in words
    assert words.index("With these 3") < words.index("Each of them") < words.index("What would change it")
    assert "Example rule" in words
    assert "MTA post" in words
    assert "left over" in words
    assert re.search(r'<progress max="15" value="10" aria-label="Content: 10 of 15">', page.text)


def test_stacks_are_told_by_their_titles_and_picks_stand_under_them(
    house: app.House, client: FlaskClient
) -> None:
    title = house.office.stacks()["SEL"]
    words = said(send(client, MA, "SEL1", "SEL2", "SEL3"))
    assert f"for content, related by “{title}”" in words.replace(" ,", ",")
    assert f"One more micro-credential in “{title}” completes it" in words
    assert " in SEL " not in words
    page = send(client, MA, "SEL1").text
    assert f'<h3 class="stack"><bdi>{html.escape(title)}</bdi></h3>' in page
    found = send(client, {"q": title.casefold(), "search": "yes"})
    assert 'name="want-SEL2"' in found.text


def test_another_area_can_be_chosen_where_the_rule_has_several(client: FlaskClient) -> None:
    words = said(send(client, MA, "SEL1", "SEL2"))
    assert "it can go into pedagogy, English learners, special education or elective instead" in words
    assert "instead, as you need it" not in said(send(client, {}, "SEL1", rule="us-co-aurora-lane"))


def test_who_plans_sees_that_a_sample_desk_decides(
    house: app.House, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Nobody decides by it" in said(send(client, MA, "SEL1"))
    publishing.adopt(house.office, DISTRICT, RULE, actor="test", now=NOW)
    monkeypatch.setattr("recognition.adopting.shelf.may_approve", lambda *_: True)  # a demonstration
    words = said(send(client, MA, "SEL1"))
    publishing.drop(house.office, DISTRICT, RULE, actor="test", now=NOW)
    assert "Nobody but fictional organisations of this demonstration decides by it" in words
    assert "Who decides about your claim?" in words


def test_rules_stand_under_their_states(client: FlaskClient) -> None:
    page = client.get("/plan", headers=HTML)
    assert '<a href="#in-new-hampshire">New Hampshire</a>' in page.text
    assert re.search(r'<h2 id="in-new-hampshire"[^>]*>New Hampshire</h2>', page.text)
    assert page.text.index('id="in-colorado"') < page.text.index('id="in-washington"')


def test_one_more_can_be_put_into_the_plan_without_a_script(client: FlaskClient) -> None:
    page = send(client, MA, "SEL1")
    assert '<button type="submit" form="plan" name="add" value="SEL2"' in page.text
    both = send(client, {**MA, "add": "SEL2"}, "SEL1", "SEL2")  # ticked in the form, too
    assert "you would have 10" in said(both)
    assert "One more related micro-credential gives 10" in said(page)
    assert 'id="plan"' in page.text


def test_whoever_needs_no_points_never_reads_a_number_of_them(client: FlaskClient) -> None:
    page = send(client, {"fact-licence_level": "initial"}, "SEL1", "SEL2")
    words = said(page)
    assert "not required to earn PDPs" in words
    assert not re.search(r"\b0 (?:PDP|professional)", words)
    assert "What you need, and what these give" not in words
    for use in ("For learning", "For a further licence", "In a learning community"):
        assert use in words


def test_paraprofessionals_get_their_checklist(client: FlaskClient) -> None:
    words = said(send(client, {"fact-role": "paraprofessional"}, "SEL1"))
    for each in ("Salary advancement", "Paraprofessional training points (PTPs)", "Title I employment"):
        assert each in words


def test_washington_shows_its_season_beside_the_programmes_and_the_sentence(client: FlaskClient) -> None:
    words = said(send(client, WA, "CLIM1", rule="us-wa-clock-hours"))
    assert "not a state endorsement or certificate to teach a specific subject" in words
    assert "2023-24 over" in words
    assert "April 26, 2024" in words
    assert "Still to do" in words
    assert "Orientation" in words


def test_vermont_and_new_hampshire_answer_in_their_own_way(client: FlaskClient) -> None:
    vermont = {"fact-licence_level": "level-1", "fact-endorsements_held": "Mathematics", **CYCLE}
    assert "15 PD hours (Vermont)" in said(send(client, vermont, "SEL1", rule="us-vt-relicensing"))
    found = said(
        send(client, {"fact-endorsements_held": "Mathematics", **CYCLE}, "SEL1", rule="us-nh-recertification")
    )
    assert "decided by a person" in found
    assert "A person sets the number" in found


def test_what_is_open_is_asked_for_with_a_link_to_the_question(client: FlaskClient) -> None:
    page = send(client, {}, "SEL1", "SEL2")
    assert '<a href="#fact-licence_level">' in page.text
    assert "needed for the answer" in said(page)


def test_faults_are_told_and_nothing_typed_is_lost(client: FlaskClient) -> None:
    page = send(client, {**MA, "earned-content": "a lot", "links": "not a link"}, "SEL1")
    assert page.status_code == 422
    assert '<a href="#earned-content">' in page.text
    assert 'value="a lot"' in page.text
    assert re.search(r'name="want-SEL1" value="yes" checked', page.text)


def test_searching_keeps_what_is_ticked_and_answers_nothing_yet(client: FlaskClient) -> None:
    page = client.post(
        "/plan", data={"policy": RULE, "want-SEL1": "yes", "q": "paraeducator", "search": "yes"}, headers=HTML
    )
    assert re.search(r'name="want-SEL1" value="yes" checked', page.text)
    assert 'name="want-TPT1"' in page.text
    assert 'name="want-PGC1"' not in page.text
    assert 'id="answer"' not in page.text


def test_awards_by_link_are_verified_and_what_is_no_credential_does_not_count(
    client: FlaskClient, award: Award, house: app.House
) -> None:
    link = f"{house.settings.public_url}/credentials/{award.key}"
    page = send(client, {**MA, "links": f"{link}\n{house.settings.public_url}/help"})
    words = said(page)
    assert "awarded" in words
    assert "could not be counted" in words
    assert "planned" not in words.split("Each of them")[1].split("What would change it")[0].replace(
        "planned ones as if you had them", ""
    )


def test_links_are_bounded(client: FlaskClient) -> None:
    page = send(client, {**MA, "links": "\n".join(f"https://x.example/{n}" for n in range(21))})
    assert page.status_code == 422


def test_nothing_of_a_person_is_in_an_address_a_cookie_a_log_or_the_database(
    client: FlaskClient, house: app.House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    caplog.set_level("DEBUG", logger="hallmark")
    logging.getLogger("hallmark").addHandler(caplog.handler)  # another test may have told it not to propagate
    fields = {
        "fact-role": "paraprofessional",
        "fact-licences_held": "Secretfield",
        "cycle-from": "2026-01-01",
        "cycle-until": "2031-01-17",
    }
    page = send(client, fields, "SEL1")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert "Cookie" not in page.headers.get("Vary", "")
    logging.getLogger("hallmark").removeHandler(caplog.handler)
    logged = "\n".join(str(each.__dict__) for each in caplog.records)
    assert "recognition_plan.planned" in logged
    assert not any(secret in logged for secret in SECRETS)
    addresses = re.findall(r'(?:href|action|formaction|src)="([^"]*)"', page.text)
    assert not any(secret in each for secret in SECRETS for each in addresses)
    stored = b"".join(each.read_bytes() for each in house.settings.data.rglob("*") if "sqlite" in each.name)
    assert b"Secretfield" not in stored
    assert b"2031-01-17" not in stored


def test_the_page_is_the_same_for_everybody_and_sends_its_facts_by_post(
    client: FlaskClient, earner: Visitor
) -> None:
    path = f"/plan?policy={RULE}"
    assert client.get(path, headers=HTML).text == earner.get(path).text
    assert '<form action="/plan" method="post"' in client.get(path, headers=HTML).text


# -- one's own ----------------------------------------------------------------------------------------------


def test_somebody_without_awards_can_plan_save_and_delete(
    house: app.House, newcomer: tuple[Visitor, Person]
) -> None:
    visitor, person = newcomer
    assert "You have earned nothing here yet" in said(visitor.get(f"/plan/mine?policy={RULE}"))
    form = {"policy": RULE, **MA, "want-SEL1": "yes", "want-SEL2": "yes"}
    page = visitor.post("/plan/mine", form)
    assert "you would have 10 professional development points" in said(page)
    assert plans.of_person(house.office, person.id) == ()  # Looking stores nothing.
    saved = visitor.post("/plan/mine/save", form)
    assert saved.headers["Location"] == f"/plan/mine?policy={RULE}&done=saved"
    (kept,) = plans.of_person(house.office, person.id)
    assert kept.fields["want-SEL2"] == "yes"
    assert "csrf" not in kept.fields
    again = visitor.get(f"/plan/mine?policy={RULE}&done=saved")
    assert "The plan is saved." in said(again)
    assert "you would have 10 professional development points" in said(again)
    assert "Your saved plans" in said(visitor.get("/plan/mine"))
    assert (
        visitor.post("/plan/mine/delete", {"policy": RULE}).headers["Location"] == "/plan/mine?done=deleted"
    )
    assert plans.of_person(house.office, person.id) == ()


def test_what_cannot_be_read_is_not_saved(house: app.House, newcomer: tuple[Visitor, Person]) -> None:
    visitor, person = newcomer
    page = visitor.post("/plan/mine/save", {"policy": RULE, "by": "soon"})
    assert page.status_code == 422
    assert plans.of_person(house.office, person.id) == ()


def test_a_saved_plan_never_opens_on_an_error(house: app.House, newcomer: tuple[Visitor, Person]) -> None:
    visitor, person = newcomer
    stored = {**MA, "fact-role": "keeper", "want-SEL1": "yes", "want-SEL2": "yes"}
    plans.save(house.office, person.id, RULE, stored, now=NOW)
    page = visitor.get(f"/plan/mine?policy={RULE}")
    assert page.status_code == 200
    assert "you would have 10 professional development points" in said(page)
    assert 'name="fact-role" value="other" checked' in page.text
    assert "The rule has changed" not in said(page)
    plans.save(house.office, person.id, RULE, {**stored, "fact-licence_level": "gold"}, now=NOW)
    page = visitor.get(f"/plan/mine?policy={RULE}")
    assert page.status_code == 200
    assert "The rule has changed since you saved this plan" in said(page)
    assert '<a href="#fact-licence_level">' in page.text
    assert visitor.get(f"/plan/mine?policy={RULE}&item=SEL3").status_code == 200


def test_a_plan_is_its_persons_alone(
    house: app.House, earner: Visitor, newcomer: tuple[Visitor, Person]
) -> None:
    visitor, person = newcomer
    visitor.post("/plan/mine/save", {"policy": RULE, "fact-licences_held": "Mine alone"})
    assert "Mine alone" not in earner.get(f"/plan/mine?policy={RULE}").text
    earner.post("/plan/mine/delete", {"policy": RULE})
    assert len(plans.of_person(house.office, person.id)) == 1


def test_own_awards_are_verified_and_planned_with(earner: Visitor) -> None:
    page = earner.post("/plan/mine", {"policy": RULE, **MA})
    assert "waits" in said(page) or "no units yet" in said(page)
    assert "Awards that you earned here" in said(page)


def test_an_award_can_be_kept_back(earner: Visitor, award: Award) -> None:
    page = earner.post("/plan/mine", {"policy": RULE, **MA, f"back-{award.key}": "yes"})
    assert re.search(rf'name="back-{award.key}" value="yes" checked', page.text)
    assert "Two related micro-credentials give" in said(page)


def test_only_what_is_held_and_what_the_rule_asks_for_is_put_before_who_decides(
    house: app.House, earner: Visitor, award: Award
) -> None:
    publishing.adopt(house.office, DISTRICT, "us-vt-relicensing", actor="test", now=NOW)
    strangers = earner.post("/plan/mine", {"policy": "us-vt-relicensing", **CYCLE})
    assert "/claims/new" not in strangers.text  # the desk does not know the issuer
    did = house.office.catalogue()[0].issuer
    listed = ListedIssuer(did, "Example Education Association")
    issuer_lists.add(house.bureau, DISTRICT, listed, note="", actor="test", now=NOW)
    issuer_names.bind(house.office, DISTRICT, "national-programme", [did], actor="test", now=NOW)
    fields = {"fact-licence_level": "level-1", "fact-endorsements_held": "Maths", **CYCLE, "want-PGC1": "yes"}
    page = earner.post("/plan/mine", {"policy": "us-vt-relicensing", **fields, "by": "2027-01-01"})
    asked = page.text.split('action="/claims/new"')[1].split("</form>")[0]
    names = set(re.findall(r'name="([^"]+)"', asked))
    assert names == {
        "csrf",
        "organisation",
        "policy",
        "links",
        "fact-licence_level",
        "fact-endorsements_held",
        "cycle-from",
        "cycle-until",
    }
    assert award.key in asked
    assert "PGC1" not in asked
    sent = {
        name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', asked)
    }
    kept = earner.post("/claims/new", {name: value for name, value in sent.items() if name != "csrf"})
    assert kept.status_code == 303
    again = earner.post("/plan/mine", {"policy": "us-vt-relicensing", **fields})
    assert 'action="/claims/new"' not in again.text  # an open claim keeps it
    assert kept.headers["Location"] in again.text
    earner.post(f"{kept.headers['Location']}/take-back")
    free = earner.post("/plan/mine", {"policy": "us-vt-relicensing", **fields})
    assert 'action="/claims/new"' in free.text


def test_an_unknown_rule_is_told_on_own_pages_too(earner: Visitor) -> None:
    assert earner.get("/plan/mine?policy=nothing").status_code == 404
    assert earner.post("/plan/mine", {"policy": "nothing"}).status_code == 404
    assert earner.post("/plan/mine/save", {"policy": "nothing"}).status_code == 404


def test_the_pages_of_a_plan_belong_to_who_is_signed_in(client: FlaskClient) -> None:
    assert client.get("/plan/mine", headers=HTML).status_code == 303


def test_the_words_of_the_catalogue_and_the_portals_lead_to_the_plan(client: FlaskClient) -> None:
    page = client.get("/catalogue/SEL1", headers=HTML)
    assert "Two related micro-credentials give 10 professional development points (Massachusetts)" in said(
        page
    )
    assert f"/plan?policy={RULE}&amp;item=SEL1" in page.text
    assert f"/plan?policy={RULE}" in client.get("/ma", headers=HTML).text
    assert "/plan" in client.get("/", headers=HTML).text
