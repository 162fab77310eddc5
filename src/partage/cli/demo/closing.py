"""The year that has just ended, trued up: computed, proposed, recommended; not decided.

The reserves begin with what the meeting of September 2024 decided of 2023-2024: see
last_year.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import override

from partage.cli.demo.ground import YEAR_END, YEAR_START, World, at
from partage.closing import actions
from partage.closing.actions import computing
from partage.closing.models import YearEnd
from partage.governance.actions import call_meeting

MEETING_ON = date(2025, 6, 12)
# name, band, part adjusted, part carried, why
SCENARIOS = (
    ("Tout dans la bande", "0.03", "0", "0", "Le plus prudent : rien ne sort."),
    (
        "Bande étroite, puis ajustement aux membres",
        "0.0025",
        "1",
        "0",
        "Au-delà de 0,25 % du coût, chacun retrouve ce qu’il a payé de trop.",
    ),
    (
        "Bande étroite, puis report aux taux",
        "0.0025",
        "0",
        "1",
        "Au-delà de 0,25 % du coût, les prochains taux baissent.",
    ),
)


def true_up(world: World) -> None:
    """Measure 2024-2025 and propose, as finance and the board did the day after it."""
    finance, board = world.finance[0], world.logins["conseil@partage.example"]
    day = YEAR_END + timedelta(days=1)
    year = YearEnd.objects.get(starts_on=YEAR_START)
    with override("fr-ca"):
        actions.set_figures(
            year_id=year.pk,
            equity=Decimal("612480.00"),
            debts=Decimal("2043900.00"),
            source=f"États financiers provisoires au {YEAR_END:%Y-%m-%d}, avant audit",
            by=world.actor(finance, at(day, 13, 40)),
        )
        found = computing.measure(year)
        computing.freeze(
            year_id=year.pk, found=found, by=world.actor(finance, at(day, 14, 5))
        )
        made = [
            actions.make_proposal(
                year_id=year.pk,
                name=name,
                band=Decimal(band),
                adjusted_share=Decimal(adjusted),
                carried_share=Decimal(carried),
                note=note,
                by=world.actor(finance, at(day, 14, 20 + rank)),
            )
            for rank, (name, band, adjusted, carried, note) in enumerate(SCENARIOS)
        ]
        chosen = actions.recommend(
            proposal_id=made[1].pk,
            note="Le conseil préfère rendre aux membres ce qui dépasse la bande étroite.",
            by=world.actor(board, at(day, 19, 30)),
        )
        meeting = call_meeting(
            body="GENERAL",
            held_on=MEETING_ON,
            place="Drummondville et visioconférence",
            by=world.actor(board, at(day, 19, 40)),
        )
        actions.put_on_agenda(
            proposal_id=chosen.pk,
            meeting_id=meeting.pk,
            by=world.actor(board, at(day, 19, 42)),
        )
