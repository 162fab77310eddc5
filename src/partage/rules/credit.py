"""What a credit note gives back of the taxes of an invoice: never more than is left."""

from collections.abc import Sequence
from decimal import Decimal

from partage.rules.money import is_exact, to_cents
from partage.rules.tax import TaxLine


def taxes_given_back(
    *, net_left: Decimal, credited: Decimal, taxes_left: Sequence[TaxLine]
) -> tuple[TaxLine, ...]:
    """Return the taxes of a credit note of `credited` dollars, below zero.

    `net_left` and `taxes_left` are what remains of the invoice before this note, each
    at the rate that the invoice charged. After the note, each tax left is what its
    rate makes of the price left, half up to the cent: so the order of several notes
    changes nothing, the last one gives back what remains to the cent, and none is a
    cent off its own price times the rate.

    Raises ValueError if an amount is finer than a cent, not above zero, or more than
    what is left.
    Source: Excise Tax Act, s. 232(2): when the price is reduced after the tax was
    charged, the tax calculated on the reduction is given back, by the credit note of
    s. 232(3); Act respecting the Québec sales tax, ss. 448 and 449, likewise. Neither
    says how several notes are rounded: that they end at nothing, to the cent, is ours.
    """
    if not is_exact(credited) or not is_exact(net_left):
        raise ValueError(f"{credited} of {net_left}: round them to the cent first")
    if not 0 < credited <= net_left:
        raise ValueError(f"credited is {credited}; give from 0.01 to {net_left}")
    after = net_left - credited
    return tuple(
        TaxLine(
            code=tax.code,
            rate=tax.rate,
            amount=min(to_cents(after * tax.rate), tax.amount) - tax.amount
            if after
            else -tax.amount,
        )
        for tax in taxes_left
    )
