"""The mails that members of staff get: an invitation, or a link for a new password."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from app.core.text import one_line
from app.texts.catalogue import N_, translator
from app.texts.instants import Zone, spelled_out, zone_words
from app.texts.mails import LONGEST_NAME, MailText, page, words_of
from app.texts.markdown import markdown_to_html, markdown_to_text

_PLACE = "\ue000"
"""where the link goes: a letter of the private use area, which no name has after `one_line`"""
SUBJECTS = {
    "invitation": N_("Your account at the desk of %(authority)s"),
    "reset": N_("New password for the desk of %(authority)s"),
}


def access_mail(
    purpose: str, language: str, *, link: str, name: str, until: datetime, timezone: Zone, authority_name: str
) -> MailText:
    """The mail with the link; `purpose` is "invitation" or "reset", `until` is told in `timezone`."""
    authority = one_line(authority_name, LONGEST_NAME)
    words = words_of(
        f"staff_{purpose}",
        language,
        name=one_line(name, LONGEST_NAME),
        link=_PLACE,
        until=spelled_out(until, timezone, language),
        zone=zone_words(timezone, language),
        authority_name=authority,
    )
    subject = translator(language).gettext(SUBJECTS[purpose]) % {"authority": authority}
    anchor = Markup('<a href="{0}">{0}</a>').format(link)
    html = Markup(str(markdown_to_html(words)).replace(_PLACE, anchor))  # noqa: S704 - both are escaped
    return MailText(subject, markdown_to_text(words).replace(_PLACE, link) + "\n", page(language, subject, body=html))
