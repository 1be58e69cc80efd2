# SPDX-License-Identifier: Apache-2.0
"""Erasing reaches every room: awards name nobody and verify, reviewers leave the pool, and no trace stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

import app
from earning.catalogue import questions
from earning.catalogue.questions import Asked
from earning.company.community import Fields, MemberRole
from earning.management import people_import
from earning.programme import Programme
from earning.review import awarding, review, reviewers
from earning.store import communities
from earning.work.applications import State
from earning.work.work import assignment
from issuer import publish, retention
from service import mail
from service.accounts import account, limits, people
from service.accounts.people import Person, Role
from service.errors import LastAdministratorError
from service.mail import Letter
from tests import raw
from tests.earning import reviewing as it
from tests.earning.house import NOW, somebody
from tests.earning.working import apply, upload
from tests.service.people import sign_in

LATER = NOW + timedelta(minutes=1)
SHOWN = {"Accept": "text/html"}


@pytest.fixture
def quiet(programme: Programme) -> Programme:
    return replace(programme, settings=replace(programme.settings, second_reading_percent=0))


def erase(client: FlaskClient, person: Person) -> None:
    house: app.House = client.application.extensions["hallmark"]
    account.erase(house.accounts, person, person.email, now=LATER)


def passed(quiet: Programme, earner: Person) -> str:
    robin = it.reviewer(quiet, "Robin Reviewer")
    application = it.applied(quiet, earner)
    it.send(quiet, application)
    it.read(quiet, robin)
    assert it.state(quiet, application.id) is State.PASSED
    return application.id


def test_an_award_of_somebody_erased_names_nobody_and_verifies(quiet: Programme, client: FlaskClient) -> None:
    earner = it.author(quiet, "Casey Canary")
    id = passed(quiet, earner)
    awarding.award(quiet, now=NOW)
    key = it.found(quiet, id).award
    assert key is not None
    assert "Casey Canary" in client.get(f"/credentials/{key}", headers=SHOWN).text
    with quiet.db.transaction() as session:
        moved = people.change(session, earner.id, email="casey@elsewhere.example", now=NOW)
    erase(client, moved)
    assert "Casey Canary" not in client.get(f"/credentials/{key}", headers=SHOWN).text
    (told,) = retention.export(quiet.mint, [key])
    assert isinstance(told, dict)
    assert (told["email"], told["name"], told["name_shown"]) == (retention.NOBODY, None, None)
    signed = publish.find(quiet.mint, key).signed_json or b""
    assert str(quiet.mint.examine(signed, now=LATER).verdict) == "valid"


def test_whoever_is_erased_between_passing_and_the_award_is_named_nowhere(
    quiet: Programme, client: FlaskClient
) -> None:
    earner = it.author(quiet, "Casey Canary")
    id = passed(quiet, earner)
    erase(client, earner)
    assert awarding.award(quiet, now=LATER) == 1
    key = it.found(quiet, id).award
    assert key is not None
    (told,) = retention.export(quiet.mint, [key])
    assert isinstance(told, dict)
    assert (told["email"], told["name"], told["name_shown"]) == (retention.NOBODY, None, None)


def test_an_erased_reviewer_leaves_the_pool_and_their_work_waits_again(
    quiet: Programme, client: FlaskClient
) -> None:
    boss, gone = it.manager(quiet), it.reviewer(quiet, "Casey Canary")
    stays = it.reviewer(quiet, "Robin Reviewer")
    sent = it.waiting(quiet)
    held = review.lease(quiet, gone, now=NOW)
    review.rate(quiet, gone, held.id, it.draft(quiet, held, words="Of mine", note="Private"), now=NOW)
    erase(client, gone)
    assert it.state(quiet, sent.application) is State.SUBMITTED
    assert [each.person.id for each in reviewers.pool(quiet, [it.PROGRAMME])] == [stays.id]
    sign_in(client, quiet.db, boss)
    for path in ("/manage/reviewers", "/manage/reviewers.csv"):
        assert client.get(path).status_code == 200
    assert review.lease(quiet, stays, now=LATER).submission == sent.id


def test_a_pool_with_somebody_who_is_gone_can_still_be_seen(quiet: Programme) -> None:
    from service.accounts import personal

    gone, stays = it.reviewer(quiet, "Casey Canary"), it.reviewer(quiet, "Robin Reviewer")
    with quiet.db.transaction() as session:
        personal.erase(session, (), gone, now=LATER)
    assert [each.person.id for each in reviewers.pool(quiet, [it.PROGRAMME])] == [stays.id]


def test_imports_that_are_old_go_by_a_job_of_every_day(quiet: Programme) -> None:
    boss = it.manager(quiet)
    for name in ("a.csv", "b.csv"):
        people_import.look(quiet, boss, b"email,name\nann@x.example,Ann\n", name=name, now=NOW)
    assert people_import.tidy(quiet, now=NOW + people_import.KEPT) == 0
    assert people_import.tidy(quiet, now=LATER + people_import.KEPT) == 2


def test_nothing_of_somebody_erased_is_left_in_any_table_or_file(
    quiet: Programme, client: FlaskClient
) -> None:
    house: app.House = client.application.extensions["hallmark"]
    canary = it.reviewer(quiet, "Casey Canary")
    boss, author, heir = it.manager(quiet), it.author(quiet), somebody(quiet, "Hanna Heir")
    fields = Fields(
        name="Pals", about="", portal=None, local="", contact=canary.email.upper(), is_listed=True
    )
    with quiet.db.transaction() as session:
        for over in (False, True):
            id = communities.add(session, fields, person=canary.id, invite=str(over), now=NOW)
            communities.join(session, id, canary.id, MemberRole.LEAD, shows_name=True, now=NOW)
            communities.join(session, id, heir.id, MemberRole.MEMBER, shows_name=True, now=NOW)
            if over:
                communities.end(session, id, now=NOW)
    asked = Asked(topic="privacy", email=canary.email, text="I am Casey Canary")
    questions.ask(quiet, asked, now=NOW)
    line = f"email,name\n{canary.email},Casey Canary\nann@x.example,Ann\n".encode()
    done = people_import.look(quiet, boss, line, name="a.csv", now=NOW)
    people_import.bring_in(quiet, boss, done, now=NOW)
    people_import.look(quiet, boss, line, name="b.csv", now=NOW)
    with quiet.db.transaction() as session:
        limits.take(session, limits.MAIL_PER_MAILBOX, canary.email, now=NOW)
        letter = Letter(
            kind="erased",
            to=canary.email,
            subject="Confirm",
            template="service/mail/erased",
            values={"name": canary.name},
            name=canary.name,
        )
        mail.post(session, letter, key="of-nobody", now=NOW)
    it.waiting(quiet, author)
    held = review.lease(quiet, canary, now=NOW)
    review.rate(quiet, canary, held.id, it.draft(quiet, held, note="Casey Canary was here"), now=NOW)
    review.finish(quiet, canary, held.id, now=NOW)
    passed(quiet, canary)
    awarding.award(quiet, now=NOW)
    application = apply(quiet, canary, "SEL2")
    upload(quiet, application, data=b"By Casey Canary.\n", name="Casey Canary.txt", place=_file_place(quiet))
    house.post_office.deliver(NOW)
    assert traces(quiet, canary)
    erase(client, canary)
    house.post_office.deliver(LATER)
    house.post_office.tidy(LATER)
    assert traces(quiet, canary) == []


def test_the_last_administrator_does_not_erase_themselves(quiet: Programme, client: FlaskClient) -> None:
    last = somebody(quiet, "Ada Admin", (Role.ADMINISTRATOR, it.PROGRAMME))
    with pytest.raises(LastAdministratorError):
        erase(client, last)
    answer_token = sign_in(client, quiet.db, last)
    answer = client.post("/account/erase", data={"csrf": answer_token, "email": last.email}, headers=SHOWN)
    assert answer.status_code in (409, 422)
    somebody(quiet, "Bea Admin", (Role.ADMINISTRATOR, it.PROGRAMME))
    erase(client, last)


def _file_place(quiet: Programme) -> str:
    part = next(each for each in assignment(quiet, "SEL2-v1").parts if each.id == "part-2")
    return "part-2/" + next(each.id for each in part.artefacts if "file" in each.kinds)


def traces(quiet: Programme, person: Person) -> list[str]:
    """Where the address or the name still stands, in tables and in files."""
    words = (person.email.casefold(), person.name.casefold())
    found = []
    for table, row in raw.everything(quiet.db):
        text = " ".join(
            each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in row
        ).casefold()
        found += [f"{table}: {text[:200]}" for word in words if word in text]
    for path in quiet.settings.data.rglob("*"):
        if path.is_file() and ".sqlite3" not in path.name:
            held = path.read_bytes().decode("utf-8", "replace").casefold()
            found += [
                f"{path.name}: {word}" for word in words if word in held or word in path.name.casefold()
            ]
    return found
