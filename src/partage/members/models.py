import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from partage.people.models import Language


class Province(models.TextChoices):
    QUEBEC = "QC", _("Québec")
    ONTARIO = "ON", _("Ontario")
    NEW_BRUNSWICK = "NB", _("Nouveau-Brunswick")
    ALBERTA = "AB", _("Alberta")
    NOVA_SCOTIA = "NS", _("Nouvelle-Écosse")
    PRINCE_EDWARD_ISLAND = "PE", _("Île-du-Prince-Édouard")
    NEWFOUNDLAND = "NL", _("Terre-Neuve-et-Labrador")
    MANITOBA = "MB", _("Manitoba")
    SASKATCHEWAN = "SK", _("Saskatchewan")
    BRITISH_COLUMBIA = "BC", _("Colombie-Britannique")
    YUKON = "YT", _("Yukon")
    NORTHWEST_TERRITORIES = "NT", _("Territoires du Nord-Ouest")
    NUNAVUT = "NU", _("Nunavut")


class Organisation(models.Model):
    """An enterprise that can be served (organisation).

    It may be a member, a network (regroupement) of members, or an enterprise of
    a network that is served through it. Members, enterprises served and
    enterprises represented are three different counts.
    """

    class Kind(models.TextChoices):
        COOPERATIVE = "COOPERATIVE", _("coopérative")
        MUTUAL = "MUTUAL", _("mutuelle")
        NONPROFIT = "NONPROFIT", _("organisme à but non lucratif")
        FEDERATION = "FEDERATION", _("fédération ou regroupement")
        OTHER = "OTHER", _("autre entreprise collective")

    name = models.CharField(_("nom"), max_length=200, unique=True)
    # Folded and lower case: names sort alike on every PostgreSQL, without ICU.
    sort_key = models.CharField(_("clé de tri"), max_length=200, db_index=True)
    kind = models.CharField(_("forme"), max_length=20, choices=Kind)
    neq = models.CharField(_("NEQ"), max_length=10, blank=True)
    network = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="enterprises",
        verbose_name=_("réseau"),
        help_text=_("Le regroupement par lequel cette entreprise est servie."),
    )
    represents = models.PositiveIntegerField(
        _("entreprises représentées"),
        default=0,
        help_text=_("Pour un regroupement : combien d’entreprises il représente."),
    )
    full_management = models.BooleanField(_("sous entière gestion"), default=False)
    sector = models.CharField(_("secteur"), max_length=80, blank=True)
    # Same non-empty value = organisations that compete with each other.
    competition = models.CharField(
        _("groupe de concurrence"), max_length=40, blank=True
    )
    language = models.CharField(
        _("langue"), max_length=2, choices=Language, default=Language.FRENCH
    )
    address = models.CharField(_("adresse"), max_length=200, blank=True)
    city = models.CharField(_("ville"), max_length=80, blank=True)
    province = models.CharField(_("province"), max_length=2, choices=Province)
    postal_code = models.CharField(_("code postal"), max_length=7, blank=True)
    latitude = models.DecimalField(
        _("latitude"), max_digits=7, decimal_places=4, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=7, decimal_places=4, null=True, blank=True
    )
    email = models.EmailField(_("courriel"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """The time during which an organisation is a member (adhésion)."""

    class Category(models.TextChoices):
        USER = "USER", _("membre utilisateur")
        WORKER = "WORKER", _("membre travailleur")
        SUPPORT = "SUPPORT", _("membre de soutien")
        AUXILIARY = "AUXILIARY", _("membre auxiliaire")

    number = models.CharField(_("numéro"), max_length=20, unique=True)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="memberships",
        verbose_name=_("organisation"),
    )
    category = models.CharField(_("catégorie"), max_length=10, choices=Category)
    joined_on = models.DateField(_("admise le"))
    suspended_on = models.DateField(_("suspendue le"), null=True, blank=True)
    left_on = models.DateField(_("partie le"), null=True, blank=True)
    left_because = models.CharField(_("motif du départ"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("adhésion")
        verbose_name_plural = _("adhésions")
        constraints = [
            models.CheckConstraint(
                name="membership_ends_after_it_begins",
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")),
            ),
            # One membership at a time; no contrib extension is needed.
            ExclusionConstraint(
                name="one_membership_at_a_time",
                expressions=[
                    (
                        Func(
                            "organisation_id",
                            "organisation_id",
                            models.Value("[]"),
                            function="int8range",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            "joined_on",
                            "left_on",
                            models.Value("[)"),
                            function="daterange",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ShareMovement(models.Model):
    """One movement of a member's shares (mouvement de parts). Append only.

    The register is derived from these rows (Act C-67.2, art. 124). `quantity`
    is positive when the member holds more shares, negative when fewer; `paid`
    is positive when the member pays, negative when it is repaid.
    """

    class Kind(models.TextChoices):
        SUBSCRIPTION = "SUBSCRIPTION", _("souscription")
        PAYMENT = "PAYMENT", _("versement")
        TRANSFER = "TRANSFER", _("transfert")
        REDEMPTION = "REDEMPTION", _("rachat")
        REPAYMENT = "REPAYMENT", _("remboursement")

    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="shares", verbose_name=_("adhésion")
    )
    kind = models.CharField(_("nature"), max_length=12, choices=Kind)
    on = models.DateField(_("date"))
    quantity = models.IntegerField(_("parts"), default=0)
    par_value = models.DecimalField(
        _("valeur d’une part ($)"), max_digits=8, decimal_places=2
    )
    paid = models.DecimalField(
        _("versé ($)"), max_digits=10, decimal_places=2, default=0
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("mouvement de parts")
        verbose_name_plural = _("mouvements de parts")
        triggers = [
            pgtrigger.Protect(
                name="share_movement_is_written_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} {self.quantity}"


class Representation(models.Model):
    """What a person may do for an organisation (représentation)."""

    user = models.ForeignKey(
        "people.User", models.PROTECT, related_name="+", verbose_name=_("compte")
    )
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="representations",
        verbose_name=_("organisation"),
    )
    can_request = models.BooleanField(_("peut demander"), default=True)
    can_sign = models.BooleanField(_("peut signer"), default=False)
    can_vote = models.BooleanField(_("peut voter"), default=False)
    # A first-line partner refers the needs of the enterprises of its network.
    can_refer = models.BooleanField(_("peut référer"), default=False)
    since = models.DateField(_("depuis"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)

    class Meta:
        verbose_name = _("représentation")
        verbose_name_plural = _("représentations")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=Q(until=None),
                name="one_current_representation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.organisation_id}"
