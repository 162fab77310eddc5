"""2023-2024, closed: measured, proposed, adopted by the general meeting, posted.

Its hours and its invoices were kept elsewhere, and nothing of them is here. What each
member was charged was brought in, by field and level: about what it bought the year
after. The rest is done by the closing's own acts, each on its day.
"""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from random import Random

from django.db.models import Max
from django.utils.translation import override

from partage.cli.demo.ground import YEAR_END, YEAR_START, World, at
from partage.closing import actions
from partage.closing.actions.computing import Measured, freeze
from partage.closing.actions.posting import begin_posting, finish_posting
from partage.closing.models import (
    MemberYear,
    Posting,
    Proposal,
    ReserveMovement,
    YearEnd,
)
from partage.closing.queries.costs import YearCosts
from partage.closing.queries.entries import Stream, organisation_and_province
from partage.governance.models import Meeting, Resolution
from partage.journal import actions as journal
from partage.journal.actions import Actor
from partage.journal.models import Entry
from partage.members.models import Membership
from partage.rules.costing import Pool
from partage.rules.money import CENT, ZERO, amount_for, to_cents
from partage.rules.trueup import Charged, tally, true_up
from partage.tariffs.models import CostItem, CostModel

START, END = date(2023, 4, 1), date(2024, 3, 31)
QUARTERS = 81_240 * 4  # of an hour, sold
SURPLUS = Decimal("33440.18")
OPENING = (("RESERVE", "118900.00"), ("STABILISATION", "48000.00"))
STATEMENTS = "États financiers audités au 2024-03-31"
# kind, name, key, dollars; what pay comes to is the rest of the year's cost
ITEMS = (
    ("SHARED", "Frais communs", "people", "688310.00"),
    ("SHARED", "Frais directs des domaines", "people", "226940.00"),
    ("KNOWLEDGE", "Réservoir de savoirs", "people", "58730.00"),
    ("FUNDING", "Subventions", "", "198500.00"),
)
# name, band, why
SCENARIOS = (
    (
        "Tout à la réserve",
        "0",
        "Le trop-perçu est petit : il affermit la réserve, encore sous 40 % des dettes.",
    ),
    ("Tout dans la bande", "0.03", "La stabilisation garde ce que la Loi lui laisse."),
)


def close(world: World) -> None:
    """Do it before anything else is told: the journal is put in the order of time."""
    told = Entry.objects.aggregate(last=Max("pk"))["last"] or 0
    finance, board = world.finance[0], world.logins["conseil@partage.example"]

    def by(user: int, moment: datetime) -> Actor:
        return Actor(user_id=user, name=world.user_names[user], at=moment)

    for fund, amount in OPENING:
        ReserveMovement.objects.create(
            fund=fund, on=START, amount=Decimal(amount), words="Solde d’ouverture"
        )
    year = YearEnd.objects.get(starts_on=START)
    day = date(2024, 6, 4)
    with override("fr-ca"):
        actions.set_figures(
            year_id=year.pk,
            equity=Decimal("579039.82"),
            debts=Decimal("1987300.00"),
            source=STATEMENTS,
            by=by(finance, at(day, 10, 5)),
        )
        found = _brought(world, year)
        freeze(year_id=year.pk, found=found, by=by(finance, at(day, 10, 20)))
        made = [
            actions.make_proposal(
                year_id=year.pk,
                name=name,
                band=Decimal(band),
                adjusted_share=ZERO,
                carried_share=ZERO,
                note=note,
                by=by(finance, at(day, 11, rank)),
            )
            for rank, (name, band, note) in enumerate(SCENARIOS)
        ]
        chosen = actions.recommend(
            proposal_id=made[0].pk, by=by(board, at(date(2024, 6, 13), 19, 15))
        )
        resolution = Resolution.objects.get(number="AG-2024-09-03")
        meeting = Meeting.objects.get(pk=resolution.meeting_id)
        actions.put_on_agenda(
            proposal_id=chosen.pk,
            meeting_id=meeting.pk,
            by=by(board, at(date(2024, 6, 13), 19, 20)),
        )
        after = date(2024, 9, 20)
        actions.adopt(
            proposal_id=chosen.pk,
            resolution_id=resolution.pk,
            by=by(finance, at(after, 9, 10)),
        )
        _post(chosen, by(finance, at(after, 9, 40)))
    world.take_back(Entry.objects.filter(pk__gt=told))


def _post(proposal: Proposal, by: Actor) -> None:
    """Write the proposal. Nobody is given anything; statements print when asked for."""
    begin_posting(proposal_id=proposal.pk, by=by)
    years = MemberYear.objects.filter(computation=proposal.computation_id)
    posted = Posting.objects.bulk_create(
        Posting(proposal=proposal, member_year=row, amount=ZERO, posted_at=by.at)
        for row in years.order_by("organisation__sort_key", "province")
    )
    journal.record_each(
        what="closing.member.posted",
        by=by,
        done=[
            (
                one,
                {
                    "year": proposal.year.label,
                    "reference": proposal.reference,
                    "amount": "0.00",
                    "organisation": one.member_year.organisation_id,
                },
            )
            for one in posted
        ],
    )
    finish_posting(proposal_id=proposal.pk, by=by)


def _brought(world: World, year: YearEnd) -> Measured:
    charged = _charged(world)
    rng = Random("what an hour cost in 2023-2024")
    codes = {str(pk): code for code, pk in world.fields.items()}
    card = world.cards[0][2]
    rates = {
        pool: to_cents(
            card[codes[pool.field], pool.level] * (1000 + rng.randint(-22, 8)) / 1000
        )
        for pool in sorted({one.pool for one in charged})
    }
    total = sum((one.amount for one in charged), ZERO)
    cost = total - SURPLUS
    model = _costs(cost)
    funding = sum(Decimal(item[3]) for item in ITEMS if item[0] == "FUNDING")
    stream = Stream(START, END)
    stream.minutes = sum(one.minutes for one in charged)
    stream.cents[1] = int(total / CENT)
    return Measured(
        true_up(charged, rates, cost=cost),
        stream,
        YearCosts(model, rates, cost + funding, cost),
        "Grille 2023-2024",
    )


def _charged(world: World) -> tuple[Charged, ...]:
    """Return what each member of then bought, by field and level.

    In the proportions of the year after, more or less; some of it not yet.
    """
    then = set(
        Membership.objects.filter(joined_on__lte=END).values_list(
            "organisation_id", flat=True
        )
    )
    rng = Random("what members bought in 2023-2024")
    codes = {str(pk): code for code, pk in world.fields.items()}
    before, after = world.cards[0][2], world.cards[1][2]
    bought: dict[tuple[int, Pool, Decimal], int] = defaultdict(int)
    for one in tally(Stream(YEAR_START, YEAR_END)):
        kept = rng.random() < 0.86
        about = one.minutes * rng.randint(60, 125)
        organisation_id, _province = organisation_and_province(one.member)
        of_the_card = after.get((codes[one.pool.field], one.pool.level))
        if not (kept and about and one.provisional and of_the_card):
            continue
        if organisation_id not in then:
            continue
        # What an agreement took off then, it takes off now.
        rate = to_cents(
            before[codes[one.pool.field], one.pool.level]
            * one.provisional
            / of_the_card
        )
        bought[one.member, one.pool, rate] += about
    whole, done, seen, found = sum(bought.values()), 0, 0, []
    for (member, pool, rate), about in bought.items():
        seen += about
        quarters = QUARTERS * seen // whole - done
        done += quarters
        if quarters:
            minutes = quarters * 15
            found.append(
                Charged(member, pool, minutes, amount_for(minutes, rate), rate)
            )
    return tuple(found)


def _costs(cost: Decimal) -> CostModel:
    """Write what the year cost, as its audited statements tell it."""
    model = CostModel.objects.create(
        state="ACTUAL",
        starts_on=START,
        ends_on=END,
        note="Repris des états financiers audités : le détail par personne et par "
        "domaine est resté dans le logiciel d’avant.",
    )
    pay = cost - sum(
        -Decimal(item[3]) if item[0] == "FUNDING" else Decimal(item[3])
        for item in ITEMS
    )
    CostItem.objects.bulk_create(
        CostItem(
            model=model, kind=kind, name=name, key=key, amount=amount, source=STATEMENTS
        )
        for kind, name, key, amount in (
            ("SHARED", "Salaires et charges sociales", "people", pay),
            *((kind, name, key, Decimal(amount)) for kind, name, key, amount in ITEMS),
        )
    )
    return model
