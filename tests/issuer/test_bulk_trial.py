# SPDX-License-Identifier: Apache-2.0
"""The dry run of a file of awards: everything that stands against a row, and nothing signed by it."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from issuer import achievements
from issuer.award import AwardRequest
from issuer.bulk import content, desk, faults, looking, reading, results, trial
from issuer.bulk.bulk import BulkState, RowState
from issuer.bulk.desk import Brought
from issuer.bulk.faults import FAULTS, REASON_BYTES
from issuer.bulk.looking import View
from issuer.bulk.reading import Kind
from issuer.bulk.results import Line
from issuer.errors import BulkStateError
from issuer.mint import Mint
from issuer.store import bulk_trials, bulks
from issuer.store.tables import BulkItemRow
from service import audit
from service.errors import UnstorableError
from tests import raw
from tests.issuer.house import NOW, issued, open_mint

EDUCATION, STATE = "example-education", "example-state"
OFFICER = "person:officer"


@pytest.fixture(scope="module")
def mint(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mint]:
    """One house for all: a trial awards nothing."""
    opened = open_mint(Path(shutil.copytree(template, tmp_path_factory.mktemp("trial") / "data")))
    yield opened
    opened.db.close()


def brought(
    mint: Mint, text: str, *, issuer: str | None = EDUCATION, kind: Kind = Kind.CSV, at_once: bool = True
) -> View:
    """Bring a file, and return what it was found to be."""
    id, _ = desk.propose(
        mint,
        Brought(kind, text.encode(), "awards.csv"),
        issuer=issuer,
        sends_mail=True,
        actor=OFFICER,
        now=NOW,
        at_once=at_once,
    )
    return looking.view(mint, id, now=NOW)


def stated(mint: Mint) -> tuple[int, ...]:
    """How many credentials, awards, lists and places there are."""
    tables = ("issuer_credentials", "issuer_awards", "issuer_status_lists", "issuer_status_entries")
    return tuple(raw.rows(mint.db, f"SELECT count(*) FROM {table}")[0][0] for table in tables)  # noqa: S608


def told(mint: Mint, rows: str, *, head: str = "achievement,email,name") -> tuple[Line, ...]:
    """Bring rows below a heading, and return what is said of each."""
    return results.lines(mint, brought(mint, f"{head}\n{rows}").bulk, limit=100)


def notes(mint: Mint, rows: str, *, head: str = "achievement,email,name") -> str:
    """Everything that is said of the last row."""
    return " ".join(told(mint, rows, head=head)[-1].notes)


def test_good_rows_are_kept_as_what_they_ask_for_and_nothing_is_signed_or_placed(mint: Mint) -> None:
    before = stated(mint)
    found = brought(mint, "achievement,email,name\nsel1,a@b.example,Ada\nTRA1-v1,c@d.example,\n")
    assert (found.bulk.state, found.bulk.rows, found.trial.bad) == (BulkState.TRIAL, 2, 0)
    assert found.trial.summary["achievements"] == {"SEL1-v1": 1, "TRA1-v1": 1}
    assert found.trial.summary["mails"] == 2
    with mint.db.reading() as session:
        (first, _) = bulks.rows(session, found.bulk.id, limit=9)
    asked = content.read(first.content, idempotency_key="k")
    assert (asked.achievement, asked.email, asked.name) == ("SEL1-v1", "a@b.example", "Ada")
    assert stated(mint) == before


@pytest.mark.parametrize(
    ("head", "row", "word"),
    [
        ("achievement,email,name", "SEL9,a@b.example,", "no micro-credential"),
        ("achievement,email,name", "TPT1,a@b.example,", "not awarded by example-education"),
        ("achievement,email,level:noticing", "SEL1,a@b.example,Basic", "it takes Proficient"),
        ("achievement,email,level:noticing", "SEL1,a@b.example,Grand", 'has no level "Grand"'),
        ("achievement,email,level:dancing", "SEL1,a@b.example,Basic", "no criterion"),
        ("achievement,email,awarded", "SEL1,a@b.example,2099-01-01", "lies ahead"),
        ("achievement,email,awarded", "SEL1,a@b.example,0202-01-01", "cannot be meant"),
        ("achievement,email,activity end", "SEL1,a@b.example,2099-01-01", "lies ahead"),
        ("achievement,email,narrative", "SEL1,a@b.example,write to x@y.example", "e-mail address"),
        ("achievement,email,name", "SEL1,a@b.example,ada@b.example", "e-mail address"),
        ("achievement,email,narrative", "SEL1,a@b.example,no 123-45-6789 here", "social security"),
        ("achievement,email,evidence,evidence text", "SEL1,a@b.example,of x@y.example,t", "e-mail address"),
    ],
)
def test_a_bad_row_is_told_with_its_reason(mint: Mint, head: str, row: str, word: str) -> None:
    (line,) = told(mint, row + "\n", head=head)
    assert line.state is RowState.BAD
    assert word in " ".join(line.notes)


def test_a_bad_row_is_told_all_of_its_reasons(mint: Mint) -> None:
    head = "achievement,email,awarded,level:noticing,level:context,narrative"
    (line,) = told(mint, "SEL1,a@b.example,2099-01-01,Basic,Never,see x@y.example\n", head=head)
    assert len(line.notes) == 4


def test_an_address_that_shows_as_another_one_is_bad_and_one_without_a_mailbox_is_worth_a_look(
    mint: Mint,
) -> None:
    """Turned round, or with a sign of no width: somebody else by the hash, the same to every eye."""
    rows = ["a\u202eb@x.example", "a\u200bb@x.example", "ab\ufeff@x.example", "ab@x\u2060.example"]
    text = "".join(json.dumps({"achievement": "SEL1", "recipient": {"email": each}}) + "\n" for each in rows)
    lines = results.lines(mint, brought(mint, text, kind=Kind.LINES).bulk, limit=50)
    assert {each.state for each in lines} == {RowState.BAD}
    assert "U+202E" in lines[0].notes[0]
    assert "\u202e" not in "".join(lines[0].notes)
    (line,) = told(mint, "SEL1,jos\u00e9@x.example\n", head="achievement,email")
    assert (line.state, "No mail" in line.notes[0]) == (RowState.WAITING, True)


def test_one_address_in_two_spellings_of_unicode_is_one_person(mint: Mint) -> None:
    head = "achievement,email"
    lines = told(mint, "SEL1,jos\u00e9@x.example\nSEL1,jose\u0301@x.example\n", head=head)
    assert [each.state for each in lines] == [RowState.WAITING, RowState.BAD]


def test_a_file_that_cannot_be_looked_at_is_in_no_other_s_way(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (
        brought(mint, f"achievement,email\nSEL1,{name}@b.example\n", at_once=False)
        for name in ("bad", "good")
    )
    look = trial._Shift._look

    def poisoned(shift: trial._Shift, *rest: Any) -> Any:
        if shift.trial.bulk == bad.bulk.id:
            raise UnstorableError("A text has the character U+0000, which no text may have.")
        return look(shift, *rest)

    monkeypatch.setattr(trial._Shift, "_look", poisoned)
    with pytest.raises(UnstorableError):
        trial.work_all(mint, now=NOW)
    assert looking.view(mint, good.bulk.id, now=NOW).is_tried
    assert not looking.view(mint, bad.bulk.id, now=NOW).is_tried
    desk.cancel(mint, bad.bulk.id, actor=OFFICER, now=NOW)


def test_levels_are_taken_in_any_case_and_kept_as_the_rubric_spells_them(mint: Mint) -> None:
    found = brought(mint, "achievement,email,level:Noticing\nSEL1,a@b.example,PROFICIENT\n")
    with mint.db.reading() as session:
        (row,) = bulks.rows(session, found.bulk.id, limit=9)
    assert content.read(row.content, idempotency_key="k").levels == (("noticing", "Proficient"),)


def test_the_same_award_twice_in_a_file_is_bad_and_the_same_person_again_is_worth_a_look(mint: Mint) -> None:
    head = "achievement,email,submission"
    lines = told(mint, "SEL1,a@b.example,\nSEL1, A@B.example ,\nSEL1,a@b.example,again\n", head=head)
    assert [each.state for each in lines] == [RowState.WAITING, RowState.BAD, RowState.WAITING]
    assert "row 2" in lines[1].notes[0]
    assert "Row 2 gives SEL1" in lines[2].notes[0]


def test_what_is_awarded_already_is_bad_and_the_same_person_again_is_worth_a_look(mint: Mint) -> None:
    known = issued(mint, email="known@b.example", submission="s1")
    head = "achievement,email,submission"
    lines = told(mint, "SEL1,known@b.example,s1\nSEL1,known@b.example,s2\n", head=head)
    assert [each.state for each in lines] == [RowState.BAD, RowState.WAITING]
    assert known.credential_id in lines[0].notes[0]
    assert known.credential_id in lines[1].notes[0]


def test_a_telephone_number_and_an_older_version_are_worth_a_look(mint: Mint) -> None:
    assert "telephone" in notes(
        mint, "SEL1,a@b.example,call 206-555-0100\n", head="achievement,email,narrative"
    )
    assert "DECC1-v2" in notes(mint, "DECC1-v1,a@b.example,\n")


def test_what_lint_would_not_sign_is_bad(mint: Mint) -> None:
    head = "achievement,email,evidence,evidence url,evidence sha256"
    twice = "SEL1,{}@b.example,Plan,https://x.example/ü{},{}\n"
    (line,) = told(mint, twice.format("a", "%zz<", "00" * 32), head=head)
    assert line.state is RowState.BAD


def test_lint_looks_at_the_first_of_each_frame_whole_and_refuses_what_it_refuses(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    monkeypatch.setattr("issuer.bulk.rehearsal.lint.lint", lambda members, **_: looked.append(members))
    found = brought(
        mint,
        "achievement,email,name,narrative\n"
        + "".join(f"SEL1,p{each}@b.example,Ada,\n" for each in range(5))
        + "SEL1,x@b.example,,\nSEL1,y@b.example,,story\nSEL1,z@b.example,Ada 😀,\n",
    )
    assert found.bulk.rows == 8
    assert len(looked) == 4  # with a name, without, with a narrative, and one with an astral character


def test_an_organisation_that_nobody_named_is_that_of_the_first_award(mint: Mint) -> None:
    text = "achievement,email\nTPT1,a@b.example\nSEL1,c@d.example\n"
    found = brought(mint, text, issuer=None)
    assert (found.trial.issuer, found.bulk.rows, found.trial.bad) == (STATE, 1, 1)


def test_json_lines_are_tried_like_a_table(mint: Mint) -> None:
    good = json.dumps({"achievement": "SEL1", "recipient": {"email": "a@b.example", "name": "Ada"}})
    found = brought(mint, f"{good}\n{{\n", kind=Kind.LINES)
    assert (found.bulk.rows, found.trial.bad) == (1, 1)


def test_a_file_that_breaks_off_in_the_middle_is_told_and_cancelled(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "STEP", 2)
    rows = "".join(f"SEL1,p{each}@b.example\n" for each in range(5))
    found = brought(mint, f'achievement,email\n{rows}"SEL1,x')
    assert found.bulk.state is BulkState.CANCELLED
    assert "Row 7" in found.trial.trouble
    assert found.bulk.rows == 0


def test_the_file_is_forgotten_when_it_was_tried(mint: Mint) -> None:
    text = "achievement,email\nSEL1,a@b.example\n"
    found = brought(mint, text, at_once=False)
    with mint.db.transaction() as session:
        packed = bulk_trials.take(session, found.bulk.id, by="a run", now=NOW, until=NOW)
    assert packed is not None
    assert zlib.decompress(packed) == text.encode()
    assert trial.work_all(mint, now=NOW) == 1
    with mint.db.transaction() as session:
        assert bulk_trials.take(session, found.bulk.id, by="a run", now=NOW, until=NOW) is None
    assert trial.work_all(mint, now=NOW) == 0


class StoppedError(Exception):
    """Stands for the end of the process."""


def test_killed_in_the_middle_it_begins_again_and_no_row_is_there_twice(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "STEP", 2)
    rows = "".join(f"SEL1,p{each}@b.example\n" for each in range(5))
    found = brought(mint, "achievement,email\n" + rows, at_once=False)

    def stop(_trial: bulk_trials.Trial) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        trial.try_file(mint, found.bulk.id, now=NOW, progress=stop)
    assert trial.try_file(mint, found.bulk.id, now=NOW) == 0  # it is in somebody's hands
    assert trial.try_file(mint, found.bulk.id, now=NOW + trial.LEASE + timedelta(seconds=1)) == 5
    found = looking.view(mint, found.bulk.id, now=NOW)
    assert (found.bulk.rows, found.trial.tried, found.count[RowState.WAITING]) == (5, 5, 5)


def test_cancelled_in_the_middle_it_stops(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "STEP", 2)
    rows = "".join(f"SEL1,p{each}@b.example\n" for each in range(5))
    found = brought(mint, "achievement,email\n" + rows, at_once=False)

    def cancel(_trial: bulk_trials.Trial) -> None:
        desk.cancel(mint, found.bulk.id, actor=OFFICER, now=NOW)

    assert trial.try_file(mint, found.bulk.id, now=NOW, progress=cancel) == 4
    found = looking.view(mint, found.bulk.id, now=NOW)
    assert found.bulk.state is BulkState.CANCELLED
    assert found.count[RowState.WAITING] == 0


def test_the_trial_leaves_a_line_in_the_audit_log_without_names(mint: Mint) -> None:
    found = brought(mint, "achievement,email,name\nSEL1,a@b.example,Ada\nSEL1,nobody,Bob\n")
    with mint.db.reading() as session:
        lines = audit.lines(session, subject=f"bulk:{found.bulk.id}")
    assert [each.action for each in lines] == ["bulk.brought", "bulk.tried"]
    assert (lines[1].detail["good"], lines[1].detail["bad"]) == (1, 1)
    assert "Ada" not in str(lines)


def test_previews_say_what_the_credential_will_say(mint: Mint) -> None:
    found = brought(
        mint,
        "achievement,email,name,awarded,level:noticing,evidence,evidence text,narrative\n"
        "SEL1,a@b.example,Ada,2026-05-04,Proficient,Journal,words,What was done\n",
    )
    (shown,) = results.previews(mint, found.bulk)
    text = achievements.get(mint, "SEL1-v1").micro_credential
    assert (shown.title, shown.name, shown.narrative) == (text.title, "Ada", "What was done")
    assert shown.levels[0][1] == "Proficient"
    assert shown.evidence == (("Journal", None),)


def test_tables_that_we_give_back_hold_no_formula(mint: Mint) -> None:
    found = brought(
        mint,
        'achievement,email,name\n=1+1,@evil,=HYPERLINK("https://x.example")\nSEL1,a@b.example,\'=1+1\n',
    )
    table = b"".join(results.table(mint, found.bulk)).decode("utf-8-sig")
    assert '"\'=1+1"' in table
    cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_pages_of_rows_go_on_behind_a_row(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"SEL1,p{each}@b.example\nSEL1,bad\n" for each in range(5))
    bulk = brought(mint, "achievement,email\n" + rows).bulk
    first = results.lines(mint, bulk, show="bad", limit=3)
    then = results.lines(mint, bulk, show="bad", after=first[-1].number, limit=3)
    assert [each.number for each in (*first, *then)] == [3, 5, 7, 9, 11]
    monkeypatch.setattr(results, "STEP", 3)
    assert b"".join(results.table(mint, bulk)).count(b"\r\n") == 11


def test_a_request_that_was_read_is_one_that_can_be_written(mint: Mint) -> None:
    (asked,) = reading.read(Kind.CSV, b"achievement,email\nSEL1,a@b.example\n", now=NOW).rows
    assert isinstance(asked.request, AwardRequest)
    assert content.read(content.write(asked.request), idempotency_key="k").email == "a@b.example"


@pytest.mark.parametrize("where", ["static/sample-awards.csv", "docs/bulk.md"])
def test_the_sample_file_and_the_example_of_the_documentation_are_good(mint: Mint, where: str) -> None:
    text = (Path(__file__).parents[2] / where).read_text(encoding="utf-8")
    if where.endswith(".md"):
        text = text.partition("```csv\n")[2].partition("```")[0]
    found = brought(mint, text)
    assert (found.bulk.rows, found.trial.bad, found.trial.warned) == (3, 0, 0)


def test_a_run_that_comes_back_after_its_lease_writes_nothing(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another has begun again with the file; what both would keep together has holes."""
    monkeypatch.setattr(trial, "STEP", 10)
    file = "achievement,email\n" + "".join(f"SEL1,stall{each}@b.example\n" for each in range(50))
    found = brought(mint, file, at_once=False)
    later = NOW + trial.LEASE + timedelta(seconds=10)

    class Killed(Exception):  # noqa: N818  it stands for the end of a process
        pass

    def dies(_trial: bulk_trials.Trial) -> None:
        raise Killed

    def stalls(kept: bulk_trials.Trial) -> None:
        if kept.tried == 30:
            with pytest.raises(Killed):
                trial.try_file(mint, found.bulk.id, now=later, progress=dies)

    trial.try_file(mint, found.bulk.id, now=NOW, progress=stalls)
    assert not looking.view(mint, found.bulk.id, now=NOW).is_tried
    assert trial.try_file(mint, found.bulk.id, now=later + trial.LEASE + timedelta(seconds=10)) == 50
    whole = looking.view(mint, found.bulk.id, now=NOW)
    assert (whole.is_tried, whole.bulk.rows, whole.count[RowState.WAITING]) == (True, 50, 50)


def test_rows_that_are_missing_stop_the_decision(mint: Mint) -> None:
    found = brought(mint, "achievement,email\nSEL1,one@gap.example\nSEL1,two@gap.example\n")
    with mint.db.transaction() as session:
        session.execute(delete(BulkItemRow).where(BulkItemRow.bulk == found.bulk.id, BulkItemRow.number == 2))
    with pytest.raises(BulkStateError, match="Not all rows"):
        desk.confirm(mint, found.bulk.id, count=2, leaves_out=False, actor=OFFICER, now=NOW)


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        (Kind.LINES, json.dumps({f"unknown{each}": 1 for each in range(3_000)})),
        (
            Kind.LINES,
            json.dumps({"achievement": "SEL1", "results": dict.fromkeys(map(str, range(5_000)), "a")}),
        ),
        (
            Kind.CSV,
            "achievement,email,results\nSEL1,q@b.example," + ";".join(f"c{n}=a" for n in range(8_000)),
        ),
        (Kind.CSV, "achievement,email,results\nSEL1,q@b.example," + ";".join(f"c{n}" for n in range(8_000))),
        (Kind.CSV, "achievement,email,results\nSEL1,q@b.example," + ";".join(f"c{n}=a" for n in range(50))),
        (Kind.CSV, f"achievement,email,results\nSEL1,q@b.example,noticing={'é' * 25_000}"),
    ],
)
def test_what_is_told_of_one_row_is_bounded(mint: Mint, kind: Kind, row: str) -> None:
    (line,) = results.lines(mint, brought(mint, row, kind=kind).bulk, limit=9)
    assert line.state is RowState.BAD
    assert 1 <= len(line.notes) <= FAULTS + 1
    assert len("\n".join(line.notes).encode()) <= REASON_BYTES


def test_more_faults_than_are_told_are_counted() -> None:
    assert faults.told(f"fault {each}" for each in range(50)).splitlines()[-2:] == [
        "fault 19",
        "And 30 more.",
    ]
