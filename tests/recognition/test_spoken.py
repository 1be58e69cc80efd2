# SPDX-License-Identifier: Apache-2.0
"""Recognitions beside an award on its page: only what its educator agreed to, examined at that moment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

import app
from recognition.stating import issuing, spoken
from service import clock
from tests.recognition import signed_scene
from tests.recognition.signed_scene import NOW, URL, Scene

BROWSER = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = signed_scene.make_scene(tmp_path_factory.mktemp("spoken"))
    yield made
    signed_scene.close(made)


@pytest.fixture(scope="module")
def client(scene: Scene) -> Iterator[FlaskClient]:
    service = app.create_app(scene.house.settings)
    yield service.test_client()
    service.extensions["hallmark"].db.close()


@pytest.fixture(autouse=True)
def _at_the_moment_of_the_scene(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)  # however late in a run this file has its turn


def page(client: FlaskClient, link: str) -> str:
    answer = client.get(link.removeprefix(URL), headers=BROWSER)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_a_recognition_stands_on_the_page_only_when_its_educator_agrees_and_as_long_as_it_holds(
    scene: Scene, client: FlaskClient
) -> None:
    award = scene.award()
    (found,) = issuing.issue_for(scene.office, scene.decide(award).id, now=NOW)
    assert "points (Massachusetts)" not in page(client, award.credential_id)
    issuing.set_public(scene.office, found.id, "person-1", True, now=NOW)
    shown = page(client, award.credential_id)
    assert '<h2 id="recognition-title">Recognition</h2>' in shown
    assert "Exampleton School District" in shown
    assert "points (Massachusetts), English learners. Rule: us-ma-renewal, version 2018-07-02." in shown
    assert "their signature holds" in shown
    assert f'href="/recognitions/{found.id}"' in shown
    (said,) = spoken.spoken(scene.office, award.credential_id, now=NOW)
    assert (said.outcome, said.on) == ("pass", NOW)
    issuing.withdraw(scene.office, [found.id], "It fell.", now=NOW, actor="ren")
    assert "Recognition</h2>" not in page(client, award.credential_id)


def test_a_pd_certificate_never_stands_on_the_awards_page(scene: Scene, client: FlaskClient) -> None:
    award = scene.award("SEL2")
    stated = signed_scene.state(
        scene.house, award.credential_id, email=signed_scene.EMAIL, person="person-2", name="Zoë Example"
    )
    shown = page(client, award.credential_id)
    assert stated.recognition in shown
    assert stated.certificate not in shown


def test_without_recognitions_there_is_nothing_at_all(scene: Scene, client: FlaskClient) -> None:
    assert "recognition-title" not in page(client, scene.award("SEL3").credential_id)


def test_the_page_of_an_achievement_says_nothing_of_recognitions(client: FlaskClient) -> None:
    assert "Exampleton" not in page(client, f"{URL}/achievements/SEL1-v1")


def test_a_recognizers_page_says_that_it_recognises_and_the_first_page_lists_issuers_alone(
    client: FlaskClient,
) -> None:
    shown = page(client, f"{URL}/issuers/example-district")
    assert "Recognizer ·" in shown
    assert "What it recognises" in shown
    assert "Micro-credentials</h2>" not in shown
    assert "2 Specimen Street" in shown
    home = page(client, f"{URL}/")
    assert "Example Education Association" in home
    assert "Exampleton School District" not in home


def test_documents_are_found_by_name_and_nothing_else_is(scene: Scene) -> None:
    stated = signed_scene.state(
        scene.house, scene.award("SEL2").credential_id, email=signed_scene.EMAIL, person=None
    )
    db = scene.office.db

    def kind(path: str) -> str | None:
        found = spoken.own_document(db, URL, f"{URL}{path}")
        return None if found is None else found[0]

    assert kind(f"/recognitions/{stated.recognition}") == "application/vc+ld+json"
    assert kind(f"/recognitions/{stated.recognition}.json") == "application/vc+ld+json"
    assert kind(f"/pd-certificates/{stated.certificate}") == "application/vc+ld+json"
    assert kind(f"/decisions/{stated.decision}.json") == "application/json"
    assert kind(f"/decisions/{stated.recognition}") is None
    assert kind(f"/pd-certificates/{stated.recognition}") is None
    assert kind(f"/recognitions/{stated.certificate}") is None
    assert kind("/recognitions/x") is None
    assert spoken.own_document(db, URL, f"https://elsewhere.example/decisions/{stated.decision}") is None
