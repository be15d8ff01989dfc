"""The demo authority: texts that really differ, references that lead somewhere, samples that are what they claim."""

from __future__ import annotations

import json
import re
from datetime import date, time
from email import message_from_bytes
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pypdfium2
import pytest

from app.routing.models import RuleKind
from app.routing.rules import Facts, RoutingRule, decide

DEMO = Path(__file__).resolve().parents[2] / "demo"
LANGUAGES = ("sv", "fi", "en")
TOPICS = {"card", "address", "work", "study", "family", "citizenship", "fees", "visit", "case", "certificate"}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHANNELS = {"email", "phone", "letter"}
ARTICLES = sorted((DEMO / "articles").glob("*.md"))
MAILS = sorted((DEMO / "samples").glob("*.eml"))
LETTERS = sorted((DEMO / "samples").glob("*.pdf"))
AUTHORITY: dict[str, Any] = json.loads((DEMO / "authority.json").read_text("utf-8"))
UNITS: dict[str, dict[str, Any]] = {unit["key"]: unit for unit in AUTHORITY["units"]}


def split_article(path: Path) -> tuple[dict[str, str], str]:
    empty, head, body = path.read_text("utf-8").split("---\n", 2)
    assert empty == ""
    return dict(line.split(": ", 1) for line in head.splitlines()), body.strip()


def words_of(path: Path) -> list[str]:
    return re.findall(r"\w+", split_article(path)[1].lower())


def shingles_of(path: Path) -> set[tuple[str, ...]]:
    words = words_of(path)
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}


def articles_in(language: str) -> list[Path]:
    return [path for path in ARTICLES if path.name.endswith(f".{language}.md")]


def by_name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_at_least_fifteen_articles(language: str) -> None:
    assert len(articles_in(language)) >= 15


def test_every_family_is_complete_in_the_three_languages() -> None:
    families = {path.name.split(".")[0] for path in ARTICLES}
    assert {path.name for path in ARTICLES} == {f"{key}.{lang}.md" for key in families for lang in LANGUAGES}


@pytest.mark.parametrize("path", ARTICLES, ids=by_name)
def test_an_article_is_a_text_of_its_own_in_plain_markdown(path: Path) -> None:
    head, body = split_article(path)
    assert set(head) == {"title", "topic", "reviewed_on"}
    assert head["topic"] in TOPICS
    assert date.fromisoformat(head["reviewed_on"]).year == 2026
    assert 120 <= len(words_of(path)) <= 225
    assert not re.search(r"[*_`<>|]|^#[^#]|^###|^\d+\. |\]\(", body, re.MULTILINE)


def test_a_family_speaks_of_one_topic_reviewed_on_one_day() -> None:
    heads: dict[str, set[tuple[str, str]]] = {}
    for path in ARTICLES:
        head, _ = split_article(path)
        heads.setdefault(path.name.split(".")[0], set()).add((head["topic"], head["reviewed_on"]))
    assert [key for key, seen in heads.items() if len(seen) > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_articles_share_a_third_of_their_shingles(language: str) -> None:
    shingles = {path.name: shingles_of(path) for path in articles_in(language)}
    for (one, left), (other, right) in combinations(shingles.items(), 2):
        assert len(left & right) * 3 < min(len(left), len(right)), f"{one} and {other} are too alike"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_paragraph_stands_in_two_articles(language: str) -> None:
    paragraphs = [text for path in articles_in(language) for text in split_article(path)[1].split("\n\n")]
    assert len(paragraphs) == len(set(paragraphs))


def test_a_family_names_the_same_amounts_of_money_in_every_language() -> None:
    families = {path.name.split(".")[0] for path in ARTICLES}
    for key in families:
        sums = [money_in(split_article(DEMO / "articles" / f"{key}.{lang}.md")[1]) for lang in LANGUAGES]
        assert sums[0] == sums[1] == sums[2], key


def money_in(text: str) -> set[int]:
    """The sums in euros: "140 euro", "140 euroa", "EUR 140"."""
    found = re.findall(r"(\d[\d ]*) euro|EUR (\d[\d,]*)", text)
    return {int(re.sub(r"\D", "", before or after)) for before, after in found}


def test_there_are_five_units_or_more_and_one_of_them_is_finnish() -> None:
    assert len(UNITS) == len(AUTHORITY["units"]) >= 5
    assert {"Europe/Stockholm", "Europe/Helsinki"} == {unit["timezone"] for unit in UNITS.values()}
    assert {"SE", "FI"} == {unit["calendar"]["holidays"] for unit in UNITS.values()}


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_unit_is_named_and_reachable(unit: dict[str, Any]) -> None:
    assert set(unit["name"]) == set(LANGUAGES)
    assert unit["language"] in LANGUAGES
    assert ZoneInfo(unit["timezone"])
    assert unit["mailbox"].endswith("@" + AUTHORITY["domain"])
    assert unit["address"]
    assert phonenumbers.is_valid_number(phonenumbers.parse(unit["phone"]))


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_unit_has_a_target_for_each_metric_of_each_channel(unit: dict[str, Any]) -> None:
    targets = {(row["channel"], row["metric"]) for row in unit["targets"]}
    assert targets == {(channel, metric) for channel in CHANNELS for metric in ("first_response", "resolution")}
    assert len(unit["targets"]) == len(targets)
    for row in unit["targets"]:
        assert row["kind"] in {"minutes", "working_days"}
        assert row["amount"] > 0
        assert 0 < row["share"] <= 1


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_calendar_has_ordered_windows_and_days_that_do_not_contradict(unit: dict[str, Any]) -> None:
    calendar = unit["calendar"]
    assert set(calendar["week"]) <= set(WEEKDAYS)
    assert not set(calendar["closed"]) & set(calendar["special"])
    for windows in [*calendar["week"].values(), *calendar["special"].values()]:
        hours = [time.fromisoformat(hour) for window in windows for hour in window]
        assert all(earlier < later for earlier, later in pairwise(hours))
    for day in [*calendar["closed"], *calendar["special"]]:
        assert WEEKDAYS[date.fromisoformat(day).weekday()] in calendar["week"]


def test_the_calendars_differ_and_show_a_lunch_break_an_evening_and_a_saturday() -> None:
    weeks = [unit["calendar"]["week"] for unit in UNITS.values()]
    assert len({json.dumps(week) for week in weeks}) == len(weeks)
    assert any(len(week["mon"]) == 2 for week in weeks)
    assert any("sat" in week and week["mon"][-1][1] >= "19:00" for week in weeks)
    assert all("2026-12-23" in unit["calendar"]["special"] for unit in UNITS.values())


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_unit_has_a_head_and_three_agents(unit: dict[str, Any]) -> None:
    roles = [
        place["role"] for user in AUTHORITY["users"] for place in user["memberships"] if place["unit"] == unit["key"]
    ]
    assert roles.count("head") == 1
    assert roles.count("agent") >= 3


def test_users_log_in_with_an_address_each_and_belong_to_units_that_exist() -> None:
    logins = [user["email"] for user in AUTHORITY["users"]]
    assert len(logins) == len(set(logins))
    for user in AUTHORITY["users"]:
        assert user["email"].endswith("@" + AUTHORITY["domain"])
        assert user["admin"] or user["memberships"]
        assert all(place["unit"] in UNITS and place["role"] in {"agent", "head"} for place in user["memberships"])
    assert sum(user["admin"] for user in AUTHORITY["users"]) == 1
    assert any(len(user["memberships"]) == 2 for user in AUTHORITY["users"])
    assert "password" not in json.dumps(AUTHORITY)


def test_topics_of_the_units_are_the_topics_of_the_articles_under_one_name_each() -> None:
    named = {(topic["key"], json.dumps(topic["name"])) for unit in UNITS.values() for topic in unit["topics"]}
    assert {key for key, _ in named} == TOPICS == {split_article(path)[0]["topic"] for path in ARTICLES}
    assert len(named) == len(TOPICS)


def test_citizens_include_the_cast_and_can_all_be_reached() -> None:
    people = {person["key"]: person for person in AUTHORITY["citizens"]}
    assert len(people) == len(AUTHORITY["citizens"]) >= 8
    cast = {(people[key]["name"], people[key]["language"]) for key in ("siri", "eeva-liisa", "tomasz")}
    assert cast == {("Siri Testsson", "sv"), ("Eeva-Liisa Testinen", "fi"), ("Tomasz Exempelski", "en")}
    for person in people.values():
        assert re.fullmatch(r"[^@]+@example\.(se|fi|org)", person["email"]) or person["address"]
        assert phonenumbers.is_valid_number(phonenumbers.parse(person["phone"]))


def test_routing_leads_to_units_and_topics_that_exist_and_ends_with_a_rule_for_everything() -> None:
    rules = AUTHORITY["routing"]
    positions = [rule["position"] for rule in rules]
    assert positions == sorted(set(positions))
    for rule in rules:
        assert rule["kind"] in set(RuleKind)
        assert rule.get("language", "sv") in LANGUAGES
        assert rule["unit"] in UNITS or (rule["unit"] is None and rule["topic"] in TOPICS)
    assert rules[-1]["kind"] == RuleKind.ALWAYS
    assert rules[-1]["unit"] in UNITS


def test_routing_serves_every_mailbox_every_number_and_every_topic_in_every_language() -> None:
    rules = AUTHORITY["routing"]
    assert {rule["value"]: rule["unit"] for rule in rules if rule["kind"] == "mailbox"} == {
        unit["mailbox"]: key for key, unit in UNITS.items()
    }
    numbers = {rule["value"] for rule in rules if rule["kind"] == "number"}
    assert numbers == {unit["phone"] for unit in UNITS.values()} | set(AUTHORITY["central"]["phones"])
    words = {(rule["language"], rule["topic"]) for rule in rules if rule.get("topic")}
    assert words == {(language, topic) for language in LANGUAGES for topic in TOPICS}


@pytest.mark.parametrize(
    ("language", "text", "unit", "topic"),
    [
        ("sv", "Jag har flyttat. Kan jag resa ut innan kortet kommit?", "sundsvall", "card"),
        ("sv", "Måste jag betala avgiften igen?", "norrkoping", "fees"),
        ("sv", "Får jag jobba medan ni prövar min ansökan?", "malmo", "work"),
        ("sv", "Hur överklagar jag?", "sundsvall", "case"),
        ("fi", "Milloin jatkolupaa voi hakea?", "helsinki", "case"),
        ("fi", "Voiko äitini tulla vierailulle?", "vaasa", "visit"),
        ("en", "I would feel better if I knew how long it takes.", "international", "case"),
        ("en", "My employer wants me to start.", "international", "work"),
        (None, "??", "international", None),
    ],
)
def test_a_mail_to_the_central_mailbox_finds_its_unit_and_topic(
    language: str | None, text: str, unit: str, topic: str | None
) -> None:
    facts = Facts((AUTHORITY["central"]["mailbox"],), language, text)
    decision = decide(facts, routing_rules())
    assert (decision.unit_id, decision.topic_key) == (list(UNITS).index(unit), topic)


def test_a_mail_to_a_units_own_mailbox_stays_there_and_still_gets_its_topic() -> None:
    facts = Facts((UNITS["sundsvall"]["mailbox"],), "sv", "Vad kostar medborgarskap?")
    decision = decide(facts, routing_rules())
    assert (decision.unit_id, decision.topic_key) == (list(UNITS).index("sundsvall"), "citizenship")


def routing_rules() -> list[RoutingRule]:
    """The demo's rules; a unit's id is its place in the list."""
    ids = {None: None} | {key: at for at, key in enumerate(UNITS)}
    return [
        RoutingRule(
            at, row["position"], row["kind"], row["value"], row.get("language"), ids[row["unit"]], row.get("topic")
        )
        for at, row in enumerate(AUTHORITY["routing"])
    ]


def test_every_sample_is_described_and_every_description_has_its_sample() -> None:
    described = re.findall(r"^\| `([^`]+)`", (DEMO / "samples" / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(described) == sorted(path.name for path in [*MAILS, *LETTERS])
    assert len(MAILS) >= 10
    assert len(LETTERS) == 4


@pytest.mark.parametrize("path", MAILS, ids=by_name)
def test_a_sample_mail_has_headers_and_a_body(path: Path) -> None:
    mail = message_from_bytes(path.read_bytes())
    assert mail["Subject"]
    assert mail.get_payload()
    assert mail.defects == []


def test_the_samples_hold_the_awkward_kinds() -> None:
    mails = [message_from_bytes(path.read_bytes()) for path in MAILS]
    assert any(mail["From"] is mail["Date"] is mail["Message-ID"] is None for mail in mails)
    assert any(mail.get_param("report-type") == "delivery-status" for mail in mails)
    assert any(mail.get_param("format") == "flowed" for mail in mails)
    assert any(mail["Auto-Submitted"] == "auto-replied" and not mail.is_multipart() for mail in mails)
    assert any(part.get_content_type() == "application/pdf" for mail in mails for part in mail.walk())


@pytest.mark.parametrize("path", LETTERS, ids=by_name)
def test_a_letter_has_its_source_and_only_the_scan_lacks_a_text_layer(path: Path) -> None:
    assert path.with_suffix(".typ").exists()
    assert path.stat().st_size < (120_000 if "scan" in path.name else 60_000)
    with pypdfium2.PdfDocument(path) as document:
        texts = [page.get_textpage().get_text_bounded() for page in document]
    assert all(bool(text.strip()) is ("scan" not in path.name) for text in texts)
