# SPDX-License-Identifier: Apache-2.0
"""The branch of recognition/ in the one error tree (``credentials.errors``).

::

    MalformedError   PolicyError, FactsError, RecognitionFieldError, TooManyAwardsError
                     NoSuchPolicyError, NoSuchClaimError, NoSuchRecognitionError
                     NoSuchAttestationError, NoSuchShareError
    WrongError       UnitsMixedError
    RefusedError     PolicyTakenError, PolicyNotInForceError, ClaimStateError, AlreadyUsedError
                     ClaimReservedError, ClaimChangedError, CertificateRefusedError
    BrokenError      NobodySignsError
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from credentials.errors import BrokenError, MalformedError, RefusedError, WrongError

FAULTS_TOLD: Final = 20  # faults of one text that are told at once


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, with its place (``grant[0].ammount``) and the sentence about it."""

    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}" if self.place else self.sentence


class _WithFaultsError(MalformedError):
    """Something with faults in several places."""

    code = "recognition.faults"

    def __init__(self, message: str, *, faults: tuple[Fault, ...] = (), got: object = None) -> None:
        super().__init__(message, got=got, path=faults[0].place if faults else None)
        self.faults = faults


class PolicyError(_WithFaultsError):
    """A policy is not as agreed; ``faults`` names every place."""

    code = "policy.form"


class FactsError(_WithFaultsError):
    """Facts about a person are not as agreed; ``faults`` names every place."""

    code = "facts.form"


class RecognitionFieldError(MalformedError):
    """Something typed into a form of the recognizer's or educator's does not fit."""

    code = "recognition.field"


class TooManyAwardsError(MalformedError):
    """More micro-credentials were brought at once than can be grouped."""

    code = "recognition.too-many"


class NoSuchPolicyError(MalformedError):
    """There is no such policy here, or not in this version."""

    code = "policy.unknown"


class NoSuchClaimError(MalformedError):
    """There is no such claim here."""

    code = "claim.unknown"


class NoSuchRecognitionError(MalformedError):
    """There is no such recognition, decision or PD certificate here."""

    code = "recognition.unknown"


class NoSuchAttestationError(MalformedError):
    """The organisation has no such attestation."""

    code = "attestation.unknown"


class NoSuchShareError(MalformedError):
    """Nobody shows such an award to this organisation, or not any more."""

    code = "share.unknown"


class UnitsMixedError(WrongError):
    """Units of two places would be added or converted."""

    code = "units.mixed"


class PolicyTakenError(RefusedError):
    """The id belongs to another publisher, or the version was published with other bytes."""

    code = "policy.taken"


class PolicyNotInForceError(RefusedError):
    """The policy's status or days do not allow an approval."""

    code = "policy.not-in-force"


class ClaimStateError(RefusedError):
    """What was asked for does not fit the state of the claim."""

    code = "claim.state"


class AlreadyUsedError(RefusedError):
    """An award of the claim was counted before for this purpose, perhaps a moment ago at another desk."""

    code = "claim.already-used"


class ClaimReservedError(RefusedError):
    """Another open claim of the same person keeps an award for the same purpose."""

    code = "claim.reserved"


class ClaimChangedError(RefusedError):
    """The answer is not the one that was shown; look again."""

    code = "claim.changed"


class CertificateRefusedError(RefusedError):
    """No PD certificate can follow this award: no rule gives one, or not for this award."""

    code = "certificate.refused"


class NobodySignsError(BrokenError):
    """The recognizer has no key here, so nothing can be signed in its name."""

    code = "recognition.nobody-signs"
