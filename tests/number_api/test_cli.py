import pytest
from click.testing import CliRunner

from number_api import API_VERSION
from number_api.cli import program


@pytest.mark.parametrize("number", ["1", "42", "100"])
def test_a_number_is_extracted_from_a_fresh_set_and_found(number: str) -> None:
    result = CliRunner().invoke(program, [number])
    assert (result.exit_code, result.output) == (0, f"The missing number is {number}\n")


@pytest.mark.parametrize("text", ["0", "101", "-5", "-50", "5.0", "٣"])
def test_what_is_no_number_is_refused_in_one_line(text: str) -> None:
    result = CliRunner().invoke(program, [text])
    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == "Error: The number must be an integer from 1 to 100"


def test_two_numbers_are_refused() -> None:
    assert CliRunner().invoke(program, ["4", "2"]).exit_code == 2


@pytest.mark.parametrize("text", ["serv", "extrakt", "abc"])
def test_a_word_is_a_command_that_does_not_exist(text: str) -> None:
    result = CliRunner().invoke(program, [text])
    assert result.exit_code == 2
    assert result.output.splitlines()[-1].startswith(f"Error: No such command '{text}'.")


def test_the_version_is_that_of_the_interface() -> None:
    assert CliRunner().invoke(program, ["--version"]).output == f"number_api, version {API_VERSION}\n"


@pytest.mark.parametrize("arguments", [["-h"], ["serve", "-h"], ["extract", "-h"], ["create-key", "-h"]])
def test_h_is_help(arguments: list[str]) -> None:
    result = CliRunner().invoke(program, arguments)
    assert (result.exit_code, result.output.split()[0]) == (0, "Usage:")
