"""The trimmer: table by table, program by program, and above all what it must leave alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.trim import is_device_signature, trim

NEW = "Hej!\n\nTack för svaret. När får jag mitt beslut?\n\nHälsningar\nAnna"
QUOTE = "> Hej Anna,\n>\n> Ditt ärende är registrerat.\n> Vänligen Kundtjänst"
UNMARKED = "Hej Anna,\n\nDitt ärende är registrerat.\nVänligen Kundtjänst"

ATTRIBUTIONS = {
    "gmail sv": "Den tis 5 mars 2024 kl 10:11 skrev Kundtjänst <desk@luukku.example.se>:",
    "gmail sv wrapped": "Den tis 5 mars 2024 kl 10:11 skrev Kundtjänst <\ndesk@luukku.example.se>:",
    "apple sv": "5 mars 2024 kl. 10:11 skrev Kundtjänst <desk@luukku.example.se>:",
    "apple sv den": "Den 5 mars 2024 kl. 10:11 skrev Kundtjänst <desk@luukku.example.se>:",
    "thunderbird sv": "Den 2024-03-05 kl. 10:11, skrev Kundtjänst:",
    "thunderbird sv name first": "Kundtjänst skrev den 2024-03-05 10:11:",
    "yahoo sv": "Den tisdag 5 mars 2024 10:11:12 CET, skrev Kundtjänst <desk@luukku.example.se>:",
    "gmail fi": "ti 5. maalisk. 2024 klo 10.11 Asiakaspalvelu (desk@luukku.example.fi) kirjoitti:",
    "gmail fi wrapped": "ti 5. maalisk. 2024 klo 10.11 Asiakaspalvelu\n(desk@luukku.example.fi) kirjoitti:",
    "apple fi": "Asiakaspalvelu <desk@luukku.example.fi> kirjoitti 5.3.2024 kello 10.11:",
    "apple fi wrapped": "Asiakaspalvelu <desk@luukku.example.fi> kirjoitti\n5.3.2024 kello 10.11:",
    "thunderbird fi": "Asiakaspalvelu kirjoitti 5.3.2024 klo 10.11:",
    "yahoo fi": "tiistaina 5. maaliskuuta 2024 klo 10.11.12 UTC+2 Asiakaspalvelu <desk@luukku.example.fi> kirjoitti:",
    "gmail en": "On Tue, Mar 5, 2024 at 10:11 AM Customer Service <desk@luukku.example.org> wrote:",
    "gmail en wrapped": "On Tue, Mar 5, 2024 at 10:11 AM Customer Service <desk@luukku.example.org>\nwrote:",
    "apple en": "On 5 Mar 2024, at 10:11, Customer Service <desk@luukku.example.org> wrote:",
    "thunderbird en": "On 2024-03-05 10:11, Customer Service wrote:",
    "proton en": "On Tuesday, March 5th, 2024 at 10:11 AM, Customer Service <desk@luukku.example.org> wrote:",
    "name only en": "Customer Service <desk@luukku.example.org> wrote:",
    "gmail no": "tir. 5. mars 2024 kl. 10:11 skrev Kundeservice <desk@luukku.example.org>:",
    "apple no": "5. mars 2024 kl. 10:11 skrev Kundeservice <desk@luukku.example.org>:",
    "gmail da": "Den tirs. 5. mar. 2024 kl. 10.11 skrev Kundeservice <desk@luukku.example.org>:",
    "apple da": "Den 5. mar. 2024 kl. 10.11 skrev Kundeservice <desk@luukku.example.org>:",
    "outlook 2019 sv": 'Den 2024-03-05 10:11 skrev "Kundtjänst" <desk@luukku.example.se> följande:',
    "outlook 2019 no": "Kundeservice <desk@luukku.example.org> skrev følgende den 05.03.2024 10:11:",
    "outlook 2019 da": 'D. 05.03.2024 10.11 skrev "Kundeservice" <desk@luukku.example.org>:',
    "outlook 2019 en": 'On 05/03/2024, 10:11, "Customer Service" <desk@luukku.example.org> wrote:',
    "yahoo da": "Den tirsdag den 5. marts 2024 10.11.12 CET skrev Kundeservice <desk@luukku.example.org>:",
}
BLOCKS = {
    "outlook sv": "Från: Kundtjänst <desk@luukku.example.se>\nSkickat: den 5 mars 2024 10:11\n"
    "Till: Anna Berg <anna@example.se>\nÄmne: SV: Mitt ärende",
    "outlook sv bold": "*Från:* Kundtjänst <desk@luukku.example.se>\n*Skickat:* den 5 mars 2024 10:11\n"
    "*Till:* anna@example.se\n*Ämne:* SV: Mitt ärende",
    "outlook sv exchange names": "Från: Kundtjänst\nSkickat: den 5 mars 2024 10:11\nTill: Anna Berg\n"
    "Ämne: SV: Mitt ärende",
    "outlook fi": "Lähettäjä: Asiakaspalvelu <desk@luukku.example.fi>\nLähetetty: tiistai 5. maaliskuuta 2024 10.11\n"
    "Vastaanottaja: anna@example.fi\nAihe: VS: Asiani",
    "outlook en": "From: Customer Service <desk@luukku.example.org>\nSent: Tuesday, March 5, 2024 10:11 AM\n"
    "To: anna@example.org\nSubject: RE: My case",
    "outlook en cc": "From: Customer Service <desk@luukku.example.org>\nDate: Tuesday, 5 March 2024 at 10:11\n"
    "To: anna@example.org\nCc: a@example.org; b@example.org;\n c@example.org\nSubject: RE: My case",
    "outlook no": "Fra: Kundeservice <desk@luukku.example.org>\nSendt: tirsdag 5. mars 2024 10:11\n"
    "Til: anna@example.org\nEmne: SV: Min sak",
    "outlook da": "Fra: Kundeservice <desk@luukku.example.org>\nSendt: 5. marts 2024 10:11\n"
    "Til: anna@example.org\nEmne: SV: Min sag",
    "under a rule": "________________________________\nFrån: Kundtjänst <desk@luukku.example.se>\n"
    "Skickat: den 5 mars 2024 10:11\nTill: Anna\nÄmne: SV: Mitt ärende",
    "separator sv": "-----Ursprungligt meddelande-----\nFrån: Kundtjänst",
    "separator samsung sv": "-------- Originalmeddelande --------\nFrån: Kundtjänst",
    "separator fi": "-----Alkuperäinen viesti-----\nLähettäjä: Asiakaspalvelu",
    "separator en": "-----Original Message-----\nFrom: Customer Service",
    "separator samsung da": "-------- Oprindelig besked --------\nFra: Kundeservice <desk@luukku.example.org>",
    "separator proton": "------- Original Message -------",
    "separator no": "-----Opprinnelig melding-----\nFra: Kundeservice",
    "separator da": "-----Oprindelig meddelelse-----\nFra: Kundeservice",
}
SIGNATURES = (
    "Skickat från min iPhone",
    "Skickat från min iPad",
    "Skickat från min Samsung Galaxy S21",
    "Skickat från min Samsung Galaxy-smartphone.",
    "Skickat från Outlook för Android",
    "Hämta Outlook för iOS<https://aka.ms/o0ukef>",
    "Skaffa Outlook för Android<https://aka.ms/AAb9ysg>",
    "Lähetetty iPhonesta",
    "Lähetetty iPhonestani",
    "Lähetetty Samsung Galaxy -älypuhelimesta",
    "Lähetetty Outlookista Androidille",
    "Hanki Outlook for iOS<https://aka.ms/o0ukef>",
    "Sent from my iPhone",
    "Sent from Yahoo Mail on Android",
    "Sent from Mail for Windows 10",
    "Sent from Outlook for iOS",
    "Get Outlook for Android<https://aka.ms/AAb9ysg>",
    "Sent with Proton Mail secure email.",
    "Sendt fra min iPhone",
    "Sendt fra Outlook for Android",
    "Hent Outlook til iOS",
    "Få Outlook for iOS",
)
OWN_SENTENCES = (
    "Skickat från min advokat i går.",
    "Skickat från min telefon i går men inget svar kom",
    "Lähetetty hakemus oli puutteellinen",
    "Lähetetty viime viikolla Helsingistä",
    "Sent from the embassy in Nairobi last week",
    "Get back to me please",
    "Hämta mig vid stationen",
    "Sendt fra ambassaden i Oslo",
    "Få svar snart",
)


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_an_attribution_line_and_its_marked_quote_are_trimmed(attribution: str) -> None:
    trimmed = trim(f"{NEW}\n\n{attribution}\n\n{QUOTE}\n")
    assert trimmed.text == NEW
    assert trimmed.quoted == f"{attribution}\n\n{QUOTE}"


@pytest.mark.parametrize(
    "attribution",
    [line for line in ATTRIBUTIONS.values() if "@" in line],
    ids=[n for n, a in ATTRIBUTIONS.items() if "@" in a],
)
def test_an_attribution_with_an_address_needs_no_quote_marks(attribution: str) -> None:
    assert trim(f"{NEW}\n\n{attribution}\n{UNMARKED}").text == NEW


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_header_block_or_separator_begins_the_quote(block: str) -> None:
    trimmed = trim(f"{NEW}\n\n{block}\n\n{UNMARKED}")
    assert trimmed.text == NEW
    assert trimmed.quoted == f"{block}\n\n{UNMARKED}"


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_telephones_signature_is_no_text_of_the_citizen(signature: str) -> None:
    assert is_device_signature(signature)
    assert trim(f"{NEW}\n\n{signature}").text == NEW
    assert trim(f"{NEW}\n\n{signature}\n\n{ATTRIBUTIONS['apple sv']}\n{QUOTE}").text == NEW


@pytest.mark.parametrize("sentence", OWN_SENTENCES)
def test_a_sentence_that_begins_like_a_signature_stays(sentence: str) -> None:
    assert not is_device_signature(sentence)
    assert trim(f"{NEW}\n\n{sentence}").text == f"{NEW}\n\n{sentence}"


UNTOUCHED = {
    "answers between the quoted lines": "Hej!\n\n> Vilket land kommer du från?\nSyrien\n\n> När kom du?\n2019\n",
    "answers below each question, with attribution": "5 mars 2024 kl. 10:11 skrev Kundtjänst "
    "<desk@luukku.example.se>:\n"
    "> Har du ett pass?\n\nJa\n\n> Har du ett arbete?\n\nNej\n",
    "a head and answers below": "Se nedan.\n\n> Har du ett pass?\n> Vilket?\n\nJa, ett syriskt.\n",
    "answers announced in an unmarked quote": "Hej, mina svar nedan i rött.\n\n"
    "Från: Kundtjänst <desk@luukku.example.se>\n"
    "Skickat: den 5 mars 2024 10:11\nTill: Anna\nÄmne: Frågor\n\nHar du pass?\nJa\n",
    "answers announced in Finnish": "Vastaukset alla.\n\nLähettäjä: Palvelu <desk@luukku.example.fi>\n"
    "Lähetetty: 5.3.2024 10.11\nVastaanottaja: Anna\nAihe: Kysymys\n\nOnko passi?\nOn\n",
    "a forwarded mail": "För kännedom.\n\n---------- Forwarded message ---------\nFrån: X <x@example.se>\n"
    "Date: 5 mars 2024\n\nText",
    "a forwarded mail, Apple": "FYI\n\nBegin forwarded message:\n\nFrom: X <x@example.org>\nSubject: Y\n\nText",
    "a forwarded mail in Swedish": "Se detta.\n\n-------- Vidarebefordrat meddelande --------\nÄmne: X\n"
    "Datum: 2024-03-05 10:11\nFrån: a@example.se",
    "a forwarded mail in Finnish": "Tiedoksi.\n\n---------- Välitetty viesti ----------\nLähettäjä: a@example.fi",
    "a forwarded mail, Thunderbird in Finnish": "Hei\n\n-------- Välitetty viesti / Fwd.Msg --------\nAihe: X",
    "what the citizen says somebody wrote": "Hej,\n\nDen 5 mars skrev ni till mig:\nVi behöver mer tid.\n\n"
    "Men jag har inte fått svar.",
    "a quotation by hand": 'Den 5 mars 2024 skrev handläggaren:\n"Vi behöver mer tid"\nVad betyder det?',
    "a Finnish quotation by hand": "Hei,\n\nVirkailija kirjoitti 5.3.2024 näin:\nOdota päätöstä.\n\n"
    "Mitä se tarkoittaa?",
    "a journey": "Hej!\n\nFrån: Stockholm\nTill: Helsingfors\nDatum: 5 mars\n\nBehöver jag visum?",
    "a letter head": "God dag\n\nFrån: Anna Berg\nTill: Migrationsverket\nÄmne: Min ansökan\n"
    "Datum: 5 mars 2024\n\nJag ansöker.",
    "a smaller-than sign": "Min lön är\n> 20000 kronor i månaden.\nÄr det nog?",
    "a list with arrows": "Jag har:\n-> pass\n-> arbete\n",
    "a text line of dashes": "Fråga 1\n----------\nFråga 2\n__________\nFråga 3",
    "only a quote": "> Hej Anna,\n> Ditt ärende är registrerat.",
    "nothing": "",
}


@pytest.mark.parametrize("text", UNTOUCHED.values(), ids=UNTOUCHED)
def test_a_citizens_own_words_are_never_cut(text: str) -> None:
    trimmed = trim(text)
    assert trimmed.text == text.strip("\n")
    assert trimmed.quoted == ""


def test_a_forwarded_mail_is_known_by_its_subject() -> None:
    text = f"Se nedanstående.\n\n{BLOCKS['outlook sv']}\n\n{UNMARKED}"
    assert trim(text, subject="VB: Mitt ärende").text == text
    assert trim(text.replace("nedanstående", "detta"), subject="SV: Mitt ärende").quoted


def test_the_nordic_vs_means_forwarded_only_over_a_norwegian_or_danish_block() -> None:
    assert trim(f"Takk\n\n{BLOCKS['outlook no']}\n\nTekst", subject="VS: Min sak").quoted == ""
    assert trim(f"Kiitos\n\n{BLOCKS['outlook fi']}\n\nTeksti", subject="VS: Asiani").text == "Kiitos"


def test_an_answer_below_one_whole_quote_is_the_new_text() -> None:
    trimmed = trim(f"{ATTRIBUTIONS['thunderbird sv']}\n{QUOTE}\n\n{NEW}\n\nSkickat från min iPad\n")
    assert trimmed.text == NEW
    assert trimmed.quoted.startswith("Den 2024-03-05")
    assert trimmed.quoted.endswith("Skickat från min iPad")


def test_a_greeting_right_above_an_attribution_stays() -> None:
    trimmed = trim(f"Tack på förhand\nMvh Anna\nKundtjänst <desk@luukku.example.se> skrev:\n{QUOTE}")
    assert trimmed.text == "Tack på förhand\nMvh Anna"


def test_quotes_inside_the_quote_go_with_it() -> None:
    inner = f"> {ATTRIBUTIONS['apple sv']}\n>> Hej\n>> då\n"
    assert trim(f"{NEW}\n\n{ATTRIBUTIONS['gmail sv']}\n{QUOTE}\n{inner}").text == NEW


def test_an_outlook_block_below_a_marked_quote_is_quoted_too() -> None:
    text = f"{NEW}\n\n{ATTRIBUTIONS['gmail sv']}\n{QUOTE}\n\n{BLOCKS['outlook sv']}\n\n{UNMARKED}"
    assert trim(text).text == NEW


def test_no_break_spaces_in_an_attribution_are_spaces() -> None:
    attribution = "Den\u00a05\u00a0mars 2024\u202fkl. 10:11 skrev Kundtjänst <desk@luukku.example.se>:"
    assert trim(f"{NEW}\n\n{attribution}\n{QUOTE}").text == NEW


LINES = st.sampled_from(
    [
        *ATTRIBUTIONS.values(),
        *BLOCKS.values(),
        *SIGNATURES,
        *OWN_SENTENCES,
        QUOTE,
        "",
        "Hej!",
        "> en rad",
        "-- ",
        "Anna Berg, tel 070 174 06 05",
        "Vad gäller?",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES | st.text(max_size=60), max_size=14))
def test_no_word_is_ever_lost_or_doubled(pieces: list[str]) -> None:
    text = "\n".join(pieces).replace("\r", "")
    trimmed = trim(text)
    assert sorted(f"{trimmed.text}\n{trimmed.quoted}".split()) == sorted(text.split())


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(alphabet="abcåäö .,?!0123456789:", max_size=60), max_size=14))
def test_text_without_marks_is_never_cut(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    assert trim(text).text == text.strip("\n")


def test_trimming_a_long_thread_takes_little_time() -> None:
    text = "\n".join(["Den 5 mars gick jag dit och", "hörde att", ""] * 40_000)
    assert trim(text).quoted == ""
