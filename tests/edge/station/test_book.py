"""Who is known at a station, and the steps of taking a finger."""

import stat

import pytest
from hypothesis import given, strategies as st

from edge.station.book import Person, StationBook, StationError
from edge.station.enrolment import ATTEMPTS, Advice, Enrolment, Step, begin
from edge.station.words import ADVICE, STEPS

WANG, LI = Person("0101", "王芳"), Person("102", "Li")


@pytest.fixture
def book(tmp_path):
    made = StationBook(tmp_path / "station.db")
    made.make()
    made.put(WANG)
    made.put(LI)
    return made


def test_given_a_book_when_made_then_only_its_user_can_read_it(book, tmp_path):
    assert stat.S_IMODE((tmp_path / "station.db").stat().st_mode) == 0o600


def test_given_a_card_of_somebody_when_given_to_another_then_it_is_refused(book):
    book.give_card("0101", 5)

    with pytest.raises(StationError, match="Somebody else has this card"):
        book.give_card("102", 5)
    with pytest.raises(StationError, match="Nobody has the number 9"):
        book.give_card("9", 6)
    assert book.has_card(5) == WANG
    assert book.take_card(5)
    assert book.has_card(5) is None


def test_given_a_person_with_everything_when_removed_then_the_template_waits_to_be_erased_and_the_consent_says_when(book):
    book.give_card("0101", 5)
    book.agree("0101", "paper: folder 7")
    book.reserve(3)
    book.give_finger(3, "0101")
    (wang, _) = book.everybody()
    assert (wang.cards, wang.fingers) == ((5,), 1)

    book.remove("0101")

    assert (book.has_card(5), book.has_finger(3), book.to_erase()) == (None, None, [3])
    assert book.free_page(10, [0]) == 1
    book.erased(3)
    assert book.to_erase() == []
    with book._open() as connection:
        ((withdrawn, erased),) = connection.execute("SELECT withdrawn_at, erased_at FROM consent").fetchall()
    assert withdrawn
    assert erased


def test_given_a_crash_between_storing_and_noting_when_begun_again_then_the_place_is_erased(book):
    book.agree("0101", "at the door")
    book.reserve(4)

    assert book.to_erase() == [4]
    book.withdraw("0101")
    with pytest.raises(StationError, match="withdrawn"):
        book.give_finger(4, "0101")


def test_given_a_full_module_when_a_place_is_wanted_then_there_is_none(book):
    assert book.free_page(2, [0, 1]) is None


def test_given_good_pictures_when_taken_then_it_ends_with_storing():
    state = begin(has_agreed=False).answered(agrees=True).pictured().lifted().pictured()

    assert state.step is Step.STORE
    assert state.ended(Step.DONE).over
    assert begin(has_agreed=False).answered(agrees=False).step is Step.REFUSED


def test_given_poor_pictures_when_too_many_then_it_ends_and_different_ones_begin_again():
    second = begin(has_agreed=True).pictured().lifted()

    assert second.was_poor(Advice.MESSY).step is Step.SECOND
    assert second.was_poor(Advice.DIFFERENT).step is Step.FIRST
    state = second
    for _ in range(ATTEMPTS):
        state = state.was_poor(Advice.FEW_POINTS)
    assert (state.step, state.advice) == (Step.POOR, Advice.FEW_POINTS)


@given(st.sampled_from(Step), st.lists(st.sampled_from(["pictured", "lifted", "poor", "agree", "refuse"]), max_size=12))
def test_given_any_events_when_taken_then_no_consent_is_passed_by_and_the_end_stays_the_end(step, events):
    state = Enrolment(step)
    for event in events:
        before = state
        if event in ("agree", "refuse"):
            state = state.answered(agrees=event == "agree")
        else:
            state = state.was_poor(Advice.MESSY) if event == "poor" else getattr(state, event)()
        if before.step is Step.CONSENT and event not in ("agree", "refuse"):
            assert state.step in (Step.CONSENT, Step.POOR)
        if before.over:
            assert state == before


def test_given_every_step_and_advice_then_there_are_words_for_it():
    assert set(STEPS) == set(Step)
    assert set(ADVICE) == set(Advice)
