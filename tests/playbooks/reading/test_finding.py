"""Papers that answer a question."""

from __future__ import annotations

from leadwise.connect.model import Paper
from leadwise.playbooks.reading.finding import find, passages
from leadwise.qualify.embedded.vectors import sentence_model

PAPERS = [
    ("docs", Paper("1", "Exporting", "Contacts are exported as CSV under Settings, Data, Export. "
                   "It takes a minute.", "https://d/1")),
    ("docs", Paper("2", "Travel policy", "Trains are booked in second class. Flights need the "
                   "approval of your manager.", "https://d/2")),
    ("tickets", Paper("3", "Export hangs", "The export of contacts hung for very large lists. We "
                      "fixed it by splitting the file.", "https://t/3")),
    ("chat", Paper("4", "Lunch", "Lunch is at noon in the big room.", "")),
]  # fmt: skip


def test_the_best_comes_first_with_its_quote() -> None:
    for vectors in (None, sentence_model()):
        found = find("How do I export contacts?", PAPERS, 3, vectors)
        assert [one.paper.id for one in found][:2] in (["1", "3"], ["3", "1"])
        assert {one.paper.id for one in found} == {"1", "3"}
        assert all(one.quote in one.paper.text for one in found)


def test_nothing_is_found_rather_than_guessed() -> None:
    for question in ("What is the capital of Peru?", "?", "", "the of and"):
        assert find(question, PAPERS, 3, sentence_model()) == []


def test_signs_of_the_search_language_are_words() -> None:
    for question in ('export" OR body:*', "NEAR(export contacts)", "export AND NOT contacts'--"):
        assert {one.paper.id for one in find(question, PAPERS, 5, None)} <= {"1", "3"}


def test_the_question_is_no_answer_to_itself() -> None:
    asking = Paper("5", "how do i", "How do I  export contacts?", "")
    found = find("How do I export contacts?", [*PAPERS, ("chat", asking)], 5, None)
    assert "5" not in {one.paper.id for one in found}


def test_most_and_one_of_each_paper() -> None:
    long = Paper("6", "Long", "Contacts are exported to files. " * 300, "")
    found = find("exported contacts", [*PAPERS, ("docs", long)], 2, None)
    assert len(found) == 2
    assert len({one.paper.id for one in found}) == 2
    assert find("exported contacts", PAPERS, 0, None) == []


def test_passages_hold_whole_sentences() -> None:
    text = "One sentence here. " * 100
    found = passages(text)
    assert all(one.endswith(".") and len(one) < 800 for one in found)
    assert sum(one.count("sentence") for one in found) == 100
