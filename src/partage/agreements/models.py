from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from partage.members.models import Province


class Agreement(models.Model):
    """Terms under which a grouping's enterprises are served (entente)."""

    number = models.CharField(_("numéro"), max_length=20, unique=True)
    name = models.CharField(_("nom"), max_length=150)
    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("regroupement"),
    )
    province = models.CharField(_("province"), max_length=2, choices=Province)
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"), null=True, blank=True)
    # 1 = the card's rate; 0.95 = five percent less.
    rate_factor = models.DecimalField(
        _("facteur du taux"), max_digits=5, decimal_places=4, default=1
    )
    # The grouping pays for the enterprises that it covers, by one invoice a month.
    consolidated = models.BooleanField(
        _("une seule facture au regroupement"), default=False, db_default=False
    )
    # Days to pay; None = as the cooperative gives everyone.
    payment_days = models.PositiveSmallIntegerField(
        _("jours pour payer"), null=True, blank=True
    )
    terms = models.TextField(_("modalités"), blank=True)

    class Meta:
        verbose_name = _("entente")
        verbose_name_plural = _("ententes")
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                name="agreement_ends_after_it_begins",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="agreement_factor_is_positive", condition=Q(rate_factor__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CoveredField(models.Model):
    """A field that an agreement covers (domaine couvert)."""

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="fields", verbose_name=_("entente")
    )
    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )

    class Meta:
        verbose_name = _("domaine couvert")
        verbose_name_plural = _("domaines couverts")
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "field"], name="field_covered_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.field_id}"


class HourBank(models.Model):
    """Hours bought in advance under an agreement (banque d’heures)."""

    agreement = models.ForeignKey(
        Agreement, models.PROTECT, related_name="banks", verbose_name=_("entente")
    )
    minutes = models.PositiveIntegerField(_("minutes achetées"))
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"))
    # What is left of it is told as low from this percentage down.
    low_percent = models.PositiveSmallIntegerField(
        _("avertir à (pour cent)"), default=20, db_default=20
    )

    class Meta:
        verbose_name = _("banque d’heures")
        verbose_name_plural = _("banques d’heures")
        constraints = [
            models.CheckConstraint(
                name="hour_bank_ends_after_it_begins",
                condition=Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="hour_bank_is_worth_something",
                condition=Q(minutes__gt=0, low_percent__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.minutes} min"
