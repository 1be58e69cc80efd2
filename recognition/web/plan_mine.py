# SPDX-License-Identifier: Apache-2.0
"""``/plan/mine``: the plan of somebody who is signed in, with the awards that they earned here.

Awards are verified by the desk at that moment, as in any check. What was filled in is stored only by the
button that says so, and forgotten by the one beside it. Nothing goes to a recognizer from here: what would be
sent is shown on the way, by ``recognition.web.claims``, which asks once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from recognition.claiming import claim_facts, claims
from recognition.claiming.claim_states import Claim
from recognition.errors import FactsError, NoSuchPolicyError, RecognitionFieldError
from recognition.judging.answer import GRANTED, PENDING, PROPOSAL
from recognition.office import Office
from recognition.plan import plan_form, planning, plans
from recognition.plan.planning import Rule
from recognition.plan.prospect import Line
from recognition.ports import Held
from recognition.web.plan import Page, answer, blank, chooser_values, values
from service import access, clock, forms
from service.accounts.organisations import Organisation

BACK = "back-"  # how the fields of awards begin that are kept back for something else
_SAID = ("fact-", "none-", "earned-", "cycle-", "purpose")  # fields that a claim takes along
_DONE = ("saved", "deleted")


@dataclass(frozen=True, slots=True)
class Own:
    """An award of one's own on the form.

    Attributes:
        key: Its name in the form.
        is_back: Whether it is kept back for something else.
        claim: The open claim that keeps it, if there is one.
    """

    held: Held
    key: str
    is_back: bool
    claim: Claim | None


@dataclass(frozen=True, slots=True)
class Ask:
    """What would be put before one organisation: links and facts, and nothing else.

    Attributes:
        fields: What was filled in that the rule asks for, by the names of the form.
        lines: The same as pairs of words.
    """

    desk: Organisation
    policy: str
    links: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]


def blueprint(office: Office) -> Blueprint:
    """Return the routes of one's own plan."""
    routes = Blueprint("recognition_plan_mine", __name__)

    @routes.get("/plan/mine")
    @access.signed_in
    def mine() -> Response:
        now, id = clock.now(), request.args.get("policy", "")
        try:
            rule = planning.rule(office, id, now=now) if id else None
        except NoSuchPolicyError as error:
            return _choose(office, now=now, problem=error.message)
        if rule is None:
            return _choose(office, now=now)
        saved = plans.find(office, access.person().id, rule.policy.id)
        item = request.args.get("item", "")
        today = planning.today(rule.policy, now)
        kept, left = plan_form.kept(rule.policy, saved.fields if saved else {}, today=today)
        page = blank(office, rule, item=item, now=now, typed=_with_desk(office, rule, kept))
        if saved is not None and not item:
            page = _answer(office, rule, kept, now=now)
        return _show(office, page, now=now, done=request.args.get("done", ""), left=bool(left))

    @routes.post("/plan/mine")
    @access.signed_in
    def look() -> Response:
        now, sent = clock.now(), forms.read_form(max_bytes=forms.FORM_BYTES)
        try:
            rule = planning.rule(office, sent.text("policy"), now=now)
        except NoSuchPolicyError as error:
            return _choose(office, now=now, problem=error.message)
        return _show(office, _answer(office, rule, sent.fields, now=now), now=now)

    @routes.post("/plan/mine/save")
    @access.signed_in
    def save() -> AnyResponse:
        now, sent = clock.now(), forms.read_form(max_bytes=forms.FORM_BYTES)
        rule = planning.rule(office, sent.text("policy"), now=now)
        try:
            plan_form.read(rule.policy, sent.fields, today=planning.today(rule.policy, now))
            plans.save(office, access.person().id, rule.policy.id, sent.fields, now=now)
        except (FactsError, RecognitionFieldError) as error:
            return _show(office, _answer(office, rule, sent.fields, now=now), now=now, problem=error.message)
        return redirect(f"/plan/mine?policy={rule.policy.id}&done=saved", code=303)

    @routes.post("/plan/mine/delete")
    @access.signed_in
    def delete() -> AnyResponse:
        id = forms.read_form().text("policy")
        plans.remove(office, access.person().id, id)
        return redirect("/plan/mine?done=deleted", code=303)

    return routes


def own_awards(office: Office, fields: Mapping[str, str]) -> tuple[Own, ...]:
    """Return the awards of whoever is signed in, each as the form has it."""
    person = access.person()
    kept = {
        each.url: claim for claim in claims.mine(office, person) if claim.is_open for each in claim.awards
    }
    return tuple(
        Own(held, key := _key(held), fields.get(BACK + key) == "yes", kept.get(held.url))
        for held in office.holdings(person.id)
    )


def _key(held: Held) -> str:
    return held.url.rsplit("/", 1)[-1]


def _with_desk(office: Office, rule: Rule, fields: Mapping[str, str]) -> Mapping[str, str]:
    """Return the form with the desk filled in where only one decides by the rule: its records count."""
    desks = planning.desks(office, rule.policy)
    return {**fields, "desk": desks[0].slug} if len(desks) == 1 and not fields.get("desk") else fields


def _answer(office: Office, rule: Rule, fields: Mapping[str, str], *, now: datetime) -> Page:
    person, fields = access.person(), _with_desk(office, rule, fields)
    own = tuple(each.held.url for each in own_awards(office, fields) if not each.is_back)
    key = person.email if person.confirmed_at is not None else ""
    return answer(office, rule, fields, now=now, own=own, person_key=key)


def _asks(office: Office, page: Page) -> tuple[Ask, ...]:
    """Return what could be put before each organisation that decides by the rule: only what is needed.

    What is left over stays free for another claim, what an open claim keeps stays there, and what is planned
    cannot be claimed.
    """
    if page.outlook is None or not page.outlook.has_units:
        return ()
    kept = {
        award.url
        for claim in claims.mine(office, access.person())
        if claim.is_open and claim.purpose == page.outlook.purpose
        for award in claim.awards
    }
    counting = (each for each in page.outlook.lines if not each.is_planned and _may_count(each))
    links = tuple(dict.fromkeys(each.credential_id for each in counting if each.credential_id))
    links = tuple(each for each in links if each not in kept)
    if not links:
        return ()
    fields = tuple((name, value) for name, value in page.typed.items() if name.startswith(_SAID))
    situation = plan_form.read(page.policy, dict(fields), today=page.today)
    lines = claim_facts.lines(situation.facts, page.policy)
    return tuple(Ask(desk, page.policy.id, links, fields, lines) for desk in page.form.desks)


def _may_count(line: Line) -> bool:
    return (line.when_done or line.outcome).startswith((GRANTED, PROPOSAL, PENDING))


def _choose(office: Office, *, now: datetime, problem: str = "") -> Response:
    person = access.person()
    html = render_template(
        "recognition/plan_mine_choose.html",
        saved=plans.of_person(office, person.id),
        awards=own_awards(office, {}),
        done=request.args.get("done", "") in _DONE and request.args["done"],
        **chooser_values(office, item="", now=now, problem=problem),
    )
    return Response(html, status=404 if problem else 200, mimetype="text/html")


def _show(
    office: Office, page: Page, *, now: datetime, done: str = "", problem: str = "", left: bool = False
) -> Response:
    person = access.person()
    html = render_template(
        "recognition/plan_mine.html",
        saved=plans.find(office, person.id, page.policy.id),
        own=own_awards(office, page.typed),
        asks=_asks(office, page),
        done=done if done in _DONE else "",
        problem=problem,
        left=left,
        now=now,
        **values(page),
    )
    return Response(html, status=422 if problem else page.status, mimetype="text/html")
