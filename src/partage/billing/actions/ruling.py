"""Say from which totals an invoice must show what, from a date on."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.billing.models import ContentRule
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.rules.money import is_exact


class ContentRuleFollows(ActionRefused):
    sentence = _(
        "Une règle commence déjà le %(on)s. La prochaine commence après ce jour."
    )
    field = "starts_on"


class ContentRuleUnusable(ActionRefused):
    sentence = _(
        "Les deux montants sont en dollars et en cents, et le second n’est pas plus "
        "petit que le premier."
    )
    field = "purchaser_from"


@transaction.atomic
def set_content_rule(
    *,
    starts_on: date,
    registrations_from: Decimal,
    purchaser_from: Decimal,
    source: str,
    by: Actor,
) -> ContentRule:
    """Set what an invoice shows from a date on; those issued before do not change.

    Raises ContentRuleFollows or ContentRuleUnusable.
    """
    last = ContentRule.objects.select_for_update().first()  # the newest
    if last and starts_on <= last.starts_on:
        raise ContentRuleFollows(on=last.starts_on)
    both = registrations_from, purchaser_from
    if not 0 <= both[0] <= both[1] or not all(map(is_exact, both)):
        raise ContentRuleUnusable
    row = ContentRule.objects.create(
        starts_on=starts_on,
        registrations_from=registrations_from,
        purchaser_from=purchaser_from,
        source=source,
    )
    journal.record(
        what="billing.content.set",
        subject=row,
        by=by,
        registrations_from=str(registrations_from),
        purchaser_from=str(purchaser_from),
        on=starts_on.isoformat(),
        source=source,
    )
    return row
