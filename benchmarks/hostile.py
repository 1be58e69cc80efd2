# SPDX-License-Identifier: Apache-2.0
"""What a stranger can make the verifier do: each hostile input of at most 256 KiB, with its time and memory.

``python -m benchmarks.hostile`` prints the slowest and the hungriest, and every one that passes the limits
of the security rules (EXAMINE_CPU 1 s, EXAMINE_MEMORY 64 MiB of growth). Each input is examined in a
process of its own, so that its memory is its own; time is CPU time.
"""

from __future__ import annotations

import base64
import gzip
import json
import multiprocessing
import resource
import struct
import sys
import time
import zlib
from collections.abc import Iterator
from typing import Any

from credentials.document import JSON_CONTAINERS, JSON_DEPTH
from credentials.errors import HallmarkError
from tests.world import World

INPUT_BYTES = 262_144  # bytes; what the promise is about
EXAMINE_CPU = 1.0  # seconds
EXAMINE_MEMORY = 67_108_864  # bytes of growth
SHOWN = 12  # lines of the table
KNOWN_ISSUERS = 50  # on the list of the reader, each of which is compared


def inputs() -> Iterator[tuple[str, bytes]]:
    """Yield every hostile input by its name."""
    yield from ((name, _fit(raw)) for name, raw in _inputs())


def _inputs() -> Iterator[tuple[str, bytes]]:
    world = World()
    union = world.issuer("union")
    signed: dict[str, Any] = json.loads(union.mint())
    yield from _json_inputs()
    for name, members in (*_documents(signed), *_multiplied(signed)):
        yield name, _compact(members)
    yield from _names(signed)
    yield from _tokens(union.mint(jwt=True))
    yield from _pictures()


def _json_inputs() -> Iterator[tuple[str, bytes]]:
    yield "brackets", b"[" * INPUT_BYTES
    yield "nested objects", b'{"a":' * (INPUT_BYTES // 5)
    yield (
        "deep as allowed",
        b'{"credentialSubject":' + b"[" * (JSON_DEPTH - 1) + b"]" * (JSON_DEPTH - 1) + b"}",
    )
    yield "an unfinished text", b'{"a":"' + b"\\" * (INPUT_BYTES - 6)
    yield "many members", b"{" + b",".join(b'"%d":1' % n for n in range(20_000)) + b"}"
    yield "many containers", b'{"a":[' + b",".join([b"{}"] * (JSON_CONTAINERS + 1)) + b"]}"
    yield "digits", b'{"a":' + b"9" * (INPUT_BYTES - 6) + b"}"
    yield "zeros", b"\0" * INPUT_BYTES
    yield "white space", b" " * INPUT_BYTES
    yield "surrogates", b'{"a":"' + b"\\ud800" * 40_000 + b'"}'


def _documents(signed: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Signed badges with something poisonous inside."""
    proof = signed["proof"][0]
    for size in (6, 7, 8, 10, 30, 100):
        names = [f"_:n{n}" for n in range(size)]
        clique = [{"id": n, "endorsement": [{"id": o} for o in names if o != n]} for n in names]
        yield f"a clique of {size}", {**signed, "evidence": clique}
    for count in (500, 1_000, 2_000, 4_000):
        twins = [{"type": ["Evidence"], "name": "same"} for _ in range(count)]
        yield f"{count} twins", {**signed, "evidence": twins}
        named = [{"id": f"https://e.example/{n}", "type": ["Evidence"]} for n in range(count)]
        yield f"{count} named", {**signed, "evidence": named}
        rings = [{"type": ["Evidence"], "related": {"type": ["Related"]}} for _ in range(count // 2)]
        yield f"{count} pairs", {**signed, "evidence": rings}
    profile: dict[str, Any] = {"type": ["Profile"]}
    for _ in range(JSON_DEPTH - 6):
        profile = {"type": ["Profile"], "parentOrg": profile}
    yield "a chain of parents", {**signed, "issuer": {**signed["issuer"], "parentOrg": profile}}
    long = "https://e.example/" + "a" * 2_000
    yield (
        "a long id with many members",
        {**signed, "evidence": [{"id": long, "tag": [str(n) for n in range(20_000)]}]},
    )
    subject = {**signed["credentialSubject"], "id": long}
    subject["achievement"] = {**subject["achievement"], "id": long, "tag": [str(n) for n in range(9_000)]}
    yield "a long id with many tags", {**signed, "credentialSubject": subject}
    data = "data:text/plain," + "a" * 120_000
    yield (
        "a data address",
        {**signed, "evidence": [{"id": data, "type": ["Evidence"], "name": "a", "genre": "b"}]},
    )
    yield "a long text", {**signed, "description": "\x7f" * 60_000}
    yield (
        "many contexts",
        {**signed, "@context": signed["@context"] + [f"https://e.example/{n}" for n in range(9_000)]},
    )
    yield "many types", {**signed, "type": signed["type"] + [f"https://e.example/{n}" for n in range(9_000)]}
    yield "many terms", {**signed, **{f"term{n}": n for n in range(15_000)}}
    yield "many proofs", {**signed, "proof": [{**proof, "id": f"urn:x:{n}"} for n in range(600)]}
    yield "eight proofs", {**signed, "proof": [{**proof, "id": f"urn:x:{n}"} for n in range(8)]}
    yield "base58", {**signed, "proof": [{**proof, "proofValue": "z" + "2" * 200_000}]}
    yield (
        "a base58 method",
        {**signed, "proof": [{**proof, "verificationMethod": "did:key:z" + "6" * 200_000 + "#z"}]},
    )
    yield (
        "a base58 fragment",
        {**signed, "proof": [{**proof, "verificationMethod": "https://e.example/#z" + "6" * 200_000}]},
    )
    yield (
        "a long did:web",
        {**signed, "proof": [{**proof, "verificationMethod": "did:web:e.example" + ":a" * 99_000}]},
    )
    yield (
        "a long did:jwk",
        {**signed, "proof": [{**proof, "verificationMethod": "did:jwk:" + "A" * 200_000 + "#0"}]},
    )
    chain = [
        {**proof, "id": f"urn:x:{n}", "previousProof": [f"urn:x:{m}" for m in range(8) if m < n]}
        for n in range(8)
    ]
    yield "a chain of proofs", {**signed, "proof": chain}
    entry = signed["credentialStatus"]
    yield "many status entries", {**signed, "credentialStatus": [entry] * 900}
    endorsement = {k: v for k, v in signed.items() if k != "evidence"} | {"type": ["EndorsementCredential"]}
    yield "many endorsements", {**signed, "endorsement": [endorsement] * 40}
    yield "sixteen endorsements", {**signed, "endorsement": [endorsement] * 16}
    yield "endorsement tokens", {**signed, "endorsementJwt": ["eyJhIjox.e30." + "A" * 200] * 800}
    identity = signed["credentialSubject"]["identifier"]
    yield (
        "many identifiers",
        {**signed, "credentialSubject": {**signed["credentialSubject"], "identifier": identity * 900}},
    )
    yield "a long name", {**signed, "issuer": {**signed["issuer"], "name": "rn" * 100_000}}
    yield "a combining name", {**signed, "issuer": {**signed["issuer"], "name": "a" + "\u0301" * 60_000}}
    yield "nested arrays", {**signed, "evidence": [[[[[]]] * 50] * 50]}
    yield "a date", {**signed, "validFrom": "2026-01-01T00:00:00." + "0" * 200_000 + "Z"}
    results = [{"type": ["Result"], "resultDescription": f"urn:x:{n}"} for n in range(3_000)]
    yield "many results", {**signed, "credentialSubject": {**signed["credentialSubject"], "result": results}}


def _names(signed: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Issuers whose name or address is a burden: long ones, in punycode, in many labels."""
    long, labels = "xn--" + "a" * 250_000, ".".join(["xn--" + "a" * 59] * 3_800)
    for name, host in (("one label", long), ("many labels", labels), ("percent signs", "%61" * 80_000)):
        for start in ("did:web:", "https://"):
            issuer = {**signed["issuer"], "id": start + host}
            yield f"punycode in {start}, {name}", _compact({**signed, "issuer": issuer})
        issuer = {**signed["issuer"], "name": host}
        yield f"punycode in the name, {name}", _compact({**signed, "issuer": issuer})


def _compact(members: dict[str, Any]) -> bytes:
    return json.dumps(members, separators=(",", ":")).encode()


def _multiplied(signed: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What costs much, as often as it may stand in one document; no key needs to be fetched for it."""
    method = World().did_key_issuer("attacker").signer().verification_method
    proof = {**signed["proof"][0], "verificationMethod": method}
    chain: list[dict[str, Any]] = [{**proof, "id": "urn:x:0"}]
    chain += [{**proof, "id": f"urn:x:{n}", "previousProof": f"urn:x:{n - 1}"} for n in range(1, 8)]
    for count in (100, 400, 900):
        twins = [{"type": ["Evidence"]} for _ in range(count)]
        yield f"chained proofs over {count} twins", {**signed, "evidence": twins, "proof": chain}
    spoken = {"@value": "said", "@language": "en"}
    for count in (100, 450):
        named = [{"id": f"urn:x:{n}", "type": ["Evidence"], "name": "n"} for n in range(count)]
        general = {**signed, "description": spoken, "evidence": named}
        yield f"the general path over {count} named", general
        yield f"chained proofs over the general path and {count} named", {**general, "proof": chain[:3]}
    tags = {**signed["credentialSubject"]["achievement"], "tag": [str(n) for n in range(3_900)]}
    many = {**signed["credentialSubject"], "achievement": tags}
    general = {**signed, "description": spoken, "credentialSubject": many, "proof": chain[:3]}
    yield "chained proofs over the general path and many texts", general
    for count, proofs in ((9, [proof]), (9, chain[:2]), (280, chain[:2])):
        endorsement = {
            "@context": signed["@context"],
            "id": "urn:x:e",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "issuer": {"id": method.partition("#")[0], "type": ["Profile"]},
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": {"id": signed["id"], "type": ["EndorsementSubject"]},
            "evidence": [{"type": ["Evidence"]} for _ in range(count)],
            "description": spoken,
            "proof": [{**each, "nonce": spoken} for each in proofs],
        }
        many = {**signed, "endorsement": [endorsement | {"id": f"urn:x:e{n}"} for n in range(16)]}
        yield f"16 endorsements of {count} twins and {len(proofs)} proofs", many


def _tokens(token: bytes) -> Iterator[tuple[str, bytes]]:
    header, payload, signature = token.split(b".")
    yield "many parts", b"eyJ" + b"." * (INPUT_BYTES - 3)
    yield "a long header", b"eyJ" + b"A" * (INPUT_BYTES - 10) + b".e30.AA"
    yield "a long signature", header + b"." + payload + b"." + b"A" * 200_000
    claims = {"iss": "x", "nbf": 1e308, "exp": -1e308, "@context": [], "credentialSubject": {}}
    yield (
        "wild claims",
        header + b"." + base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=") + b"." + signature,
    )
    deep = b'{"credentialSubject":' * 200
    yield "a deep payload", header + b"." + base64.urlsafe_b64encode(deep).rstrip(b"=") + b"." + signature


def _pictures() -> Iterator[tuple[str, bytes]]:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 12_000, 12_000, 8, 2, 0, 0, 0))
    text = b"openbadgecredential\0"
    yield "a compressed text", png + chunk(b"iTXt", text + b"\1\0\0\0" + zlib.compress(b"a" * 100_000_000, 9))
    yield "a compressed zTXt", png + chunk(b"zTXt", text + b"\0" + zlib.compress(b"a" * 100_000_000, 9))
    yield "many chunks", png + chunk(b"tEXt", b"a\0b") * 18_000
    yield "a lying chunk", png + struct.pack(">I", 0x7FFFFFFF) + b"iTXt" + text
    yield "a deep SVG", b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g>" * 80_000
    yield "a wide SVG", b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g/>" * 60_000 + b"</svg>"
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))
    yield "a billion laughs", b'<!DOCTYPE svg [<!ENTITY e0 "ha">' + entities + b"]><svg>&e11;</svg>"
    attributes = b" ".join(b'a%d="1"' % n for n in range(20_000))
    yield "many attributes", b'<svg xmlns="http://www.w3.org/2000/svg" ' + attributes + b"/>"
    yield "a gzip bomb", gzip.compress(b"\0" * 200_000_000)


def _fit(raw: bytes) -> bytes:
    """Cut what is too long: a cut document is hostile too."""
    return raw[:INPUT_BYTES]


def _measure(name: str, raw: bytes, answers: Any) -> None:
    world = World()
    world.recognise(*(world.issuer(f"issuer{n}") for n in range(KNOWN_ISSUERS)))
    world.look(world.issuer("union").mint())  # tables and schemas are there before the clock starts
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        answer = str(world.look(raw).verdict)
    except HallmarkError as error:
        answer = error.code
    seconds = time.process_time() - begun
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    answers.put((name, len(raw), answer, seconds, growth))


def main() -> int:
    """Examine every input, print the table, and return 1 if a limit was passed."""
    context = multiprocessing.get_context("fork")
    found: list[tuple[str, int, str, float, int]] = []
    for name, raw in inputs():
        answers = context.Queue()
        process = context.Process(target=_measure, args=(name, raw, answers))
        process.start()
        found.append(answers.get(timeout=300))
        process.join()
    passed = [row for row in found if row[3] > EXAMINE_CPU or row[4] > EXAMINE_MEMORY]
    for title, column in (("slowest", 3), ("hungriest", 4)):
        print(f"{title:32} {'bytes':>8} {'ms CPU':>9} {'MiB':>7}  answer")
        for name, size, answer, seconds, growth in sorted(found, key=lambda row: row[column], reverse=True)[
            :SHOWN
        ]:
            print(f"{name:32} {size:8} {seconds * 1000:9.1f} {growth / 1_048_576:7.1f}  {answer}")
        print()
    print(f"{len(found)} inputs; {len(passed)} beyond {EXAMINE_CPU:.0f} s or {EXAMINE_MEMORY >> 20} MiB")
    for row in passed:
        print("  beyond:", row[0])
    return 1 if passed else 0


if __name__ == "__main__":
    sys.exit(main())
