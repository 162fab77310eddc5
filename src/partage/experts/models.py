from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Cast
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from partage.members.models import Province
from partage.people.models import Language


def _same(field: str) -> Func:
    """A one-value range: equality for an exclusion constraint, without btree_gist."""
    return Func(field, field, models.Value("[]"), function="int8range")


def same_text(field: str) -> Func:
    """Equality of a two-letter code, as a range of its two ASCII codes."""
    code = Func(field, function="ascii") * 256 + Func(
        Func(field, models.Value(2), models.Value(1), function="substr"),
        function="ascii",
    )
    return Func(
        Cast(code, models.BigIntegerField()),
        Cast(code, models.BigIntegerField()),
        models.Value("[]"),
        function="int8range",
    )


def _days(start: str, end: str) -> Func:
    return Func(start, end, models.Value("[]"), function="daterange")


class Level(models.IntegerChoices):
    """How far a person can go alone in a field."""

    JUNIOR = 1, _("débutant")
    INTERMEDIATE = 2, _("intermédiaire")
    SENIOR = 3, _("sénior")


class Field(models.Model):
    """A field of expertise that the cooperative offers (domaine)."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_fr = models.CharField(_("nom français"), max_length=80)
    name_en = models.CharField(_("nom anglais"), max_length=80)
    # Words that suggest this field when a need is triaged, in both languages.
    words = models.TextField(_("mots évocateurs"), blank=True)
    # What is written in it is under professional secrecy, unless said otherwise.
    privileged = models.BooleanField(_("secret professionnel"), default=False)
    opened_on = models.DateField(_("ouvert le"))
    closed_on = models.DateField(_("fermé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("domaine")
        verbose_name_plural = _("domaines")
        ordering = ["name_fr"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_fr


class PracticeRule(models.Model):
    """Who may practise a field in a province, by law (règle d’exercice).

    A dated row with its source: when a licence is required, an expert needs a
    valid one of `order` for that province, or may act `days_allowed` days in a
    year under mobility. No row in force means that no licence is required.
    """

    field = models.ForeignKey(
        Field, models.PROTECT, related_name="practice_rules", verbose_name=_("domaine")
    )
    province = models.CharField(_("province"), max_length=2, choices=Province)
    order = models.CharField(_("ordre professionnel"), max_length=80)
    days_allowed = models.PositiveSmallIntegerField(
        _("jours permis par an en mobilité"), default=0
    )
    starts_on = models.DateField(_("en vigueur le"))
    ends_on = models.DateField(_("jusqu’au"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("règle d’exercice")
        verbose_name_plural = _("règles d’exercice")
        constraints = [
            ExclusionConstraint(
                name="one_practice_rule_at_a_time",
                expressions=[
                    (_same("field_id"), RangeOperators.OVERLAPS),
                    (same_text("province"), RangeOperators.OVERLAPS),
                    (_days("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field_id} {self.province} {self.order}"


class Expert(models.Model):
    """A person whose work is shared (expert)."""

    user = models.OneToOneField(
        "people.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("compte"),
    )
    name = models.CharField(_("nom"), max_length=120)
    sort_key = models.CharField(_("clé de tri"), max_length=120, db_index=True)
    title = models.CharField(_("titre"), max_length=120, blank=True)
    languages = ArrayField(
        models.CharField(max_length=2, choices=Language), verbose_name=_("langues")
    )
    city = models.CharField(_("ville"), max_length=80, blank=True)
    province = models.CharField(_("province"), max_length=2, choices=Province)
    latitude = models.DecimalField(
        _("latitude"), max_digits=7, decimal_places=4, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=7, decimal_places=4, null=True, blank=True
    )
    remote_only = models.BooleanField(_("à distance seulement"), default=False)
    parallel_limit = models.PositiveSmallIntegerField(
        _("mandats en parallèle, au plus"), default=6
    )
    # Work-life limits: none of this is anybody's business but coordination's.
    weekly_cap_minutes = models.PositiveIntegerField(
        _("plafond hebdomadaire (min)"), null=True, blank=True
    )
    # Hours of each week that no mandate takes: training, the reservoir, the team.
    protected_minutes = models.PositiveSmallIntegerField(
        _("temps protégé par semaine (min)"), default=0
    )
    started_on = models.DateField(_("depuis"))
    left_on = models.DateField(_("parti le"), null=True, blank=True)

    class Meta:
        verbose_name = _("expert")
        verbose_name_plural = _("experts")
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    """What an expert can do, and how far (compétence)."""

    expert = models.ForeignKey(
        Expert, models.CASCADE, related_name="skills", verbose_name=_("expert")
    )
    field = models.ForeignKey(
        Field, models.PROTECT, related_name="skills", verbose_name=_("domaine")
    )
    level = models.PositiveSmallIntegerField(_("niveau"), choices=Level)

    class Meta:
        verbose_name = _("compétence")
        verbose_name_plural = _("compétences")
        constraints = [
            models.UniqueConstraint(fields=["expert", "field"], name="skill_said_once")
        ]

    def __str__(self) -> str:
        return f"{self.expert_id} {self.field_id} {self.level}"


class Licence(models.Model):
    """A professional order's leave to practise in a province (permis)."""

    class Kind(models.TextChoices):
        FULL = "FULL", _("plein exercice")
        MOBILITY = "MOBILITY", _("mobilité")

    expert = models.ForeignKey(
        Expert, models.CASCADE, related_name="licences", verbose_name=_("expert")
    )
    order = models.CharField(_("ordre professionnel"), max_length=80)
    province = models.CharField(_("province"), max_length=2, choices=Province)
    kind = models.CharField(_("nature"), max_length=10, choices=Kind, default=Kind.FULL)
    number = models.CharField(_("numéro"), max_length=40, blank=True)
    valid_from = models.DateField(_("valide du"))
    valid_until = models.DateField(_("valide jusqu’au"), null=True, blank=True)

    class Meta:
        verbose_name = _("permis")
        verbose_name_plural = _("permis")

    def __str__(self) -> str:
        return f"{self.expert_id} {self.order} {self.province}"


class Schedule(models.Model):
    """The hours an expert works each day of the week, from a date (horaire)."""

    expert = models.ForeignKey(
        Expert, models.CASCADE, related_name="schedules", verbose_name=_("expert")
    )
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"), null=True, blank=True)
    # Monday first, seven numbers of minutes.
    minutes = ArrayField(
        models.PositiveSmallIntegerField(), size=7, verbose_name=_("minutes par jour")
    )

    class Meta:
        verbose_name = _("horaire")
        verbose_name_plural = _("horaires")
        constraints = [
            models.CheckConstraint(
                name="schedule_has_seven_days", condition=Q(minutes__len=7)
            ),
            ExclusionConstraint(
                name="one_schedule_at_a_time",
                expressions=[
                    (_same("expert_id"), RangeOperators.OVERLAPS),
                    (_days("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert_id} {self.starts_on}"


class Absence(models.Model):
    """Days that an expert does not work (absence). The reason is never kept."""

    expert = models.ForeignKey(
        Expert, models.CASCADE, related_name="absences", verbose_name=_("expert")
    )
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"))
    half_days = models.BooleanField(_("demi-journées"), default=False)

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            models.CheckConstraint(
                name="absence_ends_after_it_begins",
                condition=Q(ends_on__gte=F("starts_on")),
            ),
            ExclusionConstraint(
                name="one_absence_at_a_time",
                expressions=[
                    (_same("expert_id"), RangeOperators.OVERLAPS),
                    (_days("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert_id} {self.starts_on} {self.ends_on}"


class Conflict(models.Model):
    """A reason why an expert should not act for an organisation (conflit d’intérêts).

    It excludes until it ends or until a waiver is recorded.
    """

    class Kind(models.TextChoices):
        BOARD = "BOARD", _("siège au conseil de cette organisation")
        FAMILY = "FAMILY", _("lien familial ou personnel")
        FORMER_EMPLOYER = "FORMER_EMPLOYER", _("ancien employeur")
        ADVERSE = "ADVERSE", _("mandat pour une partie adverse")
        OTHER = "OTHER", _("autre motif déclaré")

    expert = models.ForeignKey(
        Expert, models.CASCADE, related_name="conflicts", verbose_name=_("expert")
    )
    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("organisation"),
    )
    kind = models.CharField(_("nature"), max_length=20, choices=Kind)
    declared_on = models.DateField(_("déclaré le"))
    ended_on = models.DateField(_("terminé le"), null=True, blank=True)
    waived_on = models.DateField(_("levé le"), null=True, blank=True)
    waiver = models.CharField(_("motif de la levée"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("conflit d’intérêts")
        verbose_name_plural = _("conflits d’intérêts")
        constraints = [
            models.CheckConstraint(
                name="waiver_says_why",
                condition=Q(waived_on=None) | ~Q(waiver=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.expert_id} / {self.organisation_id}"
