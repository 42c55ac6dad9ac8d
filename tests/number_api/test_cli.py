import pytest
from click.testing import CliRunner

from number_api.cli import program


@pytest.mark.parametrize("number", ["1", "42", "100"])
def test_a_number_is_extracted_from_a_fresh_set_and_found(number: str) -> None:
    result = CliRunner().invoke(program, [number])
    assert (result.exit_code, result.output) == (0, f"The missing number is {number}\n")


@pytest.mark.parametrize("text", ["0", "101", "-5", "-h5", "abc", "5.0", "٣"])
def test_what_is_no_number_is_refused_in_one_line(text: str) -> None:
    result = CliRunner().invoke(program, [text])
    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == "Error: The number must be an integer from 1 to 100"


def test_two_numbers_are_refused() -> None:
    assert CliRunner().invoke(program, ["4", "2"]).exit_code == 2
