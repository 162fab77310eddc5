"""The fiscal year, its figures, and the dated rules that it is closed by."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ClosingRule(models.Model):
    """A figure of the law or of the cooperative’s own rules (règle de clôture).

    A fraction of one, from a date, with its source; a later row follows it.
    """

    class Code(models.TextChoices):
        RESERVE = "RESERVE", _("part du surplus à la réserve")
        FURTHER = "FURTHER", _("part de plus à la réserve ou en parts")
        EQUITY_OF_DEBTS = "EQUITY_OF_DEBTS", _("avoir à atteindre, en part des dettes")
        BAND = "BAND", _("bande de stabilisation, en part du coût")

    code = models.CharField(_("règle"), max_length=15, choices=Code)
    value = models.DecimalField(
        _("valeur"), max_digits=5, decimal_places=4, help_text=_("0,03 pour 3 %")
    )
    starts_on = models.DateField(_("du"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("règle de clôture")
        verbose_name_plural = _("règles de clôture")
        ordering = ["code", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "starts_on"], name="one_closing_rule_a_day"
            ),
            models.CheckConstraint(
                name="closing_rule_is_a_fraction",
                condition=Q(value__gte=0, value__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.value}"


class YearEnd(models.Model):
    """The closing of a fiscal year (clôture d’exercice).

    What was measured is frozen here when the year is closed. It opens again only
    after a reopening was written, which says why and by what resolution.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("ouverte")
        CLOSED = "CLOSED", _("close")

    starts_on = models.DateField(_("du"), unique=True)
    ends_on = models.DateField(_("au"))
    status = models.CharField(
        _("état"), max_length=6, choices=Status, default=Status.OPEN
    )
    resolution = models.ForeignKey(
        "governance.Resolution",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("résolution"),
    )
    minutes = models.PositiveBigIntegerField(_("minutes vendues"), null=True)
    invoiced = models.DecimalField(
        _("facturé avant taxes ($)"), max_digits=14, decimal_places=2, null=True
    )
    closed_at = models.DateTimeField(_("close le"), null=True)

    class Meta:
        verbose_name = _("clôture d’exercice")
        verbose_name_plural = _("clôtures d’exercice")
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                name="year_end_is_in_order", condition=Q(ends_on__gt=F("starts_on"))
            ),
            models.CheckConstraint(
                name="year_closed_by_a_resolution",
                condition=Q(status="OPEN", closed_at=None)
                | Q(
                    status="CLOSED",
                    closed_at__isnull=False,
                    resolution__isnull=False,
                    minutes__isnull=False,
                    invoiced__isnull=False,
                ),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="closed_year_is_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__status="CLOSED"),
                func="""
                    IF TG_OP = 'UPDATE' AND NEW.status = 'OPEN' AND EXISTS (
                        SELECT 1 FROM closing_reopening
                        WHERE year_id = OLD.id AND closed_at = OLD.closed_at
                    ) THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a closed year never changes: %', OLD.id
                        USING ERRCODE = 'restrict_violation';
                """,
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """« 2024-2025 »; « 2024 » when the fiscal year is the calendar’s."""
        if self.starts_on.year == self.ends_on.year:
            return f"{self.starts_on:%Y}"
        return f"{self.starts_on:%Y}-{self.ends_on:%Y}"


class YearFigures(models.Model):
    """What the balance sheet says at the end of a year (chiffres de fin d’exercice).

    Typed from the financial statements, in dollars; equity may be negative.
    """

    year = models.OneToOneField(
        YearEnd, models.PROTECT, related_name="figures", verbose_name=_("exercice")
    )
    equity = models.DecimalField(_("avoir ($)"), max_digits=14, decimal_places=2)
    debts = models.DecimalField(_("dettes ($)"), max_digits=14, decimal_places=2)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("chiffres de fin d’exercice")
        verbose_name_plural = _("chiffres de fin d’exercice")
        constraints = [
            models.CheckConstraint(
                name="debts_are_not_negative", condition=Q(debts__gte=0)
            )
        ]

    def __str__(self) -> str:
        return f"{self.year_id} {self.equity} / {self.debts}"
