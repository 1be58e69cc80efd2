# SPDX-License-Identifier: Apache-2.0
"""EndorsementCredential: somebody's signed word about an achievement, a profile or an award.

Open Badges 3.0, "EndorsementCredential" (https://www.imsglobal.org/spec/ob/v3p0/#endorsementcredential).
Pages call it "recognition" and never the bare word, because a licence endorsement is something else.
"""

from __future__ import annotations

from dataclasses import dataclass

from credentials.credential import VerifiableCredential
from credentials.structure import Structure


@dataclass(frozen=True, slots=True, kw_only=True)
class EndorsementSubject(Structure):
    """What is endorsed, and the word about it. https://www.imsglobal.org/spec/ob/v3p0/#endorsementsubject."""

    id: str
    type: tuple[str, ...] = ("EndorsementSubject",)
    endorsement_comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndorsementCredential(VerifiableCredential):
    """The signed word. https://www.imsglobal.org/spec/ob/v3p0/#endorsementcredential."""

    type: tuple[str, ...] = ("VerifiableCredential", "EndorsementCredential")
    name: str
    credential_subject: EndorsementSubject
