# SPDX-License-Identifier: Apache-2.0
"""E-mail addresses: which ones we take, and their one spelling.

Only what every mail server understands: an ASCII local part without quotes (RFC 5321, Dot-string) at a public
host name, which may be international and becomes punycode. The host is lower case, because hosts ignore case;
the local part stays as it was written, because its server decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from service.addresses import public_host
from service.errors import MailAddressError

ADDRESS_CHARS: Final = 254  # RFC 5321, Path: 256 octets with its two brackets
NAME_CHARS: Final = 120  # characters of a display name

_LOCAL = re.compile(r"(?=.{1,64}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>\Z")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address, and the name that stands before it ("" for none)."""

    address: str
    name: str = ""


def read_address(text: str) -> str:
    """Return the address in its one spelling.

    Raises:
        MailAddressError: It is not one that mail can be sent to.
    """
    local, at, host = text.strip().rpartition("@")
    domain = public_host(host) if at else None
    if not _LOCAL.match(local) or domain is None or len(local) + len(domain) + 1 > ADDRESS_CHARS:
        raise MailAddressError(
            "This is not an e-mail address that we can send to. It looks like name@school.example.",
            expected="name@school.example",
        )
    return f"{local}@{domain}"


def read_name(text: str) -> str:
    """Return a display name on one line, cut to NAME_CHARS.

    Raises:
        MailAddressError: It holds characters that cannot be seen, such as a line break.
    """
    name = text.strip()
    if not all(char.isprintable() for char in name):
        raise MailAddressError("A name in a mail may not hold line breaks or control characters.")
    return name[:NAME_CHARS]


def read_mailbox(text: str) -> Mailbox:
    """Read ``name@host`` or ``Name <name@host>``.

    Raises:
        MailAddressError: It is neither.
    """
    named = _NAMED.match(text.strip())
    if named is None:
        return Mailbox(address=read_address(text))
    return Mailbox(address=read_address(named["address"]), name=read_name(named["name"].strip().strip('"')))
