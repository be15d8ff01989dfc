"""Turns the PDF on standard input into page images and text: run as a process of its own, so that it can be ended.

Run by `channels.letters.pages` with python -I, it imports nothing of the project. Its limits come as one JSON argument;
it writes frames: a line of JSON, then as many bytes of PNG as the line's "image_bytes" says. The first frame tells
{"pages": n, "problems": […]} or {"error": reason}, each later one a page. Scripts, launch actions and attached files
of the PDF are never read: this build of PDFium has no JavaScript, and only pixels and characters leave the process.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import sys
import time
from typing import Any, BinaryIO

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

if sys.platform != "win32":  # where there is none, only the parent's clock ends this process
    import resource

_GREYS = 16
_TO_GREY_INDEX = [round(value * (_GREYS - 1) / 255) for value in range(256)]
_PALETTE = [channel for index in range(_GREYS) for channel in (index * 255 // (_GREYS - 1),) * 3]
_POINTS_PER_INCH = 72


def main() -> None:
    """Read, render, write; the exit status is 0 whenever the first frame could be written."""
    limits = json.loads(sys.argv[1])
    _limit_resources(limits["memory_bytes"], limits["end_after"] + 5)
    write_pages(sys.stdin.buffer.read(), limits, sys.stdout.buffer)


def write_pages(raw: bytes, limits: dict[str, int], out: BinaryIO) -> None:
    """Write the frames of one PDF to `out`, up to the limits "pages", "stop_after" (seconds) and "image_bytes"."""
    stop_at = time.monotonic() + limits["stop_after"]
    room = limits["image_bytes"]
    try:
        document = pdfium.PdfDocument(raw)
        _write_frame(out, {"pages": len(document), "problems": _not_shown(document)})
    except pdfium.PdfiumError as error:
        _write_frame(out, {"error": _reason(error)})
        return
    with contextlib.suppress(pdfium.PdfiumError):
        document.init_forms()
    for index in range(min(len(document), limits["pages"])):
        frame, image = _read_page(document, index, limits)
        room -= len(image)
        if room < 0 or time.monotonic() > stop_at:
            return
        _write_frame(out, frame, image)


def page_scale(width: float, height: float, limits: dict[str, int]) -> float:
    """Pixels per point for a page of that size in points: the wished resolution, or less for a page too big to hold."""
    wished = limits["dpi"] / _POINTS_PER_INCH
    area, side = width * height, max(width, height)
    if not math.isfinite(area) or area <= 0:
        return wished
    return min(wished, math.sqrt(limits["pixels"] / area), limits["side"] / side)


def grey_png(image: Image.Image) -> bytes:
    """The greyscale image as a PNG of 16 greys, a good half the size of 256 and as readable."""
    indexed = Image.frombytes("P", image.size, image.point(_TO_GREY_INDEX).tobytes())
    indexed.putpalette(_PALETTE)
    buffer = io.BytesIO()
    indexed.save(buffer, "PNG", bits=4)
    return buffer.getvalue()


def _read_page(document: pdfium.PdfDocument, index: int, limits: dict[str, int]) -> tuple[dict[str, Any], bytes]:
    try:
        page = document[index]
        width, height = page.get_size()
        scale = page_scale(width, height, limits)
        image = grey_png(page.render(scale=scale, grayscale=True, limit_image_cache=True).to_pil().convert("L"))
    except (pdfium.PdfiumError, MemoryError, ValueError):
        return {"page": index + 1, "text": ""}, b""
    return {"page": index + 1, "text": _page_text(document, index)[: limits["characters"]]}, image


def _page_text(document: pdfium.PdfDocument, index: int) -> str:
    """The text of a page, what was filled into the fields of a form included: those are drawn into the page first."""
    with contextlib.suppress(pdfium.PdfiumError, RuntimeError):
        document[index].flatten()
    try:
        return str(document[index].get_textpage().get_text_range(errors="ignore"))
    except pdfium.PdfiumError:
        return ""


def _not_shown(document: pdfium.PdfDocument) -> list[str]:
    """What the pages will not show: files attached inside, or a form that only its maker's program can draw."""
    found = {
        "files_inside_left_out": document.count_attachments() > 0,
        "form_not_shown": document.get_formtype() == pdfium_c.FORMTYPE_XFA_FULL,
    }
    return [problem for problem, is_there in found.items() if is_there]


def _reason(error: pdfium.PdfiumError) -> str:
    if error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
        return "encrypted"
    return "no_pages" if error.err_code == pdfium_c.FPDF_ERR_SUCCESS else "broken_pdf"


def _write_frame(out: BinaryIO, frame: dict[str, Any], image: bytes = b"") -> None:
    out.write(json.dumps({**frame, "image_bytes": len(image)}).encode("ascii") + b"\n" + image)
    out.flush()


def _limit_resources(memory_bytes: int, seconds: int) -> None:
    """Let the operating system end this process when it takes too much, also when its parent is gone."""
    if sys.platform == "win32":
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()
