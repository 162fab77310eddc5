from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partage.timesheets.models import Trip


class EmissionFactor(models.Model):
    """Emissions of a kilometre by a mode (facteur d’émission), dated and sourced."""

    mode = models.CharField(_("mode"), max_length=8, choices=Trip.Mode)
    kg_per_km = models.DecimalField(
        _("kg éq. CO2 par km"), max_digits=6, decimal_places=4
    )
    starts_on = models.DateField(_("du"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("facteur d’émission")
        verbose_name_plural = _("facteurs d’émission")
        constraints = [
            models.UniqueConstraint(
                fields=["mode", "starts_on"], name="one_factor_a_mode_and_date"
            ),
            models.CheckConstraint(
                name="emission_factor_is_not_negative", condition=Q(kg_per_km__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mode} {self.kg_per_km}"


class AvoidedTrip(models.Model):
    """Trips that working at a distance spared (déplacement évité), as declared."""

    mandate = models.ForeignKey(
        "mandates.Mandate", models.PROTECT, related_name="+", verbose_name=_("mandat")
    )
    factor = models.ForeignKey(
        EmissionFactor,
        models.PROTECT,
        related_name="+",
        verbose_name=_("facteur d’émission"),
    )
    km = models.DecimalField(_("km aller-retour"), max_digits=7, decimal_places=1)
    trips = models.PositiveSmallIntegerField(_("trajets"))
    occupancy = models.PositiveSmallIntegerField(_("personnes par voiture"), default=1)
    declared_on = models.DateField(_("déclaré le"))

    class Meta:
        verbose_name = _("déplacement évité")
        verbose_name_plural = _("déplacements évités")
        constraints = [
            models.CheckConstraint(
                name="avoided_trip_was_long",
                condition=Q(km__gt=0, trips__gt=0, occupancy__gt=0),
            )
        ]

    def __str__(self) -> str:
        return f"{self.mandate_id} {self.km} km × {self.trips}"
