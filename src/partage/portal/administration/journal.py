"""The audit trail: who did what, to what, and when."""

from datetime import datetime, time, timedelta

from django import forms
from django.apps import apps
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.dateparse import parse_datetime
from django.utils.timezone import make_aware
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.journal.models import Entry
from partage.journal.queries import acts_known, trail
from partage.people.models import Role, User
from partage.portal.access import allow
from partage.portal.forms import Form
from partage.portal.spreadsheets import sheet
from partage.portal.story import name_of_act, story

PAGE = 50
MOST_ROWS = 100_000  # in one spreadsheet


def subjects() -> dict[str, str]:
    """Return what each kind of row is called, by its label (« billing.Invoice »)."""
    return {
        model._meta.label: str(model._meta.verbose_name)
        for model in apps.get_models()
        if model.__module__.startswith("partage.")
    }


class Filter(Form):
    qui = forms.CharField(label=_("Personne"), required=False, max_length=150)
    quoi = forms.ChoiceField(label=_("Acte"), required=False)
    objet = forms.ChoiceField(label=_("Objet"), required=False)
    numero = forms.IntegerField(label=_("Numéro de l’objet"), required=False)
    du = forms.DateField(label=_("Du"), required=False)
    au = forms.DateField(label=_("Au"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        acts = sorted(
            ((what, name_of_act(what)) for what in acts_known()), key=lambda a: a[1]
        )
        self.fields["quoi"].choices = [("", _("tous")), *acts]
        names = sorted(subjects().items(), key=lambda one: one[1])
        self.fields["objet"].choices = [("", _("tous")), *names]

    def narrow(self, entries: QuerySet[Entry]) -> QuerySet[Entry]:
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("qui"):
            people = User.objects.all()
            for word in asked["qui"].split():
                people = people.filter(
                    Q(name__icontains=word) | Q(email__icontains=word)
                )
            entries = entries.filter(
                actor_id__in=list(people.values_list("pk", flat=True)[:500])
            )
        if asked.get("quoi"):
            entries = entries.filter(what=asked["quoi"])
        if asked.get("objet"):
            entries = entries.filter(subject=asked["objet"])
        if asked.get("numero") is not None:
            entries = entries.filter(subject_id=asked["numero"])
        if asked.get("du"):
            entries = entries.filter(happened_at__gte=_start(asked["du"]))
        if asked.get("au"):
            after = _start(asked["au"] + timedelta(days=1))
            entries = entries.filter(happened_at__lt=after)
        return entries


def _start(on) -> datetime:
    return make_aware(datetime.combine(on, time.min))


def _after_mark(entries: QuerySet[Entry], mark: str) -> QuerySet[Entry]:
    """Return the entries older than a mark « moment~id »: no page is counted."""
    moment, _sep, number = mark.partition("~")
    try:
        at, pk = parse_datetime(moment), int(number)
    except ValueError:
        return entries
    if at is None or at.tzinfo is None:
        return entries
    # The first condition alone lets the index in; the second settles the ties.
    return entries.filter(happened_at__lte=at).exclude(happened_at=at, pk__gte=pk)


@allow(Role.ADMINISTRATION)
def journal(request: HttpRequest) -> HttpResponse:
    form = Filter(request.GET)
    found = form.narrow(trail())
    names = subjects()
    if request.GET.get("format") == "xlsx":
        return _as_sheet(found[:MOST_ROWS], names)
    entries = list(_after_mark(found, request.GET.get("avant", ""))[: PAGE + 1])
    more = len(entries) > PAGE
    entries = entries[:PAGE]
    rows = [
        (entry, told, names.get(entry.subject, entry.subject))
        for entry, told in zip(entries, story(entries), strict=True)
    ]
    last = entries[-1] if more else None
    return render(
        request,
        "administration/journal.html",
        {
            "form": form,
            "rows": rows,
            "older": f"{last.happened_at.isoformat()}~{last.pk}" if last else "",
            "filtered": any(request.GET.get(name) for name in form.fields),
        },
    )


def _as_sheet(entries: QuerySet[Entry], names: dict[str, str]) -> HttpResponse:
    def rows():
        for entry in entries.iterator():
            (told,) = story([entry])
            yield (
                entry.happened_at,
                entry.actor_name,
                told.words,
                names.get(entry.subject, entry.subject),
                entry.subject_id,
                entry.what,
                entry.address,
                entry.recorded_at,
            )

    return sheet(
        gettext("Journal"),
        [
            gettext("Moment"),
            gettext("Par"),
            gettext("Ce qui s’est passé"),
            gettext("Objet"),
            gettext("Numéro"),
            gettext("Acte"),
            gettext("Adresse"),
            gettext("Consigné le"),
        ],
        rows(),
    )


urls = [path("journal/", journal, name="journal")]
