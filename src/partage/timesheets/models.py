from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Activity(models.Model):
    """Work that no member pays for directly (activité interne)."""

    class Kind(models.TextChoices):
        KNOWLEDGE = "KNOWLEDGE", _("réservoir de savoirs")
        TRAINING = "TRAINING", _("formation")
        TEAM = "TEAM", _("vie d’équipe")
        ADMINISTRATION = "ADMINISTRATION", _("administration")
        OFFERS = "OFFERS", _("préparation d’offres")

    code = models.SlugField(_("code"), max_length=30, unique=True)
    kind = models.CharField(_("nature"), max_length=15, choices=Kind)
    name_fr = models.CharField(_("nom français"), max_length=80)
    name_en = models.CharField(_("nom anglais"), max_length=80)
    closed_on = models.DateField(_("fermée le"), null=True, blank=True)

    class Meta:
        verbose_name = _("activité interne")
        verbose_name_plural = _("activités internes")
        ordering = ["name_fr"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_fr


class Week(models.Model):
    """An expert's week of time (semaine): open, submitted, then approved."""

    class Status(models.TextChoices):
        OPEN = "OPEN", _("ouverte")
        SUBMITTED = "SUBMITTED", _("soumise")
        APPROVED = "APPROVED", _("approuvée")

    expert = models.ForeignKey(
        "experts.Expert", models.PROTECT, related_name="+", verbose_name=_("expert")
    )
    monday = models.DateField(_("semaine du"))
    status = models.CharField(
        _("état"), max_length=10, choices=Status, default=Status.OPEN
    )
    submitted_at = models.DateTimeField(_("soumise le"), null=True, blank=True)
    approved_at = models.DateTimeField(_("approuvée le"), null=True, blank=True)
    approved_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approuvée par"),
    )
    # What the approver answered when sending it back.
    remark = models.TextField(_("remarque"), blank=True)
    # Counts every change of what is in it: nobody approves what they did not see.
    version = models.PositiveIntegerField(_("version"), default=0, db_default=0)

    class Meta:
        verbose_name = _("semaine")
        verbose_name_plural = _("semaines")
        ordering = ["-monday"]
        indexes = [models.Index(fields=["status", "monday"], name="week_status")]
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "monday"], name="one_week_an_expert"
            ),
            models.CheckConstraint(
                name="week_starts_on_a_monday", condition=Q(monday__iso_week_day=1)
            ),
            models.CheckConstraint(
                name="week_approved_at_once_approved",
                condition=~Q(status="APPROVED") | Q(approved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert_id} {self.monday}"


class TimeEntry(models.Model):
    """Minutes of one day on one mandate or internal activity (temps)."""

    week = models.ForeignKey(
        Week, models.PROTECT, related_name="entries", verbose_name=_("semaine")
    )
    # The week's expert again: the questions of the year need no join.
    expert = models.ForeignKey(
        "experts.Expert", models.PROTECT, related_name="+", verbose_name=_("expert")
    )
    on = models.DateField(_("date"))
    mandate = models.ForeignKey(
        "mandates.Mandate",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("mandat"),
    )
    activity = models.ForeignKey(
        Activity,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("activité"),
    )
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("temps")
        verbose_name_plural = _("temps")
        indexes = [
            models.Index(fields=["on"], name="time_day"),
            models.Index(fields=["mandate", "on"], name="time_mandate"),
        ]
        constraints = [
            models.CheckConstraint(
                name="time_is_on_a_mandate_or_an_activity",
                condition=Q(mandate__isnull=False, activity=None)
                | Q(mandate=None, activity__isnull=False),
            ),
            models.CheckConstraint(
                name="time_fits_in_a_day",
                condition=Q(minutes__gt=0, minutes__lte=1440),
            ),
            models.UniqueConstraint(
                fields=["expert", "on", "mandate"],
                condition=Q(mandate__isnull=False),
                name="one_time_a_day_and_mandate",
            ),
            models.UniqueConstraint(
                fields=["expert", "on", "activity"],
                condition=Q(activity__isnull=False),
                name="one_time_a_day_and_activity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert_id} {self.on} {self.minutes}"


class Trip(models.Model):
    """A trip made for a mandate (trajet). The allowance is frozen when written."""

    class Mode(models.TextChoices):
        CAR = "CAR", _("voiture")
        HYBRID = "HYBRID", _("voiture hybride")
        ELECTRIC = "ELECTRIC", _("voiture électrique")
        TRANSIT = "TRANSIT", _("transport collectif")

    week = models.ForeignKey(
        Week, models.PROTECT, related_name="trips", verbose_name=_("semaine")
    )
    on = models.DateField(_("date"))
    mandate = models.ForeignKey(
        "mandates.Mandate", models.PROTECT, related_name="+", verbose_name=_("mandat")
    )
    mode = models.CharField(_("mode"), max_length=8, choices=Mode, default=Mode.CAR)
    origin = models.CharField(_("de"), max_length=80)
    destination = models.CharField(_("à"), max_length=80)
    km = models.DecimalField(_("km"), max_digits=7, decimal_places=1)
    amount = models.DecimalField(_("indemnité ($)"), max_digits=8, decimal_places=2)

    class Meta:
        verbose_name = _("trajet")
        verbose_name_plural = _("trajets")
        constraints = [
            models.CheckConstraint(name="trip_goes_somewhere", condition=Q(km__gt=0))
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.km} km"


class Expense(models.Model):
    """Money spent for a mandate (dépense), before taxes that are recovered."""

    week = models.ForeignKey(
        Week, models.PROTECT, related_name="expenses", verbose_name=_("semaine")
    )
    on = models.DateField(_("date"))
    mandate = models.ForeignKey(
        "mandates.Mandate", models.PROTECT, related_name="+", verbose_name=_("mandat")
    )
    description = models.CharField(_("description"), max_length=200)
    amount = models.DecimalField(_("montant ($)"), max_digits=8, decimal_places=2)
    receipt = models.ForeignKey(
        "archive.File",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reçu"),
    )

    class Meta:
        verbose_name = _("dépense")
        verbose_name_plural = _("dépenses")
        constraints = [
            models.CheckConstraint(
                name="expense_costs_something", condition=Q(amount__gt=0)
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.description}"


class LockedMonth(models.Model):
    """A month in which no time can be written any more (mois verrouillé)."""

    first_day = models.DateField(_("mois"), unique=True)
    locked_at = models.DateTimeField(_("verrouillé le"))
    locked_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )

    class Meta:
        verbose_name = _("mois verrouillé")
        verbose_name_plural = _("mois verrouillés")
        constraints = [
            models.CheckConstraint(
                name="locked_month_is_its_first_day", condition=Q(first_day__day=1)
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_day:%Y-%m}"
