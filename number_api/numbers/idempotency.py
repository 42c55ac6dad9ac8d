"""Idempotency keys: the name that a client gives a request, so that it can send it again without doing it twice.

The header is that of an IETF draft (draft-ietf-httpapi-idempotency-key-header).
"""

import hashlib
import re

from number_api.errors import InvalidIdempotencyKeyError

PATTERN = "[!-~]{1,255}"


def record_name(client: str, idempotency_key: str) -> str:
    """Name what is remembered of a request.

    Args:
        client: Who sent it: two clients may have chosen the same key.
        idempotency_key: The key that came with it.

    Raises:
        InvalidIdempotencyKeyError: That can be no key.
    """
    if not re.fullmatch(PATTERN, idempotency_key):
        raise InvalidIdempotencyKeyError(
            "An Idempotency-Key is 1 to 255 visible ASCII characters; a random UUID will do"
        )
    return hashlib.sha256(f"{client} {idempotency_key}".encode()).hexdigest()
