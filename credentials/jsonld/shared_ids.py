# SPDX-License-Identifier: Apache-2.0
"""Objects that share an id: which repetitions are sound, and which would hide an addition.

In RDF there is one node for each name, and a set of quads. Where two objects have one id, a member that the
first has could be added to the second, and the quads would stay the same: nobody signed it there. Yet there
are honest repetitions: the issuer written out again as the creator of the achievement, two endorsements of
one profile, criteria that bear the id of their achievement. So any two objects with one id must

- have members of the same names, and in each of them the same values or none in common; or
- have no value in common, and neither has just the members of the other and one more.

Then no member can be added unnoticed. Let a document be accepted, and add to one of its objects a member
whose quads are all there already. Another object with the same id has one of these values. So in the new
document the two have a value in common, and it is only accepted if their names are now the same; then before
they differed by just this one, and the document was not accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from credentials.document import pointer
from credentials.errors import UnsignedContentError
from credentials.rdf.nquads import Quad


@dataclass(frozen=True, slots=True)
class Mention:
    """What one object says.

    Attributes:
        path: Where it stands (JSON Pointer).
        subject: Its name or blank node.
        graph: In which graph.
        said: Its own quads.
        words: The name of the member for each predicate.
    """

    path: str
    subject: str | int
    graph: str | int
    said: Sequence[Quad]
    words: Mapping[str, str]


def check(mentions: Iterable[Mention]) -> None:
    """Refuse values that stand twice in an object, and objects with one id that break the rule above.

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
            place = mention.path + pointer(mention.words[quad[1]])
            raise UnsignedContentError("A value stands there twice.", path=place)
        seen.add(quad)


def _check_group(group: Sequence[Mention]) -> None:
    # For each value that could be repeated: the names of the object's members, and all values of this member.
    said_with: dict[Quad, tuple[frozenset[str], frozenset[Quad]]] = {}
    found: dict[frozenset[str], Mention] = {}
    for mention in group:
        values: dict[str, set[Quad]] = {}
        for quad in mention.said:
            values.setdefault(quad[1], set()).add(quad)
        names = frozenset(values)
        found[names] = mention
        for quads in values.values():
            company = (names, frozenset(quads))
            for quad in quads:
                if isinstance(quad[2], str) and said_with.setdefault(quad, company) != company:
                    _refuse(mention, mention.words[quad[1]])
    for names, mention in found.items():
        for name in names:
            if names - {name} in found:
                _refuse(mention, mention.words[name])


def _refuse(mention: Mention, name: str) -> NoReturn:
    raise UnsignedContentError(
        "Objects with one id say partly the same. A signature cannot tell which of them says this.",
        path=mention.path + pointer(name),
        got=mention.subject,
    )
