# SPDX-License-Identifier: Apache-2.0
"""The name for a PD certificate, as an officer types it: the earner's, or none."""

from __future__ import annotations

from datetime import datetime

from credentials.identity import NAME, normalised
from recognition.errors import RecognitionFieldError
from recognition.judging import bringing
from recognition.office import Office
from service.accounts import fields
from service.accounts.people import Person
from service.errors import AccountFieldError
from verifier.verdict import Verdict


def read(
    office: Office, typed: str, thing: bringing.Thing, account: Person | None, *, actor: str, now: datetime
) -> str:
    """Return the name that was typed; "" for none.

    Args:
        office: The opened room.
        typed: As the officer typed it.
        thing: The award, which may carry the name openly or as a fingerprint.
        account: Of the earner, if there is one here.
        actor: Who asks; how many names are tried for one award is counted.
        now: The moment.

    Raises:
        RecognitionFieldError: It is no name, or neither the award's nor the account's.
    """
    if not typed.strip():
        return ""
    try:
        name = str(fields.checked("name", typed))
    except AccountFieldError as error:
        raise RecognitionFieldError(
            "Write the name as it should stand on the certificate.", path="name"
        ) from error
    if account is not None and normalised(account.name, NAME) == normalised(name, NAME):
        return name
    desk = office.bureau.desk
    checked = bringing.bring(desk, [thing], now=now, recipient=name, asker=actor, same=office.same)[0]
    if checked.verdict is not Verdict.VALID:
        raise RecognitionFieldError(
            "This is not the name in the award. Write it as it stands there, or leave it out.", path="name"
        )
    return name
