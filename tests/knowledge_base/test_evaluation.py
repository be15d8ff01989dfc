"""The figures of a ranking, and the mark that ours has to beat."""

import math
from pathlib import Path
from types import SimpleNamespace

import pytest

from knowledge_base.article import Article
from knowledge_base.baseline import WhooshBaseline
from knowledge_base.catalogue import JudgedQuestion, collect, read_articles, read_questions, read_set
from knowledge_base.evaluation import evaluate, evaluate_by
from knowledge_base.ranking import RankIndex

ROOT = Path(__file__).resolve().parents[2]
SETS = (ROOT / ".." / "shared" / "data" / "knowledge").resolve()
PUBLIC_SETS = pytest.mark.skipif(not SETS.is_dir(), reason="needs ../shared/data/knowledge beside the project")
AROUND = (
    "Hej!\nJag heter Anna Lindqvist och bor sedan 2019 med min man och våra två barn i Umeå. "
    "Förra veckan ringde jag flera gånger men kom aldrig fram i kön.\n{}\n"
    "Tack på förhand för ett snabbt svar!\nMed vänliga hälsningar\nAnna Lindqvist, Storgatan 12, Umeå"
)


class Fixed:
    """A ranking that always gives the same families."""

    def __init__(self, *families):
        self._families = families

    def rank(self, text, *, language, limit):
        return [SimpleNamespace(family=family) for family in self._families][:limit]


def test_recall_and_gain_follow_the_place_of_the_right_family():
    questions = [JudgedQuestion("?", "sv", key) for key in ("first", "third", "nowhere")]
    figures = evaluate(Fixed(1, 9, 3), questions, {"first": 1, "third": 3, "nowhere": 7}, ks=(1, 2, 3))
    assert figures.recall == {1: 1 / 3, 2: 1 / 3, 3: 2 / 3}
    assert figures.ndcg10 == pytest.approx((1 + 1 / math.log2(4)) / 3)
    assert figures.questions == 3


def test_what_comes_after_the_tenth_place_counts_for_nothing():
    families = {"late": 11}
    figures = evaluate(Fixed(*range(1, 12)), [JudgedQuestion("?", "sv", "late")], families, ks=(11,))
    assert (figures.recall[11], figures.ndcg10) == (0, 0)


def test_the_slow_questions_show_in_the_95th_percentile():
    figures = evaluate(Fixed(1), [JudgedQuestion("?", "sv", "a")] * 20, {"a": 1})
    assert 0 < figures.p50_ms <= figures.p95_ms


def test_figures_are_told_for_each_language_and_kind():
    questions = [JudgedQuestion("?", "sv", "a", "mail"), JudgedQuestion("?", "fi", "b", "call")]
    by_language = evaluate_by(Fixed(1), questions, {"a": 1, "b": 2})
    assert (by_language["sv"].ndcg10, by_language["fi"].ndcg10) == (1, 0)
    assert set(evaluate_by(Fixed(1), questions, {"a": 1, "b": 2}, trait="kind")) == {"mail", "call"}


def test_without_questions_there_are_no_figures():
    with pytest.raises(ValueError, match="no questions"):
        evaluate(Fixed(), [], {})


def test_the_baseline_ranks_by_stems_and_takes_any_text():
    baseline = WhooshBaseline([Article(1, "sv", "", "Avgiften betalas"), Article(2, "fi", "", "Maksu")], language="sv")
    assert [one.family for one in baseline.rank("avgifter?", language="sv", limit=3)] == [1]
    assert baseline.rank("NOT x AND (", language="sv", limit=3) == []
    assert WhooshBaseline([], language="so").rank("sidee", language="so", limit=3) == []


@PUBLIC_SETS
def test_swedish_questions_find_their_answers_clearly_better_than_with_whoosh():
    collection = read_set(SETS / "sv_faq.json")
    ours = evaluate(RankIndex(collection.articles), collection.questions, collection.families)
    plain = evaluate(WhooshBaseline(collection.articles, language="sv"), collection.questions, collection.families)
    assert ours.ndcg10 >= 1.06 * plain.ndcg10


@PUBLIC_SETS
def test_a_mail_around_the_question_keeps_nine_tenths_of_the_gain():
    collection = read_set(SETS / "sv_faq.json")
    index = RankIndex(collection.articles)
    mails = [JudgedQuestion(AROUND.format(one.text), "sv", one.article) for one in collection.questions]
    clean = evaluate(index, collection.questions, collection.families)
    assert evaluate(index, mails, collection.families).ndcg10 >= 0.9 * clean.ndcg10


@PUBLIC_SETS
def test_finnish_paraphrases_are_found_better_than_with_whoosh():
    collection = read_set(SETS / "fi_paraphrases.json")
    questions = collection.questions[::10]
    ours = evaluate(RankIndex(collection.articles), questions, collection.families)
    plain = evaluate(WhooshBaseline(collection.articles, language="fi"), questions, collection.families)
    assert ours.ndcg10 >= 1.03 * plain.ndcg10


@pytest.mark.parametrize("language", ["sv", "fi", "en"])
def test_the_demo_articles_are_among_the_first_three_for_most_of_the_demo_questions(language):
    questions = read_questions(ROOT / "demo" / "questions" / f"{language}.json")
    collection = collect(read_articles(ROOT / "demo" / "articles"), questions)
    assert evaluate(RankIndex(collection.articles), collection.questions, collection.families).recall[3] >= 0.7
