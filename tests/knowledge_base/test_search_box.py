"""What the search box promises to people who type and to those who keep its index."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from whoosh import index
from whoosh.index import EmptyIndexError

from knowledge_base.article import Article
from knowledge_base.generations import Generations
from knowledge_base.search_box import ArticleSearch, Removal

ROOT = Path(__file__).resolve().parents[2]
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
def box(tmp_path: Path) -> Iterator[ArticleSearch]:
    made = ArticleSearch(tmp_path / "index")
    made.rebuild(ARTICLES)
    yield made
    made.close()


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


def test_an_article_updated_twice_in_one_batch_gives_one_result(box: ArticleSearch) -> None:
    box.update([replace(ARTICLES[2], text="Skriv ett brev."), replace(ARTICLES[2], text="Ring växeln.")])
    assert families(box, "adress", "sv") == [2]
    assert box.count() == len(ARTICLES)
    assert families(box, "brev", "sv") == []
    box.update([replace(ARTICLES[2], title="Flytt", text="Mejla oss.")])
    assert families(box, "växeln adress", "sv") == []
    assert families(box, "mejla", "sv") == [2]


def test_a_removed_article_is_not_found_and_may_come_back_in_the_same_batch(box: ArticleSearch) -> None:
    box.update([Removal(1), ARTICLES[1], Removal(2, "sv"), Removal(99)])
    assert families(box, "resa adress") == []
    assert families(box, "matkustaminen") == [1]
    assert box.count() == 2


def test_a_removal_after_an_update_in_one_batch_has_the_last_word(box: ArticleSearch) -> None:
    box.update([Article(4, "en", "Opening hours", "We are open on weekdays."), Removal(4)])
    assert families(box, "opening hours") == []


def test_an_update_without_an_index_makes_one(tmp_path: Path) -> None:
    box = ArticleSearch(tmp_path / "deep" / "folder")
    box.update(ARTICLES[:1])
    assert (box.count(), families(box, "resa")) == (1, [1])
    box.close()


def test_the_index_deleted_in_use_is_empty_until_it_is_rebuilt(box: ArticleSearch, tmp_path: Path) -> None:
    assert families(box, "adress") == [2]
    shutil.rmtree(next((tmp_path / "index").glob("0*")))
    assert (families(box, "adress"), box.count()) == ([], 0)
    box.rebuild(ARTICLES)
    assert families(box, "adress") == [2]


def test_words_in_quotes_must_stand_side_by_side(box: ArticleSearch) -> None:
    box.update([Article(5, "sv", "Adress", "En adress som är ny ska anmälas.")])
    assert set(families(box, "ny adress", "sv")) == {2, 5}
    assert families(box, '"ny adress"', "sv") == [2]
    assert families(box, "”ny adress”", "sv") == [2]


def test_a_family_is_listed_once_over_its_languages(box: ArticleSearch) -> None:
    assert families(box, "Sverige ulkomaille") == [1]


def test_a_full_word_outranks_one_that_only_begins_alike(box: ArticleSearch) -> None:
    box.update([Article(6, "sv", "Kortfattat", "Kortfattat om kortfilm.")])
    assert families(box, "kort", "sv")[0] == 1


def test_a_correction_keeps_to_the_language_and_to_the_words_around(box: ArticleSearch) -> None:
    assert box.suggest("Anmäl ny adrss?", language="sv") == "Anmäl ny adress?"
    assert box.suggest("adrss", language="en") is None


def test_snippets_are_not_escaped_and_join_to_the_text(box: ArticleSearch) -> None:
    box.update([Article(7, "en", "Letters", "Write <b>your</b> name & number on the letter.")])
    (hit,) = box.search("number")
    assert "".join(text for text, _ in hit.snippet) == "Write <b>your</b> name & number on the letter."
    assert [text for text, is_match in hit.snippet if is_match] == ["number"]


def test_a_long_sentence_is_cut_round_the_match(box: ArticleSearch) -> None:
    words = " ".join(["filler"] * 80)
    box.update([Article(8, "en", "Long", f"{words} needle {words}.")])
    (hit,) = box.search("needle")
    text = "".join(text for text, _ in hit.snippet)
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert ("needle", True) in hit.snippet
    assert len(text) < 260


READER = """
import sys, time
from pathlib import Path
from knowledge_base.search_box import ArticleSearch
box, end = ArticleSearch(Path(sys.argv[1])), time.monotonic() + 20
print(box.count(), flush=True)
while not box.search("nykomling") and time.monotonic() < end:
    time.sleep(0.02)
print([hit.family for hit in box.search("nykomling")], flush=True)
box.close()
"""


def test_another_process_sees_an_update_and_a_rebuild(box: ArticleSearch, tmp_path: Path) -> None:
    newcomer = Article(9, "sv", "Nykomling", "Välkommen hit.")
    for change in (lambda: box.update([newcomer]), lambda: box.rebuild([*ARTICLES, newcomer])):
        box.update([Removal(9)])
        command = [sys.executable, "-W", "error", "-c", READER, str(tmp_path / "index")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as reader:
            assert reader.stdout is not None
            assert reader.stdout.readline() == f"{len(ARTICLES)}\n"
            change()
            assert reader.stdout.readline() == "[9]\n"
        assert reader.returncode == 0


def test_writers_wait_for_one_another(box: ArticleSearch, tmp_path: Path) -> None:
    def write(turn: int) -> None:
        ArticleSearch(tmp_path / "index").update([Article(100 + turn, "sv", f"Nummer {turn}", "")])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(12)))
    assert box.count() == len(ARTICLES) + 12


def test_files_replaced_while_they_are_opened_are_not_taken_for_no_index(
    box: ArticleSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = itertools.cycle([FileNotFoundError("table of contents"), EmptyIndexError("none listed"), None])

    def open_dir(folder: str) -> Any:
        if error := next(turns):
            raise error
        return index.open_dir(folder)

    monkeypatch.setattr("knowledge_base.generations.open_dir", open_dir)
    assert families(box, "adress", "sv") == [2]
    box.update([Article(9, "sv", "Nykomling", "Välkommen hit.")])
    assert box.count() == len(ARTICLES) + 1


def test_a_writer_held_up_for_too_long_says_so(
    box: ArticleSearch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge_base.generations.WRITER_TIMEOUT", 0.1)
    with Generations(tmp_path / "index").writing(), pytest.raises(index.LockError):
        box.rebuild([])
    assert box.count() == len(ARTICLES)


def test_threads_search_while_articles_are_updated(box: ArticleSearch) -> None:
    with ThreadPoolExecutor(5) as pool:
        searches = [pool.submit(lambda: [tuple(families(box, "kort", "sv")) for _ in range(40)]) for _ in range(4)]
        for _ in range(10):
            box.update([ARTICLES[2]])
        assert {found for search in searches for found in search.result()} == {(1,)}
