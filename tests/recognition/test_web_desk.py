# SPDX-License-Identifier: Apache-2.0
"""The desk and own claims in the browser: one goes from a plan to the inbox to a decision, and back."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import app
from recognition.claiming import claims, ledger
from recognition.claiming.ledger_line import Asked
from recognition.store import claims as claim_rows
from service.accounts import people
from service.settings import Settings
from tests.issuer.house import NOW
from tests.recognition import desk_scene
from tests.recognition.desk_scene import CYCLE, DISTRICT, EMAIL, MA, OTHER, TN, Scene
from tests.service.people import sign_in

DESK = f"/recognizer/{DISTRICT}"
REN, ORA = "ren@district.example", "ora@other.example"
SAID = {
    "fact-licence_level": "professional",
    "fact-renewing": "yes",
    "cycle-from": CYCLE.first.isoformat(),
    "cycle-until": (CYCLE.last or CYCLE.first).isoformat(),
}


@dataclass
class Site:
    """The service, with whoever is signed in at its browsers."""

    scene: Scene
    service: object
    browsers: dict[str, tuple[FlaskClient, str]]

    def _browser(self, who: str) -> tuple[FlaskClient, str]:
        if who not in self.browsers:
            client: FlaskClient = self.service.test_client()  # type: ignore[attr-defined]
            with self.scene.house.db.reading() as session:
                person = people.find_by_email(session, who)
            assert person is not None
            self.browsers[who] = client, sign_in(client, self.scene.house.db, person)
        return self.browsers[who]

    def get(self, path: str, who: str = REN) -> TestResponse:
        return self._browser(who)[0].get(path)

    def post(self, path: str, who: str = REN, **fields: str) -> TestResponse:
        client, csrf = self._browser(who)
        return client.post(
            path, data={**{name.replace("__", "-"): v for name, v in fields.items()}, "csrf": csrf}
        )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_scene.make(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "house"
    shutil.copytree(made, folder)
    service = app.create_app(Settings(data=folder, demo=True))
    house: app.House = service.extensions["hallmark"]
    yield Site(Scene(house), service, {})
    house.jobs.close()
    house.db.close()


def shown(answer: TestResponse) -> str:
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', answer.text)
    assert found, answer.text
    return found[1]


def test_from_the_plan_to_the_inbox_to_a_decision(site: Site) -> None:
    links = " ".join((site.scene.award("SEL1"), site.scene.award("SEL2")))
    kept = site.post("/claims/new", EMAIL, organisation=DISTRICT, policy=MA, links=links, **SAID)
    assert kept.status_code == 303
    path = kept.headers["Location"]
    page = site.get(path, EMAIL).text
    assert "Exampleton School District" in page
    assert "Nothing has left yet" in page
    id = path.rsplit("/", 1)[1]
    assert id not in site.get(DESK).text
    assert site.get(f"{DESK}/claims/{id}").status_code == 404

    refused = site.post(f"{path}/submit", EMAIL)
    assert refused.status_code == 422
    assert "Nothing has left yet" in refused.text
    assert site.post(f"{path}/submit", EMAIL, agrees="yes").status_code == 303
    assert f"/claims/{id}" in site.get(DESK).text

    claim = site.get(f"{DESK}/claims/{id}")
    assert "10 professional development points (Massachusetts)" in claim.text
    assert claim.text.count('class="cards rows13"') == 2
    approved = site.post(f"{DESK}/claims/{id}/approve", shown=shown(claim))
    assert approved.status_code == 303
    assert (
        "10 professional development points (Massachusetts) granted" in site.get(f"{DESK}/claims/{id}").text
    )
    answer = site.get(path, EMAIL).text
    assert "10 professional development points (Massachusetts) granted" in answer
    assert "Take the claim back" not in answer
    assert "10 professional development points (Massachusetts)" in site.get(f"{DESK}/ledger").text


def test_another_districts_desk_is_not_there(site: Site) -> None:
    claim = site.scene.submit(site.scene.award("SEL1"), policy=TN)
    for path in (
        "",
        "/claims.csv",
        "/claims/new",
        "/ledger",
        "/ledger.csv",
        "/ledger/import",
        f"/claims/{claim.id}",
    ):
        assert site.get(f"/recognizer/{DISTRICT}{path}", ORA).status_code == 404, path
    assert site.get(f"/recognizer/{OTHER}/claims/{claim.id}", ORA).status_code == 404
    for act in ("approve", "refuse", "ask"):
        assert site.post(f"/recognizer/{OTHER}/claims/{claim.id}/{act}", ORA).status_code == 404


def test_who_has_one_organisation_comes_to_its_inbox(site: Site) -> None:
    assert site.get("/recognizer").headers["Location"] == DESK


def test_what_has_changed_comes_again_and_nothing_typed_is_lost(site: Site) -> None:
    claim = site.scene.submit(site.scene.award("SEL1"), site.scene.award("SEL2"))
    answer = site.post(
        f"{DESK}/claims/{claim.id}/approve",
        shown="0" * 64,
        reason="I have thought about it.",
        group__1__units="9",
    )
    assert answer.status_code == 409
    assert "Nothing was decided" in answer.text
    assert "I have thought about it." in answer.text
    assert 'value="9"' in answer.text


def test_a_change_without_a_reason_is_asked_for_one(site: Site) -> None:
    claim = site.scene.submit(site.scene.award("SEL1"), site.scene.award("SEL2"))
    path = f"{DESK}/claims/{claim.id}"
    digest = shown(site.get(path))
    answer = site.post(f"{path}/approve", shown=digest, group__1__units="9")
    assert answer.status_code == 422
    assert 'href="#reason"' in answer.text
    done = site.post(f"{path}/approve", shown=digest, group__1__units="9", reason="Agreed.")
    assert done.status_code == 303
    assert "9 professional development points (Massachusetts) granted" in site.get(path).text


def test_the_second_desk_is_told(site: Site) -> None:
    link = site.scene.award("SEL1")
    first, second = site.scene.submit(link, policy=TN), site.scene.award("SEL2")
    digest = shown(site.get(f"{DESK}/claims/{first.id}"))
    assert site.post(f"{DESK}/claims/{first.id}/approve", shown=digest).status_code == 303
    told = site.post(f"{DESK}/claims/{first.id}/approve", shown=digest)
    assert told.status_code in (409, 422)
    assert second


def test_refuse_and_ask_need_their_words(site: Site) -> None:
    claim = site.scene.submit(site.scene.award("SEL1"), policy=TN)
    path = f"{DESK}/claims/{claim.id}"
    assert 'href="#refusal"' in site.post(f"{path}/refuse").text
    assert 'href="#message"' in site.post(f"{path}/ask").text
    assert site.post(f"{path}/ask", message="Is it yours?").status_code == 303
    assert "Is it yours?" in site.get(f"/claims/{claim.id}", EMAIL).text
    assert site.post(f"/claims/{claim.id}/answer", EMAIL, message="It is.").status_code == 303
    assert "It is." in site.get(path).text
    assert site.post(f"{path}/refuse", refusal="Not by this rule.").status_code == 303
    assert "Not by this rule." in site.get(f"/claims/{claim.id}", EMAIL).text


def test_a_claim_is_entered_by_link_and_by_file(site: Site) -> None:
    link = site.scene.award("SEL1")
    form = site.get(f"{DESK}/claims/new?policy={MA}").text
    assert "Which level is your licence?" in unescape(form)
    wrong = site.post(f"{DESK}/claims/new", policy=MA, name="", email="x", links=link, **SAID)
    assert wrong.status_code == 422
    assert link in wrong.text
    entered = site.post(f"{DESK}/claims/new", policy=MA, name="Zoë Teacher", email=EMAIL, links=link, **SAID)
    assert entered.status_code == 303
    page = site.get(entered.headers["Location"]).text
    assert "It waits for the educator" in page
    assert "/approve" not in page
    id = entered.headers["Location"].split("/")[-1].split("?")[0]
    assert id in site.get(f"{DESK}?show=entered").text
    assert "Agree or decline" in site.get("/claims", EMAIL).text
    own = site.get(f"/claims/{id}", EMAIL).text
    assert "Entered by the office" in own
    assert "Nothing is decided before you agree" in own
    assert "What was sent" not in own
    agreed = site.post(f"/claims/{id}/submit", EMAIL, agrees="yes")
    assert "You have agreed" in site.get(agreed.headers["Location"], EMAIL).text
    assert "left over" in site.get(f"{DESK}/claims/{id}").text


def test_what_was_entered_can_be_declined(site: Site) -> None:
    claim = site.scene.enter(site.scene.award("SEL1"), policy=TN)
    declined = site.post(f"/claims/{claim.id}/take-back", EMAIL)
    assert "You have declined" in site.get(declined.headers["Location"], EMAIL).text
    assert site.get(f"{DESK}/claims/{claim.id}").status_code == 404


def test_the_page_of_a_claim_says_titles_and_what_the_rule_gives_before_it_is_sent(site: Site) -> None:
    link = site.scene.award("SEL1")
    claim = site.scene.reserve(link, site.scene.award("SEL2"))
    page = site.get(f"/claims/{claim.id}", EMAIL).text
    assert "What the rule says of it now" in page
    assert "10 professional development points (Massachusetts)" in page
    assert f">{link}<" not in page
    assert "what is approved by it counts nowhere" in page


def test_no_address_of_a_person_stands_in_a_link(site: Site) -> None:
    claim = site.scene.submit(site.scene.award("SEL1"), site.scene.award("SEL2"))
    site.scene.approve(claim)
    page = site.get(f"{DESK}/claims/{claim.id}?again=yes").text
    assert "This is an example rule: what you approve by it counts nowhere." in page
    assert "Nobody decides by it" not in page
    links = re.findall(r'href="([^"]*)"', page)
    assert not [each for each in links if "%40" in each or "school.example" in each]
    found = site.get(f"{DESK}/ledger?claim={claim.id}").text
    assert "Zo\u00eb Teacher" in found
    assert "2 lines" not in site.get(f"{DESK}/attestations?claim={claim.id}").text
    for path in ("ledger", "ledger.csv", "attestations", "attestations.csv"):
        assert site.get(f"{DESK}/{path}?claim={claim.id}").status_code == 200, path
        assert site.get(f"{DESK}/{path}?claim=nothing").status_code == 404, path
        assert site.get(f"/recognizer/{OTHER}/{path}?claim={claim.id}", ORA).status_code == 404, path


@pytest.mark.parametrize("after", ["0001-01-01T00:00:00%2B23:59~x", "x~y", "9999-12-31T23:59:59-23:59~x"])
def test_any_place_in_the_ledger_gets_a_page(site: Site, after: str) -> None:
    assert site.get(f"{DESK}/ledger?after={after}").status_code == 200


def test_the_claims_as_a_file_hold_no_facts(site: Site) -> None:
    claim = site.scene.submit(site.scene.award("SEL1"), site.scene.award("SEL2"))
    site.scene.approve(claim)
    site.scene.reserve(site.scene.award("TRA1"))
    text = site.get(f"{DESK}/claims.csv").get_data().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["claim"], row["units"], row["unit"], row["state"]) == (
        claim.id,
        "10",
        "PDP-MA",
        "approved and counted",
    )
    assert "professional" not in text


def test_earlier_years_come_in_after_a_look(site: Site) -> None:
    text = "person,link,awarded,purpose,units,unit\na@b.example,https://b.example/1,2019-03-01,rank-change,1,X-KY\n"
    client, csrf = site._browser(REN)
    looked = client.post(
        f"{DESK}/ledger/import", data={"csrf": csrf, "file": (io.BytesIO(text.encode()), "old.csv")}
    )
    assert looked.status_code == 200
    assert "1 line would be recorded" in looked.text
    assert ledger.view(site.scene.office, DISTRICT, Asked()).lines == ()
    file = re.search(r'name="file" value="([^"]+)"', looked.text)
    assert file
    done = site.post(f"{DESK}/ledger/import/confirm", file=unescape(file[1]))
    assert done.status_code == 303
    assert "1 line recorded" in site.get(done.headers["Location"]).text
    assert site.post(f"{DESK}/ledger/import/confirm", file="no file").status_code == 422


def test_taken_back_the_office_sees_it_no_more(site: Site) -> None:
    claim = site.scene.submit(site.scene.award("SEL1"), policy=TN)
    assert site.get(f"{DESK}/claims/{claim.id}").status_code == 200
    assert site.post(f"/claims/{claim.id}/take-back", EMAIL).status_code == 303
    assert site.get(f"{DESK}/claims/{claim.id}").status_code == 404
    assert "withdrawn by the educator" in site.get(f"/claims/{claim.id}", EMAIL).text
    kept = site.scene.reserve(site.scene.award("SEL2"))
    assert site.post(f"/claims/{kept.id}/take-back", EMAIL).headers["Location"] == "/claims?done=undone"
    assert site.get(f"/claims/{kept.id}", EMAIL).status_code == 404


def test_the_educator_agrees_that_it_is_shown(site: Site) -> None:
    claim = site.scene.submit(site.scene.award("SEL1"), policy=TN)
    site.scene.approve(claim)
    assert site.post(f"/claims/{claim.id}/show", EMAIL, show="yes").status_code == 303
    assert claims.own(site.scene.office, claim.id, person=site.scene.person()).show_publicly
    assert "Do not show it any more" in site.get(f"/claims/{claim.id}", EMAIL).text
    site.post(f"/claims/{claim.id}/show", EMAIL, show="no")
    assert not claims.own(site.scene.office, claim.id, person=site.scene.person()).show_publicly


def test_a_purpose_without_units_shows_no_number(site: Site) -> None:
    claim = site.scene.submit(
        site.scene.award("SEL1"),
        site.scene.award("SEL2"),
        values={"licence_level": ("initial",), "renewing": ("no",)},
    )
    page = site.get(f"{DESK}/claims/{claim.id}").text
    assert not re.search(r"\b0 PDP", page)
    assert "Approve:" not in page


def test_an_award_with_markup_in_its_name_stays_text(site: Site) -> None:
    claim = site.scene.enter(site.scene.award("SEL1"), policy=TN)
    with site.scene.house.db.transaction() as session:
        claim_rows.change(session, claim.id, now=NOW, person_name="<script>alert(1)</script>")
    page = site.get(f"{DESK}/claims/{claim.id}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
