"""Files of a mail: nothing lost, names safe, types read from bytes."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import AttachmentRole
from channels.email.filenames import MAX_NAME, safe_filename
from channels.email.filetypes import sniff
from tests.samples.email.build import JPEG, PDF, PNG, mail, multipart_mail, nested, part, read


def named(name: str) -> str:
    """The name under which an attachment called `name` is kept."""
    disposition = f"Content-Disposition: attachment; filename*=utf-8''{quote(name, safe='')}"
    message = read(multipart_mail(part("Hej"), part(PDF, "application/pdf", disposition)))
    return message.attachments[0].filename


NAMES = {
    "pass.pdf": "pass.pdf",
    "Åsas ansökan (2).pdf": "Åsas ansökan (2).pdf",
    "../../etc/passwd": "passwd",
    "..\\..\\windows\\system.ini": "system.ini",
    "/etc/passwd": "passwd",
    "C:\\Users\\anna\\pass.pdf": "pass.pdf",
    "..": "attachment-1.pdf",
    ".": "attachment-1.pdf",
    "": "attachment-1.pdf",
    "a\x00b.pdf": "a b.pdf",
    "a\r\nBcc: x.pdf": "a Bcc_ x.pdf",
    "\u202efdp.exe": "fdp.exe",
    "faktura\u202egpj.exe": "faktura gpj.exe",
    ".htaccess": "htaccess",
    "con.txt": "_con.txt",
    "NUL": "_NUL",
    "a<b>|?*.pdf": "a_b____.pdf",
    "pass.pdf/": "pass.pdf",
    " pass .pdf . ": "pass.pdf",
    "%2e%2e%2fpass.pdf": "_2e_2e_2fpass.pdf",
}


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_a_file_name_is_made_safe(name: str) -> None:
    assert named(name) == NAMES[name]


def test_a_name_of_five_thousand_characters_is_cut_before_its_extension() -> None:
    name = named("å" * 5_000 + ".pdf")
    assert len(name) == MAX_NAME
    assert name.endswith("å.pdf")


@given(st.text(max_size=300))
def test_no_name_escapes_its_folder(name: str) -> None:
    safe = safe_filename(name, content_type="application/pdf", number=1)
    assert 0 < len(safe) <= MAX_NAME + 1
    assert not set(safe) & set('/\\:*?"<>|\x00\r\n\u202e')
    assert safe.strip(". ")
    assert safe not in (".", "..")


WAYS = {
    "plain": 'Content-Disposition: attachment; filename="pass.pdf"',
    "no quotes": "Content-Disposition: attachment; filename=pass.pdf",
    "RFC 2231": "Content-Disposition: attachment; filename*=utf-8'sv'p%61ss.pdf",
    "RFC 2231 in pieces": "Content-Disposition: attachment; filename*0=pa; filename*1*=%73s; filename*2=.pdf",
    "RFC 2231 pieces in disorder": "Content-Disposition: attachment; filename*1=ss.pdf; filename*0*=utf-8''p%61",
    "RFC 2047 in quotes": 'Content-Disposition: attachment; filename="=?utf-8?Q?pass=2Epdf?="',
    "RFC 2047 without quotes": "Content-Disposition: attachment; filename==?utf-8?B?cGFzcy5wZGY=?=",
    "only a name": "Content-Description: pass",
}


@pytest.mark.parametrize("line", WAYS.values(), ids=WAYS)
def test_a_file_name_is_found_in_every_form(line: str) -> None:
    content_type = 'application/pdf; name="pass.pdf"' if "Description" in line else "application/pdf"
    message = read(multipart_mail(part("Hej"), part(PDF, content_type, line)))
    assert message.attachments[0].filename == "pass.pdf"
    assert message.attachments[0].data == PDF


def test_a_japanese_name_in_a_broken_charset_does_not_break_the_mail() -> None:
    line = "Content-Disposition: attachment; filename*=iso-2022-jp''%1B%24B%FF%FF.pdf"
    assert read(multipart_mail(part("Hej"), part(PDF, "application/pdf", line))).attachments[0].data == PDF


def office(folder: str) -> bytes:
    """The bytes of a small office document."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}document.xml", "<x/>")
    return stream.getvalue()


def opendocument() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<x/>")
    return stream.getvalue()


TYPES = {
    "pdf": (PDF, "application/octet-stream", "application/pdf"),
    "pdf behind junk": (b"\n\n" + PDF, "image/png", "application/pdf"),
    "png called pdf": (PNG, "application/pdf", "image/png"),
    "jpeg": (JPEG, "", "image/jpeg"),
    "gif": (b"GIF89a\x01\x00", "image/png", "image/gif"),
    "webp": (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/jpeg", "image/webp"),
    "heic": (b"\x00\x00\x00\x18ftypheic\x00", "image/jpeg", "image/heic"),
    "docx": (
        office("word/"),
        "application/zip",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "xlsx": (office("xl/"), "", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "odt": (opendocument(), "", "application/vnd.oasis.opendocument.text"),
    "zip": (office("")[:30] + b"x" * 40, "image/png", "application/zip"),
    "old word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "application/msword", "application/msword"),
    "old office of no kind": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "image/png", "application/x-ole-storage"),
    "a program called png": (b"MZ\x90\x00\x03\x00", "image/png", "application/x-msdownload"),
    "html called text": (b"<html><script>alert(1)</script>", "text/plain", "text/html"),
    "html called image": (b"  <!DOCTYPE html><p>", "image/png", "text/html"),
    "svg called png": (b'<?xml version="1.0"?><svg xmlns="x"/>', "image/png", "image/svg+xml"),
    "text": (b"BMW kostar 5 kr", "text/plain", "text/plain"),
    "text called html": (b"bara text", "text/html", "text/html"),
    "csv": (b"a;b\n1;2\n", "text/csv", "text/csv"),
    "text called png": (b"bara text", "image/png", "text/plain"),
    "noise called png": (b"\x00\x01\x02\x03", "image/png", "application/octet-stream"),
    "nothing": (b"", "image/png", "text/plain"),
}


@pytest.mark.parametrize(("data", "declared", "found"), TYPES.values(), ids=TYPES)
def test_the_type_is_read_from_the_bytes(data: bytes, declared: str, found: str) -> None:
    assert sniff(data, declared) == found


def test_a_disguised_file_is_pointed_out() -> None:
    line = 'Content-Disposition: attachment; filename="pass.pdf"'
    message = read(multipart_mail(part("Hej"), part(b"MZ\x90\x00\x03", "application/pdf", line)))
    assert message.attachments[0].content_type == "application/x-msdownload"
    assert "attachment_is_not_what_it_says" in message.problems


def test_an_image_shown_in_the_html_is_inline_and_others_are_files() -> None:
    html = part('<p>Se <img src="cid:bild1@example.se"></p>', "text/html; charset=utf-8")
    image = part(PNG, "image/png; name=a.png", "Content-ID: <bild1@example.se>", "Content-Disposition: inline")
    unseen = part(JPEG, "image/jpeg; name=b.jpg", "Content-ID: <bild2@example.se>")
    related = nested(html, image, unseen, kind="related")
    message = read(multipart_mail(related, part(PDF, "application/pdf; name=c.pdf")))
    assert [(one.filename, one.role, one.content_id) for one in message.attachments] == [
        ("a.png", AttachmentRole.INLINE, "bild1@example.se"),
        ("b.jpg", AttachmentRole.FILE, "bild2@example.se"),
        ("c.pdf", AttachmentRole.FILE, ""),
    ]
    assert 'src="cid:bild1@example.se"' in message.html


def test_an_image_written_into_the_html_becomes_an_inline_attachment() -> None:
    html = '<p>Se <img alt="x" src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"></p>'
    message = read(mail(html, "Content-Type: text/html"))
    (image,) = message.attachments
    assert (image.role, image.content_type) == (AttachmentRole.INLINE, "image/png")
    assert f'src="cid:{image.content_id}"' in message.html
    assert "data:" not in message.html


def test_a_mail_in_a_mail_is_kept_whole() -> None:
    inner = mail("Inre text", Subject="Det =?utf-8?Q?=C3=A4ldre?= brevet")
    message = read(multipart_mail(part("Yttre text"), part(inner, "message/rfc822")))
    (attached,) = message.attachments
    assert message.text == "Yttre text"
    assert attached.content_type == "message/rfc822"
    assert attached.filename == "Det äldre brevet.eml"
    assert attached.data == inner


def test_winmail_dat_is_kept_and_pointed_out() -> None:
    tnef = part(b"\x78\x9f\x3e\x22\x01\x00", "application/ms-tnef; name=winmail.dat")
    message = read(multipart_mail(part("Hej"), tnef))
    assert message.attachments[0].content_type == "application/ms-tnef"
    assert "winmail_dat" in message.problems


def test_signed_and_encrypted_mail_keeps_its_parts() -> None:
    signature = part(b"\x30\x80\x06\x09", "application/pkcs7-signature; name=smime.p7s")
    assert read(multipart_mail(part("Hej"), signature, kind="signed")).attachments[0].filename == "smime.p7s"
    secret = part("-----BEGIN PGP MESSAGE-----", "application/octet-stream; name=encrypted.asc")
    message = read(multipart_mail(part("Version: 1", "application/pgp-encrypted"), secret, kind="encrypted"))
    assert "encrypted" in message.problems
    assert [one.filename for one in message.attachments][1] == "encrypted.asc"


def test_a_mail_that_is_one_file_has_no_text() -> None:
    raw = mail(PDF, "Content-Type: application/pdf; name=pass.pdf", "Content-Transfer-Encoding: 8bit")
    message = read(raw)
    assert message.text == ""
    assert message.attachments[0].data == PDF


def test_an_attached_text_is_a_file_and_not_part_of_the_letter() -> None:
    line = 'Content-Disposition: attachment; filename="lista.txt"'
    message = read(multipart_mail(part("Hej"), part("rad 1", "text/plain", line)))
    assert message.text == "Hej"
    assert (message.attachments[0].filename, message.attachments[0].data) == ("lista.txt", b"rad 1")


def test_a_calendar_invitation_is_a_file() -> None:
    message = read(
        multipart_mail(part("Möte"), part("BEGIN:VCALENDAR", "text/calendar; method=REQUEST"), kind="alternative")
    )
    assert message.text == "Möte"
    assert message.attachments[0].filename == "attachment-1.ics"


@pytest.mark.parametrize(
    "name",
    [b"application/vnd.oasis.opendocument.text\r\nX-Evil: 1\r\n\r\n", b"application/vnd.oasis.opendocument.t\x00"],
)
def test_a_type_that_no_header_can_carry_is_not_believed(name: bytes) -> None:
    assert sniff(b"PK\x03\x04" + b"\0" * 26 + b"mimetype" + name + b"PK", "application/zip") == "application/zip"


def test_an_open_document_is_known_by_what_it_says_of_itself() -> None:
    name = b"application/vnd.oasis.opendocument.text"
    assert sniff(b"PK\x03\x04" + b"\0" * 26 + b"mimetype" + name + b"PK", "") == name.decode()
