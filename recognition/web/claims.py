# SPDX-License-Identifier: Apache-2.0
"""``/claims``: an educator's own claims. Nothing is sent before its page has shown what goes to whom.

A claim begins on the plan page, which sends the rule, the organisation, the awards and what was said here. It
is kept then, and sent, answered or taken back from its own page. Somebody else's claim is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request

from credentials.errors import HallmarkError, MalformedError, RefusedError
from recognition.claiming import claim_facts, claim_form, claim_letters, claims, proposal, settling
from recognition.claiming.claim_states import Claim, ClaimState
from recognition.errors import ClaimReservedError, FactsError, NoSuchPolicyError
from recognition.office import Office
from recognition.rule import policy_words
from recognition.rule.policy import Policy, Status
from recognition.web.words import WORDS
from service import access, clock, forms, ratelimit

HOME: Final = "/claims"
_TROUBLE: Final = (MalformedError, RefusedError)
_EXAMPLE: Final = "It is an example rule: what is approved by it counts nowhere."
_NOTHING: Final[Mapping[str, str]] = {}
_Answer = Any


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """What the rule says of a claim before anybody decides; titles by link."""

    sentence: str = ""
    titles: dict[str, str] = field(default_factory=dict)


def blueprint(office: Office) -> Blueprint:
    """Return the routes of own claims."""
    routes = Blueprint("recognition_claims", __name__)
    _looking(routes, office)
    _sending(routes, office)
    _changing(routes, office)
    return routes


def _looking(routes: Blueprint, office: Office) -> None:
    @routes.get(HOME)
    @access.signed_in
    def my_claims() -> _Answer:
        found = claims.mine(office, access.person())
        newest = {each.id: claims.decisions(office, each)[0] for each in found if each.is_decided}
        names = _names(office, found)
        done = request.args.get("done", "")
        return render_template(
            "recognition/claims.html", claims=found, decisions=newest, names=names, done=done, **WORDS
        )

    @routes.get(f"{HOME}/<id>")
    @access.signed_in
    @ratelimit.limited
    def my_claim(id: str) -> _Answer:
        return _page(office, id)


def _sending(routes: Blueprint, office: Office) -> None:
    @routes.post(f"{HOME}/new")
    @access.signed_in
    @ratelimit.limited
    def my_claim_keep() -> _Answer:
        form, now = forms.read_form(), clock.now()
        organisation = form.text("organisation")
        try:
            policy = proposal.adopted(office, organisation, form.text("policy"))
            facts = claim_form.facts(policy, form.fields, now=now)
            claim = claims.reserve(
                office,
                person=access.person(),
                organisation=organisation,
                policy=policy.id,
                links=claim_form.links(form.fields),
                facts=facts,
                now=now,
            )
        except FactsError as error:
            return _refused([each.sentence for each in error.faults], error), 422
        except _TROUBLE as error:
            status = 409 if isinstance(error, RefusedError) else 422
            return _refused([error.message], error), status
        return redirect(f"{HOME}/{claim.id}", code=303)

    @routes.post(f"{HOME}/<id>/submit")
    @access.signed_in
    @ratelimit.limited
    def my_claim_submit(id: str) -> _Answer:
        form = forms.read_form()
        try:
            claim = claims.submit(
                office,
                id,
                person=access.person(),
                agrees=form.text("agrees") == claim_form.YES,
                identifier=form.text("identifier"),
                now=clock.now(),
            )
        except _TROUBLE as error:
            return _again(office, id, form, error)
        done = "agreed" if claim.is_entered else "sent"
        return redirect(f"{HOME}/{id}?done={done}", code=303)


def _changing(routes: Blueprint, office: Office) -> None:
    @routes.post(f"{HOME}/<id>/take-back")
    @access.signed_in
    def my_claim_take_back(id: str) -> _Answer:
        forms.read_form()
        left = claims.take_back(office, id, person=access.person(), now=clock.now())
        if left is None:
            return redirect(f"{HOME}?done=undone", code=303)
        done = "declined" if left.is_entered and left.submitted_at is None else "taken-back"
        return redirect(f"{HOME}/{id}?done={done}", code=303)

    @routes.post(f"{HOME}/<id>/answer")
    @access.signed_in
    @ratelimit.limited
    def my_claim_answer(id: str) -> _Answer:
        form = forms.read_form()
        try:
            claims.answer(
                office,
                id,
                person=access.person(),
                message=form.text("message"),
                links=claim_form.links(form.fields),
                now=clock.now(),
            )
        except _TROUBLE as error:
            return _again(office, id, form, error)
        return redirect(f"{HOME}/{id}?done=answered", code=303)

    @routes.post(f"{HOME}/<id>/show")
    @access.signed_in
    def my_claim_show(id: str) -> _Answer:
        agrees = forms.read_form().text("show") == claim_form.YES
        claims.show(office, id, person=access.person(), agrees=agrees, now=clock.now())
        return redirect(f"{HOME}/{id}?done={'shown' if agrees else 'hidden'}#shown", code=303)


def _again(office: Office, id: str, form: forms.Form, error: HallmarkError) -> _Answer:
    status = 409 if isinstance(error, RefusedError) else 422
    return _page(office, id, typed=form.fields, faults={error.path or "": error.message}), status


def _refused(sentences: list[str], error: HallmarkError) -> str:
    """Say why no claim was kept; the plan is one step back, with everything that was typed."""
    is_kept = isinstance(error, ClaimReservedError)
    return render_template("recognition/claim_refused.html", sentences=sentences, is_kept=is_kept)


def _page(
    office: Office, id: str, *, typed: Mapping[str, str] = _NOTHING, faults: Mapping[str, str] = _NOTHING
) -> str:
    person, now = access.person(), clock.now()
    claim = claims.own(office, id, person=person)
    policy = _policy(office, claim)
    foreseen = _Foreseen()
    if policy is not None and claim.is_open and person.confirmed_at is not None:
        foreseen = _foreseen(office, claim, now)
    said: tuple[tuple[str, str], ...] = ()
    if policy is not None:
        as_of = proposal.claimed_on(claim, policy, now)
        said = claim_facts.lines(claim_facts.read(claim.facts, as_of=as_of), policy)
    return render_template(
        "recognition/claim.html",
        claim=claim,
        name=_names(office, (claim,))[claim.organisation],
        policy=policy,
        label=policy_words.label(policy) if policy is not None else "",
        status_sentence=_status(policy),
        said=said,
        titles=_titles(office, claim) | foreseen.titles,
        foreseen=foreseen.sentence,
        decided=claims.decisions(office, claim),
        statements=claims.statements(office, claim),
        is_own=claim.person is not None,
        typed=typed,
        faults=faults,
        done=request.args.get("done", ""),
        me=person,
        states=ClaimState,
        **WORDS,
    )


def _foreseen(office: Office, claim: Claim, now: datetime) -> _Foreseen:
    """Return what the rule says of an open claim now, and what its credentials are called."""
    found = proposal.propose(office, claim, now=now)
    titles = {each.place: each.title for each in found.brought if each.title and settling.key_of(each)}
    return _Foreseen(found.answer.sentence, titles)


def _status(policy: Policy | None) -> str:
    """Return what the status of a rule means for whoever sends a claim by it."""
    if policy is None:
        return ""
    return _EXAMPLE if policy.status is Status.EXAMPLE else policy_words.status_sentence(policy)


def _policy(office: Office, claim: Claim) -> Policy | None:
    try:
        return proposal.adopted(office, claim.organisation, claim.policy)
    except NoSuchPolicyError:
        return None


def _titles(office: Office, claim: Claim) -> dict[str, str]:
    """Return titles of own awards by their links; for others the link stands for itself."""
    held = office.holdings(claim.person) if claim.person is not None else ()
    return {each.url: each.title for each in held}


def _names(office: Office, found: tuple[Claim, ...]) -> dict[str, str]:
    with office.db.reading() as session:
        slugs = {each.organisation for each in found}
        return {slug: claim_letters.organisation_name(session, slug) for slug in slugs}
