from django.db import models
from django.utils.translation import gettext_lazy as _

from partage.people.models import Language


class Change(models.Model):
    """The last change of one thing that is indexed (changement): the log of the index.

    Triggers of the database write it in the transaction of the change, so that no act
    can forget to. One row for each thing: its number grows with every change, `xid` is
    the transaction's, by which a follower knows what it has not seen yet.
    """

    class Subject(models.TextChoices):
        PIECE = "PIECE", _("savoir")
        CONCEPT = "CONCEPT", _("notion")
        ALL = "ALL", _("tout le réservoir")

    subject = models.CharField(_("objet"), max_length=8, choices=Subject)
    number = models.BigIntegerField(_("numéro"))
    xid = models.BigIntegerField(_("transaction"))

    class Meta:
        verbose_name = _("changement")
        verbose_name_plural = _("changements")
        indexes = [models.Index(fields=["xid"], name="change_xid")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "number"], name="one_change_of_a_subject"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.number} @ {self.xid}"


class Concept(models.Model):
    """One thing that people name in several ways (notion): its terms are one word."""

    note = models.CharField(_("remarque"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("notion")
        verbose_name_plural = _("notions")
        ordering = ["id"]

    def __str__(self) -> str:
        return ", ".join(term.text for term in self.terms.all())


class Term(models.Model):
    """One way to name a concept, in one language (terme)."""

    concept = models.ForeignKey(
        Concept, models.CASCADE, related_name="terms", verbose_name=_("notion")
    )
    text = models.CharField(_("terme"), max_length=100)
    language = models.CharField(_("langue"), max_length=2, choices=Language)
    folded = models.CharField(max_length=100, editable=False)

    class Meta:
        verbose_name = _("terme")
        verbose_name_plural = _("termes")
        ordering = ["concept", "-language", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["concept", "folded"], name="term_once_in_a_concept"
            )
        ]

    def __str__(self) -> str:
        return self.text


class Miss(models.Model):
    """What was sought and not found, on one day (recherche vaine): never by whom."""

    words = models.CharField(_("mots"), max_length=100)
    field = models.ForeignKey(
        "experts.Field",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("domaine"),
    )
    on = models.DateField(_("date"))
    times = models.PositiveIntegerField(_("fois"), default=1)

    class Meta:
        verbose_name = _("recherche vaine")
        verbose_name_plural = _("recherches vaines")
        constraints = [
            models.UniqueConstraint(
                fields=["words", "field", "on"],
                name="one_miss_of_words_a_day",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.words
