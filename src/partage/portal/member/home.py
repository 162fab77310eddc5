"""What waits for a member's representative today, and what goes on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext

from partage.billing.queries import invoices_owed_by
from partage.knowledge.queries import consents_of
from partage.mandates.models import Mandate, Offer
from partage.needs.queries import needs_seen_by
from partage.people.models import Role
from partage.portal import stages
from partage.portal.access import allow
from partage.portal.navigation import url_of

SHOWN = 6


@allow(Role.MEMBER)
def home(request: HttpRequest) -> HttpResponse:
    who = request.who
    mine = who.organisation_ids()
    offers = Offer.objects.filter(
        organisation_id__in=mine,
        status=Offer.Status.SENT,
        valid_until__gte=who.today,
    ).order_by("valid_until")
    invoices = invoices_owed_by(mine).filter(balance__gt=0).order_by("due_on", "pk")
    to_rate = Mandate.objects.filter(
        organisation_id__in=who.organisation_ids("request"),
        status=Mandate.Status.CLOSED,
        satisfaction=None,
    ).order_by("-closed_on")
    needs = (
        stages.with_stage(needs_seen_by(mine, who.organisation_ids("refer")))
        .filter(stage__in=stages.OPEN)
        .select_related("organisation")
        .defer("text")
        .order_by("-received_at")
    )
    shown = list(needs[:SHOWN])
    for need in shown:
        need.at = stages.STAGES[need.stage]
    signs = set(who.organisation_ids("sign"))
    waiting = [
        *(
            {
                "title": gettext("Une offre attend votre réponse")
                if offer.organisation_id in signs
                else gettext("Une offre attend la signature de votre organisation"),
                "words": offer.title,
                "on": gettext("d’ici le"),
                "day": offer.valid_until,
                "url": url_of("member:offer", offer.pk),
            }
            for offer in offers[:SHOWN]
        ),
        *(
            {
                "title": gettext("Une facture est en retard")
                if invoice.due_on < who.today
                else gettext("Une facture est à payer"),
                "words": gettext("Facture %(number)s") % {"number": invoice.number},
                "amount": invoice.balance,
                "on": gettext("payable le"),
                "day": invoice.due_on,
                "late": invoice.due_on < who.today,
                "url": url_of("member:invoice", invoice.pk),
            }
            for invoice in invoices[:SHOWN]
        ),
        *(
            {
                "title": gettext("Dites-nous comment cela s’est passé"),
                "words": mandate.title,
                "on": gettext("clos le"),
                "day": mandate.closed_on,
                "url": url_of("member:mandate", mandate.pk),
            }
            for mandate in to_rate[:SHOWN]
        ),
    ]
    waiting += [
        {
            "title": gettext("Votre consentement est demandé"),
            "words": one.release.cleaned.title,
            "on": gettext("demandé le"),
            "day": timezone.localdate(one.asked_at),
            "url": url_of("member:consent", one.pk),
        }
        for one in consents_of(who.organisation_ids("sign")).filter(
            accepted=None, release__status="CONSENT"
        )[:SHOWN]
    ]
    return render(
        request,
        "member/home.html",
        {
            "waiting": waiting,
            "needs": shown,
            "more_needs": needs.count() - len(shown),
            "open_mandates": Mandate.objects.filter(organisation_id__in=mine)
            .exclude(status=Mandate.Status.CLOSED)
            .count(),
            "representations": who.representations,
            "may_request": who.organisation_ids("request"),
        },
    )


urls = [path("", home, name="home")]
