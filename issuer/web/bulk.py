# SPDX-License-Identifier: Apache-2.0
"""``/issuing``: many awards from a file, for officers of an issuing organisation.

One page for each file, whatever its state: being tried, tried, waiting for a second person, being issued,
done. It may be left and found again; a script keeps it up to date, without one it loads itself again. What
belongs to an organisation in which somebody is no officer is not there for them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request

from credentials.digests import sha256_hex
from credentials.errors import HallmarkError
from issuer import actors, second_person
from issuer.bulk import desk, looking, reading, results, told
from issuer.bulk.bulk import ALONE, ROWS, Bulk, BulkState, RowState
from issuer.bulk.desk import Brought, Key
from issuer.bulk.looking import View
from issuer.bulk.trial import FILE_BYTES
from issuer.errors import BulkCountError, BulkFileError, BulkRowsBadError, BulkStateError
from issuer.mint import Mint
from issuer.takeback.takeback import PAGES
from issuer.web import many
from service import access, clock, forms, paging
from service.accounts.people import Person, Role
from service.errors import DatabaseUnavailableError, FreshSignInRequiredError

HOME: Final = told.PAGES
PAGE_ROWS: Final = 50
LISTED: Final = 25  # files on one page of the list
UPLOAD_BYTES: Final = FILE_BYTES
_Answer = Any


def blueprint(mint: Mint) -> Blueprint:
    """Return the routes of bulk issuing."""
    routes = Blueprint("issuer_bulk", __name__)
    routes.add_app_template_global(partial(_waits, mint), "waits_for")
    _bringing(routes, mint)
    _looking(routes, mint)
    _deciding(routes, mint)
    return routes


def _bringing(routes: Blueprint, mint: Mint) -> None:
    def form_page(error: HallmarkError | None = None, typed: Mapping[str, str] | None = None) -> str:
        return render_template(
            "issuer/bulk_new.html",
            issuers=looking.awarding(mint, many.own()),
            error=error,
            typed=typed or {"mails": "yes"},
            once=str(uuid.uuid4()),
            rows_max=ROWS,
            bytes_max=UPLOAD_BYTES,
            alone=ALONE,
        )

    @routes.get(HOME)
    @access.role(Role.OFFICER)
    def issuing() -> _Answer:
        found = looking.listed(
            mint, issuers=many.own(), after=request.args.get("after", "")[:36], limit=LISTED + 1
        )
        return render_template(
            "issuer/bulks.html",
            bulks=found[:LISTED],
            next=found[LISTED - 1][0].id if len(found) > LISTED else "",
            issuers=looking.awarding(mint, many.own()),
            names=_names(mint, [bulk for bulk, _ in found]),
            me=access.actor(),
        )

    @routes.get(f"{HOME}/new")
    @access.role(Role.OFFICER)
    def issuing_form() -> _Answer:
        return form_page()

    @routes.post(f"{HOME}/new")
    @access.role(Role.OFFICER, max_bytes=UPLOAD_BYTES)
    def issuing_bring() -> _Answer:
        form = forms.read_form(UPLOAD_BYTES)
        upload = form.files.get("file")
        try:
            if upload is None:
                raise BulkFileError("Choose a file first.")  # noqa: TRY301  told like what is wrong with a file
            slugs = {each.slug for each in looking.awarding(mint, many.own())}
            issuer = form.text("issuer") or (next(iter(slugs)) if len(slugs) == 1 else "")
            if issuer not in slugs:
                raise BulkFileError("Choose whose awards these are.")  # noqa: TRY301
            brought = Brought(
                reading.kind_of(upload.claimed_name, upload.body), upload.body, upload.claimed_name
            )
            id, _ = desk.propose(
                mint,
                brought,
                issuer=issuer,
                sends_mail=bool(form.text("mails")),
                actor=access.actor(),
                now=clock.now(),
                key=_once(form, brought, issuer),
            )
        except (BulkFileError, BulkStateError) as error:
            return form_page(error, form.fields), 422 if isinstance(error, BulkFileError) else 409
        return redirect(f"{HOME}/{id}", code=303)


def _looking(routes: Blueprint, mint: Mint) -> None:
    @routes.get(f"{HOME}/<uuid:id>")
    @access.role(Role.OFFICER)
    def issuing_bulk(id: UUID) -> _Answer:
        return page(mint, _view(mint, id))

    @routes.get(f"{HOME}/<uuid:id>.csv")
    @access.role(Role.OFFICER)
    def issuing_table(id: UUID) -> Response:
        found, show = _view(mint, id), _show()
        return as_table(results.table(mint, found.bulk, show=show), found.bulk, show)


def _deciding(routes: Blueprint, mint: Mint) -> None:
    def decide(id: UUID, *, approves: bool) -> _Answer:
        found, now = _view(mint, id), clock.now()
        form = forms.read_form()
        typed = form.text("count")
        try:
            access.require_fresh()
            count = desk.number(typed)
            actor = access.actor()
            if approves:
                desk.approve(mint, found.bulk.id, count=count, actor=actor, now=now)
            else:
                leaves_out = bool(form.text("leave_out"))
                desk.confirm(mint, found.bulk.id, count=count, leaves_out=leaves_out, actor=actor, now=now)
        except (BulkCountError, BulkRowsBadError, FreshSignInRequiredError) as error:
            status = 403 if isinstance(error, FreshSignInRequiredError) else 422
            return page(mint, _view(mint, id), error, form.fields), status
        return redirect(f"{HOME}/{id}", code=303)

    @routes.post(f"{HOME}/<uuid:id>/confirm")
    @access.role(Role.OFFICER)
    def issuing_confirm(id: UUID) -> _Answer:
        return decide(id, approves=False)

    @routes.post(f"{HOME}/<uuid:id>/approve")
    @access.role(Role.OFFICER)
    def issuing_approve(id: UUID) -> _Answer:
        return decide(id, approves=True)

    @routes.post(f"{HOME}/<uuid:id>/cancel")
    @access.role(Role.OFFICER)
    def issuing_cancel(id: UUID) -> _Answer:
        found = _view(mint, id)
        desk.cancel(mint, found.bulk.id, actor=access.actor(), now=clock.now())
        return redirect(f"{HOME}/{id}", code=303)


def page(
    mint: Mint, found: View, error: HallmarkError | None = None, typed: Mapping[str, str] | None = None
) -> str:
    """Return the page of a bulk in its state."""
    show, after = _show(found), paging.number("after")
    some = results.lines(mint, found.bulk, show=show, after=after, limit=PAGE_ROWS + 1)
    is_waiting = found.bulk.state in (BulkState.TRIAL, BulkState.PROPOSED) and found.is_tried
    actor = access.actor()
    return render_template(
        "issuer/bulk.html",
        view=found,
        error=error,
        typed=typed or {},
        lines=some[:PAGE_ROWS],
        next=some[PAGE_ROWS - 1].number if len(some) > PAGE_ROWS else 0,
        is_first=after <= 0,
        show=show or "all",
        filters=_filters(found),
        previews=results.previews(mint, found.bulk) if is_waiting else (),
        names=_names(mint, [found.bulk, *found.same_file]),
        others=_others(mint, found),
        is_mine=found.bulk.made_by == actor,
        is_fresh=access.sign_in().is_fresh(clock.now()),
        alone=ALONE,
    )


def as_table(parts: Iterator[bytes], bulk: Bulk, show: str | None) -> Response:
    """Return rows of a bulk as a file."""
    return many.table(parts, f"{show or 'result'}-{bulk.id[:8]}.csv")


def _view(mint: Mint, id: UUID) -> View:
    """Return a bulk of one's own organisations."""
    return looking.view(mint, str(id), now=clock.now(), issuers=many.own())


def _once(form: forms.Form, brought: Brought, issuer: str) -> Key | None:
    """Return the name of this form with this file and these choices: pressing twice brings it once."""
    said = f"{desk.digest_of(brought)} {issuer} {bool(form.text('mails'))}"
    digest = sha256_hex(said.encode())
    once = form.text("once")[:36]
    return Key(f"{once}:{digest}", digest) if once else None


def _show(found: View | None = None) -> str | None:
    """Return which rows are asked for; without a word those that need somebody."""
    said = request.args.get("show", "")
    if said in results.SHOWS:
        return said
    if found is None or said == "all":
        return None
    if found.count[RowState.REFUSED]:
        return "refused"
    return "bad" if found.trial.bad and not found.was_started else None


def _filters(found: View) -> tuple[tuple[str, int], ...]:
    """Return the kinds of rows that there are, with how many."""
    numbers = {
        name: sum(found.count[state] for state in states) if states is not None else found.trial.warned
        for name, states in results.SHOWS.items()
    }
    return (("all", sum(found.count.values())), *((name, n) for name, n in numbers.items() if n))


def _waits(mint: Mint, person: Person) -> Mapping[str, int]:
    """Return what waits for whoever asks, by the address of its pages; for the head of each desk."""
    try:
        found = second_person.numbers(mint, person, now=clock.now())
    except DatabaseUnavailableError:
        return {}  # a page that says so has a head, too
    return {HOME: found["bulks"], PAGES: found["takebacks"]}


def _names(mint: Mint, bulks: Iterable[Bulk]) -> dict[str, str]:
    """Return words for who acted."""
    return actors.names(mint, (actor for bulk in bulks for actor in (bulk.made_by, bulk.approved_by)))


def _others(mint: Mint, found: View) -> tuple[str, ...]:
    """Return the names of those who may be the second person."""
    if found.trial.issuer is None:
        return ()
    with mint.db.reading() as session:
        others = actors.officers(session, found.trial.issuer, but=(found.bulk.made_by,))
    return tuple(each.name for each in others)
