import re
from pathlib import Path

from number_api.problems.catalogue import FRAMEWORK_PROBLEMS, REQUEST_PROBLEMS

DOCUMENT = Path(__file__).parents[3] / "docs" / "number_api.md"


def test_the_documentation_lists_the_problems_that_there_are_with_their_statuses() -> None:
    listed = set(re.findall(r"^\| ([a-z-]+) \| ([0-9]{3}) \|", DOCUMENT.read_text(), re.MULTILINE))
    problems = (*REQUEST_PROBLEMS.values(), *FRAMEWORK_PROBLEMS.values())
    assert listed == {(problem.name, str(problem.status.value)) for problem in problems}
