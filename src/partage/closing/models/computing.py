"""What a year was measured to be: frozen rows, and the work that makes them."""

from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Level
from partage.members.models import Province

DOLLARS = {"max_digits": 14, "decimal_places": 2}


class Run(models.Model):
    """Long work on a year, which can be followed and stopped (travail de clôture)."""

    class Kind(models.TextChoices):
        COMPUTE = "COMPUTE", _("calcul")
        CHECK = "CHECK", _("vérification")
        PRINT = "PRINT", _("impression des relevés")
        POST = "POST", _("écriture")
        REVERSE = "REVERSE", _("contre-écriture")

    class Status(models.TextChoices):
        WAITING = "WAITING", _("en attente")
        RUNNING = "RUNNING", _("en cours")
        STOPPING = "STOPPING", _("s’arrête")
        STOPPED = "STOPPED", _("arrêté")
        REFUSED = "REFUSED", _("refusé")
        DONE = "DONE", _("terminé")

    LIVE = ("WAITING", "RUNNING", "STOPPING")

    year = models.ForeignKey(
        "closing.YearEnd", models.PROTECT, related_name="+", verbose_name=_("exercice")
    )
    kind = models.CharField(_("nature"), max_length=8, choices=Kind)
    status = models.CharField(
        _("état"), max_length=8, choices=Status, default=Status.WAITING
    )
    done = models.PositiveIntegerField(_("faits"), default=0)
    total = models.PositiveIntegerField(_("en tout"), default=0)
    message = models.TextField(_("message"), blank=True)
    started_at = models.DateTimeField(_("lancé le"))
    started_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )

    class Meta:
        verbose_name = _("travail de clôture")
        verbose_name_plural = _("travaux de clôture")
        ordering = ["-id"]
        constraints = [
            # Two people at once: one of them waits.
            models.UniqueConstraint(
                fields=["year"],
                condition=Q(status__in=("WAITING", "RUNNING", "STOPPING")),
                name="one_live_run_a_year",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year_id} {self.status}"


def _written_once(name: str) -> pgtrigger.Protect:
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


class Computation(models.Model):
    """What a year cost and was charged, measured once (calcul de clôture).

    With the version of what it was made from, so that it can be made again and
    compared: `fingerprint` is that of the tallied entries, the rates and the cost.
    """

    year = models.ForeignKey(
        "closing.YearEnd",
        models.PROTECT,
        related_name="computations",
        verbose_name=_("exercice"),
    )
    number = models.PositiveSmallIntegerField(_("rang"))
    computed_at = models.DateTimeField(_("fait le"))
    computed_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )
    entries = models.PositiveIntegerField(_("lignes lues"))
    members = models.PositiveIntegerField(_("membres"))
    minutes = models.PositiveBigIntegerField(_("minutes"))
    charged = models.DecimalField(_("facturé ($)"), **DOLLARS)
    # Of `charged`, what no issued invoice holds yet.
    to_invoice = models.DecimalField(_("à facturer ($)"), **DOLLARS)
    full_cost = models.DecimalField(_("coût complet ($)"), **DOLLARS)
    # What others than members give.
    funding = models.DecimalField(_("financement d’ailleurs ($)"), **DOLLARS)
    cost = models.DecimalField(_("coût à porter ($)"), **DOLLARS)
    surplus = models.DecimalField(_("surplus ($)"), **DOLLARS)
    cost_model = models.ForeignKey(
        "tariffs.CostModel",
        models.PROTECT,
        related_name="+",
        verbose_name=_("modèle de coûts"),
    )
    cards = models.CharField(_("grilles"), max_length=200)
    fingerprint = models.CharField(_("empreinte"), max_length=64)

    class Meta:
        verbose_name = _("calcul de clôture")
        verbose_name_plural = _("calculs de clôture")
        ordering = ["-year__starts_on", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "number"], name="one_computation_a_number"
            ),
            models.CheckConstraint(
                name="surplus_is_charged_less_cost",
                condition=Q(
                    surplus=F("charged") - F("cost"),
                    cost=F("full_cost") - F("funding"),
                ),
            ),
        ]
        triggers = [_written_once("computation_is_frozen")]

    def __str__(self) -> str:
        return f"{self.year_id} #{self.number}"

    @property
    def is_brought(self) -> bool:
        """Whether it was made elsewhere: the hours and invoices are not kept here."""
        return not self.entries

    @property
    def cost_source(self) -> str:
        """The cost model in words: « Coûts réels 2024-2025, version 1 »."""
        return gettext("Coûts réels %(year)s, version %(version)s") % {
            "year": self.year.label,
            "version": self.cost_model.version,
        }


class FinalRate(models.Model):
    """What an hour of a field and level really cost (taux définitif)."""

    computation = models.ForeignKey(
        Computation, models.PROTECT, related_name="rates", verbose_name=_("calcul")
    )
    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )
    level = models.PositiveSmallIntegerField(_("niveau"), choices=Level)
    minutes = models.PositiveBigIntegerField(_("minutes"))
    charged = models.DecimalField(_("facturé ($)"), **DOLLARS)
    final = models.DecimalField(_("au taux définitif ($)"), **DOLLARS)
    rate = models.DecimalField(_("taux ($/h)"), max_digits=9, decimal_places=2)

    class Meta:
        verbose_name = _("taux définitif")
        verbose_name_plural = _("taux définitifs")
        constraints = [
            models.UniqueConstraint(
                fields=["computation", "field", "level"], name="one_final_rate"
            )
        ]
        triggers = [_written_once("final_rate_is_frozen")]

    def __str__(self) -> str:
        return f"{self.field_id} {self.level} {self.rate}"


class MemberYear(models.Model):
    """A member’s year trued up, in one province (année d’un membre).

    `adjustment` above zero is owed to the member, who was charged too much.
    """

    computation = models.ForeignKey(
        Computation, models.PROTECT, related_name="years", verbose_name=_("calcul")
    )
    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("organisation"),
    )
    # The place of supply, frozen on the mandates: taxes follow it.
    province = models.CharField(_("province"), max_length=2, choices=Province)
    minutes = models.PositiveBigIntegerField(_("minutes"))
    charged = models.DecimalField(_("facturé ($)"), **DOLLARS)
    at_rates = models.DecimalField(_("aux taux définitifs ($)"), **DOLLARS)
    # The share of what final rates leave out: capacity that nobody bought, less
    # what others give, and cents that rates have rounded.
    remainder = models.DecimalField(_("part hors taux ($)"), **DOLLARS)
    adjustment = models.DecimalField(_("écart ($)"), **DOLLARS)

    class Meta:
        verbose_name = _("année d’un membre")
        verbose_name_plural = _("années des membres")
        constraints = [
            models.UniqueConstraint(
                fields=["computation", "organisation", "province"],
                name="one_year_a_member_and_province",
            ),
            models.CheckConstraint(
                name="adjustment_is_charged_less_final",
                condition=Q(adjustment=F("charged") - F("at_rates") - F("remainder")),
            ),
        ]
        indexes = [models.Index(fields=["organisation"], name="member_year_org")]
        triggers = [_written_once("member_year_is_frozen")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.adjustment}"

    @property
    def final(self) -> Decimal:
        return self.at_rates + self.remainder

    @property
    def remains(self) -> Decimal:
        """What was paid too little, above zero."""
        return -self.adjustment


class MemberLine(models.Model):
    """A member’s hours of a field, level and provisional rate (ligne d’année)."""

    year = models.ForeignKey(
        MemberYear, models.PROTECT, related_name="lines", verbose_name=_("année")
    )
    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )
    level = models.PositiveSmallIntegerField(_("niveau"), choices=Level)
    minutes = models.PositiveBigIntegerField(_("minutes"))
    provisional = models.DecimalField(
        _("taux provisoire ($/h)"), max_digits=9, decimal_places=2
    )
    charged = models.DecimalField(_("facturé ($)"), **DOLLARS)
    rate = models.DecimalField(
        _("taux définitif ($/h)"), max_digits=9, decimal_places=2
    )
    final = models.DecimalField(_("au taux définitif ($)"), **DOLLARS)

    class Meta:
        verbose_name = _("ligne d’année")
        verbose_name_plural = _("lignes d’année")
        triggers = [_written_once("member_line_is_frozen")]

    def __str__(self) -> str:
        return f"{self.year_id} {self.field_id} {self.level}"
