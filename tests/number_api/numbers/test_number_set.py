import enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from number_api import NumberSet
from number_api.errors import InvalidNumberError, NoNumberMissingError, SeveralNumbersMissingError
from number_api.numbers.number_set import parse_number
from tests.number_api.numbers.not_numbers import NOT_NUMBERS


@given(st.lists(st.one_of(st.integers(1, 100), st.just("reset"))))
def test_any_sequence_of_operations_behaves_as_a_plain_set_does(operations: list[int | str]) -> None:
    numbers, model = NumberSet(), set(range(1, 101))
    for operation in operations:
        if isinstance(operation, int):
            assert numbers.extract(operation) is (operation in model)
            model.discard(operation)
        else:
            numbers.reset()
            model = set(range(1, 101))
        assert numbers.get_current_set() == sorted(model)
        assert numbers.remaining_count == len(model)
        assert numbers.remaining_sum == sum(model)
        if len(model) == 99:
            assert {numbers.find_missing_number()} == set(range(1, 101)) - model
        elif len(model) == 100:
            with pytest.raises(NoNumberMissingError):
                numbers.find_missing_number()
        else:
            with pytest.raises(SeveralNumbersMissingError) as caught:
                numbers.find_missing_number()
            assert caught.value.extracted_count == 100 - len(model)


@given(st.integers(1, 1000).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size))))
def test_the_missing_number_of_a_set_of_any_size_is_found(size_and_number: tuple[int, int]) -> None:
    size, number = size_and_number
    numbers = NumberSet(size)
    numbers.extract(number)
    assert numbers.find_missing_number() == number


NOT_NUMBERS_OF_THE_SET = [True, False, 5.0, "5", None, b"5", 0, -1, 101, 10**5000, float("nan"), [5]]


@pytest.mark.parametrize("value", NOT_NUMBERS_OF_THE_SET, ids=lambda value: str(type(value).__name__))
def test_what_is_no_integer_of_the_range_is_refused_and_changes_nothing(value: object) -> None:
    numbers = NumberSet()
    with pytest.raises(InvalidNumberError, match=r"^The number must be an integer from 1 to 100$"):
        numbers.extract(value)  # type: ignore[arg-type]
    assert numbers.remaining_count == 100
    assert numbers.remaining_sum == 5050


def test_an_integer_of_an_enumeration_is_an_integer() -> None:
    class Chosen(enum.IntEnum):
        FIVE = 5

    assert NumberSet().extract(Chosen.FIVE)


@pytest.mark.parametrize("size", [0, -1, True, 100.0, "100", None])
def test_a_set_needs_a_size_of_at_least_one(size: object) -> None:
    with pytest.raises(InvalidNumberError, match="at least 1"):
        NumberSet(size)  # type: ignore[arg-type]


def test_the_current_set_is_a_copy() -> None:
    numbers = NumberSet()
    numbers.get_current_set().clear()
    assert numbers.remaining_count == len(numbers.get_current_set()) == 100


def test_the_missing_number_is_computed_from_the_sum_of_what_is_left() -> None:
    numbers = NumberSet()
    numbers.extract(42)
    numbers._remaining_sum -= 1
    assert numbers.find_missing_number() == 43


def test_every_number_is_read_back_from_its_text() -> None:
    assert [parse_number(str(number)) for number in range(1, 101)] == list(range(1, 101))


@pytest.mark.parametrize("text", NOT_NUMBERS, ids=lambda text: ascii(text[:10]))
def test_text_that_only_resembles_a_number_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidNumberError, match=r"^The number must be an integer from 1 to 100$"):
        parse_number(text)


@given(st.text())
def test_only_the_plain_decimal_forms_are_numbers(text: str) -> None:
    if text not in {str(number) for number in range(1, 101)}:
        with pytest.raises(InvalidNumberError):
            parse_number(text)
