# SPDX-License-Identifier: Apache-2.0
"""The outbox of a demonstration: shown there and nowhere else, and harmless whatever a mail contains."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from flask.testing import FlaskClient

from service import mail
from service.db import Database
from service.mail import Attachment
from service.outbox import PAGE, blueprint
from service.post_office import PostOffice
from service.settings import Settings
from tests.service.conftest import MakeApp
from tests.service.letters import ADA, NOW, post

DANGEROUS = "<script>alert(1)</script>"


@pytest.fixture
def demo(settings: Settings) -> Settings:
    return replace(settings, demo=True, title="R&D")


@pytest.fixture
def client(make_app: MakeApp, db: Database, demo: Settings) -> FlaskClient:
    return make_app(blueprint(db, demo), of=demo).test_client()


def shown(client: FlaskClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def subjects(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r"<strong><bdi>(.*?)</bdi>", page)]


def test_there_is_no_outbox_outside_a_demonstration(db: Database, settings: Settings) -> None:
    with pytest.raises(ValueError, match="demonstrations only"):
        blueprint(db, settings)


def test_an_empty_outbox_says_what_will_appear(client: FlaskClient) -> None:
    assert "No mail yet." in shown(client, "/outbox")


@pytest.mark.parametrize("number", ["99", "9223372036854775807", "9223372036854775808", "9" * 400])
@pytest.mark.parametrize("end", ["", "/html", "/message", "/attachments/0"])
def test_a_mail_of_any_other_number_is_not_there(client: FlaskClient, number: str, end: str) -> None:
    assert client.get(f"/outbox/{number}{end}").status_code == 404


@pytest.mark.parametrize("host", ["localhost", "localhost:8123", "127.0.0.1:8123", "[::1]", "[::1]:8123"])
def test_a_demonstration_answers_under_the_names_of_this_machine(client: FlaskClient, host: str) -> None:
    assert client.get("/outbox", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8123", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1"],
)
def test_a_demonstration_answers_under_no_other_name_so_that_no_site_can_rebind_its_own(
    client: FlaskClient, host: str
) -> None:
    for path in ("/outbox", "/healthz", "/nothing"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert "outbox" not in answer.text.lower()
    own = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/outbox", headers=own).status_code == 400


def test_mails_are_listed_newest_first_by_pages(client: FlaskClient, db: Database) -> None:
    for number in range(PAGE + 3):
        post(db, key=f"k{number}", subject=f"Mail {number}")
    first = shown(client, "/outbox")
    assert subjects(first) == [f"Mail {number}" for number in range(PAGE + 2, 2, -1)]
    [older] = re.findall(r'href="(/outbox\?before=\d+)"', first)
    second = shown(client, older)
    assert subjects(second) == ["Mail 2", "Mail 1", "Mail 0"]
    assert "before=" not in second


def test_mails_are_found_by_address(client: FlaskClient, db: Database) -> None:
    post(db, key="a", subject="To Ada")
    post(db, key="b", subject="To Ben", to="ben@teachers.example")
    assert subjects(shown(client, "/outbox?to=BEN@")) == ["To Ben"]
    assert "No mail went to" in shown(client, f"/outbox?to={DANGEROUS}")


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30, "²"])
def test_a_page_that_makes_no_sense_is_the_first_one(client: FlaskClient, db: Database, before: str) -> None:
    post(db)
    assert subjects(shown(client, f"/outbox?before={before}")) == ["Mails arrive"]


def test_a_mail_is_shown_with_its_words_head_and_files(
    client: FlaskClient, db: Database, demo: Settings
) -> None:
    found = post(db, name="Ada Example", attachments=(Attachment("Ä.json", "application/json", b"{}"),))
    page = shown(client, f"/outbox/{found.id}")
    assert "waiting" in page
    PostOffice(db, demo).deliver(NOW)
    page = shown(client, f"/outbox/{found.id}")
    assert "waiting" not in page
    for part in (ADA, "Ada Example", "R&amp;D can send mails", "Ä.json", f'src="/outbox/{found.id}/html"'):
        assert part in page, part
    assert f'<a href="{demo.public_url}/" rel="noopener">' in page
    file = client.get(f"/outbox/{found.id}/attachments/0")
    assert (file.data, file.mimetype) == (b"{}", "application/json")
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in file.headers["Content-Security-Policy"]


def test_the_html_of_a_mail_runs_nothing_and_loads_nothing(client: FlaskClient, db: Database) -> None:
    found = post(db, subject=DANGEROUS)
    response = client.get(f"/outbox/{found.id}/html")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert DANGEROUS not in response.get_data(as_text=True)
    assert '<base target="_blank">' in response.get_data(as_text=True)
    page = client.get(f"/outbox/{found.id}")
    assert DANGEROUS not in page.get_data(as_text=True)
    assert page.headers["Content-Security-Policy"].endswith("frame-src 'self'")


def test_the_whole_message_can_be_taken_along(client: FlaskClient, db: Database) -> None:
    found = post(db)
    response = client.get(f"/outbox/{found.id}/message")
    assert response.mimetype == "message/rfc822"
    assert response.data.startswith(b"From: ")
    assert "0001-trial.eml" in response.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "path", ["/outbox/99", "/outbox/99/html", "/outbox/99/message", "/outbox/1/attachments/0"]
)
def test_what_is_not_there_is_not_found(client: FlaskClient, db: Database, path: str) -> None:
    post(db)
    assert client.get(path).status_code == 404


def test_a_forgotten_mail_is_not_shown(client: FlaskClient, db: Database) -> None:
    found = post(db, person="p1")
    with db.transaction() as session:
        mail.forget(session, "p1")
    assert subjects(shown(client, "/outbox")) == []
    assert client.get(f"/outbox/{found.id}").status_code == 404


def test_scripts_of_other_sites_cannot_read_it(client: FlaskClient, db: Database) -> None:
    found = post(db)
    for path in ("/outbox", f"/outbox/{found.id}", f"/outbox/{found.id}/html", f"/outbox/{found.id}/message"):
        response = client.get(path, headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in response.headers
        assert "Set-Cookie" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"
