# SPDX-License-Identifier: Apache-2.0
"""Objects that share an id: which repetitions are sound, and which would hide a change.

In RDF there is one node for each name, and a set of statements. Where objects of a document have one id, a
member could be moved from one to the other, or values exchanged, and the statements would stay the same:
nobody signed where they stand. Yet there are honest repetitions: the issuer written out again as the creator
of the achievement, an endorsement of it, criteria that bear the id of their achievement. So, in one graph:

1. Where the place says what an object is (``ROLES``), it holds only members of this role, and no other object
   with its id holds any of them. Objects of one role are equal, but for subjects of endorsements: each of
   these is under the signature of its own endorsement.
2. All other objects with one id are equal, down to their leaves, but for the endorsements that they list:
   each says itself, under its own signature, what it endorses.
3. Nothing in an object that is repeated stands there twice.

Then nothing can be moved, exchanged or added. Let two accepted documents have the same statements. Statements
say which places refer to an id, by the member that leads there; so both have the same places for roles. By 1
every statement of a role stands in the objects of this role, and there in each of them, and every other one
in the objects of 2, in each of them. By 3 they hold them equally often. So all that can differ is whether an
object of 2 is written out at a place or only named there, because it is written out at another, and at
which of these an endorsement of it is listed. That says the same; and where a name may not stand for an
object, or an object for a name, is told by the schema.

An object that is only an id is no exception: beside one that says more, the name has to stand as a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from credentials.document import pointer
from credentials.errors import UnsignedContentError
from credentials.rdf.nquads import RDF_TYPE, Quad


@dataclass(frozen=True, slots=True)
class Mention:
    """What one object says.

    Attributes:
        path: Where it stands (JSON Pointer).
        place: The predicate that leads to it; "" at the root.
        subject: Its name or blank node.
        graph: In which graph.
        said: Its own quads.
        words: The name of the member for each predicate.
    """

    path: str
    place: str
    subject: str | int
    graph: str | int
    said: Sequence[Quad]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Role:
    """What an object may say beside others with its id.

    Attributes:
        type: Its only type; "" where it has none.
        needs_type: Whether it says its type.
        predicates: All else that it may say.
        repeats: Whether there may be several that are not equal.
    """

    type: str
    predicates: frozenset[str]
    needs_type: bool = True
    repeats: bool = False

    def owns(self, quad: Quad) -> bool:
        """Tell whether only objects of this role may say ``quad``."""
        return quad[1] in self.predicates or (quad[1] == RDF_TYPE and quad[2] == self.type)

    def fits(self, mention: Mention) -> bool:
        """Tell whether all that an object says is of this role."""
        types = [quad[2] for quad in mention.said if quad[1] == RDF_TYPE]
        is_typed = types == [self.type] or not (types or self.needs_type)
        return is_typed and all(self.owns(quad) for quad in mention.said)


def _words(vocabulary: str, *names: str) -> frozenset[str]:
    return frozenset(f"<{vocabulary}{name}>" for name in names)


_OB = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
_CRED = "https://www.w3.org/2018/credentials#"
_REFRESH = "<https://purl.imsglobal.org/spec/vccr/v1p0/context.json#1EdTechCredentialRefresh>"
_SUBJECT = f"<{_CRED}credentialSubject>"

# By the predicate that leads to the object. The members that a subject has in common with others (its image)
# are none of its role: a subject with one may not share its id.
ROLES: Mapping[str, tuple[Role, ...]] = {
    _SUBJECT: (
        Role(f"<{_OB}EndorsementSubject>", _words(_OB, "endorsementComment"), repeats=True),
        Role(
            f"<{_OB}AchievementSubject>",
            _words(
                _OB,
                *("achievement", "activityEndDate", "activityStartDate", "creditsEarned", "identifier"),
                *("licenseNumber", "narrative", "result", "role", "source", "term"),
            ),
        ),
    ),
    f"<{_OB}Criteria>": (Role(f"<{_OB}Criteria>", _words(_OB, "narrative"), needs_type=False),),
    # The extensions of Open Badges: a badge is refreshed from where it stands.
    f"<{_CRED}refreshService>": (Role(_REFRESH, frozenset()),),
    f"<{_CRED}relatedResource>": (
        Role(
            "",
            _words(_CRED, "digestSRI")
            | _words("https://w3id.org/security#", "digestMultibase")
            | _words("https://schema.org/", "encodingFormat"),
            needs_type=False,
        ),
    ),
}


# What objects with one id need not have in common.
ENDORSEMENTS = _words(_OB, "endorsement", "endorsementJwt")


def check(mentions: Iterable[Mention], quads: Sequence[Quad]) -> None:
    """Refuse values that stand twice in an object, and objects with one id that break the rule above.

    Args:
        mentions: All objects of a document.
        quads: All that they say, in the order in which a document is read: what an object holds first.

    Raises:
        UnsignedContentError: With the path of the repetition.
    """
    groups: dict[tuple[str | int, str], list[Mention]] = {}
    for mention in mentions:
        _refuse_repeats_within(mention)
        if isinstance(mention.subject, str):
            groups.setdefault((mention.graph, mention.subject), []).append(mention)
    shared = [group for group in groups.values() if len(group) > 1]
    if shared:
        contents = _contents(quads)
        for group in shared:
            _check_group(group, contents)


def _refuse_repeats_within(mention: Mention) -> None:
    seen: set[Quad] = set()
    for quad in mention.said:
        if quad in seen:
            place = mention.path + pointer(mention.words[quad[1]])
            raise UnsignedContentError("A value stands there twice.", path=place)
        seen.add(quad)


def _check_group(group: Sequence[Mention], contents: Mapping[int, str]) -> None:
    by_role: dict[Role | None, list[Mention]] = {}
    for mention in group:
        roles = ROLES.get(mention.place)
        role = next((role for role in roles if role.fits(mention)), None) if roles else None
        if roles and role is None:
            _refuse(mention)
        by_role.setdefault(role, []).append(mention)
    for role, same in by_role.items():
        if len(same) > 1 and not (role and role.repeats):
            _check_equal(same, contents)
        for other in group:
            if role and other not in same:
                for quad in other.said:
                    if role.owns(quad):
                        _refuse(other, quad[1])


def _check_equal(same: Sequence[Mention], contents: Mapping[int, str]) -> None:
    first: set[tuple[str, str]] | None = None
    for mention in same:
        said: set[tuple[str, str]] = set()
        for _, predicate, value, _ in mention.said:
            statement = (predicate, value if isinstance(value, str) else contents[value])
            if statement in said:
                _refuse(mention, predicate)
            if predicate not in ENDORSEMENTS:
                said.add(statement)
        if first is None:
            first = said
        for predicate, _ in sorted(first ^ said):
            _refuse(mention, predicate)


def _contents(quads: Sequence[Quad]) -> dict[int, str]:
    """Return a name for each blank node that is a value, by what it holds: equal names, equal contents."""
    about: dict[int, list[Quad]] = {}
    contents: dict[int, str] = {}
    numbers: dict[tuple[tuple[str, str, str], ...], int] = {}

    def name(node: str | int, own: int) -> str:
        if isinstance(node, str):
            return node
        if node == own:
            return ""
        if node not in contents:
            held = sorted((name(s, node), p, name(o, node)) for s, p, o, _ in about.get(node, ()))
            contents[node] = f"_:{numbers.setdefault(tuple(held), len(numbers))}"
        return contents[node]

    for quad in quads:
        subject, _, value, graph = quad
        # When a value is met, all that it holds has been met: this does not go deep into long lists.
        name(value, -1)
        for holder in {subject, graph}:
            if isinstance(holder, int):
                about.setdefault(holder, []).append(quad)
    return contents


def _refuse(mention: Mention, predicate: str = "") -> NoReturn:
    word = mention.words.get(predicate)
    raise UnsignedContentError(
        "Objects with one id do not say the same. A signature cannot tell which of them says what.",
        path=mention.path + (pointer(word) if word else ""),
        got=mention.subject,
    )
