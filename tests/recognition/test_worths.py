# SPDX-License-Identifier: Apache-2.0
"""What rules say beside micro-credentials, on portals and after an award; where none is known, nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

import app
from earning.review import awarding
from recognition.adopting import publishing
from recognition.attesting import attestations
from recognition.plan.worth import terms, worth
from recognition.plan.worths import NextStep, Worths
from recognition.rule.policy_reader import sample, samples
from service import mail
from tests.earning import reviewing, working
from tests.earning.house import NOW, somebody
from tests.earning.sharing_scene import send
from tests.recognition.planning_scene import Earnable
from tests.recognition.policy_scene import DISTRICT, make

TODAY = NOW.date()


@dataclass(frozen=True)
class Got:
    """An award that somebody holds (``recognition.ports.Held``)."""

    code: str
    stacks: tuple[str, ...]
    issuer: str
    awarded: datetime = NOW - timedelta(days=30)
    state: str = "issued"
    kind: str = "MicroCredential"
    enrolled: datetime = NOW - timedelta(days=90)
    portal: str = ""

    @property
    def url(self) -> str:
        return f"https://badges.example/credentials/{self.code}"

    @property
    def title(self) -> str:
        return f"Title of {self.code}"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[app.House]:
    found = make(tmp_path_factory.mktemp("worths"))
    yield found
    found.jobs.close()
    found.db.close()


@pytest.fixture(scope="module")
def issuer(house: app.House) -> str:
    found: str = house.office.catalogue()[0].issuer
    return found


def after(house: app.House, state: str, *held: Got, person: str = "nobody") -> tuple[NextStep, ...]:
    """Return what comes next with the first of ``held``."""
    office = replace(house.office, holdings=lambda _person: held)
    return Worths(lambda: office).after(person, held[0].url, state, now=NOW)


def item(issuer: str, code: str = "SEL1", *stacks: str) -> Earnable:
    return Earnable(code, f"Title of {code}", stacks or ("SEL",), issuer=issuer)


# -- beside a micro-credential, and on a portal -------------------------------------------------------------


def test_each_rule_that_accepts_it_says_its_terms_with_source_and_status(
    house: app.House, issuer: str
) -> None:
    told = {each.path: each for each in Worths(lambda: house.office).of(item(issuer), on=TODAY)}
    massachusetts = told["/policies/us-ma-renewal"]
    assert massachusetts.sentence.startswith("Two related micro-credentials give 10")
    assert massachusetts.label == "Example rule"
    assert massachusetts.source == "programme source: MTA post"
    assert massachusetts.plan == "/plan?policy=us-ma-renewal&item=SEL1"
    assert "/policies/us-il-kaneland-lane" not in told  # the district's own awards only
    assert "/policies/us-il-troy30c-lane" not in told  # its days are over


def test_what_a_rule_leaves_out_is_told_with_the_reason(house: app.House, issuer: str) -> None:
    found = Worths(lambda: house.office).of(item(issuer, "TLAP1", "TLAP"), on=TODAY)
    (washington,) = [each for each in found if each.path == "/policies/us-wa-clock-hours"]
    assert not washington.accepted
    assert "TLAP" in washington.sentence


def test_lists_are_read_on_the_day(house: app.House, issuer: str) -> None:
    policy, code = sample("us-wa-clock-hours"), item(issuer, "CLIM1", "CLIM")
    assert len(worth(policy, code, on=TODAY).on) == 2
    assert worth(policy, code, on=policy.in_force.first - timedelta(days=1)).on == ()
    assert "not decided" in terms(policy, code)


def test_an_unknown_issuer_and_an_unknown_state_get_no_word(house: app.House) -> None:
    worths = Worths(lambda: house.office)
    assert worths.of(item("did:web:nobody.example"), on=TODAY) == ()
    assert worths.at("TX", on=TODAY) == ()
    assert worths.at("", on=TODAY) == ()
    assert [each.path for each in worths.at("VT", on=TODAY)] == ["/policies/us-vt-relicensing"]


# -- after an award -----------------------------------------------------------------------------------------


def test_massachusetts_says_that_the_pair_is_half_full_and_then_full(house: app.House, issuer: str) -> None:
    one, two = Got("SEL1", ("SEL",), issuer), Got("SEL2", ("SEL",), issuer)
    (step,) = after(house, "MA", one)
    assert "the pair is half full. One more related micro-credential gives 10" in step.sentence
    assert step.sentence.startswith("If your licence is professional and you renew in this cycle")
    (step,) = after(house, "MA", one, two)
    assert "together with another one of yours" in step.sentence
    assert "SEL2" not in step.sentence  # a mail with it may be forwarded


def test_washington_says_what_is_missing(house: app.House, issuer: str) -> None:
    (step,) = after(house, "WA", Got("SEL1", ("SEL",), issuer))
    for each in ("orientation once", "the WEA workshop", "Register for WEA clock hours"):
        assert each in step.sentence


def test_what_was_recorded_is_no_longer_missing(house: app.House, issuer: str) -> None:
    person = somebody(house.programme, "Attending Ann")
    publishing.adopt(house.office, DISTRICT, "us-wa-clock-hours", actor="test", now=NOW)
    entry = attestations.read(
        email=person.email, event="orientation", on=str(TODAY - timedelta(days=60)), today=TODAY
    )
    attestations.record(house.office, DISTRICT, [entry], how="hand", actor="test", now=NOW)
    held = Got("SEL1", ("SEL",), issuer)
    assert "orientation once" not in after(house, "WA", held, person=person.id)[0].sentence
    assert "orientation once" in after(house, "WA", held)[0].sentence


def test_vermont_has_a_paper_and_new_hampshire_a_person(house: app.House, issuer: str) -> None:
    held = Got("SEL1", ("SEL",), issuer)
    assert "PD certificate over 15 PD hours (Vermont)" in after(house, "VT", held)[0].sentence
    assert "take the award to your local plan" in after(house, "NH", held)[0].sentence


def test_where_nothing_is_known_or_the_award_does_not_stand_nothing_is_said(
    house: app.House, issuer: str
) -> None:
    held = Got("SEL1", ("SEL",), issuer)
    assert after(house, "TX", held) == ()
    assert after(house, "", held) == ()
    assert after(house, "MA", replace(held, state="revoked")) == ()
    assert after(house, "MA", Got("SEL1", ("SEL",), "did:web:nobody.example")) == ()


def test_the_mail_of_an_award_tells_the_next_step_of_the_state_and_names_no_other_award(
    house: app.House,
) -> None:
    programme = replace(house.programme, settings=replace(house.programme.settings, second_reading_percent=0))
    person = somebody(programme, "Mail Mia")
    application = working.apply(programme, person, season="ma/2026-27")
    working.write(programme, application)
    working.upload(programme, application, data=b"Notes.\n")
    send(programme, person, application, set(), shows_name=False)
    reviewing.read(programme, reviewing.reviewer(programme, "Robin"))
    assert awarding.award(programme, now=NOW) == 1
    with house.db.reading() as session:
        (letter,) = [
            each for each in mail.listing(session, limit=50, address=person.email) if each.kind == "awarded"
        ]
        content = mail.content(session, letter.id)
    assert content is not None
    for words in (content.text, content.html):
        assert "the pair is half full. One more related micro-credential gives 10" in words
        assert "/plan/mine?policy=us-ma-renewal" in words


def test_every_example_rule_tells_its_terms_in_the_programmes_words() -> None:
    for policy in samples():
        said = terms(policy)
        assert said.endswith(".")
        assert "certificate" not in said.replace("PD certificate", "")
        assert "endorsement" not in said
