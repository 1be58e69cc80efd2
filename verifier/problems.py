# SPDX-License-Identifier: Apache-2.0
"""Where the verifier's errors meet HTTP: code → status and title. Only what is no credential is a problem."""

from __future__ import annotations

from service.problems import Row

ROWS = {
    "credential.none": Row(422, "This is no credential"),
    "credential.empty": Row(400, "Nothing was sent"),
    "credential.just-a-picture": Row(422, "This is just a picture"),
    "credential.web-page": Row(422, "This is a web page"),
    "credential.open-badges-2": Row(422, "This is an older kind of badge"),
    "credential.presentation": Row(422, "This is an envelope around credentials"),
    "credential.unsupported-file": Row(415, "This kind of file is not looked into"),
    "credential.nothing-there": Row(422, "There is nothing at this address"),
    "credential.several": Row(422, "One thing at a time"),
    "credential.locked-file": Row(422, "This file is locked"),
    "credential.damaged-file": Row(422, "This file is damaged"),
    "credential.too-much": Row(413, "There is too much in this file"),
    "credential.nothing-inside": Row(422, "There is no credential in this document"),
    "credential.code-is-no-link": Row(422, "The QR code is no link"),
    "unpacking.busy": Row(503, "Many files are being opened at the moment", retry_after=60),
    "unpacking.broken": Row(503, "Files cannot be opened at the moment", retry_after=30),
    "asked.cycle": Row(422, "These days are no cycle"),
    "source.address": Row(422, "This is no web address"),
    "issuer-list.unknown": Row(404, "There is no such list"),
    "issuer-list.form": Row(422, "This is no list of issuers"),
    "issuer-list.field": Row(422, "An entry of the list needs another look"),
    "issuer-list.changed": Row(409, "The list has changed since it was shown"),
    "issuer-list.not-loaded": Row(502, "The list could not be loaded"),
    "receipt.full": Row(503, "No more receipts are kept today", retry_after=3600),
    "receipt.unknown": Row(404, "There is no such receipt"),
    "offline-map": Row(500, "The offline documents are not as agreed"),
    "document.not-found": Row(422, "A document does not exist"),
    "document.unresolvable": Row(502, "A document could not be had"),
    "key.not-shown": Row(422, "The key is not shown to be the issuer's"),
    "status.untrusted-list": Row(502, "The status list cannot be believed"),
    "verdict.no": Row(422, "Not genuine, or not in force"),
    "verdict.undetermined": Row(502, "Neither a yes nor a no"),
    "jwt.form": Row(400, "This is no signed token"),
    "baking": Row(422, "The picture carries no readable credential"),
    "baking.too-large": Row(413, "The picture is too large"),
    "baking.not-a-picture": Row(415, "This is no picture that we know"),
    "batch.too-many": Row(422, "This is too much at once"),
    "batch.unknown": Row(404, "There is no such page"),
    "batch.question": Row(422, "Something that you asked needs another look"),
    "batch.full": Row(503, "Too much waits to be checked already", retry_after=60),
}
