"""Turns every exception into a problem."""

from http import HTTPStatus

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from number_api import errors
from number_api.json_response import JsonResponse
from number_api.problems.catalogue import FRAMEWORK_PROBLEMS, PROBLEM_MEDIA_TYPE, REQUEST_PROBLEMS, Problem, ProblemType

# When a client should try again after a 503, in seconds: about what Valkey needs to start.
RETRY_SECONDS = 2

_INTERNAL_ERROR = FRAMEWORK_PROBLEMS[HTTPStatus.INTERNAL_SERVER_ERROR]


def exception_handlers() -> ExceptionHandlersMap:
    """Return what answers the exceptions of every kind.

    Litestar's plugin for problem details would first turn each into another exception, which takes as long as the rest
    of the request.
    """
    return {
        errors.RequestError: _answer_request_error,
        HTTPException: _answer_http_exception,
        Exception: _answer_anything_else,
    }


def _answer_request_error(_: Request, error: errors.RequestError) -> JsonResponse[Problem]:  # type: ignore[type-arg]
    extracted_count = error.extracted_count if isinstance(error, errors.NotOneNumberMissingError) else msgspec.UNSET
    return _answer(REQUEST_PROBLEMS[type(error)], str(error), _headers(error), extracted_count)


def _answer_http_exception(_: Request, exception: HTTPException) -> JsonResponse[Problem]:  # type: ignore[type-arg]
    problem_type = FRAMEWORK_PROBLEMS.get(HTTPStatus(exception.status_code), _INTERNAL_ERROR)
    # Of the headers only Allow is known to come from here and not from the client.
    allow = {name: value for name, value in (exception.headers or {}).items() if name.lower() == "allow"}
    return _answer(problem_type, problem_type.example, allow)


def _answer_anything_else(_: Request, __: Exception) -> JsonResponse[Problem]:  # type: ignore[type-arg]
    return _answer(_INTERNAL_ERROR, _INTERNAL_ERROR.example, {})


def _answer(
    problem_type: ProblemType,
    detail: str,
    headers: dict[str, str],
    extracted_count: int | msgspec.UnsetType = msgspec.UNSET,
) -> JsonResponse[Problem]:
    return JsonResponse(
        Problem(problem_type.uri, problem_type.title, problem_type.status, detail, extracted_count),
        status_code=problem_type.status,
        headers=headers,
        media_type=PROBLEM_MEDIA_TYPE,
    )


def _headers(error: errors.RequestError) -> dict[str, str]:
    match error:
        case errors.RateLimitedError():
            return {"Retry-After": str(error.retry_after), **error.headers}
        case errors.StoreUnavailableError() | errors.ShuttingDownError() | errors.TooManyDownloadsError():
            return {"Retry-After": str(RETRY_SECONDS)}
        case errors.NotAuthenticatedError():
            return {"WWW-Authenticate": "Bearer"}
        case errors.ScopeMissingError():
            return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{error.scope}"'}
    return {}
