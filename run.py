#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Partage on one command: python3 run.py

Standard library only, and no syntax that an old Python could not read, so that
an old Python can say what it needs.
"""

from __future__ import print_function

import os
import sys

FRENCH = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "").lower()[:2] == "fr"
if sys.version_info < (3, 11):
    here = "{0}.{1}".format(*sys.version_info)
    sys.stderr.write(
        "Partage demande Python 3.11 ou plus récent, et ceci est Python {0}. "
        "Installez-en un, puis : python3.11 run.py\n".format(here)
        if FRENCH
        else "Partage needs Python 3.11 or newer, and this is Python {0}. "
        "Install one, then: python3.11 run.py\n".format(here)
    )
    sys.exit(1)

import contextlib
import hashlib
import re
import shutil
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "installed.txt")
VAR = os.environ.get("PARTAGE_VAR") or os.path.join(ROOT, "var")
LOG = os.path.join(VAR, "setup.log")
RUN, DEVELOP = "requirements.txt", "requirements-dev.txt"
ROOM_NEEDED = 1500000000

# Where Python comes without pip (bare Debian), this very file brings it.
PIP = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"

HELP_FR = """\
python3 run.py                    installe ce qui manque et démarre Partage
python3 run.py --port 8001        sur un autre port (--host, --workers, --no-demo)
python3 run.py test [ARGS]        tous les tests ; ARGS va à pytest (-k facture)
python3 run.py check              toutes les vérifications statiques
python3 run.py COMMANDE [ARGS]    une commande de Partage (figures --json, manage …)
python3 run.py partage --help     la liste de ces commandes

DATABASE_URL   une base PostgreSQL >= 15 au lieu de la base privée
PARTAGE_VAR    le dossier des données de cette machine (var/ par défaut)
"""
HELP_EN = """\
python3 run.py                    installs what is missing and starts Partage
python3 run.py --port 8001        on another port (--host, --workers, --no-demo)
python3 run.py test [ARGS]        all tests; ARGS goes to pytest (-k invoice)
python3 run.py check              all static checks
python3 run.py COMMAND [ARGS]     one of Partage's commands (figures --json, manage …)
python3 run.py partage --help     the list of these commands

DATABASE_URL   a PostgreSQL >= 15 database instead of the private one
PARTAGE_VAR    the folder of this machine's data (var/ otherwise)
"""


class Stop(Exception):
    """What is so, then what can be done; shown without a traceback."""


def words(fr, en):
    return fr if FRENCH else en


def say(fr, en):
    sys.stderr.write(words(fr, en) + "\n")


def say_now(text):
    print(text)
    sys.stdout.flush()


# ── Setting up ──────────────────────────────────────────────────────────────


def set_up(lock):
    """Bring .venv to what `lock` says, unless it is there already."""
    if up_to_date(lock):
        return
    import fcntl

    os.makedirs(VAR, exist_ok=True)
    with open(os.path.join(VAR, "setup.lock"), "a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        if up_to_date(lock):
            return
        free = shutil.disk_usage(ROOT).free
        if free < ROOM_NEEDED:
            raise Stop(
                words(
                    "Il reste {0} Mo sur le disque de {1}, et l’installation en "
                    "demande {2}. Libérez de la place, puis relancez.",
                    "{0} MB are left on the disk of {1}, and installing needs {2}. "
                    "Free some space, then run again.",
                ).format(free // 10**6, ROOT, ROOM_NEEDED // 10**6)
            )
        open(LOG, "w").close()
        say(
            "Installation de Partage dans .venv (une minute, la première fois)…",
            "Installing Partage in .venv (about a minute, the first time)…",
        )
        began = time.monotonic()
        if not works():
            make_venv()
        install(lock)
        with open(os.path.join(site_packages(), "partage.pth"), "w") as file:
            file.write("../../../../src\n")
        command = os.path.join(VENV, "bin", "partage")
        with open(command, "w") as file:
            file.write(
                '#!/bin/sh\nexec "{0}" -m partage.cli.main "$@"\n'.format(PYTHON)
            )
        os.chmod(command, 0o755)
        # The development lock holds everything that the other one holds.
        with open(STAMP, "w") as file:
            for name in (RUN,) if lock == RUN else (RUN, DEVELOP):
                file.write(fingerprint(name) + "\n")
        say(
            "Installé en {0:.0f} s.".format(time.monotonic() - began),
            "Installed in {0:.0f} s.".format(time.monotonic() - began),
        )


def up_to_date(lock):
    with contextlib.suppress(OSError), open(STAMP) as file:
        return fingerprint(lock) in file.read().split("\n") and os.path.exists(PYTHON)
    return False


def fingerprint(lock):
    with open(os.path.join(ROOT, lock), "rb") as file:
        return "{0} {1} {2}".format(lock, hashlib.sha256(file.read()).hexdigest(), VENV)


def works():
    """Return whether .venv has a Python that runs, as new as we need."""
    asked = "import sys; sys.exit(sys.version_info < (3, 11))"
    return os.path.exists(PYTHON) and attempt([PYTHON, "-c", asked])


def site_packages():
    version = subprocess.check_output(
        [PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], text=True
    )
    return os.path.join(VENV, "lib", "python" + version.strip(), "site-packages")


def make_venv():
    base = os.path.realpath(sys.executable)
    if not attempt([base, "-m", "venv", "--without-pip", "--clear", VENV]):
        raise setup_failed(
            "L’environnement Python (.venv) ne se crée pas",
            "The Python environment (.venv) cannot be made",
        )


def install(lock):
    path = os.path.join(ROOT, lock)
    wanted = ["--require-hashes", "-r", path]
    uv = shutil.which("uv")
    # Compiled once, as pip does by itself: or each start would, for seconds.
    quick = [uv, "pip", "install", "-q", "--compile-bytecode", "--python", PYTHON]
    if uv and attempt(quick + wanted):
        return
    if not attempt([PYTHON, "-m", "pip", "--version"]) and not attempt(
        [PYTHON, "-m", "ensurepip"]
    ):
        with tempfile.TemporaryDirectory() as folder:
            wheel = fetch_pip(folder)
            # A wheel is a zip, and Python runs what is in it: pip installs itself.
            if not attempt(
                [PYTHON, wheel + "/pip", "install", "-q", "--no-index", wheel]
            ):
                raise setup_failed("pip ne s’installe pas", "pip cannot be installed")
    pip = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    if not attempt(pip + ["--only-binary", ":all:"] + wanted):
        raise setup_failed(
            "Les bibliothèques de {0} ne s’installent pas".format(lock),
            "The libraries of {0} cannot be installed".format(lock),
        )


def fetch_pip(folder):
    """Fetch pip's wheel from the package index, and believe only its SHA-256."""
    index = os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    page = index.rstrip("/") + "/pip/"
    trust = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
    wheel = None
    try:
        asked = urllib.request.Request(page, headers={"Accept": "text/html"})
        with urllib.request.urlopen(asked, timeout=60, context=trust) as answer:
            links = re.findall(r'href="([^"]*)"', answer.read().decode())
        link = next(it for it in links if PIP in it)
        link = urllib.parse.urljoin(page, link.split("#")[0])
        with urllib.request.urlopen(link, timeout=60, context=trust) as answer:
            wheel = answer.read()
    except (OSError, StopIteration) as error:
        note("{0}: {1!r}\n".format(page, error))
    if wheel is None:
        raise setup_failed(
            "pip ne se télécharge pas", "pip cannot be downloaded", network=True
        )
    if hashlib.sha256(wheel).hexdigest() != PIP_SHA256:
        raise Stop(
            words(
                "Le fichier {0} reçu n’est pas celui qu’on attendait : rien n’a été "
                "installé. Vérifiez votre réseau (mandataire, miroir), puis relancez.",
                "The {0} that was received is not the expected one: nothing was "
                "installed. Check your network (proxy, mirror), then run again.",
            ).format(PIP)
        )
    path = os.path.join(folder, PIP)
    with open(path, "wb") as file:
        file.write(wheel)
    return path


def note(text):
    with open(LOG, "a") as file:
        file.write(text)


def attempt(command):
    """Run `command` with its words in the setup log; return whether it went well."""
    note("$ {0}\n".format(" ".join(command)))
    with open(LOG, "a") as log:
        return not subprocess.call(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def setup_failed(fr, en, network=False):
    with open(LOG, errors="replace") as file:
        said = file.read()
    if shutil.disk_usage(ROOT).free < 50000000 or "No space left" in said:
        why = words(
            "le disque est plein. Libérez 1,5 Go, puis relancez.",
            "the disk is full. Free 1.5 GB, then run again.",
        )
    elif network or re.search(
        r"(?i)resolve|resolution|dns error|connect|timed? ?out|unreachable|"
        r"failed to fetch|no matching distribution",
        said,
    ):
        why = words(
            "le réseau ou l’index des paquets ne répond pas. Vérifiez la connexion "
            "(PIP_INDEX_URL pour un miroir), puis relancez.",
            "the network or the package index does not answer. Check the connection "
            "(PIP_INDEX_URL for a mirror), then run again.",
        )
    elif re.search(r"(?i)do not match the hashes|hash mismatch", said):
        why = words(
            "un paquet reçu n’a pas l’empreinte attendue. Vérifiez votre réseau "
            "(mandataire, miroir), puis relancez.",
            "a package does not have the expected hash. Check your network (proxy, "
            "mirror), then run again.",
        )
    else:
        lines = [line for line in said.splitlines() if line.strip()]
        why = words("voici la fin :", "here is the end:") + "".join(
            "\n  " + line for line in lines[-4:]
        )
    where = words("Le détail est dans {0}.", "The details are in {0}.").format(LOG)
    return Stop(words(fr + " : ", en + ": ") + why + "\n" + where)


# ── What it does ────────────────────────────────────────────────────────────


def partage(arguments):
    set_up(RUN)
    hand_over([PYTHON, "-m", "partage.cli.main"] + arguments)


def test(arguments):
    set_up(DEVELOP)
    alone = {"-n", "--pdb", "--numprocesses", "--collect-only", "--co"}
    shared = (
        []
        if alone & {it.split("=")[0][:15] for it in arguments}
        else ["-n", "2", "--dist", "worksteal"]
    )
    hand_over([PYTHON, "-m", "pytest"] + shared + arguments)


def hand_over(command):
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(command[0], command)


def check():
    """Run every static check, and say each one's name and verdict."""
    set_up(DEVELOP)
    own = [PYTHON, "-m", "partage.cli.main", "manage"]
    bin_ = os.path.join(VENV, "bin")
    checks = [
        ("ruff check", [PYTHON, "-m", "ruff", "check", "."]),
        ("ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
        ("imports", [os.path.join(bin_, "lint-imports"), "--no-cache"]),
        ("types", [PYTHON, "-m", "mypy"]),
        (
            "migrations",
            own + ["makemigrations", "--check", "--dry-run"],
        ),
        ("templates", [os.path.join(bin_, "djlint"), "src", "--lint", "--quiet"]),
        ("locks", None),
    ]
    failed = []
    for name, command in checks:
        done = (
            locks_hold()
            if command is None
            else subprocess.run(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        )
        good = done.returncode == 0
        say_now("{0} {1}".format("✓" if good else "✗", name))
        if not good:
            failed.append(name)
            say_now(done.stdout.decode(errors="replace"))
    if failed:
        raise Stop(
            words("À corriger : {0}.", "To mend: {0}.").format(", ".join(failed))
        )


def locks_hold():
    """Check that the locks name no registry, and that both agree."""
    pins = {}
    wrong = []
    for lock in (RUN, DEVELOP):
        with open(os.path.join(ROOT, lock)) as file:
            text = file.read()
        if "://" in text:
            wrong.append("{0} holds an address (://).".format(lock))
        pins[lock] = dict(re.findall(r"(?m)^([\w.\[\],-]+)==(\S+)", text))
    for name, version in pins[RUN].items():
        if pins[DEVELOP].get(name) != version:
            wrong.append("{0} differs between the locks.".format(name))
    return subprocess.CompletedProcess([], bool(wrong), "\n".join(wrong).encode())


def main(arguments):
    if os.name != "posix":
        raise Stop(
            words(
                "Partage tourne sous Linux et macOS. Sous Windows, lancez-le dans WSL.",
                "Partage runs on Linux and macOS. On Windows, run it inside WSL.",
            )
        )
    first, rest = arguments[0] if arguments else "", arguments[1:]
    if first in ("-h", "--help"):
        print(HELP_FR if FRENCH else HELP_EN, end="")
    elif first == "test":
        test(rest)
    elif first == "check":
        check()
    elif first == "partage":
        partage(rest or ["--help"])
    elif not first or first.startswith("-"):
        partage(["up"] + arguments)
    else:
        partage(arguments)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        say("\nArrêté.", "\nStopped.")
        sys.exit(130)
    except (Stop, OSError) as problem:
        sys.stderr.write("{0}\n".format(problem))
        sys.exit(1)
