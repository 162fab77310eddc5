import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Level, same_text
from partage.members.models import Province
from partage.rules.costing import Kind


class TaxRate(models.Model):
    """A sales tax of a province, from a date (taux de taxe), with its source."""

    class Code(models.TextChoices):
        GST = "GST", _("TPS")
        QST = "QST", _("TVQ")
        HST = "HST", _("TVH")

    province = models.CharField(_("province"), max_length=2, choices=Province)
    code = models.CharField(_("taxe"), max_length=3, choices=Code)
    rate = models.DecimalField(
        _("taux"), max_digits=7, decimal_places=6, help_text=_("0,05 pour 5 %")
    )
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("taux de taxe")
        verbose_name_plural = _("taux de taxe")
        ordering = ["province", "code", "starts_on"]
        constraints = [
            models.CheckConstraint(
                name="tax_rate_is_a_fraction", condition=Q(rate__gte=0, rate__lt=1)
            ),
            ExclusionConstraint(
                name="one_tax_rate_at_a_time",
                expressions=[
                    (same_text("province"), RangeOperators.OVERLAPS),
                    (same_text("code"), RangeOperators.OVERLAPS),
                    (
                        Func(
                            "starts_on",
                            "ends_on",
                            models.Value("[]"),
                            function="daterange",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.province} {self.code} {self.rate}"


class RateCard(models.Model):
    """The provisional hourly rates of a period (grille tarifaire).

    Derived from the budget of the year, proposed to the board, adopted by its
    resolution; never changed once adopted: a new card follows it. A card without a
    model was brought here from elsewhere.
    """

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", _("proposée")
        ADOPTED = "ADOPTED", _("adoptée")
        WITHDRAWN = "WITHDRAWN", _("retirée")

    name = models.CharField(_("nom"), max_length=80)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    status = models.CharField(
        _("état"), max_length=10, choices=Status, default=Status.ADOPTED
    )
    starts_on = models.DateField(_("du"))
    model = models.ForeignKey(
        "tariffs.CostModel",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cards",
        verbose_name=_("modèle de coûts"),
    )
    proposed_on = models.DateField(_("proposée le"), null=True, blank=True)
    resolution = models.ForeignKey(
        "governance.Resolution",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("résolution"),
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("grille tarifaire")
        verbose_name_plural = _("grilles tarifaires")
        ordering = ["-starts_on", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "version"], name="rate_card_version_once"
            ),
            models.UniqueConstraint(
                fields=["starts_on"],
                condition=Q(status="ADOPTED"),
                name="one_card_adopted_from_a_date",
            ),
            models.CheckConstraint(
                name="derived_card_is_adopted_by_a_resolution",
                condition=~Q(status="ADOPTED")
                | Q(model=None)
                | Q(resolution__isnull=False),
            ),
            models.CheckConstraint(
                name="only_an_adopted_card_has_a_resolution",
                condition=Q(status="ADOPTED") | Q(resolution=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HourlyRate(models.Model):
    """The rate of a field and level on a card (taux horaire)."""

    card = models.ForeignKey(
        RateCard, models.CASCADE, related_name="rates", verbose_name=_("grille")
    )
    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )
    level = models.PositiveSmallIntegerField(_("niveau"), choices=Level)
    amount = models.DecimalField(_("taux ($/h)"), max_digits=7, decimal_places=2)

    class Meta:
        verbose_name = _("taux horaire")
        verbose_name_plural = _("taux horaires")
        constraints = [
            models.UniqueConstraint(
                fields=["card", "field", "level"], name="one_rate_a_field_and_level"
            ),
            models.CheckConstraint(
                name="hourly_rate_is_positive", condition=Q(amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card_id} {self.field_id} {self.level} {self.amount}"


class RatePart(models.Model):
    """What a rate is made of (composante): the parts of a rate add up to it.

    Written with the card, by kind and cost item, never by person, and never changed:
    an old invoice always tells the composition that was in force.
    """

    class Kind(models.TextChoices):
        PAY = Kind.PAY.value, _("salaires")
        CHARGES = Kind.CHARGES.value, _("charges sociales")
        DIRECT = Kind.DIRECT.value, _("frais directs")
        SHARED = Kind.SHARED.value, _("frais communs")
        KNOWLEDGE = Kind.KNOWLEDGE.value, _("savoir")
        UNUSED = Kind.UNUSED.value, _("capacité inutilisée")
        CARRIED = Kind.CARRIED.value, _("report d’un exercice")
        ROUNDING = Kind.ROUNDING.value, _("arrondi de la grille")

    rate = models.ForeignKey(
        HourlyRate,
        models.CASCADE,
        related_name="parts",
        verbose_name=_("taux horaire"),
    )
    kind = models.CharField(_("nature"), max_length=10, choices=Kind)
    # Empty: what people come to, of whom no one is named.
    name = models.CharField(_("nom"), max_length=120, blank=True)
    amount = models.DecimalField(_("$/h"), max_digits=7, decimal_places=2)

    class Meta:
        verbose_name = _("composante")
        verbose_name_plural = _("composantes")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rate", "kind", "name"], name="rate_part_said_once"
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="rate_part_is_written_once", operation=pgtrigger.Update
            )
        ]

    def __str__(self) -> str:
        return f"{self.rate_id} {self.kind} {self.amount}"


class ModerateCost(models.Model):
    """The most that an hour of a field may cost to stay moderate (coût modéré).

    A dated row with its source. Above it the software warns, and refuses nothing:
    lawyers of a non-profit entity must keep fees and costs moderate.
    """

    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"), null=True, blank=True)
    amount = models.DecimalField(_("seuil ($/h)"), max_digits=7, decimal_places=2)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("coût modéré")
        verbose_name_plural = _("coûts modérés")
        ordering = ["field", "starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["field", "starts_on"], name="one_moderate_cost_from_a_date"
            ),
            models.CheckConstraint(
                name="moderate_cost_is_positive", condition=Q(amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field_id} {self.starts_on} {self.amount}"


class MileageRate(models.Model):
    """The allowance per kilometre of a calendar year (taux kilométrique)."""

    starts_on = models.DateField(_("du"), unique=True)
    first = models.DecimalField(_("premiers km ($/km)"), max_digits=5, decimal_places=3)
    beyond = models.DecimalField(_("au-delà ($/km)"), max_digits=5, decimal_places=3)
    threshold_km = models.PositiveIntegerField(_("seuil (km)"), default=5000)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("taux kilométrique")
        verbose_name_plural = _("taux kilométriques")
        ordering = ["-starts_on"]

    def __str__(self) -> str:
        return f"{self.starts_on} {self.first}"
