"""Articles and questions read from files."""

import json
from datetime import date
from pathlib import Path

import pytest

from knowledge_base.article import Article
from knowledge_base.catalogue import (
    ArticleFile,
    CatalogueError,
    JudgedQuestion,
    collect,
    read_articles,
    read_questions,
    read_set,
)

SOUND = "---\ntitle: Fees: what they are\ntopic: fees\nreviewed_on: 2026-03-01\n---\n\n# Fees\n\nPay---\nby card.\n"


def test_articles_are_read_with_their_front_matter(tmp_path):
    (tmp_path / "fees.en.md").write_text(SOUND, encoding="utf-8")
    (tmp_path / "fees.sv.md").write_text("---\ntitle: Avgifter\n---\nText", encoding="utf-8")
    (tmp_path / "README.md").write_text("not an article", encoding="utf-8")
    assert read_articles(tmp_path) == [
        ArticleFile("fees", "en", "Fees: what they are", "# Fees\n\nPay---\nby card.", "fees", date(2026, 3, 1)),
        ArticleFile("fees", "sv", "Avgifter", "Text"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Just text",
        "---\ntitle: No end\n",
        "---\ntopic: fees\n---\nText",
        "---\ntitle: A\nnonsense\n---\nText",
        "---\ntitle: A\nreviewed_on: yesterday\n---\nText",
    ],
)
def test_a_faulty_article_is_named(tmp_path, text):
    (tmp_path / "bad.sv.md").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"bad\.sv\.md"):
        read_articles(tmp_path)


def test_questions_of_one_language_are_read(tmp_path):
    file = tmp_path / "sv.json"
    questions = [{"text": "Vad kostar det?", "article": "fees", "kind": "short"}]
    file.write_text(json.dumps({"language": "sv", "questions": questions}), encoding="utf-8")
    assert read_questions(file) == [JudgedQuestion("Vad kostar det?", "sv", "fees", "short")]


def test_a_set_is_read_with_its_articles(tmp_path):
    file = tmp_path / "set.json"
    content = {
        "articles": [{"id": 7, "lang": "fi", "title": "", "body": "Maksu"}],
        "questions": [{"text": "Paljonko?", "lang": "fi", "article": 7}],
    }
    file.write_text(json.dumps(content), encoding="utf-8")
    collection = read_set(file)
    assert collection.articles == (Article(0, "fi", "", "Maksu"),)
    assert collection.questions == (JudgedQuestion("Paljonko?", "fi", "7"),)
    assert collection.families == {"7": 0}


@pytest.mark.parametrize("content", ["[]", "{}", "nonsense", '{"questions": [{"text": "a"}]}', '{"articles": [{}]}'])
def test_a_faulty_set_is_named(tmp_path, content):
    file = tmp_path / "bad.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"bad\.json"):
        read_set(file)
    with pytest.raises(CatalogueError, match=r"bad\.json"):
        read_questions(file)


def test_variants_of_one_key_are_one_family():
    files = [ArticleFile("a", "sv", "A", ""), ArticleFile("b", "sv", "B", ""), ArticleFile("a", "fi", "A", "")]
    collection = collect(files, [])
    assert [article.family for article in collection.articles] == [0, 1, 0]


def test_a_question_about_no_article_is_refused():
    with pytest.raises(CatalogueError, match="fees"):
        collect([], [JudgedQuestion("Vad kostar det?", "sv", "fees")])


def test_the_demo_is_readable():
    demo = Path(__file__).resolve().parents[2] / "demo"
    articles = read_articles(demo / "articles")
    questions = [one for file in sorted((demo / "questions").glob("*.json")) for one in read_questions(file)]
    assert {one.language for one in collect(articles, questions).questions} == {"sv", "fi", "en"}
