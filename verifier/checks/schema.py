# SPDX-License-Identifier: Apache-2.0
"""Does it follow the published JSON Schema of Open Badges 3.0?

Open Badges 3.0, "Serialization" (https://www.imsglobal.org/spec/ob/v3p0/#serialization): first the strict
flavour, then the compacted one, with a hint. A schema that the credential names is never loaded. No schema
for VCDM 1.1 badges is public, so those are judged in their 2.0 spelling: the two differ in the names of two
dates and in the contexts.
"""

from __future__ import annotations

from collections.abc import Mapping

from credentials import schema
from credentials.document import Json
from credentials.jsonld.contexts import ISSUED_BADGE
from verifier import explain
from verifier.opened import Opened
from verifier.outcome import Check

_V2_NAMES = {"issuanceDate": "validFrom", "expirationDate": "validUntil"}


def check_schema(opened: Opened) -> Check:
    """Judge the credential by the schemas in the package."""
    status = opened.members.get("credentialStatus")
    if isinstance(status, list) and len(status) == 1:
        # The schemas know one object, the newer status specification several entries; one in an array is
        # of neither.
        place = "/credentialStatus"
        return explain.say(
            explain.SCHEMA_BROKEN, path=place, place=place, reason="one entry does not stand in an array."
        )
    result = schema.findings(_in_v2(opened.members) if opened.is_v1 else opened.members)
    if result.errors:
        place, message = result.errors[0]
        more = len(result.errors) - 1
        return explain.say(
            explain.SCHEMA_BROKEN,
            path=place,
            place=place or "the top",
            reason=message + (f" (and {more} more)" if more else ""),
        )
    hint = "It leaves out some brackets, as older badges do." if result.flavour == "compaction" else ""
    return explain.say(explain.SCHEMA_FOLLOWS, hint=hint)


def _in_v2(members: Mapping[str, Json]) -> dict[str, Json]:
    renamed = {_V2_NAMES.get(name, name): value for name, value in members.items()}
    return {**renamed, "@context": list(ISSUED_BADGE)}
