# SPDX-License-Identifier: Apache-2.0
"""The only way out keeps its promises (threats V9), against a real TLS server on loopback."""

from __future__ import annotations

import inspect
import ssl
import threading
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from service import fetch
from service.errors import (
    AddressRefusedError,
    CertificateError,
    ConnectionFailedError,
    FetchError,
    FetchLimitError,
    HostBusyError,
    HostNotFoundError,
    NoTimeLeftError,
    RedirectRefusedError,
    ResponseMalformedError,
    ResponseTooLargeError,
    TimedOutError,
    URLRefusedError,
)
from service.fetch import CACHE_FAILED, CACHE_FOUND, FETCH_COUNT, FETCH_TIME, HOST_CONNECTIONS, Fetcher
from service.settings import Settings
from service.wire import Wire, dial_address, resolve_host, trusted
from tests.service.internet import PUBLIC, Internet

HOST = "badges.example.org"
OTHER = "other.example.org"
BASE = f"https://{HOST}"


@pytest.fixture
def internet(tmp_path: Path) -> Iterator[Internet]:
    world = Internet(tmp_path, names=[HOST, OTHER])
    yield world
    world.close()


# -- what is asked, and how -------------------------------------------------------------------------------


def test_an_answer_comes_as_it_was_sent(internet: Internet) -> None:
    internet.page("/a?b=c", b'{"x": 1}', "Content-Type: application/JSON; charset=utf-8")
    answer = internet.fetcher().session()(f"{BASE}/a?b=c#d", max_bytes=100, accept="application/json")
    assert (answer.status, answer.media_type, answer.body) == (200, "application/json", b'{"x": 1}')
    assert answer.url == f"{BASE}/a?b=c"
    assert internet.dialled == [PUBLIC]


def test_a_request_says_little_and_asks_for_plain_bytes(internet: Internet) -> None:
    internet.page("/a")
    internet.fetcher().session()(f"{BASE}/a", max_bytes=100, accept="application/json")
    lines = internet.requests[0].decode().strip().split("\r\n")
    assert lines[0] == "GET /a HTTP/1.1"
    assert sorted(lines[1:]) == [
        "Accept-Encoding: identity",
        "Accept: application/json",
        "Connection: close",
        f"Host: {HOST}",
        "User-Agent: Hallmark",
    ]


@pytest.mark.parametrize(
    "status", ["404 Not Found", "410 Gone", "403 No", "500 Oops", "304 Same", "204 None"]
)
def test_another_status_is_told_and_has_no_body(internet: Internet, status: str) -> None:
    internet.page("/a", b"x" * 50, status=status)
    answer = internet.fetcher().session()(f"{BASE}/a", max_bytes=10)
    assert (answer.status, answer.body) == (int(status[:3]), b"")


def test_chunks_are_put_together(internet: Internet) -> None:
    internet.serve(
        "/a", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    )
    assert internet.fetcher().session()(f"{BASE}/a", max_bytes=3).body == b"abc"


def test_proxies_of_the_environment_are_not_used(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    internet.page("/a")
    assert internet.fetcher().session()(f"{BASE}/a", max_bytes=100).status == 200


def test_production_cannot_be_talked_into_another_internet() -> None:
    """The seams are parameters of two constructors; no setting has anything to do with them."""
    assert not {"resolve", "dial", "tls", "seconds"} & {item.name for item in fields(Settings)}
    defaults = inspect.signature(Wire).parameters
    assert defaults["resolve"].default is resolve_host
    assert defaults["dial"].default is dial_address
    assert Wire()._tls is None
    context = trusted()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


# -- where it leads ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["fe80::1%eth0"],
        ["fd00::1"],
        [PUBLIC, "127.0.0.1"],
        ["127.0.0.1", PUBLIC],
        [PUBLIC, "nonsense"],
        [PUBLIC, "2606:4700::1111", "10.0.0.1"],
    ],
)
def test_a_name_that_leads_home_is_not_asked(internet: Internet, addresses: list[str]) -> None:
    internet.addresses[HOST] = addresses
    with pytest.raises(AddressRefusedError):
        internet.fetcher().session()(f"{BASE}/a", max_bytes=100)
    assert internet.dialled == []


@pytest.mark.parametrize(
    "url",
    [
        "http://badges.example.org/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://badges.example.org:8443/",
        "https://badges.example.org@127.0.0.1/",
        "file:///etc/passwd",
    ],
)
def test_an_address_of_the_wrong_form_is_not_even_resolved(internet: Internet, url: str) -> None:
    with pytest.raises(URLRefusedError):
        internet.fetcher().session()(url, max_bytes=100)
    assert internet.resolved == []


def test_a_name_is_resolved_once_so_that_it_cannot_change_its_mind(internet: Internet) -> None:
    """DNS rebinding: a public address at the first look, loopback at the second."""
    internet.page("/a")
    internet.page("/b")
    session = internet.fetcher().session()
    session(f"{BASE}/a", max_bytes=100)
    internet.addresses[HOST] = ["127.0.0.1"]
    session(f"{BASE}/b", max_bytes=100)
    assert internet.resolved == [HOST]
    assert internet.dialled == [PUBLIC, PUBLIC]


def test_a_name_that_does_not_exist_is_said_so(internet: Internet) -> None:
    with pytest.raises(HostNotFoundError, match=r"nowhere\.example\.org"):
        internet.fetcher().session()("https://nowhere.example.org/", max_bytes=100)
    internet.addresses[HOST] = []
    with pytest.raises(HostNotFoundError):
        internet.fetcher().session()(f"{BASE}/a", max_bytes=100)


def test_a_host_must_prove_by_its_certificate_who_it_is(internet: Internet) -> None:
    internet.addresses["impostor.example.org"] = [PUBLIC]
    with pytest.raises(CertificateError):
        internet.fetcher().session()("https://impostor.example.org/", max_bytes=100)
    assert internet.requests == []


def test_a_certificate_of_an_unknown_authority_proves_nothing(internet: Internet) -> None:
    wire = Wire(resolve=internet.resolve, dial=internet.dial, seconds=internet.clock)
    with pytest.raises(CertificateError):
        Fetcher(wire).session()(f"{BASE}/a", max_bytes=100)


def test_a_refused_connection_is_said_so(internet: Internet) -> None:
    internet.close()
    with pytest.raises(ConnectionFailedError):
        internet.fetcher().session()(f"{BASE}/a", max_bytes=100)


# -- redirects --------------------------------------------------------------------------------------------


def redirect(internet: Internet, path: str, location: str, status: str = "302 Found") -> None:
    internet.page(path, b"", f"Location: {location}", status=status)


@pytest.mark.parametrize("location", ["/b", "b", f"{BASE}/b", f"//{HOST}/b", f"{BASE.upper()}:443/b", "/b#c"])
def test_a_redirect_on_the_same_host_is_followed(internet: Internet, location: str) -> None:
    redirect(internet, "/a", location)
    internet.page("/b", b"here")
    answer = internet.fetcher().session()(f"{BASE}/a", max_bytes=100)
    assert (answer.body, answer.url) == (b"here", f"{BASE}/a")
    assert internet.resolved == [HOST]


@pytest.mark.parametrize(
    "location",
    [
        f"https://{OTHER}/b",
        f"//{OTHER}/b",
        f"http://{HOST}/b",
        f"https://{HOST}:8443/b",
        "https://127.0.0.1/b",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[/",
        f"https://user@{HOST}/b",
        f"https://{HOST}@127.0.0.1/b",
        "file:///etc/passwd",
        "gopher://x/",
        "/b c",
    ],
)
def test_a_redirect_to_elsewhere_is_not_followed(internet: Internet, location: str) -> None:
    redirect(internet, "/a", location)
    with pytest.raises(RedirectRefusedError):
        internet.fetcher().session()(f"{BASE}/a", max_bytes=100)
    assert len(internet.requests) == 1
    assert set(internet.resolved) == {HOST}


def test_two_redirects_are_followed_and_the_third_is_not(internet: Internet) -> None:
    for number in range(4):
        redirect(internet, f"/{number}", f"/{number + 1}")
    internet.page("/4", b"end")
    assert internet.fetcher().session()(f"{BASE}/2", max_bytes=100).body == b"end"
    with pytest.raises(RedirectRefusedError):
        internet.fetcher().session()(f"{BASE}/1", max_bytes=100)


def test_a_redirect_without_an_address_is_an_answer(internet: Internet) -> None:
    internet.page("/a", b"", status="302 Found")
    assert internet.fetcher().session()(f"{BASE}/a", max_bytes=100).status == 302


# -- bytes and time ---------------------------------------------------------------------------------------


def test_an_answer_may_have_exactly_the_limit_and_not_a_byte_more(internet: Internet) -> None:
    internet.page("/a", b"x" * 100)
    internet.page("/b", b"x" * 101)
    session = internet.fetcher().session()
    assert len(session(f"{BASE}/a", max_bytes=100).body) == 100
    with pytest.raises(ResponseTooLargeError):
        session(f"{BASE}/b", max_bytes=100)


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ids=["no length", "chunks"],
)
def test_an_endless_answer_is_left(internet: Internet, head: bytes) -> None:
    stopped = threading.Event()

    def handle(connection: ssl.SSLSocket, _request: bytes) -> None:
        connection.sendall(head)
        try:
            while True:
                connection.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")
        except OSError:
            stopped.set()

    internet.handlers["/a"] = handle
    with pytest.raises(ResponseTooLargeError):
        internet.fetcher().session()(f"{BASE}/a", max_bytes=10_000)
    assert stopped.wait(timeout=10)


@pytest.mark.parametrize(
    "parts",
    [
        [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"a", b"b", b"c", b"d"],
        [b"HTTP/1.1 200 OK\r\n", b"A: b\r\n", b"C: d\r\n", b"E: f\r\n", b"\r\n"],
        [b"H", b"T", b"T", b"P", b"/", b"1", b".", b"1"],
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 8,
    ],
    ids=["body", "head", "first line", "interim"],
)
def test_a_slow_answer_ends_at_the_deadline_wherever_it_is_slow(
    internet: Internet, parts: list[bytes]
) -> None:
    """One piece every two seconds: each single read is fast enough, all together are not."""

    def handle(connection: ssl.SSLSocket, _request: bytes) -> None:
        for part in parts:
            connection.sendall(part)
            internet.clock.advance(2)

    internet.handlers["/a"] = handle
    with pytest.raises(TimedOutError, match="did not answer in time"):
        internet.fetcher().session()(f"{BASE}/a", max_bytes=100)


def test_a_slow_name_service_ends_at_the_deadline(internet: Internet) -> None:
    release = threading.Event()

    def resolve(_host: str) -> list[str]:
        release.wait(timeout=30)
        return [PUBLIC]

    # The clock of this test runs fast: every look at it costs most of the three seconds.
    def seconds() -> float:
        internet.clock.advance(1.2)
        return internet.clock()

    wire = Wire(resolve=resolve, dial=internet.dial, tls=internet.client_tls, seconds=seconds)
    with pytest.raises(TimedOutError):
        Fetcher(wire).session()(f"{BASE}/a", max_bytes=100)
    release.set()
    assert internet.dialled == []


def test_the_time_of_all_requests_counts_together(internet: Internet) -> None:
    def handle(connection: ssl.SSLSocket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        internet.clock.advance(2)
        # Two records: the second one is read after a look at the clock that has moved for certain.
        connection.sendall(b"a")
        connection.sendall(b"b")

    for path in ("/a", "/b", "/c", "/d"):
        internet.handlers[path] = handle
    session = internet.fetcher().session()
    session(f"{BASE}/a", max_bytes=100)
    internet.clock.advance(60)  # Work of our own between requests costs no network time.
    session(f"{BASE}/b", max_bytes=100)
    with pytest.raises(TimedOutError):
        session(f"{BASE}/c", max_bytes=100)
    with pytest.raises(TimedOutError):
        session(f"{BASE}/d", max_bytes=100)
    assert len(internet.requests) == 3
    assert FETCH_TIME == 5


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx",
    ],
)
def test_a_damaged_or_compressed_answer_is_no_answer(internet: Internet, answer: bytes) -> None:
    internet.serve("/a", answer)
    with pytest.raises((ResponseMalformedError, ConnectionFailedError)):
        internet.fetcher().session()(f"{BASE}/a", max_bytes=100_000)


# -- how often --------------------------------------------------------------------------------------------


def test_one_verification_asks_for_each_url_once(internet: Internet) -> None:
    internet.page("/a", b"x", "Cache-Control: no-store")
    session = internet.fetcher().session()
    first = session(f"{BASE}/a", max_bytes=100)
    assert session(f"{BASE}/a#other", max_bytes=100, accept="text/plain") is first
    assert len(internet.requests) == 1
    with pytest.raises(ResponseTooLargeError):
        session(f"{BASE}/a", max_bytes=0)


def test_a_failure_is_repeated_without_asking_again(internet: Internet) -> None:
    session = internet.fetcher().session()
    failures = []
    for _ in range(2):
        with pytest.raises(HostNotFoundError) as caught:
            session("https://nowhere.example.org/", max_bytes=100)
        failures.append(caught.value)
    assert internet.resolved == ["nowhere.example.org"]
    assert failures[0] is not failures[1]
    assert str(failures[0]) == str(failures[1])


def test_one_verification_makes_a_limited_number_of_requests(internet: Internet) -> None:
    for number in range(FETCH_COUNT + 1):
        internet.page(f"/{number}")
    session = internet.fetcher().session()
    for number in range(FETCH_COUNT):
        session(f"{BASE}/{number}", max_bytes=100)
    with pytest.raises(FetchLimitError):
        session(f"{BASE}/{FETCH_COUNT}", max_bytes=100)
    assert len(internet.requests) == FETCH_COUNT


def test_redirects_count_as_requests(internet: Internet) -> None:
    for number in range(FETCH_COUNT):
        redirect(internet, f"/{number}", f"/x{number}")
        internet.page(f"/x{number}")
    session = internet.fetcher().session()
    for number in range(FETCH_COUNT // 2):
        session(f"{BASE}/{number}", max_bytes=100)
    with pytest.raises(FetchLimitError):
        session(f"{BASE}/{FETCH_COUNT // 2}", max_bytes=100)


def test_a_host_is_asked_by_so_many_at_once_and_others_wait(internet: Internet) -> None:
    inside, release, most = threading.Semaphore(0), threading.Event(), []
    lock = threading.Lock()
    now = 0

    def handle(connection: ssl.SSLSocket, _request: bytes) -> None:
        nonlocal now
        with lock:
            now += 1
            most.append(now)
        inside.release()
        release.wait(timeout=10)
        with lock:
            now -= 1
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    fetcher = internet.fetcher()
    threads = []
    for number in range(6):
        internet.handlers[f"/{number}"] = handle
        threads.append(
            threading.Thread(target=fetcher.session(), args=(f"{BASE}/{number}",), kwargs={"max_bytes": 10})
        )
    for thread in threads:
        thread.start()
    for _ in range(HOST_CONNECTIONS):
        assert inside.acquire(timeout=10)
    release.set()
    for thread in threads:
        thread.join(timeout=10)
    assert len(most) == 6
    assert max(most) <= HOST_CONNECTIONS


def test_what_others_have_just_asked_for_is_not_asked_again(internet: Internet) -> None:
    """Many at once about one issuer: its key document is fetched by those who came first, not by each."""
    inside, release = threading.Semaphore(0), threading.Event()

    def handle(connection: ssl.SSLSocket, _request: bytes) -> None:
        inside.release()
        release.wait(timeout=10)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")

    internet.handlers["/did.json"] = handle
    fetcher = internet.fetcher()
    answers: list[bytes] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(fetcher.session()(f"{BASE}/did.json", max_bytes=10).body)
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for _ in range(HOST_CONNECTIONS):
        assert inside.acquire(timeout=10)
    release.set()
    for thread in threads:
        thread.join(timeout=10)
    assert answers == [b"x"] * 8
    assert len(internet.requests) == HOST_CONNECTIONS


def test_a_host_that_stays_busy_is_given_up(internet: Internet) -> None:
    fetcher = internet.fetcher()
    deadline = internet.clock() + 0.05
    with fetcher.place_at(HOST, deadline=deadline), fetcher.place_at(HOST, deadline=deadline):
        with pytest.raises(HostBusyError), fetcher.place_at(HOST, deadline=deadline):
            pytest.fail("there is no third place")
        with fetcher.place_at(OTHER, deadline=deadline):
            pass
    with fetcher.place_at(HOST, deadline=deadline):
        pass


# -- what is remembered -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "seconds"),
    [
        ("", CACHE_FOUND),
        ("Cache-Control: max-age=60", 60),
        ("Cache-Control: public, max-age=86400", CACHE_FOUND),
        ("cache-control: MAX-AGE=7", 7),
    ],
)
def test_an_answer_is_remembered_for_as_long_as_it_may(
    internet: Internet, policy: str, seconds: float
) -> None:
    internet.page("/a", b"x", *([policy] if policy else []))
    fetcher = internet.fetcher()
    for _ in range(2):
        assert fetcher.session()(f"{BASE}/a", max_bytes=100).body == b"x"
    internet.clock.advance(seconds - 0.5)
    fetcher.session()(f"{BASE}/a", max_bytes=100)
    assert len(internet.requests) == 1
    internet.clock.advance(1)
    fetcher.session()(f"{BASE}/a", max_bytes=100)
    assert len(internet.requests) == 2


@pytest.mark.parametrize("policy", ["no-store", "no-cache", "private, no-store", "max-age=0"])
def test_an_answer_that_must_not_be_kept_is_not(internet: Internet, policy: str) -> None:
    internet.page("/a", b"x", f"Cache-Control: {policy}")
    fetcher = internet.fetcher()
    for _ in range(2):
        fetcher.session()(f"{BASE}/a", max_bytes=100)
    assert len(internet.requests) == 2


def test_a_failure_and_an_absence_are_remembered_for_a_short_time(internet: Internet) -> None:
    internet.page("/a", status="404 Not Found")
    fetcher = internet.fetcher()
    for _ in range(2):
        assert fetcher.session()(f"{BASE}/a", max_bytes=100).status == 404
        with pytest.raises(HostNotFoundError):
            fetcher.session()("https://nowhere.example.org/", max_bytes=100)
    assert len(internet.requests) == 1
    assert internet.resolved.count("nowhere.example.org") == 1
    internet.clock.advance(CACHE_FAILED + 1)
    assert fetcher.session()(f"{BASE}/a", max_bytes=100).status == 404
    assert len(internet.requests) == 2


def test_what_our_own_limits_ended_is_not_held_against_the_host(internet: Internet) -> None:
    internet.page("/a")
    fetcher = internet.fetcher()
    session = fetcher.session()
    session._requests = FETCH_COUNT
    with pytest.raises(FetchLimitError):
        session(f"{BASE}/a", max_bytes=100)
    late = fetcher.session()
    late._spent = FETCH_TIME
    with pytest.raises(NoTimeLeftError):
        late(f"{BASE}/a", max_bytes=100)
    assert fetcher.session()(f"{BASE}/a", max_bytes=100).status == 200


def test_memory_is_bounded_and_the_oldest_goes_first(
    internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "CACHE_BYTES", 250)
    fetcher = internet.fetcher()
    for path in ("/a", "/b", "/c"):
        internet.page(path, b"x" * 100)
        fetcher.session()(f"{BASE}{path}", max_bytes=100)
    assert len(internet.requests) == 3
    fetcher.session()(f"{BASE}/c", max_bytes=100)
    fetcher.session()(f"{BASE}/b", max_bytes=100)
    assert len(internet.requests) == 3
    fetcher.session()(f"{BASE}/a", max_bytes=100)
    assert len(internet.requests) == 4
    monkeypatch.setattr(fetch, "CACHE_ENTRIES", 1)
    internet.page("/d")
    fetcher.session()(f"{BASE}/d", max_bytes=100)
    assert len(fetcher.memory._kept) == 1


def test_every_failure_is_of_the_kind_that_means_we_could_not_find_out() -> None:
    leaves = FetchError.__subclasses__()
    assert len(leaves) == 11
    assert len({leaf.code for leaf in leaves}) == 11
