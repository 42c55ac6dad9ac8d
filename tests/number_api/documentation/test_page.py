import pytest

from tests.browser import TabFactory
from tests.number_api.conftest import ServiceFactory

pytestmark = pytest.mark.browser


def test_the_documentation_shows_the_endpoints_without_the_internet(
    start_service: ServiceFactory, open_tab: TabFactory
) -> None:
    service = start_service()
    tab = open_tab(f"{service.url}/docs")
    tab.page.get_by_text("/extract/{number}").wait_for()
    assert {url.removeprefix(service.url) for url in tab.requests} >= {"/docs", "/docs/openapi.json"}
