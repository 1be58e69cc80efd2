# SPDX-License-Identifier: Apache-2.0
"""The pages of reversals: what waits on top, what each choice means, and a reason for both."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import app
from recognition.adopting import publishing
from recognition.reversing import recheck, reversals
from recognition.reversing.fall import Flag
from recognition.store import reversals as rows
from service.accounts import people
from service.settings import Settings
from tests.issuer.house import NOW
from tests.recognition import fallen_scene as scene
from tests.recognition.fallen_scene import DISTRICT, REINSTATE, REVOKE, SUSPEND
from tests.service.people import sign_in

HOME = f"/recognizer/{DISTRICT}/reversals"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = scene.make(tmp_path_factory.mktemp("house"))
    with scene.opened(folder) as house:
        publishing.seed(house.office, now=NOW)
    return folder


@pytest.fixture
def house(template: Path, tmp_path: Path) -> Iterator[app.House]:
    with scene.opened(Path(shutil.copytree(template, tmp_path / "data"))) as found:
        yield found


def plain(page: str) -> str:
    """The page without what keeps the directions of texts apart."""
    return " ".join(unescape(re.sub("</?bdi>", "", page)).split())


class Ren:
    """The district's recognizer at a browser."""

    def __init__(self, client: FlaskClient, csrf: str) -> None:
        self.client, self.csrf = client, csrf

    def see(self, path: str = HOME) -> str:
        """The words of a page."""
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code)
        return plain(answer.text)

    def press(self, path: str, **form: str) -> tuple[int, str]:
        """Send a form; status and words of what follows."""
        answer = self.client.post(path, data={**form, "csrf": self.csrf})
        if answer.status_code == 303:
            return 303, self.see(answer.headers["Location"])
        return answer.status_code, plain(answer.text)


@pytest.fixture
def ren(house: app.House) -> Iterator[Ren]:
    service = app.create_app(Settings(data=house.settings.data))
    client = service.test_client()
    with house.db.reading() as session:
        person = people.find_by_email(session, "ren@district.example")
    assert person is not None
    yield Ren(client, sign_in(client, house.db, person))
    service.extensions["hallmark"].jobs.close()
    service.extensions["hallmark"].db.close()


def fallen(house: app.House, size: int = 2, groups: int = 1) -> str:
    """Something counted whose first award was withdrawn; the id of its line."""
    found = [scene.issue(house, submission=f"one-{each}") for each in range(size)]
    scene.count(house, found, groups=groups)
    scene.decide(house, found[0], REVOKE)
    recheck.recheck(house.office, NOW)
    return reversals.waiting(house.office, DISTRICT)[0].id


def test_without_a_fall_the_page_says_so(house: app.House, ren: Ren) -> None:
    assert "Nothing that Exampleton School District has counted needs a decision." in ren.see()


def test_what_waits_stands_on_top_with_what_was_found(house: app.House, ren: Ren) -> None:
    fallen(house)
    words = ren.see()
    assert "1 recognition by" in words
    assert "Its issuer has withdrawn it." in words
    assert "counted with 1 other" in words
    assert "10 PDP-MA" in words


def test_the_page_of_one_says_what_each_choice_means(house: app.House, ren: Ren) -> None:
    words = ren.see(f"{HOME}/{fallen(house, size=4, groups=2)}")
    assert "10 PDP-MA go; 10 PDP-MA of the same decision remain" in words
    assert "Emotional Awareness 2 stands and is free again" in words
    assert "Everything stays as it was" in words


def test_without_a_reason_nothing_is_decided_and_the_field_says_so(house: app.House, ren: Ren) -> None:
    id = fallen(house)
    status, words = ren.press(f"{HOME}/{id}/reverse", reason=" ")
    assert status == 422
    assert "Please look again" in words
    assert 'href="#reverse-reason"' in words
    assert reversals.waiting(house.office, DISTRICT)


def test_taken_back_it_is_told_and_stands_among_what_was_decided(house: app.House, ren: Ren) -> None:
    id = fallen(house)
    status, words = ren.press(f"{HOME}/{id}/reverse", reason="It does not stand.")
    assert status == 303
    assert "It is taken back." in words
    assert "It does not stand." in words
    assert "It was taken back on" in ren.see(f"{HOME}/{id}")
    status, words = ren.press(f"{HOME}/{id}/reverse", reason="Again.")
    assert status == 409
    assert "Look at it again" in words


def test_kept_it_can_still_be_taken_back(house: app.House, ren: Ren) -> None:
    id = fallen(house)
    assert "It is kept." in ren.press(f"{HOME}/{id}/keep", reason="A slip of theirs.")[1]
    words = ren.see(f"{HOME}/{id}")
    assert "You can still take it back." in words
    assert "Why it stands" not in words


def test_looking_again_tells_what_came_of_it(house: app.House, ren: Ren) -> None:
    found = scene.issue(house)
    scene.count(house, [found])
    scene.decide(house, found, SUSPEND)
    recheck.recheck(house.office, NOW)
    id = reversals.waiting(house.office, DISTRICT)[0].id
    assert "You need not hurry." in ren.see(f"{HOME}/{id}")
    assert "nothing has changed" in ren.press(f"{HOME}/{id}/look")[1]
    scene.decide(house, found, REINSTATE)
    assert "its source stands, so there is nothing to decide" in ren.press(f"{HOME}/{id}/look")[1]


def test_a_complete_submission_says_that_it_needs_no_award(house: app.House, ren: Ren) -> None:
    found = scene.issue(house)
    scene.count(house, [found], stage="complete-submission", units="15", purpose="act-48")
    scene.count(house, [found], units="5", purpose="act-48")
    scene.decide(house, found, REVOKE)
    recheck.recheck(house.office, NOW)
    (asked,) = (each for each in reversals.waiting(house.office, DISTRICT) if each.is_asked)
    assert "no award was needed for it" in ren.see(f"{HOME}/{asked.id}")


def test_what_nobody_answered_for_is_named_and_not_held_against_it(house: app.House, ren: Ren) -> None:
    counted = scene.count(house, [scene.issue(house)])
    long_ago = NOW - timedelta(days=30)
    with house.db.transaction() as session:
        (line,) = rows.of_decision(session, counted.decision)
        rows._change(session, line.id, used_at=long_ago, looked_at=NOW)
    words = ren.see()
    assert "Not checked for more than 7 days" in words
    assert "That says nothing against it." in words


def test_another_organisations_pages_are_not_there(house: app.House, ren: Ren) -> None:
    id = fallen(house)
    for path in ("/recognizer/example-state/reversals", f"/recognizer/example-state/reversals/{id}"):
        assert ren.client.get(path).status_code == 404
    with house.db.transaction() as session:
        rows.flag(session, id, Flag.REVOKED, now=NOW)
    assert ren.client.get(f"{HOME}/nothing").status_code == 404
