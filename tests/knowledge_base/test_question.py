"""An inquiry cut into windows."""

from knowledge_base.analysis import grams
from knowledge_base.question import (
    MOST_CHARACTERS,
    MOST_WINDOWS,
    QUESTION_FACTOR,
    WINDOW_WORDS,
    read_question,
    sentences,
    tabulate,
)


def test_sentences_end_at_their_marks_and_at_line_breaks():
    assert sentences("Hej!\nJag undrar. Hur länge?\n\nMvh Anna") == ["Hej!", "Jag undrar.", "Hur länge?", "Mvh Anna"]


def test_a_line_wrapped_in_the_middle_of_a_sentence_is_one_sentence():
    assert sentences("Hur länge får jag\r\nvänta på svar?\r\nAnna") == ["Hur länge får jag vänta på svar?", "Anna"]


def test_a_question_holds_the_whole_text_and_a_window_a_sentence():
    question = read_question("Hej alla. Kan jag resa?")
    assert question.rows == (("hej", "alla", "kan", "jag", "resa"), ("kan", "jag", "resa"), ("hej", "alla"))
    assert question.factors == (1.0, QUESTION_FACTOR, 1.0)


def test_an_indirect_question_is_weighed_as_a_question():
    assert read_question("Jag undrar hur jag ansöker.").factors[1] == QUESTION_FACTOR


def test_all_that_is_asked_in_several_sentences_is_a_window_of_its_own():
    rows = read_question("Vad kostar det? Jag är ny här. Hur betalar jag?").rows
    assert rows[-1] == ("vad", "kostar", "det", "hur", "betalar", "jag")


def test_a_long_sentence_is_cut_into_windows():
    rows = read_question(" ".join(f"ord{n}" for n in range(30)) + ".").rows
    assert [len(row) for row in rows] == [30, WINDOW_WORDS, WINDOW_WORDS, 6]


def test_a_very_long_mail_is_read_in_part_and_keeps_its_questions():
    text = "Detta är en rad.\n" * 60 + "Hur ansöker jag?\n" + "Detta är en rad.\n" * 100_000
    question = read_question(text)
    assert len(question.rows) == MOST_WINDOWS + 1
    assert question.rows[1] == ("hur", "ansöker", "jag")
    assert len(" ".join(question.rows[0])) < MOST_CHARACTERS


def test_a_text_without_words_has_no_windows():
    assert read_question(" \n … ?").rows == ((),)


def test_the_table_tells_in_which_row_each_term_stands_how_often():
    table = tabulate(
        read_question("Kort kort. Pass"), lambda word: (word,), lambda word: 0.5 if word == "pass" else 1.0
    )
    cells = {
        (int(row), table.terms[column], float(count))
        for row, column, count in zip(table.rows, table.columns, table.counts, strict=True)
    }
    assert cells == {(0, "kort", 2), (0, "pass", 0.5), (1, "kort", 2), (2, "pass", 0.5)}


def test_a_question_of_short_words_has_an_empty_table_of_grams():
    assert tabulate(read_question("och är du"), grams, lambda word: 1.0).terms == ()
