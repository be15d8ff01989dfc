"""What the suggestion ranking promises, on a small authority of invented articles."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from knowledge_base.article import Article
from knowledge_base.ranking import RankIndex

CARD, APPEAL, WORK, MOVE, FEE = range(1, 6)
TITLES_AND_TEXTS = {
    (CARD, "sv"): "Förlorat uppehållstillståndskort: Polisanmäl förlusten. Beställ sedan ett nytt kort.",
    (CARD, "en"): "Lost residence permit card: Report the loss to the police. Then order a new card.",
    (APPEAL, "sv"): "Överklaga ett beslut: Du har tre veckor på dig att överklaga. Skicka överklagandet till oss.",
    (APPEAL, "en"): "Appeal against a decision: You have three weeks. Send the appeal to us, not to the court.",
    (APPEAL, "fi"): "Valitus päätöksestä: Sinulla on kolme viikkoa aikaa. Lähetä valitus meille.",
    (WORK, "sv"): "Arbeta medan du väntar: Du får arbeta medan ansökan om förlängning prövas. "
    "Arbetsgivaren kan begära ett intyg.",
    (MOVE, "fi"): "Osoitteen muutos: Ilmoita uusi osoite, kun muutat. Päätös lähetetään siihen.",
    (FEE, "fi"): "Hakemuksen maksu: Hakemusmaksu maksetaan, kun hakemus jätetään. Maksua ei palauteta.",
}
TEXTS = [Article(*key, *text.split(": ", 1)) for key, text in TITLES_AND_TEXTS.items()]
MAIL = """Hej!
Jag heter Anna Lindqvist och bor i Umeå sedan 2019 med min man och våra två barn, som går i skolan här.
Förra veckan försökte jag ringa er flera gånger men kom inte fram, och därför skriver jag ett brev i stället.
{question}
Tack på förhand för ett snabbt svar! Med vänliga hälsningar
Anna Lindqvist, Storgatan 12, Umeå"""


@pytest.fixture
def index():
    return RankIndex(TEXTS)


def first(index, text, language="sv"):
    return index.rank(text, language=language)[0]


def test_the_article_about_the_question_comes_first(index):
    assert first(index, "Jag har tappat mitt kort, vad gör jag?").family == CARD
    assert first(index, "Miten valitan päätöksestä?", "fi").family == APPEAL


def test_a_family_is_shown_once_and_in_the_citizens_language(index):
    found = index.rank("Appeal decision court", language="en")
    assert [one.family for one in found].count(APPEAL) == 1
    assert (found[0].family, found[0].language) == (APPEAL, "en")
    assert found[0].title == "Appeal against a decision"


def test_a_family_is_found_by_a_variant_in_another_language(index):
    found = first(index, "Kan min arbetsgivare begära ett intyg medan ansökan prövas?", "en")
    assert (found.family, found.language) == (WORK, "sv")


def test_a_family_without_the_asked_language_is_shown_by_the_fall_back_order():
    index = RankIndex(TEXTS, fallback=("en", "sv"))
    assert first(index, "överklaga beslut", "ar").language == "en"
    assert first(RankIndex(TEXTS, fallback=()), "överklaga beslut", "ar").language == "en"
    assert first(RankIndex(TEXTS), "överklaga beslut", None).language == "sv"


def test_a_wrong_guess_of_the_language_still_finds_the_article(index):
    assert first(index, "Får jag arbeta medan jag väntar på förlängning?", "fi").family == WORK


def test_lost_diacritics_and_scanning_faults_still_find_the_article(index):
    assert first(index, "Hur overklagar jag ett besIut?").family == APPEAL
    assert first(index, "mitt uppehàllstilIstàndskort ar forlorat").family == CARD
    assert first(index, "uppehålls-\ntillståndskort").family == CARD


def test_part_of_a_compound_finds_the_article(index):
    assert first(index, "arbetsgivarintyg").family == WORK


def test_a_question_is_found_in_a_long_mail_around_it(index):
    found = first(index, MAIL.format(question="Hur många veckor har jag på mig för att överklaga?"))
    assert found.family == APPEAL


def test_scores_of_a_mail_and_of_its_bare_question_are_of_one_scale(index):
    question = "Hur många veckor har jag på mig för att överklaga?"
    bare, mail = first(index, question), first(index, MAIL.format(question=question))
    assert bare.score / 5 < mail.score <= bare.score


def test_an_article_put_twice_gives_one_result_with_the_later_text(index):
    index.put(Article(CARD, "sv", "Borttappat kort", "Anmäl saken i kassan.", version=2))
    index.put(Article(CARD, "sv", "Borttappat kort", "Spärra kortet i appen.", version=3))
    found = index.rank("kort", language="sv")
    assert [one.family for one in found].count(CARD) == 1
    assert found[0].passage == "Spärra kortet i appen."
    assert all(one.family != CARD or one.language != "sv" for one in index.rank("kassan", language="sv"))
    assert len(index) == len(TEXTS)


def test_a_replaced_index_ranks_like_one_built_afresh(index):
    for article in TEXTS:
        index.put(Article(article.family, article.language, "Kort om resor", "Resor och pass och kort."))
    for article in TEXTS:
        index.put(article)
    text = MAIL.format(question="Mitt kort är borta.")
    assert index.rank(text, language="sv") == RankIndex(TEXTS).rank(text, language="sv")


def test_a_removed_article_is_never_shown(index):
    index.remove(APPEAL)
    assert APPEAL not in [one.family for one in index.rank("överklaga appeal valitus", language="sv", limit=50)]


def test_a_removed_variant_leaves_the_others(index):
    index.remove(APPEAL, "sv")
    assert first(index, "send the appeal to the court", "sv").language == "fi"
    assert len(index) == len(TEXTS) - 1


def test_removing_what_is_not_there_changes_nothing(index):
    index.remove(99)
    index.remove(CARD, "de")
    assert len(index) == len(TEXTS)


@pytest.mark.parametrize("text", ["", "  \n", "?!…", "💬", "\x00"])
def test_a_text_without_words_gets_no_suggestion(index, text):
    assert index.rank(text, language="sv") == []


def test_an_empty_index_suggests_nothing():
    assert RankIndex().rank("Hur överklagar jag?", language="sv") == []


def test_a_text_that_shares_nothing_gets_no_suggestion(index):
    assert index.rank("qqqq zzzz", language="en") == []


def test_no_more_than_the_limit_are_given(index):
    assert len(index.rank("kort beslut ansökan valitus osoite maksu", language="sv", limit=2)) == 2


def test_a_title_alone_is_enough_to_be_found():
    index = RankIndex([Article(1, "en", "Opening hours", ""), Article(2, "en", "Fees", "")])
    assert first(index, "When do you open? What are your opening hours?", "en").family == 1


def test_the_words_that_weighed_are_those_of_inquiry_and_article(index):
    found = first(index, "Kan arbetsgivaren få ett arbetsgivarintyg?")
    assert {"arbetsgivaren", "intyg", "arbetsgivarintyg"} <= set(found.words)
    assert found.words[0] == "arbetsgivaren"


def test_the_passage_is_the_sentence_that_answers(index):
    assert first(index, "Vem kan begära intyg, arbetsgivaren?").passage.startswith("Arbetsgivaren kan begära ett intyg")


def test_windows_lift_the_text_that_holds_the_question_together():
    scattered = "Resan. Passet. Kostar en hel del. Förnya kortet. Barnet väntar. Vad som helst kan hända."
    together = "Ett barns pass förnyas hos polisen; det kostar 400 kronor att förnya ett barns pass."
    index = RankIndex([Article(1, "sv", "", scattered), Article(2, "sv", "", together)])
    assert first(index, MAIL.format(question="Vad kostar det att förnya ett barns pass?")).family == 2


def test_in_a_small_index_common_words_weigh_less_than_rare_ones():
    index = RankIndex(
        [
            Article(1, "en", "", "What would you do and which of those would they have been doing there"),
            Article(2, "en", "", "Fingerprints are taken at the office by appointment on weekdays"),
            Article(3, "en", "", "Opening hours of our office in the summer"),
        ]
    )
    assert first(index, "What would you do about the fingerprints, which have been there", "en").family == 2


def test_what_stands_in_every_text_of_a_crowd_is_passed_over_and_the_rest_still_found():
    crowd = [Article(n, "sv", "", f"Gemensamt ord{n % 900:03d} nummer{n:05d}") for n in range(2_100)]
    index = RankIndex(crowd)
    assert index.rank("gemensamt", language="sv") == []
    assert first(index, "gemensamt nummer01234").family == 1234


def test_threads_rank_steadily_while_others_put_and_remove():
    index = RankIndex(TEXTS)
    question = "Hur överklagar jag ett beslut?"
    steady = index.rank(question, language="sv", limit=1)
    done = threading.Event()

    def write():
        for turn in range(150):
            index.put(TEXTS[2])
            index.put(Article(100 + turn, "sv", "Hur beslut", "Hur jag fattar ett annat beslut."))
            index.remove(100 + turn)
        done.set()

    def read():
        seen = set()
        while not done.is_set():
            seen.add(tuple(one.family for one in index.rank(question, language="sv", limit=1)))
        return seen

    with ThreadPoolExecutor(4) as pool:
        reading = [pool.submit(read) for _ in range(3)]
        pool.submit(write).result()
    assert set().union(*(one.result() for one in reading)) == {(APPEAL,)}
    assert index.rank(question, language="sv", limit=1) == steady
