"""The knowledge base for agents: all articles, and each in its languages."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, render_template, request

from app.core.config import Settings
from app.flows.articles import search_folder
from app.screens.article_pages import read_article, read_articles
from app.texts.catalogue import SUPPORTED, supported
from app.texts.markdown import markdown_to_html
from app.web.context import language, reading
from knowledge_base.search_box import ArticleSearch

articles = Blueprint("articles", __name__, url_prefix="/desk/articles")
LONGEST = 200
BOX = "luukku-article-search"


@articles.get("/")
def index() -> str:
    """All articles by title; with `q`, those that the search box finds in the language chosen."""
    query, wanted = request.args.get("q", "").strip()[:LONGEST], request.args.get("lang", "")
    if not query:
        with reading() as session:
            found = read_articles(session, language())
        return render_template("desk/articles.html", found=found, query="", wanted=wanted)
    box: ArticleSearch = current_app.extensions[BOX]
    hits = box.search(query, language=wanted if wanted in SUPPORTED else None)
    instead = None if hits else box.suggest(query)
    return render_template("desk/article_hits.html", hits=hits, query=query, wanted=wanted, instead=instead)


def install(app: Flask, settings: Settings) -> None:
    """Open the search box's index once for the process."""
    app.extensions[BOX] = ArticleSearch(search_folder(settings))


@articles.get("/<int:article_id>")
def show(article_id: int) -> str:
    """One article in the language asked for."""
    with reading() as session:
        page = read_article(session, article_id, supported(request.args.get("lang"), language()))
    return render_template("desk/article.html", page=page, html=markdown_to_html(page.text.body))
