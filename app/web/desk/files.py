"""Files that strangers sent: downloads, letter pages, the mail as its sender formatted it, and the original bytes."""

from __future__ import annotations

import re
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request, url_for
from markupsafe import Markup

from app.flows import print_letter
from app.screens.kept_files import KeptFile, attachment_file, inline_ids, mail_html, original_file
from app.web.context import end_reading, reading, system, viewer

files = Blueprint("files", __name__, url_prefix="/desk")
SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
FILE_POLICY = "default-src 'none'; sandbox"
FRAME_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
_CID = re.compile(r'src="cid:([^"]{1,250})"')


@files.get("/attachments/<int:attachment_id>")
def attachment(attachment_id: int) -> Response:
    """A file to save; pictures of the four plain kinds may show in the page when `inline` is asked for."""
    with reading() as session:
        file = attachment_file(session, system().settings.data_dir, viewer(), attachment_id)
    return served(file, inline="inline" in request.args and file.content_type in SHOWN_INLINE)


@files.get("/tickets/<reference>/messages/<int:message_id>/original")
def original(reference: str, message_id: int) -> Response:
    """The bytes as they came, to save."""
    with reading() as session:
        file = original_file(session, system().settings.data_dir, viewer(), reference, message_id)
    return served(file, inline=False)


@files.get("/tickets/<reference>/messages/<int:message_id>/letter.pdf")
def letter(reference: str, message_id: int) -> Response:
    """The letter of ours to print."""
    end_reading()
    data = print_letter.letter_pdf(system(), viewer(), reference, message_id)
    response = served(KeptFile(f"{reference}-{message_id}.pdf", "application/pdf", data), inline=True)
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'"
    return response


@files.get("/tickets/<reference>/messages/<int:message_id>/html")
def as_sent(reference: str, message_id: int) -> Response:
    """The mail's own HTML for a sandboxed frame: nothing runs, nothing is fetched from elsewhere."""
    with reading() as session:
        html = mail_html(session, viewer(), reference, message_id)
        pictures = inline_ids(session, message_id)
    shown = _CID.sub(lambda found: _picture(pictures.get(found[1])), html)
    page = render_template("desk/mail_frame.html", html=Markup(shown))  # noqa: S704 - sanitised when it came in
    headers = {"Content-Security-Policy": FRAME_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return Response(page, headers=headers)


def _picture(attachment_id: int | None) -> str:
    """The address of a picture inside a mail; one that is missing keeps only its words."""
    if attachment_id is None:
        return ""
    return f'src="{url_for("files.attachment", attachment_id=attachment_id, inline=1)}"'


def served(file: KeptFile, *, inline: bool) -> Response:
    """The bytes under their own type, never guessed, never run; the name as RFC 6266 wants it."""
    plain = re.sub(r"[^\w.\- ]", "_", file.filename.encode("ascii", "replace").decode()) or "file"
    kind = "inline" if inline else "attachment"
    disposition = f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.filename, safe='')}"
    headers = {"Content-Disposition": disposition, "Content-Security-Policy": FILE_POLICY}
    response = Response(file.data, headers=headers)
    response.headers["Content-Type"] = file.content_type
    return response
