# SPDX-License-Identifier: Apache-2.0
"""How errors meet HTTP: RFC 9457 problem documents, or a page with the same words.

Each room's ``problems.py`` holds its rows, error code → status and title; the roof registers them. A leaf
without a row has that of the nearest ancestor. What is no error of ours becomes one plain 500 that says
nothing but its number.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask, Response, g, make_response, render_template
from jinja2 import TemplateError
from werkzeug.exceptions import HTTPException, NotFound

from credentials.errors import HallmarkError
from service import access, log
from service.errors import FieldsError
from service.negotiate import respond_json, wants_html

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Row:
    """How one error code is told over HTTP.

    Attributes:
        status: The HTTP status.
        title: The kind of problem in a few words, always the same for the code.
        retry_after: Seconds after which it makes sense to try again.
    """

    status: int
    title: str
    retry_after: int | None = None


_BRANCHES: Final[Mapping[str, Row]] = {
    "hallmark": Row(500, "Something went wrong here"),
    "malformed": Row(400, "This is not what it says it is"),
    "wrong": Row(422, "This is not true"),
    "unknown": Row(502, "We could not find out"),
    "refused": Row(409, "Our rules do not allow this"),
    "broken": Row(500, "Something is broken here"),
}

# The room credentials/ knows no HTTP, not even in a table, so its rows stand here.
_CREDENTIALS: Final[Mapping[str, Row]] = {
    "document": Row(400, "This is not a document that we read"),
    "document.too-large": Row(413, "The document is too large"),
    "document.not-utf-8": Row(400, "The text is not UTF-8"),
    "document.not-json": Row(400, "The text is not JSON"),
    "document.duplicate-member": Row(400, "The document names a member twice"),
    "document.too-deep": Row(400, "The document is nested too deeply"),
    "document.too-many-containers": Row(400, "The document has too many parts"),
    "document.number": Row(400, "The document has a number that is too long"),
    "document.surrogate": Row(400, "The document has a broken character"),
    "document.not-an-object": Row(400, "The document is not a JSON object"),
    "date": Row(400, "This is not a date and time with a zone"),
    "multibase": Row(400, "This text is not encoded as it says"),
    "digest": Row(400, "The digest is not well formed"),
    "identity": Row(400, "The identity is not well formed"),
    "did.malformed": Row(400, "The identifier is not well formed"),
    "did.unknown-method": Row(502, "We do not know this kind of identifier"),
    "key": Row(400, "The key is not well formed"),
    "key.weak": Row(422, "The key is too weak"),
    "key.private": Row(422, "A private key was shown"),
    "key.use": Row(422, "The key is meant for something else"),
    "key.unsupported": Row(502, "We do not know this kind of key"),
    "controller-document": Row(400, "The key document is not well formed"),
    "controller-document.id": Row(422, "The key document is somebody else's"),
    "verification-method.not-found": Row(422, "The key is not in the issuer's document"),
    "verification-method.controller": Row(422, "The key belongs to somebody else"),
    "verification-method.not-for-assertions": Row(422, "The key may not sign awards"),
    "verification-method.expired": Row(422, "The key was too old"),
    "verification-method.revoked": Row(422, "The key was withdrawn"),
    "baking": Row(422, "The picture carries no readable credential"),
    "baking.too-large": Row(413, "The picture is too large"),
    "baking.not-a-picture": Row(415, "This is no picture that we know"),
    "baking.damaged": Row(422, "The picture is damaged"),
    "baking.forbidden-markup": Row(422, "The picture has parts that we never read"),
    "baking.no-credential": Row(422, "This is just a picture"),
    "baking.open-badges-2": Row(422, "This is an older kind of badge"),
    "baking.twice": Row(422, "The picture carries more than one credential"),
    "baking.form": Row(422, "The picture carries its credential in the wrong way"),
    "n-quads": Row(400, "This is not N-Quads"),
    "signature": Row(422, "The signature does not fit"),
    "proof": Row(422, "The proof is not well formed"),
    "proof.missing": Row(422, "There is no proof"),
    "proof.too-many": Row(422, "There are too many proofs"),
    "proof.purpose": Row(422, "The proof was made for something else"),
    "proof.expired": Row(422, "The proof is no longer good"),
    "proof.chain": Row(422, "The chain of proofs is broken"),
    "proof.unregistered-suite": Row(422, "Nobody knows this kind of signature"),
    "proof.uncarried-suite": Row(502, "We do not know this kind of signature"),
    "proof.invalid": Row(422, "The signature does not fit"),
    "jwt.form": Row(400, "This is no signed token"),
    "jwt.header": Row(422, "The token's header is not allowed"),
    "jwt.algorithm": Row(422, "The token's algorithm is not allowed"),
    "jwt.claim": Row(422, "A claim of the token is wrong"),
    "jwt.claim-conflict": Row(422, "The token contradicts its content"),
    "structure": Row(422, "The document is not built as it must be"),
    "context.refused": Row(422, "The vocabulary is not stated as it must be"),
    "context.unknown": Row(502, "We do not know this vocabulary"),
    "context.damaged": Row(500, "A file of ours is damaged"),
    "content.unsigned": Row(422, "Something in it is not covered by a signature"),
    "content.unsupported": Row(502, "We cannot translate something in it"),
    "work-limit": Row(502, "Checking it would take too long"),
    "status": Row(502, "The status cannot be read"),
    "status.entry": Row(502, "The status entry cannot be read"),
    "status.list": Row(502, "The status list cannot be read"),
    "status.unknown-type": Row(502, "We do not know this kind of status"),
    "status.size": Row(502, "The status has an unknown size"),
    "status.index": Row(502, "The status is not in the list"),
    "status.encoding": Row(502, "The status list is damaged"),
    "status.too-long": Row(502, "The status list is too large"),
    "status.too-short": Row(502, "The status list is too short"),
    "schema.digest": Row(500, "A file of ours is damaged"),
}

_SERVICE: Final[Mapping[str, Row]] = {
    "settings": Row(500, "A setting is wrong"),
    "settings.no-house": Row(500, "There is nothing here yet"),
    "request": Row(400, "We cannot take this request"),
    "request.too-large": Row(413, "This is too large"),
    "request.media-type": Row(415, "This kind of file is not taken here"),
    "request.not-acceptable": Row(406, "It does not exist in that form"),
    "request.form": Row(400, "The form is damaged"),
    "request.fields": Row(422, "Some fields need another look"),
    "access.token-request": Row(422, "The access token cannot be made like this"),
    "access.token-required": Row(401, "An access token is needed"),
    "access.token-refused": Row(401, "The access token is not good"),
    "access.scope-refused": Row(403, "The access token is not meant for this"),
    "access.unguarded-route": Row(500, "Something is broken here"),
    "access.sign-in-required": Row(401, "Please sign in"),
    "access.fresh-sign-in-required": Row(403, "Please sign in once more"),
    "access.role-refused": Row(403, "This is for people with another role"),
    "access.cross-site": Row(403, "This came from another site"),
    "access.stale-form": Row(403, "Please send it again"),
    "account.field": Row(422, "Please look again"),
    "account.sign-in-refused": Row(422, "Address and password do not fit together"),
    "account.password-refused": Row(422, "Please choose another password"),
    "account.link-refused": Row(410, "This link does not work any more"),
    "account.address-taken": Row(409, "There is an account with this address"),
    "account.too-many-attempts": Row(429, "Please wait a little"),
    "account.no-such-person": Row(404, "There is no such person"),
    "account.no-such-organisation": Row(404, "There is no such organisation"),
    "account.last-administrator": Row(409, "Somebody must stay administrator"),
    "account.busy": Row(503, "We are busy at the moment", retry_after=5),
    "idempotency.key-required": Row(400, "An Idempotency-Key is needed"),
    "idempotency.key": Row(400, "The Idempotency-Key is not well formed"),
    "idempotency.key-reused": Row(409, "The Idempotency-Key was used for something else"),
    "fetch": Row(502, "Another host could not be asked"),
    "fetch.url-refused": Row(422, "We do not open such an address"),
    "fetch.host-not-found": Row(502, "The host was not found"),
    "fetch.address-refused": Row(422, "The address is not public"),
    "fetch.connection-failed": Row(502, "The host did not let us in"),
    "fetch.certificate": Row(502, "The host could not prove who it is"),
    "fetch.timed-out": Row(504, "The host did not answer in time"),
    "fetch.no-time-left": Row(504, "There was no time left to ask the host"),
    "fetch.redirect-refused": Row(502, "The host sent us elsewhere"),
    "fetch.too-large": Row(502, "The answer of the host is too large"),
    "fetch.malformed": Row(502, "The answer of the host is damaged"),
    "fetch.limit": Row(502, "Too many addresses at once"),
    "fetch.busy": Row(503, "We are already asking that host", retry_after=5),
    "database.unavailable": Row(503, "We cannot save or read at the moment", retry_after=5),
    "database.outdated": Row(503, "We are being updated", retry_after=30),
    "database.unsafe": Row(503, "We cannot save or read at the moment", retry_after=30),
    "database.in-use": Row(409, "Something else uses the database"),
    "database.not-empty": Row(409, "The other database is not empty"),
    "database.copy-differs": Row(500, "The copy of the database is not the same"),
    "database.unstorable": Row(422, "Something in it cannot be kept"),
    "already-there": Row(409, "It is there already"),
    "files.full": Row(507, "There is no room for files at the moment"),
    "files.unavailable": Row(503, "Files cannot be kept at the moment", retry_after=30),
    "files.missing": Row(500, "A file is missing here"),
    "files.damaged": Row(500, "A file here is damaged"),
    "mail.address": Row(422, "This is not an e-mail address that we can send to"),
    "mail.content": Row(422, "The mail cannot be built like this"),
    "mail.delivery": Row(502, "The mail could not be handed over"),
    "jobs.unknown": Row(404, "There is no such job"),
    "extra.missing": Row(501, "This is not installed here"),
    "typesetting": Row(500, "The document could not be made"),
    "typesetting.busy": Row(503, "Many documents are being made at the moment", retry_after=30),
    "cell.busy": Row(503, "Many files are being looked into at the moment", retry_after=60),
    "cell.limit": Row(413, "There is too much in this file"),
    "cell.broken": Row(503, "Files cannot be looked into at the moment", retry_after=30),
    "spreadsheet": Row(422, "The file is no table that we can read"),
    "audit.unavailable": Row(503, "We cannot save at the moment", retry_after=5),
}

# What the web framework itself says: status -> code, title, sentence.
_HTTP: Final[Mapping[int, tuple[str, str, str]]] = {
    400: (
        "http.bad-request",
        "We cannot take this request",
        "The request is not proper HTTP for this address.",
    ),
    404: (
        "http.not-found",
        "There is no page here",
        "There is no page here. If someone gave you this link as proof, ask them for it again; "
        "our links never expire.",
    ),
    405: (
        "http.method-not-allowed",
        "This cannot be done here",
        "This address does not take that method; see the Allow header.",
    ),
    413: ("request.too-large", "This is too large", "What you sent is larger than this address takes."),
    415: ("request.media-type", "This kind of file is not taken here", "Send it in another format."),
    429: ("http.too-many-requests", "Too many requests", "Please wait a little, then try again."),
}


# Problems whose page offers a way on; all others share one.
_PAGES: Final[Mapping[str, str]] = {
    "access.sign-in-required": "service/accounts/sign_in_first.html",
    "access.fresh-sign-in-required": "service/accounts/sign_in_first.html",
    "access.stale-form": "service/accounts/again.html",
    "account.link-refused": "service/accounts/link_refused.html",
}


class Problems:
    """The table of all rows, and how they are rendered."""

    def __init__(self, *, public_url: str) -> None:
        self._public_url = public_url
        self._rows: dict[str, Row] = {**_BRANCHES, **_CREDENTIALS, **_SERVICE}

    def register(self, rows: Mapping[str, Row]) -> None:
        """Add a room's rows. A room may say it better than the branch; the last word counts."""
        self._rows.update(rows)

    @property
    def rows(self) -> Mapping[str, Row]:
        """All rows: error code → status and title."""
        return self._rows

    def row(self, error: HallmarkError) -> Row:
        """Return the row of ``error``, or that of its nearest ancestor."""
        for kind in type(error).__mro__:
            row = self._rows.get(getattr(kind, "code", ""))
            if row is not None:
                return row
        return _BRANCHES["hallmark"]

    def reference(self) -> str:
        """Return the Markdown list of all error codes that ``docs/errors.md`` holds."""
        parts = [
            f"## `{code}`\n\n{meaning}\n\n{self._rows[code].status}, “{self._rows[code].title}”.\n"
            for code, meaning in sorted(explanations().items())
            if code in self._rows
        ]
        return "\n".join(parts)

    def document(self, *, code: str, title: str, status: int, detail: str, instance: str) -> dict[str, Any]:
        """Return the members of a problem document (RFC 9457, section 3.1)."""
        return {
            "type": f"{self._public_url}/problems/{code}",
            "title": title,
            "status": status,
            "detail": detail,
            "code": code,
            "instance": instance,
        }

    def install(self, app: Flask) -> None:
        """Make ``app`` answer every error as a problem, and explain each kind under its address."""
        app.extensions["problems"] = self
        app.register_error_handler(HallmarkError, self._ours)
        app.register_error_handler(HTTPException, self._http)
        app.register_error_handler(Exception, self._unexpected)

        @app.get("/problems/<code>")
        @access.anyone
        def problem_kind(code: str) -> Response:
            kinds = {known: (status, title, detail) for status, (known, title, detail) in _HTTP.items()}
            for known, meaning in explanations().items():
                if known in self._rows:
                    kinds[known] = (self._rows[known].status, self._rows[known].title, meaning)
            if code not in kinds:
                raise NotFound
            status, title, meaning = kinds[code]
            return respond_json({"code": code, "title": title, "status": status, "meaning": meaning})

    def _ours(self, error: HallmarkError) -> Response:
        row = self.row(error)
        problem = self.document(
            code=error.code, title=row.title, status=row.status, detail=error.message, instance=_instance()
        )
        findings = _findings(error)
        if findings:
            problem["errors"] = findings
        if row.status >= 500:
            log.event("problem", level=logging.ERROR, error=error, id=_instance(), code=error.code)
        retry_after = getattr(error, "retry_after", row.retry_after)
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return _render(problem, headers=headers)

    def _http(self, error: HTTPException) -> Response:
        if error.response is not None or error.code is None or error.code < 400:
            return make_response(error.get_response())
        known = _HTTP.get(error.code)
        code, title, detail = known or (f"http.{error.code}", error.name, "The server cannot do this.")
        problem = self.document(
            code=code, title=title, status=error.code, detail=detail, instance=_instance()
        )
        headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
        return _render(problem, headers=headers)

    def _unexpected(self, error: Exception) -> Response:
        """Nobody expected this: one plain 500 with a number, and the place in the log."""
        instance = _instance()
        log.event("mistake", level=logging.ERROR, error=error, id=instance)
        problem = self.document(
            code="broken",
            title="Our mistake",
            status=500,
            detail=f"Our mistake, number {instance.removeprefix('urn:uuid:')}. Nothing was saved twice.",
            instance=instance,
        )
        return _render(problem, headers={})


def explanations() -> dict[str, str]:
    """Return for every error code the first paragraph of its class: what it means."""
    return {
        kind.code: " ".join((kind.__doc__ or "").split("\n\n")[0].split()) for kind in _kinds(HallmarkError)
    }


def _kinds(kind: type[HallmarkError]) -> Iterator[type[HallmarkError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _kinds(child)


def _findings(error: HallmarkError) -> list[dict[str, str]]:
    if isinstance(error, FieldsError):
        return [{"pointer": f.pointer, "code": f.code, "detail": f.detail} for f in error.findings]
    if error.path:
        return [{"pointer": error.path, "code": error.code, "detail": error.message}]
    return []


def _instance() -> str:
    return f"urn:uuid:{g.request_id}"


def _render(problem: Mapping[str, Any], *, headers: Mapping[str, str]) -> Response:
    body, kind = json.dumps(problem, ensure_ascii=False) + "\n", MEDIA_TYPE
    if wants_html():
        try:
            page = _PAGES.get(problem["code"], "service/problem.html")
            body, kind = render_template(page, problem=problem), "text/html; charset=utf-8"
        except TemplateError as error:
            # A broken page must not hide the problem that it was to show.
            log.event("template", level=logging.ERROR, error=error, id=_instance())
    response = make_response(body, problem["status"], dict(headers))
    response.content_type = kind
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    challenge = g.get("challenge")
    if challenge and problem["status"] in (401, 403):
        response.headers["WWW-Authenticate"] = challenge
    return response
