from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def _dollars(label, default: str) -> models.DecimalField:
    return models.DecimalField(
        label,
        max_digits=8,
        decimal_places=2,
        default=Decimal(default),
        validators=[MinValueValidator(Decimal(0))],
    )


def _share(label, default: str, *, most: int = 1000, **more) -> models.DecimalField:
    return models.DecimalField(
        label,
        max_digits=6,
        decimal_places=2,
        default=Decimal(default),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(most))],
        **more,
    )


class Weighting(models.Model):
    """What counts, and how much, when work is shared out (pondération).

    A dated row set by a person with a reason; the last one holds and none ever
    changes. The points rank one person's fitness; the dollars are dollars of
    inconvenience that compare plans, never an amount that anyone is billed.
    """

    made_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )
    made_at = models.DateTimeField(_("depuis le"))
    reason = models.TextField(_("pourquoi"))
    # Points of the ranking of one part of a need.
    level = _share(_("niveau"), "25")
    hours = _share(_("heures libres"), "30")
    continuity = _share(_("continuité"), "20")
    distance = _share(_("distance"), "10")
    balance = _share(_("charge"), "15")
    # Dollars of inconvenience of the whole plan.
    unmet_hour = _dollars(_("une heure que personne ne fait"), "60")
    late_hour = _dollars(_("une heure, par semaine de retard"), "2")
    team = _dollars(_("une personne de plus chez un membre"), "50")
    overload_hour = _dollars(_("une heure au-delà de la charge visée"), "30")
    over_level_hour = _dollars(_("une heure, par niveau de trop"), "8")
    continuity_hour = _dollars(_("une heure de qui connaît le membre (gain)"), "10")
    travel_km = _dollars(_("un kilomètre de route"), "0.72")
    carbon_kg = _dollars(_("un kilo de CO₂"), "0.10")
    promise_asked = _dollars(_("déplacer une affectation proposée"), "150")
    promise_accepted = _dollars(_("déplacer une affectation acceptée"), "600")
    # How much more, or less, an hour that nobody does weighs.
    urgent_percent = _share(_("une demande urgente, en plus"), "200")
    patient_percent = _share(
        _("une demande qui peut attendre, en moins"), "50", most=100
    )
    waiting_percent = _share(_("chaque semaine d’attente, en plus"), "10")
    small_percent = _share(_("un petit membre, en plus"), "15")
    # The frame in which the plan is looked for.
    least_week_hours = _share(
        _("heures d’un volet par semaine, au moins"),
        "1",
        most=20,
        db_default=Decimal(1),
    )
    most_week_hours = _share(_("heures d’un volet par semaine, au plus"), "20", most=60)
    late_weeks = models.PositiveSmallIntegerField(
        _("semaines de retard, au plus"),
        default=8,
        validators=[MaxValueValidator(26)],
    )
    faster_percent = _share(_("heures en moins, par niveau de plus"), "10", most=30)
    target_percent = _share(_("charge visée"), "80", most=100)
    seconds = models.PositiveSmallIntegerField(
        _("secondes de calcul"),
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(1800)],
    )
    swaps_need_approval = models.BooleanField(
        _("la coordination approuve les échanges entre experts"), default=True
    )

    class Meta:
        verbose_name = _("pondération")
        verbose_name_plural = _("pondérations")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(name="weighting_says_why", condition=~Q(reason=""))
        ]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d}"


class Proposal(models.Model):
    """A plan for the whole open demand, beside the one in force (plan proposé).

    Asked for by someone or by the night. While it is sought its cost and its bound
    are told; then it waits for coordination, change by change. `bound` is never
    above the cost of the best possible plan.
    """

    class Cause(models.TextChoices):
        NIGHT = "NIGHT", _("chaque nuit")
        ASKED = "ASKED", _("sur demande")
        ABSENCE = "ABSENCE", _("après une absence")
        DECLINED = "DECLINED", _("après un refus")
        NEED = "NEED", _("après une demande urgente")
        STALE = "STALE", _("après un changement")

    class Status(models.TextChoices):
        WAITING = "WAITING", _("en attente")
        RUNNING = "RUNNING", _("en calcul")
        READY = "READY", _("à décider")
        DECIDED = "DECIDED", _("décidé")
        REPLACED = "REPLACED", _("remplacé")
        FAILED = "FAILED", _("interrompu")

    cause = models.CharField(_("origine"), max_length=8, choices=Cause)
    # The change that it answers: whose absence, which need; doors find the words.
    about = models.JSONField(_("à propos de"), default=dict)
    status = models.CharField(
        _("état"), max_length=8, choices=Status, default=Status.WAITING
    )
    on = models.DateField(_("au"))
    asked_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )
    asked_at = models.DateTimeField(_("demandé le"))
    told_at = models.DateTimeField(_("dernières nouvelles"), null=True, blank=True)
    stop_asked = models.BooleanField(_("arrêt demandé"), default=False)
    weighting = models.ForeignKey(
        Weighting, models.PROTECT, related_name="+", verbose_name=_("pondération")
    )
    seconds = models.FloatField(_("secondes"), default=0)
    # Told as it goes: [seconds, cost, bound], a few dozen at most.
    progress = models.JSONField(_("progression"), default=list)
    cost = models.FloatField(_("coût"), null=True, blank=True)
    bound = models.FloatField(_("borne"), null=True, blank=True)
    unavoidable = models.FloatField(_("inévitable"), default=0)
    # Dollars of inconvenience by weight, of the plan in force and of this one.
    before = models.JSONField(_("avant, par poids"), default=dict)
    after = models.JSONField(_("après, par poids"), default=dict)
    # By weight, what would differ if it weighed nothing: part, who has it, who would.
    without = models.JSONField(_("sans un poids"), null=True, blank=True)
    # The whole plan: {part, expert, weeks}; what serving each part is worth; what
    # was known of the world, to tell whether it has changed since.
    plan = models.JSONField(_("plan"), default=list)
    values = models.JSONField(_("valeurs"), default=dict)
    world = models.JSONField(_("monde"), default=dict)

    class Meta:
        verbose_name = _("plan proposé")
        verbose_name_plural = _("plans proposés")
        ordering = ["-asked_at", "-id"]
        indexes = [models.Index(fields=["status", "-asked_at"], name="proposal_status")]
        constraints = [
            models.UniqueConstraint(
                fields=["status"],
                condition=Q(status="READY"),
                name="one_proposal_waits",
            ),
            models.CheckConstraint(
                name="proposal_costs_once_ready",
                condition=Q(status__in=["WAITING", "RUNNING", "FAILED"])
                | Q(cost__isnull=False, bound__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"


class Change(models.Model):
    """One thing that a proposed plan would change (changement proposé)."""

    class Kind(models.TextChoices):
        GIVE = "GIVE", _("confier")
        MOVE = "MOVE", _("déplacer")
        RESPREAD = "RESPREAD", _("étaler autrement")
        RELEASE = "RELEASE", _("libérer")

    class Status(models.TextChoices):
        OPEN = "OPEN", _("à décider")
        ACCEPTED = "ACCEPTED", _("retenu")
        REFUSED = "REFUSED", _("écarté")
        STALE = "STALE", _("dépassé")

    proposal = models.ForeignKey(
        Proposal,
        models.CASCADE,
        related_name="changes",
        verbose_name=_("plan proposé"),
    )
    kind = models.CharField(_("nature"), max_length=8, choices=Kind)
    status = models.CharField(
        _("état"), max_length=8, choices=Status, default=Status.OPEN
    )
    part = models.ForeignKey(
        "needs.Part", models.PROTECT, related_name="+", verbose_name=_("volet")
    )
    held = models.ForeignKey(
        "planning.Assignment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("affectation en vigueur"),
    )
    expert = models.ForeignKey(
        "experts.Expert",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("à qui"),
    )
    # Monday and minutes of each week, first to last; empty when nobody has it.
    weeks = models.JSONField(_("semaines"), default=list)
    # Dollars of inconvenience saved by this change, of the plan's whole gain.
    gain = models.FloatField(_("gain"), default=0)
    reasons = models.JSONField(_("raisons"), default=dict)
    # Not in the plan that this one replaced: what the change of the world brings.
    fresh = models.BooleanField(_("nouveau"), default=False)
    assignment = models.ForeignKey(
        "planning.Assignment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("affectation"),
    )
    decided_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("décidé par"),
    )
    decided_at = models.DateTimeField(_("décidé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("changement proposé")
        verbose_name_plural = _("changements proposés")
        ordering = ["-gain", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "part"], name="one_change_a_part"
            ),
            models.CheckConstraint(
                name="change_says_to_whom",
                condition=Q(kind="RELEASE", expert=None)
                | Q(~Q(kind="RELEASE"), expert__isnull=False),
            ),
            models.CheckConstraint(
                name="change_decided_once_decided",
                condition=Q(status__in=["OPEN", "STALE"]) | Q(decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.part_id}"

    @property
    def minutes(self) -> int:
        return sum(minutes for _monday, minutes in self.weeks)


class HourValue(models.Model):
    """What one more hour would have brought to a plan (valeur d’une heure).

    In dollars of inconvenience saved, at the plan's own prices, for an hour of
    someone of this field, this language or this province.
    """

    class Axis(models.TextChoices):
        FIELD = "FIELD", _("domaine")
        LANGUAGE = "LANGUAGE", _("langue")
        PROVINCE = "PROVINCE", _("province")

    proposal = models.ForeignKey(
        Proposal,
        models.CASCADE,
        related_name="hour_values",
        verbose_name=_("plan proposé"),
    )
    axis = models.CharField(_("axe"), max_length=8, choices=Axis)
    code = models.CharField(_("code"), max_length=40)
    amount = models.DecimalField(_("valeur"), max_digits=9, decimal_places=2)
    # Minutes of open work that such an hour could go to.
    minutes = models.PositiveIntegerField(_("minutes ouvertes"), default=0)

    class Meta:
        verbose_name = _("valeur d’une heure")
        verbose_name_plural = _("valeurs d’une heure")
        ordering = ["axis", "-amount", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "axis", "code"], name="one_hour_value_a_code"
            ),
            models.CheckConstraint(
                name="hour_value_is_no_loss", condition=Q(amount__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.axis} {self.code} {self.amount}"
