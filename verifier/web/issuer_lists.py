# SPDX-License-Identifier: Apache-2.0
"""The pages on which a recognizer keeps the organisation's list of recognised issuers.

Everything is found through the organisations in which whoever asks is a recognizer; another list is not
there. Finding an issuer and reading a published list ask other hosts, so both are limited.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, redirect, render_template, request

from credentials.errors import HallmarkError, MalformedError, RefusedError, UnknownError
from service import access, clock, forms, ratelimit
from service.accounts import organisations
from service.accounts.organisations import Organisation
from service.accounts.people import Role
from verifier import issuer_lists, issuer_lookup, list_sources
from verifier.bureau import Bureau
from verifier.errors import IssuerFieldError, IssuerListError, NoSuchIssuerListError
from verifier.list_format import LIST_BYTES, ListedIssuer
from verifier.party import address_of, host_of
from verifier.store.issuer_lists import Listing

HOME: Final = "/recognizer/list"
PAGE: Final = 200  # issuers on one page; longer lists are searched
SHOWN: Final = 500  # issuers of a difference that are named; the numbers are of all
_TROUBLE: Final = (MalformedError, UnknownError, RefusedError)
_Answer = Any


def blueprint(bureau: Bureau) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("verifier_issuer_lists", __name__)
    _looking(routes, bureau)
    _adding(routes, bureau)
    _changing(routes, bureau)
    _importing(routes, bureau)
    _deciding(routes, bureau)
    return routes


def _looking(routes: Blueprint, bureau: Bureau) -> None:
    @routes.get(HOME)
    @access.role(Role.RECOGNIZER)
    def recognizer_lists() -> _Answer:
        mine = _mine(bureau)
        if len(mine) == 1:
            return redirect(f"{HOME}/{mine[0].slug}", code=303)
        return render_template("verifier/recognizer_lists.html", mine=mine)

    @routes.get(f"{HOME}/<slug>")
    @access.role(Role.RECOGNIZER)
    def recognizer_list(slug: str) -> _Answer:
        return _list(bureau, slug)

    @routes.post(f"{HOME}/<slug>")
    @access.role(Role.RECOGNIZER)
    def recognizer_describe(slug: str) -> _Answer:
        _begin(bureau, slug)
        form = forms.read_form()
        title, about = form.text("title"), form.text("about").replace("\r\n", "\n")
        try:
            issuer_lists.describe(
                bureau, slug, title=title, about=about, actor=access.actor(), now=clock.now()
            )
        except IssuerFieldError as error:
            return _list(bureau, slug, error=error, typed={"title": title, "about": about}), 422
        return redirect(f"{HOME}/{slug}#about", code=303)


def _adding(routes: Blueprint, bureau: Bureau) -> None:
    def page(slug: str, **values: Any) -> str:
        known = {"candidate": None, "typed": {}, "error": None, **values}
        return render_template("verifier/recognizer_add.html", list=_own(bureau, slug), **known)

    @routes.get(f"{HOME}/<slug>/add")
    @access.role(Role.RECOGNIZER)
    def recognizer_add_form(slug: str) -> _Answer:
        return page(slug)

    @routes.post(f"{HOME}/<slug>/find")
    @access.role(Role.RECOGNIZER)
    @ratelimit.limited
    def recognizer_find(slug: str) -> _Answer:
        _own(bureau, slug)
        typed = {"what": forms.read_form().text("what")}
        try:
            found = issuer_lookup.look_up(bureau, slug, typed["what"], now=clock.now())
        except IssuerFieldError as error:
            return page(slug, error=error, typed=typed), 422
        return page(slug, candidate=found, typed=typed)

    @routes.post(f"{HOME}/<slug>/add")
    @access.role(Role.RECOGNIZER)
    def recognizer_add(slug: str) -> _Answer:
        _begin(bureau, slug)
        form = forms.read_form()
        typed = {name: form.text(name) for name in ("did", "name", "url", "note")}
        given = ListedIssuer(typed["did"], typed["name"], typed["url"])
        again = issuer_lookup.as_typed(bureau, slug, given)
        if again.careful is not None and form.text("aware") != again.careful:
            warned = IssuerFieldError(
                "Compare the two, and tick that you mean this one. Nothing was added.", path="aware"
            )
            return page(slug, error=warned, typed=typed, candidate=again), 422
        try:
            issuer_lists.add(bureau, slug, given, note=typed["note"], actor=access.actor(), now=clock.now())
        except IssuerFieldError as error:
            return page(slug, error=error, typed=typed, candidate=again), 422
        return redirect(f"{HOME}/{slug}?done=added", code=303)


def _changing(routes: Blueprint, bureau: Bureau) -> None:
    @routes.post(f"{HOME}/<slug>/remove")
    @access.role(Role.RECOGNIZER)
    def recognizer_remove(slug: str) -> _Answer:
        _own(bureau, slug)
        did = forms.read_form().text("did")
        issuer_lists.remove(bureau, slug, did, actor=access.actor(), now=clock.now())
        return redirect(f"{HOME}/{slug}?done=removed#removed", code=303)

    @routes.post(f"{HOME}/<slug>/put-back")
    @access.role(Role.RECOGNIZER)
    def recognizer_put_back(slug: str) -> _Answer:
        _own(bureau, slug)
        did = forms.read_form().text("did")
        issuer_lists.put_back(bureau, slug, did, actor=access.actor(), now=clock.now())
        return redirect(f"{HOME}/{slug}?done=back", code=303)

    @routes.post(f"{HOME}/<slug>/note")
    @access.role(Role.RECOGNIZER)
    def recognizer_note(slug: str) -> _Answer:
        _own(bureau, slug)
        form = forms.read_form()
        note = form.text("note").replace("\r\n", "\n")
        try:
            issuer_lists.annotate(bureau, slug, form.text("did"), note, actor=access.actor(), now=clock.now())
        except IssuerFieldError as error:
            return _list(bureau, slug, error=error), 422
        return redirect(f"{HOME}/{slug}?done=noted", code=303)


def _importing(routes: Blueprint, bureau: Bureau) -> None:
    def page(slug: str, **values: Any) -> str:
        known = {"error": None, "typed": {}, **values}
        others = [each for each in issuer_lists.choices(bureau) if each[0] != slug]
        return render_template(
            "verifier/recognizer_import.html",
            list=_own(bureau, slug),
            sources=list_sources.followed(bureau, slug),
            others=others,
            site=bureau.public_url,
            now=clock.now(),
            **known,
        )

    @routes.get(f"{HOME}/<slug>/import")
    @access.role(Role.RECOGNIZER)
    def recognizer_import(slug: str) -> _Answer:
        return page(slug)

    @routes.post(f"{HOME}/<slug>/import")
    @access.role(Role.RECOGNIZER, max_bytes=LIST_BYTES + forms.FORM_BYTES)
    @ratelimit.limited
    def recognizer_bring(slug: str) -> _Answer:
        _begin(bureau, slug)
        form = forms.read_form(max_bytes=LIST_BYTES + forms.FORM_BYTES)
        url, file = form.text("url"), form.files.get("file")
        actor, now = access.actor(), clock.now()
        try:
            if bool(url) is (file is not None):
                raise IssuerFieldError("Type an address, or choose a file.", path="url")
            if file is not None:
                id = list_sources.bring_file(bureau, slug, file.claimed_name, file.body, actor=actor, now=now)
            else:
                id = list_sources.bring_address(bureau, slug, url, actor=actor, now=now)
        except _TROUBLE as error:
            return page(slug, error=error, typed={"url": url}), 422
        return redirect(f"{HOME}/{slug}/sources/{id}", code=303)


def _deciding(routes: Blueprint, bureau: Bureau) -> None:
    def page(slug: str, id: str, error: HallmarkError | None = None) -> str:
        own = _own(bureau, slug)
        try:
            found = list_sources.waiting(bureau, slug, id)
        except IssuerListError as fault:  # A list that was read under rules that have changed since.
            found, error = list_sources.Followed(list_sources.source(bureau, slug, id)), fault
        return render_template(
            "verifier/recognizer_source.html", list=own, found=found, error=error, shown=SHOWN
        )

    @routes.get(f"{HOME}/<slug>/sources/<id>")
    @access.role(Role.RECOGNIZER)
    def recognizer_source(slug: str, id: str) -> _Answer:
        return page(slug, id)

    @routes.post(f"{HOME}/<slug>/sources/<id>/look")
    @access.role(Role.RECOGNIZER)
    @ratelimit.limited
    def recognizer_look_again(slug: str, id: str) -> _Answer:
        _own(bureau, slug)
        list_sources.look_again(bureau, slug, id, now=clock.now())
        return redirect(f"{HOME}/{slug}/sources/{id}", code=303)

    @routes.post(f"{HOME}/<slug>/sources/<id>/accept")
    @access.role(Role.RECOGNIZER)
    def recognizer_accept(slug: str, id: str) -> _Answer:
        _own(bureau, slug)
        form = forms.read_form()
        try:
            list_sources.accept(
                bureau,
                slug,
                id,
                sha256=form.text("sha256"),
                remove_gone=form.text("remove_gone") == "yes",
                actor=access.actor(),
                now=clock.now(),
            )
        except (IssuerFieldError, RefusedError) as error:
            return page(slug, id, error), 409
        return redirect(f"{HOME}/{slug}?done=accepted", code=303)

    @routes.post(f"{HOME}/<slug>/sources/<id>/decline")
    @access.role(Role.RECOGNIZER)
    def recognizer_decline(slug: str, id: str) -> _Answer:
        _own(bureau, slug)
        sha256 = forms.read_form().text("sha256")
        try:
            list_sources.refuse(bureau, slug, id, sha256=sha256, actor=access.actor(), now=clock.now())
        except RefusedError as error:
            return page(slug, id, error), 409
        return redirect(f"{HOME}/{slug}/import", code=303)

    @routes.post(f"{HOME}/<slug>/sources/<id>/forget")
    @access.role(Role.RECOGNIZER)
    def recognizer_forget(slug: str, id: str) -> _Answer:
        _own(bureau, slug)
        list_sources.forget(bureau, slug, id, actor=access.actor(), now=clock.now())
        return redirect(f"{HOME}/{slug}/import", code=303)


def _mine(bureau: Bureau) -> list[Organisation]:
    """Return the organisations in which whoever asks is a recognizer, by name."""
    slugs = access.person().organisations(Role.RECOGNIZER)
    with bureau.db.reading() as session:
        return [each for each in organisations.every(session) if each.slug in slugs]


def _organisation(bureau: Bureau, slug: str) -> Organisation:
    """Return one's own organisation.

    Raises:
        NoSuchIssuerListError: It is not one's own, or there is none.
    """
    found = next((each for each in _mine(bureau) if each.slug == slug), None)
    if found is None:
        raise NoSuchIssuerListError("There is no such list of recognised issuers here.", got=slug[:40])
    return found


def _own(bureau: Bureau, slug: str) -> Listing:
    """Return the list of one's own organisation; before its first change it has version 0 and is not public.

    Raises:
        NoSuchIssuerListError: It is not one's own, or there is no such organisation.
    """
    organisation = _organisation(bureau, slug)
    found = issuer_lists.listing(bureau, slug)
    return found or Listing(slug, organisation.name, "", 0, clock.now())


def _begin(bureau: Bureau, slug: str) -> None:
    """Let the list of one's own organisation begin, if it has not.

    Raises:
        NoSuchIssuerListError: It is not one's own, or there is no such organisation.
    """
    name = _organisation(bureau, slug).name
    issuer_lists.ensure(bureau, slug, name, actor=access.actor(), now=clock.now())


def _list(
    bureau: Bureau, slug: str, *, error: HallmarkError | None = None, typed: dict[str, str] | None = None
) -> str:
    own = _own(bureau, slug)
    found = issuer_lists.document(bureau.db, bureau.public_url, slug)
    words = request.args.get("q", "").strip()[:100]
    everybody = found.entries if found is not None else ()
    entries = issuer_lists.search(everybody, words)
    return render_template(
        "verifier/recognizer_list.html",
        list=own,
        found=found,
        entries=entries[:PAGE],
        cautions=issuer_lookup.cautions(bureau, everybody, entries[:PAGE]),
        number=len(entries),
        words_asked=words,
        address=address_of,
        host=host_of,
        removed=issuer_lists.taken_off(bureau, slug)[:PAGE],
        sources=list_sources.followed(bureau, slug),
        mine=_mine(bureau),
        error=error,
        typed=typed or {},
        done=request.args.get("done", ""),
    )
