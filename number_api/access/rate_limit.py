"""Lets each client send so many requests and no more, counted in one place for all processes.

The windows are fixed: a client's window begins with its first request and ends its time later. A refused request
counts too, but does not prolong the window. When the store of the counts does not answer, the request is refused: the
numbers would be out of reach as well, and a limit that holds only on good days is none.

The store counts a request in the same step in which it does the request's work. What has no work for the store (the
files of the pages, what was refused already, what the router refuses) is counted when its answer begins.
"""

from limits import RateLimitItem
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from number_api.access.share import SHARE, Share
from number_api.envelope import ANSWER_FIELDS
from number_api.errors import RequestError
from number_api.numbers.store import NumberStore
from number_api.problems import answer_of

# A handler with this in its `opt` is neither counted nor refused.
UNCOUNTED = "uncounted"


class RateLimit:
    """Counts the requests that the store has not counted, and refuses those beyond a client's share.

    It needs the name that IdentifyClient gave the client.
    """

    def __init__(self, app: ASGIApp, rate_limit: RateLimitItem, store: NumberStore) -> None:
        """Wrap an application.

        Args:
            app: The application.
            rate_limit: How many requests in which time.
            store: What counts them.
        """
        self._app = app
        self._store = store
        self._amount = rate_limit.amount
        self._window = rate_limit.get_expiry()
        self._policy = b'"default";q=%d;w=%d' % (self._amount, self._window)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        state = scope["state"]
        share = Share(scope["user"], self._amount, self._window, self._policy, state[ANSWER_FIELDS])
        state[SHARE] = share
        is_refused = False

        async def send_counted(message: Message) -> None:
            nonlocal is_refused
            if is_refused:
                return
            if message["type"] == "http.response.start" and not share.is_taken and not _is_uncounted(scope):
                try:
                    await self._store.count(share)
                except RequestError as error:
                    is_refused = True
                    await answer_of(error).to_asgi_response()(scope, receive, send)
                    return
            await send(message)

        await self._app(scope, receive, send_counted)


def _is_uncounted(scope: Scope) -> bool:
    # What the router refuses has no handler.
    handler = scope.get("route_handler")
    return handler is not None and bool(handler.opt.get(UNCOUNTED))
