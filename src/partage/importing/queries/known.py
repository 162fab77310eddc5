"""What is already here, asked in bulk, and found again by the names people use."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from partage.experts.models import Expert, Field, Skill
from partage.governance.queries import cooperative
from partage.importing.models import ImportedRow
from partage.mandates.models import Mandate, TeamMember
from partage.members.models import Membership, Organisation
from partage.rules.triage import fold
from partage.tariffs.models import HourlyRate
from partage.tariffs.queries import cards
from partage.timesheets.models import Activity, LockedMonth, TimeEntry


@lru_cache(maxsize=16384)
def key_of(name: str) -> str:
    """Return a name as it is recognised: without case, accents or punctuation."""
    return " ".join(re.findall(r"[^\W_]+", fold(name)))


class Several(Exception):
    """Two things go by this name, and nobody can tell which is meant."""


class Names:
    """Things by their names: exactly one, none, or several."""

    def __init__(self, *, any_order: bool = False) -> None:
        self.rows: dict[str, list[Any]] = defaultdict(list)
        self.said: dict[str, str] = {}
        # « Roy, Léa » is « Léa Roy ».
        self.shuffled: dict[str, list[Any]] | None = (
            defaultdict(list) if any_order else None
        )

    def add(self, name: str, thing: Any) -> None:
        key = key_of(name)
        if key and thing not in self.rows[key]:
            self.rows[key].append(thing)
            self.said.setdefault(key, name)
            if self.shuffled is not None:
                self.shuffled[_sorted(key)].append(thing)

    def find(self, name: str) -> Any | None:
        """Return the thing of this name, or None. Raises Several."""
        key = key_of(name)
        found = self.rows.get(key)
        if not found and self.shuffled is not None:
            found = self.shuffled.get(_sorted(key))
        if not found:
            return None
        if len(found) > 1:
            raise Several
        return found[0]

    def near(self, name: str) -> str:
        """Return the name that was perhaps meant, or nothing. It is never assumed."""
        near = get_close_matches(key_of(name), self.said, n=1, cutoff=0.7)
        return self.said[near[0]] if near else ""


def _sorted(key: str) -> str:
    return " ".join(sorted(key.split()))


class Known:
    """The house as the spreadsheet finds it. The number of queries is constant."""

    def __init__(self) -> None:
        self.cooperative = cooperative()
        self.organisations = Names()
        self.experts = Names(any_order=True)
        self.fields = Names()
        self.activities = Names()
        self.references: dict[str, Mandate] = {}
        self.titles: dict[tuple[int, str], list[Mandate]] = defaultdict(list)
        self.mandates_of: dict[int, list[Mandate]] = defaultdict(list)
        self.every_title = Names()

        organisations = Organisation.objects.in_bulk()
        for each in organisations.values():
            self.organisations.add(each.name, each)
        self.members: dict[int, Membership] = {}
        self.numbers: dict[str, int] = {}
        for membership in Membership.objects.order_by("joined_on"):
            self.members[membership.organisation_id] = membership
            self.numbers[key_of(membership.number)] = membership.organisation_id
        experts = Expert.objects.in_bulk()
        for expert in experts.values():
            self.experts.add(expert.name, expert)
        self.levels: dict[tuple[int, int], int] = {
            (expert, field): level
            for expert, field, level in Skill.objects.values_list(
                "expert_id", "field_id", "level"
            )
        }
        for field in Field.objects.all():
            for name in {field.name_fr, field.name_en, field.code}:
                self.fields.add(name, field)
        for activity in Activity.objects.all():
            for name in {activity.name_fr, activity.name_en, activity.code}:
                self.activities.add(name, activity)
        mandates = Mandate.objects.in_bulk()
        for mandate in mandates.values():
            mandate.organisation = organisations[mandate.organisation_id]
            self.add_mandate(mandate)
        self.team = set(TeamMember.objects.values_list("mandate_id", "expert_id"))
        self.locked = set(LockedMonth.objects.values_list("first_day", flat=True))
        self.rates: dict[date, dict[tuple[int, int], Decimal]] = defaultdict(dict)
        for starts_on, field_id, level, amount in HourlyRate.objects.filter(
            card__in=cards()
        ).values_list("card__starts_on", "field_id", "level", "amount"):
            self.rates[starts_on][field_id, level] = amount
        self.by_kind = {
            "members": organisations, "experts": experts, "mandates": mandates,
        }  # fmt: skip
        self.imported = {
            (kind, key): thing
            for kind, key, pk in ImportedRow.objects.values_list(
                "kind", "key", "object_id"
            )
            if (thing := self.by_kind[kind].get(pk))
        }
        # A name of before, when nothing goes by it any more.
        for (kind, key), thing in self.imported.items():
            names = {"members": self.organisations, "experts": self.experts}.get(kind)
            if names is not None and not names.rows.get(key):
                names.add(key, thing)

    def add_mandate(self, mandate: Mandate) -> None:
        organisation = mandate.organisation
        if mandate.reference:
            self.references[key_of(mandate.reference)] = mandate
        self.titles[id(organisation), key_of(mandate.title)].append(mandate)
        self.mandates_of[id(organisation)].append(mandate)
        self.every_title.add(mandate.title, mandate)

    def rate(self, field: Field, level: int, on: date) -> Decimal | None:
        """Return the rate of the card in force on a day."""
        cards = [starts_on for starts_on in self.rates if starts_on <= on]
        return self.rates[max(cards)].get((field.pk, level)) if cards else None


def time_between(
    expert_ids: Iterable[int], first: date, last: date
) -> Iterable[tuple[int, date, int | None, int | None, int]]:
    """Return (expert, day, mandate, activity, minutes) of what is written."""
    return TimeEntry.objects.filter(
        expert_id__in=expert_ids, on__range=(first, last)
    ).values_list("expert_id", "on", "mandate_id", "activity_id", "minutes")
