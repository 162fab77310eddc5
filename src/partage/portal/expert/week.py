"""The expert's week: one grid, one form, one save."""

from datetime import date

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext

from partage.experts.models import Expert
from partage.journal.actions import ActionRefused
from partage.people.models import Role
from partage.portal import words
from partage.portal.access import allow
from partage.portal.once import once
from partage.portal.weeks import STATES, STEPS, Typed, WeekPage, read
from partage.rules.calendar import monday_of
from partage.timesheets import actions, queries
from partage.timesheets.actions import CellsRefused, TimeChangedMeanwhile
from partage.timesheets.models import TimeEntry, Week


def own(request: HttpRequest) -> Expert:
    """Return the expert that the person is; there is no page without."""
    if request.who.expert is None:
        raise Http404(gettext("Ce compte n’est lié à aucune fiche d’expert."))
    return request.who.expert


@allow(Role.EXPERT)
def week(request: HttpRequest, on: date | None = None) -> HttpResponse:
    expert = own(request)
    monday = monday_of(on or request.who.today)
    if on is not None and on != monday:
        return redirect("expert:week_on", on=monday)
    return week_page(request, expert, monday, delegate=False)


def week_page(
    request: HttpRequest, expert: Expert, monday: date, *, delegate: bool
) -> HttpResponse:
    """Show a week, and do what its forms ask; the delegate is coordination."""
    if request.method != "POST":
        return show_week(request, WeekPage(request, expert, monday, delegate=delegate))
    do = request.POST.get("do", "save")
    typed = read(request.POST, monday)
    if do == "add":
        return _add_row(request, expert, monday, typed, delegate)
    if do in {"save", "submit", "copy", "plan"} and typed.problems:
        page = WeekPage(request, expert, monday, delegate=delegate, typed=typed)
        page.tell(typed.problems)
        return show_week(request, page, status=422)

    def act() -> str:
        return _do(request, do, expert, monday, typed, delegate)

    try:
        if do == "save":
            # Written twice, a week is the same; and a form that comes back by the
            # back button, changed and saved again, must not be taken for a twin.
            with transaction.atomic():
                return redirect(act())
        return once(request, act)
    except TimeChangedMeanwhile as refused:
        problems = {
            key: gettext("Il y a maintenant %(now)s ici.")
            % {"now": words.minutes(now[0], get_language() or "fr")}
            for key, now in refused.cells.items()
        }
        # Now that these have been shown, to save again is to mean it.
        typed.seen |= refused.cells
        why = refused
    except CellsRefused as refused:
        problems = {key: str(one) for key, one in refused.cells.items()}
        why = refused
    except ActionRefused as refused:
        problems, why = {}, refused
    page = WeekPage(request, expert, monday, delegate=delegate, typed=typed)
    page.tell(problems)
    return show_week(request, page, refused=str(why), status=409)


def _address(monday: date, expert: Expert, delegate: bool) -> str:
    if delegate:
        return reverse(
            "coordination:timesheet", kwargs={"expert_id": expert.pk, "on": monday}
        )
    return reverse("expert:week_on", kwargs={"on": monday})


def _do(
    request: HttpRequest,
    do: str,
    expert: Expert,
    monday: date,
    typed: Typed,
    delegate: bool,
) -> str:
    who = {"expert_id": expert.pk, "monday": monday, "by": request.who.by}
    here = _address(monday, expert, delegate)
    if do == "recall":
        actions.recall_week(**who)
        messages.success(request, gettext("La semaine est rappelée : corrigez-la."))
        return here
    if do == "move":
        return _move(request, expert, delegate)
    language = get_language() or "fr"
    before = queries.week_of(expert.pk, monday).version
    saved = actions.write_time(
        cells=typed.cells, seen=typed.seen, delegate=delegate, **who
    )
    if do == "copy":
        _week, left = actions.copy_last_week(delegate=delegate, **who)
        told = gettext("Les heures de la semaine précédente sont copiées.")
        if left:
            told += " " + gettext(
                "%(left)s ont été laissées : jours fériés, absences ou mandats clos."
            ) % {"left": left}
        messages.success(request, told)
    elif do == "plan":
        actions.take_plan(delegate=delegate, **who)
        messages.success(
            request, gettext("Le plan est repris. Corrigez ce qui fut autrement.")
        )
    elif do == "submit":
        actions.submit_week(**who)
        _tell_submitted(request, expert, monday, language)
    elif saved.version != before:
        messages.success(request, gettext("La semaine est enregistrée."))
    return here


def _tell_submitted(
    request: HttpRequest, expert: Expert, monday: date, language: str
) -> None:
    sunday = monday.fromordinal(monday.toordinal() + 6)
    written = sum(
        TimeEntry.objects.filter(week__monday=monday, expert=expert).values_list(
            "minutes", flat=True
        )
    )
    short = queries.expected_minutes(expert.pk, monday, sunday) - written
    if short > 0:
        messages.warning(
            request,
            gettext(
                "La semaine est soumise. Il y manque %(short)s sur l’horaire prévu : "
                "rappelez-la si c’est un oubli."
            )
            % {"short": words.minutes(short, language)},
        )
    else:
        messages.success(request, gettext("La semaine est soumise."))


def _move(request: HttpRequest, expert: Expert, delegate: bool) -> str:
    try:
        to = date.fromisoformat(request.POST.get("to", ""))
        entry = TimeEntry.objects.get(
            pk=int(request.POST.get("entry", "")), expert=expert
        )
    except (ValueError, TimeEntry.DoesNotExist):
        raise MoveUnclear from None
    try:
        moved = actions.move_entry(
            entry_id=entry.pk, to=to, by=request.who.by, delegate=delegate
        )
    except CellsRefused as refused:
        # One entry, one reason: it is said whole, there is no cell to put it at.
        raise next(iter(refused.cells.values())) from None
    messages.success(
        request,
        gettext("Le temps est déplacé au %(on)s.")
        % {"on": words.day(moved.on, get_language() or "fr")},
    )
    return _address(monday_of(moved.on), expert, delegate)


class MoveUnclear(ActionRefused):
    @property
    def sentence(self) -> str:
        return gettext("Choisissez le temps à déplacer, et le jour où il va.")


def _add_row(
    request: HttpRequest, expert: Expert, monday: date, typed: Typed, delegate: bool
) -> HttpResponse:
    """Show the form again with one more line, and all that was typed."""
    page = WeekPage(request, expert, monday, delegate=delegate, typed=typed)
    added = page.chosen(request.POST.get("line", ""))
    if added:
        page = WeekPage(
            request, expert, monday, delegate=delegate, typed=typed, added=added
        )
    page.tell(typed.problems)
    return show_week(
        request,
        page,
        added=added
        and f"t-{'m' if added.mandate_id else 'a'}"
        f"{added.mandate_id or added.activity_id}-0",
        line=None if added else request.POST.get("line", ""),
        status=200 if added else 422,
    )


def show_week(
    request: HttpRequest, page: WeekPage, *, status: int = 200, **more
) -> HttpResponse:
    return render(
        request,
        "expert/week.html",
        {
            "page": page,
            "week": page.week,
            "expert": page.expert,
            "delegate": page.delegate,
            "step_names": STEPS,
            "state_kind": STATES[Week.Status(page.week.status)],
            **more,
        },
        status=status,
    )


urls = [
    path("temps/", week, name="week"),
    path("temps/<date:on>", week, name="week_on"),
]
