"""Where a need stands, seen from a door: one word, whom it waits for, which step.

The needs room knows only its own status. What is downstream of it (assignments,
offers, mandates, invoices, the reservoir) is asked here, and nowhere else.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, CharField, Exists, OuterRef, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partage.billing.models import Invoice
from partage.knowledge.models import Piece
from partage.mandates.models import Mandate, Offer
from partage.needs.models import Need, Part
from partage.planning.models import Assignment

STEPS = (
    _("Reçue"),
    _("Triée"),
    _("Affectée"),
    _("Offre"),
    _("Mandat"),
    _("Facturée"),
    _("Réservoir"),
)
CLOSED_STEPS = (_("Reçue"), _("Triée"), _("Close"))

COORDINATION = "coordination"
EXPERT = "expert"
MEMBER = "member"
NOBODY = ""

WAITS = {
    COORDINATION: _("la coordination"),
    EXPERT: _("l’expert"),
    MEMBER: _("le membre"),
    NOBODY: "",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """`kind` is the state's: "", good, wait or bad. `step` counts from 0."""

    code: str
    word: str | Promise
    # The same, for the member who asked: what is done, never by which rule.
    said: str | Promise
    kind: str
    waits_on: str
    step: int
    steps: tuple = STEPS

    @property
    def waits_for(self) -> str | Promise:
        return WAITS[self.waits_on]

    @property
    def open(self) -> bool:
        """Whether somebody still has something to do."""
        return self.waits_on != NOBODY


STAGES = {
    stage.code: stage
    for stage in (
        Stage("received", _("à trier"), _("reçue"), "wait", COORDINATION, 0),
        Stage(
            "to_assign",
            _("à affecter"),
            _("nous cherchons la bonne personne"),
            "wait",
            COORDINATION,
            1,
        ),
        Stage(
            "proposed",
            _("affectation proposée"),
            _("une personne est pressentie"),
            "wait",
            EXPERT,
            1,
        ),
        Stage(
            "to_offer",
            _("offre à préparer"),
            _("nous préparons l’offre"),
            "wait",
            COORDINATION,
            2,
        ),
        Stage(
            "offer_draft",
            _("offre en préparation"),
            _("nous préparons l’offre"),
            "wait",
            COORDINATION,
            2,
        ),
        Stage(
            "offer_sent",
            _("offre envoyée"),
            _("une offre attend votre réponse"),
            "wait",
            MEMBER,
            3,
        ),
        Stage(
            "offer_refused",
            _("offre refusée"),
            _("offre refusée"),
            "bad",
            COORDINATION,
            2,
        ),
        Stage("mandate", _("en mandat"), _("travail en cours"), "good", EXPERT, 4),
        Stage("done", _("mandat clos"), _("travail terminé"), "", NOBODY, 5),
        Stage(
            "referred_back",
            _("retournée en première ligne"),
            _("confiée à la première ligne"),
            "",
            NOBODY,
            3,
            CLOSED_STEPS,
        ),
        Stage(
            "answered",
            _("répondue par le réservoir"),
            _("répondue par le réservoir"),
            "good",
            NOBODY,
            3,
            CLOSED_STEPS,
        ),
        Stage("withdrawn", _("retirée"), _("retirée"), "", NOBODY, 3, CLOSED_STEPS),
    )
}
OPEN = tuple(code for code, stage in STAGES.items() if stage.open)


def waiting_on(whom: str) -> tuple[str, ...]:
    """Return the stages at which somebody is waited for."""
    return tuple(code for code, stage in STAGES.items() if stage.waits_on == whom)


# Before there is an offer that the member may have seen.
BEFORE_OFFER = ("received", "to_assign", "proposed", "to_offer", "offer_refused")
# Triage can still change, until there is an offer; what is closed can be taken up.
MAY_TRIAGE = (*BEFORE_OFFER, "referred_back", "answered")

LIVE_ASSIGNMENT = (Assignment.Status.PROPOSED, Assignment.Status.ACCEPTED)


def with_stage(needs: QuerySet[Need]) -> QuerySet[Need]:
    """Annotate needs with `stage`, a key of STAGES."""
    mandates = Mandate.objects.filter(offer__need=OuterRef("pk"))
    offers = Offer.objects.filter(need=OuterRef("pk"))
    live = Assignment.objects.filter(status__in=LIVE_ASSIGNMENT)
    nobody_on = Part.objects.filter(
        ~Exists(live.filter(part=OuterRef("pk"))), need=OuterRef("pk")
    )
    proposed = Assignment.objects.filter(
        part__need=OuterRef("pk"), status=Assignment.Status.PROPOSED
    )
    return needs.annotate(
        stage=Case(
            When(status=Need.Status.RECEIVED, then=Value("received")),
            When(status=Need.Status.REFERRED_BACK, then=Value("referred_back")),
            When(status=Need.Status.ANSWERED, then=Value("answered")),
            When(status=Need.Status.WITHDRAWN, then=Value("withdrawn")),
            When(
                Exists(mandates.exclude(status=Mandate.Status.CLOSED)),
                then=Value("mandate"),
            ),
            When(Exists(mandates), then=Value("done")),
            When(
                Exists(offers.filter(status=Offer.Status.ACCEPTED)),
                then=Value("mandate"),
            ),
            When(
                Exists(offers.filter(status=Offer.Status.SENT)),
                then=Value("offer_sent"),
            ),
            When(
                Exists(offers.filter(status=Offer.Status.DRAFT)),
                then=Value("offer_draft"),
            ),
            When(
                Exists(offers.filter(status=Offer.Status.REFUSED)),
                then=Value("offer_refused"),
            ),
            When(Exists(nobody_on), then=Value("to_assign")),
            When(Exists(proposed), then=Value("proposed")),
            default=Value("to_offer"),
            output_field=CharField(),
        )
    )


def stage_of(need_id: int) -> Stage:
    """Return where one need stands."""
    row = with_stage(Need.objects.filter(pk=need_id)).values_list("stage", flat=True)
    return STAGES[row.get()]


def step_of(need_id: int, stage: Stage) -> int:
    """Return the current step of a need for the head of its page.

    A need whose mandate is closed goes on: it is invoiced, then poured into the
    reservoir. All steps are done once both are.
    """
    if stage.code != "done":
        return stage.step
    mandates = Mandate.objects.filter(offer__need=need_id).values("pk", "reference")
    ids = [row["pk"] for row in mandates]
    issued = Invoice.objects.filter(mandate__in=ids).exclude(
        status=Invoice.Status.DRAFT
    )
    if not issued.exists():
        return 5
    poured = Piece.objects.filter(source__in=[row["reference"] for row in mandates])
    return 7 if poured.exists() else 6


def waited_for(need_ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the names of the experts whose answer each need waits for."""
    names: dict[int, list[str]] = {}
    for need_id, name in (
        Assignment.objects.filter(
            part__need__in=list(need_ids), status=Assignment.Status.PROPOSED
        )
        .order_by("expert__sort_key")
        .values_list("part__need", "expert__name")
    ):
        names.setdefault(need_id, []).append(name)
    return names


def related_to(need_id: int) -> list[tuple[str, list[int]]]:
    """Return the rows whose story is the need's: « mandates.Offer », ids."""
    return [
        ("needs.Need", [need_id]),
        ("planning.Assignment", _ids(Assignment, part__need=need_id)),
        ("mandates.Offer", _ids(Offer, need=need_id)),
        ("mandates.Mandate", _ids(Mandate, offer__need=need_id)),
        ("billing.Invoice", _ids(Invoice, mandate__offer__need=need_id)),
    ]


def _ids(model, **where) -> list[int]:
    return list(model.objects.filter(**where).values_list("pk", flat=True))
