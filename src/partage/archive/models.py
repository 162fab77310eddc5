from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class File(models.Model):
    """The bytes of one document (fichier), kept as they came and named by content.

    In the database, so that a file and the row that speaks of it are written in
    one transaction, and no node keeps anything on its own disk. Who may read it
    is decided by the row that points at it, never here.
    """

    sha256 = models.CharField(_("empreinte SHA-256"), max_length=64, db_index=True)
    name = models.CharField(_("nom"), max_length=255)
    media_type = models.CharField(_("type"), max_length=120)
    size = models.PositiveIntegerField(_("taille (octets)"))
    content = models.BinaryField(_("contenu"))
    added_at = models.DateTimeField(_("ajouté le"), db_default=Now())
    added_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("ajouté par"),
    )

    class Meta:
        verbose_name = _("fichier")
        verbose_name_plural = _("fichiers")

    def __str__(self) -> str:
        return f"#{self.pk} {self.name}"
