# SPDX-License-Identifier: Apache-2.0
"""The reader of policies: the examples run, and each fault is told with its place."""

from __future__ import annotations

import importlib.util
import random
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from recognition.errors import FAULTS_TOLD, NoSuchPolicyError, PolicyError
from recognition.rule import policy_keys as keys
from recognition.rule import policy_reader
from recognition.rule.policy import Overlap, Period, Policy, Status
from tests import vectors

CHECK: Final = vectors.ROOT.parent / "domain" / "policies" / "check.py"
MA: Final = policy_reader.sample("us-ma-renewal").source.decode()
WA: Final = policy_reader.sample("us-wa-clock-hours").source.decode()


def faults(text: str, *, name: str | None = None) -> list[str]:
    """Read ``text`` and return its faults as they are told; empty if there are none."""
    try:
        policy_reader.read(text.encode(), name=name)
    except PolicyError as error:
        return [str(each) for each in error.faults]
    return []


def changed(text: str, old: str, new: str) -> str:
    """Return ``text`` with its one ``old`` replaced."""
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def test_the_ten_examples_are_read_and_none_of_them_is_in_force() -> None:
    found = policy_reader.samples()
    assert len(found) == 10
    assert {each.status for each in found} == {Status.EXAMPLE}
    assert [each.id for each in found] == sorted(each.id for each in found)


def test_every_value_of_an_example_arrives() -> None:
    policy = policy_reader.sample("us-ma-renewal")
    assert policy.unit.id == "PDP-MA"
    assert policy.unit.clock_hours == Decimal(1)
    assert policy.in_force == Period(date(2018, 7, 2))
    assert policy.accept.issuers == ("national-programme",)
    assert policy.who.when == {"licence_level": ("professional",), "renewing": ("yes",)}
    assert [each.outcome for each in policy.who.otherwise] == ["ask-local", "learning-only", "learning-only"]
    (grant,) = policy.grants
    assert (grant.take, grant.amount, grant.related_by, grant.leftover) == (2, Decimal(10), "area", "none")
    assert grant.overlap is Overlap.FORBIDDEN
    assert [each.bucket for each in policy.needs] == [
        "content",
        "pedagogy",
        "english-learners",
        "special-education",
    ]
    more = policy.totals[0].per_additional
    assert more is not None
    assert (more.of, more.amount, more.needs) == ("licences_held", Decimal(30), {"content": Decimal(15)})
    assert policy.nevers[0].examples == ("SEI Endorsement",)
    assert policy.alsos[0].outcome == "supporting-document"


def test_attendance_windows_lists_and_eligibility_arrive() -> None:
    policy = policy_reader.sample("us-wa-clock-hours")
    assert policy.requires[0].grants is not None
    assert policy.requires[0].grants.amount == Decimal("1.5")
    assert policy.requires[1].times == "per-credential"
    assert policy.windows[0].submit_by == date(2024, 4, 26)
    assert policy.grants[0].eligible["stem"].lists == ("stem",)
    assert policy.grants[0].overlap is Overlap.UNKNOWN
    assert [each.code for each in policy.lists[1].items] == ["CLIM1", "CLIM2"]
    assert policy.totals[0].waived_when == {"holds": ("national-board-certificate",)}


def test_the_exact_bytes_and_their_digest_are_kept() -> None:
    source = MA.encode()
    policy = policy_reader.read(source, name="us-ma-renewal")
    assert policy.source == source
    assert policy.sha256 == policy_reader.sample("us-ma-renewal").sha256
    assert policy_reader.read(source + b"# one byte more\n").sha256 != policy.sha256


def test_an_example_that_does_not_exist_is_said_so() -> None:
    with pytest.raises(NoSuchPolicyError):
        policy_reader.sample("../policy")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("amount = 10\n", "amount = 10\nammount = 10\n", "grant[0].ammount: unknown key"),
        ('basis = "awarded" ', "", "basis: missing"),
        ("take = 2 ", 'take = "2" ', "grant[0].take: must be a whole number above 0"),
        ("take = 2 ", "take = true ", "grant[0].take: must be a whole number above 0"),
        ("take = 2 ", "take = 501 ", "grant[0].take: must be at most 500"),
        ("amount = 10\n", "amount = -10\n", "grant[0].amount: must be a decimal above 0"),
        ("amount = 10\n", "amount = nan\n", "grant[0].amount: must be a decimal above 0"),
        ("amount = 10\n", "amount = inf\n", "grant[0].amount: must be a decimal above 0"),
        ("amount = 10\n", "amount = 1e999999999\n", "grant[0].amount: must be at most 1,000,000"),
        (
            "amount = 10\n",
            "amount = 1e9999999999999999999999\n",
            "grant[0].amount: must be a decimal above 0",
        ),
        ("amount = 10\n", "amount = 1000001\n", "grant[0].amount: must be at most 1,000,000"),
        (
            "amount = 10\n",
            "amount = 0.00001\n",
            "grant[0].amount: has at most 4 digits after the point",
        ),
        ("from = 2018-07-02", "from = 2018-07-02T00:00:00", "in_force.from: must be a date"),
        ("from = 2018-07-02", 'from = "2018-07-02"', "in_force.from: must be a date"),
        ("{ licence_level = [", "{ licence_levl = [", "who.when.licence_levl: unknown fact"),
        ('renewing = ["yes"]', "renewing = []", "who.when.renewing: must not be empty: "),
        ('renewing = ["yes"]', "renewing = true", "who.when.renewing: must be an array of texts"),
        ('id = "us-ma-renewal"', 'id = "US ma"', "id: must be lower-case letters"),
        ('version = "2018-07-02"', 'version = "../1"', "version: must be letters and digits"),
        ('version = "2018-07-02"', 'version = "1.toml"', "version: must be letters and digits"),
        ('jurisdiction = "US-MA"', 'jurisdiction = "Massachusetts"', "jurisdiction: not ISO 3166-2"),
        ('timezone = "America/New_York"', 'timezone = "EST5"', "timezone: not an IANA zone"),
        ('timezone = "America/New_York"', 'timezone = "../../etc/passwd"', "timezone: not an IANA zone"),
        ('status = "example"', 'status = "in-force"', "status: in-force with unverified values"),
        ('"grant[0].into",', '"grant[0].unto",', "unverified: grant[0].unto does not exist in this policy"),
        ('"grant[0].into",', '"grant[7].into",', "unverified: grant[7].into does not exist in this policy"),
        ('"grant[0].into",', '"grant[0]..into",', "unverified: grant[0]..into does not exist"),
        ('"elective"]', '"elective", "content"]', "grant[0].into[5]: stands there twice"),
        (
            'bucket = "content"\namount = 15\n\n',
            'bucket = "contents"\namount = 15\n\n',
            "need[0].bucket: no grant goes into contents",
        ),
        (
            'issuers = ["national-programme"]',
            'issuers = ["did:web:10.0.0.1"]',
            "accept.issuers[0]: must be a DID",
        ),
        (
            'issuers = ["national-programme"]',
            'issuers = ["National Programme"]',
            "accept.issuers[0]: must be",
        ),
        (
            'kinds = ["MicroCredential"]',
            'kinds = ["Microcredential"]',
            "accept.kinds[0]: is no achievementType",
        ),
        ("take = 2 ", "take = 1 ", "grant[0]: related_by and leftover need take > 1"),
        ("amount = 10\ninto", "into", "grant[0]: exactly one of amount, amount_from"),
        ("amount = 10\ninto", 'amount_from = "stated-hours"\ninto', "grant[0]: a stated amount is only ever"),
        (
            "amount = 10\ninto",
            'amount = 10\noutcome = "proposal"\ninto',
            "grant[0]: a proposal needs approval",
        ),
        (
            'purpose = "licence-endorsement"',
            'purpose = "licence-renewal"',
            "never: forbids the purpose of the",
        ),
        ('purpose = "add-licence"', 'purpose = "licence-endorsement"', "also[0].purpose: is always refused"),
        (
            'of = "licences_held"',
            'of = "role"',
            "total[0].per_additional.of: nobody has several values of role",
        ),
        (
            "needs = { content = 15 }",
            "needs = { contents = 15 }",
            "total[0].per_additional.needs.contents: no",
        ),
        (
            "[[need]]",
            "[[deadline]]\nclaim_within_days = 0\nafter = 'awarded'\n\n[[need]]",
            "deadline[0].claim",
        ),
        ("[[need]]", "[need]", ""),
        (
            "[[clock]]",
            "[[clock]]\ncycle_years = 4\ndate = 'awarded'\n[[clock]]",
            "clock[0]: holds for everybody",
        ),
        (
            "[[need]]",
            "[[cap]]\namount = 5\nper = 'cycle'\nvalues = ['x']\n\n[[need]]",
            "cap[0].values: there are",
        ),
        (
            "[[need]]",
            "[[cap]]\namount = 5\nper = 'cycle'\nbucket = 'x'\n\n[[need]]",
            "cap[0].bucket: no grant",
        ),
        ("[[need]]", "[[cap]]\namount = 5\nper = 'month'\n\n[[need]]", "cap[0].per: must be one of: "),
        ("[[need]]", "[[area]]\nid = 'x'\n\n[[need]]", "area[0]: names neither stacks nor items"),
        ("[[need]]", "[contact]\nname = 'x'\nurl = 'javascript:1'\n\n[[need]]", "contact.url: "),
        (
            "[[need]]",
            "[[require]]\nevent = 'party'\ntimes = 1\n\n[[need]]",
            "require[0].event: must be one of",
        ),
        (
            "[[need]]",
            "[[require]]\nevent = 'capstone'\ntimes = 'often'\n\n[[need]]",
            "require[0].times: must be",
        ),
    ],
)
def test_what_is_not_as_agreed_is_told_with_its_place(old: str, new: str, told: str) -> None:
    found = faults(changed(MA, old, new), name="us-ma-renewal")
    assert found
    assert any(each.startswith(told) for each in found), found


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('lists = ["equity"]', 'lists = ["equality"]', "grant[0].eligible.equity: no list equality"),
        ('{ equity = { lists = ["equity"] }', "{ equity = {}", "grant[0].eligible.equity: names neither"),
        ("{ equity = { lists", "{ equality = { lists", "grant[0].eligible.equality: not in into"),
        ('school_year = "2023-24"', 'school_year = "2023-25"', "window[0]: wrong year or order"),
        (
            "submit_by = 2024-04-26",
            "submit_by = 2023-04-26",
            "window[0].submit_by: is no day of the school year",
        ),
        ("revise_by = 2024-05-24", "revise_by = 2024-04-24", "window[0]: wrong year or order"),
        (
            'into = "general", count = "once"',
            'into = "generl", count = "once"',
            "require[0].grants.into: unknown",
        ),
        ('event = "workshop"', 'event = "orientation"', "require: two have the same event"),
        (
            '{ code = "CLIM2"',
            '{ code = "CLIM1"',
            "list[1].items[1]: CLIM1 stands there twice on the same days",
        ),
        ('id = "stem"', 'id = "equity"', "list: two have the same id"),
    ],
)
def test_rows_that_do_not_fit_together_are_told_with_their_place(old: str, new: str, told: str) -> None:
    assert any(each.startswith(told) for each in faults(changed(WA, old, new)))


def test_all_faults_are_told_at_once_up_to_a_limit() -> None:
    text = changed(changed(MA, "take = 2 ", "take = 0 "), 'unit = { id = "PDP-MA"', "unit = { ident = 1")
    assert faults(text) == [
        "unit.ident: unknown key",
        "unit.id: missing",
        "grant[0].take: must be a whole number above 0",
    ]
    many = MA + "\n" + "\n".join(f"[extra{number}]" for number in range(100))
    assert len(faults(many)) == FAULTS_TOLD


def test_the_name_of_the_file_must_be_the_id() -> None:
    assert faults(MA, name="us-vt-relicensing") == ["id: must be the file name"]
    assert faults(MA) == []


def test_a_text_that_nobody_can_read_the_same_way_is_refused() -> None:
    turned = changed(MA, "# a group", "# a \u202egroup")
    assert faults(turned) == ["Line 50 holds a character that cannot be seen (U+202E)."]
    escaped = changed(MA, "Massachusetts: renewing", "Massachusetts\\u202e: renewing")
    assert faults(escaped) == ["title: holds characters that cannot be seen"]
    assert faults("\ufeff" + MA)


def test_quotations_may_have_several_lines_and_titles_not() -> None:
    says = changed(MA, 'say = "Check your', 'say = """\nCheck your')
    says = changed(says, 'Title I employment requirements."', 'Title I\nemployment requirements."""')
    assert faults(says) == []
    assert faults(changed(MA, 'title = "Massa', 'title = "Mas\\nsa')) == [
        "title: holds characters that cannot be seen"
    ]


def test_carriage_returns_change_the_digest_and_nothing_else() -> None:
    policy = policy_reader.read(MA.replace("\n", "\r\n").encode())
    assert policy.sha256 != policy_reader.sample("us-ma-renewal").sha256
    assert policy.grants == policy_reader.sample("us-ma-renewal").grants


# -- against the domain's own check -------------------------------------------------------------------------

_Check = Callable[[Path], list[str]]


@pytest.fixture(scope="module")
def domain_check() -> _Check:
    """The program that the domain documents bring along."""
    if not CHECK.exists():
        pytest.skip("the domain documents do not stand beside the checkout")
    spec = importlib.util.spec_from_file_location("domain_policy_check", CHECK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    check: _Check = module.check
    return check


def _crashes_or_says(check: _Check, path: Path) -> list[str]:
    """Return the faults; where the program itself stumbles, that is one."""
    try:
        return check(path)
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        return [f"stumbled: {error!r}"]


def test_the_examples_are_those_of_the_domain(domain_check: _Check) -> None:
    for policy in policy_reader.samples():
        path = CHECK.parent / f"{policy.id}.toml"
        assert path.read_bytes() == policy.source
        assert domain_check(path) == []


def _mutants(rng: random.Random, count: int) -> list[tuple[str, str]]:
    words = sorted(
        {word for each in policy_reader.samples() for word in re.findall(r"[\w-]+", each.source.decode())}
    )
    values = ['"x"', "1", "0", "-1", "1.5", "true", "[]", "{}", '["x"]', "2020-01-01", "nan", '""']
    found: list[tuple[str, str]] = []
    while len(found) < count:
        policy: Policy = rng.choice(policy_reader.samples())
        lines = policy.source.decode().splitlines()
        place = rng.randrange(len(lines))
        how = rng.randrange(5)
        if how == 0:
            del lines[place]
        elif how == 1:
            lines.insert(rng.randrange(len(lines)), lines[place])
        elif how == 2 and " = " in lines[place]:
            lines[place] = lines[place].split(" = ")[0] + " = " + rng.choice(values)
        elif how == 3:
            parts = re.split(r"([\w-]+)", lines[place])
            if len(parts) > 1:
                parts[rng.randrange(1, len(parts), 2)] = rng.choice(words)
            lines[place] = "".join(parts)
        else:
            other = rng.choice(policy_reader.samples()).source.decode().splitlines()
            lines.insert(place, rng.choice(other))
        found.append((policy.id, "\n".join(lines) + "\n"))
    return found


def test_whatever_the_domains_check_refuses_is_refused_at_the_same_places(
    domain_check: _Check, tmp_path: Path
) -> None:
    both = ours_alone = 0
    for name, text in _mutants(random.Random(20261122), 1_000):  # noqa: S311  a fixed sequence of mutants
        path = tmp_path / f"{name}.toml"
        path.write_text(text, "utf-8")
        theirs, ours = _crashes_or_says(domain_check, path), faults(text, name=name)
        assert not theirs or ours, (theirs, text)
        both += bool(theirs)
        ours_alone += bool(ours) and not theirs
        if theirs and len(ours) < FAULTS_TOLD and not theirs[0].startswith(("stumbled", "not TOML")):
            missed = _places(theirs) - _places(ours)
            assert not missed, (missed, theirs, ours)
    assert both > 200
    assert ours_alone < 300


def _places(told: list[str]) -> set[Any]:
    """Return the first part of each place: the rules about what fits together are told apart more finely."""
    return {re.split(r"[.:\[]", each, maxsplit=1)[0] for each in told}


# -- the documentation --------------------------------------------------------------------------------------


def _words(rule: keys.Rule) -> Iterator[str]:
    """Yield every key and every value that the table of keys names."""
    if isinstance(rule, keys.Table):
        for key, inner in (*rule.must.items(), *rule.may.items()):
            yield key
            yield from _words(inner)
    elif isinstance(rule, keys.Rows):
        yield from _words(rule.row)
    elif isinstance(rule, keys.ByBucket):
        yield from _words(rule.table)
    elif isinstance(rule, keys.OneOf):
        yield from rule.values


def test_the_documentation_names_every_key_and_every_value() -> None:
    text = (vectors.HERE.parent / "docs" / "policies.md").read_text("utf-8")
    named = set(re.findall(r"[A-Za-z0-9_/-]+", text))
    assert set(_words(keys.POLICY)) - named == set()
