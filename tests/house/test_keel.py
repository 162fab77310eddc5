"""The keel holds: the private database, the addresses, the locks, the one command."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

from partage.config import postgres
from partage.config.database import database, reachable, url_of
from partage.config.terminal import CannotStart

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def home() -> Iterator[Path]:
    """Give a folder that root's stand-in can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="partage-keel-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "postgres"


def connect(server: postgres.Server) -> psycopg.Connection:
    return psycopg.connect(
        host=str(server.sockets),
        user=postgres.ROLE,
        dbname=postgres.DATABASE,
        autocommit=True,
    )


def postmaster(server: postgres.Server) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def children(parent: int) -> list[int]:
    table = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid="], text=True)
    pairs = (map(int, line.split()) for line in table.splitlines())
    return [pid for pid, above in pairs if above == parent]


class TestThePrivatePostgreSQL:
    def test_nothing_acknowledged_is_lost_when_everything_is_killed(
        self, home: Path
    ) -> None:
        acknowledged: list[int] = []
        enough = threading.Event()

        def write(first: int) -> None:
            try:
                with connect(server) as connection:
                    for number in range(first, first + 1_000_000):
                        connection.execute("INSERT INTO hours VALUES (%s)", [number])
                        acknowledged.append(number)
                        if len(acknowledged) > 200:
                            enough.set()
            except psycopg.OperationalError:
                pass

        with postgres.running(home) as server:
            with connect(server) as connection:
                connection.execute("CREATE TABLE hours (number bigint PRIMARY KEY)")
            writers = [
                threading.Thread(target=write, args=(first * 10_000_000,))
                for first in range(4)
            ]
            for writer in writers:
                writer.start()
            assert enough.wait(30)
            above = postmaster(server)
            for process in [*children(above), above]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            for writer in writers:
                writer.join()
            with postgres.running(home) as server, connect(server) as connection:
                kept = {n for (n,) in connection.execute("SELECT number FROM hours")}
        assert set(acknowledged) <= kept
        assert len(acknowledged) > 200

    def test_two_commands_at_once_share_one_server_and_the_last_one_stops_it(
        self, home: Path
    ) -> None:
        program = (
            "import sys; from pathlib import Path\n"
            "from partage.config import postgres\n"
            "with postgres.running(Path(sys.argv[1]), durable=False) as server:\n"
            "    print((server.data / 'postmaster.pid').read_text().split()[0])\n"
            "    sys.stdout.flush(); sys.stdin.read()\n"
        )
        env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        first, second = (
            subprocess.Popen(
                [sys.executable, "-c", program, str(home)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=env,
            )
            for _ in range(2)
        )
        with first, second:
            assert first.stdout
            assert second.stdout
            pids = {first.stdout.readline(), second.stdout.readline()}
            assert len(pids) == 1
            first.communicate()
            server = postgres.server_in(home, durable=False)
            with connect(server) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            second.communicate()
        assert not (server.data / "postmaster.pid").exists()

    def test_it_listens_to_its_owner_alone_and_writes_french(self, home: Path) -> None:
        with postgres.running(home, durable=False) as server:
            assert server.sockets.stat().st_mode & 0o077 == 0
            with connect(server) as connection:
                asked = (
                    "SELECT current_setting('listen_addresses'), "
                    "current_setting('server_encoding'), "
                    "current_setting('data_checksums'), lower('Œuvre ÉCOLE')"
                )
                said = connection.execute(asked).fetchone()
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(host=str(server.sockets), user="postgres")
        assert said == ("", "UTF8", "on", "œuvre école")

    def test_a_long_folder_name_still_gets_a_socket_that_fits(self, home: Path) -> None:
        deep = home / ("coopérative-de-la-baie-des-chaleurs" * 3) / "postgres"
        socket = postgres.server_in(deep).socket
        assert len(os.fsencode(socket)) <= postgres.LONGEST_SOCKET_PATH

    def test_data_of_another_version_is_left_alone_with_a_sentence(
        self, home: Path, english: None
    ) -> None:
        data = postgres.server_in(home).data
        data.mkdir(parents=True)
        (data / "PG_VERSION").write_text("9\n")
        with (
            pytest.raises(CannotStart, match="belongs to PostgreSQL 9"),
            postgres.running(home),
        ):
            pass

    def test_a_missing_binary_is_said_in_a_sentence(
        self, home: Path, english: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PARTAGE_PG_BIN", "/nowhere/bin")
        with (
            pytest.raises(CannotStart, match="PARTAGE_PG_BIN names /nowhere/bin"),
            postgres.running(home),
        ):
            pass

    def test_a_server_that_does_not_start_says_why(
        self, home: Path, english: None
    ) -> None:
        with postgres.running(home, durable=False) as server:
            pass
        (server.data / "global" / "pg_control").unlink()
        with (
            pytest.raises(CannotStart, match=r"does not start(.|\n)*pg_control"),
            postgres.running(home, durable=False),
        ):
            pass


@pytest.mark.usefixtures("english")
class TestDatabaseUrl:
    @pytest.mark.parametrize(
        "url", ["sqlite:///partage.db", "postgres://h:port/b", "nonsense", "mysql://h"]
    )
    def test_what_is_no_postgresql_address_gets_a_sentence_without_the_password(
        self, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", url)
        with pytest.raises(CannotStart, match="is not a PostgreSQL address") as said:
            database(ROOT / "var")
        assert url not in str(said.value)

    def test_its_parts_and_its_options_are_all_honoured(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(
            "DATABASE_URL",
            "postgresql://marie:p%40ss%3Aw@db.exemple.coop:6432/baie?sslmode=require",
        )
        named = database(ROOT / "var")
        assert named["USER"] == "marie"
        assert named["PASSWORD"] == "p@ss:w"
        assert (named["HOST"], named["PORT"]) == ("db.exemple.coop", "6432")
        assert named["NAME"] == "baie"
        assert named["OPTIONS"]["sslmode"] == "require"
        assert "pool" in named["OPTIONS"]

    def test_a_socket_folder_keeps_its_capital_letters(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = postgres.server_in(Path("/srv/Baie-des-Chaleurs/var/postgres"))
        monkeypatch.setenv("DATABASE_URL", url_of(server))
        assert database(ROOT / "var")["HOST"] == str(server.sockets)

    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("postgres://u:secret@127.0.0.1:1/b", "does not answer.*refused"),
            ("postgres://u:secret@127.0.0.1:1/b?colour=blue", "option.*colour"),
        ],
    )
    def test_a_server_that_cannot_be_used_is_named_without_the_password(
        self, url: str, sentence: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", url)
        with pytest.raises(CannotStart, match=sentence) as said, reachable(ROOT):
            pass
        assert "secret" not in str(said.value)


class TestTheLocks:
    @pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
    def test_a_lock_names_no_registry_and_hashes_every_package(self, lock: str) -> None:
        text = (ROOT / lock).read_text()
        assert "://" not in text
        pins = re.split(r"(?m)^(?=[\w.-]+(?:\[[\w,-]+\])?==)", text)[1:]
        assert pins
        assert [pin for pin in pins if "--hash=sha256:" not in pin] == []

    def test_what_people_run_is_what_the_tests_ran(self) -> None:
        pins = {
            lock: set(re.findall(r"(?m)^[\w.\[\],-]+==\S+", (ROOT / lock).read_text()))
            for lock in ("requirements.txt", "requirements-dev.txt")
        }
        assert pins["requirements.txt"] <= pins["requirements-dev.txt"]


class TestTheOneCommand:
    def test_help_is_there_before_anything_is_installed(self) -> None:
        for language, word in (("fr_CA.UTF-8", "vérifications"), ("C", "checks")):
            said = subprocess.run(
                [sys.executable, "-I", ROOT / "run.py", "--help"],
                env={"LC_ALL": language, "PATH": os.environ["PATH"]},
                capture_output=True,
                encoding="utf-8",
            )
            assert said.returncode == 0
            assert word in said.stdout

    def test_it_starts_answers_keeps_the_port_and_stops_on_ctrl_c(
        self,
        home: Path,
        english: None,
        django_db_setup: None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # The tests' own tables: to make them again would take longer than all this.
        name = settings.DATABASES["default"]["NAME"]
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}")
        monkeypatch.setenv("DATABASE_URL", url.geturl())
        monkeypatch.setenv("PARTAGE_VAR", str(home))
        monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            port = door.getsockname()[1]
        command = [sys.executable, "-m", "partage.cli.main", "up"]
        command += [f"--port={port}", "--workers=1", "--no-demo"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout
            said: list[str] = []
            for line in running.stdout:
                said.append(line)
                if "Ctrl-C" in line:
                    break
            assert f"http://127.0.0.1:{port}/" in "".join(said)
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            asked.request("GET", "/")
            assert asked.getresponse().status in (200, 302)
            asked.close()
            again = subprocess.run(command, capture_output=True, text=True)
            assert again.returncode == 1
            assert f"Port {port} cannot be used" in again.stderr
            assert "--port" in again.stderr
            running.send_signal(signal.SIGINT)
            running.communicate()
        assert running.returncode == 0
        assert (home / "secret_key").stat().st_mode & 0o077 == 0
