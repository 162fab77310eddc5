from django.db import models
from django.utils.translation import gettext_lazy as _

from partage.knowledge.models.pieces import Piece


class Reuse(models.Model):
    """A piece that served again (réemploi), and the work it saved."""

    piece = models.ForeignKey(
        Piece, models.PROTECT, related_name="reuses", verbose_name=_("savoir")
    )
    served = models.CharField(
        _("a servi à"), max_length=30
    )  # a need's or mandate's reference
    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("organisation servie"),
    )
    minutes_saved = models.PositiveIntegerField(_("minutes épargnées"), default=0)
    on = models.DateField(_("date"))

    class Meta:
        verbose_name = _("réemploi")
        verbose_name_plural = _("réemplois")
        constraints = [
            models.UniqueConstraint(
                fields=["piece", "served"], name="piece_serves_a_mandate_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.piece_id} → {self.served}"
