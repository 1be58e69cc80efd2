# SPDX-License-Identifier: Apache-2.0
"""What it costs to publish a status list and to read a bit of one, by length and by the share that is set.

*publish* is what happens between the rows' positions and the bytes that are served: bits, gzip, compose,
sign, verify, and the second form as JWT. *read* is a bit of a list whose bits are kept; *open* is a
stranger's list: decode and inflate. CPU time per call, the best of several rounds, so that a busy machine
says nearly the same as a quiet one. What reading the rows and swapping cost beside it depends on the
database.

Run: ``python -m benchmarks.status [ROUNDS]``
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from credentials import status_list
from credentials.document import write
from credentials.proofs import data_integrity, vc_jwt
from credentials.verification_method import KeyAlgorithm
from keys import private_key
from keys.custody import KeySigner

LENGTHS: Final = (131_072, 262_144, 524_288, 1_048_576)
SHARES: Final = (0.0, 0.001, 0.02, 0.5)
GOALS: Final = {131_072: 2.0, 1_048_576: 12.0}  # milliseconds at 2 %
MOMENT: Final = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)
ISSUER: Final = {"id": "did:web:badges.example.org", "name": "Union Teachers’ Academy"}
SECONDS: Final = 0.1  # per figure and round


def measure(*, rounds: int = 5, seconds: float = SECONDS) -> dict[str, Any]:
    """Return milliseconds of CPU per call: ``publish`` and ``open`` by length and share, ``read`` in µs."""
    publish: dict[str, dict[str, float]] = {}
    opened: dict[str, dict[str, float]] = {}
    draw = random.Random(11)  # noqa: S311  the same bits on every run
    bits = b""
    for length in LENGTHS:
        publish[str(length)], opened[str(length)] = {}, {}
        for share in SHARES:
            # One after the other, as they are read from the index of the rows that are set.
            places = sorted(draw.sample(range(length), int(length * share)))
            encoded = status_list.encode(places, length=length)
            bits = status_list.decode(encoded)
            assert sum(each.bit_count() for each in bits) == len(places)
            make = _publisher(places, length)
            publish[str(length)][str(share)] = _cost(make, rounds, seconds)
            opened[str(length)][str(share)] = _cost(partial(status_list.decode, encoded), rounds, seconds)
    read = _cost(lambda: [status_list.read_status(bits, each) for each in range(1_000)], rounds, seconds)
    return {
        "publish_ms": publish,
        "open_ms": opened,
        "read_us": round(read, 3),
        "met": {str(length): publish[str(length)]["0.02"] <= goal for length, goal in GOALS.items()},
    }


def _publisher(places: list[int], length: int) -> Callable[[], object]:
    signer = KeySigner(private_key.generate(KeyAlgorithm.ED25519), verification_method=f"{ISSUER['id']}#a")
    jwt_signer = KeySigner(private_key.generate(KeyAlgorithm.P256), verification_method=f"{ISSUER['id']}#b")

    def publish() -> tuple[bytes, str]:
        members = status_list.compose_list(
            id="https://badges.example.org/status/0123456789abcdef0123456789abcdef",
            issuer_members=ISSUER,
            status_purpose="revocation",
            encoded_list=status_list.encode(places, length=length),
            valid_from=MOMENT,
            valid_until=MOMENT + timedelta(days=1),
        )
        signed = data_integrity.add_proof(members, signer=signer, created=MOMENT)
        proof = data_integrity.proofs(signed)[0]
        data_integrity.verify_proof(signed, proof, public_key=signer.public_key, now=MOMENT)
        return write(signed), vc_jwt.encode(members, signer=jwt_signer)

    return publish


def _cost(call: Callable[[], object], rounds: int, seconds: float) -> float:
    """Return milliseconds of CPU per call, in the best round."""
    best = float("inf")
    for _ in range(rounds):
        begun, number = time.process_time(), 0
        while time.process_time() - begun < seconds or number < 2:
            call()
            number += 1
        best = min(best, (time.process_time() - begun) / number * 1_000)
    return round(best, 3)


if __name__ == "__main__":
    print(json.dumps(measure(rounds=int(sys.argv[1]) if len(sys.argv) > 1 else 5), indent=2))
