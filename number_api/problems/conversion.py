"""Turns every exception into a problem, through Litestar's plugin."""

from http import HTTPStatus
from typing import Any

from litestar.exceptions import HTTPException
from litestar.plugins.problem_details import ProblemDetailsConfig, ProblemDetailsException, ProblemDetailsPlugin

from number_api import errors
from number_api.problems.catalogue import FRAMEWORK_PROBLEMS, REQUEST_PROBLEMS, ProblemType

# When a client should try again after a 503, in seconds: about what Valkey needs to start.
RETRY_SECONDS = 2

_INTERNAL_ERROR = FRAMEWORK_PROBLEMS[HTTPStatus.INTERNAL_SERVER_ERROR]


def problem_details_plugin() -> ProblemDetailsPlugin:
    """Return the plugin that answers every exception as a problem."""
    return ProblemDetailsPlugin(
        ProblemDetailsConfig(
            exception_to_problem_detail_map={
                errors.RequestError: _from_request_error,
                HTTPException: _from_http_exception,
                Exception: _from_anything_else,
            }
        )
    )


def _from_request_error(error: errors.RequestError) -> ProblemDetailsException:
    problem_type = REQUEST_PROBLEMS[type(error)]
    extension = {"extracted_count": error.extracted_count} if isinstance(error, errors.NotOneNumberMissingError) else {}
    return _problem(problem_type, str(error), _headers(error), extension)


def _from_http_exception(exception: HTTPException) -> ProblemDetailsException:
    problem_type = FRAMEWORK_PROBLEMS.get(HTTPStatus(exception.status_code), _INTERNAL_ERROR)
    # Of the headers only Allow is known to come from here and not from the client.
    allow = {name: value for name, value in (exception.headers or {}).items() if name.lower() == "allow"}
    return _problem(problem_type, problem_type.example, allow, {})


def _from_anything_else(_: Exception) -> ProblemDetailsException:
    return _problem(_INTERNAL_ERROR, _INTERNAL_ERROR.example, {}, {})


def _problem(
    problem_type: ProblemType, detail: str, headers: dict[str, str], extension: dict[str, Any]
) -> ProblemDetailsException:
    return ProblemDetailsException(
        type_=problem_type.uri,
        title=problem_type.title,
        status_code=problem_type.status,
        detail=detail,
        headers=headers,
        extra=extension,
    )


def _headers(error: errors.RequestError) -> dict[str, str]:
    match error:
        case errors.RateLimitedError():
            return {"Retry-After": str(error.retry_after), **error.headers}
        case errors.StoreUnavailableError() | errors.ShuttingDownError():
            return {"Retry-After": str(RETRY_SECONDS)}
        case errors.NotAuthenticatedError():
            return {"WWW-Authenticate": "Bearer"}
        case errors.ScopeMissingError():
            return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{error.scope}"'}
    return {}
