"""Meetings and what they decided."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.archive.models import File
from partage.governance import actions
from partage.governance.models import Meeting
from partage.governance.queries import meetings as all_meetings
from partage.governance.queries import resolutions
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.acting import act_or_show
from partage.portal.files import Papers, download
from partage.portal.forms import Form
from partage.portal.spreadsheets import sheet


class Filter(Form):
    q = forms.CharField(label=_("Numéro ou texte"), required=False, max_length=150)
    instance = forms.ChoiceField(
        label=_("Instance"),
        required=False,
        choices=[("", _("toutes")), *Meeting.Body.choices],
    )


class MeetingForm(Form):
    body = forms.ChoiceField(label=_("Instance"), choices=Meeting.Body.choices)
    held_on = forms.DateField(label=_("Date"))
    place = forms.CharField(label=_("Lieu"), max_length=150, required=False)


class ResolutionForm(MeetingForm):
    number = forms.CharField(label=_("Numéro"), max_length=20)
    text = forms.CharField(
        label=_("Ce qui est décidé"), widget=forms.Textarea({"rows": 6})
    )
    adopted = forms.BooleanField(label=_("Adoptée"), required=False, initial=True)


@allow(Role.BOARD)
def meetings(request: HttpRequest) -> HttpResponse:
    form = Filter(request.GET)
    form.is_valid()
    found, asked = all_meetings(), form.cleaned_data
    if asked.get("instance"):
        found = found.filter(body=asked["instance"])
    if asked.get("q"):
        found = found.filter(
            Q(resolutions__text__icontains=asked["q"])
            | Q(resolutions__number__icontains=asked["q"])
        ).distinct()
    if request.GET.get("format") == "xlsx":
        return sheet(
            gettext("Résolutions"),
            [
                gettext("Instance"),
                gettext("Tenue le"),
                gettext("Lieu"),
                gettext("Numéro"),
                gettext("Texte"),
                gettext("Adoptée"),
            ],
            (
                (
                    row.meeting.get_body_display(),
                    row.meeting.held_on,
                    row.meeting.place,
                    row.number,
                    row.text,
                    row.adopted,
                )
                for row in resolutions().filter(meeting__in=found.values("pk"))
            ),
        )
    return render(
        request,
        "board/meetings.html",
        {
            "form": form,
            "page": Paginator(found, 10).get_page(request.GET.get("page")),
            "today": request.who.today,
            "minutes_url": "board:minutes",
            "filtered": any(request.GET.get(name) for name in form.fields),
        },
    )


def _write(request, kind: type[MeetingForm], template: str, act) -> HttpResponse:
    """Show a form with its minutes; keep the document however often it comes back."""
    sent = request.method == "POST"
    form = kind(request.POST if sent else None, initial={"held_on": request.who.today})
    papers = Papers(request) if sent else None

    def show(refused=None):
        return render(
            request, template, {"form": form, "papers": papers, "refused": refused}
        )

    def done(values):
        act(values)
        messages.success(request, gettext("C’est inscrit au registre."))
        return reverse("board:meetings")

    if not sent:
        return show()
    problem = papers.problems[0] if papers.problems else _not_minutes(papers)
    if problem:
        form.add_error(None, problem)
    minutes_id = papers.ids[0] if papers.ids else None
    return act_or_show(
        request, form, lambda values: done({**values, "minutes_id": minutes_id}), show
    )


def _not_minutes(papers: Papers) -> str | None:
    kept = File.objects.filter(pk__in=papers.ids).only("media_type", "name")
    if len(papers.ids) > 1:
        return gettext("Joignez un seul procès-verbal.")
    for file in kept:
        if file.media_type != "application/pdf":
            return gettext(
                "« %(name)s » n’est pas un PDF. Joignez le procès-verbal en PDF."
            ) % {"name": file.name}
    return None


@allow(Role.BOARD)
def new_resolution(request: HttpRequest) -> HttpResponse:
    return _write(
        request,
        ResolutionForm,
        "board/resolution_form.html",
        lambda values: actions.record_resolution(**values, by=request.who.by),
    )


@allow(Role.BOARD)
def new_meeting(request: HttpRequest) -> HttpResponse:
    return _write(
        request,
        MeetingForm,
        "board/meeting_form.html",
        lambda values: actions.call_meeting(**values, by=request.who.by),
    )


@allow(Role.BOARD)
def minutes(request: HttpRequest, meeting_id: int) -> HttpResponse:
    meeting = get_object_or_404(Meeting, pk=meeting_id, minutes__isnull=False)
    return download(meeting.minutes)


urls = [
    path("assemblees/", meetings, name="meetings"),
    path("assemblees/nouvelle", new_meeting, name="new_meeting"),
    path("assemblees/resolution", new_resolution, name="new_resolution"),
    path("assemblees/<int:meeting_id>/proces-verbal", minutes, name="minutes"),
]
