# SPDX-License-Identifier: Apache-2.0
"""Searching: folded words, all of them; filters with true counts; pages that never repeat or skip."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earning.catalogue import catalogue, gateway, search
from earning.catalogue.search import Filter, fold, read
from earning.programme import Programme
from issuer import achievements
from tests.earning.house import NOW


def codes(programme: Programme, asked: Filter) -> list[str]:
    """All that is found, page by page."""
    found = catalogue.find(programme, asked, gateway.lists(programme))
    all_codes = [version.code for version in found.versions]
    while found.next is not None:
        found = catalogue.find(programme, replace(asked, after=found.next), gateway.lists(programme))
        all_codes += [version.code for version in found.versions]
    assert len(all_codes) == found.total
    return all_codes


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("self-awareness", "SEL1"),
        ("SELF-AWARENESS adult", "SEL1"),
        ("sel1", "SEL1"),
        ("trauma informed pedagogy", "TRA1"),
        ("BIAS", "DECC1"),
    ],
)
def test_words_are_found_in_title_code_competency_and_stack(
    programme: Programme, words: str, code: str
) -> None:
    assert code in codes(programme, Filter(text=words))


def test_all_words_must_be_found(programme: Programme) -> None:
    assert codes(programme, Filter(text="self-awareness zebra")) == []


def test_accents_and_case_do_not_matter(programme: Programme) -> None:
    text = achievements.source(programme.mint, "SEL1-v1").decode()
    changed = text.replace("Adult SEL 1: Self-Awareness", "Élan für Straße, ¿Qué?")
    achievements.register(
        programme.mint, changed.encode(), issuer="example-education", name="x.toml", now=NOW
    )
    catalogue.open_version(programme, "SEL1-v1", now=NOW)
    for words in ("elan fur", "ÉLAN", "strasse", "que?"):
        assert codes(programme, Filter(text=words)) == ["SEL1"]


@pytest.mark.parametrize("sign", ["%", "_", "'", '"', "\\", "/", "*", ";", "--"])
def test_signs_stand_for_themselves(programme: Programme, sign: str) -> None:
    found = codes(programme, Filter(text=sign))
    assert len(found) < len(codes(programme, Filter())) or sign in "/'"


def test_every_count_is_what_its_choice_finds(programme: Programme) -> None:
    for asked in (Filter(), Filter(text="educator", hours=15), Filter(stack="SEL", audience="teachers")):
        found = catalogue.find(programme, asked, gateway.lists(programme))
        for name, choices in found.choices.items():
            for choice in choices:
                query = dict(parse_qsl(urlsplit(asked.address(**{name: choice.value})).query))
                assert len(codes(programme, read(query))) == choice.number, (name, choice)


def test_pages_go_forth_and_back_in_one_order(programme: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = codes(programme, Filter())
    monkeypatch.setattr(catalogue, "PAGE", 4)
    assert codes(programme, Filter()) == whole
    first = catalogue.find(programme, Filter(), {})
    second = catalogue.find(programme, Filter(after=first.next), {})
    back = catalogue.find(programme, Filter(before=second.previous), {})
    assert [each.code for each in back.versions] == [each.code for each in first.versions]
    assert (first.previous, back.previous) == (None, None)
    assert back.next == first.next


def test_what_is_for_everybody_is_for_each_audience(programme: Programme) -> None:
    assert "SEL1" in codes(programme, Filter(audience="substitutes"))
    assert "PGC1" not in codes(programme, Filter(audience="teachers"))


def test_a_list_of_a_portal_filters(programme: Programme) -> None:
    assert set(codes(programme, Filter(recognised="wa-stem"))) == {"CLIM1", "CLIM2"}
    assert codes(programme, Filter(recognised="wa-nothing")) == codes(programme, Filter())


@given(st.dictionaries(st.sampled_from(["q", "stack", "audience", "hours", "students", "after"]), st.text()))
def test_any_address_is_read(query: dict[str, str]) -> None:
    asked = read(query)
    assert read(dict(parse_qsl(urlsplit(asked.address()).query))) == replace(asked, after=None, before=None)
    assert len(asked.text) <= search.QUERY_CHARS


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
