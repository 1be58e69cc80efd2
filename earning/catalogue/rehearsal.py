# SPDX-License-Identifier: Apache-2.0
"""Plays some months of the sample programme, so that every page of the demo has something to show.

Nothing is written past the rules: people apply, write, add evidence, send in, are reviewed, answer and are
awarded by the very steps that the pages take; only the time is given. Where somebody applied already, their
play is over: a second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from earning.catalogue.plays import ANY, Chorus, Comment, Link, Play, Round, plays
from earning.errors import LeaseError, NothingWaitingError
from earning.programme import Programme
from earning.review import awarding, conclude, review
from earning.review.readings import Draft
from earning.review.review import Finished
from earning.review.rubric import Rating
from earning.sharing import evaluator_link, evaluator_links
from earning.sharing import evidence as sharing_evidence
from earning.store import work as rows
from earning.work import applying, drafting, evidence, sending, work
from earning.work.applications import State
from earning.work.drafting import Written
from earning.work.evidence import About
from earning.work.submissions import LINK, PUBLIC, Statements
from issuer.micro_credential import Criterion
from service.accounts import people
from service.accounts.people import Person, Role


def rehearse(programme: Programme, *, now: datetime) -> int:
    """Play everything, and return how many applications were made."""
    sample, chorus = plays()
    played = []
    for each in (*sample, *_chorus(programme, chorus, now=now)):
        made = _play(programme, each, now=now)
        if made is not None:
            played.append((each, *made))
    awarding.award(programme, now=now)
    for each, id, pieces in played:
        _share(programme, id, each, pieces, now=now)
    return len(played)


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


def _play(programme: Programme, play: Play, *, now: datetime) -> tuple[str, Mapping[str, str]] | None:
    """Play one application, and return its id and who sees its pieces; None if it was played before."""
    with programme.db.reading() as session:
        person = people.find_by_email(session, play.email)
    if person is None or any(
        each.version.startswith(f"{play.code}-v") for each in work.applications(programme, person.id)
    ):
        return None
    applied = now - timedelta(days=play.applied)
    (made,) = applying.apply(
        programme, person, [play.code], season=play.season, zone=person.zone, now=applied
    )
    _write(programme, made.id, person, play, now=applied + timedelta(days=2))
    pieces = _add(programme, made.id, person, play, now=applied + timedelta(days=3))
    public = tuple(id for id, disclosure in pieces.items() if disclosure == PUBLIC)
    for number, each in enumerate(play.rounds):
        sent = now - timedelta(days=each.sent)
        with programme.db.transaction():  # one commit instead of five
            _send(programme, made.id, person, each, public, is_first=number == 0, now=sent)
        if each.read is not None:
            _read(programme, made.id, each, now=now - timedelta(days=each.read))
    return made.id, pieces


def _write(programme: Programme, id: str, person: Person, play: Play, *, now: datetime) -> None:
    place = work.workplace(programme, id, person=person.id)
    written = {
        where: Written(text, base=0) for where, text in zip(place.places, play.text, strict=False) if text
    }
    if written:
        drafting.save(programme, id, person=person.id, written=written, now=now)


def _add(programme: Programme, id: str, person: Person, play: Play, *, now: datetime) -> Mapping[str, str]:
    """Add the pieces of a play, and return who may see each of them after the award, by their ids."""
    pieces = {}
    for each in play.pieces:
        piece = evidence.add_file(
            programme,
            id,
            each.place,
            person=person.id,
            data=each.text.strip().encode() + b"\n",
            claimed_name="sample.txt",
            about=About(description="A sample, written for the demo."),
            now=now,
        )
        pieces[piece.id] = each.disclosure
    return pieces


def _share(programme: Programme, id: str, play: Play, pieces: Mapping[str, str], *, now: datetime) -> None:
    """Show by link what is to be shown so, and make and use the links of a play that ended in an award."""
    with programme.db.reading() as session:
        person = people.find_by_email(session, play.email)
        application = rows.any_application(session, id)
    if person is None or application is None or application.state is not State.AWARDED:
        return
    for piece, disclosure in pieces.items():
        if disclosure == LINK:
            sharing_evidence.change(programme, id, piece, person=person.id, disclosure=LINK, now=now)
    for link in play.links:
        _use(programme, id, link, person, (None, *pieces), now=now)


def _use(
    programme: Programme,
    id: str,
    link: Link,
    person: Person,
    pieces: Sequence[str | None],
    *,
    now: datetime,
) -> None:
    made = now - timedelta(days=link.made)
    fields = evaluator_link.Fields(
        link.label, (made + timedelta(days=link.lasts)).date(), link.shows_name, link.shows_answers
    )
    token = evaluator_links.make(
        programme, id, fields, person=person, id=evaluator_links.fresh_id(), now=made
    )
    for number, days in enumerate(link.uses):
        used = now - timedelta(days=days)
        opened, _ = evaluator_links.opened(programme, token, now=used)
        evaluator_links.note_use(programme, opened, pieces[number % len(pieces)], now=used)


def _send(
    programme: Programme,
    id: str,
    person: Person,
    each: Round,
    public: tuple[str, ...],
    *,
    is_first: bool,
    now: datetime,
) -> None:
    if is_first:
        _fill(programme, id, person, now=now)
    replies = {
        f"reply/{criterion}": Written(each.replies, base=0)
        for criterion in work.workplace(programme, id, person=person.id).unanswered
    }
    if replies:
        drafting.save(programme, id, person=person.id, written=replies, now=now)
    stated = Statements(students=True, own_work=True, judged=True, ai="none", publish=bool(public))
    application = work.application(programme, id, person=person.id)
    sending.submit(
        programme,
        id,
        stated,
        person=person,
        revision=application.revision,
        shows_name=each.shows_name,
        public=public,
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
