from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Level, same_text
from partage.members.models import Province


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

    Adopted by a resolution; never changed once adopted: a new card follows it.
    """

    name = models.CharField(_("nom"), max_length=80, unique=True)
    starts_on = models.DateField(_("du"), unique=True)
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
        ordering = ["-starts_on"]

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
