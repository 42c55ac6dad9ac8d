from litestar.testing import TestClient

from number_api.app import create_app


def test_the_three_endpoints_find_the_missing_number() -> None:
    with TestClient(create_app()) as client:
        assert client.get("/missing").status_code == 409
        extracted = client.post("/extract/42")
        assert extracted.status_code == 200
        assert extracted.json() == {
            "success": True,
            "message": "Extracted 42",
            "extracted_number": 42,
            "remaining_count": 99,
        }
        assert client.post("/extract/42").status_code == 409
        assert client.get("/missing").json()["missing_number"] == 42
        assert client.post("/extract/101").status_code == 400
        assert client.post("/extract/7").json()["remaining_count"] == 98
        assert client.get("/missing").status_code == 409
        assert client.post("/reset").json()["remaining_count"] == 100
        assert client.get("/missing").status_code == 409
