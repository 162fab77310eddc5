"""The people who may come in: their accounts, roles and powers."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from partage.experts import actions as expert_actions
from partage.experts.models import Expert
from partage.journal.actions import ActionRefused
from partage.journal.queries import story_of_ids
from partage.members import actions as member_actions
from partage.members.models import Organisation, Representation
from partage.people import actions
from partage.people.models import Language, Role, User
from partage.people.queries import accounts
from partage.portal.access import allow
from partage.portal.acting import act_or_show
from partage.portal.forms import Form
from partage.portal.once import once
from partage.portal.spreadsheets import sheet
from partage.portal.story import story

OPEN, CLOSED = "ouverts", "fermes"
POWERS = {
    "can_request": _("demander"),
    "can_sign": _("signer"),
    "can_vote": _("voter"),
    "can_refer": _("référer"),
}


class Filter(Form):
    q = forms.CharField(label=_("Nom ou courriel"), required=False, max_length=150)
    role = forms.ChoiceField(
        label=_("Rôle"),
        required=False,
        choices=[("", _("tous")), *Role.choices, ("aucun", _("aucun"))],
    )
    etat = forms.ChoiceField(
        label=_("Compte"),
        required=False,
        choices=[("", _("tous")), (OPEN, _("ouvert")), (CLOSED, _("fermé"))],
    )

    def narrow(self, users: QuerySet[User]) -> QuerySet[User]:
        self.is_valid()
        asked = self.cleaned_data
        for word in asked.get("q", "").split():
            users = users.filter(Q(name__icontains=word) | Q(email__icontains=word))
        if asked.get("role") == "aucun":
            users = users.filter(grants=None)
        elif asked.get("role"):
            users = users.filter(grants__role=asked["role"])
        if asked.get("etat"):
            users = users.filter(is_active=asked["etat"] == OPEN)
        return users


class AccountForm(Form):
    name = forms.CharField(label=_("Nom"), max_length=150)
    email = forms.EmailField(label=_("Courriel"), max_length=254)
    language = forms.ChoiceField(
        label=_("Langue"), choices=Language.choices, widget=forms.RadioSelect
    )


class RolesForm(Form):
    roles = forms.MultipleChoiceField(
        label=_("Rôles"),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class NewAccountForm(AccountForm):
    roles = forms.MultipleChoiceField(
        label=_("Rôles"),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
    )


class ExpertForm(Form):
    expert = forms.ModelChoiceField(
        Expert.objects.none(),
        label=_("Fiche d’expert"),
        required=False,
        empty_label=_("aucune"),
    )

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["expert"].queryset = Expert.objects.filter(
            Q(user=None) | Q(user=user)
        ).only("name", "sort_key")


class OrganisationByName(forms.CharField):
    """An organisation, typed by its name; the page proposes the names."""

    def clean(self, value):
        typed = super().clean(value)
        if not typed:
            return None
        found = Organisation.objects.filter(name__iexact=typed.strip()).first()
        if found is None:
            raise forms.ValidationError(
                gettext(
                    "Aucune organisation ne s’appelle « %(name)s ». "
                    "Choisissez un nom de la liste."
                )
                % {"name": typed}
            )
        return found

    def widget_attrs(self, widget):
        return {"list": "organisations", "autocomplete": "off"}


class RepresentationForm(Form):
    organisation = OrganisationByName(label=_("Organisation"))
    powers = forms.MultipleChoiceField(
        label=_("Peut"),
        choices=POWERS.items(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


@allow(Role.ADMINISTRATION)
def people(request: HttpRequest) -> HttpResponse:
    form = Filter(request.GET)
    found = form.narrow(accounts())
    if request.GET.get("format") == "xlsx":
        return sheet(
            gettext("Personnes"),
            [
                gettext("Nom"),
                gettext("Courriel"),
                gettext("Langue"),
                gettext("Rôles"),
                gettext("Ouvert"),
                gettext("Dernière visite"),
            ],
            (
                (
                    user.name,
                    user.email,
                    user.get_language_display(),
                    ", ".join(g.get_role_display() for g in user.grants.all()),
                    user.is_active,
                    user.last_login,
                )
                for user in found
            ),
        )
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    return render(
        request,
        "administration/people.html",
        {
            "form": form,
            "page": page,
            "filtered": any(request.GET.get(name) for name in form.fields),
        },
    )


@allow(Role.ADMINISTRATION)
def new_person(request: HttpRequest) -> HttpResponse:
    form = NewAccountForm(request.POST or None, initial={"language": Language.FRENCH})

    def show(refused=None):
        return render(
            request,
            "administration/new_person.html",
            {"form": form, "refused": refused},
        )

    def act(values):
        user = actions.open_account(**values, by=request.who.by)
        messages.success(
            request,
            gettext("Le compte est ouvert. Une invitation part à %(email)s.")
            % {"email": user.email},
        )
        return reverse("administration:person", args=[user.pk])

    if request.method == "POST":
        return act_or_show(request, form, act, show)
    return show()


def _forms(user: User, posted: str = "", data=None) -> dict[str, Form]:
    """Return the forms of a person's page; the one that was posted is bound."""
    expert = Expert.objects.filter(user=user).first()
    made = {
        "identite": lambda data: AccountForm(
            data,
            prefix="identite",
            initial={
                "name": user.name,
                "email": user.email,
                "language": user.language,
            },
        ),
        "roles": lambda data: RolesForm(
            data,
            prefix="roles",
            initial={"roles": [grant.role for grant in user.grants.all()]},
        ),
        "expert": lambda data: ExpertForm(
            data, prefix="expert", user=user, initial={"expert": expert}
        ),
        "representation": lambda data: RepresentationForm(
            data, prefix="representation", initial={"powers": ["can_request"]}
        ),
    }
    if posted and posted not in made:
        raise Http404
    return {name: make(data if name == posted else None) for name, make in made.items()}


def _page(request, user, made=None, refused=None, status=200) -> HttpResponse:
    made = made or _forms(user)
    representations = (
        Representation.objects.filter(user=user)
        .select_related("organisation")
        .order_by("-since", "-pk")
    )
    today = request.who.today
    entries = story_of_ids(
        [
            ("people.User", [user.pk]),
            ("members.Representation", [row.pk for row in representations]),
        ],
        limit=30,
    )
    return render(
        request,
        "administration/person.html",
        {
            "person": user,
            "forms": made,
            "bound": [form for form in made.values() if form.is_bound],
            "refused": refused,
            "current": [r for r in representations if not r.until or r.until > today],
            "past": [r for r in representations if r.until and r.until <= today],
            "powers": POWERS,
            "organisations": Organisation.objects.values_list("name", flat=True),
            "story": story(entries),
            "trail": [
                (gettext("Personnes"), reverse("administration:people")),
                (user.name, None),
            ],
        },
        status=status,
    )


@allow(Role.ADMINISTRATION)
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    return _page(request, get_object_or_404(accounts(), pk=user_id))


@allow(Role.ADMINISTRATION)
@require_POST
def change(request: HttpRequest, user_id: int, what: str) -> HttpResponse:
    """Change one thing of an account: identite, roles, expert or representation."""
    user = get_object_or_404(accounts(), pk=user_id)
    made = _forms(user, what, request.POST)
    by = request.who.by

    def act(values):
        if what == "identite":
            actions.change_account(user_id=user.pk, **values, by=by)
        elif what == "roles":
            actions.set_roles(user_id=user.pk, **values, by=by)
        elif what == "expert":
            expert = values["expert"]
            expert_actions.link_account(
                user_id=user.pk, expert_id=expert.pk if expert else None, by=by
            )
        else:
            member_actions.let_represent(
                user_id=user.pk,
                organisation_id=values["organisation"].pk,
                **{power: power in values["powers"] for power in POWERS},
                by=by,
            )
        messages.success(request, gettext("C’est fait."))
        return reverse("administration:person", args=[user.pk])

    return act_or_show(
        request, made[what], act, lambda refused: _page(request, user, made, refused)
    )


@allow(Role.ADMINISTRATION)
@require_POST
def door(request: HttpRequest, user_id: int, act: str) -> HttpResponse:
    """Close or reopen an account, or send its invitation again."""
    user = get_object_or_404(accounts(), pk=user_id)
    here = reverse("administration:person", args=[user.pk])
    by = request.who.by
    acts = {
        "fermer": lambda: actions.set_active(user_id=user.pk, active=False, by=by),
        "rouvrir": lambda: actions.set_active(user_id=user.pk, active=True, by=by),
        "inviter": lambda: actions.invite_again(user_id=user.pk, by=by),
    }
    if act not in acts:
        raise Http404
    try:
        return once(request, lambda: acts[act]() and here)
    except ActionRefused as refused:
        return _page(request, user, refused=str(refused), status=409)


@allow(Role.ADMINISTRATION)
@require_POST
def withdraw(request: HttpRequest, representation_id: int) -> HttpResponse:
    row = get_object_or_404(Representation, pk=representation_id)
    here = reverse("administration:person", args=[row.user_id])

    def act():
        member_actions.end_representation(representation_id=row.pk, by=request.who.by)
        return here

    try:
        return once(request, act)
    except ActionRefused:
        return redirect(here)  # withdrawn already: the page says so


urls = [
    path("personnes/", people, name="people"),
    path("personnes/nouvelle", new_person, name="new_person"),
    path("personnes/<int:user_id>", person, name="person"),
    path("personnes/<int:user_id>/compte/<slug:act>", door, name="person_door"),
    path("personnes/<int:user_id>/<slug:what>", change, name="person_change"),
    path(
        "representations/<int:representation_id>/retirer",
        withdraw,
        name="representation_withdraw",
    ),
]
