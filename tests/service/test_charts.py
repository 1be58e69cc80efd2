# SPDX-License-Identifier: Apache-2.0
"""Charts that anybody can read: words beside marks, zero below, nothing that a policy of ours forbids."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET  # our own drawings, no stranger's file

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import charts
from service.charts import Mark, Reference

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = [Mark("Jan", (3.0, 2.0), "5"), Mark("Feb", (0.0, 4.0), "4"), Mark("Mar", (None, None), "")]


def drawings(markup: str) -> list[ET.Element]:
    """Both drawings, read as XML; a browser is told by HTML that they are SVG."""
    return list(ET.fromstring(f'<div xmlns="{SVG[1:-1]}">{markup}</div>'))  # noqa: S314


def words(drawing: ET.Element) -> list[str]:
    return [each.text or "" for each in drawing.iter(SVG + "text")]


EVERY = {
    "bars": lambda: charts.bars("a", "Awards", "They grow.", ["SEL", "DIV"], MONTHS),
    "line": lambda: charts.line(
        "b",
        "Passing",
        "It rises.",
        [Mark("Jan", (0.4,), "12"), Mark("Feb", (None,), "<5"), Mark("Mar", (1.0,), "9")],
        reference=Reference(40, "Nationally"),
    ),
    "ranges": lambda: charts.ranges(
        "c",
        "Waiting",
        "Days.",
        [Mark("Feb 2", (4.0, 9.5), "12"), Mark("Feb 9", (None, None), "<5")],
        unit="days",
        reference=Reference(14, "Promised"),
    ),
}


@pytest.mark.parametrize("kind", EVERY)
def test_a_chart_is_drawn_wide_and_narrow_with_title_and_description(kind: str) -> None:
    wide, narrow = drawings(EVERY[kind]())
    for drawing in (wide, narrow):
        ids = {each.get("id") for each in drawing.iter()} - {None}
        assert set((drawing.get("aria-labelledby") or "").split()) <= ids
        assert [each.tag for each in drawing][:2] == [SVG + "title", SVG + "desc"]
    both = [each.get("id") for drawing in (wide, narrow) for each in drawing.iter() if each.get("id")]
    assert len(both) == len(set(both))


@pytest.mark.parametrize("kind", EVERY)
def test_a_chart_has_no_style_no_script_and_begins_at_zero(kind: str) -> None:
    markup = EVERY[kind]()
    assert "style=" not in markup
    assert not re.search(r"<script|\son\w+=|href", markup)
    assert all("0" in words(drawing) for drawing in drawings(markup))


def test_words_stand_at_the_marks() -> None:
    for drawing in drawings(EVERY["bars"]()):
        assert {"SEL", "DIV", "5", "4", "Jan"} <= set(words(drawing))
    for drawing in drawings(EVERY["line"]()):
        assert {"40", "100", "12", "<5", "Nationally 40%"} <= set(words(drawing))
    for drawing in drawings(EVERY["ranges"]()):
        assert {"4", "12", "Promised 14"} <= set(words(drawing))
    wide, narrow = drawings(EVERY["ranges"]())
    assert "9.5" in words(wide)
    assert "10" in words(narrow)


def test_the_second_series_has_a_pattern_and_not_only_a_colour() -> None:
    for drawing in drawings(EVERY["bars"]()):
        filled = {each.get("fill") for each in drawing.iter(SVG + "rect")} - {None}
        assert filled == {f"url(#{next(iter(drawing.iter(SVG + 'pattern'))).get('id')})"}


def test_a_missing_value_interrupts_the_line() -> None:
    for drawing in drawings(EVERY["line"]()):
        (trend,) = (each for each in drawing.iter(SVG + "path") if each.get("class") == "trend")
        assert (trend.get("d") or "").count("M") == 2


def test_what_people_wrote_is_text() -> None:
    markup = charts.bars("a", "<b>", "&", ["<script>", "x"], [Mark("<i>", (1.0, 1.0), '"')])
    assert "<script>" not in markup
    assert "&lt;i&gt;" in markup


def test_no_more_series_than_patterns() -> None:
    with pytest.raises(ValueError, match="patterns"):
        charts.bars("a", "", "", ["x"] * 6, [])


@given(st.lists(st.floats(min_value=0, max_value=1e6), min_size=1, max_size=30))
def test_every_bar_stands_on_the_axis_and_stays_inside(values: list[float]) -> None:
    markup = charts.bars("a", "t", "s", ["x"], [Mark(str(at), (value,)) for at, value in enumerate(values)])
    for drawing in drawings(markup):
        _, _, width, height = map(float, (drawing.get("viewBox") or "").split())
        for rect in drawing.iter(SVG + "rect"):
            x, y, w, h = (float(rect.get(each) or "nan") for each in ("x", "y", "width", "height"))
            assert x >= 0
            assert x + w <= width
            assert y >= 25.8
            assert y + h <= height
            assert h >= 0


@pytest.mark.parametrize("kind", EVERY)
def test_an_empty_chart_can_be_drawn(kind: str) -> None:
    empty = {
        "bars": lambda: charts.bars("a", "t", "s", ["x", "y"], []),
        "line": lambda: charts.line("a", "t", "s", []),
        "ranges": lambda: charts.ranges("a", "t", "s", [], unit="days"),
    }
    assert len(drawings(empty[kind]())) == 2
