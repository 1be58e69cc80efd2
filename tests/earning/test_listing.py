# SPDX-License-Identifier: Apache-2.0
"""What is kept of the catalogue in memory says the same as its rows, from the moment of every change."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from sqlalchemy import event

from earning.catalogue import catalogue, listing, loading
from earning.catalogue.search import PAGE, Filter, fold
from earning.catalogue.version import VersionState
from earning.programme import Programme
from earning.store import catalogue as rows
from earning.store.catalogue import EVERYBODY, Entry, Picked
from tests.earning.house import NOW

LISTS = {
    "x-some": ("Some", Picked(stacks=("SEL",), codes=("PBL1", "NONE"))),
    "x-none": ("None", Picked()),
}


class _RolledBackError(Exception):
    pass


def fits(entry: Entry, asked: Filter, titles: dict[str, str]) -> bool:
    """The rules of a search, said once more and slowly."""
    picked = LISTS[asked.recognised][1] if asked.recognised in LISTS else None
    return (
        (not asked.stack or asked.stack in entry.stacks)
        and (not asked.audience or bool({asked.audience, EVERYBODY} & set(entry.audience)))
        and (asked.hours is None or entry.hours <= asked.hours)
        and asked.needs_students in (None, entry.needs_students)
        and asked.language in ("", entry.language)
        and (picked is None or entry.code in picked.codes or bool(set(picked.stacks) & set(entry.stacks)))
        and all(
            word in entry.words or any(word in titles[stack] for stack in entry.stacks if stack in titles)
            for word in asked.words
        )
    )


def searches() -> list[Filter]:
    draw = random.Random(8)  # noqa: S311  the same searches on every run
    some = [
        Filter(
            text=draw.choice(("", "", "a", "students learn", "sel", "zzzz", "social emotional", "%", "_")),
            stack=draw.choice(("", "", "SEL", "NOPE")),
            audience=draw.choice(("", "", "teachers", "ESPs", "all")),
            hours=draw.choice((None, None, 10, 15, 40)),
            needs_students=draw.choice((None, None, True, False)),
            language=draw.choice(("", "", "en", "xx")),
            recognised=draw.choice(("", "", "x-some", "x-none", "unknown")),
        )
        for _ in range(30)
    ]
    return [Filter(), *some]


def test_every_page_and_every_count_are_those_of_the_rows(programme: Programme) -> None:
    loading.generate(programme, 30, start=1, now=NOW, actor="test")
    with programme.db.reading() as session:
        entries = rows.entries(session)
        titles = {code: fold(stack.title) for code, stack in rows.stacks(session).items()}
    assert [each.position for each in entries] == sorted(each.position for each in entries)
    for asked in searches():
        wanted = [each for each in entries if fits(each, asked, titles)]
        found = catalogue.find(programme, asked, LISTS)
        assert (found.total, found.everything) == (len(wanted), len(entries))
        read = list(found.versions)
        while found.next is not None:
            before = found
            found = catalogue.find(programme, search_after(asked, found.next), LISTS)
            assert found.previous is not None
            back = catalogue.find(programme, search_before(asked, found.previous), LISTS)
            assert back.versions == before.versions
            read += found.versions
        assert [each.key for each in read] == [each.key for each in wanted]
        for name, field in (("stack", "stack"), ("hours", "hours"), ("recognised", "recognised")):
            for choice in found.choices[name]:
                value = int(choice.value) if name == "hours" else choice.value
                changed = changed_to(asked, field, value)
                assert choice.number == sum(fits(each, changed, titles) for each in entries)


def search_after(asked: Filter, place: int) -> Filter:
    return changed_to(asked, "after", place)


def search_before(asked: Filter, place: int) -> Filter:
    return changed_to(asked, "before", place)


def changed_to(asked: Filter, field: str, value: Any) -> Filter:
    names = (each for each in Filter.__dataclass_fields__)
    return Filter(**{**{name: getattr(asked, name) for name in names}, field: value})


def test_each_change_shows_in_the_next_search(programme: Programme) -> None:
    def listed(word: str = "") -> set[str]:
        if not word:
            return {each.key for each in catalogue.all_listed(programme)}
        return {each.key for each in catalogue.find(programme, Filter(text=word), {}).versions}

    before = listed()
    assert "SEL1-v1" in before
    catalogue.set_state(programme, "SEL1-v1", VersionState.CLOSED, now=NOW, actor="test")
    assert listed() == before - {"SEL1-v1"}
    catalogue.set_state(programme, "SEL1-v1", VersionState.OPEN, now=NOW, actor="test")
    assert listed() == before
    with programme.db.transaction() as session:
        stacks = rows.stacks(session)
        assert "SEL1-v1" not in listed("quokka")
        rows.put_stacks(session, [renamed(stacks["SEL"], "Quokka")])
        assert "SEL1-v1" in listed("quokka")


def renamed(stack: Any, title: str) -> Any:
    return type(stack)(
        **{**{name: getattr(stack, name) for name in stack.__dataclass_fields__}, "title": title}
    )


def change_and_fail(programme: Programme) -> None:
    with programme.db.transaction() as session:
        rows.set_state(session, "SEL1-v1", VersionState.CLOSED, closed_at=NOW)
        assert "SEL1-v1" not in {each.key for each in catalogue.all_listed(programme)}
        raise _RolledBackError


def test_what_is_rolled_back_was_never_listed(programme: Programme) -> None:
    with pytest.raises(_RolledBackError):
        change_and_fail(programme)
    assert "SEL1-v1" in {each.key for each in catalogue.all_listed(programme)}


def test_a_page_asks_as_much_of_the_database_however_long_the_catalogue_is(programme: Programme) -> None:
    def asked() -> list[str]:
        said: list[str] = []
        engine = programme.db._engine
        listener = lambda _c, _cursor, statement, *_: said.append(statement)  # noqa: E731
        event.listen(engine, "before_cursor_execute", listener)
        catalogue.find(programme, Filter(text="a"), LISTS)
        event.remove(engine, "before_cursor_execute", listener)
        return said

    catalogue.find(programme, Filter(), LISTS)
    few = asked()
    loading.generate(programme, PAGE + 6, start=1, now=NOW, actor="test")
    catalogue.find(programme, Filter(), LISTS)
    assert len(asked()) == len(few)


def test_only_a_few_catalogues_are_kept(programme: Programme) -> None:
    for _ in range(listing.KEPT + 2):
        with programme.db.transaction() as session:
            rows.put_stacks(session, ())
            listing.of(session)
    assert len(listing._kept) == listing.KEPT


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9])
def test_pages_of_small_catalogues_are_cut_rightly(count: int) -> None:
    entries = [Entry(f"k{i}", f"K{i}", 10 * i + 10, 5, False, "en", "a", (), ()) for i in range(count)]
    made = listing.Listing(entries, {})
    keys = [each.key for each in entries]
    for after, limit in itertools.product((0, 5, 10, 15, 200), (1, 3, 20)):
        rest = [each.key for each in entries if each.position > after]
        assert list(made.first(made.everything, after=after, limit=limit)) == rest[:limit]
        rest = [each.key for each in entries if each.position < after]
        assert list(made.last(made.everything, before=after, limit=limit)) == rest[-limit:]
    assert made.with_word("a") == made.everything
    assert made.with_word("b") == 0
    assert list(made.first(made.everything, limit=100)) == keys
