from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from partage.members.models import Province
from partage.people.models import Language


class DeliverableType(models.Model):
    """A kind of thing that mandates deliver (type de livrable)."""

    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )
    name_fr = models.CharField(_("nom français"), max_length=100)
    name_en = models.CharField(_("nom anglais"), max_length=100)

    class Meta:
        verbose_name = _("type de livrable")
        verbose_name_plural = _("types de livrables")
        ordering = ["name_fr"]
        constraints = [
            models.UniqueConstraint(
                fields=["field", "name_fr"], name="deliverable_type_named_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_fr


class Piece(models.Model):
    """One thing that the reservoir knows (savoir): a lesson or a document.

    The reservoir lies under the stream: it keeps the reference of the mandate
    that a piece came from as a word, and cannot look the mandate up. Until it
    is released, a piece is seen only inside the wall of its source.

    Its title, text and file are those of its shown version: what whoever may see
    the piece may read. What it said before it was de-personalised stays in its
    other versions, inside the wall.
    """

    class Kind(models.TextChoices):
        LESSON = "LESSON", _("leçon")
        DELIVERABLE = "DELIVERABLE", _("réalisation")
        GUIDE = "GUIDE", _("guide")

    class Status(models.TextChoices):
        WALLED = "WALLED", _("réservé au mandat")
        RELEASED = "RELEASED", _("partagé")
        WITHDRAWN = "WITHDRAWN", _("retiré")

    class Confidentiality(models.TextChoices):
        """Who may read the piece once it is released."""

        MEMBERS = "MEMBERS", _("tous les membres")
        HOUSE = "HOUSE", _("l’équipe de la coopérative")
        MANDATE = "MANDATE", _("le mandat seulement")

    class Licence(models.TextChoices):
        """What others may do with it."""

        FREE = "FREE", _("réemploi libre entre membres")
        CREDIT = "CREDIT", _("réemploi en nommant l’auteur")
        AS_IS = "AS_IS", _("réemploi tel quel, sans rien changer")
        ASK = "ASK", _("réemploi sur demande")

    kind = models.CharField(_("nature"), max_length=12, choices=Kind)
    status = models.CharField(
        _("état"), max_length=10, choices=Status, default=Status.WALLED
    )
    title = models.CharField(_("titre"), max_length=200)
    text = models.TextField(_("texte"))
    language = models.CharField(_("langue"), max_length=2, choices=Language)
    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )
    deliverable_type = models.ForeignKey(
        DeliverableType,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="pieces",
        verbose_name=_("type de livrable"),
    )
    province = models.CharField(
        _("province"), max_length=2, choices=Province, blank=True
    )
    # Where it came from.
    source = models.CharField(_("mandat d’origine"), max_length=30, blank=True)
    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation d’origine"),
    )
    author = models.ForeignKey(
        "experts.Expert",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("auteur"),
    )
    minutes = models.PositiveIntegerField(
        _("durée réelle (min)"), null=True, blank=True
    )
    file = models.ForeignKey(
        "archive.File",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("fichier"),
    )
    confidentiality = models.CharField(
        _("confidentialité"),
        max_length=8,
        choices=Confidentiality,
        default=Confidentiality.MEMBERS,
    )
    # Under professional secrecy: kept apart until someone releases it expressly.
    privileged = models.BooleanField(_("secret professionnel"), default=False)
    licence = models.CharField(
        _("licence de réemploi"), max_length=6, choices=Licence, default=Licence.FREE
    )
    poured_on = models.DateField(_("versé le"))
    released_on = models.DateField(_("partagé le"), null=True, blank=True)
    valid_until = models.DateField(_("valide jusqu’au"), null=True, blank=True)
    # Folded words in both languages' stems; written by the acts, never typed.
    words = SearchVectorField(_("mots"), null=True)

    class Meta:
        verbose_name = _("savoir")
        verbose_name_plural = _("savoirs")
        indexes = [
            GinIndex(fields=["words"], name="piece_words"),
            models.Index(fields=["field", "status"], name="piece_field"),
            models.Index(fields=["source"], name="piece_source"),
        ]
        constraints = [
            models.CheckConstraint(
                name="piece_released_on_once_released",
                condition=~Q(status="RELEASED") | Q(released_on__isnull=False),
            ),
            models.CheckConstraint(
                name="piece_of_the_mandate_stays_there",
                condition=~Q(status="RELEASED", confidentiality="MANDATE"),
            ),
        ]

    def __str__(self) -> str:
        return self.title
