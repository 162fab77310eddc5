"""Who is there when a recit begins: a small cooperative, one person per role."""

from datetime import date

from partage.cli.reference import load_reference
from partage.experts.models import Licence
from partage.governance.actions import record_resolution
from partage.jobs import planning
from partage.journal.models import Entry
from partage.knowledge.actions import read_version
from partage.knowledge.models import Version
from partage.people.models import Role
from partage.planning.models import Proposal
from tests import builders
from tests.recits.people import Person


def forty_needs() -> None:
    """Lay down what came in last week: forty triaged needs of sixteen hours."""
    for number in range(1, 41):
        builders.triaged_need(
            code="gouvernance",
            minutes=960,
            title=f"Relire nos règlements, no {number}",
            wished_from=builders.TODAY,
            wished_until=date(2025, 5, 30),
        )


def the_board_resolves(number: str, text: str) -> None:
    """Write down what the board decided today."""
    record_resolution(
        body="BOARD", held_on=builders.TODAY, number=number, text=text,
        by=builders.actor(),
    )  # fmt: skip


def the_worker_works() -> None:
    """Do what the worker would do now: seek what was asked, answer what changed."""
    for asked in Proposal.objects.filter(status=Proposal.Status.WAITING):
        planning.seek(asked.pk)
    for entry in Entry.objects.filter(what__in=planning.CHANGES).order_by("pk"):
        if not Proposal.objects.filter(asked_at__gt=entry.happened_at).exists():
            planning.after(entry)


def the_documents_are_read() -> None:
    """Do what the worker would do now: read each document that was poured."""
    for version in Version.objects.filter(reading=Version.Reading.WAITING):
        read_version(version_id=version.pk, by=builders.actor())


def gather(visit) -> dict[str, object]:
    """Set up the house and return its people by first name, each at a screen."""
    load_reference()
    builders.cooperative()
    builders.rate_card()

    baie = builders.organisation(
        "Coopérative de solidarité de la Baie",
        city="Gaspé",
        email="bonjour@baie.example",
    )
    rives = builders.organisation("Habitations des Deux-Rives", city="Sorel-Tracy")
    manon = builders.representative(
        baie, can_sign=False, name="Manon Bujold", email="manon@baie.example"
    )
    robert = builders.representative(
        baie, can_request=False, name="Robert Cyr", email="robert@baie.example"
    )
    ines = builders.representative(rives, name="Inès Gagné")
    maude = builders.user(Role.EXPERT, name="Maude Arsenault")
    maude_arsenault = builders.expert(
        "Maude Arsenault",
        account=maude,
        skills={"gouvernance": 2, "affaires-juridiques": 1},
    )
    karim = builders.expert("Karim Benali", skills={"affaires-juridiques": 3})
    Licence.objects.create(
        expert=karim, order="Barreau", province="QC", valid_from=date(2020, 1, 1)
    )
    builders.expert("John MacNeil", skills={"gouvernance": 3}, languages=("en",))

    def at_a_screen(account, **more) -> Person:
        return Person(visit("", account, **more))

    def arrives(name: str, **skills: int) -> Person:
        """A new expert, with an account and a screen."""
        account = builders.user(Role.EXPERT, name=name)
        builders.expert(name, account=account, skills=skills)
        return at_a_screen(account)

    def an_offer_leaves() -> None:
        """Coordination sends the cooperative of the bay an offer of twenty hours."""
        builders.sent_offer(baie, title="Réviser nos règlements")

    def a_mandate_runs() -> None:
        """Maude works for the cooperative of the bay, which accepted her offer."""
        builders.accepted_mandate(
            baie,
            who=maude_arsenault,
            code="gouvernance",
            title="Refaire nos règlements généraux",
        )

    return {
        "a_mandate_runs": a_mandate_runs,
        "an_offer_leaves": an_offer_leaves,
        "arrives": arrives,
        "chantal": at_a_screen(builders.user(Role.BOARD, name="Chantal Bolduc")),
        "forty_needs": forty_needs,
        "last_year": builders.cost_model,
        "the_board_resolves": the_board_resolves,
        "the_documents_are_read": the_documents_are_read,
        "the_worker_works": the_worker_works,
        "manon": at_a_screen(manon),
        "robert": at_a_screen(robert),
        "ines": at_a_screen(ines),
        "lea": at_a_screen(builders.user(Role.COORDINATION, name="Léa Tremblay")),
        "maude": at_a_screen(maude),
        "sylvain": at_a_screen(builders.user(Role.FINANCE, name="Sylvain Roy")),
    }
