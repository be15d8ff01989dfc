"""The print of a ticket in a real browser: its button, and the tagged document that comes out."""

from __future__ import annotations

import pypdfium2 as pdfium
import pytest
from pypdfium2 import raw

from app.core.system import System
from app.flows import note
from tests.factories import Authority, arrives, mail
from tests.web.browsing import Open, Site, focused, ticket

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_backend", ["sqlite"], indirect=True),  # paper looks the same on either
]
PARAGRAPHS = [f"Stycke nummer {number} i ett långt brev om resor, kort och väntan." for number in range(1, 80)]


def test_the_paper_is_tagged_has_all_words_and_the_number_on_each_sheet(
    open_desk: Open, site: Site, system: System, authority: Authority
) -> None:
    arrives(
        system,
        mail(
            "\n\n".join(PARAGRAPHS),
            subject=f"Re: [{site.reference}]",
            In_Reply_To="<rich@example.se>",
            message_id="l@x.se",
        ),
        item_id="1:9",
    )
    note.note(system, authority.viewers["nils"], site.reference, "Bara för oss.")
    page = open_desk(f"{ticket(site)}/print")
    paper = page.pdf(prefer_css_page_size=True, tagged=True, outline=True)
    document = pdfium.PdfDocument(paper)
    try:
        sheets = [sheet.get_textpage().get_text_range() for sheet in document]
        assert raw.FPDFCatalog_IsTagged(document.raw)
    finally:
        document.close()
    assert len(sheets) >= 3
    words = " ".join(" ".join(sheets).split())
    for said in ("Kan jag resa utomlands & tillbaka innan mitt kort har kommit?", "Bara för oss.", *PARAGRAPHS):
        assert said in words, said
    digits = site.reference
    for nth, sheet in enumerate(sheets, start=1):
        assert digits in "".join(char for char in sheet if char.isdigit()), "the number stands on each sheet"
        assert f"{nth} / {len(sheets)}" in sheet


def test_the_key_leads_to_it_and_its_button_opens_the_browsers_own_dialog(open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site))
    page.keyboard.press("Shift+P")
    page.wait_for_url("**/print")
    page.evaluate("window.print = () => { document.title = 'printing' }")
    page.get_by_role("button", name="Print").focus()
    assert "btn" in focused(page)
    page.keyboard.press("Enter")
    assert page.title() == "printing"
