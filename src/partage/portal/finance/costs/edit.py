"""Change a line, and see at once what rates would move; propose a card, adopt it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.closing.queries import carried_into
from partage.journal.actions import ActionRefused, Actor
from partage.portal.access import allow
from partage.portal.acting import act_or_show
from partage.portal.finance.costs.forms import LINES, AdoptForm, ProposeForm
from partage.portal.finance.costs.page import EYES, asked, show
from partage.portal.finance.costs.sheets import TABLES
from partage.portal.finance.costs.trial import tried
from partage.portal.once import once
from partage.tariffs import actions
from partage.tariffs.models import CostModel, Parameter


class NothingCarried(ActionRefused):
    sentence = _("Aucun exercice clos ne reporte quoi que ce soit à ces taux.")


@allow(*EYES)
@require_POST
def cost_line(request: HttpRequest, pk: int, tableau: str) -> HttpResponse:
    """Save a line, remove it, or say what rates would move if it were saved."""
    model = get_object_or_404(CostModel, pk=pk)
    if tableau not in TABLES:
        raise Http404
    table = TABLES[tableau][0]
    line_id = _number(request.POST.get("ligne")) or 0
    back = f"{reverse('finance:cost_model', args=[pk])}?tableau={tableau}"
    what = request.POST.get("faire")
    if what == "retirer" and table != "parameter":
        return _done(
            request, model, tableau, back,
            lambda: actions.remove_line(
                model_id=pk, table=table, line_id=line_id, by=request.who.by
            ),
            gettext("La ligne est retirée. « Annuler ce changement » la remet."),
        )  # fmt: skip
    instance = (
        actions.LINE_TABLES[table].objects.filter(pk=line_id, model=model).first()
    )
    form = LINES[table](request.POST, instance=instance)

    def save() -> None:
        actions.save_line(
            model_id=pk, table=table, line_id=line_id or None, values=form.values(),
            shares=form.shares(), by=request.who.by,
        )  # fmt: skip

    if what == "essayer":
        valid = form.is_valid()
        trial: dict[str, object] = {"wrong": form}
        if valid:
            try:
                trial = tried(model, save, on=request.who.today)
            except ActionRefused as refused:
                trial = {"refused": str(refused)}
        if "HX-Request" in request.headers:
            return render(request, "finance/cost_trial.html", {"trial": trial})
        return show(
            request, model, tableau, form=form, line_id=line_id, trial=trial,
            status=200 if valid else 422,
        )  # fmt: skip

    def act(_said: dict) -> str:
        save()
        messages.success(request, gettext("La ligne est enregistrée."))
        return f"{back}&ligne={line_id}#lignes" if line_id else back

    return act_or_show(
        request, form, act,
        lambda refused: show(
            # As it is now: someone may just have proposed its card.
            request, CostModel.objects.get(pk=pk), tableau, form=form,
            line_id=line_id, refused=refused,
        ),
    )  # fmt: skip


def _done(request, model, tableau: str, back: str, act, said: str) -> HttpResponse:
    """Run an act of one button, say what was done, and come back."""

    def run() -> str:
        act()
        messages.success(request, said)
        return back

    try:
        return once(request, run)
    except ActionRefused as refused:
        return show(
            request, CostModel.objects.get(pk=model.pk), tableau,
            refused=str(refused), status=409,
        )  # fmt: skip


@allow(*EYES)
@require_POST
def cost_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo, read presence again, propose, adopt or withdraw."""
    model = get_object_or_404(CostModel, pk=pk)
    by, what, tableau = request.who.by, request.POST.get("faire", ""), asked(request)
    back = f"{reverse('finance:cost_model', args=[pk])}?tableau={tableau}"

    def done(act, said: str) -> HttpResponse:
        return _done(request, model, tableau, back, act, said)

    if what == "annuler":
        return done(
            lambda: actions.undo(model_id=pk, by=by),
            gettext("Le dernier changement est annulé."),
        )
    if what == "relire":
        return done(
            lambda: actions.read_presence(model_id=pk, by=by),
            gettext("Les heures présentes sont relues des horaires."),
        )
    if what == "reporter":
        return done(
            lambda: _take_carried(model, by),
            gettext("Le report est dans le budget : chaque taux en tient compte."),
        )
    if what == "proposer":
        form = ProposeForm(request.POST)

        def propose(said: dict) -> str:
            actions.propose_card(model_id=pk, by=by, **said)
            messages.success(
                request,
                gettext("La grille est proposée au conseil ; rien n’est adopté."),
            )
            return back

        return act_or_show(
            request, form, propose,
            lambda refused: show(
                request, model, tableau, propose=form, refused=refused
            ),
        )  # fmt: skip
    card = model.cards.filter(pk=_number(request.POST.get("grille"))).first()
    if card is None:
        raise Http404
    if what == "retirer":
        return done(
            lambda: actions.withdraw_card(card_id=card.pk, by=by),
            gettext("La proposition est retirée ; le modèle peut changer de nouveau."),
        )
    if what == "adopter":
        form = AdoptForm(request.POST, since=card.proposed_on)

        def adopt(said: dict) -> str:
            actions.adopt_card(
                card_id=card.pk, resolution_id=said["resolution"].pk, by=by
            )
            messages.success(request, gettext("La grille est adoptée."))
            return f"{reverse('finance:tariffs')}?grille={card.pk}"

        return act_or_show(
            request, form, adopt,
            lambda refused: show(request, model, tableau, adopt=form, refused=refused),
        )  # fmt: skip
    raise Http404


def _take_carried(model: CostModel, by: Actor) -> None:
    """Write in a budget what the last closed year carries to rates."""
    found = carried_into(model.starts_on)
    if found is None:
        raise NothingCarried
    line = model.parameters.filter(code=Parameter.Code.CARRIED).first()
    source = gettext("Exercice %(year)s, résolution %(number)s") % {
        "year": found.year.label,
        "number": found.resolution.number if found.resolution else found.reference,
    }
    actions.save_line(
        model_id=model.pk, table="parameter", line_id=line.pk if line else None,
        values={
            "code": Parameter.Code.CARRIED, "value": found.rate_change,
            "source": source,
        },
        by=by,
    )  # fmt: skip


def _number(typed: str | None) -> int | None:
    return int(typed) if typed and typed.isdecimal() else None


urls = [
    path("couts/<int:pk>/acte", cost_act, name="cost_act"),
    path("couts/<int:pk>/lignes/<slug:tableau>", cost_line, name="cost_line"),
]
