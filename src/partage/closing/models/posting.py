"""What a general meeting’s decision wrote: adjustments, reserves, statements."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partage.closing.models.computing import DOLLARS

# Whatever the code does: without the resolution of a general meeting that names the
# proposal, nothing is written of it. {row} is the row’s proposal.
ONLY_BY_RESOLUTION = """
    IF NEW.proposal_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM closing_proposal p
        JOIN governance_resolution r ON r.id = p.resolution_id
        JOIN governance_meeting m ON m.id = r.meeting_id
        WHERE p.id = NEW.proposal_id AND p.status IN ('POSTING', 'REVERSING')
        AND r.adopted AND m.body IN ('GENERAL', 'SPECIAL')
        AND position(p.reference in r.text) > 0
    ) THEN
        RAISE EXCEPTION 'no adopted resolution of a general meeting names proposal %',
            NEW.proposal_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
"""


def _append_only(table: str) -> list[pgtrigger.Trigger]:
    return [
        pgtrigger.Protect(
            name=f"{table}_is_written_once",
            operation=pgtrigger.Update | pgtrigger.Delete,
        ),
        pgtrigger.Trigger(
            name=f"{table}_needs_a_resolution",
            operation=pgtrigger.Insert,
            when=pgtrigger.Before,
            func=ONLY_BY_RESOLUTION,
        ),
    ]


class Posting(models.Model):
    """A member’s adjustment, written once (écriture de clôture).

    `amount` above zero is given to the member. Nothing is erased: a reversal is
    written beside what it takes back.
    """

    proposal = models.ForeignKey(
        "closing.Proposal",
        models.PROTECT,
        related_name="postings",
        verbose_name=_("proposition"),
    )
    member_year = models.ForeignKey(
        "closing.MemberYear",
        models.PROTECT,
        related_name="+",
        verbose_name=_("année du membre"),
    )
    amount = models.DecimalField(_("montant ($)"), **DOLLARS)
    # None when there is nothing to bill nor to give back.
    invoice = models.ForeignKey(
        "billing.Invoice",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("facture"),
    )
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        related_name="reversal",
        verbose_name=_("annule"),
    )
    posted_at = models.DateTimeField(_("écrite le"))

    class Meta:
        verbose_name = _("écriture de clôture")
        verbose_name_plural = _("écritures de clôture")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "member_year"],
                condition=Q(reverses=None),
                name="adjusted_once_a_proposal",
            )
        ]
        triggers = _append_only("posting")

    def __str__(self) -> str:
        return f"{self.member_year_id} {self.amount}"


class ReserveMovement(models.Model):
    """A line of the ledger of a reserve (mouvement de réserve).

    What a reserve holds is the sum of its lines. Written once.
    """

    class Fund(models.TextChoices):
        RESERVE = "RESERVE", _("réserve générale")
        STABILISATION = "STABILISATION", _("réserve de stabilisation")
        CARRIED = "CARRIED", _("report aux taux")

    fund = models.CharField(_("réserve"), max_length=13, choices=Fund)
    on = models.DateField(_("date"))
    amount = models.DecimalField(_("montant ($)"), **DOLLARS)
    # Of an opening balance; what a proposal moves is said by it.
    words = models.CharField(_("libellé"), max_length=200, blank=True)
    year = models.ForeignKey(
        "closing.YearEnd",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("exercice"),
    )
    proposal = models.ForeignKey(
        "closing.Proposal",
        models.PROTECT,
        null=True,
        related_name="movements",
        verbose_name=_("proposition"),
    )
    resolution = models.ForeignKey(
        "governance.Resolution",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("résolution"),
    )
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        related_name="reversal",
        verbose_name=_("annule"),
    )

    class Meta:
        verbose_name = _("mouvement de réserve")
        verbose_name_plural = _("mouvements de réserve")
        ordering = ["on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "fund"],
                condition=Q(reverses=None, proposal__isnull=False),
                name="moved_once_a_proposal",
            ),
            models.CheckConstraint(
                name="reserve_movement_is_not_nothing", condition=~Q(amount=0)
            ),
        ]
        triggers = _append_only("reserve_movement")

    def __str__(self) -> str:
        return f"{self.fund} {self.amount}"


class YearStatement(models.Model):
    """A member’s statement as it was printed (relevé d’année).

    One before the meeting (no proposal), one for each decision.
    """

    member_year = models.ForeignKey(
        "closing.MemberYear",
        models.PROTECT,
        related_name="statements",
        verbose_name=_("année du membre"),
    )
    proposal = models.ForeignKey(
        "closing.Proposal",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("proposition"),
    )
    file = models.ForeignKey(
        "archive.File", models.PROTECT, related_name="+", verbose_name=_("document")
    )

    class Meta:
        verbose_name = _("relevé d’année")
        verbose_name_plural = _("relevés d’année")
        constraints = [
            models.UniqueConstraint(
                fields=["member_year", "proposal"],
                nulls_distinct=False,
                name="one_statement_a_stage",
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="year_statement_is_kept",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_year_id} {self.file_id}"


class Reopening(models.Model):
    """A closed year opened again: why, and by what resolution (réouverture)."""

    year = models.ForeignKey(
        "closing.YearEnd",
        models.PROTECT,
        related_name="reopenings",
        verbose_name=_("exercice"),
    )
    # The closing that it undoes.
    closed_at = models.DateTimeField(_("close le"))
    proposal = models.ForeignKey(
        "closing.Proposal",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("proposition"),
    )
    resolution = models.ForeignKey(
        "governance.Resolution",
        models.PROTECT,
        related_name="+",
        verbose_name=_("résolution"),
    )
    reason = models.TextField(_("motif"))
    reopened_at = models.DateTimeField(_("rouverte le"))
    reopened_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )

    class Meta:
        verbose_name = _("réouverture")
        verbose_name_plural = _("réouvertures")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "closed_at"], name="a_closing_is_undone_once"
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="reopening_is_kept",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.year_id} {self.reason[:40]}"
