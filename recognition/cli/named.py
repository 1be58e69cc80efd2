# SPDX-License-Identifier: Apache-2.0
"""The rule that a command line names: by its id, as it is published in the house, or one of the examples."""

from __future__ import annotations

from datetime import datetime

import click

from recognition.adopting import shelf
from recognition.errors import NoSuchPolicyError
from recognition.office import Office
from recognition.rule import policy_reader
from recognition.rule.policy import Policy


def rule(named: str, office: Office | None, *, now: datetime, hint: str) -> Policy:
    """Return the rule with the id ``named``: the version that rules today, or else the example.

    Args:
        named: What was typed; no file is looked for.
        office: The opened room; None where there is no house yet.
        now: The moment.
        hint: What the command calls this word, for a mistake.

    Raises:
        click.BadParameter: There is none.
    """
    try:
        if office is not None:
            stored = shelf.newest(office, named, on=now.date())
            if stored is not None:
                return stored.policy
        return policy_reader.sample(named)
    except NoSuchPolicyError as error:
        known = ", ".join(policy_reader.sample_ids())
        sentence = f"there is neither a file nor a rule {click.format_filename(named)}. Examples: {known}"
        raise click.BadParameter(sentence, param_hint=hint) from error
