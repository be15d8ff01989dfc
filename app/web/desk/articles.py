"""The knowledge base for agents: all articles, and each in its languages."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from app.screens.article_pages import read_article, read_articles
from app.texts.catalogue import supported
from app.texts.markdown import markdown_to_html
from app.web.context import language, system

articles = Blueprint("articles", __name__, url_prefix="/desk/articles")


@articles.get("/")
def index() -> str:
    """All articles by title."""
    with system().db.read() as session:
        found = read_articles(session, language())
    return render_template("desk/articles.html", found=found)


@articles.get("/<int:article_id>")
def show(article_id: int) -> str:
    """One article in the language asked for."""
    with system().db.read() as session:
        page = read_article(session, article_id, supported(request.args.get("lang"), language()))
    return render_template("desk/article.html", page=page, html=markdown_to_html(page.text.body))
