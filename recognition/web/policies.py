# SPDX-License-Identifier: Apache-2.0
"""Rules of recognizers for everybody: a list, each in plain words, its exact text and its signed form.

No cookie, no account; nothing but the first asking for a signed form costs anything. A published version
never changes, so its text may be kept by anybody; its page may change, since a version can be retired.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, render_template

from recognition.adopting import policy_statement, shelf
from recognition.adopting.policy_statement import SIGNED, TOML
from recognition.adopting.shelf import StoredPolicy
from recognition.errors import NoSuchPolicyError
from recognition.office import Office
from recognition.plan.questions import purpose_words
from recognition.rule import policy_phrases, policy_words
from service import access, clock, openapi, ratelimit
from service.accounts import organisations
from service.errors import NoSuchOrganisationError
from service.negotiate import choose, respond, respond_json

HTML: Final = "text/html"
JSON: Final = "application/json"
YEAR: Final = 31_536_000  # seconds; a published text never changes
_TEXT: Final = {"type": "string"}
_ITEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "version", "title", "status", "purpose", "jurisdiction", "recognizer", "sha256"],
    "properties": {
        "id": _TEXT,
        "version": {"type": "string", "description": "The recognizer's label; never to be ordered."},
        "title": _TEXT,
        "status": {"type": "string", "enum": ["example", "draft", "in-force", "retired"]},
        "purpose": _TEXT,
        "jurisdiction": {"type": "string", "description": "ISO 3166-2."},
        "recognizer": _TEXT,
        "unit": _TEXT,
        "from": {"type": "string", "format": "date"},
        "until": {"type": ["string", "null"], "format": "date"},
        "page": {"type": "string", "format": "uri"},
        "text": {"type": "string", "format": "uri"},
        "signed": {"type": "string", "format": "uri"},
        "sha256": {"type": "string", "description": "Of the exact text, in hexadecimal."},
    },
}
_LIST: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {"items": {"type": "array", "items": _ITEM}, "next": {"type": "null"}},
}


def blueprint(office: Office) -> Blueprint:
    """Return the public routes of policies."""
    routes = Blueprint("recognition_policies", __name__)

    @routes.get("/policies")
    @ratelimit.at_most(ratelimit.PAGES)
    @access.anyone
    @openapi.operation(
        "List the rules of recognizers",
        tag="Recognition",
        description="Of each rule the version that rules today, or the one that was published last.",
        responses={200: openapi.Reply("The rules, by place and purpose.", {JSON: _LIST, HTML: None})},
        problems=("request.not-acceptable",),
    )
    def policies() -> Response:
        found = shelf.every(office, on=clock.now().date())
        if choose((JSON, HTML)) == JSON:
            items = [_item(office, each) for each in found]
            answer = respond_json({"items": items, "next": None})
            answer.vary.add("Accept")
            return answer
        places: dict[str, list[StoredPolicy]] = {}
        for each in found:
            places.setdefault(each.policy.jurisdiction, []).append(each)
        page = render_template(
            "recognition/policies.html",
            places=[(policy_phrases.place(code), code, each) for code, each in places.items()],
            number=len(found),
            purpose=purpose_words,
            label=policy_words.label,
            summary=policy_words.summary,
            is_demo=office.settings.demo,
        )
        return respond(page, HTML, negotiated=True)

    @routes.get("/policies/<id>")
    @ratelimit.at_most(ratelimit.PAGES)
    @access.anyone
    def policy(id: str) -> Response:
        found = shelf.newest(office, id, on=clock.now().date())
        if found is None:
            raise NoSuchPolicyError("There is no such rule here.", got=id[:80])
        return respond(_page(office, found, is_newest=True), HTML)

    @routes.get("/policies/<id>/<version>")
    @ratelimit.at_most(ratelimit.PAGES)
    @access.anyone
    @openapi.operation(
        "Read one version of a rule",
        tag="Recognition",
        description=(
            "By Accept, or by the ending .toml for the exact text and .json for the signed form. "
            "A published version never changes."
        ),
        responses={
            200: openapi.Reply(
                "The version.", {TOML: {"type": "string"}, SIGNED: {"type": "object"}, HTML: None}
            )
        },
        problems=("policy.unknown", "request.not-acceptable"),
        path={"id": "The rule's id.", "version": "The version's label."},
    )
    def policy_version(id: str, version: str) -> Response:
        bare, dot, ending = version.rpartition(".")
        if dot and ending in ("toml", "json"):
            found = _found(office, id, bare)
            return _signed(office, found, clock.now()) if ending == "json" else _text(found)
        found = _found(office, id, version)
        chosen = choose((TOML, SIGNED, HTML))
        if chosen == HTML:
            return respond(_page(office, found, is_newest=False), HTML, negotiated=True)
        return _vary(_text(found) if chosen == TOML else _signed(office, found, clock.now()))

    return routes


def _found(office: Office, id: str, version: str) -> StoredPolicy:
    found = shelf.published(office, id, version)
    if found is None:
        raise NoSuchPolicyError("There is no such version of a rule here.", got=f"{id}/{version}"[:160])
    return found


def _text(stored: StoredPolicy) -> Response:
    return respond(stored.policy.source, TOML, max_age=YEAR)


def _signed(office: Office, stored: StoredPolicy, now: datetime) -> Response:
    signed = policy_statement.signed_form(office, stored, now=now)
    if signed is None:
        raise NoSuchPolicyError(
            "There is no signed form: nobody can sign for this recognizer here. The text itself is at "
            f"{stored.path}.toml."
        )
    return respond(signed, SIGNED)


def _vary(response: Response) -> Response:
    response.vary.add("Accept")
    return response


def _page(office: Office, stored: StoredPolicy, *, is_newest: bool) -> str:
    policy = stored.policy
    adopters = shelf.adopters(office, policy.id)
    may_approve = shelf.may_approve(policy, office.settings)
    meaning = policy_words.status_sentence(policy, in_samples=bool(adopters) and may_approve)
    return render_template(
        "recognition/policy.html",
        stored=stored,
        policy=policy,
        is_newest=is_newest,
        address=office.public_url + stored.path,
        others=[each for each in shelf.versions(office, policy.id) if each.policy.version != policy.version],
        publisher=_publisher(office, stored.organisation),
        can_sign=stored.signed is not None
        or policy_statement.signer(office, stored.organisation) is not None,
        deciders=[_publisher(office, each) for each in adopters],
        may_approve=may_approve,
        **{**told(stored), "meaning": meaning},
    )


def told(stored: StoredPolicy) -> Mapping[str, Any]:
    """Return what every page about a version says in plain words."""
    policy = stored.policy
    return {
        "sections": policy_words.sections(policy),
        "summary": policy_words.summary(policy),
        "label": policy_words.label(policy),
        "meaning": policy_words.status_sentence(policy),
        "purpose": purpose_words(policy.purpose),
        "place": policy_phrases.place(policy.jurisdiction),
        "days": policy_phrases.period(policy.in_force),
        "source_kinds": policy_phrases.SOURCES,
        "source_words": policy_phrases.source,
    }


def _publisher(office: Office, slug: str) -> tuple[str, str]:
    """Return short name and name of an organisation; of the house ""."""
    if not slug:
        return "", office.settings.title
    try:
        with office.db.reading() as session:
            return slug, organisations.get(session, slug).name
    except NoSuchOrganisationError:
        return slug, slug


def _item(office: Office, stored: StoredPolicy) -> dict[str, Any]:
    policy, address = stored.policy, office.public_url + stored.path
    until = policy.in_force.last
    return {
        "id": policy.id,
        "version": policy.version,
        "title": policy.title,
        "status": str(policy.status),
        "purpose": policy.purpose,
        "jurisdiction": policy.jurisdiction,
        "recognizer": policy.recognizer,
        "unit": policy.unit.id,
        "from": policy.in_force.first.isoformat(),
        "until": None if until is None else until.isoformat(),
        "page": address,
        "text": f"{address}.toml",
        "signed": f"{address}.json",
        "sha256": policy.sha256,
    }
