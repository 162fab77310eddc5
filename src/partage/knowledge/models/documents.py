from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from partage.knowledge.models.pieces import Piece
from partage.people.models import Language


class Version(models.Model):
    """What a piece says at one time: words, and most often a document (version).

    Written once and never changed: a new text is a new version. One of them is
    shown: it is what search finds and what whoever may see the piece reads. A
    de-personalised version says which one it was made from.
    """

    class Reading(models.TextChoices):
        """How far the reading of the document is."""

        WAITING = "WAITING", _("lecture en attente")
        READ = "READ", _("lu")
        UNREADABLE = "UNREADABLE", _("non lu")

    piece = models.ForeignKey(
        Piece, models.CASCADE, related_name="versions", verbose_name=_("savoir")
    )
    number = models.PositiveSmallIntegerField(_("numéro"))
    is_shown = models.BooleanField(_("montrée"), default=False)
    cleaned_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cleaned",
        verbose_name=_("dépersonnalise"),
    )
    title = models.CharField(_("titre"), max_length=200)
    text = models.TextField(_("texte"))
    file = models.ForeignKey(
        "archive.File",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("fichier"),
    )
    language = models.CharField(_("langue"), max_length=2, choices=Language)
    author = models.ForeignKey(
        "experts.Expert",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("auteur"),
    )
    added_at = models.DateTimeField(_("ajoutée le"), db_default=Now())
    added_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("ajoutée par"),
    )
    reading = models.CharField(
        _("lecture"), max_length=10, choices=Reading, default=Reading.READ
    )
    # Why the document could not be read: the name of a sentence of `extraction`.
    problem = models.CharField(_("problème"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["piece", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["piece", "number"], name="version_numbered_once"
            ),
            models.UniqueConstraint(
                fields=["piece"], condition=Q(is_shown=True), name="one_version_shown"
            ),
            models.CheckConstraint(
                name="version_unreadable_says_why",
                condition=Q(reading="UNREADABLE") ^ Q(problem=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.piece_id} v{self.number}"


class Page(models.Model):
    """The text of one page, slide or sheet of a version (page), to search and cite."""

    version = models.ForeignKey(
        Version, models.CASCADE, related_name="pages", verbose_name=_("version")
    )
    number = models.PositiveIntegerField(_("numéro"))  # from 1, in reading order
    # As the document names it: « iv », the name of a sheet; empty: its number.
    label = models.CharField(_("étiquette"), max_length=100, blank=True)
    text = models.TextField(_("texte"))

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["version", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "number"], name="page_numbered_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version_id} p. {self.number}"
