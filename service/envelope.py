# SPDX-License-Identifier: Apache-2.0
"""A mail of the outbox as an Internet message (RFC 5322, MIME).

Its Message-ID is made of its row, so every try to send it carries the same one, and a receiver may drop the
second copy. Answers of machines are not wanted: ``Auto-Submitted: auto-generated`` (RFC 3834, section 5).
Mails that can be stopped carry ``List-Unsubscribe`` (RFC 2369).
"""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import urlsplit

from service import stationery
from service.mail import Content, Mail
from service.settings import Settings


class _TokensHeader(UnstructuredHeader, BaseHeader):
    """A head line of ids or links. Python folds long ones into encoded words, which nobody reads."""

    def fold(self, *, policy: Policy[Any]) -> str:
        """Put each token on a line of its own, as it is."""
        return f"{self.name}: " + f"{policy.linesep} ".join(str(self).split()) + policy.linesep


def _registry() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in ("in-reply-to", "references", "list-unsubscribe"):
        registry.map_to_type(name, _TokensHeader)
    return registry


# Seven bits pass through every server; lines end as SMTP wants them.
_POLICY: Final = SMTP.clone(cte_type="7bit", header_factory=_registry())


def message_id(mail: Mail, settings: Settings) -> str:
    """Return the Message-ID of a mail, always the same: row and moment of writing, at the site's host."""
    host = urlsplit(settings.public_url).hostname or "localhost"
    host = f"[IPv6:{host}]" if ":" in host else host  # RFC 5321, section 4.1.3
    return f"<{mail.created_at:%Y%m%d%H%M%S}.{mail.id}@{host}>"


def compose(
    mail: Mail, content: Content, settings: Settings, *, thread: tuple[Mail, ...] = (), now: datetime
) -> EmailMessage:
    """Return the message to be sent.

    Args:
        mail: The mail.
        content: Its words and files.
        settings: For the sender, and what the marks in the words stand for.
        thread: Earlier mails to the same reader about the same thing, the first and the last one.
        now: The date it carries.
    """
    message = EmailMessage(policy=_POLICY)
    sender = settings.sender
    message["From"] = Address(display_name=sender.name, addr_spec=sender.address)
    message["To"] = Address(display_name=mail.name, addr_spec=mail.address)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(mail, settings)
    message["Auto-Submitted"] = "auto-generated"
    if thread:
        message["In-Reply-To"] = message_id(thread[-1], settings)
        message["References"] = " ".join(message_id(each, settings) for each in thread)
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{filled_in(stationery.link(mail.unsubscribe), settings)}>"
    message.set_content(filled_in(content.text, settings))
    message.add_alternative(filled_in(content.html, settings, html=True), subtype="html")
    for file in content.attachments:
        kind, _, subtype = file.media_type.partition("/")
        message.add_attachment(
            file.body,
            maintype=kind,
            subtype=subtype,
            filename=file.name,
            params={"charset": "utf-8"} if kind == "text" else {},
        )
    return message


def filled_in(words: str, settings: Settings, *, html: bool = False) -> str:
    """Return ``words`` with the site's name and address in them."""
    return stationery.fill_in(words, title=settings.title, public_url=settings.public_url, html=html)
