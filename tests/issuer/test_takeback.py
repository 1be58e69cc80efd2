# SPDX-License-Identifier: Apache-2.0
"""Taking back many: tried out, agreed to, under review for a day, withdrawn or as before (threats I3)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from issuer import publish, reissue, revocation, status_job
from issuer.award import AwardState
from issuer.errors import (
    NoSuchTakebackError,
    TakebackChangedError,
    TakebackCountError,
    TakebackRequestError,
    TakebackSecondPersonError,
    TakebackStateError,
)
from issuer.mint import Mint
from issuer.reissue import Cause, Correction
from issuer.revocation import Decision, Reason
from issuer.takeback import judging, looking, reading, steps, trial, working
from issuer.takeback.takeback import (
    AT_ONCE,
    PROPOSED_DAYS,
    TRIAL_DAYS,
    TRIAL_JOB,
    TRYING,
    UNDO,
    LineState,
    Outlook,
    Selection,
    Takeback,
    TakebackState,
)
from issuer.takeback.trial import Order, try_out
from service import audit
from service.errors import IdempotencyKeyReusedError
from tests.issuer.house import NOW, issued, open_mint, verdict
from tests.issuer.taking_back import (
    EDUCATION,
    FIRST,
    MANY,
    SECOND,
    THIRD,
    begun,
    keys_of,
    lines,
    officers,
    seen,
    states,
    stock,
    take_suspension_entry,
    tried,
    unfinished,
)

LATER = NOW + UNDO


@pytest.fixture(scope="module")
def stocked(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = Path(shutil.copytree(template, tmp_path_factory.mktemp("stocked") / "data"))
    mint = open_mint(folder)
    bulk = stock(mint)
    officers(mint)
    mint.db.close()
    return folder, bulk


@pytest.fixture
def folder(stocked: tuple[Path, str], tmp_path: Path) -> Path:
    return Path(shutil.copytree(stocked[0], tmp_path / "data"))


@pytest.fixture
def mint(folder: Path) -> Iterator[Mint]:
    opened = open_mint(folder)
    yield opened
    opened.db.close()


@pytest.fixture
def bulk(stocked: tuple[Path, str]) -> str:
    return stocked[1]


@pytest.fixture
def keys(mint: Mint, bulk: str) -> tuple[str, ...]:
    return keys_of(mint, bulk)


def between(mint: Mint, part: int, act: Callable[[Takeback], object]) -> Mint:
    """Let something happen after a part of a dry run is committed, and before the next one."""
    parts: list[str] = []

    def reached(step: str) -> None:
        parts.append(step)
        if parts == [trial.STEP] * part:
            act(looking.every(mint, (EDUCATION,), limit=1)[0])

    return replace(mint, reached=reached)


def decide(mint: Mint, key: str, state: AwardState, *, now: datetime = NOW) -> None:
    revocation.decide(mint, key, Decision(state, Reason.OTHER, public_reason="By a person."), now=now)


# -- the dry run ------------------------------------------------------------------------------------------


def test_a_dry_run_says_of_every_line_what_would_happen_and_changes_nothing(
    mint: Mint, keys: tuple[str, ...]
) -> None:
    link = f"{mint.public_url}/credentials/"
    take_suspension_entry(mint, keys[1])
    decide(mint, keys[2], AwardState.SUSPENDED)
    decide(mint, keys[3], AwardState.REVOKED)
    with mint.db.reading() as session:
        before = audit.head(session).number
    found = tried(
        mint,
        [
            keys[0],
            link + keys[1],
            link + keys[2] + ".json",
            keys[3],
            "nobody",
            link + keys[0],
            "s4",
            keys[5].upper(),
        ],
    )
    assert [each.outlook for each in lines(mint, found)] == [
        Outlook.SUSPEND,
        Outlook.NO_SUSPENSION,
        Outlook.UNDER_REVIEW,
        Outlook.WITHDRAWN,
        Outlook.UNKNOWN,
        Outlook.REPEATED,
        Outlook.SUSPEND,
        Outlook.SUSPEND,
    ]
    assert (found.lines, found.number, found.state) == (8, 5, TakebackState.TRIAL)
    view = seen(mint, found)
    assert (view.bad, view.total, view.earners) == (3, 5, 3)  # two people have two each
    assert states(mint, keys) == {AwardState.ISSUED: MANY - 2, AwardState.SUSPENDED: 1, AwardState.REVOKED: 1}
    with mint.db.reading() as session:
        assert audit.head(session).number == before + 1  # that somebody tried it


def test_another_organisations_and_what_is_not_signed_are_told_apart(
    mint: Mint, keys: tuple[str, ...]
) -> None:
    found = tried(mint, [keys[0]], organisation="example-state")
    (line,) = lines(mint, found)
    assert line.outlook is Outlook.ELSEWHERE
    assert found.number == 0
    # A submission is nobody else's business: of another organisation it is as good as unknown.
    (line,) = lines(mint, tried(mint, ["s0"], organisation="example-state"))
    assert line.outlook is Outlook.UNKNOWN
    with pytest.raises(TakebackStateError):
        steps.start(mint, found.id, number=0, actor=FIRST, now=NOW)


def test_an_older_issue_stands_for_the_award_and_all_its_issues_are_met(
    mint: Mint, keys: tuple[str, ...]
) -> None:
    new = reissue.reissue(
        mint, keys[0], reason=Cause.NAME_CORRECTED, correction=Correction(name="Ada New"), now=NOW
    )
    found = begun(mint, [keys[0], new.key])
    first, second = lines(mint, found)
    assert (first.key, first.issues, second.outlook) == (new.key, 1, Outlook.REPEATED)
    assert "issued again" in first.sentence
    old = publish.find(mint, keys[0])
    assert [verdict(mint, each.signed_json) for each in (old, new)] == ["suspended", "suspended"]
    working.work(mint, now=LATER)
    assert [verdict(mint, each.signed_json, now=LATER) for each in (old, new)] == ["revoked", "revoked"]


def test_selections_find_a_bulk_a_version_and_days(mint: Mint, bulk: str, keys: tuple[str, ...]) -> None:
    extra = issued(mint, achievement="SEL2-v1", submission="another", now=NOW + timedelta(hours=2))
    for selection, number in (
        (Selection(bulk=bulk), MANY),
        (Selection(achievement="SEL2-v1"), 1),
        (Selection(achievement="SEL1-v1"), MANY),
        (Selection(since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=3)), 1),
        (Selection(since=NOW, until=NOW + timedelta(hours=2)), MANY),
        (Selection(since=NOW, achievement="SEL1-v1", bulk=bulk), MANY),
    ):
        found = tried(mint, (), chosen=selection)
        assert found.number == number, selection
    assert {each.key for each in lines(mint, tried(mint, (), chosen=Selection(bulk=bulk)))} == set(keys)
    assert extra.key not in keys
    for nothing in (Selection(), Selection(bulk="none"), Selection(since=NOW, until=NOW)):
        with pytest.raises(TakebackRequestError):
            tried(mint, (), chosen=nothing)
    with pytest.raises(TakebackRequestError):  # another organisation's bulk is as good as none
        tried(mint, (), chosen=Selection(bulk=bulk), organisation="example-state")


def test_an_order_without_reason_or_public_sentence_is_refused(mint: Mint, keys: tuple[str, ...]) -> None:
    for wrong in (
        {"reason": "under-review"},
        {"reason": "because"},
        {"reason": Reason.OTHER},
        {"public_reason": "x" * 501},
        {"note": "x" * 2_001},
    ):
        with pytest.raises(TakebackRequestError):
            tried(mint, keys[:1], **wrong)


def test_the_same_request_again_gives_the_same_dry_run(mint: Mint, keys: tuple[str, ...]) -> None:
    order = Order(EDUCATION, reading.of([keys[0]]), "one", Reason.EVIDENCE)
    first, is_new = try_out(mint, order, now=NOW, actor=FIRST, idempotency_key="k", digest="d")
    again, is_again = try_out(mint, order, now=NOW, actor=FIRST, idempotency_key="k", digest="d")
    assert (first.id, is_new, is_again) == (again.id, True, False)
    with pytest.raises(IdempotencyKeyReusedError):
        try_out(mint, order, now=NOW, actor=FIRST, idempotency_key="k", digest="other")
    assert try_out(mint, order, now=NOW, actor=SECOND, idempotency_key="k", digest="d")[1]


def test_a_dry_run_that_was_killed_is_begun_again_and_what_nobody_finishes_is_forgotten(
    mint: Mint, keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "JUDGED", 5)
    order = Order(EDUCATION, reading.of(list(keys)), "some", Reason.EVIDENCE)
    with pytest.raises(KeyboardInterrupt):
        try_out(between(mint, 2, _killed), order, now=NOW, actor=FIRST, idempotency_key="k", digest="d")
    found, is_new = try_out(mint, order, now=NOW, actor=FIRST, idempotency_key="k", digest="d")
    assert (found.state, is_new, seen(mint, found).done) == (TakebackState.TRYING, False, 10)
    assert trial.work_all(mint, now=NOW) == 0  # it may be on its way still
    assert trial.work_all(mint, now=NOW + 2 * trial.LEASE) == MANY
    view = seen(mint, found)
    assert (view.takeback.state, view.takeback.number, len(lines(mint, found))) == ("trial", MANY, MANY)
    unfinished(mint, found.id, now=NOW)
    assert working.tidy(mint, now=NOW + TRYING) == 0
    assert working.tidy(mint, now=NOW + TRYING + timedelta(seconds=1)) == 1
    assert lines(mint, found) == ()


def _killed(_found: Takeback) -> None:
    raise KeyboardInterrupt


def test_who_comes_back_after_the_lease_writes_nothing_any_more(
    mint: Mint, keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "JUDGED", 5)
    late = between(mint, 2, lambda _found: trial.work_all(mint, now=NOW + 2 * trial.LEASE))
    with pytest.raises(TakebackStateError):
        tried(late, keys)
    (found,) = looking.every(mint, (EDUCATION,), limit=9)
    assert (found.state, found.lines, len(lines(mint, found))) == (TakebackState.TRIAL, MANY, MANY)


def test_many_lines_are_tried_out_by_the_job_and_the_way_there_is_told(
    mint: Mint, keys: tuple[str, ...], bulk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(trial, "AT_ONCE", MANY - 1)
    watched = replace(mint, ring=rung.append)
    for chosen in (reading.of(list(keys)), Selection(bulk=bulk)):
        found = tried(watched, (), chosen=chosen)
        view = seen(mint, found)
        assert (found.state, view.done, view.total) == (TakebackState.TRYING, 0, MANY)
        with pytest.raises(TakebackStateError):
            steps.start(mint, found.id, number=MANY, actor=FIRST, now=NOW)
        assert trial.work_all(mint, now=NOW) == MANY
        assert seen(mint, found).takeback.number == MANY
    assert rung == [TRIAL_JOB, TRIAL_JOB]
    told: list[tuple[int, int]] = []
    order = Order(EDUCATION, reading.of(list(keys)), "some", Reason.EVIDENCE)
    try_out(watched, order, now=NOW, actor=FIRST, progress=lambda done, of: told.append((done, of)))
    assert (told[-1], len(rung)) == ((MANY, MANY), 2)


def test_many_dry_runs_of_one_maker_wait_and_no_more(
    mint: Mint, keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "AT_ONCE", 0)
    for _ in range(trial.UNTRIED_MAX):
        tried(mint, keys[:1])
    with pytest.raises(TakebackStateError, match="not at their end"):
        tried(mint, keys[:1])
    assert tried(mint, keys[:1], actor=SECOND).state is TakebackState.TRYING


def test_what_is_cancelled_while_it_is_written_gets_no_more_lines(
    mint: Mint, keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "JUDGED", 5)
    with pytest.raises(TakebackStateError):
        tried(between(mint, 2, lambda found: steps.cancel(mint, found.id, actor=SECOND, now=NOW)), keys)
    (found,) = looking.every(mint, (EDUCATION,), limit=9)
    assert (found.state, len(lines(mint, found))) == (TakebackState.CANCELLED, 10)
    assert trial.work_all(mint, now=LATER) == 0


def test_too_large_a_selection_leaves_nothing_that_could_be_started(
    mint: Mint, bulk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "NUMBER", MANY - 1)
    with pytest.raises(TakebackRequestError, match="Choose fewer"):
        tried(mint, (), chosen=Selection(bulk=bulk))
    assert looking.every(mint, None, limit=9) == ()
    with mint.db.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM issuer_takeback_lines")) == 0
    monkeypatch.setattr(trial, "NUMBER", MANY)
    assert tried(mint, (), chosen=Selection(bulk=bulk)).number == MANY


def test_the_figures_that_are_told_are_of_what_is_still_taken_back(mint: Mint, keys: tuple[str, ...]) -> None:
    found = begun(mint, keys[:4])
    assert seen(mint, found).earners == 3
    for line in lines(mint, found)[:2]:
        steps.undo_line(mint, found.id, line.number, actor=FIRST, now=NOW)
    assert seen(mint, found).earners == 2
    steps.undo(mint, found.id, actor=FIRST, now=NOW)
    working.work(mint, now=NOW)
    assert seen(mint, found).earners == 0


# -- starting and agreeing --------------------------------------------------------------------------------


def test_up_to_twenty_five_go_on_at_once_and_one_more_waits_for_a_second_person(
    mint: Mint, keys: tuple[str, ...]
) -> None:
    small = tried(mint, keys[:25])
    assert steps.start(mint, small.id, number=25, actor=FIRST, now=NOW).state is TakebackState.SUSPENDING
    large = tried(mint, keys)  # the same ones, not yet under review
    found = steps.start(mint, large.id, number=_number(mint, large), actor=FIRST, now=NOW)
    assert found.state is TakebackState.PROPOSED
    assert working.work(mint, now=NOW) == 25
    assert states(mint, keys) == {AwardState.SUSPENDED: 25, AwardState.ISSUED: 5}


def _number(mint: Mint, found: Takeback) -> int:
    return judging.again(mint, found).number


def test_only_the_number_that_it_is_about_confirms(mint: Mint, keys: tuple[str, ...]) -> None:
    found = tried(mint, keys)
    for wrong in (None, 0, 29, 31):
        with pytest.raises(TakebackCountError):
            steps.start(mint, found.id, number=wrong, actor=FIRST, now=NOW)
    steps.start(mint, found.id, number=MANY, actor=FIRST, now=NOW)
    for wrong in (None, 29):
        with pytest.raises(TakebackCountError):
            steps.approve(mint, found.id, number=wrong, actor=SECOND, now=NOW)
    with pytest.raises(TakebackStateError):
        steps.start(mint, found.id, number=MANY, actor=FIRST, now=NOW)
    assert states(mint, keys) == {AwardState.ISSUED: MANY}


def test_what_changed_since_the_dry_run_is_asked_again(mint: Mint, keys: tuple[str, ...]) -> None:
    found = tried(mint, keys)
    decide(mint, keys[0], AwardState.REVOKED)
    with pytest.raises(TakebackChangedError) as caught:
        steps.start(mint, found.id, number=MANY, actor=FIRST, now=NOW)
    assert caught.value.expected == MANY - 1
    steps.start(mint, found.id, number=MANY - 1, actor=FIRST, now=NOW)
    decide(mint, keys[1], AwardState.REVOKED)
    with pytest.raises(TakebackChangedError):
        steps.approve(mint, found.id, number=MANY - 1, actor=SECOND, now=NOW)
    assert lines(mint, found)[1].outlook is Outlook.WITHDRAWN
    steps.approve(mint, found.id, number=MANY - 2, actor=SECOND, now=NOW)
    assert working.work(mint, now=NOW) == MANY - 2


def test_the_table_itself_refuses_one_person_alone(mint: Mint, keys: tuple[str, ...]) -> None:
    found = tried(mint, keys)
    for change in (
        "state = 'suspending'",
        "state = 'revoking', needs_second = FALSE",
        "proposed_by = 'person:a', approved_by = 'person:a'",
        "approved_by = 'person:a'",
        "hasten_by = 'person:a', hastened_by = 'person:a'",
    ):
        with pytest.raises(IntegrityError), mint.db.transaction() as session:
            session.execute(text(f"UPDATE issuer_takebacks SET {change} WHERE id = :id"), {"id": found.id})  # noqa: S608


def test_what_is_cancelled_before_it_is_agreed_to_changes_nothing(mint: Mint, keys: tuple[str, ...]) -> None:
    found = tried(mint, keys)
    steps.start(mint, found.id, number=MANY, actor=FIRST, now=NOW)
    steps.cancel(mint, found.id, actor=FIRST, now=NOW)
    assert steps.cancel(mint, found.id, actor=SECOND, now=NOW).ended_by == FIRST
    with pytest.raises(TakebackStateError):
        steps.approve(mint, found.id, number=MANY, actor=SECOND, now=NOW)
    assert working.work(mint, now=LATER) == 0
    assert states(mint, keys) == {AwardState.ISSUED: MANY}
    running = begun(mint, keys)
    with pytest.raises(TakebackStateError):
        steps.cancel(mint, running.id, actor=FIRST, now=NOW)


# -- the window -------------------------------------------------------------------------------------------


def test_all_are_under_review_at_once_and_withdrawn_when_the_window_ends(
    mint: Mint, keys: tuple[str, ...]
) -> None:
    found = begun(mint, keys, public_reason="It was awarded twice.", note="ticket 7")
    assert (found.state, found.ends_at) == (TakebackState.SUSPENDED, NOW + UNDO)
    assert states(mint, keys) == {AwardState.SUSPENDED: MANY}
    some = publish.find(mint, keys[7])
    assert verdict(mint, some.signed_json) == "suspended"
    change = revocation.last_change(mint, some.key)
    assert change is not None
    assert change.public_reason == "The issuer is reviewing it."
    assert working.work(mint, now=LATER - timedelta(seconds=1)) == 0
    assert working.work(mint, now=LATER) == MANY
    assert states(mint, keys) == {AwardState.REVOKED: MANY}
    change = revocation.last_change(mint, some.key)
    assert change is not None
    assert (change.public_reason, change.note) == ("It was awarded twice.", "ticket 7")
    assert change.actor == f"takeback:{found.id}"
    assert seen(mint, found).takeback.state is TakebackState.DONE
    assert working.work(mint, now=LATER) == 0


def test_undone_within_the_window_everything_is_as_before(mint: Mint, keys: tuple[str, ...]) -> None:
    take_suspension_entry(mint, keys[1])
    decide(mint, keys[2], AwardState.SUSPENDED)
    found = begun(mint, keys)
    assert states(mint, keys) == {AwardState.SUSPENDED: MANY - 1, AwardState.ISSUED: 1}
    steps.undo(mint, found.id, actor=THIRD, now=LATER - timedelta(seconds=1))
    working.work(mint, now=LATER)
    assert states(mint, keys) == {AwardState.ISSUED: MANY - 1, AwardState.SUSPENDED: 1}
    view = seen(mint, found)
    assert (view.takeback.state, view.states[LineState.UNDONE]) == (TakebackState.UNDONE, MANY)
    assert verdict(mint, publish.find(mint, keys[7]).signed_json, now=LATER) == "valid"
    steps.undo(mint, found.id, actor=THIRD, now=LATER)  # again: the same
    assert working.work(mint, now=LATER + UNDO) == 0


def test_an_undo_ends_every_review_that_it_began_whatever_its_lines_say(
    mint: Mint, keys: tuple[str, ...]
) -> None:
    decide(mint, keys[1], AwardState.SUSPENDED)
    found = begun(mint, keys[:4])
    changes = "state = 'waiting', outlook = 'under-review', last_change = 0"
    with mint.db.transaction() as session:
        session.execute(text(f"UPDATE issuer_takeback_lines SET {changes}"))  # noqa: S608
    decide(mint, keys[3], AwardState.ISSUED)
    decide(mint, keys[3], AwardState.SUSPENDED)
    steps.undo(mint, found.id, actor=FIRST, now=NOW)
    working.work(mint, now=NOW)
    assert [publish.find(mint, key).state for key in keys[:4]] == [
        AwardState.ISSUED,
        AwardState.SUSPENDED,
        AwardState.ISSUED,
        AwardState.SUSPENDED,
    ]


def test_a_single_one_is_undone_and_the_others_go_on(mint: Mint, keys: tuple[str, ...]) -> None:
    take_suspension_entry(mint, keys[1])
    found = begun(mint, keys)
    for number in (1, 2, 2):
        steps.undo_line(mint, found.id, number, actor=SECOND, now=NOW)
    with pytest.raises(NoSuchTakebackError):
        steps.undo_line(mint, found.id, 99, actor=SECOND, now=NOW)
    working.work(mint, now=LATER)
    assert states(mint, keys[:2]) == {AwardState.ISSUED: 2}
    assert states(mint, keys[2:]) == {AwardState.REVOKED: MANY - 2}
    with pytest.raises(TakebackStateError):
        steps.undo_line(mint, found.id, 3, actor=SECOND, now=LATER)
    with pytest.raises(TakebackStateError):
        steps.undo(mint, found.id, actor=SECOND, now=LATER)


def test_without_suspension_entry_it_stays_in_force_until_the_window_ends(
    mint: Mint, keys: tuple[str, ...]
) -> None:
    take_suspension_entry(mint, keys[0])
    found = begun(mint, keys[:3])
    assert states(mint, keys[:3]) == {AwardState.ISSUED: 1, AwardState.SUSPENDED: 2}
    assert seen(mint, found).states[LineState.WAITING] == 1
    working.work(mint, now=LATER)
    assert states(mint, keys[:3]) == {AwardState.REVOKED: 3}


def test_what_a_person_decided_meanwhile_stays_as_decided_and_is_said(
    mint: Mint, keys: tuple[str, ...]
) -> None:
    for key in keys[4:6]:
        take_suspension_entry(mint, key)
    found = begun(mint, keys)
    decide(mint, keys[0], AwardState.REVOKED)
    decide(mint, keys[1], AwardState.ISSUED)
    for state in (AwardState.ISSUED, AwardState.SUSPENDED):  # a review of its own
        decide(mint, keys[2], state)
    reissue.reissue(mint, keys[4], reason=Cause.KEY_REPLACED, now=NOW)
    working.work(mint, now=LATER)
    assert [publish.find(mint, key).state for key in keys[:6]] == [
        AwardState.REVOKED,
        AwardState.ISSUED,
        AwardState.SUSPENDED,
        AwardState.REVOKED,
        AwardState.SUPERSEDED,
        AwardState.REVOKED,
    ]
    found_lines = lines(mint, found)
    assert [each.state for each in found_lines[:6]] == [
        LineState.KEPT,
        LineState.KEPT,
        LineState.KEPT,
        LineState.REVOKED,
        LineState.KEPT,
        LineState.REVOKED,
    ]
    assert "in force" in found_lines[1].sentence
    assert "issued again" in found_lines[4].sentence
    change = revocation.last_change(mint, keys[0])
    assert change is not None
    assert change.public_reason == "By a person."


def test_what_a_person_decided_is_left_by_an_undo_too(mint: Mint, keys: tuple[str, ...]) -> None:
    found = begun(mint, keys[:5])
    decide(mint, keys[0], AwardState.REVOKED)
    decide(mint, keys[1], AwardState.ISSUED)
    decide(mint, keys[1], AwardState.SUSPENDED)
    steps.undo(mint, found.id, actor=FIRST, now=NOW)
    working.work(mint, now=NOW)
    assert [publish.find(mint, key).state for key in keys[:3]] == [
        AwardState.REVOKED,
        AwardState.SUSPENDED,
        AwardState.ISSUED,
    ]


def test_no_credential_is_in_two_takebacks(mint: Mint, keys: tuple[str, ...]) -> None:
    begun(mint, keys[:5])
    found = tried(mint, keys[4:6])
    assert [each.outlook for each in lines(mint, found)] == [Outlook.IN_ANOTHER, Outlook.SUSPEND]
    two = [tried(mint, keys[6:8]) for _ in range(2)]
    steps.start(mint, two[0].id, number=2, actor=FIRST, now=NOW)
    with pytest.raises(TakebackChangedError):
        steps.start(mint, two[1].id, number=2, actor=FIRST, now=NOW)


def test_at_once_needs_two_and_the_words_of_both(mint: Mint, keys: tuple[str, ...]) -> None:
    found = tried(mint, keys[:3])
    with pytest.raises(TakebackCountError):
        steps.start(mint, found.id, number=3, actor=FIRST, now=NOW, hasten="now")
    found = steps.start(mint, found.id, number=3, actor=FIRST, now=NOW, hasten=" At  once ")
    assert found.state is TakebackState.PROPOSED
    with pytest.raises(TakebackSecondPersonError):
        steps.approve(mint, found.id, number=3, actor=FIRST, now=NOW, hasten=AT_ONCE)
    with pytest.raises(TakebackCountError):
        steps.approve(mint, found.id, number=3, actor=SECOND, now=NOW)
    steps.approve(mint, found.id, number=3, actor=SECOND, now=NOW, hasten=AT_ONCE)
    with pytest.raises(TakebackStateError):
        steps.undo(mint, found.id, actor=SECOND, now=NOW)
    working.work(mint, now=NOW)
    assert states(mint, keys[:3]) == {AwardState.REVOKED: 3}


def test_an_open_window_is_shortened_by_two(mint: Mint, keys: tuple[str, ...]) -> None:
    found = begun(mint, keys[:3])
    with pytest.raises(TakebackCountError):
        steps.hasten(mint, found.id, words="please", actor=FIRST, now=NOW)
    steps.hasten(mint, found.id, words=AT_ONCE, actor=FIRST, now=NOW)
    with pytest.raises(TakebackSecondPersonError):
        steps.hasten(mint, found.id, words=AT_ONCE, actor=FIRST, now=NOW)
    assert working.work(mint, now=NOW) == 0
    steps.hasten(mint, found.id, words=AT_ONCE, actor=SECOND, now=NOW)
    working.work(mint, now=NOW)
    assert states(mint, keys[:3]) == {AwardState.REVOKED: 3}


# -- the job ----------------------------------------------------------------------------------------------


class StoppedError(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("step", working.STEPS)
def test_stopped_anywhere_it_goes_on_from_there(mint: Mint, keys: tuple[str, ...], step: str) -> None:
    take_suspension_entry(mint, keys[0])
    found = tried(mint, keys[:10])
    steps.start(mint, found.id, number=10, actor=FIRST, now=NOW)

    def stop(reached: str) -> None:
        if reached == step:
            raise StoppedError

    stopping = replace(mint, reached=stop)
    for moment in (NOW, LATER):
        stops = 0
        while stops < 9:
            try:
                working.work(stopping, now=moment)
            except StoppedError:
                stops += 1
            else:
                break
        assert 0 < stops < 9
    assert states(mint, keys[:10]) == {AwardState.REVOKED: 10}
    with mint.db.reading() as session:
        changes = session.execute(
            text("SELECT state, count(*) FROM issuer_status_changes GROUP BY state ORDER BY state")
        )
        assert [tuple(row) for row in changes] == [("revoked", 10), ("suspended", 9)]


def test_whoever_counts_awards_hears_of_each_once_it_is_published(mint: Mint, keys: tuple[str, ...]) -> None:
    heard: list[str] = []

    def hear(credential_ids: Sequence[str], /, *, now: datetime) -> None:
        assert not mint.db.in_transaction
        heard.extend(credential_ids)

    rung: list[str] = []
    listening = replace(mint, status_changed=hear, ring=rung.append)
    found = begun(listening, keys[:4])
    assert "status-lists" in rung
    status_job.work(listening, now=NOW, pause=lambda _seconds: None)
    assert len(heard) == 4
    steps.undo_line(listening, found.id, 1, actor=FIRST, now=NOW)
    steps.undo(listening, found.id, actor=FIRST, now=NOW)
    working.work(listening, now=NOW)
    status_job.work(listening, now=NOW + timedelta(seconds=2), pause=lambda _seconds: None)
    assert len(heard) == 8


def test_old_trials_and_proposals_that_nobody_followed_go(mint: Mint, keys: tuple[str, ...]) -> None:
    trial_, proposed = tried(mint, keys[:2]), tried(mint, keys)
    steps.start(mint, proposed.id, number=MANY, actor=FIRST, now=NOW)
    assert working.tidy(mint, now=NOW + TRIAL_DAYS - timedelta(seconds=1)) == 0
    working.tidy(mint, now=NOW + TRIAL_DAYS + timedelta(seconds=1))
    with pytest.raises(NoSuchTakebackError):
        seen(mint, trial_)
    working.tidy(mint, now=NOW + PROPOSED_DAYS + timedelta(seconds=1))
    assert seen(mint, proposed).takeback.state is TakebackState.CANCELLED


def test_lists_show_only_ones_own_organisation(mint: Mint, keys: tuple[str, ...]) -> None:
    found = tried(mint, keys[:2])
    assert [each.id for each in looking.every(mint, (EDUCATION,), limit=5)] == [found.id]
    assert looking.every(mint, ("example-state",), limit=5) == ()
    with pytest.raises(NoSuchTakebackError):
        looking.view(mint, found.id, organisations=("example-state",), now=NOW)
