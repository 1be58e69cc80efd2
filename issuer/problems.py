# SPDX-License-Identifier: Apache-2.0
"""Where the issuer's errors meet HTTP: code → status and title."""

from __future__ import annotations

from service.problems import Row

ROWS = {
    "programme": Row(422, "The programme file is not as agreed"),
    "award.request": Row(422, "The award cannot be taken like this"),
    "issuer.unknown": Row(404, "There is no such issuer here"),
    "achievement.unknown": Row(404, "There is no such micro-credential here"),
    "credential.unknown": Row(404, "There is no such credential here"),
    "document.unknown": Row(404, "There is nothing here"),
    "credential.form-to-come": Row(404, "This form is being made", retry_after=30),
    "bulk.unknown": Row(404, "There is no such bulk here"),
    "achievement.frozen": Row(409, "This version has been awarded and does not change"),
    "award.not-earned": Row(422, "Not every required criterion is met"),
    "rows.conflict": Row(409, "The same was written down at the same time"),
    "award.duplicate": Row(409, "This submission has been awarded already"),
    "lint": Row(422, "The document would not verify everywhere"),
    "sign.foreign-issuer": Row(422, "The issuer is not ours"),
    "sign.id-taken": Row(409, "This id has been signed already"),
    "sign.foreign-status": Row(422, "The status entry belongs to another document"),
    "status.final": Row(409, "A withdrawal is final"),
    "reissue.not-offered": Row(409, "It cannot be issued again"),
    "reissue.begun": Row(409, "Another re-issue is not finished"),
    "status.second-person": Row(409, "More in a day need a second person"),
    "status.not-offered": Row(409, "The credential has no such status entry"),
    "oembed.request": Row(400, "Say what to embed"),
    "oembed.format": Row(501, "oEmbed is answered as JSON only"),
    "issue.inside-transaction": Row(500, "Our mistake"),
    "credential.unverified": Row(409, "It does not verify at this moment"),
    "document.choice": Row(422, "No document can be made of this choice"),
    "bulk.file": Row(422, "The file of awards cannot be read"),
    "bulk.state": Row(409, "It is not the time for this"),
    "bulk.count": Row(422, "The number is not the number of awards"),
    "bulk.bad-rows": Row(409, "Some rows cannot become awards"),
    "bulk.second-person": Row(403, "A second person has to approve this"),
    "issue.self-check": Row(500, "Our signature did not verify"),
    "takeback.request": Row(422, "What to take back is not clear"),
    "takeback.unknown": Row(404, "There is no such takeback here"),
    "takeback.count": Row(409, "This is not the number that it is about"),
    "takeback.changed": Row(409, "Something has changed since you looked"),
    "takeback.second-person": Row(409, "A second person must agree"),
    "takeback.state": Row(409, "This can not be done now"),
    "status.list-not-built": Row(503, "The status list could not be built"),
}
