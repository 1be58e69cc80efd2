# SPDX-License-Identifier: Apache-2.0
"""What rules say where people look: beside a micro-credential, on a portal, after an award.

This is what earning asks for through a port. It speaks of rules that are in their days and of nothing else;
where there is none, it says nothing. A next step is told for somebody for whom the rule is, and says so,
since nothing is known of the person but their awards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from recognition.adopting import shelf
from recognition.adopting.shelf import StoredPolicy
from recognition.attesting import attestations
from recognition.judging.answer import GRANTED, PENDING, PROPOSAL, UNUSED
from recognition.judging.award import Brought
from recognition.judging.facts import Facts
from recognition.judging.trust import Trust
from recognition.office import Office
from recognition.plan.counted import Counted, counted
from recognition.plan.imagined import imagine
from recognition.plan.outlook import outlook
from recognition.plan.prospect import Line, Outlook
from recognition.plan.worth import terms, worth
from recognition.ports import Held, Item
from recognition.rule import policy_phrases, policy_words
from recognition.rule.days import day_of
from recognition.rule.policy import AWARDED_STAGE, Policy, Status
from recognition.rule.units import say
from service.accounts import people
from service.accounts.fields import email_key
from service.errors import NoSuchPersonError

RULES: Final = 20  # rules that are told at one place
_ISSUED: Final = "issued"


@dataclass(frozen=True, slots=True)
class Told:
    """What one rule gives (``earning.ports.Told``)."""

    title: str
    sentence: str
    label: str
    source: str
    accepted: bool
    on: tuple[str, ...]
    path: str
    plan: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next with an award (``earning.ports.NextStep``)."""

    sentence: str
    title: str
    label: str
    plan: str


@dataclass(frozen=True, slots=True)
class Worths:
    """What rules of recognizers say (``earning.ports.Recognised``).

    Attributes:
        office: The opened room; a function, because the rooms are opened one after the other.
    """

    office: Callable[[], Office]

    def of(self, item: Item, *, on: date) -> tuple[Told, ...]:
        """Return what each rule that is in force says of a micro-credential."""
        office, found = self.office(), []
        trusts: dict[str, Trust] = {}
        for stored in _in_force(office, on):
            policy, by = stored.policy, stored.organisation
            if by not in trusts:
                trusts[by] = shelf.trust(office, by)
            if trusts[by].accepts(policy.accept.issuers, item.issuer):
                said = worth(policy, item, on=on)
                found.append(_told(stored, said.sentence, accepted=said.accepted, on=said.on, item=item.code))
        return tuple(found[:RULES])

    def at(self, state: str, *, on: date) -> tuple[Told, ...]:
        """Return the rules of a state (two letters) that are in force."""
        return tuple(
            _told(each, terms(each.policy)) for each in _of_state(_in_force(self.office(), on), state)
        )[:RULES]

    def after(self, person: str, url: str, state: str, *, now: datetime) -> tuple[NextStep, ...]:
        """Return what comes next with the award at ``url`` of this person in this state."""
        office = self.office()
        held = [each for each in office.holdings(person) if each.state == _ISSUED]
        this = next((each for each in held if each.url == url), None)
        rules = list(_of_state(_in_force(office, now.date()), state)) if this is not None else []
        if this is None or not rules:
            return ()
        key = _confirmed(office, person)
        told = counted(office, person, key, held)
        steps = (_next(office, stored, _free(held, stored, told), this, key, now=now) for stored in rules)
        return tuple(step for step in steps if step is not None)[:RULES]

    def counted(self, person: str, url: str) -> tuple[Counted, ...]:
        """Return by whom the award at ``url`` of this person was counted, or in which claims it waits."""
        office = self.office()
        held = [each for each in office.holdings(person) if each.url == url]
        return counted(office, person, _confirmed(office, person), held).get(url, ())


def _free(
    held: Sequence[Held], stored: StoredPolicy, told: Mapping[str, Sequence[Counted]]
) -> tuple[Held, ...]:
    """Return the awards that a rule has not counted yet and that no claim keeps for it."""
    id = stored.policy.id
    return tuple(each for each in held if all(one.policy != id for one in told.get(each.url, ())))


def _confirmed(office: Office, person: str) -> str:
    """Return the address under which things are recorded of a person; "" while it is not confirmed."""
    try:
        with office.db.reading() as session:
            found = people.get(session, person)
    except NoSuchPersonError:
        return ""
    return email_key(found.email) if found.confirmed_at is not None else ""


def _in_force(office: Office, on: date) -> Iterator[StoredPolicy]:
    for each in shelf.every(office, on=on):
        if each.policy.status is not Status.RETIRED and on in each.policy.in_force:
            yield each


def _of_state(rules: Iterator[StoredPolicy], state: str) -> Iterator[StoredPolicy]:
    wanted = f"US-{state}"
    yield from (each for each in rules if state and each.policy.jurisdiction == wanted)


def _told(
    stored: StoredPolicy, sentence: str, *, accepted: bool = True, on: tuple[str, ...] = (), item: str = ""
) -> Told:
    policy = stored.policy
    return Told(
        title=policy.title,
        sentence=sentence,
        label=policy_words.label(policy),
        source=policy.sources[0].ref if policy.sources else "",
        accepted=accepted,
        on=on,
        path=f"/policies/{policy.id}",
        plan=f"/plan?policy={policy.id}" + (f"&item={item}" if item else ""),
    )


def _next(
    office: Office, stored: StoredPolicy, held: Sequence[Held], this: Held, key: str, *, now: datetime
) -> NextStep | None:
    """Return what comes next by one rule, or None if it has nothing to say of this award."""
    policy = stored.policy
    if this not in held:  # counted by this rule, or kept for it
        return None
    found = _foreseen(office, stored, held, key, now=now)
    line = next(
        (each for each in found.lines if each.place == this.url and each.stage == AWARDED_STAGE), None
    )
    sentence = "" if line is None else _step_words(policy, found, line)
    if not sentence:
        return None
    return NextStep(sentence, policy.title, policy_words.label(policy), f"/plan/mine?policy={policy.id}")


def _foreseen(
    office: Office, stored: StoredPolicy, held: Sequence[Held], key: str, *, now: datetime
) -> Outlook:
    """Look at everything that is held, for somebody for whom the rule is, in a cycle that it all lies in."""
    policy = stored.policy
    today = day_of(now, policy.timezone)
    brought = [_as_held(each, policy, now=now) for each in held]
    known = [
        each
        for desk in shelf.adopters(office, policy.id)
        if key
        for each in attestations.of_person(office, desk, key)
    ]
    wanted = policy.who.when or {}
    facts = Facts(
        as_of=today,
        values={name: values[:1] for name, values in wanted.items()},
        attestations=tuple(known),
    )
    plain = replace(policy, clocks=())  # Which cycle it falls into is told by the plan.
    return outlook(plain, (), brought, facts, trust=shelf.trust(office, stored.organisation), now=now)


def _as_held(held: Held, policy: Policy, *, now: datetime) -> Brought:
    """Return an award as it stands in our own books; a plan verifies it, a next step does not."""
    day: date = day_of(held.awarded, policy.timezone)
    made = imagine(_Earned(held), day, now=now)
    award = made.award
    if award is None:  # pragma: no cover  it always has one
        return made
    return replace(made, place=held.url, credential_id=held.url, award=replace(award, credential_id=held.url))


@dataclass(frozen=True, slots=True)
class _Earned:
    """An award as something that can be earned (``ports.Item``)."""

    held: Held

    @property
    def code(self) -> str:
        return self.held.code

    @property
    def title(self) -> str:
        return self.held.title

    @property
    def stacks(self) -> tuple[str, ...]:
        return self.held.stacks

    @property
    def kind(self) -> str:
        return self.held.kind

    @property
    def issuer(self) -> str:
        return self.held.issuer

    @property
    def hours(self) -> tuple[int, int]:
        return (0, 0)

    @property
    def path(self) -> str:
        return f"/catalogue/{self.held.code}"


def _step_words(policy: Policy, found: Outlook, line: Line) -> str:
    """Return the step: what is missing, what is half full, what is on its way, whom to take it to."""
    when = policy.who.when
    start = f"If {policy_phrases.when(when)}: " if when else ""
    grant = next((each for each in policy.grants if each.stage == AWARDED_STAGE), None)
    if grant is None:
        return ""
    if line.outcome.startswith(PENDING):
        return f"{start}{_missing(found, line)}"
    if line.outcome == UNUSED and grant.amount is not None:
        amount = say(grant.amount, policy.unit)
        related = " related" if grant.related_by else ""
        if grant.take == len(("this", "another")):
            return f"{start}the pair is half full. One more{related} micro-credential gives {amount}."
        return f"{start}it waits for others: {grant.take}{related} micro-credentials give {amount}."
    if line.outcome == PROPOSAL:
        return f"{start}take the award to your local plan. A person there sets the number ({policy.unit.id})."
    if line.outcome == GRANTED and grant.then is not None:
        paper = say(grant.then.amount, policy.unit)
        return f"{start}a PD certificate over {paper} can be issued on this award, without a mail to forward."
    if line.outcome == GRANTED and grant.amount is not None:
        with_other = " together with another one of yours" if grant.take > 1 else ""
        return f"{start}it can give {say(grant.amount, policy.unit)}{with_other}. Plan where it goes."
    return ""


def _missing(found: Outlook, line: Line) -> str:
    steps = [each.say or f"{each.words[:1].upper()}{each.words[1:]} is missing." for each in found.todo]
    return " ".join(dict.fromkeys(steps)) or line.sentence
