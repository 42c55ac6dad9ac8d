"""The application factory."""

from litestar import Litestar
from litestar.di import Provide

from number_api.numbers.controller import NumbersController
from number_api.numbers.number_set import NumberSet


def create_app() -> Litestar:
    """Build the service around a NumberSet of its own."""
    numbers = NumberSet()
    return Litestar(
        route_handlers=[NumbersController],
        dependencies={"numbers": Provide(lambda: numbers, sync_to_thread=False)},
        debug=False,
    )
