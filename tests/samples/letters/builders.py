"""Received PDFs of every kind, made when a test asks: typeset, scanned, filled in, locked, damaged, hostile."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Mapping, Sequence

import typst
from PIL import Image, ImageDraw

A4 = (595, 842)


def typeset(*pages: str, language: str = "sv") -> bytes:
    """A born-digital PDF with one page of running text for each argument."""
    source = "#set text(lang: sys.inputs.language)\n#json(bytes(sys.inputs.pages)).join(pagebreak())"
    pdf = typst.compile(
        source.encode(), sys_inputs={"pages": json.dumps(pages), "language": language}, ignore_system_fonts=True
    )
    assert isinstance(pdf, bytes)
    return pdf


def scanned(*texts: str) -> bytes:
    """What a scanner gives: page images without a text layer."""
    images = [_scan(text) for text in texts]
    buffer = io.BytesIO()
    images[0].save(buffer, "PDF", save_all=True, append_images=images[1:], resolution=100)
    return buffer.getvalue()


def photo(text: str = "Hej") -> bytes:
    """A JPEG, as people rename to .pdf."""
    buffer = io.BytesIO()
    _scan(text).save(buffer, "JPEG")
    return buffer.getvalue()


def written(
    contents: Sequence[bytes] = (b"",),
    *,
    size: tuple[float, float] = A4,
    catalog: str = "",
    page: str = "",
    extra: Mapping[int, bytes] | None = None,
    trailer: str = "",
) -> bytes:
    """A PDF written object by object: catalogue, pages, font, then page and content in turns, extras by number."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(contents)))
    objects: dict[int, bytes] = {
        1: f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        2: f"<< /Type /Pages /Count {len(contents)} /Kids [{kids}] >>".encode(),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    for index, content in enumerate(contents):
        number = 4 + 2 * index
        objects[number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] /Contents {number + 1} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> {'/XObject << /Im 900 0 R >>' if extra else ''} >> {page} >>"
        ).encode()
        objects[number + 1] = stream(content)
    return _file(objects | dict(extra or {}), trailer)


def line_of_text(text: str) -> bytes:
    """Page content that shows one line."""
    return f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode("latin-1")


def stream(content: bytes, header: str = "") -> bytes:
    """A stream object; compressed when that is worth it."""
    if len(content) > 1000:
        content, header = zlib.compress(content, 9), f"{header} /Filter /FlateDecode"
    return f"<< /Length {len(content)} {header} >>\nstream\n".encode() + content + b"\nendstream"


def locked() -> bytes:
    """A PDF that opens with a password only."""
    encrypt = "/Filter /Standard /V 1 /R 2 /P -60"
    keys = f"/O <{'41' * 32}> /U <{'42' * 32}>"
    return written(trailer=f"/Encrypt << {encrypt} {keys} >> /ID [<{'43' * 16}> <{'43' * 16}>]")


def without_pages() -> bytes:
    """A whole PDF that holds no page."""
    return written(contents=())


def filled_form(value: str) -> bytes:
    """A form in which a citizen typed `value` into its one field."""
    box = f"/Rect [72 600 400 640] /FT /Tx /T (name) /V ({value}) /DA (/F1 18 Tf 0 g) /F 4 /AP << /N 901 0 R >>"
    appearance = stream(
        f"/Tx BMC BT /F1 18 Tf 4 12 Td ({value}) Tj ET EMC".encode("latin-1"),
        "/Type /XObject /Subtype /Form /BBox [0 0 328 40] /Resources << /Font << /F1 3 0 R >> >>",
    )
    return written(
        [line_of_text("Your name:")],
        catalog="/AcroForm << /Fields [900 0 R] /DR << /Font << /F1 3 0 R >> >> >>",
        page="/Annots [900 0 R]",
        extra={900: f"<< /Type /Annot /Subtype /Widget /P 4 0 R {box} >>".encode(), 901: appearance},
    )


def program_form() -> bytes:
    """A form that only its maker's program draws (XFA); its page asks to wait."""
    return written(
        [line_of_text("Please wait...")],
        catalog="/NeedsRendering true /AcroForm << /Fields [] /XFA 901 0 R >>",
        extra={901: stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><template/></xdp:xdp>")},
    )


def with_actions() -> bytes:
    """A PDF that would run a script, start a program and carries a program as an attached file."""
    files = "/Names << /EmbeddedFiles << /Names [(setup.exe) 902 0 R] >> >>"
    link = "<< /Type /Annot /Subtype /Link /Rect [0 0 600 800] /A << /S /Launch /F (cmd.exe) >> >>"
    return written(
        [line_of_text("Please open me")],
        catalog=f"/OpenAction << /S /JavaScript /JS (app.alert\\('script ran'\\)) >> {files}",
        page=f"/Annots [{link}]",
        extra={
            902: b"<< /Type /Filespec /F (setup.exe) /EF << /F 903 0 R >> >>",
            903: stream(b"MZ attached program", "/Type /EmbeddedFile"),
        },
    )


def image_bomb(side: int = 30_000) -> bytes:
    """One page with an image of side * side black and white pixels, a hundred kilobytes as a file."""
    pixels = bytes(side * side // 8)
    image = zlib.compress(pixels, 9)
    header = (
        f"<< /Type /XObject /Subtype /Image /Width {side} /Height {side} /BitsPerComponent 1 "
        f"/ColorSpace /DeviceGray /Filter /FlateDecode /Length {len(image)} >>\nstream\n"
    )
    return written([b"500 0 0 700 40 40 cm /Im Do"], extra={900: header.encode() + image + b"\nendstream"})


def endless_drawing(millions: int = 3) -> bytes:
    """First a page that reads "Page one", then one with millions of strokes, small as a file."""
    return written([line_of_text("Page one"), b"0 0 m 500 800 l 9 w S " * (millions * 1_000_000)])


def _scan(text: str) -> Image.Image:
    image = Image.new("L", (826, 1169), 250)
    ImageDraw.Draw(image).text((90, 120), text, fill=20, font_size=28)
    return image


def _file(objects: Mapping[int, bytes], trailer: str) -> bytes:
    """Header, objects, cross-reference table and trailer."""
    out = bytearray(b"%PDF-1.7\n")
    offsets: dict[int, int] = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    out += b"".join(f"{number} 1\n{offset:010d} 00000 n \n".encode() for number, offset in sorted(offsets.items()))
    size = max(objects) + 1
    return bytes(out + f"trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode())
