"""Dates in the addresses: /expert/temps/2025-04-07, /expert/mois/2025-04."""

from datetime import date

from django.urls import register_converter


class DateConverter:
    regex = r"20\d\d-[01]\d-[0-3]\d"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return str(value)


class MonthConverter:
    """The first day of a month, written as year and month."""

    regex = r"20\d\d-[01]\d"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value: date | str) -> str:
        return str(value)[:7]


register_converter(DateConverter, "date")
register_converter(MonthConverter, "month")
