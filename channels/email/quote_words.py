"""What mail programs write around a quoted mail, language by language; `trim` joins these tables into its patterns.

Collected from Outlook (desktop, web, iOS, Android), Gmail, Apple Mail, Thunderbird, Yahoo, Samsung, Proton. To teach
the trimmer a language, add a table; to teach it a program, add its words.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QuoteWords:
    """One language: labels of header blocks by role, and the words of the other marks, all in lower case.

    `wrote` is the verb of attribution lines, `leads` stand before their date, `original` and `forwarded` between
    dashes, `sent_from` begins a telephone's signature, `answers_below` says that answers
    stand between the quoted lines.
    """

    labels: dict[str, tuple[str, ...]]
    wrote: tuple[str, ...]
    leads: tuple[str, ...]
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    original: tuple[str, ...]
    forwarded: tuple[str, ...]
    sent_from: tuple[str, ...]
    answers_below: tuple[str, ...]


SWEDISH = QuoteWords(
    labels={
        "from": ("från",),
        "sent": ("skickat", "skickades", "datum", "sänt"),
        "to": ("till",),
        "cc": ("kopia", "kopia till", "hemlig kopia"),
        "subject": ("ämne", "rubrik"),
        "other": ("svara till", "bifogade filer", "bilagor", "prioritet"),
    },
    wrote=("skrev", "har skrivit"),
    leads=("den", "på"),
    weekdays=("mån", "tis", "ons", "tors", "tor", "fre", "lör", "sön"),
    months=("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    original=(
        "ursprungligt meddelande",
        "originalmeddelande",
        "ursprungligt mejl",
        "ursprungsmeddelande",
        "ursprunglig text",
    ),
    forwarded=("vidarebefordrat meddelande", "vidarebefordrat brev", "vidarebefordrat mejl", "vidarebefordrat e-brev"),
    sent_from=("skickat från", "skickades från", "sänt från", "hämta", "skaffa", "skickat med"),
    answers_below=(
        r"svar(?:en|ar)?(?: står| finns)? (?:nedan|nedanför|under|inne i|i texten|i rött|inline|längre ner)",
        r"(?:se|läs) (?:nedan|i texten)",
        r"kommentar(?:er|erna)? (?:nedan|i texten|i rött)",
    ),
)
FINNISH = QuoteWords(
    labels={
        "from": ("lähettäjä", "keneltä"),
        "sent": ("lähetetty", "päivämäärä", "päiväys", "pvm", "lähetysaika"),
        "to": ("vastaanottaja", "vastaanottajat", "kenelle"),
        "cc": ("kopio", "piilokopio"),
        "subject": ("aihe", "otsikko"),
        "other": ("vastausosoite", "liitteet", "tärkeys", "prioriteetti"),
    },
    wrote=("kirjoitti", "kirjoitit", "on kirjoittanut"),
    leads=(),
    weekdays=("ma", "ti", "ke", "to", "pe", "la", "su"),
    months=("tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka", "marras", "joulu"),
    original=("alkuperäinen viesti", "alkuperäinen sähköposti", "alkup. viesti", "alkuperäinen sanoma"),
    forwarded=("välitetty viesti", "edelleenlähetetty viesti", "välitetty sähköposti", "välitetty viesti alkaa"),
    sent_from=("lähetetty", "hanki", "lataa"),
    answers_below=(
        r"vastau(?:s|kset|kseni|ksia) (?:alla|alempana|tekstin|punaisella|alle|alapuolella)",
        r"vastaan (?:alle|alla|tekstin)",
        r"(?:katso|ks\.?) alla",
        r"kommentit (?:alla|tekstissä|punaisella)",
    ),
)
ENGLISH = QuoteWords(
    labels={
        "from": ("from",),
        "sent": ("sent", "date", "sent on"),
        "to": ("to",),
        "cc": ("cc", "bcc"),
        "subject": ("subject", "re"),
        "other": ("reply-to", "reply to", "attachments", "importance"),
    },
    wrote=("wrote", "writes", "has written"),
    leads=("on", "at"),
    weekdays=("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    months=("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    original=("original message", "original email", "original mail", "reply message"),
    forwarded=("forwarded message", "begin forwarded message", "forwarded by", "forwarded email"),
    sent_from=("sent from", "sent via", "sent with", "sent using", "get"),
    answers_below=(
        r"(?:answers?|answered|comments?|repl(?:y|ies)|responses?|responded) (?:are |is )?(?:below|in[- ]?line|in red)",
        r"see (?:below|inline|in-line)",
    ),
)
NORWEGIAN = QuoteWords(
    labels={
        "from": ("fra",),
        "sent": ("sendt", "dato"),
        "to": ("til",),
        "cc": ("kopi", "kopi til", "blindkopi"),
        "subject": ("emne",),
        "other": ("svar til", "vedlegg"),
    },
    wrote=("skrev",),
    leads=("den", "på"),
    weekdays=("man", "tir", "tirs", "ons", "tor", "tors", "fre", "lør", "søn"),
    months=("jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des"),
    original=("opprinnelig melding", "original melding", "opprinnelig e-post"),
    forwarded=("videresendt melding", "videresendt e-post", "start på videresendt melding"),
    sent_from=("sendt fra", "hent", "få", "skaff deg", "last ned"),
    answers_below=(r"svar(?:ene|er)? (?:under|nedenfor|i teksten|i rødt)", r"se (?:under|nedenfor)"),
)
DANISH = QuoteWords(
    labels={
        "from": ("fra",),
        "sent": ("sendt", "dato"),
        "to": ("til",),
        "cc": ("kopi", "bcc"),
        "subject": ("emne",),
        "other": ("svar til", "vedhæftede filer"),
    },
    wrote=("skrev",),
    leads=("den", "d."),
    weekdays=("man", "tir", "tirs", "ons", "tor", "tors", "fre", "lør", "søn"),
    months=("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    original=("oprindelig meddelelse", "oprindelig besked", "original meddelelse", "oprindelig mail"),
    forwarded=("videresendt meddelelse", "videresendt besked", "start på videresendt besked", "videresendt mail"),
    sent_from=("sendt fra", "hent", "få"),
    answers_below=(
        r"svar(?:ene|er)? (?:under|nedenfor|herunder|i teksten|med rødt)",
        r"se (?:under|nedenfor|herunder)",
    ),
)
LANGUAGES = (SWEDISH, FINNISH, ENGLISH, NORWEGIAN, DANISH)

DEVICES = (
    *("iphone", "ipad", "ipod", "samsung", "galaxy", "huawei", "honor", "oneplus", "xiaomi", "redmi", "nokia", "sony"),
    *(
        "xperia",
        "motorola",
        "moto",
        "pixel",
        "lumia",
        "blackberry",
        "htc",
        "lg",
        "doro",
        "jolla",
        "apple",
        "ios",
        "android",
    ),
    *(
        "outlook",
        "yahoo",
        "gmail",
        "hotmail",
        "mail",
        "e-post",
        "e-mail",
        "email",
        "mejl",
        "sähköposti",
        "proton",
        "protonmail",
    ),
    *("windows", "microsoft", "telefon", "mobiltelefon", "mobil", "mobile", "phone", "smartphone", "smarttelefon"),
    *("puhelime", "älypuhelime", "matkapuhelime", "kännykä", "laitte", "surfplatta", "läsplatta", "tablet", "tabletti"),
    *(
        "nettbrett",
        "mobilen",
        "telia",
        "telenor",
        "tele2",
        "elisa",
        "dna",
        "aol",
        "icloud",
        "thunderbird",
        "tuta",
        "workspace",
    ),
)
"""stems: Finnish ends them with a case"""
SMALL_WORDS = (
    *(
        "min",
        "mitt",
        "mina",
        "my",
        "mobile",
        "för",
        "for",
        "på",
        "on",
        "the",
        "an",
        "a",
        "en",
        "et",
        "ett",
        "med",
        "via",
    ),
    *("secure", "app", "appen", "minun", "min.", "new", "all", "pro", "max", "plus", "mini", "ultra", "edge", "note"),
    *(
        "fra",
        "från",
        "from",
        "device",
        "enhet",
        "enhed",
        "5g",
        "4g",
        "lite",
        "se",
        "tab",
        "device.",
        "-",
        "til",
        "till",
        "ja",
    ),
)
"""what may stand beside a device in such a signature; any other word makes the line a person's sentence"""
