# SPDX-License-Identifier: Apache-2.0
"""``/plan``: what is it worth to me? For anybody, without account, cookie or script, and before signing up.

What somebody fills in travels inside the form and is forgotten with the answer: an address names a rule and a
micro-credential, and never anything about a person. Links of awards are verified like at ``/verify``, a few
at a time. ``recognition.web.plan_mine`` is the same for somebody who is signed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from flask import Blueprint, Response, render_template, request

from recognition.errors import FactsError, NoSuchPolicyError
from recognition.office import Office
from recognition.plan import plan_form, planning
from recognition.plan.plan_form import WANT, Situation
from recognition.plan.plan_view import PlanView
from recognition.plan.planning import PlanForm, Rule
from recognition.plan.prospect import Outlook
from recognition.rule import policy_phrases
from recognition.rule.policy import Policy
from service import access, clock, forms, ratelimit
from service.negotiate import respond

KEPT: Final = 10  # seconds that a page without anything filled in may be kept
LINK_RATE: Final = (
    "60 per minute; 300 per hour"  # awards by link, of one address; each is fetched and checked
)
_SCOPE: Final = "plan-links"


@dataclass(frozen=True, slots=True)
class Page:
    """What the page of a rule shows.

    Attributes:
        typed: The fields as they were sent.
        faults: What is wrong with them, by field.
        outlook: The answer, if there is one.
    """

    rule: Rule
    form: PlanForm
    typed: Mapping[str, str]
    today: date
    faults: Mapping[str, str] = field(default_factory=dict)
    outlook: Outlook | None = None
    words: PlanView | None = None

    @property
    def policy(self) -> Policy:
        """The rule's text."""
        return self.rule.policy

    @property
    def status(self) -> int:
        """Of the response."""
        return 422 if self.faults else 200


def blueprint(office: Office) -> Blueprint:
    """Return the routes of the public plan."""
    routes = Blueprint("recognition_plan", __name__)

    @routes.get("/plan")
    @access.anyone
    def plan() -> Response:
        now, id = clock.now(), request.args.get("policy", "")
        item = request.args.get("item", "")
        if not id:
            return chooser(office, item=item, now=now)
        try:
            rule = planning.rule(office, id, now=now)
        except NoSuchPolicyError as error:
            return chooser(office, item=item, now=now, problem=error.message)
        page = blank(office, rule, item=item, now=now)
        return _render(page, kept=KEPT)

    @routes.post("/plan")
    @access.anyone
    @ratelimit.limited
    def planned() -> Response:
        now, sent = clock.now(), forms.read_form(max_bytes=forms.FORM_BYTES)
        try:
            rule = planning.rule(office, sent.text("policy"), now=now)
        except NoSuchPolicyError as error:
            return chooser(office, item="", now=now, problem=error.message)
        return _render(answer(office, rule, sent.fields, now=now))

    return routes


def blank(
    office: Office, rule: Rule, *, item: str, now: datetime, typed: Mapping[str, str] | None = None
) -> Page:
    """Return the page before anything is answered; ``typed`` is what was saved, ``item`` is ticked."""
    fields = plan_form.fitting(rule.policy, typed or {})
    if any(each.code == item for each in office.catalogue()):
        fields[f"{WANT}{item}"] = "yes"
    shown = planning.form(office, rule.policy, chosen=_chosen(fields), item=item)
    return Page(rule, shown, fields, planning.today(rule.policy, now))


def answer(
    office: Office,
    rule: Rule,
    fields: Mapping[str, str],
    *,
    now: datetime,
    own: tuple[str, ...] = (),
    person_key: str = "",
) -> Page:
    """Return the page with what the rule would give for what was sent, or with what is wrong in it."""
    policy, today = rule.policy, planning.today(rule.policy, now)
    typed = plan_form.fitting(policy, fields)
    shown = planning.form(office, policy, chosen=_chosen(typed), q=fields.get("q", ""))
    page = Page(rule, shown, typed, today)
    if fields.get("search") == "yes":
        return page
    try:
        situation = plan_form.read(policy, fields, today=today)
    except FactsError as error:
        faults = {each.place: each.sentence for each in reversed(error.faults)}
        return Page(rule, shown, typed, today, faults=dict(reversed(faults.items())))
    outlook = _look(office, rule, situation, now=now, own=own, person_key=person_key)
    words = PlanView(
        policy,
        today,
        seasons=office.seasons(policy.jurisdiction, today=today),
        chosen={*situation.wanted, *(each.item for each in outlook.lines)},
        stacks=office.stacks(),
        in_samples=shown.in_samples,
    )
    return Page(rule, shown, typed, today, outlook=outlook, words=words)


def chooser(office: Office, *, item: str, now: datetime, problem: str = "") -> Response:
    """Return the page on which one says whose rule it is."""
    html = render_template(
        "recognition/plan_choose.html", **chooser_values(office, item=item, now=now, problem=problem)
    )
    kept = KEPT if request.method in ("GET", "HEAD") and not problem else None
    return _kept(respond(html, "text/html", status=404 if problem else 200, max_age=kept))


def chooser_values(office: Office, *, item: str, now: datetime, problem: str = "") -> dict[str, Any]:
    """Return what the list of rules is given."""
    known = {each.code: each for each in office.catalogue()}
    rules = planning.rules(office, now=now)
    places: dict[str, list[Rule]] = {}
    for each in rules:
        places.setdefault(policy_phrases.place(each.policy.jurisdiction), []).append(each)
    return {
        "rules": rules,
        "places": sorted(places.items()),
        "item": known.get(item),
        "problem": problem,
    }


def values(page: Page) -> dict[str, Any]:
    """Return what the template of a plan is given."""
    return {
        "page": page,
        "view": page.form,
        "typed": page.typed,
        "faults": page.faults,
        "labels": plan_form.labels(page.policy),
        "o": page.outlook,
        "words_of": page.words,
    }


def _look(
    office: Office, rule: Rule, situation: Situation, *, now: datetime, own: tuple[str, ...], person_key: str
) -> Outlook:
    for _ in situation.links:
        ratelimit.spend(LINK_RATE, scope=_SCOPE)
    desk = situation.fields.get("desk", "")
    return planning.look(office, rule, situation, now=now, desk=desk, own=own, person_key=person_key)


def _chosen(fields: Mapping[str, str]) -> tuple[str, ...]:
    start = "want-"
    return tuple(
        name.removeprefix(start)
        for name, value in fields.items()
        if name.startswith(start) and value == "yes"
    )


def _render(page: Page, *, kept: int | None = None) -> Response:
    html = render_template("recognition/plan.html", **values(page))
    return _kept(respond(html, "text/html", status=page.status, max_age=kept))


def _kept(response: Response) -> Response:
    """An answer about a person is kept by nobody between us."""
    if "max-age" not in response.headers.get("Cache-Control", ""):
        response.headers["Cache-Control"] = "no-store"
    return response
