"""Answers every exception with a problem (RFC 9457), and describes the problems in the OpenAPI description."""

from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.types import ExceptionHandlersMap

from number_api.errors import (
    BodyTooLargeError,
    InternalError,
    MalformedRequestError,
    MethodNotAllowedError,
    NotFoundError,
    NotOneNumberMissingError,
    RequestError,
)
from number_api.json_response import JsonResponse

_MEDIA_TYPE = "application/problem+json"

# What the framework refuses. Its own texts are never passed on: they may repeat what the client sent.
_FRAMEWORK_ERRORS: dict[int, type[RequestError]] = {
    error.status: error for error in (MalformedRequestError, NotFoundError, MethodNotAllowedError, BodyTooLargeError)
}


class Problem(msgspec.Struct, frozen=True):
    """An error, as RFC 9457 describes it.

    `type` names the kind of error and never changes; `title` says the same in words; `detail` is about this request.
    `extracted_count` comes with the problems of finding the missing number.
    """

    type: str
    title: str
    status: int
    detail: str
    extracted_count: int | msgspec.UnsetType = msgspec.UNSET


def answer_of(error: RequestError, headers: dict[str, str] | None = None) -> JsonResponse[Problem]:
    """Return the answer that an error stands for.

    Args:
        error: The error.
        headers: Header fields beside those of the error.
    """
    return JsonResponse(
        _problem(error), status_code=error.status, headers={**error.headers, **(headers or {})}, media_type=_MEDIA_TYPE
    )


def exception_handlers() -> ExceptionHandlersMap:
    """Return what answers the exceptions of every kind.

    Litestar's plugin for problem details would first turn each into another exception, which takes as long as the rest
    of the request.
    """
    return {
        RequestError: _answer_request_error,
        HTTPException: _answer_http_exception,
        Exception: _answer_anything_else,
    }


def problem_responses(*kinds: type[RequestError]) -> dict[int, ResponseSpec]:
    """Document errors, for the `responses` of a handler: those with the same status together, each with an example."""
    by_status: dict[int, list[type[RequestError]]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    return {
        status: ResponseSpec(
            data_container=Problem,
            description="; or: ".join(kind.title for kind in same_status),
            media_type=_MEDIA_TYPE,
            generate_examples=False,
            examples=[
                Example(summary=kind.title, value=msgspec.to_builtins(_problem(kind(*kind.example))))
                for kind in same_status
            ],
        )
        for status, same_status in sorted(by_status.items())
    }


def _problem(error: RequestError) -> Problem:
    extracted_count = error.extracted_count if isinstance(error, NotOneNumberMissingError) else msgspec.UNSET
    return Problem(f"urn:number-api:problem:{error.name}", error.title, error.status, str(error), extracted_count)


def _answer_request_error(_: Request[Any, Any, Any], error: RequestError) -> JsonResponse[Problem]:
    return answer_of(error)


def _answer_http_exception(_: Request[Any, Any, Any], exception: HTTPException) -> JsonResponse[Problem]:
    # Of the headers only Allow is known to come from here and not from the client.
    allow = {name: value for name, value in (exception.headers or {}).items() if name.lower() == "allow"}
    return answer_of(_FRAMEWORK_ERRORS.get(exception.status_code, InternalError)(), allow)


def _answer_anything_else(_: Request[Any, Any, Any], __: Exception) -> JsonResponse[Problem]:
    return answer_of(InternalError())
