"""Facts of a letter were kept as JSON: give them back their kind."""

from datetime import date
from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def as_date(text: str) -> date:
    return date.fromisoformat(text)


@register.filter
def as_amount(text: str) -> Decimal:
    return Decimal(text)
