from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Import(models.Model):
    """A spreadsheet brought in (importation): read first, then written, once.

    `report` is what was understood when it was last read, in codes: the words are
    found when it is shown. `options` are the answers of the person: the order of
    the dates, the kind of a sheet.
    """

    class Status(models.TextChoices):
        READ = "READ", _("lue")
        WRITTEN = "WRITTEN", _("écrite")

    file = models.ForeignKey(
        "archive.File", models.PROTECT, related_name="+", verbose_name=_("fichier")
    )
    status = models.CharField(
        _("état"), max_length=8, choices=Status, default=Status.READ
    )
    options = models.JSONField(_("réponses"), default=dict)
    report = models.JSONField(_("compte rendu"), default=dict)
    read_at = models.DateTimeField(_("lue le"))
    read_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("lue par"),
    )
    written_at = models.DateTimeField(_("écrite le"), null=True, blank=True)

    class Meta:
        verbose_name = _("importation")
        verbose_name_plural = _("importations")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="import_written_at_once_written",
                condition=Q(status="WRITTEN", written_at__isnull=False)
                | Q(~Q(status="WRITTEN"), written_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.status}"


class ImportedRow(models.Model):
    """What a spreadsheet called a row of ours (ligne importée).

    It is kept so that a row renamed here since is still recognised when the same
    spreadsheet comes again. Time has none: its key is made of these.
    """

    class Kind(models.TextChoices):
        MEMBER = "members", _("membre")
        EXPERT = "experts", _("expert")
        MANDATE = "mandates", _("mandat")

    origin = models.ForeignKey(
        Import, models.PROTECT, related_name="rows", verbose_name=_("importation")
    )
    kind = models.CharField(_("nature"), max_length=10, choices=Kind)
    key = models.CharField(_("clé"), max_length=500)
    # Of the model that the kind names; that row may be gone.
    object_id = models.BigIntegerField(_("numéro de l’objet"))

    class Meta:
        verbose_name = _("ligne importée")
        verbose_name_plural = _("lignes importées")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], name="one_row_for_an_imported_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
