"""Which language a citizen writes."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest

from knowledge_base.language import guess_language

MAILS = {
    "sv": "Hej! Jag sökte om förlängning i mars och har ännu inte hört något. Hur lång tid tar det, och får jag "
    "fortsätta att arbeta medan jag väntar? Min arbetsgivare frågar varje vecka. Med vänliga hälsningar, Anna",
    "fi": "Hei! Hain jatkolupaa maaliskuussa enkä ole kuullut mitään. Kauanko päätöksessä kestää, ja saanko tehdä "
    "töitä sillä välin? Työnantajani kysyy asiaa joka viikko. Ystävällisin terveisin, Anna",
    "en": "Hello! I applied for an extension in March and have not heard anything yet. How long does it take, and may "
    "I go on working while I wait? My employer asks every week. Kind regards, Anna",
}
SENTENCES = {
    "sv": "Tack för hjälpen",
    "fi": "Kiitos paljon avusta",
    "en": "Where is my card?",
    "de": "Ich möchte eine Aufenthaltserlaubnis beantragen",
    "et": "Soovin pikendada elamisluba",
    "ru": "Хочу узнать, когда будет готова моя карта",
    "uk": "Хочу продовжити посвідку на проживання",
    "ar": "أريد تجديد تصريح الإقامة",
    "fa": "من می خواهم اقامت خود را تمدید کنم",
    "so": "Waxaan rabaa inaan cusbooneysiiyo ogolaanshaha",
}


@pytest.mark.parametrize(("language", "text"), [*MAILS.items(), *SENTENCES.items()])
def test_the_served_languages_are_told_from_mails_and_short_sentences(language, text):
    assert guess_language(text) == language


@pytest.mark.parametrize("language", MAILS)
def test_lost_diacritics_do_not_change_the_guess(language):
    bare = unicodedata.normalize("NFD", MAILS[language]).encode("ascii", "ignore").decode()
    assert guess_language(bare) == language


@pytest.mark.parametrize("text", ["", "Hej!", "Mvh Anna", "070-174 06 10 12 34 56", "ok ok ok", "Anna Maria Lindqvist"])
def test_too_little_to_tell_is_none(text):
    assert guess_language(text) is None


def test_quoted_lines_and_addresses_are_passed_over():
    quoted = "\n".join(f"> {MAILS['en']}" for _ in range(3))
    assert guess_language(f"Tack, då väntar jag på svar.\n{quoted}") == "sv"
    assert guess_language("https://www.example.org/how/long/does/it/take my.long.name@example.org") is None


def test_only_the_languages_asked_for_are_guessed():
    assert guess_language(MAILS["sv"], among=("sv", "da")) == "sv"
    assert guess_language(MAILS["fi"], among=("fi",)) == "fi"


def test_a_huge_text_is_read_in_part():
    assert guess_language(MAILS["sv"] * 20_000) == "sv"


def test_threads_guess_alike():
    languages = list(MAILS) * 20
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda language: guess_language(MAILS[language]), languages)) == languages
