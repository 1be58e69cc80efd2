# SPDX-License-Identifier: Apache-2.0
"""One word for a row, and whether somebody must look at it: of many links in a document, few are claims."""

from __future__ import annotations

import pytest

from tests.verifier.bringing import LINK, Page, archive, opened, pdf
from tests.world import START
from verifier import triage
from verifier.errors import NotACredentialError, NothingThereError, WebPageError
from verifier.lines import Line, of_claim
from verifier.many import Looked
from verifier.verify import unexamined

PLAIN = "https://union.example/blog"


@pytest.mark.parametrize("found", [False, True])
def test_a_link_to_nothing_needs_somebody_wherever_it_was(found: bool) -> None:
    row = triage.of_error(NothingThereError("There is nothing at this address."), now=START, found=found)
    assert (row.word, row.needs_you) == (triage.NO_CREDENTIAL, True)


@pytest.mark.parametrize("kind", [WebPageError, NotACredentialError])
def test_a_web_page_needs_somebody_only_where_it_was_brought(kind: type[NotACredentialError]) -> None:
    assert triage.of_error(kind("This is a web page."), now=START).needs_you
    assert not triage.of_error(kind("This is a web page."), now=START, found=True).needs_you


def test_a_link_that_looks_like_a_credential_is_brought_as_one() -> None:
    many = opened(pdf([Page(links=[LINK, PLAIN, "https://union.example/verify/A7F3"])]))
    assert [of_claim(claim, inside="cv.pdf").found for claim in many] == [False, True, False]
    assert not of_claim(opened(pdf([Page(links=[PLAIN])]))[0]).found


def test_the_name_of_a_file_is_no_word_about_what_is_in_it() -> None:
    named = {"link on page 1 of x": PLAIN.encode(), "link.txt": (PLAIN + "2").encode()}
    assert [of_claim(claim).found for claim in opened(archive(named))] == [False, False]


def test_the_terminal_prints_a_link_to_nothing() -> None:
    for error, is_beside in ((NothingThereError("Nothing."), False), (WebPageError("A page."), True)):
        line = Line("link on page 1", url=PLAIN, found=True)
        assert Looked(line, unexamined(error, now=START), error).is_beside is is_beside
