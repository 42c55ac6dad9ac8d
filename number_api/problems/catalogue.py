"""Every kind of problem that a client can meet, with the stable name that tells them apart."""

from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from number_api import errors

PROBLEM_MEDIA_TYPE = "application/problem+json"


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


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of error.

    Attributes:
        name: Its stable name.
        status: The HTTP status it comes with.
        title: What it is.
        example: A detail that it may come with.
        extracted_count: The number of extracted numbers in the example, for kinds that come with one.
    """

    name: str
    status: HTTPStatus
    title: str
    example: str
    extracted_count: int | None = None

    @property
    def uri(self) -> str:
        """What stands in a problem's `type`."""
        return f"urn:number-api:problem:{self.name}"


REQUEST_PROBLEMS: dict[type[errors.RequestError], ProblemType] = {
    errors.InvalidNumberError: ProblemType(
        "invalid-number",
        HTTPStatus.BAD_REQUEST,
        "Not a number of the set",
        "The number must be an integer from 1 to 100",
    ),
    errors.NumberAlreadyExtractedError: ProblemType(
        "number-already-extracted",
        HTTPStatus.CONFLICT,
        "The number is already extracted",
        "42 is already extracted",
    ),
    errors.NoNumberMissingError: ProblemType(
        "no-number-missing",
        HTTPStatus.CONFLICT,
        "No number is missing",
        "No number is missing; extract one first",
        extracted_count=0,
    ),
    errors.SeveralNumbersMissingError: ProblemType(
        "several-numbers-missing",
        HTTPStatus.CONFLICT,
        "Several numbers are missing",
        "3 numbers are missing; their sum cannot tell which",
        extracted_count=3,
    ),
    errors.InvalidIdempotencyKeyError: ProblemType(
        "invalid-idempotency-key",
        HTTPStatus.BAD_REQUEST,
        "Not an idempotency key",
        "An Idempotency-Key is 1 to 255 visible ASCII characters; a random UUID will do",
    ),
    errors.IdempotencyKeyReusedError: ProblemType(
        "idempotency-key-reused",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The idempotency key stands for another request",
        "This Idempotency-Key came with another number before; use a new key for each new request",
    ),
    errors.HostNotAllowedError: ProblemType(
        "host-not-allowed",
        HTTPStatus.BAD_REQUEST,
        "Not a host of this service",
        "This service does not answer for the host of the request",
    ),
    errors.CrossSiteError: ProblemType(
        "cross-site-request",
        HTTPStatus.FORBIDDEN,
        "Not from another site",
        "A page of another site may not change the numbers",
    ),
    errors.NotAuthenticatedError: ProblemType(
        "not-authenticated",
        HTTPStatus.UNAUTHORIZED,
        "An API key is needed",
        "Send a valid API key: Authorization: Bearer KEY",
    ),
    errors.ScopeMissingError: ProblemType(
        "scope-missing",
        HTTPStatus.FORBIDDEN,
        "The API key does not allow this",
        "This API key lacks the scope reset",
    ),
    errors.RateLimitedError: ProblemType(
        "rate-limited",
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many requests",
        "Too many requests; the next may come in 12 s",
    ),
    errors.BodyIncompleteError: ProblemType(
        "body-incomplete",
        HTTPStatus.REQUEST_TIMEOUT,
        "The body did not arrive",
        "The body that the request announced did not arrive within 5 s",
    ),
    errors.TooManyDownloadsError: ProblemType(
        "too-many-downloads",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Too many downloads",
        "Too many downloads are under way; try again in a moment",
    ),
    errors.StoreUnavailableError: ProblemType(
        "store-unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The store does not answer",
        "The store of the numbers does not answer; try again in a moment",
    ),
    errors.ShuttingDownError: ProblemType(
        "shutting-down",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The service is about to stop",
        "This instance is about to stop; send new requests to another one",
    ),
}

# What the framework refuses, or fails at. Its own texts are never passed on: they may repeat what the client sent.
FRAMEWORK_PROBLEMS = {
    problem_type.status: problem_type
    for problem_type in (
        ProblemType(
            "malformed-request",
            HTTPStatus.BAD_REQUEST,
            "The request cannot be understood",
            "The request is malformed",
        ),
        ProblemType(
            "not-found",
            HTTPStatus.NOT_FOUND,
            "Nothing is here",
            "This service has nothing under that path",
        ),
        ProblemType(
            "method-not-allowed",
            HTTPStatus.METHOD_NOT_ALLOWED,
            "Not with this method",
            "The header Allow lists the methods of this path",
        ),
        ProblemType(
            "body-too-large",
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "The body is too large",
            "No request to this service needs a body",
        ),
        ProblemType(
            "internal-error",
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "The service made a mistake",
            "The request failed here; X-Request-ID identifies it in the logs",
        ),
    )
}
