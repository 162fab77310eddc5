"""Who is there when a recit begins: a small cooperative, one person per role."""

from datetime import date

from partage.cli.reference import load_reference
from partage.experts.models import Licence
from partage.people.models import Role
from tests import builders
from tests.recits.people import Person


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
    builders.expert(
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

    return {
        "manon": at_a_screen(manon),
        "robert": at_a_screen(robert),
        "ines": at_a_screen(ines),
        "lea": at_a_screen(builders.user(Role.COORDINATION, name="Léa Tremblay")),
        "maude": at_a_screen(maude),
        "sylvain": at_a_screen(builders.user(Role.FINANCE, name="Sylvain Roy")),
    }
