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
    ├── BodyIncompleteError           the request's body did not arrive, or not in time
    ├── TooManyDownloadsError         as many files are on their way as there may be
    ├── StoreUnavailableError         the numbers' store does not answer
    └── ShuttingDownError             the service is about to stop

No message repeats what a client sent: it may be a secret, or 5,000 digits long.
"""


class NumberApiError(Exception):
    """Base of all errors of this package; its text may be shown to a person."""


class SettingsError(NumberApiError):
    """A setting is wrong; the text names it and never repeats its value."""


class ListenError(NumberApiError):
    """The address cannot be listened on."""


class RequestError(NumberApiError):
    """Base of the errors that answer a request; the text is shown to the client."""


class InvalidNumberError(RequestError, ValueError):
    """The value is not an integer that the set could hold."""


class NumberAlreadyExtractedError(RequestError):
    """The number is out of the set already."""


class NotOneNumberMissingError(RequestError):
    """The sum formula needs exactly one missing number.

    Attributes:
        extracted_count: How many numbers are out.
    """

    def __init__(self, text: str, extracted_count: int) -> None:
        """Store how many numbers are out."""
        super().__init__(text)
        self.extracted_count = extracted_count


class NoNumberMissingError(NotOneNumberMissingError):
    """The set is whole, so no number is missing."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("No number is missing; extract one first", 0)


class SeveralNumbersMissingError(NotOneNumberMissingError):
    """More than one number is out, and a sum cannot tell which."""

    def __init__(self, extracted_count: int) -> None:
        """Store how many numbers are out."""
        super().__init__(f"{extracted_count} numbers are missing; their sum cannot tell which", extracted_count)


class InvalidIdempotencyKeyError(RequestError):
    """The value of Idempotency-Key cannot be a key."""


class IdempotencyKeyReusedError(RequestError):
    """An idempotency key stands for one request, and this is another."""


class HostNotAllowedError(RequestError):
    """The Host header names none of the hosts that this service answers for."""


class CrossSiteError(RequestError):
    """A page of another site asks for a change."""


class NotAuthenticatedError(RequestError):
    """The request carries no API key that this service knows."""


class ScopeMissingError(RequestError):
    """The API key lacks the scope that the request needs.

    Attributes:
        scope: The scope that is needed.
    """

    def __init__(self, scope: str) -> None:
        """Store the scope that is needed."""
        super().__init__(f"This API key lacks the scope {scope}")
        self.scope = scope


class RateLimitedError(RequestError):
    """The client sent more requests than its share.

    Attributes:
        retry_after: Seconds until the client's next window begins.
        headers: The RateLimit header fields that tell the client its share.
    """

    def __init__(self, retry_after: int, headers: dict[str, str]) -> None:
        """Store how long to wait."""
        super().__init__(f"Too many requests; the next may come in {retry_after} s")
        self.retry_after = retry_after
        self.headers = headers


class BodyIncompleteError(RequestError):
    """The request's body was announced and did not arrive, or not in time."""


class TooManyDownloadsError(RequestError):
    """As many large files are on their way to clients as there may be."""


class StoreUnavailableError(RequestError):
    """The store of the numbers cannot be reached, or cannot do its work."""


class ShuttingDownError(RequestError):
    """The service has been told to stop and finishes what it has begun."""
