"""The register of members and shares, derived from the ledger (art. 124)."""

from datetime import date
from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.members.queries import RegisterLine
from partage.members.queries import register as register_on
from partage.people.models import Role
from partage.portal.access import allow
from partage.portal.forms import Form
from partage.portal.spreadsheets import sheet


class Filter(Form):
    date = forms.DateField(label=_("Date du registre"), required=False)


@allow(Role.BOARD)
def register(request: HttpRequest) -> HttpResponse:
    form = Filter(request.GET or None, initial={"date": request.who.today})
    asked = form.cleaned_data.get("date") if form.is_valid() else None
    on = asked or request.who.today
    lines = register_on(on)
    if request.GET.get("format") == "xlsx":
        return _as_sheet(lines, on)
    return render(
        request,
        "board/register.html",
        {
            "form": form,
            "on": on,
            "lines": lines,
            "count": sum(not _left(line, on) for line in lines),
            "shares": sum(line.holding.quantity for line in lines),
            "subscribed": sum((n.holding.subscribed for n in lines), Decimal(0)),
            "paid": sum((n.holding.paid for n in lines), Decimal(0)),
            "owed": sum((n.holding.owed for n in lines), Decimal(0)),
        },
    )


def _left(line: RegisterLine, on: date) -> bool:
    return bool(line.membership.left_on and line.membership.left_on <= on)


def _as_sheet(lines: list[RegisterLine], on: date) -> HttpResponse:
    """Return every movement of every share, one line each, as the Act asks."""

    def rows():
        for line in lines:
            one, org = line.membership, line.membership.organisation
            who = (
                one.number,
                org.name,
                ", ".join(
                    part
                    for part in (
                        org.address,
                        org.city,
                        org.get_province_display(),
                        org.postal_code,
                    )
                    if part
                ),
                one.get_category_display(),
                one.joined_on,
                one.left_on if _left(line, on) else None,
            )
            for move in line.movements:
                yield (
                    *who,
                    move.get_kind_display(),
                    move.on,
                    move.quantity,
                    move.par_value,
                    move.paid,
                    move.note,
                )
            if not line.movements:
                yield who

    return sheet(
        gettext("Registre au %(on)s") % {"on": on.isoformat()},
        [
            gettext("Adhésion"),
            gettext("Membre"),
            gettext("Dernière adresse connue"),
            gettext("Catégorie"),
            gettext("Admise le"),
            gettext("Partie le"),
            gettext("Mouvement"),
            gettext("Date"),
            gettext("Parts"),
            gettext("Valeur d’une part ($)"),
            gettext("Versé ($)"),
            gettext("Note"),
        ],
        rows(),
    )


urls = [path("registre/", register, name="register")]
