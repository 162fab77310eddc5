"""What is proposed to the general meeting."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from partage.closing.models.computing import DOLLARS

FRACTION = {"max_digits": 5, "decimal_places": 4}
WHAT_IT_SAYS = (
    "computation_id",
    "reference",
    "name",
    "band",
    "adjusted_share",
    "carried_share",
    "rebates_share",
    "surplus",
    "adjusted",
    "stabilisation",
    "carried",
    "reserve",
    "rebates",
    "expected_minutes",
    "rate_change",
    "basis",
)


class Proposal(models.Model):
    """What to do with a year’s surplus or deficit (proposition à l’assemblée).

    A draft is one scenario among others. Once the board recommends it, what it says
    never changes: another scenario replaces it. Amounts have the sign of the
    surplus and add up to it.
    """

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("scénario")
        RECOMMENDED = "RECOMMENDED", _("recommandée par le conseil")
        ON_AGENDA = "ON_AGENDA", _("à l’ordre du jour")
        ADOPTED = "ADOPTED", _("adoptée")
        POSTING = "POSTING", _("en cours d’écriture")
        POSTED = "POSTED", _("écrite")
        REVERSING = "REVERSING", _("en cours de contre-écriture")
        REVERSED = "REVERSED", _("contre-écrite")

    CHOSEN = ("RECOMMENDED", "ON_AGENDA", "ADOPTED", "POSTING", "POSTED", "REVERSING")
    DECIDED = ("ADOPTED", "POSTING", "POSTED", "REVERSING", "REVERSED")

    computation = models.ForeignKey(
        "closing.Computation",
        models.PROTECT,
        related_name="proposals",
        verbose_name=_("calcul"),
    )
    # The computation’s, again: one proposal a year goes forward.
    year = models.ForeignKey(
        "closing.YearEnd", models.PROTECT, related_name="+", verbose_name=_("exercice")
    )
    # What the meeting’s resolution must name.
    reference = models.CharField(_("référence"), max_length=20, unique=True)
    name = models.CharField(_("nom"), max_length=100)
    status = models.CharField(
        _("état"), max_length=12, choices=Status, default=Status.DRAFT
    )
    band = models.DecimalField(_("bande"), **FRACTION)
    adjusted_share = models.DecimalField(_("part ajustée"), **FRACTION)
    carried_share = models.DecimalField(_("part reportée"), **FRACTION)
    rebates_share = models.DecimalField(_("part en ristournes"), **FRACTION)
    surplus = models.DecimalField(_("surplus ($)"), **DOLLARS)
    adjusted = models.DecimalField(_("ajustements ($)"), **DOLLARS)
    stabilisation = models.DecimalField(_("stabilisation ($)"), **DOLLARS)
    carried = models.DecimalField(_("report aux taux ($)"), **DOLLARS)
    reserve = models.DecimalField(_("réserve ($)"), **DOLLARS)
    rebates = models.DecimalField(_("ristournes ($)"), **DOLLARS)
    expected_minutes = models.PositiveBigIntegerField(_("minutes prévues"))
    rate_change = models.DecimalField(
        _("variation des taux ($/h)"), max_digits=9, decimal_places=2
    )
    # Rules with their sources, equity, debts and reserves, as they were then.
    basis = models.JSONField(_("fondements"))
    note = models.TextField(_("note"), blank=True)
    made_at = models.DateTimeField(_("faite le"))
    made_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )
    recommended_at = models.DateTimeField(_("recommandée le"), null=True, blank=True)
    recommended_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recommandée par"),
    )
    meeting = models.ForeignKey(
        "governance.Meeting",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assemblée"),
    )
    resolution = models.ForeignKey(
        "governance.Resolution",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("résolution"),
    )
    posted_at = models.DateTimeField(_("écrite le"), null=True, blank=True)

    class Meta:
        verbose_name = _("proposition à l’assemblée")
        verbose_name_plural = _("propositions à l’assemblée")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="proposal_parts_make_the_surplus",
                condition=Q(
                    surplus=F("adjusted")
                    + F("stabilisation")
                    + F("carried")
                    + F("reserve")
                    + F("rebates")
                ),
            ),
            models.UniqueConstraint(
                fields=["year"],
                condition=Q(
                    status__in=(
                        "RECOMMENDED",
                        "ON_AGENDA",
                        "ADOPTED",
                        "POSTING",
                        "POSTED",
                        "REVERSING",
                    )
                ),
                name="one_proposal_goes_forward",
            ),
            models.CheckConstraint(
                name="proposal_decided_by_a_resolution",
                condition=~Q(
                    status__in=("ADOPTED", "POSTING", "POSTED", "REVERSING", "REVERSED")
                )
                | Q(resolution__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="proposal_keeps_what_it_says",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func="IF "
                + " OR ".join(
                    f"NEW.{field} IS DISTINCT FROM OLD.{field}"
                    for field in WHAT_IT_SAYS
                )
                + " THEN RAISE EXCEPTION 'proposal % never changes', OLD.reference "
                "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;",
            ),
            pgtrigger.Protect(
                name="chosen_proposal_is_kept",
                operation=pgtrigger.Delete,
                condition=~pgtrigger.Q(old__status="DRAFT"),
            ),
        ]

    def __str__(self) -> str:
        return self.reference
