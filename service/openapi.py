# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI 3.1 document, built from what stands beside the routes; served with a page drawn from it.

::

    @api.post("/things")
    @access.token("things:write")
    @openapi.operation(
        "Make a thing", tag="Things",
        request={"application/json": NewThing},
        responses={201: openapi.Reply("It was made.", {"application/json": Thing})},
        problems=("document", "request.fields"),
    )
    def create() -> Response: ...

Models are pydantic's; a plain mapping is taken as a JSON Schema; None means bytes of that media type. Path
parameters, security and problem answers follow from the route, its access row and the table of problems.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from flask import Blueprint, Flask, Response, current_app, render_template
from pydantic import BaseModel

from service import access
from service.negotiate import respond, respond_json
from service.problems import MEDIA_TYPE, Problems

View = TypeVar("View", bound=Callable[..., Any])
Schema = Mapping[str, Any]
Content = Mapping[str, "type[BaseModel] | Schema | None"]  # media type -> shape

_MARK: Final = "hallmark_operation"
_PLACEHOLDER: Final = re.compile(r"<(?:(?P<kind>[a-z_]+)(?:\([^)]*\))?:)?(?P<name>[A-Za-z_]+)>")
_KINDS: Final[Mapping[str, Schema]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer"},
}
_PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Explains this kind of problem."},
        "title": {"type": "string", "description": "The kind of problem in a few words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What happened, in a sentence for people."},
        "code": {"type": "string", "description": "A stable name for programs."},
        "instance": {"type": "string", "format": "uri", "description": "The number of this occurrence."},
        "errors": {
            "type": "array",
            "description": "The places in what you sent that need another look.",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer to the place."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: what it means, and its forms by media type."""

    description: str
    content: Content = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the query or a header. Those in the path are read from the route."""

    name: str
    description: str
    place: str = "query"
    required: bool = False
    schema: Schema = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True)
class Operation:
    """What one route does, for those who call it."""

    summary: str
    tag: str
    description: str = ""
    request: Content = field(default_factory=dict)
    responses: Mapping[int, Reply] = field(default_factory=dict)
    problems: Sequence[str] = ()
    parameters: Sequence[Parameter] = ()
    path: Mapping[str, str] = field(default_factory=dict)


def operation(summary: str, *, tag: str, **rest: Any) -> Callable[[View], View]:
    """Describe a view; the arguments are those of ``Operation``."""
    described = Operation(summary, tag, **rest)

    def decorate(view: View) -> View:
        setattr(view, _MARK, described)
        return view

    return decorate


def document(app: Flask, *, title: str, version: str, public_url: str, problems: Problems) -> dict[str, Any]:
    """Return the OpenAPI document of all described routes of ``app``."""
    schemas: dict[str, Any] = {"Problem": dict(_PROBLEM)}
    paths: dict[str, dict[str, Any]] = {}
    for path, method, endpoint, described in sorted(_described(app), key=lambda found: found[:2]):
        paths.setdefault(_path(path), {})[method.lower()] = _operation(
            app, path, method, endpoint, described, schemas=schemas, problems=problems
        )
    return {
        "openapi": "3.1.1",
        "info": {
            "title": title,
            "version": version,
            "description": "Errors are problem documents (RFC 9457); answers carry strong ETags.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token, made with `hallmark tokens new`.",
                }
            },
        },
    }


def blueprint(*, title: str, version: str, public_url: str, problems: Problems) -> Blueprint:
    """Return ``/openapi.json`` and ``/docs/api``."""
    routes = Blueprint("openapi", __name__)
    built: dict[Flask, dict[str, Any]] = {}

    def current() -> dict[str, Any]:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        if app not in built:
            built[app] = document(app, title=title, version=version, public_url=public_url, problems=problems)
        return built[app]

    @routes.get("/openapi.json")
    @access.anyone
    def openapi_json() -> Response:
        return respond_json(current())

    @routes.get("/docs/api")
    @access.anyone
    def api_docs() -> Response:
        api = current()
        page = render_template("service/api_docs.html", api=api, groups=_groups(api), rows=problems.rows)
        return respond(page, "text/html")

    return routes


def _described(app: Flask) -> Iterator[tuple[str, str, str, Operation]]:
    for rule in app.url_map.iter_rules():
        described = getattr(app.view_functions[rule.endpoint], _MARK, None)
        if isinstance(described, Operation):
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield rule.rule, method, rule.endpoint, described


def _operation(
    app: Flask,
    path: str,
    method: str,
    endpoint: str,
    described: Operation,
    *,
    schemas: dict[str, Any],
    problems: Problems,
) -> dict[str, Any]:
    """Return the Operation Object of one route and method."""
    parameters = [
        {
            "name": match["name"],
            "in": "path",
            "required": True,
            "description": described.path.get(match["name"], ""),
            "schema": dict(_KINDS.get(match["kind"] or "", {"type": "string"})),
        }
        for match in _PLACEHOLDER.finditer(path)
    ]
    parameters += [
        {
            "name": parameter.name,
            "in": parameter.place,
            "required": parameter.required,
            "description": parameter.description,
            "schema": dict(parameter.schema),
        }
        for parameter in described.parameters
    ]
    words = re.sub(r"[^A-Za-z0-9]+", "-", _path(path)).strip("-") or "root"
    result: dict[str, Any] = {
        "operationId": f"{method.lower()}-{words}",
        "summary": described.summary,
        "tags": [described.tag],
    }
    if described.description:
        result["description"] = described.description
    if parameters:
        result["parameters"] = parameters
    if described.request and method not in ("GET", "DELETE"):
        result["requestBody"] = {"required": True, "content": _content(described.request, schemas)}
    result["responses"] = _responses(app, endpoint, described, schemas=schemas, problems=problems)
    row = access.row_of(app, endpoint)
    result["security"] = [{"token": [row.scope]}] if row is not None and row.scope is not None else []
    return result


def _responses(
    app: Flask, endpoint: str, described: Operation, *, schemas: dict[str, Any], problems: Problems
) -> dict[str, Any]:
    """Return what may be answered: the described replies, then the problems by status."""
    responses: dict[str, Any] = {}
    for status, reply in described.responses.items():
        responses[str(status)] = {"description": reply.description}
        if reply.content:
            responses[str(status)]["content"] = _content(reply.content, schemas)
    codes = list(described.problems)
    row = access.row_of(app, endpoint)
    if row is not None and row.scope is not None:
        codes += ["access.token-required", "access.token-refused", "access.scope-refused"]
    titles: dict[str, list[str]] = {}
    for code in dict.fromkeys(codes):
        problem = problems.rows[code]
        titles.setdefault(str(problem.status), []).append(f"{problem.title} (`{code}`).")
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for code_status, sentences in sorted(titles.items()):
        responses.setdefault(code_status, {"description": " ".join(sentences), "content": content})
    responses["default"] = {"description": "Any other problem.", "content": content}
    return responses


def _content(content: Content, schemas: dict[str, Any]) -> dict[str, Any]:
    """Return media types with their schemas; the models' own definitions go to the components."""
    result: dict[str, Any] = {}
    for media_type, shape in content.items():
        if shape is None:
            result[media_type] = {}
        elif isinstance(shape, type):
            schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(schema.pop("$defs", {}))
            schemas[shape.__name__] = schema
            result[media_type] = {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}
        else:
            result[media_type] = {"schema": dict(shape)}
    return result


def _path(rule: str) -> str:
    return _PLACEHOLDER.sub(lambda match: "{" + match["name"] + "}", rule)


def _groups(api: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the operations by tag, as the page shows them."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in api["paths"].items():
        for method, found in methods.items():
            groups.setdefault(found["tags"][0], []).append({"path": path, "method": method.upper(), **found})
    return groups
