from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Level
from partage.rules.calendar import FiscalYear
from partage.rules.costing import Key


class Keys(models.TextChoices):
    """In proportion to what a cost is shared: the keys of rules.costing, in words."""

    PEOPLE = Key.PEOPLE.value, _("personnes")
    PRACTICAL_HOURS = Key.PRACTICAL_HOURS.value, _("heures de capacité")
    EXPECTED_HOURS = Key.EXPECTED_HOURS.value, _("heures prévues")


class CostModel(models.Model):
    """What a year should cost, or what it cost (modèle de coûts).

    Provisional rates come from the budget, final ones from the actual. A model from
    which a card was adopted is frozen: what follows is another version.
    """

    class State(models.TextChoices):
        BUDGET = "BUDGET", _("budget")
        ACTUAL = "ACTUAL", _("réel")

    state = models.CharField(_("état"), max_length=6, choices=State)
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    common_by = models.CharField(
        _("clé du travail pour tous"),
        max_length=20,
        choices=Keys,
        default=Keys.PRACTICAL_HOURS,
    )
    knowledge_by = models.CharField(
        _("clé du travail de savoir"),
        max_length=20,
        choices=Keys,
        default=Keys.PRACTICAL_HOURS,
    )
    note = models.TextField(_("note"), blank=True)
    frozen_at = models.DateTimeField(_("figé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("modèle de coûts")
        verbose_name_plural = _("modèles de coûts")
        ordering = ["-starts_on", "state", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["starts_on", "state", "version"], name="cost_model_version_once"
            ),
            models.CheckConstraint(
                name="cost_model_is_in_order", condition=Q(ends_on__gt=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on:%Y}-{self.ends_on:%Y} {self.state} v{self.version}"

    @property
    def year(self) -> str:
        """How its year is called: « 2025-2026 »."""
        return FiscalYear(self.starts_on, self.ends_on).label

    @property
    def title(self) -> str:
        """How it is called: « Budget 2025-2026, version 2 »."""
        return gettext("%(state)s %(year)s, version %(version)s") % {
            "state": self.get_state_display().capitalize(),
            "year": self.year,
            "version": self.version,
        }


class Sourced(models.Model):
    """A figure says where it comes from."""

    source = models.CharField(_("source"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        abstract = True


class Parameter(Sourced):
    """A choice that a model is computed with (paramètre)."""

    class Code(models.TextChoices):
        PRACTICAL_SHARE = "PRACTICAL_SHARE", _("part du temps présent qui est pratique")
        LEAVE_DAYS = "LEAVE_DAYS", _("jours d’absence prévus par personne")
        UNUSED_IN_RATES = "UNUSED_IN_RATES", _("part de l’inutilisé mise dans les taux")
        LEVEL_1 = "LEVEL_1", _("poids d’une heure de débutant")
        LEVEL_2 = "LEVEL_2", _("poids d’une heure d’intermédiaire")
        LEVEL_3 = "LEVEL_3", _("poids d’une heure de sénior")
        ROUNDING = "ROUNDING", _("taux arrondis aux ($)")
        CARRIED = "CARRIED", _("report d’un exercice clos ($/h)")
        LEAST_PEOPLE = "LEAST_PEOPLE", _("personnes qu’un chiffre montré doit couvrir")

    model = models.ForeignKey(
        CostModel,
        models.CASCADE,
        related_name="parameters",
        verbose_name=_("modèle de coûts"),
    )
    code = models.CharField(_("paramètre"), max_length=20, choices=Code)
    value = models.DecimalField(_("valeur"), max_digits=9, decimal_places=4)

    class Meta:
        verbose_name = _("paramètre")
        verbose_name_plural = _("paramètres")
        constraints = [
            models.UniqueConstraint(
                fields=["model", "code"], name="parameter_said_once_a_model"
            ),
            models.CheckConstraint(
                name="parameter_is_not_negative",
                condition=Q(value__gte=0) | Q(code="CARRIED"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.code} {self.value}"


class Pay(Sourced):
    """What a person costs for a time, and where their time goes (rémunération).

    Finance and the board only: nobody else ever sees a row of this table. The pay is
    that of a whole year at the person's own schedule; what the model counts is its
    share of the days from `starts_on` to `ends_on`. A rise in the year is a second row.

    `expert` is empty for the people who serve no member directly: all their weight is
    `common`. `present_minutes` are read from schedules, absences and holidays when the
    treasurer asks, then kept, so that a model of last year does not move.
    """

    model = models.ForeignKey(
        CostModel,
        models.CASCADE,
        related_name="pays",
        verbose_name=_("modèle de coûts"),
    )
    expert = models.ForeignKey(
        "experts.Expert",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("expert"),
    )
    name = models.CharField(_("personne ou poste"), max_length=120)
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"))
    yearly_pay = models.DecimalField(
        _("salaire annuel ($)"), max_digits=9, decimal_places=2
    )
    charges_rate = models.DecimalField(_("charges"), max_digits=5, decimal_places=4)
    present_minutes = models.PositiveIntegerField(_("minutes présentes"), default=0)
    knowledge = models.PositiveSmallIntegerField(
        _("temps au savoir, sur 100"),
        default=0,
        help_text=_("verser, libérer, réemployer"),
    )
    common = models.PositiveSmallIntegerField(_("temps pour tous, sur 100"), default=0)

    class Meta:
        verbose_name = _("rémunération")
        verbose_name_plural = _("rémunérations")
        ordering = ["name", "starts_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="pay_is_not_negative",
                condition=Q(yearly_pay__gte=0, charges_rate__gte=0),
            ),
            models.CheckConstraint(
                name="pay_is_in_order", condition=Q(ends_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.name} {self.starts_on}"


class TimeShare(models.Model):
    """The part of a person's time for a field, at a level (part du temps)."""

    pay = models.ForeignKey(
        Pay, models.CASCADE, related_name="shares", verbose_name=_("rémunération")
    )
    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )
    level = models.PositiveSmallIntegerField(_("niveau"), choices=Level)
    weight = models.PositiveSmallIntegerField(_("temps, sur 100"))

    class Meta:
        verbose_name = _("part du temps")
        verbose_name_plural = _("parts du temps")
        ordering = ["-weight", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["pay", "field"], name="time_share_said_once_a_field"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pay_id} {self.field_id} {self.level} {self.weight}"


class CostItem(Sourced):
    """A cost that is nobody's pay (frais), or what others give to bear them.

    Direct: of one field. Shared: of all, by its key. Knowledge: of the reservoir, by
    its key. Funding is money from others than members; it is in no rate, and pays for
    what the rates leave.
    """

    class Kind(models.TextChoices):
        DIRECT = "DIRECT", _("frais directs")
        SHARED = "SHARED", _("frais communs")
        KNOWLEDGE = "KNOWLEDGE", _("réservoir de savoirs")
        FUNDING = "FUNDING", _("financement d’ailleurs")

    model = models.ForeignKey(
        CostModel,
        models.CASCADE,
        related_name="items",
        verbose_name=_("modèle de coûts"),
    )
    kind = models.CharField(_("nature"), max_length=10, choices=Kind)
    name = models.CharField(_("nom"), max_length=120)
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)
    field = models.ForeignKey(
        "experts.Field",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("domaine"),
    )
    key = models.CharField(_("clé de partage"), max_length=20, choices=Keys, blank=True)

    class Meta:
        verbose_name = _("frais")
        verbose_name_plural = _("frais")
        ordering = ["kind", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "kind", "name", "field"],
                name="cost_item_said_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="cost_item_is_not_negative", condition=Q(amount__gte=0)
            ),
            models.CheckConstraint(
                name="cost_item_is_borne_by_somebody",
                condition=Q(kind="DIRECT", field__isnull=False, key="")
                | Q(kind__in=["SHARED", "KNOWLEDGE"], field=None) & ~Q(key="")
                | Q(kind="FUNDING", field=None, key=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.name}"


class ExpectedHours(Sourced):
    """The hours to be sold of a field and level, or those sold (heures prévues)."""

    model = models.ForeignKey(
        CostModel,
        models.CASCADE,
        related_name="hours",
        verbose_name=_("modèle de coûts"),
    )
    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )
    level = models.PositiveSmallIntegerField(_("niveau"), choices=Level)
    minutes = models.PositiveIntegerField(_("minutes"))

    class Meta:
        verbose_name = _("heures prévues")
        verbose_name_plural = _("heures prévues")
        ordering = ["field__name_fr", "level"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "field", "level"], name="expected_hours_said_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.field_id} {self.level} {self.minutes}"


class Retouch(models.Model):
    """One change of a line of a model, that can be undone (retouche).

    Those of one act have the same `at` and `by_name`. `before` and `after` are the line
    as it was and as it became; null when it was not there, or is no more. Undone ones
    stay, marked: the trail is whole.
    """

    model = models.ForeignKey(
        CostModel,
        models.CASCADE,
        related_name="retouches",
        verbose_name=_("modèle de coûts"),
    )
    at = models.DateTimeField(_("moment"))
    by_name = models.CharField(_("par"), max_length=150)
    table = models.CharField(_("tableau"), max_length=20)
    line_id = models.BigIntegerField(_("ligne"))
    before = models.JSONField(_("avant"), null=True)
    after = models.JSONField(_("après"), null=True)
    undone = models.BooleanField(_("annulée"), default=False)

    class Meta:
        verbose_name = _("retouche")
        verbose_name_plural = _("retouches")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.model_id} {self.table} {self.line_id}"
