"""Plain text into paragraphs and lists."""

from __future__ import annotations

from channels.letters.body import Block, blocks_of, is_right_to_left


def test_empty_lines_part_paragraphs_and_single_ends_of_line_stay() -> None:
    assert blocks_of("Hej!\r\n\r\nRad ett\nRad två\n \n\n\nSlut") == (
        Block("paragraph", ("Hej!",)),
        Block("paragraph", ("Rad ett\nRad två",)),
        Block("paragraph", ("Slut",)),
    )


def test_bullets_become_one_list_with_their_indented_lines() -> None:
    assert blocks_of("Ta med:\n- pass\n  alla sidor\n• foto\n* avgift\nTack") == (
        Block("paragraph", ("Ta med:",)),
        Block("bullets", ("pass\nalla sidor", "foto", "avgift")),
        Block("paragraph", ("Tack",)),
    )


def test_numbers_become_a_list_that_keeps_its_first_number() -> None:
    assert blocks_of("3. tredje\n4) fjärde") == (Block("numbers", ("tredje", "fjärde"), start=3),)


def test_a_dash_without_a_space_and_a_year_are_text() -> None:
    assert blocks_of("-5 grader\n\n2026. Ett år") == (
        Block("paragraph", ("-5 grader",)),
        Block("paragraph", ("2026. Ett år",)),
    )


def test_each_block_knows_its_direction() -> None:
    assert [block.rtl for block in blocks_of("Hej\n\nمرحبا Luukku\n\n- שלום\n\n123 4417")] == [False, True, True, False]


def test_the_first_letter_decides_the_direction() -> None:
    assert is_right_to_left("(12) مرحبا hello")
    assert not is_right_to_left("hello مرحبا")
    assert not is_right_to_left("")


def test_nothing_gives_nothing() -> None:
    assert blocks_of(" \n\n\t\n") == ()
