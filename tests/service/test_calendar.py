# SPDX-License-Identifier: Apache-2.0
"""Calendar files, read back by a reader of our own: folding, escaping, days and moments (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from service.calendar import LINE_BYTES, Event, calendar

NOW = datetime(2026, 8, 31, 12, tzinfo=UTC)


def lines(raw: bytes) -> list[str]:
    """The content lines, unfolded."""
    text = raw.decode()
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    for line in text.split("\r\n"):
        assert len(line.encode()) <= LINE_BYTES
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def value(raw: bytes, name: str) -> str:
    """The first value of a property, with escapes undone."""
    line = next(line for line in lines(raw) if line.startswith((f"{name}:", f"{name};")))
    text, result = line.partition(":")[2], ""
    signs = iter(text)
    for sign in signs:
        if sign == "\\":
            after = next(signs)
            result += "\n" if after in "nN" else after
        else:
            result += sign
    return result


def event(**changes: object) -> Event:
    values: dict[str, object] = {
        "uid": "due-1@badges.example",
        "summary": "Submit Adult SEL 1",
        "at": date(2027, 2, 28),
        "changed_at": NOW,
    }
    return Event(**{**values, **changes})  # type: ignore[arg-type]


def test_a_day_is_all_day_and_ends_with_the_next() -> None:
    raw = calendar([event(alarms=(30, 1), sequence=3)], name="Adult SEL 1")
    found = lines(raw)
    assert found[0] == "BEGIN:VCALENDAR"
    assert found[-1] == "END:VCALENDAR"
    assert "VERSION:2.0" in found
    assert "DTSTART;VALUE=DATE:20270228" in found
    assert "DTEND;VALUE=DATE:20270301" in found
    assert "DTSTAMP:20260831T120000Z" in found
    assert "UID:due-1@badges.example" in found
    assert "SEQUENCE:3" in found
    assert [line for line in found if line.startswith("TRIGGER")] == ["TRIGGER:-P30D", "TRIGGER:-P1D"]
    assert found.count("BEGIN:VALARM") == found.count("END:VALARM") == 2


def test_a_moment_is_in_utc() -> None:
    assert "DTSTART:20260831T120000Z" in lines(calendar([event(at=NOW)], name="x"))


def test_the_same_event_has_the_same_uid_and_bytes() -> None:
    assert calendar([event()], name="x") == calendar([event()], name="x")


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_text_comes_back_and_breaks_no_line(text: str) -> None:
    raw = calendar([event(summary=text, description=text)], name=text)
    found = lines(raw)
    assert [line for line in found if line.startswith(("BEGIN:", "END:"))] == [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    kept = "".join(sign for sign in text.replace("\r\n", "\n") if sign >= " " or sign in "\n\t")
    assert value(raw, "SUMMARY") == kept
