# SPDX-License-Identifier: Apache-2.0
"""Lines of the authorisation matrix: pages for everybody, the doorstep, and the API."""

from __future__ import annotations

from typing import Final

from tests.attacks.matrix import Line, anyone, doorstep, token
from tests.attacks.matrix_people import DECIDE, WRITE

PUBLIC: Final[tuple[Line, ...]] = (
    # what the house says of itself
    anyone("GET /healthz"),
    anyone("GET /openapi.json"),
    anyone("GET /docs/api"),
    anyone("GET /problems/<code>", code="work.unknown"),
    anyone("GET /static/<path:filename>", filename="hallmark.css"),
    anyone("GET /.well-known/did.json"),
    anyone("GET /.well-known/jwks.json"),
    anyone("GET /issuers/<slug>/did.json", slug="example-state"),
    anyone("GET /issuers/<slug>/jwks.json", slug="example-state"),
    # what was awarded, and by whom
    anyone("GET /"),
    anyone("GET /verify"),
    anyone("POST /verify", form={"credential": "{}"}),
    anyone("POST /recognise", form={"policy": "us-ma-renewal"}),
    anyone("GET /lists"),
    anyone("GET /lists/<slug>", slug="example-district"),
    anyone("POST /verify/receipts", form={"url": "ftp://nowhere.example"}),
    anyone("GET /verify/receipts/<uuid:key>", key="receipt"),
    anyone("GET /verify/receipts/<uuid:key>.json", key="receipt"),
    anyone("GET /verify/receipts/<uuid:key>/record.json", key="receipt"),
    anyone("GET /verify/receipts/<uuid:key>.pdf", key="receipt"),
    anyone("GET /verify/receipts/<uuid:key>/qr.svg", key="receipt"),
    anyone("GET /recognitions/<uuid:key>", key="recognition"),
    anyone("GET /recognitions/<uuid:key>.json", key="recognition"),
    anyone("GET /decisions/<uuid:key>", key="decision"),
    anyone("GET /decisions/<uuid:key>.json", key="decision"),
    anyone("GET /pd-certificates/<uuid:key>", key="pd-certificate"),
    anyone("GET /pd-certificates/<uuid:key>.json", key="pd-certificate"),
    anyone("GET /pd-certificates/<uuid:key>.pdf", key="pd-certificate"),
    anyone("GET /verify/batches"),
    anyone("POST /verify/batches", form={"text": "https://nowhere.example/1"}),
    anyone("GET /verify/batches/<uuid:id>", id="batch"),
    anyone("GET /verify/batches/<uuid:id>.csv", id="batch"),
    anyone("GET /verify/batches/<uuid:id>/<number>", id="batch", number="1"),
    anyone("POST /verify/batches/<uuid:id>/cancel", id="batch"),
    anyone("POST /verify/batches/<uuid:id>/report", id="batch"),
    anyone("POST /verify/batches/<uuid:id>/delete", id="batch"),
    anyone("DELETE /verify/batches/<uuid:id>", id="batch"),
    anyone("GET /credentials/<uuid:key>", key="credential"),
    anyone("GET /credentials/<uuid:key>.json", key="credential"),
    anyone("GET /credentials/<uuid:key>.jwt", key="credential"),
    anyone("GET /credentials/<uuid:key>.png", key="credential"),
    anyone("GET /credentials/<uuid:key>.svg", key="credential"),
    anyone("GET /credentials/<uuid:key>.pdf", key="credential"),
    anyone("GET /credentials/<uuid:key>/card.png", key="credential"),
    anyone("GET /embed/<uuid:key>", key="credential"),
    anyone("GET /oembed", query={"url": "credential.link"}),
    anyone("GET /robots.txt"),
    anyone("GET /credentials/<uuid:key>/qr.svg", key="credential"),
    anyone("GET /credentials/<uuid:key>/qr.png", key="credential"),
    anyone("GET /evidence/<uuid:id>", id="owner.awarded.piece"),
    anyone("GET /shared/<token>", token="shared.token"),
    anyone("GET /shared/<token>/evidence/<piece>", token="shared.token", piece="owner.awarded.piece"),
    anyone("GET /achievements/<key>", key="SEL1-v1"),
    anyone("GET /achievements/<key>/<file>", key="SEL1-v1", file="image.svg"),
    anyone("GET /issuers/<slug>", slug="example-education"),
    anyone("GET /issuers/<slug>/image.png", slug="example-education"),
    anyone("GET /status/<list_id>", list_id="status"),
    # what there is to earn
    anyone("GET /catalogue"),
    anyone("GET /catalogue/compare"),
    anyone("GET /catalogue/<code>", code="SEL1"),
    anyone("GET /help"),
    anyone("POST /help", form={"topic": "clock-hours", "email": "", "text": ""}),
    anyone("GET /<portal>", portal="wa"),
    anyone("GET /plan"),
    anyone("POST /plan", form={"policy": "district-rule"}),
    # the mails of a demonstration
    anyone("GET /outbox", demo=True),
    anyone("GET /outbox/<int:mail_id>", demo=True, mail_id="mail"),
    anyone("GET /outbox/<int:mail_id>/html", demo=True, mail_id="mail"),
    anyone("GET /outbox/<int:mail_id>/message", demo=True, mail_id="mail"),
    anyone("GET /outbox/<int:mail_id>/attachments/<int:position>", demo=True, mail_id="mail", position="0"),
)

DOORSTEP: Final[tuple[Line, ...]] = (
    doorstep("GET /sign-up"),
    doorstep("POST /sign-up", form={"email": "another@matrix.example", "name": "Another Example"}),
    doorstep("GET /sign-up/sent"),
    doorstep("GET /confirm/<presented>", presented="link.confirm"),
    doorstep("POST /confirm/<presented>", presented="link.confirm"),
    doorstep("GET /sign-in"),
    doorstep("POST /sign-in", form={"email": "email.owner", "how": "link"}),
    doorstep("GET /sign-in/sent"),
    doorstep("GET /sign-in/link/<presented>", presented="link.sign-in"),
    doorstep("POST /sign-in/link/<presented>", presented="link.sign-in"),
    doorstep("POST /sign-in/sample", demo=True, form={"person": "person.owner"}),
    doorstep("POST /sign-out"),
    doorstep("GET /account-erased"),
)

API: Final[tuple[Line, ...]] = (
    token("POST /credentials", WRITE),
    token("POST /credentials/<uuid:key>/status", DECIDE, key="credential"),
)
