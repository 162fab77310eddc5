from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Shortlist(models.Model):
    """Who could do a part of a need, as it was seen when it was decided.

    (liste de candidats) Every expert with the reasons for and against, frozen:
    it answers "why not her?" years later.
    """

    part = models.ForeignKey(
        "needs.Part", models.PROTECT, related_name="+", verbose_name=_("volet")
    )
    made_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )
    made_at = models.DateTimeField(_("dressée le"))
    weights = models.JSONField(_("pondérations"), default=dict)
    weighting = models.ForeignKey(
        "planning.Weighting",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("pondération"),
    )
    # The plan at whose prices each choice was weighed, if there was one.
    proposal = models.ForeignKey(
        "planning.Proposal",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("plan proposé"),
    )
    candidates = models.JSONField(_("candidats"), default=list)

    class Meta:
        verbose_name = _("liste de candidats")
        verbose_name_plural = _("listes de candidats")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.part_id} {self.made_at}"


class Assignment(models.Model):
    """An expert asked to do a part of a need (affectation)."""

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", _("proposée")
        ACCEPTED = "ACCEPTED", _("acceptée")
        DECLINED = "DECLINED", _("déclinée")
        WITHDRAWN = "WITHDRAWN", _("retirée")

    part = models.ForeignKey(
        "needs.Part", models.PROTECT, related_name="+", verbose_name=_("volet")
    )
    expert = models.ForeignKey(
        "experts.Expert", models.PROTECT, related_name="+", verbose_name=_("expert")
    )
    shortlist = models.ForeignKey(
        Shortlist,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("liste de candidats"),
    )
    status = models.CharField(
        _("état"), max_length=10, choices=Status, default=Status.PROPOSED
    )
    minutes = models.PositiveIntegerField(_("minutes"))
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"))
    # A limit that coordination broke knowingly, and why.
    exception = models.TextField(_("exception"), blank=True)
    # Coordination keeps it where it is: no plan moves it.
    fixed = models.BooleanField(_("fixée"), default=False)
    note = models.TextField(_("mot à l’expert"), blank=True)
    proposed_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )
    proposed_at = models.DateTimeField(_("proposée le"))
    answered_at = models.DateTimeField(_("répondue le"), null=True, blank=True)
    answer = models.TextField(_("réponse"), blank=True)

    class Meta:
        verbose_name = _("affectation")
        verbose_name_plural = _("affectations")
        ordering = ["-proposed_at"]
        indexes = [models.Index(fields=["expert", "status"], name="assignment_expert")]
        constraints = [
            models.UniqueConstraint(
                fields=["part"],
                condition=Q(status__in=["PROPOSED", "ACCEPTED"]),
                name="one_live_assignment_a_part",
            ),
            models.CheckConstraint(
                name="assignment_window_is_in_order",
                condition=Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="assignment_answered_once_answered",
                condition=Q(status__in=["PROPOSED", "WITHDRAWN"])
                | Q(answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part_id} → {self.expert_id}"


class Allocation(models.Model):
    """Minutes of an expert's week kept for an assignment (heures réservées).

    Tentative while the assignment is proposed, confirmed once it is accepted.
    """

    assignment = models.ForeignKey(
        Assignment,
        models.CASCADE,
        related_name="allocations",
        verbose_name=_("affectation"),
    )
    monday = models.DateField(_("semaine du"))
    minutes = models.PositiveIntegerField(_("minutes"))

    class Meta:
        verbose_name = _("réservation")
        verbose_name_plural = _("réservations")
        indexes = [models.Index(fields=["monday"], name="allocation_week")]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "monday"], name="one_allocation_a_week"
            ),
            models.CheckConstraint(
                name="allocation_starts_on_a_monday",
                condition=Q(monday__iso_week_day=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.monday} {self.minutes}"


class BrokenLimit(models.Model):
    """A limit that a person broke knowingly, and why (dépassement).

    Written once, never changed: the list of them is read by whoever answers for
    the limits.
    """

    class Rule(models.TextChoices):
        SKILL = "skill", _("domaine")
        LEVEL = "level", _("niveau")
        LANGUAGE = "language", _("langue")
        ON_SITE = "on_site", _("travail sur place")
        PARALLEL = "parallel", _("mandats en parallèle")
        HOURS = "hours", _("heures de la semaine")

    assignment = models.ForeignKey(
        Assignment,
        models.PROTECT,
        related_name="broken_limits",
        verbose_name=_("affectation"),
    )
    rule = models.CharField(_("limite"), max_length=10, choices=Rule)
    # For hours: the week that is the most over, and by how many minutes.
    monday = models.DateField(_("semaine du"), null=True, blank=True)
    minutes = models.PositiveIntegerField(_("minutes de trop"), default=0)
    reason = models.TextField(_("pourquoi"))
    broken_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )
    broken_at = models.DateTimeField(_("le"))

    class Meta:
        verbose_name = _("dépassement")
        verbose_name_plural = _("dépassements")
        ordering = ["-broken_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="broken_limit_says_why", condition=~Q(reason="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.rule}"


class Handover(models.Model):
    """An assignment that passes from one person to another (passation).

    An expert asks a colleague (a swap), or a proposed plan moves a promise. It is
    done once everyone whose word is needed has said yes; one no ends it.
    """

    class Cause(models.TextChoices):
        SWAP = "SWAP", _("échange")
        PLAN = "PLAN", _("plan proposé")

    class Status(models.TextChoices):
        OPEN = "OPEN", _("en attente")
        DONE = "DONE", _("faite")
        REFUSED = "REFUSED", _("refusée")
        CANCELLED = "CANCELLED", _("annulée")

    cause = models.CharField(_("origine"), max_length=4, choices=Cause)
    status = models.CharField(
        _("état"), max_length=9, choices=Status, default=Status.OPEN
    )
    assignment = models.ForeignKey(
        Assignment,
        models.PROTECT,
        related_name="handovers",
        verbose_name=_("affectation"),
    )
    to_expert = models.ForeignKey(
        "experts.Expert", models.PROTECT, related_name="+", verbose_name=_("à qui")
    )
    # Monday and minutes of each week, for the one who takes it.
    weeks = models.JSONField(_("semaines"), default=list)
    reason = models.TextField(_("pourquoi"), blank=True)
    asked_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )
    asked_at = models.DateTimeField(_("demandée le"))
    # Who has said yes so far; one that is not needed is never waited for.
    giver_agreed_at = models.DateTimeField(
        _("accord de qui cède"), null=True, blank=True
    )
    taker_agreed_at = models.DateTimeField(
        _("accord de qui reprend"), null=True, blank=True
    )
    approval_needed = models.BooleanField(_("à approuver"), default=True)
    approved_at = models.DateTimeField(_("approuvée le"), null=True, blank=True)
    approved_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approuvée par"),
    )
    ended_at = models.DateTimeField(_("terminée le"), null=True, blank=True)
    answer = models.TextField(_("réponse"), blank=True)
    became = models.ForeignKey(
        Assignment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("nouvelle affectation"),
    )

    class Meta:
        verbose_name = _("passation")
        verbose_name_plural = _("passations")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(status="OPEN"),
                name="one_open_handover_an_assignment",
            ),
            models.CheckConstraint(
                name="handover_ended_once_ended",
                condition=Q(status="OPEN", ended_at=None)
                | Q(~Q(status="OPEN"), ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="handover_done_has_its_assignment",
                condition=~Q(status="DONE") | Q(became__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} → {self.to_expert_id}"

    @property
    def same(self) -> bool:
        """Whether only the weeks change, not the person."""
        return self.to_expert_id == self.assignment.expert_id
