from __future__ import annotations

from pathlib import Path

from app.articles.models import ArticleText
from app.core.system import System
from app.flows.articles import load_articles, refresh_search, search_folder
from knowledge_base.search_box import ArticleSearch

ARTICLES = Path(__file__).resolve().parents[2] / "demo" / "articles"


def test_the_search_index_is_built_once_and_again_after_an_edit_or_a_loss(system: System) -> None:
    texts = load_articles(system, ARTICLES)
    assert (refresh_search(system), refresh_search(system)) == (texts, 0)
    with system.db.begin() as session:
        session.get_one(ArticleText, 1).is_published = False
    assert (refresh_search(system), refresh_search(system)) == (texts - 1, 0)
    (search_folder(system.settings).with_suffix(".change")).unlink()
    assert refresh_search(system) == texts - 1
    box = ArticleSearch(search_folder(system.settings))
    assert box.count() == texts - 1
    box.close()
