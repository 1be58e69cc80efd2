# SPDX-License-Identifier: Apache-2.0
"""Look-alike names and addresses: what is flagged, and how often what is merely similar is not.

The measure is a set of plausible distinct issuers: unions, departments and universities of every state,
school districts of counties, numbered regions and locals. Each is compared with all others; none may be
flagged.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator

import pytest

from service.accounts.places import STATES
from verifier.confusables import LEET_LETTERS, has_hidden, mixed_word, skeleton, words
from verifier.likeness import Kind, likeness
from verifier.party import Party, address_of
from verifier.ports import KnownIssuer

COUNTIES = re.findall(
    r"\w+",
    "Adams Allen Anderson Barnes Benton Boone Brown Burke Burns Butler Calhoun Camden Carroll Carter "
    "Cass Clark Clarke Clay Clayton Clinton Coffee Cole Cook Crawford Dale Dallas Davis Dawson Decatur "
    "Douglas Elbert Ellis Fayette Floyd Franklin Fulton Garfield Garrison Grant Greene Hamilton Hampton "
    "Hancock Hardin Harlan Harris Harrison Hart Henderson Henry Holmes Howard Hudson Jackson Jasper "
    "Jefferson Johnson Jones Kent King Knox Lake Lamar Lancaster Lane Lawrence Lee Lewis Liberty "
    "Lincoln Logan Madison Marion Marlon Marshall Martin Mason Merion Mercer Miller Mitchell Monroe "
    "Montgomery Morgan Morris Morrison Newton Orange Osborn Osborne Page Perry Phillips Pierce Pike "
    "Polk Pope Porter Putnam Randolph Reed Rice Richland Robertson Robinson Rowan Russell Rutherford "
    "Saline Scott Shelby Sheridan Sherman Smith Stone Sullivan Sumner Sussex Taylor Terrell Thomas Todd "
    "Tyler Union Vernon Walker Wallace Walton Ward Warden Warren Washington Wayne Webster White Wilkes "
    "Wilson Winston Wood Woods Worth Wright York Young ",
)
STATE_KINDS = (
    "{} Education Association",
    "{} Federation of Teachers",
    "{} School Employees Association",
    "{} Department of Education",
    "University of {}",
    "{} State University",
    "{} Board of Education",
    "Northern {} University",
    "Southern {} University",
    "{} Association of School Administrators",
)


def names() -> Iterator[str]:
    """Yield names of issuers that are all distinct."""
    for state in STATES.values():
        yield from (kind.format(state) for kind in STATE_KINDS)
    for county in COUNTIES:
        if county == "Marlon":  # There is none: it is "Marion" with another letter.
            continue
        yield from (f"{county} {kind}" for kind in ("County Schools", "College", "Teachers Union"))
        yield from (f"{county} School District {number}" for number in (1, 2, 10, 11, 12, 21, 101))
    for number in range(1, 120):
        yield f"Educational Service District {number}"
        yield f"Teachers Local {number}"
    for roman in ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"):
        yield f"Learning Region {roman}"
    for letter in "ABCDEFGHJKLMNOPQRSTUVWXYZ":
        yield f"Building {letter} Academy"
        yield from (f"Room {number}{letter} Academy" for number in (3, 4, 5))


def hosts() -> Iterator[str]:
    """Yield hosts of issuers that are all distinct."""
    for short, state in STATES.items():
        plain = re.sub(r"\W", "", state.casefold())
        yield from (f"{plain}{end}" for end in (".edu", ".gov", ".org", "-education.org", "teachers.org"))
        yield f"education.{short.casefold()}.gov"
        yield f"{short.casefold()}ea.org"
        yield f"www.{short.casefold()}-educators.org"
    for county in COUNTIES:
        if county != "Marlon":
            yield from (
                f"{county.casefold()}{end}" for end in ("countyschools.org", "college.edu", ".k12.us")
            )
    yield from (f"district{number}.k12.example" for number in range(1, 120))
    yield from (f"esd{number}schools.org" for number in range(1, 120))


def compare(party: Party, *known: tuple[str, str]) -> Kind | None:
    """Return how ``party`` is like one of these pairs of identifier and name."""
    found = likeness(tuple(KnownIssuer(*each) for each in known)).find(party)
    return None if found is None else found.kind


def party(name: str, id: str = "did:web:somewhere.example") -> Party:
    return Party(id=id, name=name, url=None, address=address_of(id))


def test_no_distinct_name_is_taken_for_another() -> None:
    every = list(dict.fromkeys(names()))
    assert len(every) > 2_000
    known = tuple(KnownIssuer(f"did:key:{number}", name) for number, name in enumerate(every))
    index = likeness(known)
    flagged = [
        (each.name, found.known.name)
        for each in known
        if (found := index.find(party(each.name, each.did))) is not None
    ]
    assert flagged == []


def test_no_distinct_address_is_taken_for_another() -> None:
    every = list(dict.fromkeys(hosts()))
    assert len(every) > 1_000
    known = tuple(KnownIssuer(f"did:web:{host}", f"Number {number}") for number, host in enumerate(every))
    index = likeness(known)
    flagged = [
        (each.did, found.known.did)
        for each in known
        if (found := index.find(party(each.name, each.did))) is not None
    ]
    assert flagged == []


@pytest.mark.parametrize(
    "name",
    [
        "Washington Educaton Association",
        "Washington Education Assocation",
        "Washington Eduaction Association",
        "Washington Education Asssociation",
        "Wahsington Education Association",
        "The Washington Education Association",
        "Washington Education Association, Inc.",
        "WASHINGTON EDUCATION ASSOCIATION",
        "Washington-Education-Association",
        "W a s h i n g t o n Education Association",
        "Washingt0n Education Associati0n",
        "W4shington Education A55ociation",
        "W@shington Education A$sociation",
        "Ｗａｓｈｉｎｇｔｏｎ Ｅｄｕｃａｔｉｏｎ Association",
        "𝐖𝐚𝐬𝐡𝐢𝐧𝐠𝐭𝐨𝐧 Education Association",
        "Wаshingtоn Educаtion Associаtion",  # Cyrillic
        "Wαshingtοn Education Association",  # Greek
        "Wáshingtón Education Association",
        "VVashington Education Association",
    ],
)
def test_a_name_that_is_made_to_look_the_same_is_found(name: str) -> None:
    assert compare(party(name), ("did:web:wea.example", "Washington Education Association")) in (
        Kind.NAME,
        Kind.SAME_NAME,
    )


@pytest.mark.parametrize(
    "name",
    [
        "Wisconsin Education Association",
        "Washington Education Associations",
        "Washington Education Association of Administrators",
        "East Washington Education Association",
        "Washington Educators Association",
        "Washington Adult Education Association",
    ],
)
def test_a_name_that_is_merely_similar_is_not(name: str) -> None:
    assert compare(party(name), ("did:web:wea.example", "Washington Education Association")) is None


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("example.edu.evil.example", Kind.HOST),
        ("example-edu.evil.example", Kind.HOST),
        ("example-edu-badges.com", Kind.HOST),
        ("www.ex-ample.edu", Kind.HOST),
        ("xn--exmple-4nf.edu", Kind.HOST),  # a Cyrillic a
        ("EXAMPLE.edu", None),
        ("badges.example.edu", None),
        ("my-example.edu", None),
        ("example.org", None),
        ("sample.edu", None),
    ],
)
def test_addresses_beside_a_short_one(host: str, kind: Kind | None) -> None:
    assert compare(party("Somebody", f"https://{host}/issuer"), ("did:web:example.edu", "Example")) is kind


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("badges.exmaple-education.org", Kind.HOST),
        ("exmaple-education.org", None),  # The known one is at "badges.": nothing of that is here.
        ("badges.example-educatiom.org", Kind.HOST),
        ("badges.example-educatio.org", Kind.HOST),
        ("badges.example-educatoin.org", Kind.HOST),
        ("old.badges.exmaple-education.org", Kind.HOST),
        ("badges.exemple-education.org", None),
        ("badges.example-education2.org", None),
        ("example-education.org", None),
    ],
)
def test_addresses_beside_a_long_one(host: str, kind: Kind | None) -> None:
    known = ("did:web:badges.example-education.org", "Example")
    assert compare(party("Somebody", f"did:web:{host}"), known) is kind


def test_a_number_is_a_number() -> None:
    assert skeleton("Region 11") != skeleton("Region II")
    assert skeleton("Room 4A") != skeleton("Room AA")
    assert skeleton("District 1O") == skeleton("District 10")
    assert skeleton("Sch00l") == skeleton("School")
    assert words("Room 4A") == ("room", "4a")
    assert LEET_LETTERS == 3


def test_words_of_two_alphabets_are_found() -> None:
    assert mixed_word("The Natiоnal Board") == "Natiоnal"
    assert mixed_word("The National Board") is None
    assert mixed_word("Университет of Athens") is None


def test_every_sign_that_shows_nothing_is_hidden() -> None:
    blank = set("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f")
    kinds = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
    for char in map(chr, range(sys.maxunicode + 1)):
        assert has_hidden(f"a{char}") == (char in blank or unicodedata.category(char) in kinds), ascii(char)


def test_nobody_looks_like_themselves_or_without_a_list() -> None:
    assert compare(party("The Union", "did:web:a.example"), ("did:web:a.example", "The Union")) is None
    assert compare(party("The Union")) is None
    assert compare(party("The"), ("did:web:a.example", "...")) is None


def test_a_long_list_is_compared_at_once() -> None:
    known = tuple(
        KnownIssuer(f"did:web:badges.issuer{n:05}.example", f"Issuer {n} of Something") for n in range(1_500)
    )
    index = likeness(known)
    assert index is likeness(tuple(known))
    assert index.find(party("1ssuer 1499 of Something")) is not None
