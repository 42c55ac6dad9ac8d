"""Idempotency keys: the name that a client gives a request, so that it can send it again without doing it twice.

The header is that of an IETF draft (draft-ietf-httpapi-idempotency-key-header). It is read and described here, because
Litestar would make an object of all header fields to find the one, which takes a tenth of the time of a request.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from litestar.openapi.spec import Example, OpenAPIType, Operation, Parameter, Schema

from number_api.errors import InvalidIdempotencyKeyError

_NAME = "Idempotency-Key"
_FIELD = _NAME.lower().encode()
_PATTERN = "[!-~]{1,255}"


@dataclass
class IdempotentOperation(Operation):
    """Describes an operation that takes an idempotency key."""

    def __post_init__(self) -> None:
        """Add the header to the parameters."""
        header = Parameter(
            name=_NAME,
            param_in="header",
            schema=Schema(type=OpenAPIType.STRING, pattern=f"^{_PATTERN}$"),
            description="A random key for this request. If the request is sent again with the same key within an "
            "hour, it is not repeated: the client gets the first response again, and can simply retry.",
            required=False,
            examples={"idempotency_key-example-1": Example(value="8e03978e-40d5-43e8-bc93-6894a57f9324")},
        )
        self.parameters = [*(self.parameters or []), header]


def record_name(client: str, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Name what is remembered of a request, or return None if it came without a key.

    Args:
        client: Who sent it: two clients may have chosen the same key.
        headers: The header fields of the request.

    Raises:
        InvalidIdempotencyKeyError: What came can be no key.
    """
    for name, value in headers:
        if name == _FIELD:
            key = value.decode("latin-1")
            if not re.fullmatch(_PATTERN, key):
                raise InvalidIdempotencyKeyError
            return hashlib.sha256(f"{client} {key}".encode()).hexdigest()
    return None
