# SPDX-License-Identifier: Apache-2.0
"""Which URLs and addresses we reach (threats V9): the table of spellings and networks."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.addresses import URL_CHARS, is_public, public_host, read_url
from service.errors import URLRefusedError

REFUSED_HOSTS = [
    # IP literals in every spelling that some resolver takes for an address
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.0x1",
    "8.8.8.8",
    "1.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[2606:4700::1111]",
    "::1",
    "１２７.0.0.1",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "0",
    "0x0",
    "...",
    # names that stay at home
    "localhost",
    "LOCALHOST",
    "localhost.",
    "foo.localhost",
    "printer.local",
    "metadata.google.internal",
    "hidden.onion",
    "1.0.0.127.in-addr.arpa",
    "router.home.arpa",
    "intranet",
    "com",
    # what is no name
    "",
    "example.org.",
    ".example.org",
    "example..org",
    "-a.example.org",
    "a-.example.org",
    "exa mple.org",
    "exa_mple.org",
    "example.o",
    "example.123",
    "example.1a",
    "example.org%00.evil.org",
    "example.org%2f",
    "ex%61mple.org",
    "a" * 64 + ".example.org",
    "a." * 130 + "org",
    # spellings that browsers read otherwise
    "faß.example.org",
    "ＥＸＡＭＰＬＥ.org",
    "example\u200d.org",
    "exam\u00adple.org",
]


@pytest.mark.parametrize("host", REFUSED_HOSTS)
def test_a_host_that_is_no_public_name_is_refused(host: str) -> None:
    assert public_host(host) is None
    with pytest.raises(URLRefusedError):
        read_url(f"https://{host}/x")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://127.0.0.1:8080/credentials/1", "hallmark verify --data"),
        ("http://LOCALHOST/credentials/1", "hallmark verify --data"),
        ("http://[::1]:8080", "hallmark verify --data"),
        ("http://localhost.example.org/", "Try it with https://"),
        ("http://127.0.0.1.example.org/", "Try it with https://"),
    ],
)
def test_a_link_to_this_machine_says_how_its_house_is_asked(url: str, sentence: str) -> None:
    with pytest.raises(URLRefusedError, match=sentence):
        read_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "data:text/plain,x",
        "//example.org/",
        "example.org",
        "",
        "https:/example.org",
        "https:example.org",
        "https:///example.org",
        "https://user@example.org/",
        "https://user:word@example.org/",
        "https://example.org@127.0.0.1/",
        "https://127.0.0.1#@example.org/",
        "https://127.0.0.1?@example.org/",
        "https://example.org:80/",
        "https://example.org:8443/",
        "https://example.org:0443/",
        "https://example.org:/",
        "https://example.org:443:443/",
        "https://example.org:443@127.0.0.1/",
        "https://example.org\\@127.0.0.1/",
        "https://example.org\\.evil.org/",
        "https:\\\\example.org/",
        "https://example.org/a b",
        "https://example.org/a\tb",
        "https://example.org/\r\nHost: evil",
        " https://example.org/",
        "https://example.org/\n",
        "https://exam\nple.org/",
        "https://example.org/\x00",
        "https://example.org/\u00a0",
        "https://example.org/\u2028",
        "https://example.org/" + "a" * URL_CHARS,
    ],
)
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(URLRefusedError):
        read_url(url)


@pytest.mark.parametrize(
    ("url", "host", "request_target"),
    [
        ("https://example.org", "example.org", "/"),
        ("https://example.org:443", "example.org", "/"),
        ("HTTPS://EXAMPLE.org/A?b=C#d", "example.org", "/A?b=C"),
        ("https://example.org?x", "example.org", "/?x"),
        ("https://bücher.example.org/ü?ü", "xn--bcher-kva.example.org", "/%C3%BC?%C3%BC"),
        ("https://xn--bcher-kva.example.org/", "xn--bcher-kva.example.org", "/"),
        ("https://a.example.org/..%2f/../x;y=1,2", "a.example.org", "/..%2f/../x;y=1,2"),
        ("https://1.example.org/", "1.example.org", "/"),
        ("https://1.1.1.1.nip.io/", "1.1.1.1.nip.io", "/"),
        ("https://пример.рф/", "xn--e1afmkfd.xn--p1ai", "/"),
    ],
)
def test_a_public_https_address_is_taken_apart(url: str, host: str, request_target: str) -> None:
    target = read_url(url)
    assert (target.host, target.request_target) == (host, request_target)
    assert read_url(target.url) == target


@given(st.text(max_size=60))
def test_no_text_is_both_accepted_and_strange(text: str) -> None:
    """Whatever is accepted has one spelling: printable ASCII, which is read as itself."""
    try:
        target = read_url("https://" + text)
    except URLRefusedError:
        return
    assert target.url.isascii()
    assert target.url.isprintable()
    assert " " not in target.url
    assert read_url(target.url) == target


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104  nothing is bound here
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_leads_home_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "93.184.215.14",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450:4001::1",
        "64:ff9b::101:101",
        "2002:101:101::1",
        "::ffff:1.1.1.1",
    ],
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))
