import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partage.knowledge.models.documents import Version
from partage.knowledge.models.pieces import Piece
from partage.people.models import Language
from partage.rules.anonymity import Mark, Sort


class Release(models.Model):
    """A piece on its way out of its mandate's wall (partage).

    A rule proposes what to take out, a person reads the differences and signs, and
    the organisation that the piece came from consents to that very version. Only
    then is it seen outside. Consent can be taken back at any time.
    """

    class Status(models.TextChoices):
        REVIEW = "REVIEW", _("à relire")
        CONSENT = "CONSENT", _("attend le consentement")
        SHARED = "SHARED", _("partagé")
        REFUSED = "REFUSED", _("refusé par le membre")
        REVOKED = "REVOKED", _("consentement retiré")
        ENDED = "ENDED", _("abandonné")

    class Risk(models.TextChoices):
        """What is left of the risk that someone is known again."""

        VERY_LOW = "VERY_LOW", _("très faible")
        LOW = "LOW", _("faible, et acceptable pour cet usage")

    LIVE = (Status.REVIEW, Status.CONSENT, Status.SHARED)

    piece = models.ForeignKey(
        Piece, models.PROTECT, related_name="releases", verbose_name=_("savoir")
    )
    status = models.CharField(
        _("état"), max_length=8, choices=Status, default=Status.REVIEW
    )
    version = models.ForeignKey(
        Version, models.PROTECT, related_name="+", verbose_name=_("version d’origine")
    )
    cleaned = models.ForeignKey(
        Version,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("version dépersonnalisée"),
    )
    opened_at = models.DateTimeField(_("préparé le"))
    opened_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("préparé par"),
    )
    signed_at = models.DateTimeField(_("signé le"), null=True)
    signed_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("signé par"),
    )
    # Why professional secrecy does not keep it in, for what is under it.
    secrecy_lifted = models.TextField(_("levée du secret professionnel"), blank=True)
    ended_at = models.DateTimeField(_("terminé le"), null=True)

    class Meta:
        verbose_name = _("partage")
        verbose_name_plural = _("partages")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["piece"],
                condition=Q(status__in=("REVIEW", "CONSENT", "SHARED")),
                name="one_release_at_a_time",
            ),
            models.CheckConstraint(
                name="release_signed_before_it_goes",
                condition=Q(status__in=("REVIEW", "ENDED"))
                | Q(signed_at__isnull=False, cleaned__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.piece_id} {self.status}"


HAND = "HAND"
WHAT = {
    Mark.EMAIL: _("courriel"),
    Mark.WEB: _("adresse web"),
    Mark.TAX: _("numéro de taxe"),
    Mark.CARD: _("numéro de carte"),
    Mark.HEALTH: _("numéro d’assurance maladie"),
    Mark.NEQ: _("NEQ"),
    Mark.SIN: _("numéro d’assurance sociale"),
    Mark.PHONE: _("téléphone"),
    Mark.POSTAL: _("code postal"),
    Mark.ADDRESS: _("adresse"),
    Sort.ORGANISATION: _("organisation"),
    Sort.PERSON: _("personne"),
    Sort.PARTY: _("le membre"),
    Sort.PARTY_PERSON: _("personne du mandat"),
    HAND: _("trouvé à la relecture"),
}


class Replacement(models.Model):
    """Words that are taken out of a release, and what stands in their place."""

    release = models.ForeignKey(
        Release, models.CASCADE, related_name="replacements", verbose_name=_("partage")
    )
    what = models.CharField(
        _("quoi"),
        max_length=14,
        choices=[(str(key), word) for key, word in WHAT.items()],
    )
    before = models.CharField(_("avant"), max_length=300)
    after = models.CharField(_("après"), max_length=300, blank=True)
    times = models.PositiveIntegerField(_("fois"), default=0)
    # A person may keep what a rule proposed to take out: a law, a public body.
    applies = models.BooleanField(_("remplacer"), default=True)

    class Meta:
        verbose_name = _("remplacement")
        verbose_name_plural = _("remplacements")
        ordering = ["release", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "before"], name="words_replaced_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.what}"


class Consent(models.Model):
    """What an organisation said of the sharing of what it lived (consentement).

    `sentence` is what it was shown, word for word. Given, it can be taken back at
    any time, and what it allowed ends at once.
    """

    release = models.OneToOneField(
        Release, models.PROTECT, related_name="consent", verbose_name=_("partage")
    )
    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("organisation"),
    )
    sentence = models.TextField(_("texte montré"))
    language = models.CharField(_("langue"), max_length=2, choices=Language)
    asked_at = models.DateTimeField(_("demandé le"))
    asked_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("demandé par"),
    )
    accepted = models.BooleanField(_("consent"), null=True)
    words = models.TextField(_("mot du membre"), blank=True)
    answered_at = models.DateTimeField(_("répondu le"), null=True)
    answered_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("répondu par"),
    )
    revoked_at = models.DateTimeField(_("retiré le"), null=True)
    revoked_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("retiré par"),
    )
    revoked_why = models.TextField(_("motif du retrait"), blank=True)

    class Meta:
        verbose_name = _("consentement")
        verbose_name_plural = _("consentements")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="consent_answered_by_someone",
                condition=Q(accepted=None, answered_at=None)
                | Q(accepted__isnull=False, answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="consent_revoked_once_given",
                condition=Q(revoked_at=None) | Q(accepted=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.organisation_id}"


class Anonymisation(models.Model):
    """A line of the register of anonymisations (anonymisation). Written once.

    What section 9 of the Regulation respecting the anonymization of personal
    information (Québec) asks to be written since 1 January 2025: what was
    anonymised, for what purpose, by which techniques and protections, what risk is
    left that someone is known again, and when that was weighed.
    """

    release = models.OneToOneField(
        Release, models.PROTECT, related_name="+", verbose_name=_("partage")
    )
    on = models.DateField(_("date"))
    title = models.CharField(_("titre"), max_length=200)
    # How many times each kind of thing was taken out: {"SIN": 2}.
    information = models.JSONField(_("renseignements"), default=dict)
    purpose = models.TextField(_("fins"))
    techniques = models.TextField(_("techniques"))
    measures = models.TextField(_("mesures de protection"))
    risk = models.CharField(_("risque résiduel"), max_length=8, choices=Release.Risk)
    risk_words = models.TextField(_("analyse du risque"))
    signed_by_name = models.CharField(_("signé par"), max_length=200)

    class Meta:
        verbose_name = _("anonymisation")
        verbose_name_plural = _("anonymisations")
        ordering = ["-on", "-pk"]
        triggers = [
            pgtrigger.Protect(
                name="anonymisation_is_written_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.title}"
