# SPDX-License-Identifier: Apache-2.0
"""P1: a public page, document, picture, header or log leaks an address, evidence, feedback or an attempt.

More than 100 secrets are planted through the whole programme by the steps that people use. Then a stranger
without cookies asks for everything that anyone may ask for, in every form in which it is given, and for what
only others may; nothing of it holds a secret, however it is packed or written. What is public is found.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from PIL import Image, ImageDraw, PngImagePlugin
from pypdf import PdfWriter

from service import access, log, typeset
from tests.attacks import caches
from tests.attacks.caches import CACHES
from tests.attacks.canary_crawl import BROWSER, VISITS, Crawl, walk
from tests.attacks.canary_net import MARK, Net, read
from tests.attacks.canary_work import OPEN, SHOWN
from tests.attacks.canary_world import LISTED, TOLD, plant
from tests.earning.conftest import earning_template  # noqa: F401  fixture
from tests.service.shared_cache import SharedCache

TITLE: Final = "Adult SEL 1: Self-Awareness"


@pytest.fixture(scope="module")
def crawl(earning_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:  # noqa: F811
    """Plant and walk once."""
    folder = Path(shutil.copytree(earning_template, tmp_path_factory.mktemp("canaries") / "data"))
    drawn: list[str] = []
    draw = ImageDraw.ImageDraw.text

    def text(self: ImageDraw.ImageDraw, at: Any, words: str, *rest: Any, **more: Any) -> None:
        drawn.append(words)
        draw(self, at, words, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ImageDraw.ImageDraw, "text", text)
        planted = plant(folder, Net())
        planted.drawn = drawn
        yield walk(planted)
    log.configure()
    planted.house.db.close()


# -- copies, as a cache before the house keeps them (docs/scale.md) ----------------------------------------


def test_every_public_route_says_who_may_keep_it(crawl: Crawl) -> None:
    routes = {
        route
        for route, method, row in access.table(crawl.planted.web)
        if method == "GET" and row is not None and row.is_public and not route.startswith("/outbox")
    }
    assert routes == CACHES.keys()
    found = 0
    for answer in crawl.answers:
        if answer.status != 200 or answer.route not in CACHES:
            continue
        page, data = CACHES[answer.route]
        allowed = (page,) if answer.headers["Content-Type"].startswith("text/html") else data
        assert answer.headers["Cache-Control"] in allowed, answer.address
        assert "Set-Cookie" not in answer.headers
        if "public" in answer.headers["Cache-Control"]:
            assert "RateLimit" not in answer.headers, answer.address
            assert re.fullmatch(r'"[0-9a-f]{16}"|"[0-9a-f]{64}-[0-9a-f]{8}"', answer.headers["ETag"])
        found += 1
    assert found > 200


def test_what_is_not_answered_is_not_kept(crawl: Crawl) -> None:
    for answer in crawl.answers:
        if answer.status >= 300 and answer.route in CACHES:
            assert answer.headers["Cache-Control"] in (caches.NEVER, caches.ASK), answer.address


def test_forms_of_one_address_are_told_apart(crawl: Crawl) -> None:
    forms: dict[str, dict[str, set[str]]] = {}
    for answer in crawl.answers:
        if answer.status == 200 and "ETag" in answer.headers and answer.route in CACHES:
            tags = forms.setdefault(answer.address, {})
            tags.setdefault(answer.headers["ETag"], set()).add(answer.headers["Content-Type"])
            if len({kind for kinds in tags.values() for kind in kinds}) > 1:
                assert "Accept" in answer.headers.get("Vary", ""), answer.address
    assert all(len(kinds) == 1 for tags in forms.values() for kinds in tags.values())


def test_a_cache_before_the_house_gives_nobody_anything_else(crawl: Crawl) -> None:
    """Everything is asked for twice through a greedy cache, each form after the others, and by HEAD."""
    cache, copies = SharedCache(), 0
    stranger = crawl.planted.web.test_client(use_cookies=False)
    asked = {(each.address, each.accept) for each in crawl.answers if each.route in CACHES and each.accept}
    asked = {each for each in asked if not each[0].startswith(("/verify", "/shared", "/credentials/0"))}
    for _ in range(2):
        for address, accept in sorted(asked):
            cache.get(stranger, address, Accept=accept)
    for address, accept in sorted(asked):
        got = cache.get(stranger, address, Accept=accept)
        if not got.is_copy:
            continue
        copies += 1
        direct = stranger.get(address, headers={"Accept": accept})
        same = (direct.status_code, direct.headers["Content-Type"], direct.data)
        assert (got.status, got.headers["Content-Type"], got.body) == same, address
        head = stranger.head(address, headers={"Accept": accept})
        kept = ("ETag", "Cache-Control", "Content-Type", "Content-Length", "Vary")
        assert [head.headers.get(name) for name in kept] == [direct.headers.get(name) for name in kept]
    assert copies > 100


# What is forgotten or hashed at once, and what is cleaned from files before they are kept.
NEVER: Final = re.compile(
    r"(wrong )?password|address (in row|typed for)|(school|local) of who left"  # one last mail waits
    r"|(evidence|answer) given by a program"  # only a salted digest is kept
    r"|(artist|title|place|remark) in|(author|folder) of the private"
)
FORGOTTEN: Final = re.compile(NEVER.pattern + "|file name of the|text of the private|note on the kept")


def kept(folder: Path) -> bytes:
    """Everything in the database and in files, in small letters."""
    found = [each.read_bytes() for each in folder.rglob("*") if each.is_file() and "sqlite" not in each.name]
    with closing(sqlite3.connect(folder / "hallmark.sqlite3")) as opened:
        tables = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in opened.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  our own names
                found += [each if isinstance(each, bytes) else str(each).encode() for each in row]
    return b"\n".join(layer for each in found for layer in read(each)).lower()


def leaks(crawl: Crawl, net: Net) -> list[tuple[str, str, str]]:
    """What of ``net`` was found where it may not stand: secret, route and address."""
    found = set()
    for answer in crawl.answers:
        for kind in net.caught(answer.sent):
            if not answer.address.startswith(crawl.planted.told.get(kind, ("nowhere",))):
                found.add((kind, answer.route, answer.address))
    return sorted(found)


def test_nothing_of_what_was_planted_is_on_any_public_surface(crawl: Crawl) -> None:
    net = crawl.planted.net
    assert len(net.kinds) > 100
    assert leaks(crawl, net) == []
    assert net.searched > 1_000_000


@pytest.mark.sqlite("looks into its file for what was planted")
def test_what_was_planted_was_taken_and_is_kept_only_where_it_must_be(crawl: Crawl) -> None:
    """Otherwise it would prove nothing that nobody finds it."""
    net, data = crawl.planted.net, kept(crawl.planted.folder)
    lost = {kind for word, kind in net.words.items() if word not in data}
    assert len(net.words) - len(lost) > 100
    unexplained = {kind for kind in lost if not FORGOTTEN.match(kind)}
    assert unexplained == set()
    assert {kind for kind in net.words.values() if NEVER.match(kind)} <= lost


def test_every_public_route_is_asked_and_answers(crawl: Crawl) -> None:
    public = {
        route
        for route, method, row in access.table(crawl.planted.web)
        if method == "GET" and row is not None and row.is_public
    }
    assert public == set(VISITS)
    answered = {answer.route for answer in crawl.answers if answer.public()}
    silent = public - answered
    assert silent == (set() if typeset.is_available() else {route for route in public if ".pdf" in route})


def test_no_stranger_gets_a_cookie_on_a_public_page(crawl: Crawl) -> None:
    assert [each for each in crawl.cookies if not each.startswith(("/sign", "/confirm"))] == []


def test_what_is_public_is_found_in_every_form(crawl: Crawl) -> None:
    """The search is worth something only if it finds what is there."""
    forms: list[tuple[str, str]] = [
        ("/credentials/<uuid:key>", TITLE),
        ("/credentials/<uuid:key>", SHOWN),
        ("/credentials/<uuid:key>.json", TITLE),
        ("/credentials/<uuid:key>.jwt", TITLE),
        ("/credentials/<uuid:key>.png", TITLE),
        ("/credentials/<uuid:key>.svg", TITLE),
        ("/embed/<uuid:key>", TITLE),
        ("/oembed", TITLE),
        ("/evidence/<uuid:id>", OPEN),
        ("/shared/<token>/evidence/<piece>", OPEN),
        ("/lists/<slug>", LISTED),
        ("/credentials/<uuid:key>", TOLD),
        ("/verify", TITLE),
        ("/verify/receipts/<uuid:key>", TITLE),
        ("/verify/batches/<uuid:id>", TITLE),
    ]
    if typeset.is_available():
        forms += [("/credentials/<uuid:key>.pdf", SHOWN), ("/verify/receipts/<uuid:key>.pdf", TITLE)]
    for route, wanted in forms:
        sent = [answer.sent for answer in crawl.answers if answer.route == route and answer.public()]
        assert any(wanted.encode() in layer for each in sent for layer in read(each)), (route, wanted)


def test_what_may_be_seen_by_link_is_seen_there(crawl: Crawl) -> None:
    for kind, where in crawl.planted.told.items():
        seen = [each for each in crawl.answers if each.address.startswith(where)]
        assert any(kind in crawl.planted.net.caught(each.sent) for each in seen), kind


def test_no_picture_is_drawn_with_a_secret(crawl: Crawl) -> None:
    said = "\n".join(crawl.drawn)
    assert crawl.planted.net.caught(said.encode()) == frozenset()
    assert SHOWN in said
    assert "Self-Awareness" in said


def test_a_leak_on_any_of_these_surfaces_is_caught(crawl: Crawl) -> None:
    """If the title were a secret, each surface that tells it would be named."""
    net = Net()
    net.values[TITLE.encode()] = "a title"
    routes = {route for _, route, _ in leaks(crawl, net)}
    assert {f"/credentials/<uuid:key>{form}" for form in ("", ".json", ".jwt", ".png", ".svg")} <= routes
    assert {"/embed/<uuid:key>", "/oembed", "/verify/receipts/<uuid:key>/record.json", "/catalogue"} <= routes


def test_a_name_that_is_shown_by_mistake_is_caught_everywhere(crawl: Crawl) -> None:
    """The leak is planted by the button of the panel itself, and mended by it. Signed is a salted digest."""
    planted, key = crawl.planted, crawl.planted.ids["credential"][0]
    expected = {f"name of the hidden educator, {part}" for part in ("first", "last")}
    telling = ("", ".pdf") if typeset.is_available() else ("",)
    for shown in (True, False):
        planted.show_name(shown)
        for form in (*telling, ".json", ".jwt", ".png", ".svg"):
            stranger = planted.web.test_client(use_cookies=False)
            answer = stranger.get(f"/credentials/{key}{form}", headers={"Accept": BROWSER})
            found = planted.net.caught(answer.data)
            assert found == (expected if shown and form in telling else frozenset()), (shown, form)


def test_the_log_of_all_this_holds_no_secret(crawl: Crawl) -> None:
    said = crawl.planted.said.getvalue()
    assert said.count('"event"') > 100
    assert crawl.planted.net.caught(said.encode()) == frozenset()
    assert "@" not in said


def _png(word: str, how: str) -> bytes:
    words = PngImagePlugin.PngInfo()
    if how == "iTXt":
        words.add_itxt("Author", word, zip=True)
    else:
        words.add_text("Author", word, zip=how == "zTXt")
    target = io.BytesIO()
    Image.new("RGB", (4, 4)).save(target, "PNG", pnginfo=words)
    return target.getvalue()


def _pdf(word: str, how: str) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    if how == "metadata":
        writer.add_metadata({"/Author": word})
    else:
        writer.add_attachment("a.json.gz", gzip.compress(word.encode()))
    writer.compress_identical_objects()
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _zip(word: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", f"<p>{word}</p>")
    return target.getvalue()


HIDDEN: Final[dict[str, Callable[[str], bytes]]] = {
    "plain": str.encode,
    "capitals": lambda word: f"x{word.upper()}x".encode(),
    "a part of it": lambda word: word[: len(MARK) + 2].encode(),
    "in an address": lambda word: quote("".join(f"%{ord(c):02x}" for c in word)).encode(),
    "percent": lambda word: "".join(f"%{ord(c):02x}" for c in word).encode(),
    "references": lambda word: "".join(f"&#x{ord(c):x};" for c in word).encode(),
    "json": lambda word: "".join(f"\\u{ord(c):04x}" for c in word).encode(),
    "hex": lambda word: word.encode().hex().encode(),
    "utf-16": lambda word: word.encode("utf-16"),
    "utf-16 big": lambda word: b"\xfe\xff" + word.encode("utf-16-be"),
    "gzip": lambda word: gzip.compress(word.encode()),
    "zip": _zip,
    "base64 0": lambda word: base64.b64encode(f"{word} and more".encode()),
    "base64 1": lambda word: base64.b64encode(f"x{word} and more".encode()),
    "base64 2": lambda word: b"some words " + base64.b64encode(f"xx{word} and more".encode()),
    "base64 of bytes": lambda word: base64.b64encode(b"\xff\x00\xfe" + word.encode() + b"\xff\xff\xff"),
    "jwt": lambda word: b"eyJhIjoxfQ." + base64.urlsafe_b64encode(f'{{"a":"{word}"}}'.encode()) + b".x",
    "data address": lambda word: b"data:image/png;base64," + base64.b64encode(_png(word, "zTXt")),
    "multibase gzip": lambda word: b'"u' + base64.urlsafe_b64encode(gzip.compress(word.encode())) + b'"',
    "tEXt": lambda word: _png(word, "tEXt"),
    "zTXt": lambda word: _png(word, "zTXt"),
    "iTXt": lambda word: _png(word, "iTXt"),
    "pdf metadata": lambda word: _pdf(word, "metadata"),
    "pdf attachment": lambda word: _pdf(word, "attachment"),
}  # fmt: skip


@pytest.mark.parametrize("how", HIDDEN)
def test_a_secret_is_caught_however_it_is_written(how: str) -> None:
    net = Net()
    word = net.word("something")
    assert net.caught(HIDDEN[how](word))
    assert not net.caught(HIDDEN[how]("albatross"))


@pytest.mark.parametrize("form", ["{email}", "mailto:{email}"])
def test_an_unsalted_digest_of_an_address_is_caught(form: str) -> None:
    net = Net()
    digest = hashlib.sha256(form.format(email=net.email("somebody")).encode())
    kinds = {"somebody, as a digest"}
    assert net.caught(digest.hexdigest().encode()) == kinds
    assert net.caught(b'"u' + base64.urlsafe_b64encode(digest.digest()) + b'"') == kinds
    assert net.caught(base64.b64encode(digest.digest())) == kinds
    token = net.value("A-secret_of_22_letters", "a token")
    assert net.caught(f"/shared/{token}".encode()) == {"a token"}
