"""Words by which mail written by machines is known, in the languages that reach a Nordic authority.

Subjects are matched at their beginning only and never behind "Re:" or "Sv:": a person who answers an automatic reply is
a person. Finnish "auto" is a car, so "Auto:" is no sign.
"""

from __future__ import annotations

import re


def _beginning(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{'|'.join(alternatives)})", re.IGNORECASE)


AUTO_REPLY_SUBJECT = _beginning(
    # sv, no, da
    r"autosvar\s*[:–-]",
    r"automatiskt? (?:svar|svarsmeddelande|e-postsvar)\b\s*[:–-]",
    r"frånvaro(?:meddelande|besked)?\s*:",
    r"frånvarande\s*:",
    r"(?:ej|inte) på kontoret\s*:",
    r"fravær(?:sbesked|smelding|sassistent)?\s*:",
    r"ikke til ?stede\s*:",
    # fi
    r"automaattinen (?:poissaolo)?(?:vastaus|viesti|ilmoitus)\s*[:–-]",
    r"automaattivastaus\s*[:–-]",
    r"poissa(?:olo(?:viesti|ilmoitus)?| toimistosta)?\s*:",
    r"lomaviesti\s*:",
    # en
    r"auto(?:matic|mated)?[ -]?(?:reply|response|responder)\s*[:–-]",
    r"out of (?:the )?office(?: auto-?reply)?\s*[:–-]",
    r"\[auto-?reply\]",
    # neighbours
    r"automatische antwort\s*:",
    r"abwesenheitsnotiz\s*:",
    r"réponse automatique\s*:",
)
AUTO_REPLY_WHOLE_SUBJECT = re.compile(
    r"\s*(?:autosvar|automatiskt svar|frånvaromeddelande|frånvaro|autosvar: frånvaro|fraværsmelding|automatisk svar"
    r"|automaattinen (?:poissaolo)?(?:vastaus|viesti|ilmoitus)|automaattivastaus"
    r"|poissaolo(?:viesti|ilmoitus)?|lomaviesti"
    r"|auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office(?: auto-?reply| message| notification)?)[\s.!]*\Z",
    re.IGNORECASE,
)
AUTO_REPLY_BODY = re.compile(
    r"detta (?:mail|mejl|meddelande) (?:kan|går) inte (?:att )?besvara|detta är ett automatiskt"
    r"|automatiskt (?:svar|meddelande)"
    r"|jag är (?:på semester|ledig|bortrest|tjänstledig|föräldraledig|inte på kontoret|ej på kontoret|åter|tillbaka)"
    r"|dette er (?:et|en) automatisk|jeg er (?:på ferie|bortreist|ikke på kontoret)"
    r"|tämä on automaatti|olen (?:lomalla|vuosilomalla|poissa|virkavapaalla|vanhempainvapaalla)"
    r"|palaan (?:töihin|toimistolle)"
    r"|this is an auto(?:mated|matic|-)|i(?: am|'m) (?:currently )?(?:out of (?:the )?office"
    r"|on (?:annual |parental )?leave|on vacation|on holiday|away)|i will be (?:back|returning)",
    re.IGNORECASE,
)
BOUNCE_SUBJECT = _beginning(
    r"undeliver(?:able|ed mail)\b",
    r"mail delivery (?:failed|failure|subsystem|system)",
    r"delivery status notification",
    r"delivery (?:failure|failed|has failed|delayed|notification)",
    r"(?:returned mail|failure notice|mail system error|undelivered mail returned)",
    r"(?:warning: )?(?:message|could not send message|e-?mail) .{0,60}(?:delayed|could not be delivered|not delivered)",
    r"warning: (?:message|could not send)",
    r"mail could not be delivered",
    r"non[- ]?delivery (?:report|notification)",
    r"nondeliverable mail",
    r"(?:olevererbart|kunde inte levereras|ej levererbart|kan inte levereras|inte levererat|leveransfel)\b",
    r"meddelandet kunde inte levereras",
    r"(?:ikke leverbar|kan ikke leveres|uleveret|kunne ikke leveres|kan ikke afleveres|ikke-leverbar)",
    r"(?:ei voi(?:tu|da)? toimittaa|toimitus epäonnistui|toimittamaton|viestiä ei voitu toimittaa)",
    r"(?:unzustellbar|nicht zustellbar)",
)
BOUNCE_BODY = re.compile(
    r"this message was created automatically by mail delivery software"
    r"|this is the mail (?:system at host|delivery agent)"
    r"|hi\. this is the .{0,60}program|i'm afraid i wasn't able to deliver|could not be delivered to|address not found"
    r"|delivery to the following recipients? (?:has )?failed|(?:has|have) permanent fatal errors"
    r"|your message (?:wasn't|was not|couldn't be|could not be) delivered|undeliverable|user unknown"
    r"|mailbox (?:is )?full|kunde inte levereras|ei voitu toimittaa|kunne ikke leveres",
    re.IGNORECASE,
)
MAILER = re.compile(
    r"(?:mailer-?daemon|postmaster|mail-?daemon|mailerdaemon|mdaemon|maildelivery|microsoftexchange[0-9a-f]+)@"
)
NO_REPLY = re.compile(
    r"(?:.*[._-])?(?:no|do-?not|donot|ej|ala|älä|ikke|icke)[._-]?(?:reply|respond|svara|svar|vastaa)(?:[._+-].*)?@"
    r"|(?:notifications?|noreply.*|bounces?|auto-?confirm|auto-?reply)@",
    re.IGNORECASE,
)
ANSWER_PREFIX = re.compile(r"\s*(?:re|sv|vs|vast|aw|antw|ang|fw|fwd|vb|vl)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
