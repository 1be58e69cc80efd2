# SPDX-License-Identifier: Apache-2.0
"""Where the errors of recognition meet HTTP: code → status and title."""

from __future__ import annotations

from service.problems import Row

ROWS = {
    "policy.form": Row(422, "This is no policy as agreed"),
    "recognition.faults": Row(422, "Something is not as agreed"),
    "facts.form": Row(422, "These facts are not as agreed"),
    "recognition.field": Row(422, "Something typed needs another look"),
    "recognition.too-many": Row(413, "Too many micro-credentials at once"),
    "policy.unknown": Row(404, "There is no such policy"),
    "claim.unknown": Row(404, "There is no such claim"),
    "recognition.unknown": Row(404, "There is no such recognition"),
    "attestation.unknown": Row(404, "There is no such attestation"),
    "share.unknown": Row(404, "Nobody shows you such an award"),
    "units.mixed": Row(422, "Units of two places are never added"),
    "policy.taken": Row(409, "This id or version is taken"),
    "policy.not-in-force": Row(409, "This policy is not in force"),
    "claim.state": Row(409, "The claim is not in a state for this"),
    "claim.already-used": Row(409, "This award was counted before"),
    "claim.reserved": Row(409, "Another claim keeps this award"),
    "claim.changed": Row(409, "The answer has changed since it was shown"),
    "certificate.refused": Row(409, "No PD certificate follows this award"),
    "recognition.nobody-signs": Row(503, "Nobody can sign for this recognizer"),
}
