# SPDX-License-Identifier: Apache-2.0
"""No byte of a private key or a passphrase leaves this room, whatever fails (threat K1, goal S9)."""

from __future__ import annotations

import io
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from credentials.errors import HallmarkError
from credentials.verification_method import KeyAlgorithm
from keys.cabinet import Cabinet
from service import log
from service.db import Database
from service.settings import Settings
from tests.keys.samples import (
    HOUR,
    NOW,
    ed25519_jwk,
    ed25519_secret_multikey,
    environment,
    pem,
    spellings,
)

ED = KeyAlgorithm.ED25519
SECRET = Ed25519PrivateKey.generate()
SEED = SECRET.private_bytes_raw()
WORDS = "a passphrase that nobody may see"
CANARIES = [*spellings(SEED), pem(SECRET).splitlines()[1].encode()[24:], WORDS.encode()]


def found(text: str | bytes) -> list[bytes]:
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
    return [canary for canary in CANARIES if canary in raw]


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    root, handlers, level = logging.getLogger(), logging.getLogger().handlers[:], logging.getLogger().level
    stream = io.StringIO()
    log.configure("debug", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def house(db: Database, settings: Settings) -> Cabinet:
    environ = environment(
        WORDS,
        GOOD=ed25519_jwk(SEED),
        CUT=ed25519_jwk(SEED)[:-2],
        MIXED=json.dumps({**json.loads(ed25519_jwk(SEED)), "x": "AAAA"}),
        TWICE=ed25519_jwk(SEED)[:-1] + ',"d":"AA"}',
        LONG=ed25519_secret_multikey(SEED) + "1",
        TORN=pem(SECRET).replace("MC4", "MC5"),
    )
    cabinet = Cabinet.open(db, settings, environ=environ)
    cabinet.create_issuer("union", cabinet.root_did, now=NOW)
    return cabinet


def failures(house: Cabinet) -> list[Callable[[], object]]:
    """Everything that may go wrong while the key is in hand."""
    torn = [
        lambda name=name: house.rotate("union", ED, now=NOW, custody=f"env:{name}")
        for name in ("CUT", "MIXED", "TWICE", "LONG", "TORN")
    ]
    texts = [
        lambda text=text: house.import_key("union", text, now=NOW)
        for text in (
            ed25519_jwk(SEED).replace("OKP", "EC"),
            pem(SECRET)[:-30],
            ed25519_secret_multikey(SEED)[1:],
            "z" + SEED.hex(),
            pem(SECRET),  # In use already.
        )
    ]
    return [*torn, *texts]


def test_no_failure_repeats_what_it_was_given(
    house: Cabinet, settings: Settings, logged: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    key = house.import_key("union", pem(SECRET), now=NOW)
    for fail in failures(house):
        with pytest.raises(HallmarkError) as caught:
            fail()
        log.event("mistake", error=caught.value)
        for error in chain(caught.value):
            assert not found(repr(error) + str(error) + repr(vars(error)) + repr(error.args))
        assert not found("".join(traceback.format_exception(caught.value)))
    path = settings.data / "keys" / key.custody[5:]
    envelope = path.read_bytes()
    for spoilt in (envelope[:-40], envelope.replace(b'"n":', b'"n":1'), b"", b"{}"):
        path.write_bytes(spoilt)
        with pytest.raises(HallmarkError) as caught:
            Cabinet.open(house._db, settings, environ=environment(WORDS)).signer("union", ED)
        log.event("mistake", error=caught.value)
        assert not found("".join(traceback.format_exception(caught.value)))
    assert not found(logged.getvalue() + "".join(capsys.readouterr()))


def test_no_file_and_no_row_holds_the_key_in_the_clear(house: Cabinet, settings: Settings) -> None:
    house.import_key("union", pem(SECRET), now=NOW)
    house.signer("union", ED).sign(b"x")
    house.rotate("union", ED, now=NOW + HOUR)
    written = [path for path in Path(settings.data).rglob("*") if path.is_file()]
    assert len(written) >= 3
    assert not [path.name for path in written if found(path.read_bytes())]


def test_nothing_that_can_be_printed_shows_the_key(house: Cabinet) -> None:
    house.new_key("union", ED, now=NOW, custody="env:GOOD")
    signer = house.signer("union", ED)
    shown = [house, house._custody, house._opened, signer, signer._signer, house.ring("union")]
    assert not found("".join(repr(thing) + str(thing) + format(thing, "") for thing in shown))
