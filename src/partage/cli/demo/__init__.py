"""The demonstration year: a cooperative that lives, on Monday 7 April 2025.

Names are invented, places are real, totals are those of the published year
2024-2025. The same rows come each time: one source of chance, one order.
"""

from typing import Annotated

import typer
from django.apps import apps
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from partage.cli.demo import (
    agreed,
    bank,
    books,
    closing,
    costs,
    last_year,
    monday,
    plan,
    reminders,
    reservoir,
)
from partage.cli.demo.documents import pour_documents
from partage.cli.demo.ground import ACCOUNTS, World, lay
from partage.cli.demo.stream import Stream
from partage.cli.demo.year import Year
from partage.cli.reference import load_reference
from partage.config.terminal import CannotStart
from partage.governance.models import Cooperative

__all__ = ["ACCOUNTS", "demo", "load"]

AGAIN_HELP = gettext_lazy(
    "Efface la démonstration et la recharge. Une vraie coopérative n’est jamais effacée."
)


def load(progress: Progress | None = None) -> None:
    """Write the year, all or nothing. The tables hold no cooperative yet."""
    steps = Steps(progress)
    with transaction.atomic():
        load_reference()
        world = World()
        steps.next(_("Membres, experts et tarifs"))
        lay(world)
        costs.plan(world)
        steps.next(_("Une année de travail"))
        year = Year(world)
        year.live()
        steps.next(_("Demandes et offres"))
        stream = Stream(world, year)
        stream.ask_for_jobs()
        stream.ask_for_others()
        monday.wait(world, stream)
        reservoir.write_guides(world, stream)
        stream.write_needs()
        reservoir.answer(world, stream)
        monday.attach(world, stream)
        stream.write_offers()
        steps.next(_("Mandats et temps"))
        stream.write_mandates()
        stream.write_time()
        costs.close_the_books(world, year)
        steps.next(_("Factures et savoirs"))
        stream.write_invoices()
        reservoir.pour(world, stream)
        reservoir.look_in_vain(world)
        monday.read_the_balance(world, stream)
        plan.weigh(world)
        steps.next(_("Écriture"))
        world.write()
        stream.end_offers()
        reservoir.index(world)
        pour_documents(world)
        last_year.close(world)
        plan.share(world)
        books.hand_over(world)
        reminders.remind(world)
        closing.true_up(world)
        bank.receive(world, then=lambda: plan.plan_the_night(world))
        agreed.agree(world)
        agreed.bill_a_network(world)
        agreed.draw_from_a_bank(world)
        agreed.give_a_part_back(world)
        costs.prepare_next_year(world)
        world.tell()
        forget_jobs()
        steps.next(_("Vérification"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    steps.end()


def forget_jobs() -> None:
    """Let nothing be sent: what the acts deferred happened in the demonstration."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo'")


class Steps:
    """Shows how far the loading is; silent without a progress bar."""

    COUNT = 7

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        title = _("Année de démonstration")
        self.task = progress and progress.add_task(title, total=self.COUNT)

    def next(self, doing: str) -> None:
        if self.progress:
            self.progress.update(self.task, advance=1, description=doing)

    def end(self) -> None:
        if self.progress:
            self.progress.update(
                self.task, completed=self.COUNT, description=_("Année de démonstration")
            )


def empty() -> None:
    """Empty every table of a demonstration. Raises CannotStart for a real one."""
    coop = Cooperative.objects.first()
    if coop and not coop.demonstration_on:
        raise CannotStart(
            fr=f"Cette base est celle d’une vraie coopérative (« {coop.name} ») : rien "
            "n’est effacé. Pour une démonstration, donnez une autre base par "
            "DATABASE_URL.",
            en=f"This database is that of a real cooperative ({coop.name}): nothing is "
            "erased. For a demonstration, give another database with DATABASE_URL.",
        )
    tables = [
        connection.ops.quote_name(model._meta.db_table)
        for model in apps.get_models()
        if model.__module__.startswith("partage.")
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


def demo(
    again: Annotated[bool, typer.Option("--again", help=str(AGAIN_HELP))] = False,
) -> None:
    """Load the demonstration year into an empty database."""
    with transaction.atomic():
        if again:
            empty()
        elif Cooperative.objects.exists():
            raise CannotStart(
                fr="Cette base a déjà une coopérative. Pour recharger une "
                "démonstration : partage demo --again",
                en="This database already has a cooperative. To load a demonstration "
                "again: partage demo --again",
            )
        columns = (
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
        )
        with Progress(*columns, console=Console()) as progress:
            load(progress)
