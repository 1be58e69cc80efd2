# SPDX-License-Identifier: Apache-2.0
"""The ledger is handed to judgements, searched, taken out as CSV, and earlier years come in from one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from recognition.claiming import ledger, ledger_csv
from recognition.claiming.ledger_csv import Outcome
from recognition.claiming.ledger_line import Asked
from recognition.claiming.settling import awards_of
from recognition.look import Look
from recognition.store import decisions as decision_rows
from service.errors import SpreadsheetError
from tests.issuer.house import NOW
from tests.recognition import desk_scene
from tests.recognition.desk_scene import CYCLE, DISTRICT, OTHER, TN, Scene

HEAD = "person,link,awarded,purpose,units,unit,issuer,title,code,bucket,group,note\n"
PAIR = (
    "zoe.teacher@school.example,https://b.example/1,2019-03-01,licence-renewal,10,PDP-MA,did:web:b.example,One,"
    "A1,content,spring,=1+1\n"
    "Zoe.Teacher@school.example,https://b.example/2,3/2/2019,licence renewal,10,PDP-MA,did:web:b.example,Two,"
    "A2,content,spring,\n"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_scene.make(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def scene(made: Path, tmp_path: Path) -> Iterator[Scene]:
    with desk_scene.copied(made, tmp_path / "house") as scene:
        yield scene


def bring(scene: Scene, text: str) -> Look[ledger_csv.Told]:
    return ledger_csv.bring_in(scene.office, DISTRICT, text.encode(), actor="ren", now=NOW)


def test_a_judgement_is_handed_the_persons_lines_and_nobody_elses_ledger(scene: Scene) -> None:
    link = scene.award("SEL1")
    claim = scene.submit(link, policy=TN)
    decision = scene.approve(claim)
    awards = awards_of(scene.propose(claim).brought)
    handed = ledger.lines(scene.office, DISTRICT, person_key=claim.person_key, awards=awards)
    (line,) = handed
    assert (line.award, line.units, line.unit, line.decision) == (
        awards[0].key,
        Decimal(6),
        "PDP-TN",
        decision.id,
    )
    assert line.cycle == CYCLE
    assert ledger.lines(scene.office, OTHER, person_key=claim.person_key, awards=awards) == ()
    without = ledger.lines(
        scene.office, DISTRICT, person_key=claim.person_key, awards=awards, without=decision.id
    )
    assert without == ()


def test_the_ledger_is_searched_by_person_award_purpose_and_cycle(scene: Scene) -> None:
    scene.approve(scene.submit(scene.award("SEL1"), scene.award("SEL2")))

    def found(**asked: object) -> int:
        return len(ledger.view(scene.office, DISTRICT, Asked(**asked)).lines)  # type: ignore[arg-type]

    assert found() == 2
    assert found(words="zoe.TEACHER sel2") == 1
    assert found(words="somebody") == 0
    assert found(purpose="licence-renewal") == 2
    assert found(purpose="rank-change") == 0
    assert found(cycle=NOW.date()) == 2
    assert found(cycle=NOW.date() - timedelta(days=2000)) == 0


def test_pages_of_the_ledger_follow_one_another(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(scene, HEAD + PAIR)
    monkeypatch.setattr(ledger, "PAGE", 1)
    first = ledger.view(scene.office, DISTRICT, Asked())
    assert first.next
    second = ledger.view(scene.office, DISTRICT, Asked(), after=first.next)
    assert {each.title for each in (*first.lines, *second.lines)} == {"One", "Two"}
    assert ledger.view(scene.office, DISTRICT, Asked(), after="nonsense").lines == first.lines


def test_the_file_is_harmless_and_tells_units_once_for_each_group(scene: Scene) -> None:
    bring(scene, HEAD + PAIR)
    text = ledger.file(scene.office, DISTRICT, Asked()).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert sorted(each["units of the group"] for each in lines) == ["", "10"]
    assert {each["note"] for each in lines} == {"'=1+1", ""}
    assert {each["person"] for each in lines} == {"zoe.teacher@school.example"}


def test_a_file_is_looked_at_first_and_nothing_is_kept(scene: Scene) -> None:
    found = ledger_csv.look(scene.office, DISTRICT, (HEAD + PAIR).encode(), now=NOW)
    assert (found.new, found.bad) == (2, 0)
    assert ledger.view(scene.office, DISTRICT, Asked()).lines == ()


def test_the_same_row_twice_is_one_in_one_file_and_in_two(scene: Scene) -> None:
    row = PAIR.splitlines(keepends=True)[0]
    found = bring(scene, HEAD + row + row)
    assert [each.outcome for each in found.lines] == [Outcome.NEW, Outcome.THERE]
    assert bring(scene, HEAD + PAIR).new == 1
    assert bring(scene, HEAD + PAIR).new == 0
    assert len(ledger.view(scene.office, DISTRICT, Asked()).lines) == 2


def test_rows_of_one_group_count_once(scene: Scene) -> None:
    bring(scene, HEAD + PAIR)
    view = ledger.view(scene.office, DISTRICT, Asked())
    assert ledger.sums(view.lines) == (("PDP-MA", Decimal(10)),)
    other = PAIR.splitlines(keepends=True)[0].replace("/1", "/3").replace(",10,", ",5,")
    found = ledger_csv.look(scene.office, DISTRICT, (HEAD + PAIR + other).encode(), now=NOW)
    assert found.lines[2].outcome is Outcome.BAD
    assert "group" in found.lines[2].detail


SHORT = "person,link,awarded,purpose,units,unit,issuer,group\n"


def row(link: str, *, issuer: str = "did:web:b.example", group: str = "", units: str = "10") -> str:
    return (
        f"zoe@b.example,https://b.example/{link},2019-03-01,licence-renewal,{units},PDP-MA,{issuer},{group}\n"
    )


def counted(scene: Scene) -> dict[str, Decimal]:
    return dict(ledger.sums(ledger.view(scene.office, DISTRICT, Asked()).lines))


@pytest.mark.parametrize("issuers", [("", "did:web:b.example"), ("did:web:b.example", "")])
def test_an_award_is_one_row_with_or_without_its_issuer(scene: Scene, issuers: tuple[str, str]) -> None:
    one, other = (row("1", issuer=each) for each in issuers)
    assert [each.outcome for each in bring(scene, SHORT + one + other).lines] == [Outcome.NEW, Outcome.THERE]
    assert bring(scene, SHORT + other).new == 0
    assert counted(scene) == {"PDP-MA": Decimal(10)}


@pytest.mark.parametrize("group", ["g", ""])
def test_what_is_missing_of_a_group_joins_it_and_adds_no_units(scene: Scene, group: str) -> None:
    bring(scene, SHORT + row("1", group=group))
    found = bring(scene, SHORT + row("2", group="later") + row("1", group="later"))
    assert [each.outcome for each in found.lines] == [Outcome.NEW, Outcome.THERE]
    assert "joins" in found.lines[0].detail
    assert counted(scene) == {"PDP-MA": Decimal(10)}
    assert (
        len({(each.decision, each.group) for each in ledger.view(scene.office, DISTRICT, Asked()).lines}) == 1
    )


def test_a_group_that_is_counted_in_another_way_is_a_fault(scene: Scene) -> None:
    bring(scene, SHORT + row("1") + row("2"))
    two = bring(scene, SHORT + row("1", group="g") + row("2", group="g") + row("3", group="g"))
    assert [each.outcome for each in two.lines] == [Outcome.THERE, Outcome.THERE, Outcome.BAD]
    other = bring(scene, SHORT + row("1", group="h", units="5") + row("4", group="h", units="5"))
    assert other.lines[1].outcome is Outcome.BAD
    inside = bring(scene, SHORT + row("5", group="i") + row("5", group="j") + row("6", group="j"))
    assert [each.outcome for each in inside.lines] == [Outcome.NEW, Outcome.THERE, Outcome.BAD]
    assert counted(scene) == {"PDP-MA": Decimal(30)}


def test_a_group_of_which_a_claim_counted_a_part_is_a_fault(scene: Scene) -> None:
    link = scene.award("SEL1")
    scene.approve(scene.submit(link, policy=TN))
    lines = [
        f"zoe.teacher@school.example,{each},2026-01-01,licence-renewal,6,PDP-TN,,g\n"
        for each in (link, "https://b.example/2")
    ]
    assert [each.outcome for each in bring(scene, SHORT + "".join(lines)).lines] == [
        Outcome.THERE,
        Outcome.BAD,
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("person", "nobody"),
        ("link", "example"),
        ("awarded", "31.12.2019"),
        ("awarded", "2999-01-01"),
        ("purpose", "fun"),
        ("units", "ten"),
        ("units", "-1"),
        ("units", "1e3"),
        ("unit", ""),
    ],
)
def test_a_bad_row_is_told_with_its_column_and_left_out(scene: Scene, column: str, value: str) -> None:
    good = {
        "person": "a@b.example",
        "link": "https://b.example/9",
        "awarded": "2019-03-01",
        "purpose": "licence-renewal",
        "units": "10",
        "unit": "PDP-MA",
    }
    text = ",".join(good) + "\n" + ",".join((good | {column: value}).values()) + "\n"
    text += ",".join((good | {"link": "https://b.example/10"}).values()) + "\n"
    found = bring(scene, text)
    assert [each.outcome for each in found.lines] == [Outcome.BAD, Outcome.NEW]
    assert f"“{column}”" in found.lines[0].detail


def test_who_brought_records_in_stands_in_a_decision_that_nobody_publishes(scene: Scene) -> None:
    bring(scene, HEAD + PAIR)
    (line, _) = ledger.view(scene.office, DISTRICT, Asked()).lines
    with scene.house.db.reading() as session:
        stored = decision_rows.get(session, line.decision)
    assert stored is not None
    assert (stored.outcome, stored.document, stored.decided_by) == ("imported", b"", "ren")
    assert stored.decision.facts["rows"] == 2


def test_an_award_that_was_counted_before_is_known_by_its_link_alone(scene: Scene) -> None:
    link = scene.award("SEL1")
    row = f"zoe.teacher@school.example,{link},2026-01-01,licence-renewal,6,PDP-TN\n"
    bring(scene, "person,link,awarded,purpose,units,unit\n" + row)
    claim = scene.submit(link, policy=TN)
    assert {each.outcome for each in scene.propose(claim).answer.judged} == {"refused:already-used"}


def test_a_file_that_is_none_is_refused(scene: Scene) -> None:
    for data in (b"", b"PK\x03\x04", b"person,link\n", b"x" * (ledger_csv.MAX_BYTES + 1)):
        with pytest.raises(SpreadsheetError):
            ledger_csv.look(scene.office, DISTRICT, data, now=NOW)
