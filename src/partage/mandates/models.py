import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Level
from partage.members.models import Province
from partage.people.models import Language
from partage.tariffs.models import TaxRate


class OnlyOfADraft(pgtrigger.Trigger):
    """Refuse to write what an offer says once it is no longer a draft.

    `offer` is an SQL expression over {row} that gives the id of the offer.
    """

    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def __init__(self, *, offer: str, **more) -> None:
        self.offer = offer
        super().__init__(**more)

    def get_func(self, model) -> str:
        rows = (("OLD", "INSERT"), ("NEW", "DELETE"))
        checks = "".join(
            f"IF TG_OP <> '{but}' AND (SELECT status FROM mandates_offer WHERE id = "
            f"{self.offer.format(row=row)}) <> 'DRAFT' THEN RAISE EXCEPTION "
            "'the offer is not a draft: % cannot change', TG_TABLE_NAME; END IF; "
            for row, but in rows
        )
        return f"{checks}IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"


class Offer(models.Model):
    """Work proposed to a member at the right cost (offre de service).

    A draft can be changed; once sent it is what it is, and a change is a new
    version. Nothing can alter an accepted offer.
    """

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("brouillon")
        SENT = "SENT", _("envoyée")
        ACCEPTED = "ACCEPTED", _("acceptée")
        REFUSED = "REFUSED", _("refusée")
        WITHDRAWN = "WITHDRAWN", _("retirée")

    reference = models.CharField(_("référence"), max_length=20)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    need = models.ForeignKey(
        "needs.Need",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("demande"),
    )
    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("organisation"),
    )
    card = models.ForeignKey(
        "tariffs.RateCard",
        models.PROTECT,
        related_name="+",
        verbose_name=_("grille tarifaire"),
    )
    status = models.CharField(
        _("état"), max_length=10, choices=Status, default=Status.DRAFT
    )
    title = models.CharField(_("titre"), max_length=150)
    introduction = models.TextField(_("ce que nous avons compris"), blank=True)
    scope = models.TextField(_("ce qui est compris, ce qui ne l’est pas"), blank=True)
    language = models.CharField(_("langue"), max_length=2, choices=Language)
    province = models.CharField(_("province"), max_length=2, choices=Province)
    starts_on = models.DateField(_("début prévu"), null=True, blank=True)
    ends_on = models.DateField(_("fin prévue"), null=True, blank=True)
    valid_until = models.DateField(_("valide jusqu’au"))
    # Written at each change of the lines, frozen when sent.
    net = models.DecimalField(
        _("avant taxes ($)"), max_digits=12, decimal_places=2, default=0
    )
    prepared_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )
    created_at = models.DateTimeField(_("préparée le"))
    sent_at = models.DateTimeField(_("envoyée le"), null=True, blank=True)
    pdf = models.ForeignKey(
        "archive.File",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("document"),
    )
    # The same in French, given before an English document to a member in Québec.
    french_pdf = models.ForeignKey(
        "archive.File",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("document en français"),
    )

    class Meta:
        verbose_name = _("offre de service")
        verbose_name_plural = _("offres de service")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["status", "-created_at"], name="offer_status"),
            models.Index(fields=["organisation"], name="offer_org"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "version"], name="offer_version_once"
            ),
            models.UniqueConstraint(
                fields=["need"],
                condition=Q(status__in=["DRAFT", "SENT", "ACCEPTED"]),
                name="one_live_offer_a_need",
            ),
            models.CheckConstraint(
                name="offer_has_a_document_once_sent",
                condition=Q(status__in=["DRAFT", "WITHDRAWN"])
                | Q(sent_at__isnull=False, pdf__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="accepted_offer_is_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status="ACCEPTED"),
            ),
            pgtrigger.Trigger(
                name="sent_offer_keeps_its_words",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__status="DRAFT"),
                func="IF NEW.status = 'DRAFT' "
                "OR to_jsonb(OLD) - 'status' <> to_jsonb(NEW) - 'status' THEN "
                "RAISE EXCEPTION 'the offer is not a draft: it cannot change'; "
                "END IF; RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} v{self.version}"


class OfferPhase(models.Model):
    """A phase of the work offered (phase)."""

    offer = models.ForeignKey(
        Offer, models.CASCADE, related_name="phases", verbose_name=_("offre")
    )
    position = models.PositiveSmallIntegerField(_("rang"))
    title = models.CharField(_("titre"), max_length=150)

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ["position", "id"]
        triggers = [
            OnlyOfADraft(
                name="offer_phase_of_a_draft",
                offer="{row}.offer_id",
            )
        ]

    def __str__(self) -> str:
        return self.title


class OfferLine(models.Model):
    """Hours of a field and level at their rate (ligne d’offre)."""

    phase = models.ForeignKey(
        OfferPhase, models.CASCADE, related_name="lines", verbose_name=_("phase")
    )
    position = models.PositiveSmallIntegerField(_("rang"))
    description = models.CharField(_("description"), max_length=200)
    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )
    level = models.PositiveSmallIntegerField(_("niveau"), choices=Level)
    expert = models.ForeignKey(
        "experts.Expert",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("expert"),
    )
    minutes = models.PositiveIntegerField(_("minutes"))
    rate = models.DecimalField(_("taux ($/h)"), max_digits=7, decimal_places=2)
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("ligne d’offre")
        verbose_name_plural = _("lignes d’offre")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                name="offer_line_has_hours", condition=Q(minutes__gt=0)
            )
        ]
        triggers = [
            OnlyOfADraft(
                name="offer_line_of_a_draft",
                offer="(SELECT offer_id FROM mandates_offerphase "
                "WHERE id = {row}.phase_id)",
            )
        ]

    def __str__(self) -> str:
        return f"{self.phase_id} {self.description}"


class OfferTax(models.Model):
    """A tax of an offer, as it was printed (taxe d’offre)."""

    offer = models.ForeignKey(
        Offer, models.CASCADE, related_name="taxes", verbose_name=_("offre")
    )
    code = models.CharField(_("taxe"), max_length=3, choices=TaxRate.Code)
    rate = models.DecimalField(_("taux"), max_digits=7, decimal_places=6)
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("taxe d’offre")
        verbose_name_plural = _("taxes d’offre")
        ordering = ["id"]
        triggers = [
            OnlyOfADraft(
                name="offer_tax_of_a_draft",
                offer="{row}.offer_id",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.amount}"


class Answer(models.Model):
    """A member's answer to an offer (réponse à l’offre): proof of who said what.

    Who, when, from where, and the SHA-256 of the exact document. Never changed.
    """

    offer = models.OneToOneField(
        Offer, models.PROTECT, related_name="answer", verbose_name=_("offre")
    )
    accepted = models.BooleanField(_("acceptée"))
    user = models.ForeignKey(
        "people.User", models.PROTECT, related_name="+", verbose_name=_("compte")
    )
    name = models.CharField(_("nom"), max_length=150)
    at = models.DateTimeField(_("moment"))
    address = models.GenericIPAddressField(_("adresse"), null=True)
    agent = models.CharField(_("navigateur"), max_length=300, blank=True)
    sha256 = models.CharField(_("empreinte du document"), max_length=64)
    reason = models.TextField(_("motif"), blank=True)

    class Meta:
        verbose_name = _("réponse à l’offre")
        verbose_name_plural = _("réponses aux offres")
        triggers = [
            pgtrigger.Protect(
                name="answer_is_written_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.accepted}"


class Mandate(models.Model):
    """Work agreed with a member (mandat).

    The province is the place of supply: it is frozen here, and taxes follow it.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("en cours")
        PAUSED = "PAUSED", _("en pause")
        CLOSED = "CLOSED", _("clos")

    reference = models.CharField(_("référence"), max_length=20, unique=True)
    offer = models.OneToOneField(
        Offer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mandate",
        verbose_name=_("offre"),
    )
    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("organisation"),
    )
    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )
    title = models.CharField(_("titre"), max_length=150)
    status = models.CharField(
        _("état"), max_length=8, choices=Status, default=Status.OPEN
    )
    province = models.CharField(_("province"), max_length=2, choices=Province)
    language = models.CharField(_("langue"), max_length=2, choices=Language)
    full_management = models.BooleanField(_("entière gestion"), default=False)
    opened_on = models.DateField(_("ouvert le"))
    due_on = models.DateField(_("à livrer le"), null=True, blank=True)
    closed_on = models.DateField(_("clos le"), null=True, blank=True)
    budget_minutes = models.PositiveIntegerField(_("budget (min)"))
    budget_amount = models.DecimalField(
        _("budget avant taxes ($)"), max_digits=12, decimal_places=2
    )

    class Meta:
        verbose_name = _("mandat")
        verbose_name_plural = _("mandats")
        ordering = ["-opened_on", "-id"]
        indexes = [
            models.Index(fields=["status", "-opened_on"], name="mandate_status"),
            models.Index(fields=["organisation"], name="mandate_org"),
        ]
        constraints = [
            models.CheckConstraint(
                name="mandate_closed_on_once_closed",
                condition=Q(status="CLOSED", closed_on__isnull=False)
                | Q(~Q(status="CLOSED"), closed_on=None),
            ),
            models.CheckConstraint(
                name="mandate_closes_after_it_opens",
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class TeamMember(models.Model):
    """An expert on a mandate, and the rate its hours are billed at (équipier)."""

    mandate = models.ForeignKey(
        Mandate, models.CASCADE, related_name="team", verbose_name=_("mandat")
    )
    expert = models.ForeignKey(
        "experts.Expert", models.PROTECT, related_name="+", verbose_name=_("expert")
    )
    field = models.ForeignKey(
        "experts.Field", models.PROTECT, related_name="+", verbose_name=_("domaine")
    )
    level = models.PositiveSmallIntegerField(_("niveau"), choices=Level)
    rate = models.DecimalField(_("taux ($/h)"), max_digits=7, decimal_places=2)
    lead = models.BooleanField(_("responsable"), default=False)

    class Meta:
        verbose_name = _("équipier")
        verbose_name_plural = _("équipiers")
        constraints = [
            models.UniqueConstraint(
                fields=["mandate", "expert"], name="on_a_team_once"
            ),
            models.UniqueConstraint(
                fields=["mandate"], condition=Q(lead=True), name="one_lead_a_mandate"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate_id} {self.expert_id}"


class Milestone(models.Model):
    """A point that a mandate must reach (jalon)."""

    mandate = models.ForeignKey(
        Mandate, models.CASCADE, related_name="milestones", verbose_name=_("mandat")
    )
    position = models.PositiveSmallIntegerField(_("rang"))
    title = models.CharField(_("titre"), max_length=150)
    due_on = models.DateField(_("prévu le"), null=True, blank=True)
    done_on = models.DateField(_("atteint le"), null=True, blank=True)

    class Meta:
        verbose_name = _("jalon")
        verbose_name_plural = _("jalons")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title


class Deliverable(models.Model):
    """A thing that a mandate delivers (livrable)."""

    mandate = models.ForeignKey(
        Mandate, models.CASCADE, related_name="deliverables", verbose_name=_("mandat")
    )
    type = models.ForeignKey(
        "knowledge.DeliverableType",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("type"),
    )
    title = models.CharField(_("titre"), max_length=150)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    file = models.ForeignKey(
        "archive.File",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("fichier"),
    )
    delivered_on = models.DateField(_("livré le"))
    transferable = models.BooleanField(_("transférable"), default=False)

    class Meta:
        verbose_name = _("livrable")
        verbose_name_plural = _("livrables")
        ordering = ["delivered_on", "id"]

    def __str__(self) -> str:
        return self.title


class Satisfaction(models.Model):
    """What a member says of a finished mandate (satisfaction)."""

    mandate = models.OneToOneField(
        Mandate, models.PROTECT, related_name="satisfaction", verbose_name=_("mandat")
    )
    score = models.PositiveSmallIntegerField(_("satisfaction (1 à 5)"))
    recommends = models.BooleanField(_("recommanderait"))
    comment = models.TextField(_("commentaire"), blank=True)
    user = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )
    at = models.DateTimeField(_("moment"))

    class Meta:
        verbose_name = _("satisfaction")
        verbose_name_plural = _("satisfactions")
        constraints = [
            models.CheckConstraint(
                name="satisfaction_is_from_1_to_5",
                condition=Q(score__gte=1, score__lte=5),
            )
        ]

    def __str__(self) -> str:
        return f"{self.mandate_id} {self.score}"
