from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Reading(models.Model):
    """Offer and demand of a field in one week, as read on a day (relevé d’équilibre).

    Written once a week, so that the past forecast can be held against what came.
    """

    read_on = models.DateField(_("relevé le"))
    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )
    monday = models.DateField(_("semaine du"))
    free_minutes = models.IntegerField(_("minutes libres"))
    waiting_minutes = models.IntegerField(_("minutes en attente"))

    class Meta:
        verbose_name = _("relevé d’équilibre")
        verbose_name_plural = _("relevés d’équilibre")
        constraints = [
            models.UniqueConstraint(
                fields=["read_on", "field", "monday"], name="one_reading_a_week"
            ),
            models.CheckConstraint(
                name="reading_starts_on_a_monday", condition=Q(monday__iso_week_day=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.read_on} {self.field_id} {self.monday}"
