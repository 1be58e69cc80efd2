# SPDX-License-Identifier: Apache-2.0
"""The pages of public evidence: choosing it, seeing it, closing it; and what strangers try."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from earning.programme import Programme
from earning.review import awarding
from earning.store import reviews as review_rows
from earning.work import evidence, sending
from earning.work.applications import Application
from earning.work.evidence import About
from earning.work.personal import EarningData
from earning.work.submissions import Artefact
from earning.work.work import workplace
from service import clock
from service.accounts.people import Person
from tests.earning import reviewing as it
from tests.earning.house import NOW, somebody
from tests.earning.visits import BROWSER, COOKIE, Visitor, sign_in
from tests.earning.working import STATED, TEXT, apply, fresh, upload, write

STATEMENTS = {"students": "yes", "own_work": "yes", "judged": "yes", "ai": "none"}


@pytest.fixture
def programme(programme: Programme) -> Programme:
    return replace(programme, settings=replace(programme.settings, second_reading_percent=0))


@dataclass(frozen=True)
class Scene:
    """An educator with complete work, a file and a link, and their browser; and a stranger's."""

    programme: Programme
    client: FlaskClient
    visitor: Visitor
    alex: Person
    application: Application
    file: Artefact
    link: Artefact


@pytest.fixture
def scene(programme: Programme, client: FlaskClient) -> Scene:
    alex = somebody(programme, school="School of Alex", local="Local of Alex")
    application = apply(programme, alex)
    write(programme, application)
    file = upload(programme, application)
    link = evidence.add_link(
        programme,
        application.id,
        "part-2/plan",
        person=alex.id,
        url="https://video.example/lesson?of=me&by=mine",
        name="A lesson",
        about=About(),
        now=NOW,
    )
    return Scene(programme, client, sign_in(programme, client, alex), alex, application, file, link)


def submitted(scene: Scene, *public: Artefact) -> dict[str, str]:
    """Fields of the form that sends work in."""
    revision = str(fresh(scene.programme, scene.application).revision)
    return {
        **STATEMENTS,
        "revision": revision,
        **{f"disclosure-{piece.id}": "public" for piece in public},
    }


def award(scene: Scene, *public: Artefact) -> None:
    """Send in, read, pass, award."""
    sending.submit(
        scene.programme,
        scene.application.id,
        replace(STATED, publish=True),
        person=scene.alex,
        revision=fresh(scene.programme, scene.application).revision,
        shows_name=False,
        public=[piece.id for piece in public],
        now=NOW,
    )
    it.read(scene.programme, it.reviewer(scene.programme, "Robin Reviewer"))
    assert awarding.award(scene.programme, now=clock.now()) == 1


def toggle(visitor: Visitor, scene: Scene, piece: Artefact, **fields: str) -> TestResponse:
    return visitor.post(f"/awards/{scene.application.id}/share/evidence/{piece.id}", fields)


# -- choosing ---------------------------------------------------------------------------------------------


def test_each_piece_is_private_on_the_page_until_chosen(scene: Scene) -> None:
    page = scene.visitor.get(f"/work/{scene.application.id}/submit").text
    for piece in (scene.file, scene.link):
        assert f'name="disclosure-{piece.id}" value="private" checked' in page
        assert f'name="disclosure-{piece.id}" value="public">' in page


def test_without_pieces_nothing_is_asked(scene: Scene) -> None:
    for piece in (scene.file, scene.link):
        evidence.remove(
            scene.programme, scene.application.id, piece.id, person=scene.alex.id, now=clock.now()
        )
    page = scene.visitor.get(f"/work/{scene.application.id}/submit").text
    assert 'name="publish"' not in page
    assert "Who may see your evidence" not in page


def test_the_second_confirmation_is_a_gap_that_is_named_and_the_choice_is_kept(scene: Scene) -> None:
    fields = submitted(scene, scene.link)
    refused = scene.visitor.post(f"/work/{scene.application.id}/submit", fields)
    assert refused.status_code == 422
    assert 'href="#statement.publish"' in refused.text
    assert 'id="statement.publish"' in refused.text
    assert f'name="disclosure-{scene.link.id}" value="public" checked' in refused.text
    assert f'name="disclosure-{scene.file.id}" value="private" checked' in refused.text
    sent = scene.visitor.post(f"/work/{scene.application.id}/submit", {**fields, "publish": "yes"})
    assert sent.status_code == 303, sent.text
    page = scene.visitor.get(f"/work/{scene.application.id}/sent/1").text
    assert page.count("public with the award</span>") == 1
    assert "you may publish it" in page


def test_whatever_is_no_clear_yes_stays_private(scene: Scene) -> None:
    fields = {**submitted(scene), f"disclosure-{scene.file.id}": "PUBLIC", "publish": "yes"}
    fields |= {f"disclosure-{uuid.uuid4()}": "public", f"disclosure-{scene.link.id}": ""}
    assert scene.visitor.post(f"/work/{scene.application.id}/submit", fields).status_code == 303
    work = workplace(scene.programme, scene.application.id, person=scene.application.person)
    assert not any(piece.is_public for piece in (*work.artefacts, *work.submissions[0].artefacts))


# -- seeing -----------------------------------------------------------------------------------------------


def test_a_public_file_is_sent_as_its_exact_bytes_to_be_saved(scene: Scene) -> None:
    award(scene, scene.file)
    answer = scene.client.get(f"/evidence/{scene.file.id}")
    assert (answer.status_code, answer.data) == (200, TEXT)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="evidence-{scene.file.id[:8]}.txt"'
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in answer.headers
    part = scene.client.get(f"/evidence/{scene.file.id}", headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.data) == (206, TEXT[5:10])


def test_a_public_link_is_shown_and_never_followed(scene: Scene) -> None:
    award(scene, scene.link)
    page = scene.client.get(f"/evidence/{scene.link.id}", headers=BROWSER)
    assert page.status_code == 200
    assert 'rel="nofollow ugc noopener noreferrer"' in page.text
    assert "of=me&amp;by=mine" in page.text
    assert '<meta name="robots" content="noindex, nofollow">' in page.text
    assert "Location" not in page.headers
    assert page.headers["Vary"] == "Accept"
    assert "A lesson" not in page.text  # what it is called in the work is its educator's
    plain = scene.client.get(f"/evidence/{scene.link.id}", headers={"Accept": "*/*"})
    assert plain.data == b"https://video.example/lesson?of=me&by=mine"
    assert plain.mimetype == "text/plain"


def test_the_panel_tells_who_sees_each_piece(scene: Scene) -> None:
    award(scene, scene.link)
    assert f'href="/awards/{scene.application.id}/share"' in scene.visitor.get("/awards").text
    page = scene.visitor.get(f"/awards/{scene.application.id}/share").text
    assert f'href="/evidence/{scene.link.id}"' in page
    assert page.count("Make it private</button>") == 1
    assert "it can never be public" in page
    assert 'name="disclosure" value="public"' not in page


def test_closing_and_opening_work_with_forms_alone(scene: Scene) -> None:
    award(scene, scene.file)
    closed = toggle(scene.visitor, scene, scene.file, disclosure="private")
    panel = f"/awards/{scene.application.id}/share"
    assert closed.location == f"{panel}?done=closed&at={scene.file.id}#e-{scene.file.id}"
    assert scene.client.get(f"/evidence/{scene.file.id}").status_code == 404
    page = scene.visitor.get(closed.location.partition("#")[0]).text
    assert "It is private from now on" in page
    assert "stay in the credential" in page
    refused = toggle(scene.visitor, scene, scene.file, disclosure="public")
    assert refused.status_code == 422
    assert "It is not public" in refused.text
    assert scene.client.get(f"/evidence/{scene.file.id}").status_code == 404
    opened = toggle(scene.visitor, scene, scene.file, disclosure="public", confirmed="yes")
    assert opened.status_code == 303
    assert scene.client.get(f"/evidence/{scene.file.id}").data == TEXT


def test_one_that_was_signed_as_private_is_refused_with_the_reason(scene: Scene) -> None:
    award(scene, scene.link)
    refused = toggle(scene.visitor, scene, scene.file, disclosure="public", confirmed="yes")
    assert refused.status_code == 409
    assert "signed as private" in refused.text
    assert scene.client.get(f"/evidence/{scene.file.id}").status_code == 404


# -- what strangers try -----------------------------------------------------------------------------------


def test_w1_nobody_else_closes_or_opens(scene: Scene) -> None:
    award(scene, scene.file)
    bea = sign_in(scene.programme, scene.client, somebody(scene.programme, "Bea Educator"))
    robin = it.reviewer(scene.programme, "Robin Second")
    manager = it.manager(scene.programme)
    for other in (bea, *(sign_in(scene.programme, scene.client, each) for each in (robin, manager))):
        for fields in ({"disclosure": "private"}, {"disclosure": "public", "confirmed": "yes"}):
            assert toggle(other, scene, scene.file, **fields).status_code == 404
    assert scene.client.get(f"/evidence/{scene.file.id}").status_code == 200


def test_w2_other_sites_and_stale_forms_change_nothing(scene: Scene) -> None:
    award(scene, scene.file)
    path = f"/awards/{scene.application.id}/share/evidence/{scene.file.id}"
    fields = {"disclosure": "private"}
    assert scene.visitor.post(path, fields, csrf="wrong").status_code == 403
    assert scene.visitor.post(path, fields, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert scene.client.post(path, data=fields, headers=BROWSER).status_code == 401
    assert scene.visitor.get(path).status_code == 405
    assert scene.client.get(f"/evidence/{scene.file.id}").status_code == 200


def test_a_signed_in_owner_sees_no_more_than_a_stranger(scene: Scene) -> None:
    award(scene, scene.link)
    assert scene.visitor.get(f"/evidence/{scene.file.id}").status_code == 404
    scene.client.set_cookie(COOKIE, scene.visitor.cookie)
    answer = scene.client.get(f"/evidence/{scene.link.id}", headers=BROWSER)
    assert answer.status_code == 200
    assert scene.alex.name not in answer.text


@pytest.mark.parametrize("accept", ["text/html", "application/json", "*/*"])
def test_whatever_is_not_public_is_one_and_the_same_answer(scene: Scene, accept: str) -> None:
    def ask(id: str) -> tuple[object, ...]:
        answer = scene.client.get(f"/evidence/{id}", headers={"Accept": accept})
        told = answer.text.replace(answer.headers["X-Request-Id"], "").replace(id, "")
        kept = ("Content-Type", "Cache-Control", "Vary", "X-Robots-Tag", "Content-Disposition")
        return (answer.status_code, *(answer.headers.get(name) for name in kept), told)

    def erase() -> None:
        with scene.programme.db.transaction() as session:
            EarningData(scene.programme).erase(session, scene.alex, clock.now())

    def set_aside() -> None:
        with scene.programme.db.transaction() as session:
            review_rows.set_artefacts(session, [scene.file.id, scene.link.id], "quarantined")

    def close() -> None:
        toggle(scene.visitor, scene, scene.file, disclosure="private")
        toggle(scene.visitor, scene, scene.link, disclosure="private")

    nothing = ask(str(uuid.uuid4()))
    assert nothing[0] == 404
    assert ask(scene.file.id) == ask(scene.link.id) == nothing  # a draft
    award(scene, scene.file, scene.link)
    assert ask(scene.file.id)[0] == 200
    acts: tuple[Callable[[], None], ...] = (close, set_aside, erase)
    for act in acts:
        act()
        assert ask(scene.file.id) == ask(scene.link.id) == ask(scene.application.id) == nothing, act.__name__


@pytest.mark.parametrize(
    "path", ["", "/", "/x", "/../awards", "/%00", "/00000000-0000-4000-8000-00000000000"]
)
def test_what_is_no_id_is_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(f"/evidence{path}").status_code == 404
