"""Every error that number_api raises on purpose.

NumberApiError
├── SettingsError                 a setting is wrong: the service does not start
├── ListenError                   the address to serve on cannot be had
└── RequestError                  a request that cannot be served; each kind is one problem type over HTTP
    ├── InvalidNumberError            not an integer of the set (also a ValueError)
    ├── NumberAlreadyExtractedError   the number is out
    ├── NotOneNumberMissingError      the sum formula finds one missing number, and not one is missing
    │   ├── NoNumberMissingError          but none
    │   └── SeveralNumbersMissingError    but several
    ├── InvalidIdempotencyKeyError    no visible ASCII characters, or too many
    ├── IdempotencyKeyReusedError     the key came with another number before
    ├── HostNotAllowedError           the Host header names no host of this service
    ├── CrossSiteError                a page of another site asks for a change
    ├── NotAuthenticatedError         no API key, or none that is known
    ├── ScopeMissingError             the API key does not allow this
    ├── RateLimitedError              too many requests
    ├── BodyIncompleteError           the request's body did not arrive in time
    ├── BodyTooLargeError             the request's body is larger than any that is needed
    ├── MalformedRequestError         what came cannot be understood
    ├── NotFoundError                 nothing is under the path
    ├── MethodNotAllowedError         the path has no such method
    ├── TooManyDownloadsError         as many files are on their way as there may be
    ├── StoreUnavailableError         the numbers' store does not answer
    ├── ShuttingDownError             the service is about to stop
    └── InternalError                 the service failed at it

No message repeats what a client sent: it may be a secret, or 5,000 digits long.
"""

from http import HTTPStatus
from typing import Any, ClassVar

# When a client should try again after a 503, in seconds: about what Valkey needs to start.
_RETRY_SECONDS = 2


class NumberApiError(Exception):
    """Base of all errors of this package; its text may be shown to a person."""


class SettingsError(NumberApiError):
    """A setting is wrong; the text names it and never repeats its value."""


class ListenError(NumberApiError):
    """The address cannot be listened on."""


class RequestError(NumberApiError):
    """Base of the errors that answer a request; the text is shown to the client.

    Each kind says here, and nowhere else, what it is over HTTP (RFC 9457).

    Attributes:
        name: Its stable name, the end of the problem's `type`.
        status: The HTTP status of the answer.
        title: What it is.
        detail: What it says of a request when there is no more to say.
        example: With which arguments it stands in the description of the API.
    """

    name: ClassVar[str]
    status: ClassVar[HTTPStatus]
    title: ClassVar[str]
    detail: ClassVar[str]
    example: ClassVar[tuple[Any, ...]] = ()

    def __init__(self, detail: str | None = None) -> None:
        """Say what is wrong with the request."""
        super().__init__(detail or self.detail)

    @property
    def headers(self) -> dict[str, str]:
        """The header fields that belong to the answer."""
        return {"Retry-After": str(_RETRY_SECONDS)} if self.status == HTTPStatus.SERVICE_UNAVAILABLE else {}


class InvalidNumberError(RequestError, ValueError):
    """The value is not an integer that the set could hold."""

    name = "invalid-number"
    status = HTTPStatus.BAD_REQUEST
    title = "Invalid number"
    detail = "The number must be an integer from 1 to 100"


class NumberAlreadyExtractedError(RequestError):
    """The number is out of the set already."""

    name = "number-already-extracted"
    status = HTTPStatus.CONFLICT
    title = "Number already extracted"
    example = (42,)

    def __init__(self, number: int) -> None:
        """Say which number."""
        super().__init__(f"{number} is already extracted")


class NotOneNumberMissingError(RequestError):
    """The sum formula needs exactly one missing number.

    Attributes:
        extracted_count: How many numbers are out.
    """

    status = HTTPStatus.CONFLICT

    def __init__(self, detail: str, extracted_count: int) -> None:
        """Store how many numbers are out."""
        super().__init__(detail)
        self.extracted_count = extracted_count


class NoNumberMissingError(NotOneNumberMissingError):
    """The set is whole, so no number is missing."""

    name = "no-number-missing"
    title = "No number is missing"

    def __init__(self) -> None:
        """Say so."""
        super().__init__("No number is missing; extract one first", 0)


class SeveralNumbersMissingError(NotOneNumberMissingError):
    """More than one number is out, and a sum cannot tell which."""

    name = "several-numbers-missing"
    title = "Several numbers are missing"
    example = (3,)

    def __init__(self, extracted_count: int) -> None:
        """Store how many numbers are out."""
        super().__init__(f"{extracted_count} numbers are missing; their sum cannot tell which", extracted_count)


class InvalidIdempotencyKeyError(RequestError):
    """The value of Idempotency-Key cannot be a key."""

    name = "invalid-idempotency-key"
    status = HTTPStatus.BAD_REQUEST
    title = "Invalid idempotency key"
    detail = "An Idempotency-Key is 1 to 255 visible ASCII characters; a random UUID will do"


class IdempotencyKeyReusedError(RequestError):
    """An idempotency key stands for one request, and this is another."""

    name = "idempotency-key-reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Idempotency key reused"
    detail = "This Idempotency-Key was already used with another number; use a new key for each new request"


class HostNotAllowedError(RequestError):
    """The Host header names none of the hosts that this service answers for."""

    name = "host-not-allowed"
    status = HTTPStatus.BAD_REQUEST
    title = "Host not allowed"
    detail = "This service does not serve the host that the request names"


class CrossSiteError(RequestError):
    """A page of another site asks for a change."""

    name = "cross-site-request"
    status = HTTPStatus.FORBIDDEN
    title = "Cross-site request refused"
    detail = "A page of another site may not change the numbers"


class NotAuthenticatedError(RequestError):
    """The request carries no API key that this service knows."""

    name = "not-authenticated"
    status = HTTPStatus.UNAUTHORIZED
    title = "API key required"
    detail = "Send a valid API key: Authorization: Bearer KEY"

    @property
    def headers(self) -> dict[str, str]:
        """How to authenticate (RFC 6750)."""
        return {"WWW-Authenticate": "Bearer"}


class ScopeMissingError(RequestError):
    """The API key lacks the scope that the request needs.

    Attributes:
        scope: The scope that is needed.
    """

    name = "scope-missing"
    status = HTTPStatus.FORBIDDEN
    title = "Scope missing"
    example = ("reset",)

    def __init__(self, scope: str) -> None:
        """Store the scope that is needed."""
        super().__init__(f"This API key lacks the scope {scope}")
        self.scope = scope

    @property
    def headers(self) -> dict[str, str]:
        """Which scope is needed (RFC 6750)."""
        return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self.scope}"'}


class RateLimitedError(RequestError):
    """The client sent more requests than its share.

    Attributes:
        retry_after: Seconds until the client's next window begins.
    """

    name = "rate-limited"
    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many requests"
    example = (12, {})

    def __init__(self, retry_after: int, rate_limit_fields: dict[str, str]) -> None:
        """Store how long to wait, and the RateLimit header fields that tell the client its share."""
        super().__init__(f"Too many requests; try again in {retry_after} s")
        self.retry_after = retry_after
        self._rate_limit_fields = rate_limit_fields

    @property
    def headers(self) -> dict[str, str]:
        """When to come again, and what the client's share is."""
        return {"Retry-After": str(self.retry_after), **self._rate_limit_fields}


class BodyIncompleteError(RequestError):
    """The request's body was announced and did not arrive in time."""

    name = "body-incomplete"
    status = HTTPStatus.REQUEST_TIMEOUT
    title = "Body incomplete"
    example = (5,)

    def __init__(self, seconds: int) -> None:
        """Say for how long it was awaited."""
        super().__init__(f"The body that the request announced did not arrive within {seconds} s")


class BodyTooLargeError(RequestError):
    """The request's body is larger than any that is needed."""

    name = "body-too-large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "Body too large"
    detail = "No request to this service needs a body"


class MalformedRequestError(RequestError):
    """What came cannot be understood."""

    name = "malformed-request"
    status = HTTPStatus.BAD_REQUEST
    title = "Malformed request"
    detail = "The request is malformed"


class NotFoundError(RequestError):
    """Nothing is under the path."""

    name = "not-found"
    status = HTTPStatus.NOT_FOUND
    title = "Not found"
    detail = "There is nothing at this path"


class MethodNotAllowedError(RequestError):
    """The path has no such method."""

    name = "method-not-allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED
    title = "Method not allowed"
    detail = "The Allow header lists the methods of this path"


class TooManyDownloadsError(RequestError):
    """As many large files are on their way to clients as there may be."""

    name = "too-many-downloads"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Too many downloads"
    detail = "Too many downloads are in progress; try again in a moment"


class StoreUnavailableError(RequestError):
    """The store of the numbers cannot be reached, or cannot do its work."""

    name = "store-unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Store unavailable"
    detail = "The number store does not respond; try again in a moment"


class ShuttingDownError(RequestError):
    """The service has been told to stop and finishes what it has begun."""

    name = "shutting-down"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Shutting down"
    detail = "This instance is shutting down; send new requests to another one"


class InternalError(RequestError):
    """The service failed at the request, by a fault of its own."""

    name = "internal-error"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    title = "Internal error"
    detail = "The request failed because of an error in the service; X-Request-ID identifies it in the logs"
