# SPDX-License-Identifier: Apache-2.0
"""Who may keep what anyone may read, and for how long: every public route, its pages and its data.

The table of docs/scale.md says the same in words. A route that answers GET and has no line here fails.
"""

from __future__ import annotations

from typing import Final

ASK: Final = "no-cache"  # kept, and asked about each time: its verdict or content is that of the moment
EXACT: Final = "no-cache, no-transform"  # the same for programs
NEVER: Final = "no-store"  # somebody's own, or what leads to it
SOON: Final = "public, max-age=10"  # pages that change with what is edited
MINUTE: Final = "public, max-age=60, no-transform"
FRESH: Final = "public, max-age=60, must-revalidate, no-transform"  # never from an old copy
DAY: Final = "public, max-age=86400, no-transform"
PAGE: Final = "public, max-age=86400"  # a page that is a document of a version
FIXED: Final = "public, max-age=86400, immutable, no-transform"
YEAR: Final = "public, max-age=31536000, no-transform"

# Route → what its pages say, and what everything else there says; None: there is no such form.
CACHES: Final[dict[str, tuple[str | None, tuple[str, ...]]]] = {
    "/": (ASK, ()),
    "/.well-known/did.json": (None, (FRESH,)),
    "/.well-known/jwks.json": (None, (FRESH,)),
    "/<portal>": (SOON, ()),
    "/achievements/<key>": (ASK, (MINUTE,)),
    "/achievements/<key>/<file>": (PAGE, (DAY,)),
    "/catalogue": (SOON, ()),
    "/catalogue/<code>": (SOON, ()),
    "/catalogue/compare": (SOON, ()),
    "/credentials/<uuid:key>": (ASK, (MINUTE, EXACT)),  # the certificate says the state of the moment
    "/credentials/<uuid:key>.json": (None, (FIXED,)),
    "/credentials/<uuid:key>.jwt": (None, (FIXED,)),
    "/credentials/<uuid:key>.png": (None, (FIXED,)),
    "/credentials/<uuid:key>.svg": (None, (FIXED,)),
    "/credentials/<uuid:key>.pdf": (None, (EXACT,)),
    "/credentials/<uuid:key>/card.png": (None, (MINUTE, DAY, "public, max-age=3600, no-transform")),
    "/credentials/<uuid:key>/qr.png": (None, (FIXED,)),
    "/credentials/<uuid:key>/qr.svg": (None, (FIXED,)),
    "/decisions/<uuid:key>": (ASK, (DAY,)),
    "/decisions/<uuid:key>.json": (None, (DAY,)),
    "/docs/api": (ASK, ()),
    "/embed/<uuid:key>": (ASK, ()),
    "/evidence/<uuid:id>": (NEVER, (NEVER,)),
    "/healthz": (None, (EXACT,)),
    "/help": (SOON, ()),
    "/issuers/<slug>": (ASK, (MINUTE,)),
    "/issuers/<slug>/did.json": (None, (FRESH,)),
    "/issuers/<slug>/image.png": (None, (MINUTE,)),
    "/issuers/<slug>/jwks.json": (None, (FRESH,)),
    "/lists": (ASK, (EXACT,)),
    "/lists/<slug>": (ASK, (EXACT,)),
    "/oembed": (None, (EXACT,)),
    "/openapi.json": (None, (EXACT,)),
    "/pd-certificates/<uuid:key>": (ASK, (MINUTE,)),
    "/pd-certificates/<uuid:key>.json": (None, (MINUTE,)),
    "/pd-certificates/<uuid:key>.pdf": (None, (EXACT,)),
    "/plan": (SOON, ()),
    "/policies": (ASK, (EXACT,)),
    "/policies/<id>": (ASK, ()),
    "/policies/<id>/<version>": (ASK, (EXACT, YEAR)),
    "/problems/<code>": (ASK, (EXACT,)),
    "/recognitions/<uuid:key>": (ASK, (MINUTE,)),
    "/recognitions/<uuid:key>.json": (None, (MINUTE,)),
    "/robots.txt": (None, (DAY,)),
    "/shared/<token>": (NEVER, (NEVER,)),
    "/shared/<token>/evidence/<piece>": (NEVER, (NEVER,)),
    "/static/<path:filename>": (
        None,
        ("public, max-age=86400", "public, max-age=31536000, immutable"),
    ),
    "/status/<list_id>": (None, (FRESH,)),
    "/verify": (NEVER, (NEVER,)),
    "/verify/batches": (NEVER, (NEVER,)),
    "/verify/batches/<uuid:id>": (NEVER, (NEVER,)),
    "/verify/batches/<uuid:id>.csv": (None, (NEVER,)),
    "/verify/batches/<uuid:id>/<number>": (NEVER, (NEVER,)),
    "/verify/receipts/<uuid:key>": (NEVER, (NEVER,)),
    "/verify/receipts/<uuid:key>.json": (None, (NEVER,)),
    "/verify/receipts/<uuid:key>.pdf": (None, (NEVER,)),
    "/verify/receipts/<uuid:key>/qr.svg": (None, (NEVER,)),
    "/verify/receipts/<uuid:key>/record.json": (None, (NEVER,)),
}
