"""What counts, and how much: set by people, dated, with what each did last."""

from itertools import pairwise

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partage.experts.models import Expert
from partage.needs.models import Part
from partage.people.models import Role
from partage.planning import queries
from partage.planning.actions import ask_for_plan, set_weights
from partage.planning.models import Proposal, Weighting
from partage.portal.access import allow
from partage.portal.acting import act_or_show
from partage.portal.charts import Chart, Series
from partage.portal.forms import InTheFace
from partage.portal.plan_words import whole

# The groups of the page: title, what it is, its weights and their unit.
GROUPS = (
    (
        gettext_lazy("Les points d’une personne"),
        gettext_lazy(
            "Ce qui classe les candidats d’un volet, pris un par un. "
            "Le plan n’en tient pas compte."
        ),
        (("level", ""), ("hours", ""), ("continuity", ""), ("distance", ""),
         ("balance", "")),
    ),
    (
        gettext_lazy("Ce que coûte un plan"),
        gettext_lazy(
            "En dollars d’inconvénient : ils comparent les plans, personne ne les paie."
        ),
        (("unmet_hour", "$"), ("late_hour", "$"), ("team", "$"),
         ("overload_hour", "$"), ("over_level_hour", "$"), ("continuity_hour", "$"),
         ("travel_km", "$"), ("carbon_kg", "$"), ("promise_asked", "$"),
         ("promise_accepted", "$")),
    ),
    (
        gettext_lazy("Qui passe d’abord"),
        gettext_lazy("Ce qu’une heure que personne ne fait pèse de plus, ou de moins."),
        (("urgent_percent", "%"), ("patient_percent", "%"), ("waiting_percent", "%"),
         ("small_percent", "%")),
    ),
    (
        gettext_lazy("Le cadre"),
        gettext_lazy("Ce qu’un plan peut faire, et combien de temps on le cherche."),
        (("least_week_hours", "h"), ("most_week_hours", "h"), ("late_weeks", ""),
         ("faster_percent", "%"), ("target_percent", "%"), ("seconds", "s")),
    ),
)  # fmt: skip
UNITS = {name: unit for _title, _words, rows in GROUPS for name, unit in rows}


class WeightsForm(InTheFace, forms.ModelForm):
    replan = forms.BooleanField(
        label=gettext_lazy("Chercher tout de suite un plan avec ces pondérations"),
        required=False,
        initial=True,
    )

    class Meta:
        model = Weighting
        fields = [*UNITS, "swaps_need_approval", "reason"]
        widgets = {"reason": forms.Textarea({"rows": 2})}
        labels = {"reason": gettext_lazy("Pourquoi ce changement")}


@allow(Role.COORDINATION)
def weights(request: HttpRequest) -> HttpResponse:
    now = queries.current_weighting()
    if request.method != "POST":
        initial = {name: getattr(now or Weighting(), name) for name in UNITS}
        initial["swaps_need_approval"] = now is None or now.swaps_need_approval
        return _page(request, WeightsForm(initial=initial))
    form = WeightsForm(request.POST)

    def act(said: dict) -> str:
        data = dict(said)
        replan, reason = data.pop("replan"), data.pop("reason")
        set_weights(values=data, reason=reason, by=request.who.by)
        messages.success(request, _("Ces pondérations valent à partir de maintenant."))
        if not replan:
            return reverse("coordination:weights")
        ask_for_plan(cause=Proposal.Cause.ASKED, by=request.who.by, now=timezone.now())
        return reverse("coordination:plan")

    return act_or_show(
        request, form, act, lambda refused: _page(request, form, refused)
    )


def _page(request, form, refused=None) -> HttpResponse:
    last = (
        Proposal.objects.filter(cost__isnull=False)
        .exclude(status__in=["WAITING", "RUNNING", "FAILED"])
        .select_related("weighting")
        .first()
    )
    share = last.after if last else {}
    without = _without()
    history = Paginator(Weighting.objects.select_related("made_by"), 10).get_page(
        request.GET.get("page")
    )
    rows = list(history)
    older = (
        Weighting.objects.filter(made_at__lt=rows[-1].made_at).first() if rows else None
    )
    for new, old in pairwise([*rows, older]):
        new.changes = _changes(old, new)
    weighed = [
        (str(Weighting._meta.get_field(name).verbose_name), whole(amount))
        for name, amount in share.items()
        if round(amount)
    ]
    return render(
        request,
        "coordination/weights.html",
        {
            "tab": "weights",
            "form": form,
            "refused": refused,
            "groups": [
                (
                    title,
                    words,
                    [
                        (
                            form[name],
                            unit,
                            whole(share[name]) if name in share else None,
                            without.get(name),
                        )
                        for name, unit in names
                    ],
                )
                for title, words, names in GROUPS
            ],
            "last": last,
            "weighed": weighed,
            "drawn": Chart(
                _("Ce que chaque poids a fait dans le dernier plan"),
                [name for name, _amount in weighed],
                (Series(_("Dollars"), [amount for _name, amount in weighed]),),
                "$",
                decimals=0,
                named=True,
            )
            if weighed
            else None,
            "page": history,
        },
    )


def _without() -> dict[str, list[str]]:
    """Say by weight who would have what if it weighed nothing: in the last whole plan.

    One that answers a change has no time for it.
    """
    last = Proposal.objects.filter(without__isnull=False).first()
    found = last.without if last else {}
    rows = [row for differ in found.values() for row in differ]
    titles = dict(
        Part.objects.filter(pk__in={row[0] for row in rows}).values_list(
            "pk", "need__title"
        )
    )
    names = Expert.objects.in_bulk({pk for row in rows for pk in row[1:] if pk})
    nobody = _("personne")

    def said(part_id: int, had: int | None, would: int | None) -> str:
        return _("%(title)s : %(would)s au lieu de %(had)s") % {
            "title": titles[part_id],
            "had": names[had].name if had else nobody,
            "would": names[would].name if would else nobody,
        }

    return {
        name: [said(*row) for row in differ if row[0] in titles]
        for name, differ in found.items()
    }


def _changes(old: Weighting | None, new: Weighting) -> list[tuple[str, object, object]]:
    if old is None:
        return []
    return [
        (
            str(Weighting._meta.get_field(name).verbose_name),
            getattr(old, name),
            getattr(new, name),
        )
        for name in [*UNITS, "swaps_need_approval"]
        if getattr(old, name) != getattr(new, name)
    ]


urls = [path("affectations/ponderations/", weights, name="weights")]
