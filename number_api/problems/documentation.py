"""Documents problems in the OpenAPI description."""

from http import HTTPStatus
from typing import Any

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from number_api.errors import RequestError
from number_api.problems.catalogue import FRAMEWORK_PROBLEMS, PROBLEM_MEDIA_TYPE, REQUEST_PROBLEMS, Problem, ProblemType


def problem_responses(*kinds: type[RequestError] | HTTPStatus) -> dict[int, ResponseSpec]:
    """Document errors, for the `responses` of a handler: those with the same status together, each with an example.

    Args:
        kinds: Errors of this service, and statuses for the errors of the framework.
    """
    by_status: dict[int, list[ProblemType]] = {}
    for kind in kinds:
        problem_type = FRAMEWORK_PROBLEMS[kind] if isinstance(kind, HTTPStatus) else REQUEST_PROBLEMS[kind]
        by_status.setdefault(problem_type.status, []).append(problem_type)
    return {
        status: ResponseSpec(
            data_container=Problem,
            description="; or: ".join(problem_type.title for problem_type in problem_types),
            media_type=PROBLEM_MEDIA_TYPE,
            generate_examples=False,
            examples=[
                Example(summary=problem_type.title, value=_example(problem_type)) for problem_type in problem_types
            ],
        )
        for status, problem_types in sorted(by_status.items())
    }


def _example(problem_type: ProblemType) -> dict[str, Any]:
    example = {
        "type": problem_type.uri,
        "title": problem_type.title,
        "status": problem_type.status.value,
        "detail": problem_type.example,
    }
    if problem_type.extracted_count is not None:
        example["extracted_count"] = problem_type.extracted_count
    return example
