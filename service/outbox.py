# SPDX-License-Identifier: Apache-2.0
"""``/outbox``: the mails of a demonstration, as their readers would see them. Only where ``demo`` is set.

The pages show everybody's mail, sign-in links included, so a real site does not have them: the roof asks
for the blueprint only in a demonstration. A mail's HTML has its own address, at which it may use inline
styles and nothing else; the page shows it in a sandboxed frame.
"""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import NotFound

from service import access, clock, headers, mail
from service.db import Database
from service.envelope import compose, filled_in
from service.mail import Content, Mail
from service.settings import Settings

PAGE: Final = 50  # mails on one page
MAIL_ID_MAX: Final = 2**63 - 1  # SQLite's largest integer

# The mail itself: pictures only from inside it, inline styles, no script; links open beside it.
_MAIL_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_FILE_POLICY: Final = "default-src 'none'; sandbox"


def blueprint(db: Database, settings: Settings) -> Blueprint:
    """Return the routes of the outbox.

    Raises:
        ValueError: The settings are not those of a demonstration.
    """
    if not settings.demo:
        raise ValueError("the outbox is shown in demonstrations only")
    routes = Blueprint("outbox", __name__)

    def find(mail_id: int) -> tuple[Mail, Content]:
        if mail_id > MAIL_ID_MAX:
            raise NotFound
        with db.reading() as session:
            found, content = mail.get(session, mail_id), mail.content(session, mail_id)
        if found is None or content is None or not found.address:
            raise NotFound
        return found, content

    @routes.get("/outbox")
    @access.anyone
    @headers.own_site
    def outbox() -> str:
        address = request.args.get("to", "").strip()[:254]
        before = request.args.get("before", "")
        with db.reading() as session:
            found = mail.listing(
                session,
                limit=PAGE + 1,
                before=int(before) if before.isdecimal() and len(before) < 10 else None,
                address=address,
            )
        mails = [each for each in found[:PAGE] if each.address]
        older = found[PAGE - 1].id if len(found) > PAGE else None
        return render_template(
            "service/outbox.html", mails=mails, address=address, older=older, now=clock.now()
        )

    @routes.get("/outbox/<int:mail_id>")
    @access.anyone
    @headers.own_site
    def outbox_mail(mail_id: int) -> Response:
        found, content = find(mail_id)
        page = render_template(
            "service/outbox_mail.html",
            mail=found,
            sender=settings.sender,
            text=filled_in(content.text, settings),
            attachments=content.attachments,
            now=clock.now(),
        )
        response = make_response(page)
        response.headers["Content-Security-Policy"] = headers.CONTENT_SECURITY_POLICY + "; frame-src 'self'"
        return response

    @routes.get("/outbox/<int:mail_id>/html")
    @access.anyone
    @headers.own_site
    def outbox_html(mail_id: int) -> Response:
        _, content = find(mail_id)
        html = filled_in(content.html, settings, html=True)
        response = make_response(html.replace("<head>", '<head>\n<base target="_blank">', 1))
        response.headers["Content-Security-Policy"] = _MAIL_POLICY
        return response

    @routes.get("/outbox/<int:mail_id>/message")
    @access.anyone
    @headers.own_site
    def outbox_message(mail_id: int) -> Response:
        found, content = find(mail_id)
        message = compose(found, content, settings, now=found.sent_at or found.created_at)
        return _download(message.as_bytes(), "message/rfc822", f"{found.id:04d}-{found.kind}.eml")

    @routes.get("/outbox/<int:mail_id>/attachments/<int:position>")
    @access.anyone
    @headers.own_site
    def outbox_attachment(mail_id: int, position: int) -> Response:
        _, content = find(mail_id)
        if position >= len(content.attachments):
            raise NotFound
        file = content.attachments[position]
        return _download(file.body, file.media_type, file.name)

    return routes


def _download(body: bytes, media_type: str, name: str) -> Response:
    response = Response(body, content_type=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = _FILE_POLICY
    return response
