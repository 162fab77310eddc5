"""Bring a bank's file in, and confirm which invoices its deposits pay."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import PurePath

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.archive.actions import keep_file
from partage.billing import queries
from partage.billing.actions.paying import record_payment, reverse_payment
from partage.billing.models import BankFile, Deposit, Payment
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.rules.bank_file import UnreadableBankFile, fingerprints, read_bank_file
from partage.rules.money import ZERO


class BankFileEmpty(ActionRefused):
    sentence = _(
        "Ce fichier n’a aucun mouvement. Exportez de nouveau la période à la banque."
    )
    field = "file"


class BankFileTooBig(ActionRefused):
    sentence = _(
        "Ce fichier est trop gros (10 Mo et 50 000 mouvements au plus). "
        "Exportez une période plus courte."
    )
    field = "file"


class NotABankFile(ActionRefused):
    sentence = _(
        "Ce fichier n’est ni un OFX ni un CSV de banque. "
        "À la banque, exportez le compte en OFX (« Money ») ou en CSV."
    )
    field = "file"


class BankFileCut(ActionRefused):
    sentence = _(
        "La fin de ce fichier manque : il a été coupé en chemin. Rien n’en est gardé. "
        "Téléchargez-le de nouveau à la banque."
    )
    field = "file"


class OtherCurrency(ActionRefused):
    sentence = _(
        "Ce compte n’est pas en dollars canadiens (%(cell)s). "
        "Exportez le compte en dollars canadiens."
    )
    field = "file"


class DatesUnclear(ActionRefused):
    sentence = _(
        "Les dates de ce fichier se lisent de deux façons (« %(cell)s »). "
        "Dites si le jour ou le mois vient en premier, puis envoyez-le de nouveau."
    )
    field = "dates"


class ColumnsUnclear(ActionRefused):
    sentence = _(
        "On ne trouve pas dans ce fichier la date et le montant de chaque mouvement. "
        "Ses titres doivent nommer Date, Description, et Montant ou Débit et Crédit ; "
        "sinon, exportez en OFX."
    )
    field = "file"


class RowUnreadable(ActionRefused):
    sentence = _(
        "La ligne %(row)s ne se lit pas (« %(cell)s »). Rien du fichier n’est gardé : "
        "corrigez cette ligne, ou exportez en OFX."
    )
    field = "file"


class DepositNotWaiting(ActionRefused):
    sentence = _(
        "Ce dépôt de %(amount)s n’attend plus : il est déjà rapproché ou écarté. "
        "Rechargez la page."
    )


class NothingToPay(ActionRefused):
    sentence = _("Choisissez au moins une facture à payer avec ce dépôt.")


class SharesDiffer(ActionRefused):
    sentence = _(
        "Les parts font %(shares)s et le dépôt est de %(amount)s. "
        "Corrigez les parts, ou dites que l’excédent reste au crédit du membre."
    )


class NotMatched(ActionRefused):
    sentence = _("Ce dépôt n’est pas rapproché. Rechargez la page.")


class AsideReasonMissing(ActionRefused):
    sentence = _("Dites pourquoi ce dépôt n’est pas un paiement de membre.")
    field = "reason"


_REFUSALS = {
    "empty": BankFileEmpty,
    "too_big": BankFileTooBig,
    "not_a_bank_file": NotABankFile,
    "cut": BankFileCut,
    "currency": OtherCurrency,
    "dates": DatesUnclear,
    "columns": ColumnsUnclear,
    "row": RowUnreadable,
}


@transaction.atomic
def bring_bank_file(
    *, name: str, content: bytes, date_order: str | None = None, by: Actor
) -> BankFile:
    """Keep a bank's file and its deposits that are not here yet.

    The same file brought again adds nothing: the first one is returned. A deposit that
    another format already told of (same day, same amount) comes set aside, so that
    nobody records it twice and nobody loses it. Nothing is kept of a file that does
    not read whole.

    Raises BankFileEmpty, BankFileTooBig, NotABankFile, BankFileCut, OtherCurrency,
    DatesUnclear, ColumnsUnclear or RowUnreadable.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    if there := BankFile.objects.filter(sha256=sha256).first():
        return there
    try:
        found = read_bank_file(content, date_order=date_order)
    except UnreadableBankFile as problem:
        raise _REFUSALS[problem.reason](
            row=problem.row, cell=problem.cell[:60]
        ) from None
    received = [line for line in found.lines if line.amount > 0]
    account = found.account[:40]
    row = BankFile.objects.create(
        # Banks also call an OFX .qfx, .qbo or .aso.
        file=keep_file(
            name=f"{PurePath(name).stem[:200]}.{found.source.lower()}",
            content=content,
            by=by,
        ),
        sha256=sha256,
        source=found.source,
        account=account,
        first_on=min(line.on for line in found.lines),
        last_on=max(line.on for line in found.lines),
        withdrawals=len(found.lines) - len(received),
        brought_at=by.at,
        brought_by_id=by.user_id,
    )
    told = _told_otherwise(row)
    deposits = []
    for line, fingerprint in zip(received, fingerprints(received), strict=True):
        again = told[line.on, line.amount] > 0
        told[line.on, line.amount] -= again
        deposits.append(
            Deposit(
                bank_file=row,
                account=account,
                fingerprint=fingerprint,
                on=line.on,
                amount=line.amount,
                words=line.words[:300],
                cheque=line.cheque[:20],
                status=Deposit.Status.ASIDE if again else Deposit.Status.WAITING,
                reason=gettext("Un fichier d’un autre format l’a déjà dit.")
                if again
                else "",
            )
        )
    # Whoever brings the same lines at the same moment is waited for here.
    Deposit.objects.bulk_create(deposits, ignore_conflicts=True)
    row.known = len(deposits) - row.deposits.count()
    row.save(update_fields=["known"])
    journal.record(
        what="billing.bank_file.brought",
        subject=row,
        by=by,
        name=row.file.name,
        deposits=len(deposits) - row.known,
        known=row.known,
    )
    return row


def _told_otherwise(row: BankFile) -> Counter[tuple]:
    """Count the deposits that files of the other format told of in these days."""
    return Counter(
        Deposit.objects.filter(on__gte=row.first_on, on__lte=row.last_on)
        .exclude(bank_file__source=row.source)
        .values_list("on", "amount")
    )


def _hold(deposit_id: int) -> Deposit:
    return Deposit.objects.select_for_update().get(pk=deposit_id)


def _hold_waiting(deposit_id: int) -> Deposit:
    deposit = _hold(deposit_id)
    if deposit.status != Deposit.Status.WAITING:
        raise DepositNotWaiting(amount=queries.in_words(deposit.amount))
    return deposit


@transaction.atomic
def match_deposit(
    *,
    deposit_id: int,
    shares: Mapping[int, Decimal],
    over: bool = False,
    by: Actor,
) -> Deposit:
    """Record what a deposit pays: dollars for each invoice, by its id.

    With `over`, what exceeds the shares is paid on the last of the invoices and is to
    its member's credit; else the shares make the deposit to the cent.

    Raises DepositNotWaiting, NothingToPay, SharesDiffer, and what record_payment does.
    """
    deposit = _hold_waiting(deposit_id)
    paid = {pk: amount for pk, amount in shares.items() if amount}
    if not paid:
        raise NothingToPay
    left = deposit.amount - sum(paid.values(), ZERO)
    if left < 0 or (left and not over):
        raise SharesDiffer(
            shares=queries.in_words(deposit.amount - left),
            amount=queries.in_words(deposit.amount),
        )
    method = Payment.Method.CHEQUE if deposit.cheque else Payment.Method.TRANSFER
    last = next(reversed(paid))
    # In the order of their ids, so that two confirmations never wait for each other.
    for pk in sorted(paid):
        record_payment(
            invoice_id=pk,
            amount=paid[pk] + (left if pk == last else ZERO),
            received_on=deposit.on,
            method=method,
            note=deposit.words,
            over=over and pk == last and left > 0,
            deposit=deposit,
            by=by,
        )
    deposit.status = Deposit.Status.MATCHED
    deposit.save(update_fields=["status"])
    journal.record(
        what="billing.deposit.matched",
        subject=deposit,
        by=by,
        amount=str(deposit.amount),
        invoices=len(paid),
    )
    return deposit


@transaction.atomic
def match_certain(*, deposit_ids: Iterable[int] | None = None, by: Actor) -> int:
    """Confirm every waiting deposit whose best proposal is certain; return how many.

    Only those of `deposit_ids` when given. What changed meanwhile stays to confirm.
    """
    waiting = queries.waiting_deposits()
    if deposit_ids is not None:
        waiting = waiting.filter(pk__in=list(deposit_ids))
    matched = 0
    for deposit, proposals in queries.proposals(waiting):
        if not proposals or not proposals[0].is_certain:
            continue
        try:
            match_deposit(
                deposit_id=deposit.pk, shares=dict(proposals[0].shares), by=by
            )
        except ActionRefused:
            continue
        matched += 1
    return matched


@transaction.atomic
def unmatch_deposit(*, deposit_id: int, by: Actor) -> Deposit:
    """Take back what a deposit paid; it waits again, and the contrary is written.

    Raises NotMatched.
    """
    deposit = _hold(deposit_id)
    if deposit.status != Deposit.Status.MATCHED:
        raise NotMatched
    for payment in deposit.payments.filter(reversal=None, amount__gt=0).order_by("pk"):
        reverse_payment(
            payment_id=payment.pk, note=gettext("Rapprochement annulé"), by=by
        )
    deposit.status = Deposit.Status.WAITING
    deposit.save(update_fields=["status"])
    journal.record(
        what="billing.deposit.unmatched",
        subject=deposit,
        by=by,
        amount=str(deposit.amount),
    )
    return deposit


@transaction.atomic
def set_deposit_aside(*, deposit_id: int, reason: str, by: Actor) -> Deposit:
    """Say that a deposit pays no invoice (a grant, interest); it can come back.

    Raises DepositNotWaiting or AsideReasonMissing.
    """
    if not reason.strip():
        raise AsideReasonMissing
    deposit = _hold_waiting(deposit_id)
    deposit.status, deposit.reason = Deposit.Status.ASIDE, reason.strip()[:200]
    deposit.save(update_fields=["status", "reason"])
    journal.record(
        what="billing.deposit.set_aside",
        subject=deposit,
        by=by,
        amount=str(deposit.amount),
        reason=deposit.reason,
    )
    return deposit


@transaction.atomic
def bring_deposit_back(*, deposit_id: int, by: Actor) -> Deposit:
    """Let a deposit that was set aside wait again. Raises NotMatched otherwise."""
    deposit = _hold(deposit_id)
    if deposit.status != Deposit.Status.ASIDE:
        raise NotMatched
    deposit.status, deposit.reason = Deposit.Status.WAITING, ""
    deposit.save(update_fields=["status", "reason"])
    journal.record(
        what="billing.deposit.brought_back",
        subject=deposit,
        by=by,
        amount=str(deposit.amount),
    )
    return deposit
