import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from partage.experts.models import Level
from partage.members.models import Province
from partage.people.models import Language
from partage.tariffs.models import TaxRate

FROZEN = (
    "number",
    "kind",
    "mandate_id",
    "organisation_id",
    "credits_id",
    "period_start",
    "period_end",
    "province",
    "language",
    "net",
    "total",
    "issued_on",
    "due_on",
    "pdf_id",
)


def _frozen_with(invoices: str, name: str, unless: str = "false") -> pgtrigger.Trigger:
    """Refuse any change of a row of an issued invoice, and any row more.

    `invoices` selects the invoices that OLD and NEW belong to. Rows of an invoice are
    written while it is a draft: `actions.issuing` numbers it last.
    """
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.Before,
        func=f"""
            IF NOT ({unless}) AND EXISTS (
                {invoices} AND billing_invoice.number IS NOT NULL
            ) THEN
                RAISE EXCEPTION 'an issued invoice never changes, nor do its %',
                    TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )


OF_THIS_INVOICE = (
    "SELECT 1 FROM billing_invoice "
    "WHERE billing_invoice.id IN (OLD.invoice_id, NEW.invoice_id)"
)
OF_THIS_LINE = (
    "SELECT 1 FROM billing_invoice JOIN billing_invoiceline "
    "ON billing_invoiceline.invoice_id = billing_invoice.id "
    "WHERE billing_invoiceline.id IN (OLD.line_id, NEW.line_id)"
)
# A credit note lets go of the work, once, and changes nothing else of it.
LETS_GO = (
    "TG_OP = 'UPDATE' AND NEW.released AND NOT OLD.released AND "
    "(NEW.id, NEW.line_id, NEW.time_id, NEW.trip_id, NEW.expense_id, "
    "NEW.instalment_id) IS NOT DISTINCT FROM (OLD.id, OLD.line_id, OLD.time_id, "
    "OLD.trip_id, OLD.expense_id, OLD.instalment_id)"
)


class Invoice(models.Model):
    """What a member owes for a period of a mandate (facture).

    An invoice gets its number when it is issued and is never changed after.
    A mistake is mended by a credit note, not by an edit. Only its being paid
    moves. Amounts are in dollars; those of a credit note are negative.
    """

    class Kind(models.TextChoices):
        INVOICE = "INVOICE", _("facture")
        CREDIT = "CREDIT", _("note de crédit")

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("brouillon")
        ISSUED = "ISSUED", _("émise")
        PAID = "PAID", _("payée")
        CREDITED = "CREDITED", _("créditée")

    kind = models.CharField(
        _("nature"), max_length=8, choices=Kind, default=Kind.INVOICE
    )
    status = models.CharField(
        _("état"), max_length=9, choices=Status, default=Status.DRAFT
    )
    number = models.PositiveIntegerField(_("numéro"), null=True, unique=True)
    # related_name="+": a mandate must not know that invoices exist.
    mandate = models.ForeignKey(
        "mandates.Mandate", models.PROTECT, related_name="+", verbose_name=_("mandat")
    )
    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("organisation"),
    )
    credits = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_note",
        verbose_name=_("crédite"),
    )
    period_start = models.DateField(_("période du"))
    period_end = models.DateField(_("au"))
    province = models.CharField(_("province"), max_length=2, choices=Province)
    language = models.CharField(_("langue"), max_length=2, choices=Language)
    net = models.DecimalField(
        _("avant taxes ($)"), max_digits=12, decimal_places=2, default=0
    )
    # Net and taxes; written when it is issued.
    total = models.DecimalField(
        _("total ($)"), max_digits=12, decimal_places=2, null=True
    )
    created_at = models.DateTimeField(_("préparée le"))
    issued_on = models.DateField(_("émise le"), null=True)
    due_on = models.DateField(_("payable le"), null=True)
    pdf = models.ForeignKey(
        "archive.File",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("document"),
    )

    class Meta:
        verbose_name = _("facture")
        verbose_name_plural = _("factures")
        ordering = ["-issued_on", "-id"]
        indexes = [
            models.Index(fields=["status", "due_on"], name="invoice_status"),
            models.Index(fields=["organisation", "-issued_on"], name="invoice_org"),
            models.Index(fields=["mandate"], name="invoice_mandate"),
        ]
        constraints = [
            models.CheckConstraint(
                name="invoice_number_and_date_once_issued",
                condition=Q(
                    status="DRAFT", number=None, issued_on=None, due_on=None, total=None
                )
                | Q(
                    ~Q(status="DRAFT"),
                    number__isnull=False,
                    issued_on__isnull=False,
                    due_on__isnull=False,
                    total__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="invoice_period_is_in_order",
                condition=Q(period_end__gte=F("period_start")),
            ),
            models.CheckConstraint(
                # A price adjusted after the year is a credit note that mends none.
                name="only_a_credit_note_credits",
                condition=Q(credits=None) | Q(kind="CREDIT"),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="issued_invoice_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__number__isnull=False),
            ),
            pgtrigger.Trigger(
                name="issued_invoice_is_frozen",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__number__isnull=False),
                # The document alone may come after the number, once.
                func="IF "
                + " OR ".join(
                    f"(NEW.{field} IS DISTINCT FROM OLD.{field}"
                    + (" AND OLD.pdf_id IS NOT NULL)" if field == "pdf_id" else ")")
                    for field in FROZEN
                )
                + " THEN RAISE EXCEPTION 'invoice % is issued and never changes',"
                " OLD.number; END IF; RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.number or 'DRAFT'}"


class InvoiceLine(models.Model):
    """One line of an invoice (ligne de facture)."""

    class Kind(models.TextChoices):
        TIME = "TIME", _("heures")
        EXPENSE = "EXPENSE", _("dépense")
        TRIP = "TRIP", _("trajet")
        FIXED = "FIXED", _("montant convenu")
        FEE = "FEE", _("forfait de gestion")
        DEPOSIT = "DEPOSIT", _("acompte")

    invoice = models.ForeignKey(
        Invoice, models.CASCADE, related_name="lines", verbose_name=_("facture")
    )
    position = models.PositiveSmallIntegerField(_("rang"))
    kind = models.CharField(_("nature"), max_length=8, choices=Kind, default=Kind.TIME)
    description = models.CharField(_("description"), max_length=250)
    expert = models.ForeignKey(
        "experts.Expert",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("expert"),
    )
    field = models.ForeignKey(
        "experts.Field",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("domaine"),
    )
    level = models.PositiveSmallIntegerField(
        _("niveau"), choices=Level, null=True, blank=True
    )
    minutes = models.IntegerField(_("minutes"), null=True, blank=True)
    rate = models.DecimalField(
        _("taux ($/h)"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("ligne de facture")
        verbose_name_plural = _("lignes de facture")
        ordering = ["position", "id"]
        triggers = [_frozen_with(OF_THIS_INVOICE, "issued_line_is_frozen")]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.description}"


class Schedule(models.Model):
    """An amount billed every so many months (facturation récurrente).

    The monthly fee of a mandate under full management covers its hours.
    """

    class Kind(models.TextChoices):
        FEE = "FEE", _("forfait de gestion")
        RECURRING = "RECURRING", _("montant récurrent")

    mandate = models.ForeignKey(
        "mandates.Mandate", models.PROTECT, related_name="+", verbose_name=_("mandat")
    )
    kind = models.CharField(_("nature"), max_length=9, choices=Kind)
    title = models.CharField(_("description"), max_length=150)
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)
    months = models.PositiveSmallIntegerField(_("tous les (mois)"), default=1)
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"), null=True, blank=True)

    class Meta:
        verbose_name = _("facturation récurrente")
        verbose_name_plural = _("facturations récurrentes")
        ordering = ["starts_on", "id"]
        indexes = [models.Index(fields=["mandate"], name="schedule_mandate")]
        constraints = [
            models.CheckConstraint(
                name="schedule_is_worth_something",
                condition=Q(amount__gt=0, months__gte=1, months__lte=12),
            ),
            models.CheckConstraint(
                name="schedule_ends_after_it_begins",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate_id} {self.title}"


class Instalment(models.Model):
    """An agreed amount to bill once (échéance): deposit, part of a fixed price, period.

    It is to bill on its day, or once its milestone is reached. A fixed price covers
    the hours of its mandate; a deposit is taken off what is billed after it.
    """

    class Kind(models.TextChoices):
        DEPOSIT = "DEPOSIT", _("acompte")
        FIXED = "FIXED", _("prix convenu")
        FEE = "FEE", _("forfait de gestion")
        RECURRING = "RECURRING", _("montant récurrent")

    mandate = models.ForeignKey(
        "mandates.Mandate", models.PROTECT, related_name="+", verbose_name=_("mandat")
    )
    kind = models.CharField(_("nature"), max_length=9, choices=Kind)
    title = models.CharField(_("description"), max_length=200)
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)
    on = models.DateField(_("à facturer le"))
    milestone = models.ForeignKey(
        "mandates.Milestone",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("jalon"),
    )
    schedule = models.ForeignKey(
        Schedule,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="instalments",
        verbose_name=_("facturation récurrente"),
    )

    class Meta:
        verbose_name = _("échéance")
        verbose_name_plural = _("échéances")
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["mandate"], name="instalment_mandate")]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "on"], name="instalment_once_a_period"
            ),
            models.CheckConstraint(
                name="instalment_is_worth_something", condition=Q(amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate_id} {self.title}"


class InvoicedWork(models.Model):
    """Work that an invoice line bills (travail facturé): billed once, ever.

    Exactly one of time, trip, expense or instalment. A credit note sets `released`, so
    that the work can be billed again.
    """

    line = models.ForeignKey(
        InvoiceLine, models.CASCADE, related_name="work", verbose_name=_("ligne")
    )
    time = models.ForeignKey(
        "timesheets.TimeEntry",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("temps"),
    )
    trip = models.ForeignKey(
        "timesheets.Trip",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("trajet"),
    )
    expense = models.ForeignKey(
        "timesheets.Expense",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("dépense"),
    )
    instalment = models.ForeignKey(
        Instalment,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("échéance"),
    )
    released = models.BooleanField(_("libéré"), default=False)

    class Meta:
        verbose_name = _("travail facturé")
        verbose_name_plural = _("travaux facturés")
        constraints = [
            models.UniqueConstraint(
                fields=[what], condition=Q(released=False), name=f"{what}_billed_once"
            )
            for what in ("time", "trip", "expense", "instalment")
        ] + [
            models.CheckConstraint(
                name="invoiced_work_is_one_thing",
                condition=Q(
                    time__isnull=False, trip=None, expense=None, instalment=None
                )
                | Q(time=None, trip__isnull=False, expense=None, instalment=None)
                | Q(time=None, trip=None, expense__isnull=False, instalment=None)
                | Q(time=None, trip=None, expense=None, instalment__isnull=False),
            )
        ]
        triggers = [_frozen_with(OF_THIS_LINE, "issued_work_is_frozen", LETS_GO)]

    def __str__(self) -> str:
        return f"{self.line_id}"


class InvoiceTax(models.Model):
    """One tax of an issued invoice, kept as it was printed (taxe)."""

    invoice = models.ForeignKey(
        Invoice, models.CASCADE, related_name="taxes", verbose_name=_("facture")
    )
    code = models.CharField(_("taxe"), max_length=3, choices=TaxRate.Code)
    rate = models.DecimalField(_("taux"), max_digits=7, decimal_places=6)
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("taxe")
        verbose_name_plural = _("taxes")
        ordering = ["id"]
        triggers = [_frozen_with(OF_THIS_INVOICE, "issued_tax_is_frozen")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.code} {self.amount}"


class BankFile(models.Model):
    """A bank's file of movements that was brought in (fichier bancaire), once."""

    class Source(models.TextChoices):
        OFX = "OFX", _("OFX")
        CSV = "CSV", _("CSV")

    file = models.OneToOneField(
        "archive.File", models.PROTECT, related_name="+", verbose_name=_("fichier")
    )
    sha256 = models.CharField(_("empreinte"), max_length=64, unique=True)
    source = models.CharField(_("format"), max_length=3, choices=Source)
    account = models.CharField(_("compte"), max_length=40, blank=True)
    first_on = models.DateField(_("du"))
    last_on = models.DateField(_("au"))
    # Withdrawals are counted and not kept: they are no business of invoices.
    withdrawals = models.PositiveIntegerField(_("retraits laissés de côté"), default=0)
    known = models.PositiveIntegerField(_("dépôts déjà là"), default=0)
    brought_at = models.DateTimeField(_("apporté le"))
    brought_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )

    class Meta:
        verbose_name = _("fichier bancaire")
        verbose_name_plural = _("fichiers bancaires")
        ordering = ["-brought_at", "-id"]

    def __str__(self) -> str:
        return f"#{self.pk} {self.first_on} {self.last_on}"


class Deposit(models.Model):
    """Money that the bank says it received (dépôt), and what it was matched with."""

    class Status(models.TextChoices):
        WAITING = "WAITING", _("à confirmer")
        MATCHED = "MATCHED", _("rapproché")
        ASIDE = "ASIDE", _("écarté")

    bank_file = models.ForeignKey(
        BankFile,
        models.PROTECT,
        related_name="deposits",
        verbose_name=_("fichier bancaire"),
    )
    account = models.CharField(_("compte"), max_length=40, blank=True)
    # What names the line in any file of this account: see rules.bank_file.
    fingerprint = models.CharField(_("empreinte"), max_length=120)
    on = models.DateField(_("reçu le"))
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)
    words = models.CharField(_("ce que dit la banque"), max_length=300, blank=True)
    cheque = models.CharField(_("numéro de chèque"), max_length=20, blank=True)
    status = models.CharField(
        _("état"), max_length=8, choices=Status, default=Status.WAITING
    )
    reason = models.CharField(_("pourquoi il est écarté"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("dépôt")
        verbose_name_plural = _("dépôts")
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["status", "on"], name="deposit_status")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "fingerprint"], name="deposit_brought_once"
            ),
            models.CheckConstraint(
                name="deposit_is_received", condition=Q(amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.on} {self.amount}"


class Payment(models.Model):
    """Money received for an invoice (paiement); negative when given back.

    Written once. A mistake is mended by the contrary payment, which names the one
    that it takes back.
    """

    class Method(models.TextChoices):
        TRANSFER = "TRANSFER", _("virement")
        CHEQUE = "CHEQUE", _("chèque")
        CARD = "CARD", _("carte")
        OTHER = "OTHER", _("autre")

    invoice = models.ForeignKey(
        Invoice, models.PROTECT, related_name="payments", verbose_name=_("facture")
    )
    received_on = models.DateField(_("reçu le"))
    amount = models.DecimalField(_("montant ($)"), max_digits=12, decimal_places=2)
    method = models.CharField(
        _("mode"), max_length=8, choices=Method, default=Method.TRANSFER
    )
    note = models.CharField(_("note"), max_length=150, blank=True)
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversal",
        verbose_name=_("annule"),
    )
    # The deposit that the bank told of, when it comes from a bank file.
    deposit = models.ForeignKey(
        Deposit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        verbose_name=_("dépôt"),
    )
    recorded_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )

    class Meta:
        verbose_name = _("paiement")
        verbose_name_plural = _("paiements")
        ordering = ["received_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="payment_is_not_nothing", condition=~Q(amount=0)
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="payment_is_written_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.amount}"


class LedgerAccount(models.Model):
    """The account of the books where one kind of amount goes (compte comptable)."""

    class Role(models.TextChoices):
        RECEIVABLE = "RECEIVABLE", _("ce que doivent les membres")
        BANK = "BANK", _("argent reçu")
        GST = "GST", _("TPS perçue")
        HST = "HST", _("TVH perçue")
        QST = "QST", _("TVQ perçue")
        TIME = "TIME", _("heures")
        TRIP = "TRIP", _("trajets")
        EXPENSE = "EXPENSE", _("dépenses refacturées")
        FIXED = "FIXED", _("montants convenus")
        FEE = "FEE", _("forfaits de gestion")
        DEPOSIT = "DEPOSIT", _("acomptes reçus d’avance")

    # Role: number, French name, English name. What a cooperative starts from.
    DEFAULTS = {
        "RECEIVABLE": ("1200", "Comptes à recevoir", "Accounts receivable"),
        "BANK": ("1060", "Encaisse", "Bank"),
        "GST": ("2310", "TPS et TVH à payer", "GST and HST payable"),
        "HST": ("2310", "TPS et TVH à payer", "GST and HST payable"),
        "QST": ("2320", "TVQ à payer", "QST payable"),
        "TIME": ("4010", "Honoraires", "Fees"),
        "TRIP": ("4110", "Déplacements refacturés", "Travel charged"),
        "EXPENSE": ("4120", "Dépenses refacturées", "Expenses charged"),
        "FIXED": ("4020", "Honoraires convenus", "Agreed fees"),
        "FEE": ("4030", "Forfaits de gestion", "Management fees"),
        "DEPOSIT": ("2400", "Acomptes de membres", "Members’ deposits"),
    }
    KIND_OF = {
        "RECEIVABLE": "ASSET",
        "BANK": "CASH",
        "GST": "LIABILITY",
        "HST": "LIABILITY",
        "QST": "LIABILITY",
        "TIME": "REVENUE",
        "TRIP": "REVENUE",
        "EXPENSE": "REVENUE",
        "FIXED": "REVENUE",
        "FEE": "REVENUE",
        "DEPOSIT": "LIABILITY",
    }

    role = models.CharField(_("ce qui y va"), max_length=12, choices=Role, unique=True)
    number = models.CharField(_("numéro"), max_length=20)
    name_fr = models.CharField(_("nom en français"), max_length=80)
    name_en = models.CharField(_("nom en anglais"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("compte comptable")
        verbose_name_plural = _("comptes comptables")
        ordering = ["number", "role"]

    def __str__(self) -> str:
        return f"{self.number} {self.name_fr}"


class LedgerExport(models.Model):
    """Entries handed to the accountants (export comptable), kept as they were."""

    period_start = models.DateField(_("période du"))
    period_end = models.DateField(_("au"))
    language = models.CharField(_("langue"), max_length=2, choices=Language)
    count = models.PositiveIntegerField(_("écritures"))
    debits = models.DecimalField(
        _("total des débits ($)"), max_digits=14, decimal_places=2
    )
    # What rules.ledger makes every file of: the same again, whatever changes after.
    entries = models.JSONField(_("contenu"))
    chart = models.JSONField(_("plan comptable"))
    made_at = models.DateTimeField(_("fait le"))
    made_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )

    class Meta:
        verbose_name = _("export comptable")
        verbose_name_plural = _("exports comptables")
        ordering = ["-made_at", "-id"]
        triggers = [
            pgtrigger.Protect(
                name="export_is_written_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.period_start} {self.period_end}"


class ExportedEntry(models.Model):
    """An invoice or a payment that an export told of (écriture exportée), once."""

    export = models.ForeignKey(
        LedgerExport,
        models.PROTECT,
        related_name="exported",
        verbose_name=_("export comptable"),
    )
    invoice = models.OneToOneField(
        Invoice, models.PROTECT, null=True, related_name="+", verbose_name=_("facture")
    )
    payment = models.OneToOneField(
        Payment, models.PROTECT, null=True, related_name="+", verbose_name=_("paiement")
    )

    class Meta:
        verbose_name = _("écriture exportée")
        verbose_name_plural = _("écritures exportées")
        constraints = [
            models.CheckConstraint(
                name="exported_entry_is_one_thing",
                condition=Q(invoice__isnull=False, payment=None)
                | Q(invoice=None, payment__isnull=False),
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="exported_entry_is_written_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.export_id} {self.invoice_id or self.payment_id}"


class BooksClosing(models.Model):
    """Days in which no payment is dated any more (fermeture des livres)."""

    until = models.DateField(_("fermés jusqu’au"))
    closed_at = models.DateTimeField(_("fermés le"))
    closed_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("par"),
    )
    reopened_at = models.DateTimeField(_("rouverts le"), null=True, blank=True)
    reopened_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("rouverts par"),
    )

    class Meta:
        verbose_name = _("fermeture des livres")
        verbose_name_plural = _("fermetures des livres")
        ordering = ["-closed_at", "-id"]

    def __str__(self) -> str:
        return f"#{self.pk} {self.until}"


class ReminderStep(models.Model):
    """When a late invoice is reminded, how, and to whom (étape de rappel).

    A dated rule: what was sent keeps the step that it was sent at.
    """

    class Tone(models.TextChoices):
        COURTEOUS = "COURTEOUS", _("courtois")
        FIRM = "FIRM", _("ferme")
        FINAL = "FINAL", _("dernier avis")

    class Recipient(models.TextChoices):
        BILLING = "BILLING", _("l’adresse de l’organisation")
        SIGNERS = "SIGNERS", _("ceux qui signent pour elle")
        BOTH = "BOTH", _("les deux")

    days = models.SmallIntegerField(_("jours après l’échéance"))
    tone = models.CharField(_("ton"), max_length=9, choices=Tone)
    recipient = models.CharField(
        _("à qui"), max_length=8, choices=Recipient, default=Recipient.BILLING
    )
    automatic = models.BooleanField(_("part seul"), default=False)
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"), null=True, blank=True)

    class Meta:
        verbose_name = _("étape de rappel")
        verbose_name_plural = _("étapes de rappel")
        ordering = ["days", "starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["days"],
                condition=Q(ends_on=None),
                name="one_reminder_step_a_day",
            ),
            models.CheckConstraint(
                name="reminder_step_ends_after_it_begins",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days} {self.tone}"


class Reminder(models.Model):
    """An invoice that was reminded at a step (rappel), once."""

    invoice = models.ForeignKey(
        Invoice, models.PROTECT, related_name="reminders", verbose_name=_("facture")
    )
    step = models.ForeignKey(
        ReminderStep,
        models.PROTECT,
        related_name="+",
        verbose_name=_("étape de rappel"),
    )
    sent_on = models.DateField(_("envoyé le"))
    balance = models.DecimalField(_("solde ($)"), max_digits=12, decimal_places=2)
    pdf = models.ForeignKey(
        "archive.File", models.PROTECT, related_name="+", verbose_name=_("lettre")
    )

    class Meta:
        verbose_name = _("rappel")
        verbose_name_plural = _("rappels")
        ordering = ["-sent_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "step"], name="reminded_once_a_step"
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="reminder_is_written_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.step_id}"


class ReminderHold(models.Model):
    """A member whom nobody reminds for a while (suspension des rappels)."""

    organisation = models.ForeignKey(
        "members.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("organisation"),
    )
    reason = models.CharField(_("pourquoi"), max_length=200)
    since = models.DateField(_("depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)

    class Meta:
        verbose_name = _("suspension des rappels")
        verbose_name_plural = _("suspensions des rappels")
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(until=None),
                name="reminders_held_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.since}"
