# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document says what the routes do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from flask import Blueprint, Flask, Response
from pydantic import BaseModel, ConfigDict, Field

from service import access, openapi
from service.negotiate import respond_json
from tests.service.conftest import MakeApp


class Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    size: int = Field(description="How large it is.")


class Thing(BaseModel):
    """A thing."""

    model_config = ConfigDict(strict=True, extra="forbid")
    name: str = Field(description="What it is called, <b>in words</b>.")
    parts: list[Part] = []
    kind: str | None = None


def routes() -> Blueprint:
    pages = Blueprint("things", __name__)

    @pages.post("/things/<uuid:thing_id>/parts")
    @access.token("things:write")
    @openapi.operation(
        "Add a part",
        tag="Things",
        description="It stays.",
        request={"application/json": Thing, "application/pdf": None},
        responses={201: openapi.Reply("It was added.", {"application/json": Part})},
        problems=("document.not-json", "document", "request.fields"),
        parameters=(openapi.Parameter("Idempotency-Key", "Your own.", place="header", required=True),),
        path={"thing_id": "Which thing."},
    )
    def add(thing_id: str) -> Response:
        return respond_json(thing_id)

    @pages.get("/things/<name>.<suffix>")
    @access.anyone
    @openapi.operation(
        "Read a thing",
        tag="Things",
        responses={200: openapi.Reply("The thing.", {"application/json": {"type": "object"}})},
    )
    def read(name: str, suffix: str) -> Response:
        return respond_json([name, suffix])

    @pages.get("/undescribed")
    @access.anyone
    def undescribed() -> str:
        return ""

    return pages


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(routes())


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/openapi.json")
    assert answer.headers["ETag"]
    return dict(answer.json or {})


def test_every_described_route_is_in_it(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.1"
    assert document["servers"] == [{"url": "http://127.0.0.1:8080"}]
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == {
        ("/things/{thing_id}/parts", "post"),
        ("/things/{name}.{suffix}", "get"),
    }


def test_an_operation_tells_everything_a_caller_needs(document: dict[str, Any]) -> None:
    operation = document["paths"]["/things/{thing_id}/parts"]["post"]
    assert operation["summary"] == "Add a part"
    assert operation["security"] == [{"token": ["things:write"]}]
    assert [(p["name"], p["in"], p["required"]) for p in operation["parameters"]] == [
        ("thing_id", "path", True),
        ("Idempotency-Key", "header", True),
    ]
    assert operation["parameters"][0]["schema"] == {"type": "string", "format": "uuid"}
    assert operation["requestBody"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}},
        "application/pdf": {},
    }
    assert sorted(operation["responses"]) == ["201", "400", "401", "403", "422", "default"]
    assert "`document.not-json`" in operation["responses"]["400"]["description"]
    assert document["paths"]["/things/{name}.{suffix}"]["get"]["security"] == []


def test_the_document_is_well_formed(document: dict[str, Any]) -> None:
    """OpenAPI 3.1: references lead somewhere, schemas are JSON Schema 2020-12, names are unique."""
    assert set(document) == {"openapi", "info", "servers", "paths", "components"}
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    names = []
    for path, methods in document["paths"].items():
        for operation in methods.values():
            names.append(operation["operationId"])
            assert operation["responses"]
            in_path = [p["name"] for p in operation.get("parameters", []) if p["in"] == "path"]
            assert all("{" + name + "}" in path for name in in_path)
            assert path.count("{") == len(in_path)
    assert len(names) == len(set(names))
    for reference in references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    for schema in document["components"]["schemas"].values():
        assert jsonschema_rs.meta.is_valid(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        )


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "$ref":
                yield member
            else:
                yield from references(member)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_the_page_shows_the_same(app: Flask, document: dict[str, Any]) -> None:
    answer = app.test_client().get("/docs/api")
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    for path in document["paths"]:
        assert path in answer.text
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in answer.text
    assert "things:write" in answer.text
    assert "document.surrogate" in answer.text
    assert "&lt;b&gt;in words" in answer.text
    assert "style=" not in answer.text
    assert "<script" not in answer.text
