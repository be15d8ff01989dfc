from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from knowledge_base.article import Article
from knowledge_base.search_box import ArticleSearch

ARTICLES = [
    Article(
        1,
        "sv",
        "Resa medan kortet tillverkas",
        "Du kan resa ut ur Sverige utan kort. För att resa in behöver du kortet.",
    ),
    Article(1, "fi", "Matkustaminen ennen kortin saapumista", "Voit matkustaa ulkomaille ilman korttia."),
    Article(2, "sv", "Anmäl ny adress", "När du har flyttat ska du anmäla din nya adress till oss."),
    Article(3, "en", "Pay the fee", "You can pay the fee by card from abroad."),
]


@pytest.fixture
def box(tmp_path: Path) -> ArticleSearch:
    made = ArticleSearch(tmp_path / "index")
    made.rebuild(ARTICLES)
    return made


def families(box: ArticleSearch, query: str, language: str | None = None) -> list[int]:
    return [hit.family for hit in box.search(query, language=language)]


@pytest.mark.parametrize(
    "query", ["kort?", "KORT", "kortet!", "(kort", "kort*", '"kort', "resa NOT kort", "kort^5 [resa TO x"]
)
def test_what_people_type_is_never_a_query_language(box: ArticleSearch, query: str) -> None:
    assert families(box, query, "sv")[0] == 1


@pytest.mark.parametrize(
    ("query", "family"),
    [("adresser", 2), ("anmala adress", 2), ("flytt", 2), ("matkustan", 1), ("paying fees", 3), ("tillverk", 1)],
)
def test_other_forms_beginnings_and_lost_diacritics_are_found(box: ArticleSearch, query: str, family: int) -> None:
    assert families(box, query)[0] == family


def test_a_language_keeps_the_others_out(box: ArticleSearch) -> None:
    assert {hit.language for hit in box.search("kort card korttia", language="fi")} == {"fi"}


def test_matches_are_lit_up_in_the_snippet(box: ArticleSearch) -> None:
    (hit, *_) = box.search("ny adress", language="sv")
    assert "adress" in [text for text, is_match in hit.snippet if is_match]
    assert "".join(text for text, _ in hit.snippet).startswith("När du har flyttat")


def test_articles_with_all_words_come_first(box: ArticleSearch) -> None:
    assert families(box, "ny kort adress flyttat", "sv")[0] == 2


def test_a_rebuilt_index_holds_only_what_it_was_given(box: ArticleSearch) -> None:
    changed = Article(2, "sv", "Anmäl ny adress", "Skriv till oss om flytten.", version=2)
    box.rebuild([ARTICLES[2], changed])
    assert box.count() == 1
    assert families(box, "resa") == []
    assert "Skriv" in "".join(text for text, _ in box.search("adress")[0].snippet)


def test_another_reader_sees_the_switch(box: ArticleSearch, tmp_path: Path) -> None:
    reader = ArticleSearch(tmp_path / "index")
    assert reader.count() == 4
    box.rebuild(ARTICLES[:1])
    assert reader.count() == 1


def test_without_an_index_there_are_no_hits_and_no_error(box: ArticleSearch, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "index")
    assert box.search("kort") == []
    assert box.count() == 0
    assert box.suggest("krot") is None


@pytest.mark.parametrize("query", ["", "   ", "?!", "*"])
def test_a_query_without_words_finds_nothing(box: ArticleSearch, query: str) -> None:
    assert box.search(query) == []


def test_a_misspelt_word_is_corrected_to_one_that_articles_use(box: ArticleSearch) -> None:
    assert box.suggest("adrss") == "adress"
    assert box.suggest("adress") is None


def test_many_threads_search_while_the_index_is_rebuilt(box: ArticleSearch) -> None:
    failures: list[BaseException] = []

    def look() -> None:
        try:
            for _ in range(30):
                assert families(box, "kort", "sv")[0] == 1
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        box.rebuild(ARTICLES)
    for thread in threads:
        thread.join()
    assert failures == []
