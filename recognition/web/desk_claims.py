# SPDX-License-Identifier: Apache-2.0
"""One claim at the desk: everything verified and judged anew, and approve, adjust, refuse or ask for more.

A page that is sent back names the digest of what it showed; if the answer is another one by then, the page
comes again with the new answer, and nothing was decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request

from credentials.errors import HallmarkError, MalformedError, RefusedError
from recognition.adopting import shelf
from recognition.claiming import claim_facts, claim_form, claim_view, claims, deciding, ledger, proposal
from recognition.claiming.claim_states import Claim, ClaimState, may
from recognition.errors import FactsError, NoSuchPolicyError
from recognition.office import Office
from recognition.plan import planning
from recognition.rule import policy_words
from recognition.rule.policy import Status
from recognition.web import own
from recognition.web.desk import HOME
from recognition.web.words import WORDS
from service import access, clock, forms, ratelimit
from service.accounts.organisations import Organisation
from service.accounts.people import Role

_TROUBLE: Final = (MalformedError, RefusedError)
_EXAMPLE: Final = "This is an example rule: what you approve by it counts nowhere."
_NOTHING: Final[Mapping[str, str]] = {}
_Answer = Any


def blueprint(office: Office) -> Blueprint:
    """Return the routes of single claims."""
    routes = Blueprint("recognition_desk_claims", __name__)
    _entering(routes, office)
    _deciding(routes, office)
    return routes


def _entering(routes: Blueprint, office: Office) -> None:
    def page(
        organisation: Organisation,
        typed: Mapping[str, str],
        error: HallmarkError | None = None,
        faults: Mapping[str, str] = _NOTHING,
    ) -> str:
        known = {each.policy.id: each.policy for each in shelf.adopted(office, organisation.slug)}
        policy = known.get(typed.get("policy", "")) or (
            next(iter(known.values())) if len(known) == 1 else None
        )
        form = None if policy is None else planning.form(office, policy, chosen=(), q="")
        found = dict(faults) or ({(error.path or ""): error.message} if error is not None else {})
        return render_template(
            "recognition/desk_enter.html",
            organisation=organisation,
            policies=tuple(known.values()),
            choices=[(each.id, each.title) for each in known.values()],
            purposes=[]
            if form is None
            else [(each.value, each.words.capitalize()) for each in form.purposes],
            policy=policy,
            view=form,
            typed=typed,
            faults=found,
            files_most=claims.FILES_BYTES // 1_048_576,
        )

    @routes.get(f"{HOME}/<slug>/claims/new")
    @access.role(Role.RECOGNIZER)
    def recognizer_claim_form(slug: str) -> _Answer:
        organisation = own.organisation(office, slug, Role.RECOGNIZER)
        return page(organisation, {"policy": request.args.get("policy", "")[:80]})

    @routes.post(f"{HOME}/<slug>/claims/new")
    @access.role(Role.RECOGNIZER, max_bytes=claims.FILES_BYTES + forms.FORM_BYTES)
    @ratelimit.limited
    def recognizer_claim_enter(slug: str) -> _Answer:
        organisation = own.organisation(office, slug, Role.RECOGNIZER)
        form = forms.read_form(max_bytes=claims.FILES_BYTES + forms.FORM_BYTES, several=("file",))
        now = clock.now()
        try:
            policy = proposal.adopted(office, slug, form.text("policy"))
            facts = claim_form.facts(policy, form.fields, now=now)
            claim = claims.enter(
                office,
                slug,
                name=form.text("name"),
                email=form.text("email"),
                policy=policy.id,
                brings=claim_form.brings(form.fields, _files(form)),
                facts=facts,
                actor=access.actor(),
                now=now,
            )
        except FactsError as error:
            faults = {each.place: each.sentence for each in reversed(error.faults)}
            return page(organisation, form.fields, faults=faults), 422
        except _TROUBLE as error:
            return page(organisation, form.fields, error), 422
        return redirect(f"{HOME}/{slug}/claims/{claim.id}?done=entered", code=303)


def _deciding(routes: Blueprint, office: Office) -> None:
    @routes.get(f"{HOME}/<slug>/claims/<id>")
    @access.role(Role.RECOGNIZER)
    @ratelimit.limited
    def recognizer_claim(slug: str, id: str) -> _Answer:
        return _page(office, slug, id)

    @routes.post(f"{HOME}/<slug>/claims/<id>/approve")
    @access.role(Role.RECOGNIZER)
    @ratelimit.limited
    def recognizer_claim_approve(slug: str, id: str) -> _Answer:
        own.organisation(office, slug, Role.RECOGNIZER)
        form = forms.read_form()
        try:
            deciding.approve(
                office,
                slug,
                id,
                shown=form.text("shown"),
                adjustments=claim_form.adjustments(form.fields),
                reason=form.text("reason"),
                actor=access.actor(),
                now=clock.now(),
            )
        except _TROUBLE as error:
            return _again(office, slug, id, form, error)
        return redirect(f"{HOME}/{slug}/claims/{id}?done=approved#decision", code=303)

    @routes.post(f"{HOME}/<slug>/claims/<id>/refuse")
    @access.role(Role.RECOGNIZER)
    @ratelimit.limited
    def recognizer_claim_refuse(slug: str, id: str) -> _Answer:
        own.organisation(office, slug, Role.RECOGNIZER)
        form = forms.read_form()
        try:
            deciding.refuse(
                office, slug, id, reason=form.text("refusal"), actor=access.actor(), now=clock.now()
            )
        except _TROUBLE as error:
            return _again(office, slug, id, form, error, field="refusal")
        return redirect(f"{HOME}/{slug}/claims/{id}?done=refused#decision", code=303)

    @routes.post(f"{HOME}/<slug>/claims/<id>/ask")
    @access.role(Role.RECOGNIZER)
    def recognizer_claim_ask(slug: str, id: str) -> _Answer:
        own.organisation(office, slug, Role.RECOGNIZER)
        form = forms.read_form()
        try:
            deciding.ask_for_more(
                office, slug, id, message=form.text("message"), actor=access.actor(), now=clock.now()
            )
        except _TROUBLE as error:
            return _again(office, slug, id, form, error, field="message")
        return redirect(f"{HOME}/{slug}/claims/{id}?done=asked", code=303)


def _again(
    office: Office,
    slug: str,
    id: str,
    form: forms.Form,
    error: HallmarkError,
    *,
    field: str = "reason",
) -> _Answer:
    """Show the page once more with everything that was typed, and what is wrong."""
    path = field if error.path == "reason" else (error.path or "")
    status = 409 if isinstance(error, RefusedError) else 422
    return _page(office, slug, id, typed=form.fields, faults={path: error.message}), status


def _page(
    office: Office,
    slug: str,
    id: str,
    *,
    typed: Mapping[str, str] = _NOTHING,
    faults: Mapping[str, str] = _NOTHING,
) -> str:
    organisation = own.organisation(office, slug, Role.RECOGNIZER)
    claim, now = claims.of(office, slug, id), clock.now()
    decided = claims.decisions(office, claim)
    is_again = request.args.get("again") == "yes" or bool(faults)
    view, missing = None, ""
    if may(claim.state, ClaimState.USED) and (claim.is_open or is_again):
        try:
            view = _view(office, claim, now=now)
        except NoSuchPolicyError as error:
            missing = error.message
    lines = ledger.of_decision(office, claim.decision) if claim.decision is not None else ()
    return render_template(
        "recognition/desk_claim.html",
        organisation=organisation,
        claim=claim,
        said=_said(office, claim, now),
        view=view,
        missing=missing,
        label=policy_words.label(view.policy) if view is not None else "",
        status_sentence=policy_words.status_sentence(view.policy) if view is not None else "",
        example_note=_EXAMPLE if view is not None and view.policy.status is Status.EXAMPLE else "",
        decided=decided,
        lines=lines,
        statements=claims.statements(office, claim),
        typed=typed,
        faults=faults,
        done=request.args.get("done", ""),
        now=now,
        **WORDS,
    )


def _view(office: Office, claim: Claim, *, now: datetime) -> claim_view.ClaimView:
    return claim_view.view(proposal.propose(office, claim, now=now, without=claim.decision))


def _said(office: Office, claim: Claim, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return what the person said, in words; nothing if the policy is not adopted any more."""
    try:
        policy = proposal.adopted(office, claim.organisation, claim.policy)
    except NoSuchPolicyError:
        return ()
    as_of = proposal.claimed_on(claim, policy, now)
    return claim_facts.lines(claim_facts.read(claim.facts, as_of=as_of), policy)


def _files(form: forms.Form) -> list[tuple[str, bytes]]:
    return [(each.claimed_name, each.body) for each in form.several["file"]]
