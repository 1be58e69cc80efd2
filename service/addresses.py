# SPDX-License-Identifier: Apache-2.0
"""Which URLs and IP addresses we are willing to reach: our own grammar, our own table of networks.

The standard library reads hosts more generously than is safe (``2130706433`` and ``127.1`` are 127.0.0.1),
and ``ipaddress.is_global`` is true for addresses that lead home (NAT64, 6to4) and changes between patch
releases. So a host must look like a public DNS name (no IP literal in any spelling: the last label begins
with a letter), and an address must lie in no network of the IANA special-purpose registries (RFC 6890).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import quote

from service.errors import URLRefusedError

URL_CHARS = 2_048  # characters; as many as an IRI in a document may have

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_HOST = re.compile(rf"(?=.{{4,253}}\Z)(?:{_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]\Z")
_URL = re.compile(r"https://(?P<host>[^/?#:@\[\]]+)(?::443)?(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?:#.*)?\Z")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f\\]|\s")
# IDNA 2003 and 2008 disagree about these: sharp s, final sigma, zero-width joiner and non-joiner.
_DEVIATIONS = re.compile("[ßς\u200c\u200d]")
# RFC 6761 (localhost), 6762 (mDNS), 7686, 8375, 9476 and ICANN's .internal: never names of the public DNS.
_SPECIAL_NAMES = ("localhost", "local", "internal", "onion", "alt", "arpa")

_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network (RFC 791)
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # shared, carrier-grade NAT (RFC 6598)
        "127.0.0.0/8",  # loopback (RFC 1122)
        "169.254.0.0/16",  # link-local and cloud metadata (RFC 3927)
        "172.16.0.0/12",  # private (RFC 1918)
        "192.0.0.0/24",  # IETF protocol assignments (RFC 6890)
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.88.99.0/24",  # 6to4 relay (RFC 7526)
        "192.168.0.0/16",  # private (RFC 1918)
        "198.18.0.0/15",  # benchmarking (RFC 2544)
        "198.51.100.0/24",  # documentation (RFC 5737)
        "203.0.113.0/24",  # documentation (RFC 5737)
        "224.0.0.0/4",  # multicast (RFC 5771)
        "240.0.0.0/4",  # reserved and broadcast (RFC 1112)
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291, section 2.4: whatever lies outside is not public
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocol assignments, with Teredo and ORCHID (RFC 2928)
        "2001:db8::/32",  # documentation (RFC 3849)
        "3fff::/20",  # documentation (RFC 9637)
    )
)
_THIS_MACHINE = re.compile(r"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?:[:/?#]|$)", re.I)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that we are willing to fetch, taken apart.

    Attributes:
        host: Lower case, in punycode.
        request_target: Path and query as they go into the request line.
    """

    host: str
    request_target: str

    @property
    def url(self) -> str:
        """The URL in its one spelling, without fragment and port."""
        return f"https://{self.host}{self.request_target}"


def read_url(url: str) -> Target:
    """Take an https URL apart, or say why we do not fetch it.

    Raises:
        URLRefusedError: Not https, another port, a user name, an IP literal, a local name.
    """
    if len(url) > URL_CHARS:
        raise URLRefusedError(f"The address has more than {URL_CHARS:,} characters.", got=len(url))
    if _UNPRINTABLE.search(url):
        raise URLRefusedError("The address contains spaces, backslashes or control characters.")
    scheme, separator, rest = url.partition("://")
    if separator and scheme.lower() == "http" and _THIS_MACHINE.match(rest):
        raise URLRefusedError(
            "This link leads to this very machine, and nothing is fetched from there. Links of a house that "
            "stands here are read by the house itself: on its own page, or at the terminal with "
            "hallmark verify --data and its data folder.",
            got=url[:100],
        )
    if separator and scheme.lower() == "http":
        raise URLRefusedError(
            "This link begins with http://. Only https:// links are opened. Try it with https://, or save "
            "the file and check that.",
            got=url[:100],
        )
    match = _URL.match(f"https://{rest}")
    if not separator or scheme.lower() != "https" or match is None:
        raise URLRefusedError(
            "Only https addresses on the usual port, without a user name, are fetched.", got=url[:100]
        )
    host = public_host(match["host"])
    if host is None:
        raise URLRefusedError("The address does not name a public host.", got=match["host"][:100])
    path = (match["path"] or "/") + (match["query"] or "")
    return Target(host=host, request_target=quote(path, safe="/?%:@!$&'()*+,;=~-._"))


def public_host(name: str) -> str | None:
    """Return ``name`` in lower case and punycode if it is a public DNS name by its form, else None.

    Nothing is resolved here; that the name leads to public addresses is checked with ``is_public``.
    """
    host = name if name.isascii() else _punycode(name)
    host = host.lower()
    if not _HOST.match(host) or host.rpartition(".")[2] in _SPECIAL_NAMES:
        return None
    return host


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether ``address`` is one that the public internet routes to somebody else.

    IPv4 inside IPv6 (mapped RFC 4291, NAT64 RFC 6052, 6to4 RFC 3056) is judged by the IPv4 address.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.scope_id is not None:
        return False
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFF_FFFF)
    if inner is not None:
        return is_public(inner)
    return address in _GLOBAL_UNICAST and not any(address in network for network in _NOT_PUBLIC_6)


def _punycode(name: str) -> str:
    """Return the ASCII form of an international name; "" if browsers would not agree about it.

    Only names already in their normal form are taken: mapping full-width digits or other dots is how
    "１２７。0。0。1" becomes an address.
    """
    if unicodedata.normalize("NFKC", name).casefold() != name or _DEVIATIONS.search(name):
        return ""
    try:
        encoded = name.encode("idna")
        # What does not come back was dropped on the way: soft hyphens, variation selectors.
        return encoded.decode("ascii") if encoded.decode("idna") == name else ""
    except UnicodeError:
        return ""
