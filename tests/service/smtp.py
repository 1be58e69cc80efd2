# SPDX-License-Identifier: Apache-2.0
"""A real mail server on loopback (aiosmtpd, somebody else's code) that notes what it is given."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class MailServer:
    """Takes mails, or answers as it was told to."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.answers: dict[str, str] = {}  # address -> what RCPT gets
        self.data_answer = "250 taken"
        self.password = b"secret"
        self._tls, self._starttls = tls, starttls
        self._controller: Controller | None = None

    def start(self) -> MailServer:
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=self._tls,
            tls_context=self._starttls,
            require_starttls=self._starttls is not None,
            authenticator=self._check,
            auth_require_tls=self._tls is None,  # it does not see the TLS that was there first
        )
        self._controller.start()
        return self

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def recipients(self) -> list[str]:
        return [address for _, addresses, _ in self.mails for address in addresses]

    def _check(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == self.password, handled=False)

    async def handle_RCPT(  # noqa: N802  aiosmtpd's own name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 ok")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data_answer.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.mails.append((str(envelope.mail_from), list(envelope.rcpt_tos), content))
        return self.data_answer


ServerMaker = Callable[..., MailServer]
