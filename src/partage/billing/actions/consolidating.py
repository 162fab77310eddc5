"""Send the invoices of one payer as one: a grouping's, or a member's of several."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.archive.actions import keep_file
from partage.billing.actions.issuing import NothingOnIt, issue_parts
from partage.billing.actions.printing import print_consolidation
from partage.billing.models import Consolidation, Invoice
from partage.governance.queries import cooperative
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor


class ConsolidationGone(ActionRefused):
    sentence = _(
        "Cette facture consolidée n’existe plus. Revenez à la liste des factures."
    )


class ConsolidationIssued(ActionRefused):
    sentence = _("La facture consolidée C-%(number)s est déjà émise et ne change plus.")


class PayersDiffer(ActionRefused):
    sentence = _(
        "Ces brouillons ne vont pas tous au même payeur. "
        "Cochez ceux d’une seule organisation, puis réunissez-les."
    )


class TooFewToConsolidate(ActionRefused):
    sentence = _("Cochez au moins deux brouillons à réunir.")


@transaction.atomic
def consolidate_drafts(*, invoice_ids: Collection[int], by: Actor) -> Consolidation:
    """Gather the drafts of one payer, to be issued and sent as one.

    Raises TooFewToConsolidate, PayersDiffer or ConsolidationGone.
    """
    drafts = list(
        Invoice.objects.filter(pk__in=invoice_ids, number=None)
        .order_by("pk")
        .select_for_update()
    )
    if len(drafts) < 2:
        raise TooFewToConsolidate
    if len({one.organisation_id for one in drafts}) > 1:
        raise PayersDiffer
    gathered = {one.consolidation_id for one in drafts} - {None}
    if len(gathered) > 1:
        raise PayersDiffer
    whole = (
        hold_consolidation(gathered.pop())
        if gathered
        else Consolidation.objects.create(
            organisation_id=drafts[0].organisation_id,
            month=min(one.period_start for one in drafts).replace(day=1),
            created_at=by.at,
        )
    )
    Invoice.objects.filter(pk__in=[one.pk for one in drafts]).update(
        consolidation=whole
    )
    journal.record(
        what="billing.consolidation.drafted", subject=whole, by=by, parts=len(drafts)
    )
    return whole


@transaction.atomic
def separate_drafts(*, consolidation_id: int, by: Actor) -> None:
    """Let the drafts of a consolidated invoice go each its own way again.

    Raises ConsolidationGone or ConsolidationIssued.
    """
    whole = hold_consolidation(consolidation_id)
    journal.record(what="billing.consolidation.separated", subject=whole, by=by)
    whole.parts.update(consolidation=None)
    whole.delete()


def hold_consolidation(consolidation_id: int) -> Consolidation:
    """Return a consolidated invoice that is not issued, locked until commit.

    Raises ConsolidationGone or ConsolidationIssued.
    """
    try:
        whole = (
            Consolidation.objects.select_for_update(of=("self",))
            .select_related("organisation")
            .get(pk=consolidation_id)
        )
    except Consolidation.DoesNotExist:
        raise ConsolidationGone from None
    if whole.number is not None:
        raise ConsolidationIssued(number=whole.number)
    return whole


@transaction.atomic
def issue_consolidation(*, consolidation_id: int, by: Actor) -> Consolidation:
    """Issue every part, then the whole with its own number; all of it or nothing.

    Each part takes an invoice's number and the taxes of its own place of supply.

    Raises ConsolidationGone, ConsolidationIssued, NothingOnIt, or what issue_invoice
    raises for one of its parts.
    """
    whole = hold_consolidation(consolidation_id)
    ids = list(
        whole.parts.filter(number=None)
        .order_by("mandate__organisation__sort_key", "period_start", "pk")
        .values_list("pk", flat=True)
    )
    if not ids:
        raise NothingOnIt
    parts = issue_parts(ids, by, part_of=whole.pk)
    whole.number = journal.next_number("consolidation")
    whole.issued_on = by.on
    content = print_consolidation(whole, coop=cooperative())
    word = (
        "consolidated-invoice"
        if whole.organisation.language == "en"
        else "facture-consolidee"
    )
    whole.pdf = keep_file(name=f"{word}-{whole.number}.pdf", content=content, by=by)
    whole.save()
    journal.record(
        what="billing.consolidation.issued",
        subject=whole,
        by=by,
        number=whole.number,
        parts=[one.number for one in parts],
        total=str(sum(one.total for one in parts)),
    )
    return whole
