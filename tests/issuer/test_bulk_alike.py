# SPDX-License-Identifier: Apache-2.0
"""Equal faults told once, and headings told all at once: what somebody with a spreadsheet reads."""

from __future__ import annotations

import pytest

from issuer.bulk import alike, reading
from issuer.bulk.alike import KINDS, KNOWN, SPANS, Group, Tally
from issuer.bulk.reading import Kind
from issuer.errors import BulkFileError
from tests.issuer.house import NOW

DATE = "“Award Date”: “{}” is no date that we can read. Write 2026-05-04 (year-month-day)."


def groups(told: dict[int, list[str]]) -> tuple[Group, ...]:
    """What is shown of sentences by row."""
    tally = Tally()
    for number, sentences in told.items():
        tally.add(number, sentences)
    return alike.groups(tally.told())


def headings(line: str) -> str:
    """What is said of a row of headings."""
    with pytest.raises(BulkFileError) as caught:
        reading.read(Kind.CSV, f"{line}\n".encode(), now=NOW)
    return caught.value.message


def test_the_same_fault_of_many_rows_is_told_once_with_its_rows_and_how_to_mend_it() -> None:
    (found,) = groups({number: [DATE.format("3/14/2026")] for number in (2, 3, 4, 12, 13, 22)})
    assert (found.rows, found.where, found.varies) == (6, "2–4, 12, 13 and 22", False)
    assert found.sentence == DATE.format("3/14/2026")
    assert "yyyy-mm-dd" in found.mend


def test_kinds_differ_by_column_and_by_words_and_not_by_values() -> None:
    found = groups(
        {
            2: [DATE.format("3/14/2026"), "“start”: “3/1/2026” is no date that we can read."],
            3: [DATE.format("3/15/2026")],
            4: [DATE.format("14.03.2026"), "This is missing."],
        }
    )
    assert [(each.rows, each.varies, each.where) for each in found] == [
        (3, True, "2–4"),
        (1, False, "2"),
        (1, False, "4"),
    ]


def test_a_kind_with_links_is_told_without_them_since_they_lead_to_somebodys_award() -> None:
    sentence = "This is awarded already: https://b.example/credentials/{}. Remove the row."
    (found,) = groups({number: [sentence.format(number)] for number in range(2, 9)})
    assert (found.sentence, found.varies) == ("This is awarded already. Remove the row.", False)
    assert found.mend


def test_a_cell_with_letters_is_not_repeated_since_it_may_be_a_name_in_the_wrong_column() -> None:
    (found,) = groups({2: [DATE.format("Ada Lovelace")], 3: [DATE.format("March 14")]})
    assert (found.sentence, found.varies) == (DATE.format("…"), False)
    (other,) = groups({2: ["“Ada Lovelace” is not criterion=level; several have ; between them."]})
    assert other.sentence.startswith("“…” is not criterion=level")


def test_one_row_counts_once_for_a_kind_that_is_told_twice_of_it() -> None:
    (found,) = groups({2: [DATE.format("1/1/26"), DATE.format("2/2/26")]})
    assert (found.rows, found.where, found.varies) == (1, "2", True)


def test_what_is_kept_stays_small_however_bad_a_file_is() -> None:
    tally = Tally()
    for number in range(2, 20_002, 2):
        tally.add(number, ["Always the same.", "x" * (number % (3 * KNOWN)) + "y"])
    found = alike.groups(tally.told())
    assert (len(found), len(tally.kinds)) == (KINDS, KNOWN + 1)
    assert found[0].where.endswith(f"and {10_000 - SPANS:,} more")
    assert "Something else" in {each.sentence[:14] for each in found}


def test_all_headings_that_need_another_look_are_told_at_once_with_what_was_found() -> None:
    said = headings("Badge Code;E-Mail Adress;First Name;Awrd Date;School")
    for words in (
        "Column 2: we do not know “E-Mail Adress”; did you mean “email”?",
        "Column 4: we do not know “Awrd Date”; did you mean “awarded”?",
        "“achievement” is missing, and needed. If “Badge Code” is meant, call it so.",
        "Known: “First Name”.",
        "Not known: “Badge Code”, “E-Mail Adress”, “Awrd Date”, “School”.",
    ):
        assert words in said
    assert "“email” is missing" not in said  # it is the one that is misspelt


def test_a_heading_that_stands_twice_is_told_beside_one_that_is_missing() -> None:
    said = headings("achievement,Badge,name")
    assert "“achievement” and “Badge” are two columns of one meaning." in said
    assert "“email” is missing" in said
    assert "“email” and “email” are two" in headings("achievement,email,email")
    assert "no heading that we know" in headings("a,b")


def test_ever_so_many_bad_headings_are_not_all_told() -> None:
    said = headings(",".join(f"emaill{'l' * number}" for number in range(150)))
    assert len(said) < 4_000
    assert " more." in said
