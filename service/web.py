# SPDX-License-Identifier: Apache-2.0
"""The common set-up of the web service: limits, headers, errors, access, templates, static files.

The roof hands in the rooms' blueprints; what they may rely on is made here and nowhere else.
"""

from __future__ import annotations

import gc
import hashlib
import importlib.metadata
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NoReturn

import flask
from flask import Blueprint, Flask, Response, g, request
from jinja2 import StrictUndefined
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from service import access, clock, forms, headers, health, log, openapi, phrases, ratelimit, tokens
from service.db import INTEGER_MAX, Database
from service.problems import Problems
from service.settings import Settings

ROOT: Final = Path(__file__).resolve().parent.parent  # templates/ and static/ stand beside the rooms
VERSION: Final = importlib.metadata.version("hallmark")
LARGE_BODY_BYTES: Final = 65_536  # bytes of a body; the largest credential seen has 56 KB
STATIC_SECONDS: Final = 86_400  # a day, for an address without its digest
STATIC_DIGEST_SECONDS: Final = 31_536_000  # a year, for an address that changes with the content
_STATIC_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".md": "text/markdown",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


class Number(IntegerConverter):
    """A number in an address, ``<int:…>``: what no table can hold is no address of ours, on any database."""

    def __init__(
        self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int = INTEGER_MAX
    ) -> None:
        super().__init__(map, fixed_digits=fixed_digits, min=min, max=max)


class _Request(flask.Request):
    """A request without the convenient ways to its body that read it wrongly."""

    def get_json(self, *_args: Any, **_options: Any) -> NoReturn:
        """Refuse: ``service.forms.read_body`` gives the bytes."""
        raise NotImplementedError("bodies are read by service.forms.read_body")


def create_flask(
    settings: Settings,
    *,
    problems: Problems,
    db: Database,
    blueprints: Sequence[Blueprint],
    extensions: Mapping[str, Any] | None = None,
    attention: Callable[[datetime], Sequence[str]] = health.nothing,
) -> Flask:
    """Build the service. Everything that it answers passes through what is set up here.

    Args:
        settings: The settings.
        problems: The table of error rows, with those of all rooms.
        db: The one database.
        blueprints: The rooms' routes; each view has an access row.
        extensions: Further names for ``app.extensions``.
        attention: What ``/healthz`` tells operators to look at, as codes.

    Raises:
        UnguardedRouteError: A route does not say who may use it.
    """
    app = Flask("hallmark", static_folder=None, template_folder=str(ROOT / "templates"), root_path=str(ROOT))
    app.request_class = _Request
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=forms.FORM_BYTES,
        MAX_FORM_PARTS=forms.FORM_PARTS,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        PREFERRED_URL_SCHEME="https" if settings.https else "http",
    )
    app.extensions.update(extensions or {})
    # A redirect to the tidy form of an address would be built from the Host header; so there is none.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters["int"] = Number
    _set_up_templates(app, settings)
    _number_requests(app)
    _answer_to_own_names(app, settings)
    _tidy_up(app)

    def find(presented: str, *, now: datetime) -> tokens.Token:
        with db.reading() as session:
            return tokens.find(session, presented, now=now)

    access.install(app, find=find, db=db, public_url=settings.public_url)
    problems.install(app)
    serve_static(app)
    api = openapi.blueprint(
        title=settings.title, version=VERSION, public_url=settings.public_url, problems=problems
    )
    for blueprint in (health.blueprint(db, attention=attention), api, *blueprints):
        app.register_blueprint(blueprint)
    ratelimit.install(app, per_minute=settings.checks_per_minute)
    headers.install(app, https=settings.https)
    access.check(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]
    return app


def _set_up_templates(app: Flask, settings: Settings) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters.update(phrases.FILTERS)
    app.jinja_env.globals.update(phrases.GLOBALS)
    app.jinja_env.globals.update(
        site_title=settings.title, public_url=settings.public_url, demo=settings.demo
    )


def _number_requests(app: Flask) -> None:
    """Give each request its number, and write one line about it."""

    @app.before_request
    def _begin() -> None:
        g.request_id = str(uuid.uuid4())
        g.begun = clock.monotonic()

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        log.event(
            "request",
            id=g.request_id,
            method=request.method,
            route=request.endpoint,
            status=response.status_code,
            ms=round((clock.monotonic() - g.begun) * 1000),
        )
        return response


def _answer_to_own_names(app: Flask, settings: Settings) -> None:
    """Refuse requests under a name that is not the site's, before anything looks at them."""

    @app.before_request
    def _refuse() -> None:
        if not settings.answers_to(request.host):
            raise BadRequest


def _tidy_up(app: Flask) -> None:
    """Collect the garbage of a large request at once.

    An error that is kept, as part of an answer, keeps the frames it has passed, and so everything that was
    made of the body, in circles that Python finds only much later: its collector counts objects, not bytes.
    """

    @app.teardown_request
    def _collect(_error: BaseException | None) -> None:
        if (request.content_length or 0) > LARGE_BODY_BYTES:
            gc.collect()


def serve_static(app: Flask) -> None:
    """Serve ``static/``; links carry the digest of the content, so that browsers may keep it for a year.

    The files are few and small, so they are kept in memory: no answer leaves an open file behind.
    """
    folder = ROOT / "static"
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    digests = {name: hashlib.sha256(body).hexdigest()[:16] for name, body in files.items()}

    @app.url_defaults
    def _add_digest(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and values.get("filename") in digests:
            values["v"] = digests[values["filename"]]

    @app.get("/static/<path:filename>", endpoint="static")
    @access.anyone
    def static(filename: str) -> Response:
        if filename not in files:
            raise NotFound
        current = request.args.get("v") == digests[filename]
        seconds = STATIC_DIGEST_SECONDS if current else STATIC_SECONDS
        response = Response(files[filename], mimetype=_STATIC_TYPES[Path(filename).suffix])
        response.headers["Cache-Control"] = f"public, max-age={seconds}" + (", immutable" if current else "")
        response.set_etag(digests[filename])
        response.make_conditional(request)
        return response
