# SPDX-License-Identifier: Apache-2.0
"""Objects that share an id: which repetitions are sound, and which would hide an addition.

In RDF there is one node for each name, and a set of quads. Where two objects have one id, a member that the first
has could be added to the second, and the quads would stay the same: nobody signed it there. Yet there are honest
repetitions: the issuer written out again as the creator of the achievement, an endorsement whose subject has the
id of what it endorses, criteria that bear the id of their achievement.

The rule is chosen so that of two documents of which one is the other with one member more, and whose quads are
the same, at most one is accepted. So no member can be added to a signed document and go unnoticed. Only values
that repeat are looked at; an object without id below an object is a new node each time. Objects with one id

- say the same, member for member; or
- have nothing in common; or
- have only their types in common, all of these, and are values of one property.

And since one addition could turn one of these into another:

- an object that says nothing but its id is refused beside one that says a single thing;
- among the values of one property, an object without type is refused beside one with a type;
- and one that says only its types, beside one that says a single thing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from credentials.document import pointer
from credentials.errors import UnsignedContentError
from credentials.rdf.nquads import RDF_TYPE, Quad


@dataclass(frozen=True, slots=True)
class Mention:
    """What one object says.

    Attributes:
        path: Where it stands (JSON Pointer).
        subject: Its name or blank node.
        graph: In which graph.
        slot: The predicate that leads to it.
        said: Its own quads.
        words: The name of the member for each predicate.
    """

    path: str
    subject: str | int
    graph: str | int
    slot: str
    said: Sequence[Quad]
    words: Mapping[str, str]


Saying: TypeAlias = frozenset[Quad]  # what an object says that another one could repeat


def check(mentions: Iterable[Mention]) -> None:
    """Refuse repetitions that could have been added after signing.

    Raises:
        UnsignedContentError: With the path of the repetition.
    """
    groups: dict[tuple[str | int, str], list[Mention]] = {}
    for mention in mentions:
        _refuse_repeats_within(mention)
        if isinstance(mention.subject, str):
            groups.setdefault((mention.graph, mention.subject), []).append(mention)
    for group in groups.values():
        if len(group) > 1:
            _check_group(group)


def _refuse_repeats_within(mention: Mention) -> None:
    seen: set[Quad] = set()
    for quad in mention.said:
        if quad in seen:
            raise UnsignedContentError(
                "A value is there twice.", path=mention.path + pointer(mention.words[quad[1]])
            )
        seen.add(quad)


def _check_group(group: Sequence[Mention]) -> None:
    # Equal objects are one saying; remember one of them for each property that leads to it.
    places: dict[Saying, dict[str, Mention]] = {}
    sayings_in: dict[str, set[Saying]] = {}
    for mention in group:
        saying = frozenset(quad for quad in mention.said if isinstance(quad[2], str))
        places.setdefault(saying, {})[mention.slot] = mention
        sayings_in.setdefault(mention.slot, set()).add(saying)
    _check_overlaps(places)
    bare = places.get(frozenset())
    if bare and any(_members(saying) == 1 for saying in places):
        _refuse(*bare.values())
    for slot, sayings in sayings_in.items():
        _check_types_in_slot({saying: places[saying][slot] for saying in sayings})


def _check_overlaps(places: Mapping[Saying, Mapping[str, Mention]]) -> None:
    """Refuse unequal objects that have more in common than their types, or these at several properties."""
    users: dict[Quad, list[Saying]] = {}
    for saying in places:
        for quad in saying:
            users.setdefault(quad, []).append(saying)
    for quad, sayings in users.items():
        if len(sayings) > 1:
            slots = {slot for saying in sayings for slot in places[saying]}
            if quad[1] != RDF_TYPE or len(slots) > 1 or len({_types(saying) for saying in sayings}) > 1:
                _refuse(*places[sayings[-1]].values())


def _check_types_in_slot(mentions: Mapping[Saying, Mention]) -> None:
    """Refuse, among the values of one property, what a type or a single member more would make acceptable."""
    untyped = [mention for saying, mention in mentions.items() if not _types(saying)]
    if untyped and len(untyped) < len(mentions):
        _refuse(*untyped)
    almost = {_types(saying) for saying in mentions if _members(saying) == 2}
    for saying, mention in mentions.items():
        if saying in almost:
            _refuse(mention)


def _types(saying: Saying) -> Saying:
    return frozenset(quad for quad in saying if quad[1] == RDF_TYPE)


def _members(saying: Saying) -> int:
    return len({quad[1] for quad in saying})


def _refuse(mention: Mention, *_: Mention) -> NoReturn:
    raise UnsignedContentError(
        "Two objects have one id and say partly the same. Something could be added to one of them unnoticed.",
        path=mention.path,
        got=mention.subject,
    )
