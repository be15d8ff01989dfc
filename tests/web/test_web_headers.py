"""What answers carry: a strict policy, nothing in caches, files that cannot run; and forms that need their token."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web.assets import FOLDER, read_files
from tests.web.conftest import PNG, Enter, World


def policy(answer: object) -> dict[str, str]:
    text = answer.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    return {part.split()[0]: part for part in text.split("; ")}


def test_pages_run_only_our_own_scripts_and_styles(world: World, enter: Enter) -> None:
    answer = enter("nils").get(f"/desk/tickets/{world.reference}")
    found = policy(answer)
    assert found["default-src"] == "default-src 'none'"
    assert found["script-src"] == "script-src 'self'"
    assert found["style-src"] == "style-src 'self'"
    assert found["frame-ancestors"] == "frame-ancestors 'none'"
    assert found["base-uri"] == "base-uri 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/desk/", "/desk/tickets/{}", "/desk/tickets/{}/why", "/desk/search/?q=kort"])
def test_no_page_holds_code_or_style_in_itself(path: str, world: World, enter: Enter) -> None:
    page = enter("nils").get(path.format(world.reference)).text
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|javascript:", page)


def test_static_files_are_kept_for_a_year_under_an_address_that_changes_with_them(desk_app: Flask) -> None:
    client = desk_app.test_client()
    url = re.search(r'href="(/static/[^"]+\.css)"', client.get("/login").text)[1]  # type: ignore[index]
    assert client.get(url).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    older = re.sub(r"/static/\w+/", "/static/0123456789ab/", url)
    assert client.get(older).headers["Cache-Control"] == "no-cache"
    assert client.get("/static/x/../../factory.py").status_code == 404


def test_scripts_have_a_type_that_browsers_run_as_modules(desk_app: Flask) -> None:
    client = desk_app.test_client()
    for path in FOLDER.rglob("*.js"):
        answer = client.get(f"/static/x/{path.relative_to(FOLDER).as_posix()}")
        assert answer.content_type.startswith("text/javascript")


def test_what_the_browser_loads_stays_small() -> None:
    own = {path.name: len(gzip.compress(path.read_bytes())) for path in (FOLDER / "js").glob("*.js")}
    elsewhere = own.pop("passkeys.js") + own.pop("print.js")  # at the log-in, in the settings and on the print alone
    assert sum(own.values()) <= 15_000
    assert elsewhere <= 2_000
    assert sum(len(gzip.compress(data)) for data in read_files(FOLDER).values()) <= 80_000
    assert (FOLDER / "luukku.css").stat().st_size <= 48_000


def test_a_file_of_a_stranger_is_saved_never_run(world: World, enter: Enter) -> None:
    answer = enter("nils").get(f"/desk/attachments/{world.file_id}")
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert "filename*=UTF-8''intyg" in disposition
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "innehåll" in answer.data.decode()


def test_only_plain_pictures_show_in_the_page(world: World, enter: Enter) -> None:
    nils = enter("nils")
    picture = nils.get(f"/desk/attachments/{world.picture_id}?inline=1")
    assert picture.headers["Content-Disposition"].startswith("inline")
    assert picture.content_type == "image/png"
    assert picture.data == PNG
    text = nils.get(f"/desk/attachments/{world.file_id}?inline=1")
    assert text.headers["Content-Disposition"].startswith("attachment")


def test_the_mail_frame_shows_its_pictures_from_us_and_nothing_else(world: World, enter: Enter) -> None:
    nils = enter("nils")
    answer = nils.get(f"/desk/tickets/{world.reference}/messages/{world.message_id}/html")
    found = policy(answer)
    assert "script-src" not in found
    assert found["default-src"] == "default-src 'none'"
    assert "allow-scripts" not in found["sandbox"]
    assert found["frame-ancestors"] == "frame-ancestors 'self'"
    assert f"/desk/attachments/{world.picture_id}?inline=1" in answer.text
    assert "<b>Kan jag resa</b>" in answer.text
    assert "alert(1)" not in answer.text
    page = nils.get(f"/desk/tickets/{world.reference}").text
    frame = re.search(r"<iframe[^>]*>", page)[0]  # type: ignore[index]
    assert "allow-scripts" not in frame


def test_the_original_comes_as_it_came(world: World, enter: Enter) -> None:
    answer = enter("nils").get(f"/desk/tickets/{world.reference}/messages/{world.message_id}/original")
    assert answer.content_type == "message/rfc822"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"Message-ID: <rich@example.se>" in answer.data


FORMS = ("take", "assign", "transfer", "state", "topic", "language", "identify", "reply", "note", "call-note", "open")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_without_its_token_changes_nothing(form: str, world: World, enter: Enter) -> None:
    nils = enter("nils")
    url = f"/desk/tickets/{world.reference}"
    before = nils.get(url).text.count('class="sys')
    answer = nils.http.post(f"{url}/{form}", data={"body": "x", "reason": "y", "step": "resolve"})
    assert answer.status_code == 400
    assert "Go back and send it again" in answer.text
    assert nils.get(url).text.count('class="sys') == before


def test_every_form_carries_the_token_and_the_page_gives_it_to_htmx(world: World, enter: Enter) -> None:
    page = enter("nils").get(f"/desk/tickets/{world.reference}").text
    posts = re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL)
    assert len(posts) > 8
    assert all('name="csrf_token"' in form for form in posts)
    assert "hx-headers:inherited" in page


@pytest.mark.parametrize(("url", "status"), [("/desk/nothing", 404), ("/desk/?state=odd", 422), ("/logout", 405)])
def test_errors_are_pages_in_plain_words(url: str, status: int, enter: Enter) -> None:
    answer = enter("nils").get(url)
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert "Traceback" not in answer.text


def test_an_unexpected_fault_tells_a_number_and_nothing_else(
    desk_app: Flask, enter: Enter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> object:
        raise RuntimeError("secret detail")

    client: FlaskClient = enter("nils").http
    monkeypatch.setattr("app.web.desk.tickets.read_list", broken)
    answer = client.get("/desk/")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert re.search(r"<b class=\"ref\">[0-9a-f]{8}</b>", answer.text)


@pytest.mark.parametrize("field", ["email", "password", "next"])
def test_a_text_with_a_nul_is_no_text(desk_app: Flask, field: str) -> None:
    assert desk_app.test_client().post("/login", data={field: "a\0b"}).status_code == 400
    assert desk_app.test_client().get("/login?email=a%00b").status_code == 400


def test_a_form_larger_than_two_megabytes_is_not_read(desk_app: Flask) -> None:
    large = "csrf_token=x&" + "a=1&" * 600_000
    answer = desk_app.test_client().post("/login", data=large, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
