"""Acts on needs: file, join a document, triage, send back, answer, withdraw."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.knowledge import actions as knowledge
from partage.knowledge.models import Piece
from partage.members.models import Organisation
from partage.needs.models import Attachment, Need, Part, Triage
from partage.rules.triage import (
    FIRST_LINE,
    SPECIALISED,
    TriageDecision,
    TriagePart,
    check_triage,
)


class WindowNotInOrder(ActionRefused):
    sentence = _(
        "La demande serait souhaitée avant %(until)s, mais à partir de %(start)s. "
        "Corrigez l’une des deux dates."
    )
    field = "wished_until"


class NotOfThisNetwork(ActionRefused):
    sentence = _(
        "« %(organisation)s » n’est pas une entreprise du réseau de « %(network)s ». "
        "Un partenaire de première ligne ne réfère que les entreprises de son réseau."
    )
    field = "organisation"


class NeedIsWithdrawn(ActionRefused):
    sentence = _(
        "La demande %(reference)s a été retirée et ne change plus. "
        "Pour la reprendre, déposez une nouvelle demande."
    )


class NeedIsClosed(ActionRefused):
    sentence = _(
        "La demande %(reference)s est close. "
        "Pour y ajouter quelque chose, déposez une nouvelle demande."
    )


class TriageNotWhole(ActionRefused):
    """`code` and `part` are those of `rules.triage.TriageProblem`."""

    SENTENCES = {
        "no_part": _(
            "Une demande spécialisée a au moins un volet. "
            "Choisissez un domaine et estimez ses heures."
        ),
        "minutes_not_above_zero": _(
            "Le volet %(number)s a une estimation nulle. "
            "Donnez trois durées plus grandes que zéro."
        ),
        "minutes_not_in_order": _(
            "Les heures du volet %(number)s ne sont pas en ordre. "
            "Écrivez au moins, probable, puis au plus, de la plus petite "
            "à la plus grande."
        ),
        "reason_too_short": _(
            "Le motif est trop court. Le membre le lira : "
            "dites-lui en quelques mots pourquoi, et vers qui aller."
        ),
    }

    def __init__(self, *, code: str, part: int | None) -> None:
        self.sentence = self.SENTENCES[code]
        self.field = "reason" if code == "reason_too_short" else None
        super().__init__(code=code, part=part, number=(part or 0) + 1)


class TriageSaysNotWhy(ActionRefused):
    sentence = _("Dites pourquoi : la décision et son motif sont gardés ensemble.")
    field = "reason"


class FieldGivenTwice(ActionRefused):
    sentence = _(
        "Le domaine « %(field)s » est donné à deux volets. Réunissez-les en un seul."
    )


class PieceBehindItsWall(ActionRefused):
    sentence = _(
        "« %(title)s » est réservé à son mandat : le membre ne pourrait pas le lire. "
        "Partagez-le d’abord, ou choisissez-en un autre."
    )
    field = "piece"


@dataclass(frozen=True, slots=True)
class PartWanted:
    """One field's share of a need, as triage sees it; durations in minutes."""

    field_id: int
    level: int
    language: str
    low: int
    likely: int
    high: int


@transaction.atomic
def file_need(
    *,
    organisation_id: int,
    title: str,
    text: str,
    language: str,
    urgency: int,
    place: str,
    channel: str,
    by: Actor,
    wished_from: date | None = None,
    wished_until: date | None = None,
    requested_by_id: int | None = None,
    referred_by_id: int | None = None,
    file_ids: Collection[int] = (),
) -> Need:
    """Write down what an organisation asks for, with its documents.

    Raises WindowNotInOrder, or NotOfThisNetwork if the partner that refers it is
    not the network of the organisation.
    """
    if wished_from and wished_until and wished_until < wished_from:
        raise WindowNotInOrder(until=wished_until, start=wished_from)
    organisation = Organisation.objects.get(pk=organisation_id)
    if referred_by_id and organisation.network_id != referred_by_id:
        raise NotOfThisNetwork(
            organisation=organisation.name,
            network=Organisation.objects.get(pk=referred_by_id).name,
        )
    need = Need.objects.create(
        reference=journal.reference("D", on=by.on),
        organisation=organisation,
        requested_by_id=requested_by_id,
        referred_by_id=referred_by_id,
        channel=channel,
        received_at=by.at,
        title=" ".join(title.split()),
        text=text.strip(),
        language=language,
        urgency=urgency,
        place=place,
        wished_from=wished_from,
        wished_until=wished_until,
        province=organisation.province,
    )
    Attachment.objects.bulk_create(
        Attachment(need=need, file_id=file_id) for file_id in dict.fromkeys(file_ids)
    )
    journal.record(
        what="needs.need.filed",
        subject=need,
        by=by,
        reference=need.reference,
        channel=channel,
        attachments=len(set(file_ids)),
    )
    return need


@transaction.atomic
def attach_file(*, need_id: int, file_id: int, by: Actor) -> Attachment:
    """Join a kept file to a need, as long as it is open.

    Raises NeedIsWithdrawn or NeedIsClosed.
    """
    need = _open(need_id)
    if need.closed_at:
        raise NeedIsClosed(reference=need.reference)
    attachment, created = Attachment.objects.get_or_create(need=need, file_id=file_id)
    if created:
        journal.record(
            what="needs.attachment.added",
            subject=need,
            by=by,
            reference=need.reference,
            name=attachment.file.name,
        )
    return attachment


@transaction.atomic
def triage_need(
    *,
    need_id: int,
    parts: Sequence[PartWanted],
    reason: str,
    by: Actor,
    province: str | None = None,
) -> Need:
    """Keep a need as specialised, in one part for each field.

    Done again, it changes the parts: one that keeps its field keeps its row, and
    with it whatever was planned on it; one that is dropped stays for what was
    decided on it. Whether downstream still allows it is the
    door's question. Raises NeedIsWithdrawn, TriageNotWhole, TriageSaysNotWhy or
    FieldGivenTwice.
    """
    need = _open(need_id)
    _check(
        TriageDecision(
            SPECIALISED,
            reason,
            tuple(TriagePart(one.low, one.likely, one.high) for one in parts),
        )
    )
    if not reason.strip():
        raise TriageSaysNotWhy
    existing = {part.field_id: part for part in need.parts.select_related("field")}
    fields = [one.field_id for one in parts]
    twice = next((field for field in fields if fields.count(field) > 1), None)
    if twice is not None:
        raise FieldGivenTwice(field=_field_name(twice))
    before = [_as_words(part) for part in existing.values()]
    need.parts.exclude(field_id__in=fields).update(dropped_at=by.at)
    for one in parts:
        part = existing.get(one.field_id) or Part(need=need, field_id=one.field_id)
        part.level, part.language = one.level, one.language
        part.minutes_low, part.minutes_likely = one.low, one.likely
        part.minutes_high = one.high
        part.save()
    _decide(need, Triage.Decision.SPECIALISED, reason, by=by)
    need.status, need.closed_at = Need.Status.TRIAGED, None
    need.province = province or need.province
    need.save(update_fields=["status", "closed_at", "province"])
    journal.record(
        what="needs.need.triaged",
        subject=need,
        by=by,
        reference=need.reference,
        reason=reason.strip(),
        before=before,
        after=[_as_words(part) for part in need.parts.select_related("field")],
        minutes=sum(one.likely for one in parts),
    )
    return need


@transaction.atomic
def refer_back(*, need_id: int, reason: str, by: Actor) -> Need:
    """Send a need back to the first line, with words that the member will read.

    Raises NeedIsWithdrawn, or TriageNotWhole if the words are too few.
    """
    need = _open(need_id)
    _check(TriageDecision(FIRST_LINE, reason))
    _decide(need, Triage.Decision.FIRST_LINE, reason, by=by)
    need.status, need.closed_at = Need.Status.REFERRED_BACK, by.at
    need.save(update_fields=["status", "closed_at"])
    journal.record(
        what="needs.need.referred_back",
        subject=need,
        by=by,
        reference=need.reference,
        reason=reason.strip(),
    )
    return need


@transaction.atomic
def answer_from_reservoir(
    *,
    need_id: int,
    piece_id: int,
    reason: str,
    minutes_saved: int,
    by: Actor,
    agreement: str = "",
) -> Need:
    """Meet a need with what the reservoir knows: a service rendered, and closed.

    `reason` is the member's to read; the reuse is counted in the same breath.
    Raises NeedIsWithdrawn, TriageNotWhole, PieceBehindItsWall, or the refusals of
    `knowledge.actions.record_reuse`.
    """
    need = _open(need_id)
    # The member reads these words too: they must say as much as a referral's.
    _check(TriageDecision(FIRST_LINE, reason))
    piece = Piece.objects.get(pk=piece_id)
    if (
        piece.status == Piece.Status.WALLED
        and piece.organisation_id != need.organisation_id
    ):
        raise PieceBehindItsWall(title=piece.title)
    _decide(need, Triage.Decision.RESERVOIR, reason, by=by, piece=piece)
    knowledge.record_reuse(
        piece_id=piece_id,
        served=need.reference,
        organisation_id=need.organisation_id,
        minutes_saved=minutes_saved,
        agreement=agreement,
        by=by,
    )
    need.status, need.closed_at = Need.Status.ANSWERED, by.at
    need.save(update_fields=["status", "closed_at"])
    journal.record(
        what="needs.need.answered",
        subject=need,
        by=by,
        reference=need.reference,
        reason=reason.strip(),
        title=piece.title,
        piece=piece.pk,
    )
    return need


@transaction.atomic
def withdraw_need(*, need_id: int, by: Actor, reason: str = "") -> Need:
    """Take back what was asked; nothing of it is lost.

    Whether an offer or a mandate stands on it is the door's question. Raises
    NeedIsWithdrawn or NeedIsClosed.
    """
    need = _open(need_id)
    if need.closed_at:
        raise NeedIsClosed(reference=need.reference)
    need.status, need.closed_at = Need.Status.WITHDRAWN, by.at
    need.save(update_fields=["status", "closed_at"])
    journal.record(
        what="needs.need.withdrawn",
        subject=need,
        by=by,
        reference=need.reference,
        reason=reason.strip(),
    )
    return need


def _open(need_id: int) -> Need:
    need = Need.objects.select_for_update().get(pk=need_id)
    if need.status == Need.Status.WITHDRAWN:
        raise NeedIsWithdrawn(reference=need.reference)
    return need


def _check(decision: TriageDecision) -> None:
    for problem in check_triage(decision):
        raise TriageNotWhole(code=problem.code, part=problem.part)


def _decide(
    need: Need, decision: str, reason: str, *, by: Actor, piece: Piece | None = None
) -> None:
    """Write the decision; one that it replaces gives back the reuse it counted."""
    last = need.triages.first()
    if last and last.piece_id and (piece is None or piece.pk != last.piece_id):
        knowledge.take_back_reuse(piece_id=last.piece_id, served=need.reference, by=by)
    Triage.objects.create(
        need=need,
        decision=decision,
        reason=reason.strip(),
        piece=piece,
        decided_by_id=by.user_id,
        decided_at=by.at,
    )


def _field_name(field_id: int) -> str:
    return str(Part.field.field.related_model.objects.get(pk=field_id))


def _as_words(part: Part) -> dict:
    return {
        "field": part.field.code,
        "level": part.level,
        "minutes": [part.minutes_low, part.minutes_likely, part.minutes_high],
    }
