# SPDX-License-Identifier: Apache-2.0
"""Recognition in the sample programme: by which rules its recognizers decide, and what they have decided.

``seed`` puts up the desks: adopted example rules, recognised issuers, attestations. ``rehearse`` plays some
months at them once people hold awards (``hallmark demo``): one claim waits, one is approved and shown, one
has lost a source since. Nothing is written past the rules. Everybody is invented; done twice, it changes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from recognition.adopting import issuer_names, publishing, shelf
from recognition.attesting import attestations, sharing
from recognition.claiming import claims, deciding
from recognition.claiming.claim_states import Claim
from recognition.claiming.proposal import propose
from recognition.errors import AlreadyUsedError
from recognition.judging.facts import Facts
from recognition.office import Office
from recognition.plan import plans
from recognition.ports import Held
from recognition.reversing import reversals
from recognition.rule.policy import Period
from recognition.stating import issuing, statement
from service.accounts import people
from service.accounts.people import Person
from verifier import issuer_lists
from verifier.list_format import ListedIssuer

ACTOR: Final = "sample"
DISTRICT, WA, VT, NH = "example-district", "example-wa", "example-vt", "example-nh"
EDUCATION: Final = "example-education"
NATIONAL: Final = "national-programme"

# By which example rules each organisation of the sample decides.
RULES: Final[Mapping[str, tuple[str, ...]]] = {
    DISTRICT: ("us-ma-renewal", "us-co-aurora-lane"),
    WA: ("us-wa-clock-hours",),
    VT: ("us-vt-relicensing",),
    NH: ("us-nh-recertification",),
}
NAMES: Final = {
    WA: "Example Education Association, Washington",
    VT: "Example Education Association, Vermont",
    NH: "Example Education Association, New Hampshire",
}

# Who attended what: the address, the event, the micro-credential or "", and how many days ago.
ATTENDED: Final = (
    ("ada@teachers.example", "orientation", "", 130),
    ("ada@teachers.example", "workshop", "SEL2", 64),
    ("ada@teachers.example", "workshop", "SEL3", 5),
    ("ben@paraeducators.example", "orientation", "", 130),
    ("wren@counselors.example", "orientation", "", 47),
    ("wren@counselors.example", "clock-hour-registration", "SAFE1", 46),
)

RENEWAL: Final[Mapping[str, tuple[str, ...]]] = {
    "role": ("teacher",),
    "licence_level": ("professional",),
    "renewing": ("yes",),
}


@dataclass(frozen=True, slots=True)
class Story:
    """One claim of the sample.

    Attributes:
        codes: Of the awards that are claimed.
        approved: Whether the district has granted what its rule proposes.
        shown: Whether the educator shows the recognition beside the award.
        fallen: Code of the award that its issuer withdraws afterwards, or "".
    """

    email: str
    policy: str
    purpose: str
    codes: tuple[str, ...]
    facts: Mapping[str, tuple[str, ...]]
    approved: bool = False
    shown: bool = False
    fallen: str = ""


STORIES: Final = (
    Story("mia@teachers.example", "us-ma-renewal", "licence-renewal", ("SEL1", "SEL2", "SEL3"), RENEWAL),
    Story(
        "cleo@teachers.example",
        "us-co-aurora-lane",
        "salary-lane",
        ("SEL1",),
        {},
        approved=True,
        shown=True,
    ),
    Story(
        "teo@teachers.example",
        "us-ma-renewal",
        "licence-renewal",
        ("SEL1", "SEL2"),
        RENEWAL,
        approved=True,
        fallen="SEL2",
    ),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the walk-through shows.

    Attributes:
        sentence: What the rule says of the claim that waits, or what was decided about it since.
        signed: Links of the signed recognitions of the claim that was approved.
        waiting: How many recognitions of the district need a decision, because a source fell.
    """

    rule: str
    rule_path: str
    sentence: str
    signed: tuple[str, ...]
    waiting: int


SHOWS: Final = ("kit@support.example", VT)  # who shows an award to which affiliate
WANTED: Final = {
    "want-TRA1": "yes",
    "want-TRA2": "yes",
    "earned-content": "5",
}  # of the plan of the first story


def seed(office: Office, own: Mapping[str, ListedIssuer], *, now: datetime) -> tuple[str, ...]:
    """Put up the desks of the sample's recognizers; return sentences about what there is.

    Args:
        office: The opened room.
        own: The sample issuers by short name.
        now: When.
    """
    education = own.get(EDUCATION)
    for organisation, rules in RULES.items():
        if shelf.adopted(office, organisation):
            continue  # What somebody has changed since stays as they left it.
        if education is not None:
            _recognise(office, organisation, education, now=now)
        for rule in rules:
            publishing.adopt(office, organisation, rule, actor=ACTOR, now=now)
    number = sum(_attend(office, *each, now=now) for each in ATTENDED)
    return (
        f"Recognizers that decide by example rules: {len(RULES)}",
        f"Attended in Washington: {number or len(ATTENDED)} events",
    )


def rehearse(office: Office, *, now: datetime) -> tuple[str, ...]:
    """Play what was claimed and decided; return the links of the awards whose issuer withdraws them now.

    Whose story was told before, or who holds no such awards, is left out.
    """
    fallen: list[str] = []
    for story in STORIES:
        fallen += _tell(office, story, now=now)
    issuing.finish(office, now=now)
    _show(office, *SHOWS, now=now)
    _plan(office, STORIES[0], now=now)
    return tuple(fallen)


def told(office: Office, *, now: datetime) -> Told | None:
    """Return what the walk-through shows of the stories; None if nobody has played them here."""
    first, shown = STORIES[0], next(each for each in STORIES if each.shown)
    claim, decided = _claim(office, first), _claim(office, shown)
    if claim is None or decided is None:
        return None
    decisions = claims.decisions(office, claim)
    proposal = propose(office, claim, now=now)
    return Told(
        rule=proposal.policy.title,
        rule_path=f"/policies/{proposal.policy.id}/{proposal.policy.version}",
        sentence=decisions[0].sentence if decisions else proposal.answer.sentence,
        signed=tuple(
            statement.address(office.public_url, each.id)
            for each in claims.statements(office, decided)
            if each.signed is not None and each.withdrawn_at is None
        ),
        waiting=len(reversals.waiting(office, DISTRICT)),
    )


# -- the desks --------------------------------------------------------------------------------------------


def _recognise(office: Office, organisation: str, issuer: ListedIssuer, *, now: datetime) -> None:
    """Let an organisation know the national programme, unless somebody has said already whom it knows."""
    if organisation in NAMES and issuer_lists.listing(office.bureau, organisation) is None:
        issuer_lists.ensure(office.bureau, organisation, NAMES[organisation], actor=ACTOR, now=now)
        issuer_lists.add(office.bureau, organisation, issuer, note="", actor=ACTOR, now=now)
    if NATIONAL not in issuer_names.bindings(office, organisation):
        issuer_names.bind(office, organisation, NATIONAL, [issuer.did], actor=ACTOR, now=now)


def _attend(office: Office, email: str, event: str, item: str, days: int, *, now: datetime) -> int:
    """Record an event, unless it stands there from an earlier day's seeding."""
    known = attestations.of_person(office, WA, email)
    if any((each.event, each.item) == (event, item) for each in known):
        return 0
    today = now.date()
    on = today - timedelta(days=days)
    entry = attestations.read(email=email, event=event, on=on.isoformat(), today=today, item=item)
    attestations.record(office, WA, [entry], how="hand", actor=ACTOR, now=now)
    return 1


# -- the stories ------------------------------------------------------------------------------------------


def _tell(office: Office, story: Story, *, now: datetime) -> Sequence[str]:
    person = _person(office, story.email)
    if person is None or any(each.policy == story.policy for each in claims.mine(office, person)):
        return ()
    held = _held(office, person, story.codes)
    if len(held) < len(story.codes):
        return ()
    claim = claims.reserve(
        office,
        person=person,
        organisation=DISTRICT,
        policy=story.policy,
        links=[each.url for each in held],
        facts=_facts(story, now.date()),
        now=now,
    )
    if story.shown:
        claims.show(office, claim.id, person=person, agrees=True, now=now)
    claim = claims.submit(office, claim.id, person=person, agrees=True, now=now)
    if story.approved:
        _approve(office, claim, now=now)
    return [each.url for each in held if each.code == story.fallen]


def _claim(office: Office, story: Story) -> Claim | None:
    person = _person(office, story.email)
    found = claims.mine(office, person) if person is not None else ()
    return next((each for each in found if each.policy == story.policy), None)


def _approve(office: Office, claim: Claim, *, now: datetime) -> None:
    proposal = propose(office, claim, now=now)
    try:
        decision = deciding.approve(office, DISTRICT, claim.id, shown=proposal.digest, actor=ACTOR, now=now)
    except AlreadyUsedError:  # Somebody who tries the programme was faster: then the claim waits.
        return
    issuing.issue_for(office, decision.id, now=now)


def _facts(story: Story, today: date) -> Facts:
    """Return the facts of a claim: in the third year of a cycle of five."""
    cycle = Period(date(today.year - 2, 1, 1), date(today.year + 2, 12, 31))
    return Facts(as_of=today, purpose=story.purpose, values=story.facts, cycle=cycle)


def _plan(office: Office, story: Story, *, now: datetime) -> None:
    """Keep the plan of the first story, with two more micro-credentials in it, unless there is one."""
    person = _person(office, story.email)
    if person is None or plans.find(office, person.id, story.policy) is not None:
        return
    cycle = _facts(story, now.date()).cycle
    fields = {f"fact-{name}": values[0] for name, values in story.facts.items()}
    if cycle is not None and cycle.last is not None:
        fields |= {"cycle-from": cycle.first.isoformat(), "cycle-until": cycle.last.isoformat()}
    plans.save(office, person.id, story.policy, {**fields, **WANTED}, now=now)


def _show(office: Office, email: str, affiliate: str, *, now: datetime) -> None:
    """Let the affiliate see the first award of a person, from which a PD certificate is one click away."""
    person = _person(office, email)
    if person is None:
        return
    for held in office.holdings(person.id)[:1]:
        sharing.give(office, person, affiliate, held.url, now=now)


def _held(office: Office, person: Person, codes: Sequence[str]) -> Sequence[Held]:
    """Return the awards of a person with these codes that are in force."""
    found = {each.code: each for each in office.holdings(person.id) if each.state == sharing.ISSUED}
    return [found[code] for code in codes if code in found]


def _person(office: Office, email: str) -> Person | None:
    with office.db.reading() as session:
        return people.find_by_email(session, email)
