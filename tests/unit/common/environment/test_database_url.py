from pathlib import Path

import pytest

from common.environment.servers.database_url import FORMS, database_url


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("sqlite:///var/gait.db", "sqlite:///var/gait.db"),
        ("sqlite:////data/gait.db", "sqlite:////data/gait.db"),
        ("SQLite:///Gait.db", "sqlite:///Gait.db"),
        ("sqlite+pysqlite:///gait.db", "sqlite:///gait.db"),
        ("sqlite:///my lab/gait.db", "sqlite:///my lab/gait.db"),
        ("sqlite:///my%20lab/100%25%3F.db", "sqlite:///my lab/100%?.db"),
        ("sqlite:///~/gait.db", "sqlite:////home/me/gait.db"),
        ("postgres://u:p@h/db", "postgresql://u:p@h/db"),
        ("postgresql+psycopg2://u:p@h:5432/db", "postgresql://u:p@h:5432/db"),
        ("postgresql+asyncpg://h/db", "postgresql://h/db"),
        ("postgresql:///gait?host=/run/postgresql", "postgresql:///gait?host=/run/postgresql"),
        ("postgresql://u@%2Frun%2Fpostgresql/gait", "postgresql://u@%2Frun%2Fpostgresql/gait"),
        (
            "postgresql://a:1,[::1]:2/db?target_session_attrs=any",
            "postgresql://a:1,[::1]:2/db?target_session_attrs=any",
        ),
    ],
)
def test_common_spellings_are_understood(written: str, understood: str) -> None:
    assert database_url(written) == understood


def test_a_file_whose_name_has_escapes_is_not_left_for_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "my%20lab.db").touch()
    with pytest.raises(ValueError, match="Write % in its name as %25"):
        database_url(f"sqlite:///{tmp_path}/my%20lab.db")
    assert database_url(f"sqlite:///{tmp_path}/my%2520lab.db") == f"sqlite:///{tmp_path}/my%20lab.db"
    (tmp_path / "my lab.db").touch()
    assert database_url(f"sqlite:///{tmp_path}/my%20lab.db") == f"sqlite:///{tmp_path}/my lab.db"


@pytest.mark.parametrize(
    ("written", "action"),
    [
        ("sqlite://tmp/x.db", "Write sqlite:///tmp/x.db for a file below the working folder, or sqlite:////tmp/x.db"),
        ("sqlite:/x/y.db", "Write sqlite:////x/y.db."),
        ("sqlite:y.db", "Write sqlite:///y.db for"),
        ("sqlite3:///x/y.db", "Write sqlite:///x/y.db for"),
        ("sqlite3:////x/y.db", "Write sqlite:////x/y.db."),
        ("file:y.db?mode=ro", "Write sqlite:///y.db for"),
        ("file:///x/y.db", "Write sqlite:////x/y.db."),
        ("/x/y.db", "Write sqlite:////x/y.db."),
        ("var/y.db", "Write sqlite:///var/y.db for"),
        ("~/y.db", "Write sqlite:///~/y.db."),
        ("sqlite:////x/", "sqlite:////x/gait.db"),
        ("sqlite:///x.db?mode=ro", "Leave out what follows ? or #, or write %3F or %23."),
        ("sqlite:///100%.db", "Write it as %25."),
        ("sqlite:///a%FF.db", "not UTF-8"),
        ("sqlite:///a%00.db", "control characters"),
        ("sqlite:///~nobody-here/x.db", "Write the whole path."),
        ("sqlite:///$HOME/x.db", "Write its value."),
        *[(written, FORMS) for written in ("sqlite://", "sqlite:////", "sqlite:///:memory:", ":memory:")],
        *[(f"{scheme}://u:hunter2@h/db", FORMS) for scheme in ("mysql", "psql", "postgresqlpsycopg", "http", "sqlite")],
        ("jdbc:postgresql://h/db?password=hunter2", FORMS),
        ("host=h dbname=db password=hunter2", FORMS),
        *[
            (f"postgresql://u:{rest}", "Write special characters in its password as %XX")
            for rest in (
                *("hunter2@h:port/db", "hunter2@[::1/db", "hunter2@h:99999/db", "hunter2@h/db#x", "hunter2%@h/db"),
                *("p?hunter2@h/db", "p#hunter2@h/db", "p/hunter2@h/db", "p@hunter2@h/db"),
            )
        ],
    ],
)
def test_others_are_refused_with_the_right_spelling_and_without_a_password(written: str, action: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as refused:
        database_url(written)
    assert action in str(refused.value)
    assert "hunter2" not in str(refused.value)
