"""Words, stems and grams."""

import threading

import pytest

from knowledge_base.analysis import fold, grams, normalise, stem, stems, words


def test_words_are_in_lower_case_and_keep_their_diacritics():
    assert words("Överklaga BESLUTET, §3 (2026)!") == ["överklaga", "beslutet", "3", "2026"]


def test_decomposed_letters_are_the_same_words_as_composed_ones():
    assert words("o\u0308verklaga") == words("överklaga")


def test_a_word_cut_by_a_line_break_or_soft_hyphen_is_one_word():
    assert words("uppehålls-\ntillstånd med\u00adborgare") == ["uppehållstillstånd", "medborgare"]


def test_a_number_range_over_a_line_break_stays_two_numbers():
    assert words("10-\n12") == ["10", "12"]


def test_arabic_vowel_marks_do_not_cut_words():
    assert words("تَصْرِيح") == words("تصريح")


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("ansökningarna", "ansökningar", "sv"),
        ("hakemuksen", "hakemukse", "fi"),
        ("applications", "application", "en"),
        ("вопросы", "вопрос", "ru"),
    ],
)
def test_forms_of_one_word_share_a_stem(one, other, language):
    assert stem(one, language) == stem(other, language)


def test_a_language_without_a_stemmer_keeps_its_words():
    assert stems("Sidee baan u codsadaa", "so") == ["sidee", "baan", "u", "codsadaa"]


def test_question_words_are_kept():
    assert len(stems("när och hur", "sv")) == 3


@pytest.mark.parametrize(("word", "bare"), [("åäö", "aao"), ("smørrebrød", "smorrebrod"), ("é", "e")])
def test_folding_leaves_the_bare_letters(word, bare):
    assert fold(word) == bare


def test_grams_stay_inside_a_word_and_mark_its_edges():
    assert grams("Kort".lower()) == (" kor", "kort", "ort ", " kort", "kort ")


def test_lost_diacritics_leave_the_grams_as_they_were():
    assert grams("uppehallstillstand") == grams("uppehållstillstånd")


def test_short_words_have_no_grams():
    assert grams("och") == ()


def test_normalising_is_done_after_once():
    once = normalise("Väs-\nterås A\u030a")
    assert normalise(once) == once


def test_threads_that_stem_at_the_same_time_do_not_disturb_one_another():
    expected = {word: stem.__wrapped__(word, "fi") for word in ("oleskelulupaa", "kansalaisuutta", "päätöksestä")}
    wrong = []

    def work():
        for _ in range(300):
            wrong.extend(w for w, s in expected.items() if stem.__wrapped__(w, "fi") != s)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
