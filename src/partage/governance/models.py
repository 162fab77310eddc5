from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partage.members.models import Province


class Cooperative(models.Model):
    """The cooperative itself, and the choices of its by-laws (coopérative).

    One row. What an invoice or an offer prints of the supplier is here.
    """

    name = models.CharField(_("nom"), max_length=150)
    neq = models.CharField(_("NEQ"), max_length=10, blank=True)
    gst_number = models.CharField(_("numéro de TPS/TVH"), max_length=20, blank=True)
    qst_number = models.CharField(_("numéro de TVQ"), max_length=20, blank=True)
    address = models.CharField(_("adresse"), max_length=200, blank=True)
    city = models.CharField(_("ville"), max_length=80, blank=True)
    province = models.CharField(_("province"), max_length=2, choices=Province)
    postal_code = models.CharField(_("code postal"), max_length=7, blank=True)
    email = models.EmailField(_("courriel"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    first_month = models.PositiveSmallIntegerField(
        _("premier mois de l’exercice"), default=4
    )
    payment_days = models.PositiveSmallIntegerField(
        _("délai de paiement (jours)"), default=30
    )
    offer_days = models.PositiveSmallIntegerField(
        _("validité d’une offre (jours)"), default=30
    )
    # Articles that forbid rebates: the default of a non-profit cooperative.
    rebates_forbidden = models.BooleanField(_("ristournes interdites"), default=True)
    # The demonstration lives on its own date; empty for a real cooperative.
    demonstration_on = models.DateField(
        _("date de la démonstration"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("coopérative")
        verbose_name_plural = _("coopératives")
        constraints = [
            models.CheckConstraint(name="only_one_cooperative", condition=Q(pk=1))
        ]

    def __str__(self) -> str:
        return self.name


class Meeting(models.Model):
    """A meeting that can decide (réunion)."""

    class Body(models.TextChoices):
        GENERAL = "GENERAL", _("assemblée générale")
        SPECIAL = "SPECIAL", _("assemblée extraordinaire")
        BOARD = "BOARD", _("conseil d’administration")
        COMMITTEE = "COMMITTEE", _("comité")

    body = models.CharField(_("instance"), max_length=10, choices=Body)
    held_on = models.DateField(_("tenue le"))
    place = models.CharField(_("lieu"), max_length=150, blank=True)
    minutes = models.ForeignKey(
        "archive.File",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("procès-verbal"),
    )

    class Meta:
        verbose_name = _("réunion")
        verbose_name_plural = _("réunions")
        ordering = ["-held_on"]

    def __str__(self) -> str:
        return f"{self.get_body_display()} {self.held_on}"


class Resolution(models.Model):
    """What a meeting decided (résolution)."""

    meeting = models.ForeignKey(
        Meeting,
        models.PROTECT,
        related_name="resolutions",
        verbose_name=_("réunion"),
    )
    number = models.CharField(_("numéro"), max_length=20, unique=True)
    text = models.TextField(_("texte"))
    adopted = models.BooleanField(_("adoptée"), default=True)

    class Meta:
        verbose_name = _("résolution")
        verbose_name_plural = _("résolutions")

    def __str__(self) -> str:
        return self.number
