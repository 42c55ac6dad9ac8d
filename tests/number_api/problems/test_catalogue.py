from pathlib import Path

from number_api.problems.catalogue import FRAMEWORK_PROBLEMS, REQUEST_PROBLEMS

DOCUMENT = Path(__file__).parents[3] / "docs" / "number_api.md"


def test_the_documentation_lists_every_problem_with_its_status() -> None:
    listed = {line for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")}
    for problem in (*REQUEST_PROBLEMS.values(), *FRAMEWORK_PROBLEMS.values()):
        assert any(line.startswith(f"| {problem.name} | {problem.status.value} |") for line in listed), problem.name
