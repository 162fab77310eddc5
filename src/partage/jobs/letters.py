"""The letters that follow an act, each in its reader's language.

A letter's words are in `templates/letters/<template>.txt`: the subject on the
first line, then the text.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from partage.archive.models import File
from partage.billing.models import Invoice
from partage.billing.queries import consolidations
from partage.closing.models import MemberYear, Posting, Proposal
from partage.governance.queries import cooperative
from partage.journal.models import Entry
from partage.knowledge.models import Consent, Release, Reuse
from partage.mandates.models import Mandate, Offer, TeamMember
from partage.mandates.queries import forgotten
from partage.members.models import Representation
from partage.needs.models import Need
from partage.people.models import User
from partage.planning.models import Assignment, Handover
from partage.timesheets import queries as timesheets
from partage.timesheets.models import Week


@dataclass(frozen=True)
class Letter:
    """One e-mail to one person; everything in it can be kept as JSON."""

    template: str
    to: str
    language: str
    facts: dict = field(default_factory=dict)
    path: str = ""  # the page that it leads to
    file_id: int | None = None  # the document joined to it
    # Whose password it lets choose: the key is made as it is sent, never kept.
    key_for: int | None = None

    def as_job(self) -> dict:
        return asdict(self)

    @classmethod
    def from_job(cls, job: dict) -> "Letter":
        return cls(**job)


def send(letter: Letter) -> None:
    """Send a letter in its reader's language, with its document."""
    with translation.override(f"{letter.language}-ca"):
        words = render_to_string(
            f"letters/{letter.template}.txt",
            {
                **letter.facts,
                "url": settings.SITE_URL + (_key(letter.key_for) or letter.path),
                "cooperative": cooperative(),
            },
        )
    subject, _line, text = words.strip().partition("\n")
    message = EmailMessage(subject.strip(), text.strip() + "\n", to=[letter.to])
    if letter.file_id:
        file = File.objects.get(pk=letter.file_id)
        message.attach(file.name, bytes(file.content), file.media_type)
    message.send()


def _key(user_id: int | None) -> str:
    """Return where a person chooses a password; the way closes once it is chosen."""
    if user_id is None:
        return ""
    user = User.objects.get(pk=user_id)
    return reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )


def invitation(entry: Entry) -> Iterable[Letter]:
    if not entry.details.get("invited", True):
        return
    user = User.objects.get(pk=entry.subject_id)
    if user.is_active:
        yield Letter(
            "invitation",
            user.email,
            user.language,
            {"name": user.name, "by": entry.actor_name},
            key_for=user.pk,
        )


def _to(user: User | None, template: str, path: str, **facts) -> Iterable[Letter]:
    if user and user.is_active:
        yield Letter(template, user.email, user.language, facts, path)


def _representatives(organisation_id: int, power: str, on: date) -> list[User]:
    ids = (
        Representation.objects.filter(
            organisation_id=organisation_id, since__lte=on, **{f"can_{power}": True}
        )
        .filter(Q(until=None) | Q(until__gt=on))
        .values("user_id")
    )
    return list(User.objects.filter(pk__in=ids, is_active=True).order_by("pk"))


def _need(entry: Entry, template: str) -> Iterable[Letter]:
    need = Need.objects.select_related("requested_by").get(pk=entry.subject_id)
    triage = need.triages.first()
    yield from _to(
        need.requested_by,
        template,
        reverse("member:need", args=[need.pk]),
        reference=need.reference,
        title=need.title,
        reason=triage.reason if triage else "",
    )


def need_received(entry: Entry) -> Iterable[Letter]:
    return _need(entry, "need_received")


def need_referred_back(entry: Entry) -> Iterable[Letter]:
    return _need(entry, "need_referred_back")


def need_answered(entry: Entry) -> Iterable[Letter]:
    return _need(entry, "need_answered")


def _assignment(entry: Entry) -> Assignment:
    return Assignment.objects.select_related(
        "expert__user", "part__need__organisation", "proposed_by"
    ).get(pk=entry.subject_id)


def assignment_proposed(entry: Entry) -> Iterable[Letter]:
    assignment = _assignment(entry)
    yield from _to(
        assignment.expert.user,
        "assignment_proposed",
        reverse("expert:assignment", args=[assignment.pk]),
        title=assignment.part.need.title,
        organisation=assignment.part.need.organisation.name,
        minutes=assignment.minutes,
        note=assignment.note,
    )


def assignment_declined(entry: Entry) -> Iterable[Letter]:
    assignment = _assignment(entry)
    need = assignment.part.need
    yield from _to(
        assignment.proposed_by,
        "assignment_declined",
        reverse("coordination:need", args=[need.pk]),
        title=need.title,
        expert=assignment.expert.name,
        answer=assignment.answer,
    )


def assignment_withdrawn(entry: Entry) -> Iterable[Letter]:
    assignment = _assignment(entry)
    yield from _to(
        assignment.expert.user,
        "assignment_withdrawn",
        reverse("expert:home"),
        title=assignment.part.need.title,
        answer=assignment.answer,
    )


def assignment_moved(entry: Entry) -> Iterable[Letter]:
    """Tell an expert of weeks that somebody else moved."""
    assignment = _assignment(entry)
    if assignment.expert.user_id != entry.actor_id:
        yield from _to(
            assignment.expert.user,
            "assignment_moved",
            reverse("expert:assignment", args=[assignment.pk]),
            title=assignment.part.need.title,
        )


def _handover(entry: Entry) -> tuple[Handover, dict]:
    handover = Handover.objects.select_related(
        "assignment__expert__user",
        "assignment__part__need",
        "assignment__proposed_by",
        "to_expert__user",
        "asked_by",
    ).get(pk=entry.subject_id)
    return handover, {
        "title": handover.assignment.part.need.title,
        "giver": handover.assignment.expert.name,
        "taker": handover.to_expert.name,
    }


def handover_asked(entry: Entry) -> Iterable[Letter]:
    """Ask each person whose yes is needed."""
    handover, facts = _handover(entry)
    path = reverse("expert:handover", args=[handover.pk])
    facts |= {"minutes": handover.assignment.minutes, "reason": handover.reason}
    if not handover.same and not handover.giver_agreed_at:
        giver = handover.assignment.expert.user
        yield from _to(giver, "handover_asked", path, **facts, kind="give")
    yield from _to(
        handover.to_expert.user,
        "handover_asked",
        path,
        **facts,
        kind="weeks" if handover.same else "take",
    )


def handover_agreed(entry: Entry) -> Iterable[Letter]:
    """Tell coordination of an exchange that only waits for its approval."""
    handover, facts = _handover(entry)
    waits = handover.approval_needed and not handover.approved_at
    if waits and handover.giver_agreed_at and handover.taker_agreed_at:
        yield from _to(
            handover.assignment.proposed_by,
            "handover_to_approve",
            reverse("coordination:handovers"),
            **facts,
            approval=True,
        )


def handover_ended(entry: Entry) -> Iterable[Letter]:
    """Tell both people; and coordination, of an exchange it did not have to approve."""
    handover, facts = _handover(entry)
    done = handover.status == Handover.Status.DONE
    for user in (handover.assignment.expert.user, handover.to_expert.user):
        if user and user.pk != entry.actor_id:
            yield from _to(
                user,
                "handover_ended",
                reverse("expert:home"),
                **facts,
                done=done,
                answer=handover.answer,
            )
    if done and handover.cause == Handover.Cause.SWAP and not handover.approval_needed:
        yield from _to(
            handover.assignment.proposed_by,
            "handover_to_approve",
            reverse("coordination:handovers"),
            **facts,
            approval=False,
        )


def offer_to_answer(entry: Entry) -> Iterable[Letter]:
    offer = Offer.objects.get(pk=entry.subject_id)
    on = entry.happened_at.date()
    for user in _representatives(offer.organisation_id, "sign", on):
        yield Letter(
            "offer_to_answer",
            user.email,
            user.language,
            {
                "reference": offer.reference,
                "title": offer.title,
                "until": offer.valid_until.isoformat(),
            },
            reverse("member:offer", args=[offer.pk]),
            offer.pdf_id,
        )


def offer_answered(entry: Entry) -> Iterable[Letter]:
    offer = Offer.objects.select_related("prepared_by", "answer", "organisation").get(
        pk=entry.subject_id
    )
    yield from _to(
        offer.prepared_by,
        "offer_answered",
        reverse("coordination:offer", args=[offer.pk]),
        reference=offer.reference,
        title=offer.title,
        organisation=offer.organisation.name,
        accepted=offer.answer.accepted,
        name=offer.answer.name,
        reason=offer.answer.reason,
    )


def mandate_closed(entry: Entry) -> Iterable[Letter]:
    mandate = Mandate.objects.get(pk=entry.subject_id)
    on = entry.happened_at.date()
    for user in _representatives(mandate.organisation_id, "request", on):
        yield Letter(
            "mandate_closed",
            user.email,
            user.language,
            {"reference": mandate.reference, "title": mandate.title},
            reverse("member:mandate", args=[mandate.pk]),
        )


def week_sent_back(entry: Entry) -> Iterable[Letter]:
    week = Week.objects.select_related("expert__user").get(pk=entry.subject_id)
    yield from _to(
        week.expert.user,
        "week_sent_back",
        reverse("expert:week"),
        monday=week.monday.isoformat(),
        remark=week.remark,
    )


def consent_asked(entry: Entry) -> Iterable[Letter]:
    consent = Consent.objects.select_related("release__cleaned").get(
        release=entry.details["release"]
    )
    on = entry.happened_at.date()
    for user in _representatives(consent.organisation_id, "sign", on):
        yield from _to(
            user,
            "consent_asked",
            reverse("member:consent", args=[consent.pk]),
            title=consent.release.cleaned.title,
        )


def consent_answered(entry: Entry) -> Iterable[Letter]:
    release = Release.objects.select_related("signed_by", "consent__organisation").get(
        pk=entry.details["release"]
    )
    yield from _to(
        release.signed_by,
        "consent_answered",
        reverse("coordination:release", args=[release.pk]),
        title=entry.details["title"],
        organisation=release.consent.organisation.name,
        accepted=bool(release.consent.accepted),
        words=release.consent.words,
    )


def piece_taken_out(entry: Entry) -> Iterable[Letter]:
    """Tell everyone who reused a piece that it may serve no more."""
    reuses = Reuse.objects.filter(piece_id=entry.subject_id).select_related(
        "recorded_by"
    )
    told: set[str] = set()
    on = entry.happened_at.date()
    for reuse in reuses.order_by("pk"):
        people = _representatives(reuse.organisation_id, "request", on)
        for user in [reuse.recorded_by, *people]:
            if user is None or user.email in told:
                continue
            told.add(user.email)
            yield from _to(
                user,
                "piece_taken_out",
                "",
                title=entry.details["title"],
                served=reuse.served,
            )


def closing_reminders(*, on: date) -> Iterable[Letter]:
    """Return a reminder to whoever leads a mandate that nobody closed."""
    for lead in (
        TeamMember.objects.filter(mandate__in=forgotten(on), lead=True)
        .select_related("expert__user", "mandate")
        .order_by("mandate__reference")
    ):
        yield from _to(
            lead.expert.user,
            "closing_reminder",
            reverse("expert:close_mandate", args=[lead.mandate_id]),
            reference=lead.mandate.reference,
            title=lead.mandate.title,
        )


def time_reminders(*, on: date) -> Iterable[Letter]:
    """Return a reminder to each person whose last week before `on` is not submitted."""
    for week in timesheets.late_weeks(on):
        yield from _to(
            week.user,
            "time_reminder",
            reverse("expert:week"),
            monday=week.monday.isoformat(),
        )


def invoice_issued(entry: Entry) -> Iterable[Letter]:
    invoice = Invoice.objects.select_related("organisation").get(pk=entry.subject_id)
    if not invoice.organisation.email:
        return
    yield Letter(
        "invoice_issued",
        invoice.organisation.email,
        invoice.language,
        {
            "number": invoice.number,
            "total": str(invoice.total),
            "due_on": invoice.due_on.isoformat(),
        },
        reverse("member:invoice", args=[invoice.pk]),
        invoice.pdf_id,
    )


def consolidation_issued(entry: Entry) -> Iterable[Letter]:
    """The whole, to the payer: its parts are not sent one by one."""
    whole = consolidations().get(pk=entry.subject_id)
    if not whole.organisation.email:
        return
    yield Letter(
        "consolidation_issued",
        whole.organisation.email,
        whole.organisation.language,
        {"number": whole.number, "total": str(whole.total), "parts": whole.count},
        reverse("member:consolidation", args=[whole.pk]),
        whole.pdf_id,
    )


def invoices_late(entry: Entry) -> Iterable[Letter]:
    """The reminder that was sent, to each of those it was decided to write to."""
    for to, language in entry.details["recipients"]:
        yield Letter(
            "invoices_late",
            to,
            language,
            {
                "tone": entry.details["tone"],
                "numbers": ", ".join(map(str, entry.details["invoices"])),
                "count": len(entry.details["invoices"]),
                "total": entry.details["total"],
            },
            reverse("member:invoices"),
            entry.details["file"],
        )


def year_on_agenda(entry: Entry) -> Iterable[Letter]:
    """Tell whoever votes for a member that its year is there to be read."""
    proposal = Proposal.objects.select_related("year", "meeting").get(
        pk=entry.subject_id
    )
    on = entry.happened_at.date()
    served = MemberYear.objects.filter(computation=proposal.computation_id)
    for organisation_id in sorted(set(served.values_list("organisation", flat=True))):
        for user in _representatives(organisation_id, "vote", on):
            yield Letter(
                "year_on_agenda",
                user.email,
                user.language,
                {
                    "year": proposal.year.label,
                    "on": entry.details["on"],
                },
                reverse("member:year"),
            )


def year_posted(entry: Entry) -> Iterable[Letter]:
    """Send a member its statement, once what the meeting decided is written."""
    posting = Posting.objects.select_related(
        "member_year__organisation", "proposal__year", "proposal__resolution"
    ).get(pk=entry.subject_id)
    row = posting.member_year
    if not row.organisation.email:
        return
    yield Letter(
        "year_posted",
        row.organisation.email,
        row.organisation.language,
        {
            "year": posting.proposal.year.label,
            "given": str(posting.amount) if posting.amount > 0 else "",
            "owed": str(-posting.amount) if posting.amount < 0 else "",
            "resolution": posting.proposal.resolution.number,
        },
        reverse("member:year_of", args=[row.pk]),
        entry.details["statement"],
    )
