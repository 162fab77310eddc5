import pgtrigger
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One thing that happened (événement). Written once, never changed.

    `happened_at` is the moment on the cooperative's own calendar (the
    demonstration lives on its own date); `recorded_at` is the database's clock.
    The names are kept as they were, so that the journal still reads when the
    rows it speaks of are gone.
    """

    happened_at = models.DateTimeField(_("moment"))
    recorded_at = models.DateTimeField(_("consigné le"), db_default=Now())
    actor_id = models.BigIntegerField(_("compte"), null=True)
    actor_name = models.CharField(_("par"), max_length=200)
    address = models.GenericIPAddressField(_("adresse"), null=True)
    what = models.CharField(_("quoi"), max_length=80)  # "billing.invoice.issued"
    subject = models.CharField(_("objet"), max_length=60)  # "billing.Invoice"
    subject_id = models.BigIntegerField(_("numéro de l’objet"))
    details = models.JSONField(_("détails"), default=dict)

    class Meta:
        verbose_name = _("événement")
        verbose_name_plural = _("événements")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject", "subject_id"], name="entry_subject"),
            # The trail is read newest first, whole or of one person or kind of act.
            models.Index(fields=["-happened_at", "-id"], name="entry_moment"),
            models.Index(fields=["actor_id", "-happened_at", "-id"], name="entry_by"),
            models.Index(fields=["what", "-happened_at", "-id"], name="entry_what"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="entry_is_written_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.what} {self.subject_id}"


class Counter(models.Model):
    """The last number taken in a series (compteur): numbers without gaps or twins."""

    series = models.CharField(_("série"), max_length=40, primary_key=True)
    last = models.PositiveIntegerField(_("dernier numéro"), default=0)

    class Meta:
        verbose_name = _("compteur")
        verbose_name_plural = _("compteurs")

    def __str__(self) -> str:
        return f"{self.series} {self.last}"


class Submission(models.Model):
    """One form sent once (envoi): its token, and where its answer led.

    Two clicks, a retried request or the back button send the same token; the
    second finds the first one's answer instead of doing the act again.
    """

    token = models.UUIDField(_("jeton"), primary_key=True)
    actor_id = models.BigIntegerField(_("compte"), null=True)
    location = models.CharField(_("réponse"), max_length=500, default="")
    sent_at = models.DateTimeField(_("envoyé le"), db_default=Now())

    class Meta:
        verbose_name = _("envoi")
        verbose_name_plural = _("envois")

    def __str__(self) -> str:
        return str(self.token)
