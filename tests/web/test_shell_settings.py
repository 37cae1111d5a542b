"""Settings: where they come from, which wins, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from leadwise.errors import InputError, UserError
from leadwise.settings import Settings, read_settings

FILE = """\
port = 1001
host = "0.0.0.0"
cors_origins = ["https://app.example.com"]

[limits]
body_bytes = 2048

[retention]
events_days = 800
events = { page_viewed = 400 }
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(text: str, name: str = "leadwise.toml") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def problems(environment: dict[str, str], file: str = "") -> list[tuple[str, str, str, str]]:
    path = written(file) if file else None
    with pytest.raises(InputError) as caught:
        read_settings(environment, {}, path)
    return [(p.code, str(p.where), p.message, p.hint) for p in caught.value.problems]


def test_without_anything_the_defaults() -> None:
    settings = read_settings({})
    assert settings == Settings()
    assert settings.database_url == "sqlite:///leadwise-data/leadwise.db"
    assert settings.embedded
    assert settings.secret_key_path == Path("leadwise-data/secret.key")
    assert settings.worker_name


def test_the_command_line_wins_over_the_environment_over_the_file() -> None:
    path = written(FILE)
    environment = {"LEADWISE_PORT": "1002", "LEADWISE_LIMITS_BODY_BYTES": "4096"}
    assert read_settings({}, {}, path).port == 1001
    assert read_settings(environment, {}, path).port == 1002
    settings = read_settings(environment, {"port": 1003, "host": None}, path)
    assert (settings.port, settings.host, settings.limits.body_bytes) == (1003, "0.0.0.0", 4096)


def test_the_file_is_the_option_else_the_variable_else_that_of_the_folder() -> None:
    written("port = 1")
    two, three = written("port = 2", "two.toml"), written("port = 3", "three.toml")
    assert read_settings({}).port == 1
    assert read_settings({"LEADWISE_CONFIG": str(two)}).port == 2
    assert read_settings({"LEADWISE_CONFIG": str(two)}, {}, three).port == 3


def test_lists_and_days_are_texts_in_the_environment() -> None:
    settings = read_settings(
        {
            "LEADWISE_CORS_ORIGINS": "https://a.example, http://localhost:3000",
            "LEADWISE_RETENTION_EVENTS": "page_viewed=30, email_opened=90",
            "LEADWISE_RETENTION_EVENTS_DAYS": "700",
        }
    )
    assert settings.cors_origins == ("https://a.example", "http://localhost:3000")
    of = settings.retention.days_of
    assert [of("page_viewed"), of("email_opened"), of("demo_requested")] == [30, 90, 700]
    assert Settings().retention.days_of("page_viewed") is None


def test_settings_cannot_be_changed() -> None:
    settings = read_settings({}, {}, written(FILE))
    with pytest.raises(ValidationError):
        settings.port = 5
    with pytest.raises(ValidationError):
        settings.limits.body_bytes = 5
    assert hash(settings) == hash(read_settings({}, {}, Path("leadwise.toml")))


def test_every_problem_is_told_with_its_line_or_variable() -> None:
    file = 'prot = 80\n\n[limits]\nbody_byte = 3\napi_per_second = 0\n\n[log]\nlevel = "loud"\n'
    found = problems({"LEADWISE_PRT": "1", "LEADWISE_DURABILITY": "total"}, file)
    places = {(code, where): (message, hint) for code, where, message, hint in found}
    assert places["unknown-setting", "leadwise.toml:1"][1] == "did you mean 'port'?"
    assert places["unknown-setting", "leadwise.toml:4"][1] == "did you mean 'limits.body_bytes'?"
    assert "greater than or equal to 1" in places["setting-value", "leadwise.toml:5"][0]
    assert "'debug', 'info'" in places["setting-value", "leadwise.toml:8"][0]
    assert places["unknown-setting", ""][1] == "did you mean 'LEADWISE_PORT'?"
    assert places["setting-value", ""][0].startswith("LEADWISE_DURABILITY: ")
    assert len(found) == 6


def test_a_value_is_not_repeated_because_it_may_be_a_password() -> None:
    (one,) = problems({"LEADWISE_DATABASE": "mysql://root:hunter2@db/x"})
    assert "hunter2" not in " ".join(one)
    assert "expected postgresql://" in one[2]
    (one,) = problems({"LEADWISE_DATABASE": "postgresql://root:hunter2@db:54e2/x"})
    assert "hunter2" not in " ".join(one)
    assert "expected a number as the port" in one[2]
    settings = Settings(database="postgresql://a:hunter2@db/x")
    assert "hunter2" not in repr(settings)
    assert "s3cret" not in repr(read_settings({"LEADWISE_METRICS_TOKEN": "s3cret"}))


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://a:p/w:d@db:5432/x",
        "postgres://[::1]:5432/x?sslmode=require",
        "postgresql://[::1]/x",
        "postgresql:///x?host=/run/postgresql",
        "postgresql://db",
        "sqlite:///leads.db",
    ],
)
def test_addresses_of_stores(address: str) -> None:
    assert read_settings({"LEADWISE_DATABASE": address}).database_url == address


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEADWISE_CORS_ORIGINS", "https://a.example/path"),
        ("LEADWISE_CORS_ORIGINS", "a.example"),
        ("LEADWISE_TRUSTED_PROXIES", "localhost"),
        ("LEADWISE_PUBLIC_URL", "leads.example.com"),
        ("LEADWISE_SCHEDULES_MIRROR", "every hour"),
        ("LEADWISE_RETENTION_EVENTS", "page_viewed"),
        ("LEADWISE_RETENTION_EVENTS", "page_viewed=0"),
        ("LEADWISE_ACCOUNTS_ROLE_FIELD", "Role"),
        ("LEADWISE_WORKER", "a b"),
        ("LEADWISE_PORT", "70000"),
        ("LEADWISE_HOST", ""),
    ],
)
def test_wrong_values_are_refused_and_named(name: str, value: str) -> None:
    (one,) = problems({name: value})
    assert one[0] == "setting-value"
    assert one[2].startswith(f"{name}: ")


def test_what_kubernetes_sets_for_a_service_of_our_name_is_explained() -> None:
    environment = {"LEADWISE_SERVICE_HOST": "10.0.0.1", "LEADWISE_PORT": "tcp://10.0.0.1:80"}
    hints = [hint for *_, hint in problems(environment)]
    assert all("enableServiceLinks" in hint for hint in hints)
    assert len(hints) == 2


def test_variables_that_are_no_settings_are_left_alone() -> None:
    assert read_settings({"LEADWISE_DEBUG": "1", "PORT": "1", "LEADWISEX": "1"}) == Settings()


def test_a_section_is_no_setting() -> None:
    assert problems({}, "limits = 3\n")[0][3] == "Write [limits] and its settings below."


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"port = \n", "settings-syntax"), (b"\xff\xfe", "settings-syntax"), (None, "settings-file")],
)
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, code: str) -> None:
    path = Path("settings.toml")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_settings({}, {}, path)
    assert caught.value.code == code
    assert str(caught.value.where).startswith("settings.toml")
    if content == b"port = \n":
        assert caught.value.where.line == 1
