import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from pathlib import Path

import pytest
from limits import RateLimitItemPerMinute, RateLimitItemPerSecond

from number_api.access.api_keys import KeyScope, create_api_key
from number_api.errors import SettingsError
from number_api.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_an_empty_environment_leaves_every_default() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings() == Settings(
        host="127.0.0.1",
        port=8000,
        workers=1,
        store_url=None,
        rate_limit=RateLimitItemPerMinute(600),
        api_keys=(),
        allowed_hosts=("localhost", "127.0.0.1", "[::1]"),
        trusted_proxies=(),
        drain_seconds=5,
    )


def test_an_empty_value_leaves_its_default() -> None:
    names = ("HOST", "PORT", "STORE_URL", "STORE_URL_FILE", "RATE_LIMIT", "KEYS", "KEYS_FILE", "ALLOWED_HOSTS")
    assert Settings.from_environment({f"NUMBER_API_{name}": "" for name in names}) == Settings()


def test_every_variable_is_read() -> None:
    _, key = create_api_key("ops", frozenset(KeyScope))
    assert Settings.from_environment(
        {
            "NUMBER_API_HOST": "0.0.0.0",
            "NUMBER_API_PORT": "80",
            "NUMBER_API_WORKERS": "4",
            "NUMBER_API_STORE_URL": "valkeys://:p%40ss@valkey:6380/3",
            "NUMBER_API_RATE_LIMIT": "10/second",
            "NUMBER_API_KEYS": key.entry(),
            "NUMBER_API_ALLOWED_HOSTS": "API.example.org, *.example.net,[::1]",
            "NUMBER_API_TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8::1",
            "NUMBER_API_DRAIN_SECONDS": "0",
        }
    ) == Settings(
        host="0.0.0.0",
        port=80,
        workers=4,
        store_url="valkeys://:p%40ss@valkey:6380/3",
        rate_limit=RateLimitItemPerSecond(10),
        api_keys=(key,),
        allowed_hosts=("api.example.org", "*.example.net", "[::1]"),
        trusted_proxies=(ip_network("10.0.0.0/8"), ip_network("2001:db8::1/128")),
        drain_seconds=0,
    )


def test_the_scheme_of_the_store_may_be_written_in_any_case() -> None:
    assert Settings.from_environment({"NUMBER_API_STORE_URL": "VALKEY://Host/1"}).store_url == "valkey://Host/1"


def test_the_rate_limit_can_be_off() -> None:
    assert Settings.from_environment({"NUMBER_API_RATE_LIMIT": "off"}).rate_limit is None


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("PORT", ["0", "65536", "-1", "80a", "٨٠", "8_0", " ", "9" * 5000]),
        ("WORKERS", ["0", "65", "two"]),
        ("DRAIN_SECONDS", ["-1", "1.5", "3601"]),
        ("STORE_URL", ["s3cret", "http://s3cret@host", "valkey://", "valkey://:s3cret@", "valkey://h:s3cret@h:x"]),
        ("STORE_URL", ["valkey://h:99999", "valkey://h/s3cret", "valkey://[s3cret", "postgresql://u:s3cret@h/db"]),
        ("STORE_URL", ["valkey://h/0?db=s3cret", "valkey://h#s3cret"]),
        ("RATE_LIMIT", ["s3cret", "600", "0/minute", "-5/minute", "600/fortnight", "1/second;2/minute", "OFF"]),
        ("KEYS", ["s3cret", "a read s3cret", ";", " "]),
        ("ALLOWED_HOSTS", ["s3cret:80", "http://s3cret", "a b", "exa*mple", "*.", ","]),
        ("TRUSTED_PROXIES", ["s3cret", "10.0.0.1/8", "10.0.0.0/99", "*", ","]),
    ],
)
def test_a_value_that_cannot_be_used_is_named_in_one_line_and_not_repeated(name: str, values: list[str]) -> None:
    for value in values:
        with pytest.raises(SettingsError, match=rf"\ANUMBER_API_{name}: .+\Z") as caught:
            Settings.from_environment({f"NUMBER_API_{name}": value})
        assert "s3cret" not in str(caught.value)
        assert len(str(caught.value)) < 200


def test_secrets_are_read_from_files(tmp_path: Path) -> None:
    _, one = create_api_key("one", frozenset({KeyScope.READ}))
    _, another = create_api_key("another", frozenset(KeyScope))
    (tmp_path / "keys").write_text(f"{one.entry()}\n{another.entry()}\n")
    (tmp_path / "url").write_text("valkey://:secret@valkey:6379\n")
    settings = Settings.from_environment(
        {"NUMBER_API_KEYS_FILE": str(tmp_path / "keys"), "NUMBER_API_STORE_URL_FILE": str(tmp_path / "url")}
    )
    assert settings.api_keys == (one, another)
    assert settings.store_url == "valkey://:secret@valkey:6379"


def test_a_file_of_secrets_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\xff\xfes3cret")
    (tmp_path / "wrong").write_text("s3cret")
    for name in ("missing", "empty", "binary", "wrong", "valkey://:s3cret@valkey", ""):
        with pytest.raises(SettingsError, match="NUMBER_API_STORE_URL") as caught:
            Settings.from_environment({"NUMBER_API_STORE_URL_FILE": str(tmp_path / name)})
        assert "s3cret" not in str(caught.value)


def test_a_secret_in_two_places_is_refused(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("valkey://one")
    with pytest.raises(SettingsError, match="NUMBER_API_STORE_URL"):
        Settings.from_environment(
            {"NUMBER_API_STORE_URL": "valkey://another", "NUMBER_API_STORE_URL_FILE": str(tmp_path / "url")}
        )


def test_settings_do_not_show_their_secrets() -> None:
    secret, key = create_api_key("ops", frozenset(KeyScope))
    shown = repr(Settings(store_url="valkey://:s3cret@valkey", api_keys=(key,)))
    assert "s3cret" not in shown
    assert secret not in shown


class _Recording(Mapping[str, str]):
    """An environment that remembers which variables were asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_the_example_lists_every_variable_and_no_other() -> None:
    environment = _Recording()
    Settings.from_environment(environment)
    assert set(re.findall(r"^#?(NUMBER_API_\w+)=", EXAMPLE.read_text(), re.MULTILINE)) == environment.asked


def test_the_example_shows_the_defaults_and_values_that_can_be_used() -> None:
    lines = dict(re.findall(r"^(#?NUMBER_API_\w+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))
    assert (
        Settings.from_environment({name: value for name, value in lines.items() if not name.startswith("#")})
        == Settings()
    )
    examples = {name.lstrip("#"): value for name, value in lines.items() if not name.endswith("_FILE")}
    assert Settings.from_environment(examples) != Settings()
