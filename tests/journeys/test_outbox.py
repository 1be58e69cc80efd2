# SPDX-License-Identifier: Apache-2.0
"""The outbox of a demonstration in a real browser: mails can be read, and their links lead on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from service.db import Database
from service.mail import Attachment
from service.outbox import blueprint
from service.post_office import PostOffice
from service.problems import Problems
from service.settings import Settings
from service.web import create_flask
from tests.journeys.axe import faults
from tests.journeys.browser import CHROMIUM, Scheme, available, launch, serve, visit
from tests.running import tables
from tests.service.letters import NOW, post

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not available(), reason=f"no browser is installed at {CHROMIUM}"),
]

PUBLIC = "http://localhost:8080"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(data=Path(tmp_path_factory.mktemp("outbox")), demo=True, public_url=PUBLIC)
    db = Database(settings.database_url)
    tables(db)
    files = (Attachment("credential-with-a-rather-long-name.json", "application/vc+ld+json", b"{}"),)
    for number in range(2):
        post(db, key=f"k{number}", attachments=files, subject=f"Feedback is ready for “Group work” {number}")
    PostOffice(db, settings).deliver(NOW)
    problems = Problems(public_url=PUBLIC)
    app = create_flask(settings, problems=problems, db=db, blueprints=(blueprint(db, settings),))
    with serve(app) as address:
        yield address
    db.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", ["/outbox", "/outbox?to=nobody", "/outbox/1", "/outbox/1/html"])
def test_the_outbox_and_a_mail_can_be_read_by_everybody(
    site: str, browser: Browser, path: str, width: int, scheme: Scheme
) -> None:
    if path.endswith("/html"):
        # A mail lets no script run, so what looks at it comes from outside its own policy.
        context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 800})
        page = context.new_page()
        page.set_content(page.request.get(site + path).text().replace(' target="_blank"', ""))
        page.emulate_media(color_scheme=scheme)
        found = [fault for fault in faults(page) if ": region:" not in fault and "landmark" not in fault]
        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()
        return
    with visit(browser, site + path, width=width, scheme=scheme) as seen:
        assert faults(seen.page) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        assert seen.complaints == []
        assert seen.foreign == []


def test_the_button_of_a_mail_opens_its_page_beside_it(site: str, browser: Browser) -> None:
    with visit(browser, site + "/outbox/1") as seen:
        seen.page.context.route(
            f"{PUBLIC}/**", lambda route: route.fulfill(body="<title>There</title>", content_type="text/html")
        )
        with seen.page.expect_popup() as opened:
            seen.page.frame_locator("iframe").locator(".button a").click()
        opened.value.wait_for_load_state()
        assert opened.value.url == f"{PUBLIC}/"
        assert opened.value.title() == "There"
        assert opened.value.evaluate("window.origin") == PUBLIC  # The page itself is not in the sandbox.
