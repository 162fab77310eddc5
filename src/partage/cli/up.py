"""`partage up`: the web application and its job worker, until Ctrl-C."""

import ctypes
import http.client
import importlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from partage.config.terminal import CannotStart
from partage.governance.models import Cooperative
from partage.knowledge.queries import node

DEMO = "partage.cli.demo"
PATIENCE_SECONDS = 60
GRACE_SECONDS = 15
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG

PORT_HELP = gettext_lazy("Le port de l’application.")
HOST_HELP = gettext_lazy("L’adresse où elle écoute.")
WORKERS_HELP = gettext_lazy("Combien de processus répondent aux pages.")
DEMO_HELP = gettext_lazy("Charge l’année de démonstration la première fois.")


class Child:
    """One process that `up` keeps: its name, its log, its end."""

    def __init__(self, name: str, *command: str) -> None:
        logs = settings.VAR / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.log: Path = logs / f"{name}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Its own session: Ctrl-C reaches us alone, and we stop it in order.
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def last_lines(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-12:])

    def stop(self) -> None:
        if self.has_ended():
            return
        self.process.terminate()
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def _die_with_parent() -> None:
    """Have Linux end this child if `up` itself is killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGTERM)


def up(
    port: Annotated[int, typer.Option(min=1, max=65535, help=str(PORT_HELP))] = 8000,
    host: Annotated[str, typer.Option(help=str(HOST_HELP))] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, help=str(WORKERS_HELP))] = 2,
    demo: Annotated[bool, typer.Option(help=str(DEMO_HELP))] = True,
) -> None:
    """Make ready, start, say where, then wait for the end."""
    console = Console()
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)
    children: list[Child] = []
    try:
        _refuse_a_taken_port(host, port)
        _make_ready(console, demo=demo)
        # Letters lead to where this answers, unless they are told otherwise.
        os.environ.setdefault("PARTAGE_URL", _address(host, port))
        children.append(Child("web", *_granian(host, port, workers)))
        children.append(Child("jobs", "partage.cli.worker"))
        # Aside: until it is there, search answers from PostgreSQL.
        threading.Thread(target=node().follow, daemon=True).start()
        _wait_for_an_answer(children, host, port)
        _announce(console, host, port)
        _watch(children)
    except KeyboardInterrupt:
        console.print("\n" + _("Arrêt…"))
    finally:
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending, signal.SIG_IGN)
        for child in children:
            child.stop()
    console.print(_("Partage est arrêté. Les données sont gardées."))


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _granian(host: str, port: int, workers: int) -> list[str]:
    return [
        "granian",
        "--interface=wsgi",
        "--no-ws",
        f"--host={host}",
        f"--port={port}",
        f"--workers={workers}",
        "--blocking-threads=4",
        "--workers-kill-timeout=10",
        "partage.config.wsgi:application",
    ]


def _refuse_a_taken_port(host: str, port: int) -> None:
    try:
        _bind(host, port)
    except OSError as error:
        problem = error.strerror
    else:
        return
    if free := _free_port(host, port):
        raise CannotStart(
            fr=f"Le port {port} ne peut pas servir ({problem}) : un autre programme le "
            f"tient peut-être. Essayez : python3 run.py --port {free}",
            en=f"Port {port} cannot be used ({problem}): another program may hold it. "
            f"Try: python3 run.py --port {free}",
        )
    raise CannotStart(
        fr=f"L’adresse {host} ne peut pas servir ({problem}). Donnez-en une de cette "
        "machine avec --host, par exemple 127.0.0.1.",
        en=f"The address {host} cannot be used ({problem}). Give one of this machine's "
        "with --host, such as 127.0.0.1.",
    )


def _bind(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))


def _free_port(host: str, port: int) -> int | None:
    for other in [*range(port + 1, min(port + 50, 65536)), *range(8000, 8100)]:
        try:
            _bind(host, other)
        except OSError:
            continue
        return other
    return None


def _make_ready(console: Console, *, demo: bool) -> None:
    """Bring the tables, the static files and, the first time, the demonstration."""
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
    )
    with Progress(*columns, console=console) as progress:
        for doing, command, words in (
            (_("Base de données"), "migrate", {"interactive": False}),
            (_("Fichiers de l’interface"), "collectstatic", {"interactive": False}),
        ):
            task = progress.add_task(doing, total=None)
            call_command(command, verbosity=0, **words)
            progress.update(task, total=1, completed=1)
    if demo and importlib.util.find_spec(DEMO) and not Cooperative.objects.exists():
        with Progress(console=console) as progress:
            importlib.import_module(DEMO).load(progress)


def _wait_for_an_answer(children: list[Child], host: str, port: int) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        _report_a_death(children)
        asked = http.client.HTTPConnection(_within(host), port, timeout=20)
        try:
            asked.request("HEAD", "/", headers={"Host": f"localhost:{port}"})
            asked.getresponse()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            asked.close()
    web = children[0]
    raise CannotStart(
        fr=f"L’application ne répond pas après {PATIENCE_SECONDS} s. La fin de son "
        f"journal ({web.log}) :\n{web.last_lines()}",
        en=f"The application does not answer after {PATIENCE_SECONDS} s. The end of "
        f"its log ({web.log}):\n{web.last_lines()}",
    )


def _within(host: str) -> str:
    """Return the address by which this machine reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _announce(console: Console, host: str, port: int) -> None:
    console.print()
    console.print(f"  [bold]Partage[/bold]   {_address(host, port)}/", highlight=False)
    console.print()
    if importlib.util.find_spec(DEMO) and Cooperative.objects.exists():
        table = Table(title=_("Comptes de démonstration"), title_justify="left")
        table.add_column(_("Rôle"), overflow="fold")
        # Whole on their line, to be copied.
        for heading in (_("Courriel"), _("Mot de passe"), _("Langue")):
            table.add_column(heading, no_wrap=True)
        for account in importlib.import_module(DEMO).ACCOUNTS:
            table.add_row(*(str(cell) for cell in account))
        console.print(table)
    console.print(_("Ctrl-C arrête tout. Les données sont gardées."))


def _watch(children: list[Child]) -> NoReturn:
    while True:
        time.sleep(0.5)
        _report_a_death(children)


def _report_a_death(children: list[Child]) -> None:
    for child in children:
        if child.has_ended():
            code = child.process.returncode
            raise CannotStart(
                fr=f"« {child.name} » s’est arrêté (code {code}) ; le reste est arrêté "
                f"aussi. La fin de son journal ({child.log}) :\n{child.last_lines()}",
                en=f"'{child.name}' has ended (code {code}); the rest is stopped too. "
                f"The end of its log ({child.log}):\n{child.last_lines()}",
            )
