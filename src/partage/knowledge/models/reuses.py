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
    # What the expert says it saved, what adapting it took, and what is credited:
    # `rules.reuse.saving`, never more than what the piece really took.
    minutes_declared = models.PositiveIntegerField(_("minutes déclarées"), default=0)
    minutes_adapting = models.PositiveIntegerField(_("minutes d’adaptation"), default=0)
    minutes_saved = models.PositiveIntegerField(_("minutes épargnées"), default=0)
    recorded_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("consigné par"),
    )
    # What the organisation says of it; empty: nothing yet.
    helped = models.BooleanField(_("a aidé"), null=True, blank=True)
    helped_at = models.DateTimeField(_("avis donné le"), null=True, blank=True)
    helped_words = models.TextField(_("mot du membre"), blank=True)
    on = models.DateField(_("date"))

    class Meta:
        verbose_name = _("réemploi")
        verbose_name_plural = _("réemplois")
        indexes = [models.Index(fields=["served"], name="reuse_served")]
        constraints = [
            models.UniqueConstraint(
                fields=["piece", "served"], name="piece_serves_a_mandate_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.piece_id} → {self.served}"
