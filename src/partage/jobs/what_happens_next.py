"""What follows each act: one table, from a journal entry to its letters.

An act that is not here has no consequence but itself.
"""

from collections.abc import Callable, Iterable

from partage.jobs import letters
from partage.jobs.letters import Letter
from partage.journal.models import Entry

CONSEQUENCES: dict[str, Callable[[Entry], Iterable[Letter]]] = {
    "people.account.opened": letters.invitation,
    "people.account.invited": letters.invitation,
    "needs.need.filed": letters.need_received,
    "needs.need.referred_back": letters.need_referred_back,
    "needs.need.answered": letters.need_answered,
    "planning.assignment.proposed": letters.assignment_proposed,
    "planning.assignment.declined": letters.assignment_declined,
    "planning.assignment.withdrawn": letters.assignment_withdrawn,
    "planning.assignment.moved": letters.assignment_moved,
    "planning.handover.asked": letters.handover_asked,
    "planning.handover.agreed": letters.handover_agreed,
    "planning.handover.done": letters.handover_ended,
    "planning.handover.refused": letters.handover_ended,
    "planning.handover.cancelled": letters.handover_ended,
    "mandates.offer.sent": letters.offer_to_answer,
    "mandates.offer.accepted": letters.offer_answered,
    "mandates.offer.refused": letters.offer_answered,
    "mandates.mandate.closed": letters.mandate_closed,
    "knowledge.consent.asked": letters.consent_asked,
    "knowledge.consent.given": letters.consent_answered,
    "knowledge.consent.refused": letters.consent_answered,
    "knowledge.consent.revoked": letters.piece_taken_out,
    "knowledge.piece.withdrawn": letters.piece_taken_out,
    "timesheets.week.sent_back": letters.week_sent_back,
    "billing.invoice.issued": letters.invoice_issued,
    "billing.consolidation.issued": letters.consolidation_issued,
    "billing.reminder.sent": letters.invoices_late,
    "closing.proposal.put_on_agenda": letters.year_on_agenda,
    "closing.member.posted": letters.year_posted,
}
