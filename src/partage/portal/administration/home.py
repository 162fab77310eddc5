"""What needs an administrator: doors half open, dates that end, jobs that failed."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from partage.experts.models import Licence, PracticeRule
from partage.journal.queries import trail
from partage.people.models import Role, User
from partage.people.queries import without_role
from partage.portal.access import allow
from partage.portal.story import story
from partage.portal.templatetags.house import day_short
from partage.tariffs.models import TaxRate

SOON = 60  # days
SHOWN = 5


@dataclass(frozen=True)
class Concern:
    """One thing to look at: how many, the first of them, and where to mend it."""

    title: str | Promise
    count: int
    rows: list[tuple[str, str]]  # words, address
    url: str


def _concern(title, found: QuerySet, say, url: str) -> Concern:
    return Concern(title, found.count(), [say(row) for row in found[:SHOWN]], url)


def concerns(on: date) -> list[Concern]:
    """Return what waits for an administrator on a date; nothing, if all is well."""
    soon = on + timedelta(days=SOON)

    def person(user: User) -> tuple[str, str]:
        return str(user), reverse("administration:person", args=[user.pk])

    def table(which: str) -> str:
        return reverse("administration:parameter_table", args=[which])

    found = [
        _concern(
            _("Comptes sans rôle"),
            without_role(),
            person,
            reverse("administration:people") + "?role=aucun",
        ),
        _concern(
            _("Permis qui expirent d’ici 60 jours"),
            Licence.objects.filter(valid_until__gte=on, valid_until__lte=soon)
            .filter(Q(expert__left_on=None) | Q(expert__left_on__gte=on))
            .select_related("expert")
            .order_by("valid_until"),
            lambda row: (
                f"{row.expert.name} · {row.order} · {day_short(row.valid_until)}",
                "",
            ),
            "",
        ),
        _concern(
            _("Règles d’exercice qui prennent fin"),
            _without_next(PracticeRule, ["field_id", "province"], on, soon),
            lambda row: (
                f"{row.get_province_display()} · {row.order} · "
                f"{day_short(row.ends_on)}",
                table("exercice"),
            ),
            table("exercice"),
        ),
        _concern(
            _("Taux de taxe qui prennent fin"),
            _without_next(TaxRate, ["province", "code"], on, soon),
            lambda row: (
                f"{row.get_province_display()} · {row.get_code_display()} · "
                f"{day_short(row.ends_on)}",
                table("taxes"),
            ),
            table("taxes"),
        ),
        _concern(
            _("Travaux qui ont échoué"),
            ProcrastinateJob.objects.filter(status="failed").order_by("-id"),
            lambda job: (f"{job.task_name} · {job.pk}", ""),
            "",
        ),
    ]
    return [concern for concern in found if concern.count]


def _without_next(model, same: list[str], on: date, soon: date) -> QuerySet:
    """Return the dated rows that end soon and that no other row follows."""
    follows = model.objects.filter(
        starts_on__gt=OuterRef("ends_on"), **{name: OuterRef(name) for name in same}
    )
    return model.objects.filter(
        ~Exists(follows), ends_on__gte=on, ends_on__lte=soon
    ).order_by("ends_on")


@allow(Role.ADMINISTRATION)
def home(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "administration/home.html",
        {
            "concerns": concerns(request.who.today),
            "open_accounts": User.objects.filter(is_active=True).count(),
            "never_came": User.objects.filter(is_active=True, last_login=None).count(),
            "story": story(trail()[:12]),
        },
    )


urls = [path("", home, name="home")]
