"""What people set for themselves."""

from __future__ import annotations

from tests.web.conftest import Enter


def test_the_desk_speaks_the_language_that_a_person_chose(enter: Enter) -> None:
    nils = enter("nils")
    assert nils.send("/desk/settings/", language="fi", density="compact").status_code == 303
    assert '<html lang="fi">' in nils.get("/desk/").text
    assert '<html lang="fi">' in enter("nils").get("/desk/").text, "another browser knows it too"
    assert '<html lang="en">' in enter("nora").get("/desk/").text


def test_a_language_that_there_is_not_is_told_beside_the_field(enter: Enter) -> None:
    answer = enter("nils").send("/desk/settings/", language="xx", density="compact")
    assert answer.status_code == 422
    assert 'id="language-fault"' in answer.text


def test_the_density_stays_with_the_browser(enter: Enter) -> None:
    nils = enter("nils")
    nils.send("/desk/settings/", language="en", density="comfortable")
    assert 'data-density="comfortable"' in nils.get("/desk/").text
    assert "data-density" not in enter("nils").get("/desk/").text
