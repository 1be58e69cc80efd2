# SPDX-License-Identifier: Apache-2.0
"""How a person names what is awarded, and what they hear when there is no such thing."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from issuer import achievements
from issuer.errors import NoSuchAchievementError
from issuer.mint import Mint
from tests.issuer.test_api import post


@pytest.mark.parametrize(
    "name", ["SEL1", "sel1", "SEL1-v1", "Sel1-V1", "http://127.0.0.1:8080/achievements/SEL1-v1"]
)
def test_a_version_is_found_by_link_key_and_code(mint: Mint, name: str) -> None:
    assert achievements.find(mint, name).key == "SEL1-v1"


@pytest.mark.parametrize("name", ["", "SEL", "SEL1-v2", "nothing", "x" * 1_000, "İ"])
def test_what_is_not_there_is_refused(mint: Mint, name: str) -> None:
    with pytest.raises(NoSuchAchievementError) as caught:
        achievements.find(mint, name)
    assert len(caught.value.message) < 300


def test_a_caller_over_http_is_not_sent_to_a_command(client: FlaskClient, token: str) -> None:
    answer = post(client, token, {"achievement": "TRAA1", "recipient": {"email": "a@b.example"}})
    assert answer.status_code == 404
    assert "hallmark" not in answer.get_json()["detail"]
    assert "Did you mean TRA1?" in answer.get_json()["detail"]
