# SPDX-License-Identifier: Apache-2.0
"""Jobs that look at dates: reminders once each, the end, and files that nobody knows."""

from __future__ import annotations

import os
from datetime import timedelta

from earning.programme import Programme
from earning.work import applying, deadlines, reminders
from earning.work.applications import State
from service import mail
from service.accounts.people import Person
from tests.earning.house import NOW, somebody
from tests.earning.working import apply, fresh, put, said, season, send, upload, write


def subjects(programme: Programme, person: Person, kind: str) -> list[str]:
    with programme.db.reading() as session:
        return [
            each.subject for each in mail.listing(session, limit=99, person=person.id) if each.kind == kind
        ]


def test_e9_each_reminder_comes_once_and_leads_to_its_off_switch(programme: Programme) -> None:
    alex = somebody(programme)
    application = apply(programme, alex)
    for days in range(200, -3, -1):
        now = application.due_at - timedelta(days=days, hours=3)
        reminders.remind(programme, now)
        reminders.remind(programme, now)
    told = subjects(programme, alex, "reminder")
    assert [each.split(" for ")[0] for each in told] == ["1 day left", "7 days left", "30 days left"]
    with programme.db.reading() as session:
        newest = mail.listing(session, limit=1, person=alex.id)[0]
    assert newest.unsubscribe == f"/work/{application.id}/reminders"


def test_a_missed_reminder_is_told_late_with_the_days_that_are_left(programme: Programme) -> None:
    alex = somebody(programme)
    application = apply(programme, alex)
    assert reminders.remind(programme, application.due_at - timedelta(days=5)) == 1
    assert subjects(programme, alex, "reminder")[0].startswith("5 days left")
    assert reminders.remind(programme, application.due_at - timedelta(days=4)) == 0


def test_nobody_is_reminded_who_does_not_want_it_or_has_sent_it_in(programme: Programme) -> None:
    alex, bea = somebody(programme), somebody(programme, "Bea Educator")
    quiet, sent = apply(programme, alex), apply(programme, bea)
    applying.set_reminders(programme, quiet.id, person=alex.id, wanted=False)
    write(programme, sent)
    send(programme, sent, bea)
    assert reminders.remind(programme, quiet.due_at - timedelta(days=2)) == 0


def test_e27_a_season_that_ends_first_is_told_a_week_before_with_the_reason(programme: Programme) -> None:
    alex = somebody(programme)
    spring = season(programme, last=NOW.date() + timedelta(days=60))
    application = apply(programme, alex, season=spring.id)
    assert reminders.remind(programme, NOW + timedelta(days=40)) == 0
    assert reminders.remind(programme, NOW + timedelta(days=54)) == 1
    assert reminders.remind(programme, NOW + timedelta(days=55)) == 0
    with programme.db.reading() as session:
        found = mail.listing(session, limit=1, person=alex.id)[0]
        content = mail.content(session, found.id)
    assert found.subject.startswith("The season’s last day")
    assert content is not None
    assert "because it comes first" in content.text
    assert deadlines.ends_at(application) == application.due_at


def test_what_ran_out_ends_kindly_and_what_was_sent_never_does(programme: Programme) -> None:
    alex, bea = somebody(programme), somebody(programme, "Bea Educator")
    late, sent = apply(programme, alex), apply(programme, bea)
    write(programme, sent)
    send(programme, sent, bea)
    put(programme, sent, state=State.RETURNED)
    assert reminders.expire(programme, late.due_at) == 0
    after = late.due_at + timedelta(seconds=1)
    assert reminders.expire(programme, after) == 1
    assert reminders.expire(programme, after) == 0
    assert fresh(programme, late).state is State.EXPIRED
    assert fresh(programme, sent).state is State.RETURNED
    assert "you can ask for more" in subjects(programme, alex, "expired")[0]
    assert said(programme, late)[-1] == "application.expired"


def test_a_file_without_a_row_is_deleted_after_a_day(programme: Programme) -> None:
    application = apply(programme, somebody(programme))
    kept = upload(programme, application)
    lost = programme.files.put(b"of an upload that died", media_type="text/plain")
    for path in (programme.settings.data / "files").rglob("*"):
        if path.is_file():
            os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert reminders.tidy_files(programme, NOW + timedelta(hours=1)) == 0
    assert reminders.tidy_files(programme, NOW + timedelta(days=2)) == 1
    assert not programme.files.exists(lost.id)
    assert kept.file is not None
    assert programme.files.exists(kept.file)
