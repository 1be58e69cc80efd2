# SPDX-License-Identifier: Apache-2.0
"""The pages on which a recognizer keeps the policies by which the organisation decides.

Everything is found through the organisations in which whoever asks is a recognizer; another organisation's
pages are not there. A text is shown in plain words before it is published, and whatever was typed stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request

from credentials.errors import HallmarkError
from recognition.adopting import issuer_names, publishing, shelf
from recognition.adopting.shelf import StoredPolicy
from recognition.errors import PolicyError, PolicyTakenError, RecognitionFieldError
from recognition.office import Office
from recognition.plan.questions import purpose_words
from recognition.rule import policy_reader
from recognition.rule.policy_keys import SOURCE_BYTES
from recognition.rule.policy_words import label
from recognition.web import own
from recognition.web.policies import told
from service import access, clock, forms
from service.accounts.organisations import Organisation
from service.accounts.people import Role

HOME: Final = "/recognizer/<slug>/policies"
UPLOAD_BYTES: Final = SOURCE_BYTES + forms.FORM_BYTES  # bytes; a file, and the text beside it
TICKED_MOST: Final = 40  # issuers that are offered as boxes to tick; more are typed
_ISSUER: Final = "issuer-"  # begins the names of the boxes
_Answer = Any


@dataclass(frozen=True, slots=True)
class _Typed:
    """What was typed or brought, and what was wrong with it."""

    text: str = ""
    error: HallmarkError | None = None


def blueprint(office: Office) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("recognition_policy_desk", __name__)
    _looking(routes, office)
    _deciding(routes, office)
    _publishing(routes, office)
    _naming(routes, office)
    return routes


def _looking(routes: Blueprint, office: Office) -> None:
    @routes.get("/recognizer/policies")
    @access.role(Role.RECOGNIZER)
    def recognizer_policies_of() -> _Answer:
        mine = own.mine(office, Role.RECOGNIZER)
        if len(mine) == 1:
            return redirect(f"/recognizer/{mine[0].slug}/policies", code=303)
        return render_template("recognition/policy_choose.html", mine=mine)

    @routes.get(HOME)
    @access.role(Role.RECOGNIZER)
    def recognizer_policies(slug: str) -> _Answer:
        return _desk(office, _own(office, slug))


def _deciding(routes: Blueprint, office: Office) -> None:
    @routes.post(f"{HOME}/adopt")
    @access.role(Role.RECOGNIZER)
    def recognizer_adopt(slug: str) -> _Answer:
        organisation = _own(office, slug)
        id = forms.read_form().text("id")
        publishing.adopt(office, organisation.slug, id, actor=access.actor(), now=clock.now())
        return redirect(f"{_base(organisation)}?done=adopted", code=303)

    @routes.post(f"{HOME}/accept")
    @access.role(Role.RECOGNIZER)
    def recognizer_accept(slug: str) -> _Answer:
        organisation, form = _own(office, slug), forms.read_form()
        id, version, sha256 = (form.text(name) for name in ("id", "version", "sha256"))
        publishing.accept(
            office, organisation.slug, id, version, sha256, actor=access.actor(), now=clock.now()
        )
        return redirect(f"{_base(organisation)}?done=accepted", code=303)

    @routes.post(f"{HOME}/drop")
    @access.role(Role.RECOGNIZER)
    def recognizer_drop(slug: str) -> _Answer:
        organisation = _own(office, slug)
        id = forms.read_form().text("id")
        publishing.drop(office, organisation.slug, id, actor=access.actor(), now=clock.now())
        return redirect(f"{_base(organisation)}?done=dropped", code=303)

    @routes.post(f"{HOME}/retire")
    @access.role(Role.RECOGNIZER)
    def recognizer_retire(slug: str) -> _Answer:
        organisation = _own(office, slug)
        form = forms.read_form()
        again = form.text("again") == "yes"
        change = publishing.take_up if again else publishing.retire
        change(
            office,
            organisation.slug,
            form.text("id"),
            form.text("version"),
            actor=access.actor(),
            now=clock.now(),
        )
        return redirect(f"{_base(organisation)}?done={'taken-up' if again else 'retired'}#own", code=303)


def _publishing(routes: Blueprint, office: Office) -> None:
    def page(organisation: Organisation, typed: _Typed, **values: Any) -> str:
        known: dict[str, Any] = {"found": None, "changed": False, **values}
        return render_template(
            "recognition/policy_new.html",
            **_frame(organisation),
            text=typed.text,
            error=typed.error,
            most=SOURCE_BYTES,
            **known,
        )

    @routes.get(f"{HOME}/new")
    @access.role(Role.RECOGNIZER)
    def recognizer_policy_new(slug: str) -> _Answer:
        organisation = _own(office, slug)
        return page(organisation, _Typed(_begin_with(office, request.args.get("from", ""))))

    @routes.post(f"{HOME}/look")
    @access.role(Role.RECOGNIZER, max_bytes=UPLOAD_BYTES)
    def recognizer_policy_look(slug: str) -> _Answer:
        organisation = _own(office, slug)
        source = _brought()
        try:
            found = _shown(office, organisation, source)
        except (PolicyError, PolicyTakenError) as error:
            return page(organisation, _Typed(_readable(source), error)), 422
        return page(organisation, _Typed(_readable(source)), found=found, **told(found))

    @routes.post(f"{HOME}/publish")
    @access.role(Role.RECOGNIZER, max_bytes=UPLOAD_BYTES)
    def recognizer_policy_publish(slug: str) -> _Answer:
        organisation = _own(office, slug)
        source, seen = _brought(), forms.read_form(max_bytes=UPLOAD_BYTES).text("sha256")
        try:
            found = _shown(office, organisation, source)
            if found.policy.sha256 != seen:  # Something else was shown than what would be published.
                return page(
                    organisation, _Typed(_readable(source)), found=found, changed=True, **told(found)
                ), 409
            publishing.publish(office, organisation.slug, source, actor=access.actor(), now=clock.now())
        except (PolicyError, PolicyTakenError) as error:
            return page(organisation, _Typed(_readable(source), error)), 422
        return redirect(f"{_base(organisation)}?done=published#own", code=303)


def _naming(routes: Blueprint, office: Office) -> None:
    @routes.post(f"{HOME}/names")
    @access.role(Role.RECOGNIZER)
    def recognizer_names(slug: str) -> _Answer:
        organisation = _own(office, slug)
        form = forms.read_form()
        dids = {value.strip() for name, value in form.fields.items() if name.startswith(_ISSUER)}
        dids |= {line.strip() for line in form.text("dids").splitlines() if line.strip()}
        try:
            issuer_names.bind(
                office, organisation.slug, form.text("name"), dids, actor=access.actor(), now=clock.now()
            )
        except RecognitionFieldError as error:
            typed = {"name": form.text("name"), "dids": form.text("dids")}
            return _desk(office, organisation, error=error, typed=typed), 422
        return redirect(f"{_base(organisation)}?done=bound#names", code=303)


def _own(office: Office, slug: str) -> Organisation:
    return own.organisation(office, slug, Role.RECOGNIZER)


def _base(organisation: Organisation) -> str:
    return f"/recognizer/{organisation.slug}/policies"


def _frame(organisation: Organisation) -> dict[str, Any]:
    return {"organisation": organisation, "base": _base(organisation)}


def _desk(
    office: Office,
    organisation: Organisation,
    *,
    error: HallmarkError | None = None,
    typed: Mapping[str, str] | None = None,
) -> str:
    slug, today = organisation.slug, clock.now().date()
    adopted = shelf.adopted(office, slug, on=today)
    mine = {each.policy.id for each in adopted}
    everything = shelf.every(office, on=today)
    listed = issuer_names.listed_issuers(office, slug)
    bound = issuer_names.bindings(office, slug)
    names = issuer_names.wanted(each.policy for each in adopted)
    return render_template(
        "recognition/policy_desk.html",
        **_frame(organisation),
        adopted=adopted,
        difference=shelf.difference,
        others=[each for each in everything if each.policy.id not in mine],
        published=[
            version
            for each in everything
            if each.organisation == slug
            for version in shelf.versions(office, each.policy.id)
        ],
        names=(*names, *sorted(set(bound) - set(names))),
        unbound=[name for name in names if not bound.get(name, frozenset()) & {each.did for each in listed}],
        bound=bound,
        listed=listed,
        can_tick=len(listed) <= TICKED_MOST,
        may_approve=lambda policy: shelf.may_approve(policy, office.settings),
        purpose=purpose_words,
        label=label,
        error=error,
        typed=typed or {},
        done=request.args.get("done", ""),
    )


def _begin_with(office: Office, place: str) -> str:
    """Return the text of a published version to begin a new one with, or ""."""
    id, _, version = place.partition("/")
    stored = shelf.published(office, id, version)
    return "" if stored is None else stored.policy.source.decode()


def _brought() -> bytes:
    """Return the text that was typed or the file that was brought, with the line ends of a text file."""
    form = forms.read_form(max_bytes=UPLOAD_BYTES)
    file = form.files.get("file")
    source = file.body if file is not None else form.fields.get("text", "").encode("utf-8", "replace")
    source = source.replace(b"\r\n", b"\n")
    return source if not source or source.endswith(b"\n") else source + b"\n"


def _readable(source: bytes) -> str:
    """Return a text to show again; of a file that is none, nothing."""
    return source[:SOURCE_BYTES].decode("utf-8", "replace") if len(source) <= SOURCE_BYTES else ""


def _shown(office: Office, organisation: Organisation, source: bytes) -> StoredPolicy:
    """Return what would be published, to be shown first.

    Raises:
        PolicyError: The text is no policy as agreed.
        PolicyTakenError: The id or the version is taken.
    """
    if not source.strip():
        raise PolicyError("Type the text of a policy, or choose a file.")
    policy = policy_reader.read(source)
    publishing.would_take(office, organisation.slug, policy)
    return StoredPolicy(policy, organisation.slug, None, clock.now(), access.actor(), None)
