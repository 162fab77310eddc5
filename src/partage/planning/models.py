from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Shortlist(models.Model):
    """Who could do a part of a need, as it was seen when it was decided.

    (liste de candidats) Every expert with the reasons for and against, frozen:
    it answers "why not her?" years later.
    """

    part = models.ForeignKey(
        "needs.Part", models.CASCADE, related_name="+", verbose_name=_("volet")
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
        "needs.Part", models.CASCADE, related_name="+", verbose_name=_("volet")
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
