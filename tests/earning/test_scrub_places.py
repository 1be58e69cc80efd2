# SPDX-License-Identifier: Apache-2.0
"""Cleaning files takes a share of the machine, never all of it."""

from __future__ import annotations

import io
import subprocess
from contextlib import ExitStack

import pytest
from flask.testing import FlaskClient

from earning import scrub as cleaning
from earning.errors import ScrubbingBusyError, UploadTooMuchError
from earning.programme import Programme
from earning.scrub import one_at_a_time, scrub
from earning.scrub.archive import Budget, unpack
from earning.scrub.scrubbed import XML_TAGS
from service.cell import AT_ONCE
from tests.earning import uploads
from tests.earning.house import somebody
from tests.earning.visits import sign_in
from tests.earning.working import TEXT, apply, upload


def bomb() -> bytes:
    body = "<w:p/>" * (XML_TAGS + 1)
    return uploads.packed({**uploads.docx_parts(), "word/document.xml": f"<w:document>{body}</w:document>"})


def test_a_document_of_countless_empty_paragraphs_is_refused_while_it_is_unpacked() -> None:
    with pytest.raises(UploadTooMuchError, match="too much in this file"):
        unpack(bomb(), budget=Budget())


def test_who_finds_no_place_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "PLACE_SECONDS", 0.01)
    with ExitStack() as held:
        for _ in range(AT_ONCE):
            held.enter_context(cleaning._cell.place())
        with pytest.raises(ScrubbingBusyError, match="try the file again in a minute"):
            scrub(TEXT, claimed_name="notes.txt")
    assert scrub(TEXT, claimed_name="notes.txt").data == TEXT


def test_a_place_is_free_again_after_a_file_that_took_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: object, **_options: object) -> None:
        raise subprocess.TimeoutExpired("cleaning", 20)

    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "run", never)
        for _ in range(AT_ONCE + 1):
            with pytest.raises(UploadTooMuchError):
                scrub(TEXT, claimed_name="notes.txt")
    assert scrub(TEXT, claimed_name="notes.txt").data == TEXT


def test_a_person_cleans_one_file_at_a_time(programme: Programme) -> None:
    application = apply(programme, somebody(programme))
    with one_at_a_time(application.person), pytest.raises(ScrubbingBusyError):
        upload(programme, application)
    assert upload(programme, application).size == len(TEXT)


def test_the_page_keeps_what_was_typed_and_says_when_to_try_again(
    programme: Programme, client: FlaskClient
) -> None:
    alex = somebody(programme)
    application = apply(programme, alex)
    visitor = sign_in(programme, client, alex)
    fields = {
        "place": "part-2/journal",
        "file": (io.BytesIO(TEXT), "notes.txt"),
        "description": "Typed with care.",
    }
    with one_at_a_time(alex.id):
        answer = visitor.post(f"/work/{application.id}/add", fields)
        fields["file"] = (io.BytesIO(TEXT), "notes.txt")
        told = visitor.post(f"/work/{application.id}/add", fields, Accept="application/json")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "Typed with care." in answer.text
    assert "try the file again in a minute" in answer.text
    assert (told.status_code, told.headers["Retry-After"]) == (503, "60")
    assert told.json is not None
    assert told.json["code"] == "upload.busy"
