# SPDX-License-Identifier: Apache-2.0
"""The plays of the sample programme, as ``samples/rehearsal.toml`` has them; days are days ago."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from earning.catalogue.seed import samples
from earning.work.submissions import PRIVATE
from issuer.toml_reader import Table, read_table

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
class Piece:
    """A file that is added before the first submission, and who may see it after the award."""

    place: str
    text: str
    disclosure: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link for an evaluator, with days ago: when it was made, and its uses."""

    label: str
    made: int
    lasts: int
    uses: tuple[int, ...]
    shows_name: bool
    shows_answers: bool


@dataclass(frozen=True, slots=True)
class Play:
    """One application from beginning to end, as far as it goes."""

    email: str
    code: str
    applied: int
    season: str | None
    text: tuple[str, ...]
    rounds: tuple[Round, ...]
    pieces: tuple[Piece, ...] = ()
    links: tuple[Link, ...] = ()


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


def _read_play(table: Table) -> Play:
    play = Play(
        email=table.text("email"),
        code=table.text("code"),
        applied=table.optional_integer("applied", low=0, high=1000) or 0,
        season=table.optional_text("season"),
        text=table.texts("text"),
        rounds=tuple(_rounds(table)),
        pieces=tuple(_pieces(table)),
        links=tuple(_links(table)),
    )
    table.done()
    return play


def _pieces(table: Table) -> Iterator[Piece]:
    for item in table.tables("piece"):
        yield Piece(item.text("place"), item.text("text"), item.optional_text("disclosure") or PRIVATE)
        item.done()


def _links(table: Table) -> Iterator[Link]:
    for item in table.tables("link"):
        yield Link(
            label=item.text("label"),
            made=item.optional_integer("made", low=0, high=1000) or 0,
            lasts=item.optional_integer("lasts", low=0, high=365) or 0,
            uses=item.integers("uses"),
            shows_name=item.boolean("shows_name", default=False),
            shows_answers=item.boolean("shows_answers", default=False),
        )
        item.done()


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
