"""What a request takes of its client's share under the rate limit."""

import math

from litestar.types import Scope

from number_api.errors import RateLimitedError

# Under this in the state of a request's scope stands its Share.
SHARE = "share"


class Share:
    """What a client may send in its window, of which one request takes one.

    The header fields are those of the IETF draft "RateLimit header fields for HTTP"
    (draft-ietf-httpapi-ratelimit-headers), where q is the quota, w the window in seconds, r what remains and t the
    seconds until the window ends.

    Attributes:
        client: Whose share it is.
        amount: How many requests a window allows.
        window: How long it lasts, in seconds.
        is_taken: Whether the store has been asked to count the request.
    """

    __slots__ = ("_answer_fields", "_policy", "amount", "client", "is_taken", "window")

    def __init__(
        self, client: str, amount: int, window: int, policy: bytes, answer_fields: list[tuple[bytes, bytes]]
    ) -> None:
        """Take nothing yet."""
        self.client = client
        self.amount = amount
        self.window = window
        self.is_taken = False
        self._policy = policy
        self._answer_fields = answer_fields

    def settle(self, count: int, seconds_left: float) -> None:
        """Note how many requests the store has counted in the window, this one included.

        Raises:
            RateLimitedError: They are too many.
        """
        if count > self.amount:
            seconds = max(1, math.ceil(seconds_left))
            raise RateLimitedError(
                seconds, {"RateLimit-Policy": self._policy.decode(), "RateLimit": f'"default";r=0;t={seconds}'}
            )
        remaining = b'"default";r=%d' % (self.amount - count)
        self._answer_fields += (b"ratelimit-policy", self._policy), (b"ratelimit", remaining)


def share_of(scope: Scope) -> Share | None:
    """Return the share that a request is to be counted for; None without a rate limit."""
    share: Share | None = scope["state"].get(SHARE)
    return share
