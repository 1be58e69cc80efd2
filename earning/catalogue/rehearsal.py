# SPDX-License-Identifier: Apache-2.0
"""Plays some months of the sample programme, so that every page of the demo has something to show.

Nothing is written past the rules: people apply, write, add evidence, send in, are reviewed, answer and are
awarded by the very steps that the pages take; only the time is given. Where somebody applied already, their
play is over: a second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from earning.catalogue.seed import samples
from earning.errors import LeaseError, NothingWaitingError
from earning.programme import Programme
from earning.review import awarding, conclude, review
from earning.review.readings import Draft
from earning.review.review import Finished
from earning.review.rubric import Rating
from earning.store import work as rows
from earning.work import applying, drafting, evidence, sending, work
from earning.work.drafting import Written
from earning.work.evidence import About
from earning.work.submissions import Statements
from issuer.micro_credential import Criterion
from issuer.toml_reader import Table, read_table
from service.accounts import people
from service.accounts.people import Person, Role

ANY: Final = "*"  # stands for the first criterion of the parts with a rubric


@dataclass(frozen=True, slots=True)
class Comment:
    """What is not met yet in a round."""

    criterion: str
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Round:
    """One submission. ``read`` is None while it waits, and 0 while somebody reads it; both in days ago."""

    sent: int
    read: int | None
    replies: str
    words: str
    shows_name: bool
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class Play:
    """One application from beginning to end, as far as it goes."""

    email: str
    code: str
    applied: int
    season: str | None
    text: tuple[str, ...]
    rounds: tuple[Round, ...]


def rehearse(programme: Programme, *, now: datetime) -> int:
    """Play everything, and return how many applications were made."""
    sample, chorus = plays()
    played = 0
    for each in (*sample, *_chorus(programme, chorus, now=now)):
        played += _play(programme, each, now=now)
    awarding.award(programme, now=now)
    return played


@dataclass(frozen=True, slots=True)
class Chorus:
    """People without a sign-in, who give the figures something to count."""

    people: int
    codes: tuple[str, ...]
    states: tuple[str, ...]


def plays() -> tuple[tuple[Play, ...], Chorus]:
    """Return the plays of the sample, and its chorus."""
    table = read_table((samples() / "rehearsal.toml").read_bytes(), name="rehearsal.toml")
    found = tuple(_read_play(each) for each in table.tables("play"))
    many = table.table("chorus")
    if many is None:
        raise table.wrong("chorus", "is missing")
    chorus = Chorus(
        many.optional_integer("people", low=0, high=1000) or 0,
        many.texts("codes", required=True),
        many.texts("states", required=True),
    )
    many.done()
    table.done()
    return found, chorus


def _chorus(programme: Programme, chorus: Chorus, *, now: datetime) -> Iterator[Play]:
    """Make the people of the chorus, and yield what each of them plays, the longest ago first."""
    for number in range(chorus.people):
        code = chorus.codes[number % len(chorus.codes)]
        email = f"educator{number + 1:02}@chorus.invalid"
        with programme.db.transaction() as session:
            if people.find_by_email(session, email) is None:
                people.create(
                    session,
                    email=email,
                    name=f"Chorus Educator {number + 1}",
                    job="ESPs" if code.startswith("PGC") else "teachers",
                    school=f"Chorus School {number % 9 + 1}",
                    local=f"Chorus Local {number % 4 + 1}",
                    state=chorus.states[number % len(chorus.states)],
                    is_member=number % 3 > 0,
                    confirmed_at=now,
                    now=now,
                )
        sent = 190 - number * 150 // max(1, chorus.people)
        waited = 3 + number * 7 % 15  # days until the answer
        passed = Round(sent, sent - waited, "", "", shows_name=False, comments=())
        comment = Comment(ANY, "Basic", "Nearly there. Show in one more place how this came about.")
        returned = replace(passed, comments=(comment,))
        again = Round(sent - waited - 10, sent - waited - 20, "Added.", "", shows_name=False, comments=())
        rounds = (passed,) if number % 5 < 2 else (returned, again)
        yield Play(email, code, sent + 20, season=None, text=(), rounds=rounds)


def _play(programme: Programme, play: Play, *, now: datetime) -> int:
    with programme.db.reading() as session:
        person = people.find_by_email(session, play.email)
    if person is None or any(
        each.version.startswith(f"{play.code}-v") for each in work.applications(programme, person.id)
    ):
        return 0
    applied = now - timedelta(days=play.applied)
    (made,) = applying.apply(
        programme, person, [play.code], season=play.season, zone=person.zone, now=applied
    )
    _write(programme, made.id, person, play, now=applied + timedelta(days=2))
    for number, each in enumerate(play.rounds):
        sent = now - timedelta(days=each.sent)
        with programme.db.transaction():  # one commit instead of five
            _send(programme, made.id, person, each, is_first=number == 0, now=sent)
        if each.read is not None:
            _read(programme, made.id, each, now=now - timedelta(days=each.read))
    return 1


def _write(programme: Programme, id: str, person: Person, play: Play, *, now: datetime) -> None:
    place = work.workplace(programme, id, person=person.id)
    written = {
        where: Written(text, base=0) for where, text in zip(place.places, play.text, strict=False) if text
    }
    if written:
        drafting.save(programme, id, person=person.id, written=written, now=now)


def _send(
    programme: Programme, id: str, person: Person, each: Round, *, is_first: bool, now: datetime
) -> None:
    if is_first:
        _fill(programme, id, person, now=now)
    replies = {
        f"reply/{criterion}": Written(each.replies, base=0)
        for criterion in work.workplace(programme, id, person=person.id).unanswered
    }
    if replies:
        drafting.save(programme, id, person=person.id, written=replies, now=now)
    stated = Statements(students=True, own_work=True, judged=True, ai="none")
    application = work.application(programme, id, person=person.id)
    sending.submit(
        programme,
        id,
        stated,
        person=person,
        revision=application.revision,
        shows_name=each.shows_name,
        now=now,
    )


def _fill(programme: Programme, id: str, person: Person, *, now: datetime) -> None:
    """Put something where nothing is yet: a sentence where one may write, else a small file."""
    place = work.workplace(programme, id, person=person.id)
    empty = [gap.place for gap in place.gaps]
    written = {
        where: Written(f"Sample text for “{_noun(where)}”, as short as a sample may be.", base=0)
        for where in empty
        if where in place.places
    }
    drafting.save(programme, id, person=person.id, written=written, now=now)
    about = About(
        description="A sample, written for the demo.", made_on=str((now - timedelta(days=7)).date())
    )
    for where in empty:
        if where not in written:
            data = f"Sample artefact: {_noun(where)}.\nWritten for the demo.\n".encode()
            evidence.add_file(
                programme,
                id,
                where,
                person=person.id,
                data=data,
                claimed_name="sample.txt",
                about=about,
                now=now,
            )


def _noun(place: str) -> str:
    return place.partition("/")[2].replace("-", " ")


def _read(programme: Programme, id: str, each: Round, *, now: datetime) -> None:
    """Let reviewers read the submission that waits, until there is a decision or nobody is left."""
    with programme.db.reading() as session:
        waiting = rows.submissions(session, id)[-1].id
        reviewers = _reviewers(session)
    for reviewer in reviewers:
        try:
            taken = review.lease(programme, reviewer, submission=waiting, now=now - timedelta(hours=2))
        except (NothingWaitingError, LeaseError):
            continue
        if each.read == 0:
            return
        with programme.db.reading() as session:
            open_ones = conclude.load(programme, session, waiting).rubric.open
        draft = Draft(ratings=_ratings(open_ones, each), words=each.words)
        review.rate(programme, reviewer, taken.id, draft, now=now)
        done: Finished = review.finish(programme, reviewer, taken.id, now=now)
        if done.is_decided:
            return


def _reviewers(session: object) -> tuple[Person, ...]:
    found = {
        person.id: person
        for organisation in ("example-education", "example-state")
        for person in people.every_with(session, Role.REVIEWER, organisation)  # type: ignore[arg-type]
    }
    return tuple(sorted(found.values(), key=lambda person: person.email, reverse=True))


def _ratings(criteria: tuple[Criterion, ...], each: Round) -> Mapping[str, Rating]:
    by_rubric = next((one.id for one in criteria if len(one.levels) > 2), None)
    unmet = {by_rubric if one.criterion == ANY else one.criterion: one for one in each.comments}
    return {
        one.id: Rating(unmet[one.id].level, unmet[one.id].text)
        if one.id in unmet
        else Rating(one.required or one.levels[-1][0])
        for one in criteria
    }


def _read_play(table: Table) -> Play:
    play = Play(
        email=table.text("email"),
        code=table.text("code"),
        applied=table.optional_integer("applied", low=0, high=1000) or 0,
        season=table.optional_text("season"),
        text=table.texts("text"),
        rounds=tuple(_rounds(table)),
    )
    table.done()
    return play


def _rounds(table: Table) -> Iterator[Round]:
    for item in table.tables("round"):
        comments = []
        for said in item.tables("comment"):
            comments.append(Comment(said.text("criterion"), said.text("level"), said.text("text")))
            said.done()
        yield Round(
            sent=item.optional_integer("sent", low=0, high=1000) or 0,
            read=item.optional_integer("read", low=0, high=1000),
            replies=item.optional_text("replies") or "",
            words=item.optional_text("words") or "",
            shows_name=item.boolean("shows_name", default=False),
            comments=tuple(comments),
        )
        item.done()
