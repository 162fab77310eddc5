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

    class Problem(models.TextChoices):
        """Why a document could not be read: what is so, then what can be done."""

        EMPTY = "EMPTY", _("Ce document est vide. Vérifiez-le, puis ajoutez-le.")
        TOO_LARGE = (
            "TOO_LARGE",
            _("Ce document pèse plus de 20 Mo. Allégez-le ou séparez-le."),
        )
        UNKNOWN = (
            "UNKNOWN",
            _(
                "Ce n’est pas un document que nous savons lire, quel que soit son nom. "
                "Enregistrez-le en PDF, Word, Excel, PowerPoint, ODT ou texte."
            ),
        )
        IMAGE = (
            "IMAGE",
            _(
                "C’est une image : on peut la télécharger, mais la recherche n’y lit "
                "rien. Décrivez-la dans le texte du savoir."
            ),
        )
        OLD_FORMAT = (
            "OLD_FORMAT",
            _(
                "C’est un ancien format (.doc, .xls, .ppt ou .rtf). "
                "Enregistrez-le en .docx, .xlsx, .pptx ou PDF, puis ajoutez-le."
            ),
        )
        PASSWORD = (
            "PASSWORD",
            _(
                "Ce document est protégé par un mot de passe. "
                "Enregistrez-le sans mot de passe, puis ajoutez-le."
            ),
        )
        MACROS = (
            "MACROS",
            _(
                "Ce document contient des macros, qui pourraient nuire à qui l’ouvre. "
                "Enregistrez-le sans macros (.docx, .xlsx), puis ajoutez-le."
            ),
        )
        BROKEN = (
            "BROKEN",
            _(
                "Ce document est abîmé ou coupé. Ouvrez-le pour le vérifier, "
                "enregistrez-le de nouveau, puis ajoutez-le."
            ),
        )
        BOMB = (
            "BOMB",
            _(
                "Ce document gonfle démesurément quand on l’ouvre : nous ne l’avons "
                "pas ouvert. Enregistrez-le de nouveau depuis le logiciel d’origine."
            ),
        )
        ENTITIES = (
            "ENTITIES",
            _(
                "Ce document contient des instructions cachées qu’aucun logiciel de "
                "bureau n’écrit : nous ne l’avons pas ouvert. "
                "Enregistrez-le de nouveau depuis le logiciel d’origine."
            ),
        )
        TOO_LONG = (
            "TOO_LONG",
            _(
                "La lecture de ce document a pris trop de temps et a été arrêtée. "
                "Séparez-le en parties, ou enregistrez-le en PDF."
            ),
        )
        TOO_HEAVY = (
            "TOO_HEAVY",
            _(
                "Ce document demande trop de mémoire pour être lu. "
                "Séparez-le en parties."
            ),
        )
        NO_TEXT = (
            "NO_TEXT",
            _(
                "Ce document n’a que des images : il a sans doute été numérisé. "
                "Passez-le à la reconnaissance de texte, ou décrivez-le dans le texte "
                "du savoir."
            ),
        )

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
    problem = models.CharField(
        _("problème"), max_length=30, choices=Problem, blank=True
    )
    # What the document carries out of sight: `extraction.Hidden`, as JSON.
    hidden = models.JSONField(_("hors de vue"), default=dict, blank=True)

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
