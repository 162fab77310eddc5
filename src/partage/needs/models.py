from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Level
from partage.members.models import Province
from partage.people.models import Language


class Need(models.Model):
    """What an organisation asks for (demande).

    The status says only what this room knows. Whether it is matched, offered,
    worked or invoiced is a question to the rooms downstream.
    """

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED", _("à trier")
        TRIAGED = "TRIAGED", _("triée")
        REFERRED_BACK = "REFERRED_BACK", _("retournée en première ligne")
        ANSWERED = "ANSWERED", _("répondue par le réservoir")
        WITHDRAWN = "WITHDRAWN", _("retirée")

    class Channel(models.TextChoices):
        PORTAL = "PORTAL", _("portail")
        COORDINATION = "COORDINATION", _("coordination")
        FIRST_LINE = "FIRST_LINE", _("première ligne")
        IMPORT = "IMPORT", _("importation")

    class Urgency(models.IntegerChoices):
        CAN_WAIT = 1, _("peut attendre")
        NORMAL = 2, _("normale")
        URGENT = 3, _("urgente")

    class Place(models.TextChoices):
        REMOTE = "REMOTE", _("à distance")
        ON_SITE = "ON_SITE", _("sur place")
        EITHER = "EITHER", _("l’un ou l’autre")

    reference = models.CharField(_("référence"), max_length=20, unique=True)
    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("organisation"),
    )
    requested_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("demandée par"),
    )
    referred_by = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("référée par"),
    )
    channel = models.CharField(_("voie"), max_length=12, choices=Channel)
    received_at = models.DateTimeField(_("reçue le"))
    title = models.CharField(_("titre"), max_length=150)
    text = models.TextField(_("besoin"))
    language = models.CharField(_("langue"), max_length=2, choices=Language)
    urgency = models.PositiveSmallIntegerField(
        _("urgence"), choices=Urgency, default=Urgency.NORMAL
    )
    place = models.CharField(
        _("lieu"), max_length=8, choices=Place, default=Place.REMOTE
    )
    wished_from = models.DateField(_("souhaitée à partir du"), null=True, blank=True)
    wished_until = models.DateField(_("souhaitée avant le"), null=True, blank=True)
    status = models.CharField(
        _("état"), max_length=14, choices=Status, default=Status.RECEIVED
    )
    # Where the work is for: the licence and the taxes follow it. From triage on.
    province = models.CharField(_("province"), max_length=2, choices=Province)
    closed_at = models.DateTimeField(_("close le"), null=True, blank=True)

    class Meta:
        verbose_name = _("demande")
        verbose_name_plural = _("demandes")
        ordering = ["-received_at"]
        indexes = [
            models.Index(fields=["status", "-received_at"], name="need_status"),
            models.Index(fields=["organisation", "-received_at"], name="need_org"),
        ]
        constraints = [
            models.CheckConstraint(
                name="need_window_is_in_order",
                condition=Q(wished_from=None)
                | Q(wished_until=None)
                | Q(wished_until__gte=F("wished_from")),
            )
        ]

    def __str__(self) -> str:
        return self.reference


class Attachment(models.Model):
    """A document joined to a need (pièce jointe)."""

    need = models.ForeignKey(
        Need, models.CASCADE, related_name="attachments", verbose_name=_("demande")
    )
    file = models.ForeignKey(
        "archive.File", models.PROTECT, related_name="+", verbose_name=_("fichier")
    )

    class Meta:
        verbose_name = _("pièce jointe")
        verbose_name_plural = _("pièces jointes")

    def __str__(self) -> str:
        return f"{self.need_id} {self.file_id}"


class Triage(models.Model):
    """A decision on where a need goes, and its reason (triage). The last one holds."""

    class Decision(models.TextChoices):
        SPECIALISED = "SPECIALISED", _("spécialisée")
        FIRST_LINE = "FIRST_LINE", _("première ligne")
        RESERVOIR = "RESERVOIR", _("répondue par le réservoir")

    need = models.ForeignKey(
        Need, models.CASCADE, related_name="triages", verbose_name=_("demande")
    )
    decision = models.CharField(_("décision"), max_length=12, choices=Decision)
    reason = models.TextField(_("motif"))
    # The piece that answered, for a need met by the reservoir.
    piece = models.ForeignKey(
        "knowledge.Piece",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("savoir"),
    )
    decided_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )
    decided_at = models.DateTimeField(_("décidé le"))

    class Meta:
        verbose_name = _("triage")
        verbose_name_plural = _("triages")
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.CheckConstraint(name="triage_says_why", condition=~Q(reason=""))
        ]

    def __str__(self) -> str:
        return f"{self.need_id} {self.decision}"


class KeptParts(models.Manager):
    """The parts that the last triage keeps."""

    def get_queryset(self):
        return super().get_queryset().filter(dropped_at=None)


class Part(models.Model):
    """One field's share of a specialised need (volet).

    A new triage may drop it: the row stays, for what was decided on it, and
    nobody meets it any more but through those decisions.
    """

    need = models.ForeignKey(
        Need, models.CASCADE, related_name="parts", verbose_name=_("demande")
    )
    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )
    level = models.PositiveSmallIntegerField(_("niveau"), choices=Level)
    language = models.CharField(_("langue"), max_length=2, choices=Language)
    minutes_low = models.PositiveIntegerField(_("minutes, au moins"))
    minutes_likely = models.PositiveIntegerField(_("minutes, probable"))
    minutes_high = models.PositiveIntegerField(_("minutes, au plus"))
    dropped_at = models.DateTimeField(_("abandonné le"), null=True, blank=True)

    objects = KeptParts()

    class Meta:
        verbose_name = _("volet")
        verbose_name_plural = _("volets")
        constraints = [
            models.UniqueConstraint(
                fields=["need", "field"],
                condition=Q(dropped_at=None),
                name="one_part_a_field",
            ),
            models.CheckConstraint(
                name="part_hours_are_in_order",
                condition=Q(minutes_low__gt=0)
                & Q(minutes_likely__gte=F("minutes_low"))
                & Q(minutes_high__gte=F("minutes_likely")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need_id} {self.field_id}"
