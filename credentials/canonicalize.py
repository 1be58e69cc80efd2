# SPDX-License-Identifier: Apache-2.0
"""A document becomes the bytes that a Data Integrity proof hashes.

Data Integrity EdDSA Cryptosuites v1.0, "Transformation (eddsa-rdfc-2022)", steps 1 and 2: the walk turns JSON
into quads, RDFC-1.0 turns quads into canonical N-Quads. What would not be covered is refused on the way.
"""

from __future__ import annotations

from collections.abc import Mapping

from credentials.document import Json
from credentials.errors import UnsupportedContentError
from credentials.jsonld import contexts
from credentials.jsonld.contexts import PACKAGED, ContextStore
from credentials.jsonld.general import translate
from credentials.jsonld.tables import compile_contexts
from credentials.jsonld.walk import walk_lines
from credentials.rdf.canonical import canonical


def canonicalize(
    members: Mapping[str, Json],
    *,
    hash_name: str = "sha256",
    general: bool = False,
    store: ContextStore = PACKAGED,
) -> bytes:
    """Return the canonical N-Quads, UTF-8, of a document without the proof to be made or checked.

    Args:
        members: The document.
        hash_name: ``sha256``, or ``sha384`` where the suite says so.
        general: Take also what the strict walk does not know: for verifying, never for issuing.
        store: The contexts that may be named.

    Raises:
        UnsignedContentError: A signature would not cover something; ``path`` says what.
        ContextRefusedError: The contexts are not in an order that we accept.
        UnknownContextError: A context that we do not carry.
        UnsupportedContentError: JSON-LD that we do not translate.
        WorkLimitError: A limit of ``credentials.rdf.canonical`` or ``credentials.jsonld``.
    """
    urls = contexts.read(members.get("@context"), store=store)
    try:
        lines, quads = walk_lines(members, compile_contexts(urls, store=store), store=store)
    except UnsupportedContentError:
        if not general:
            raise
        lines, quads = [], translate(members, store=store)
    return canonical(quads, lines=lines, hash_name=hash_name).text
