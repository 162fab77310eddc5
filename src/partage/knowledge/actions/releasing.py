"""The release gate: read again, signed, consented to; and what is taken back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partage.archive.actions import keep_file
from partage.extraction import REBUILT, Kind, Page, Reading, Unreadable, rebuild
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.knowledge.actions.documents import write_pages
from partage.knowledge.actions.pouring import locked, show, take_out
from partage.knowledge.models import (
    HAND,
    Anonymisation,
    Consent,
    Piece,
    Release,
    Replacement,
    Version,
)
from partage.knowledge.queries.directory import directory_for
from partage.knowledge.queries.releases import changes_of
from partage.rules.anonymity import find, proposals, replace_all

ENDINGS = {
    Kind.DOCX: "docx",
    Kind.PPTX: "pptx",
    Kind.XLSX: "xlsx",
    Kind.ODT: "odt",
    Kind.TEXT: "txt",
    Kind.PDF: "txt",
}


class ReleaseUnderWay(ActionRefused):
    sentence = _(
        "Le partage de « %(title)s » est déjà en cours ou fait. Ouvrez-le plutôt."
    )


class PieceStaysInItsMandate(ActionRefused):
    sentence = _(
        "« %(title)s » est réservé à son mandat : sa confidentialité interdit de le "
        "partager. Changez-la d’abord, si le membre le veut."
    )


class DocumentIsBeingRead(ActionRefused):
    sentence = _(
        "Le document de « %(title)s » n’est pas encore lu. Attendez un instant, puis "
        "recommencez."
    )


class ReleaseIsNotToReview(ActionRefused):
    sentence = _(
        "Ce partage n’est plus à relire : il est « %(status)s ». Rechargez la page."
    )


class SignerIsTheAuthor(ActionRefused):
    sentence = _(
        "Vous avez écrit ce savoir : une autre personne doit relire et signer son "
        "partage."
    )


class SecrecyIsNotLifted(ActionRefused):
    sentence = _(
        "Ce savoir est sous secret professionnel. Dites pourquoi le secret ne s’oppose "
        "pas à son partage, ou gardez-le dans le mandat."
    )
    field = "secrecy_lifted"


class PurposeIsMissing(ActionRefused):
    sentence = _(
        "Dites à quelles fins ce savoir est partagé : le registre des anonymisations "
        "le demande."
    )
    field = "purpose"


class NamesAreLeft(ActionRefused):
    sentence = _(
        "Il reste ceci dans le texte : %(words)s. Remplacez-le, ou décochez-le si cela "
        "peut être lu de tous."
    )


class ConsentNotAsked(ActionRefused):
    sentence = _("Ce consentement n’est plus demandé. Rechargez la page.")


class ConsentNotGiven(ActionRefused):
    sentence = _("Ce consentement n’est pas donné, ou déjà retiré. Rechargez la page.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decides of one replacement; `before` not yet known is theirs."""

    before: str
    after: str
    applies: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What is said when a release is signed, for the register."""

    purpose: str
    risk: str
    risk_words: str
    secrecy_lifted: str = ""


@transaction.atomic
def open_release(*, piece_id: int, by: Actor, parties: Iterable[str] = ()) -> Release:
    """Begin the release of the last version of a piece: rules propose what to take out.

    `parties`: names of the mandate's people whom the reservoir does not know.

    Raises ReleaseUnderWay, PieceStaysInItsMandate or DocumentIsBeingRead.
    """
    piece = locked(piece_id)
    if piece.confidentiality == Piece.Confidentiality.MANDATE:
        raise PieceStaysInItsMandate(title=piece.title)
    version = piece.versions.filter(cleaned_from=None).order_by("-number")[0]
    live = Release.objects.filter(piece=piece, status__in=Release.LIVE).first()
    if live and (live.status != Release.Status.SHARED or live.version == version):
        raise ReleaseUnderWay(title=piece.title)
    if version.reading == Version.Reading.WAITING:
        raise DocumentIsBeingRead(title=piece.title)
    if live:
        _end(live, Release.Status.ENDED, by=by)
    release = Release.objects.create(
        piece=piece, version=version, opened_at=by.at, opened_by_id=by.user_id
    )
    pages = version.pages.order_by("number").values_list("label", "text")
    texts = [version.title, version.text]
    for label, text in pages:
        texts += [label, text] if label not in text else [text]
    Replacement.objects.bulk_create(
        Replacement(
            release=release,
            what=one.what,
            before=one.before[:300],
            after=one.after,
            times=one.times,
        )
        for one in _by_words(
            proposals(
                texts,
                directory_for(piece, parties=parties),
                language=version.language,
            )
        )
    )
    journal.record(
        what="knowledge.release.opened",
        subject=piece,
        by=by,
        title=piece.title,
        release=release.pk,
    )
    return release


def _by_words(found):
    """One replacement for the same words, whatever they were taken for first."""
    return {one.before: one for one in reversed(found)}.values()


@transaction.atomic
def review_release(
    *, release_id: int, decisions: Sequence[Decision], by: Actor
) -> Release:
    """Keep what a person decided of the replacements. Raises ReleaseIsNotToReview."""
    release = _to_review(release_id)
    _decide(release, decisions)
    return release


def _to_review(release_id: int) -> Release:
    release = Release.objects.select_related("version").get(pk=release_id)
    release.piece = locked(release.piece_id)
    release.refresh_from_db(fields=["status"])
    if release.status != Release.Status.REVIEW:
        raise ReleaseIsNotToReview(status=release.get_status_display())
    return release


def _decide(release: Release, decisions: Sequence[Decision]) -> None:
    known = {one.before: one for one in release.replacements.all()}
    texts = _texts(release.version)
    for each in decisions:
        before = " ".join(each.before.split())[:300]
        if not before:
            continue
        row = known.get(before) or Replacement(
            release=release,
            what=HAND,
            before=before,
            times=sum(" ".join(text.split()).count(before) for text in texts),
        )
        row.after, row.applies = each.after.strip()[:300], each.applies
        row.save()


def _texts(version: Version) -> list[str]:
    return [
        version.title,
        version.text,
        *version.pages.order_by("number").values_list("text", flat=True),
    ]


@transaction.atomic
def sign_release(
    *,
    release_id: int,
    decisions: Sequence[Decision],
    signature: Signature,
    by: Actor,
    parties: Iterable[str] = (),
) -> Release:
    """Sign the de-personalised version: it is made, kept, and entered in the register.

    The document is made anew, never the one that came; of a format that cannot be,
    the text is given. What the rules still find in it stops the signature, unless a
    person said that it may stay. Then the organisation is asked for its consent; a
    piece that came from no organisation is shared at once.

    Raises ReleaseIsNotToReview, SignerIsTheAuthor, SecrecyIsNotLifted,
    PurposeIsMissing or NamesAreLeft.
    """
    release = _to_review(release_id)
    piece, version = release.piece, release.version
    if by.user_id and version.author and version.author.user_id == by.user_id:
        raise SignerIsTheAuthor
    if piece.privileged and not signature.secrecy_lifted.strip():
        raise SecrecyIsNotLifted
    if not signature.purpose.strip():
        raise PurposeIsMissing
    _decide(release, decisions)
    changes = changes_of(release)
    title = replace_all(version.title, changes)[:200]
    text = replace_all(version.text, changes)
    reading, name, content = _made_anew(version, changes, title)
    pages = reading.pages if reading else ()
    _nothing_left(release, [title, text, *(page.text for page in pages)], parties)
    release.cleaned = Version.objects.create(
        piece=piece,
        number=piece.versions.order_by("-number")[0].number + 1,
        cleaned_from=version,
        title=title,
        text=text,
        file=keep_file(name=name, content=content, by=by) if content else None,
        language=version.language,
        author_id=version.author_id,
        added_at=by.at,
        added_by_id=by.user_id,
    )
    if reading:
        write_pages(release.cleaned, reading)
        release.cleaned.save(update_fields=["hidden"])
    release.signed_at, release.signed_by_id = by.at, by.user_id
    release.secrecy_lifted = signature.secrecy_lifted.strip()
    release.status = Release.Status.CONSENT
    release.save()
    _enter(release, signature, by=by)
    journal.record(
        what="knowledge.release.signed",
        subject=piece,
        by=by,
        title=title,
        release=release.pk,
        replacements=len(changes),
    )
    if piece.organisation_id:
        _ask(release, by=by)
    else:
        _share(release, by=by)
    return release


def _made_anew(
    version: Version, changes: Sequence[tuple[str, str]], title: str
) -> tuple[Reading | None, str, bytes]:
    """Return what the new document says, its name, and its bytes."""
    name = slugify(title)[:60].strip("-") or gettext("savoir")
    if version.file is None or version.reading != Version.Reading.READ:
        return None, name, b""
    content = bytes(version.file.content)
    try:
        made, reading = rebuild(content, changes, title=title)
    except Unreadable:
        # A format that cannot be made anew: its words only.
        pages = tuple(
            Page(page.number, replace_all(page.text, changes), page.label)
            for page in version.pages.order_by("number")
        )
        made = "\n\n".join(page.text for page in pages).encode()
        reading = Reading(Kind.PDF, pages)
    assert reading.kind in REBUILT or reading.kind == Kind.PDF
    return reading, f"{name}.{ENDINGS[reading.kind]}", made


def _nothing_left(
    release: Release, texts: Sequence[str], parties: Iterable[str]
) -> None:
    allowed = {one.before for one in release.replacements.all() if not one.applies}
    directory = directory_for(release.piece, parties=parties)
    left = {
        words
        for text in texts
        for found in find(text, directory)
        if (words := " ".join(text[found.start : found.end].split())) not in allowed
    }
    if left:
        raise NamesAreLeft(words=", ".join(f"« {one} »" for one in sorted(left)[:8]))


def _enter(release: Release, signature: Signature, *, by: Actor) -> None:
    counts: dict[str, int] = {}
    for one in release.replacements.all():
        if one.applies:
            counts[one.what] = counts.get(one.what, 0) + max(1, one.times)
    assert release.cleaned is not None
    Anonymisation.objects.create(
        release=release,
        on=by.on,
        title=release.cleaned.title,
        information=counts | _out_of_sight(release.version),
        purpose=signature.purpose.strip(),
        techniques=gettext(
            "Suppression et généralisation : chaque nom, numéro, adresse et moyen de "
            "joindre quelqu’un est remplacé par sa catégorie ; le document est refait "
            "à neuf, sans ce qu’il portait hors de vue ; une personne a relu les "
            "différences."
        ),
        measures=gettext(
            "La version d’origine reste dans le mur du mandat. Le consentement de "
            "l’organisation est demandé et peut être retiré en tout temps."
        ),
        risk=signature.risk,
        risk_words=signature.risk_words.strip(),
        signed_by_name=by.name,
    )


def _out_of_sight(version: Version) -> dict[str, int]:
    """Return what making the document anew left behind, counted."""
    return {
        f"hidden.{name}": found if isinstance(found, int) else len(found)
        for name, found in version.hidden.items()
    }


def consent_sentence(*, title: str, piece: Piece) -> str:
    """Return what an organisation consents to, in the active language."""
    return gettext(
        "Nous consentons à ce que la coopérative partage « %(title)s » avec %(whom)s "
        "(%(licence)s), dans la version dépersonnalisée qui nous est montrée. Nous "
        "pouvons retirer ce consentement en tout temps : ce savoir ne sera alors plus "
        "trouvé par personne, et ceux qui s’en sont servis en seront avertis."
    ) % {
        "title": title,
        "whom": piece.get_confidentiality_display(),
        "licence": piece.get_licence_display(),
    }


def _ask(release: Release, *, by: Actor) -> None:
    organisation = release.piece.organisation
    assert organisation is not None
    assert release.cleaned is not None
    with translation.override(f"{organisation.language}-ca"):
        sentence = consent_sentence(title=release.cleaned.title, piece=release.piece)
    Consent.objects.create(
        release=release,
        organisation=organisation,
        sentence=sentence,
        language=organisation.language,
        asked_at=by.at,
        asked_by_id=by.user_id,
    )
    journal.record(
        what="knowledge.consent.asked",
        subject=release.piece,
        by=by,
        title=release.cleaned.title,
        release=release.pk,
        organisation=organisation.pk,
    )


def _end(release: Release, status: str, *, by: Actor) -> None:
    release.status, release.ended_at = status, by.at
    release.save(update_fields=["status", "ended_at"])


def _share(release: Release, *, by: Actor) -> None:
    piece = release.piece
    release.status = Release.Status.SHARED
    release.save(update_fields=["status"])
    assert release.cleaned is not None
    piece.status, piece.released_on = Piece.Status.RELEASED, by.on
    # It was lifted expressly, for what is shown now.
    piece.privileged = False
    piece.save(update_fields=["status", "released_on", "privileged"])
    show(piece, release.cleaned)
    journal.record(
        what="knowledge.piece.released",
        subject=piece,
        by=by,
        title=piece.title,
        release=release.pk,
    )


def _consent(consent_id: int, organisation_ids: Collection[int]) -> Consent:
    consent = Consent.objects.select_related("release__cleaned").get(
        pk=consent_id, organisation_id__in=organisation_ids
    )
    consent.release.piece = locked(consent.release.piece_id)
    consent.refresh_from_db(fields=["accepted", "revoked_at"])
    consent.release.refresh_from_db(fields=["status"])
    return consent


@transaction.atomic
def answer_consent(
    *,
    consent_id: int,
    organisation_ids: Collection[int],
    accepted: bool,
    words: str,
    by: Actor,
) -> Consent:
    """Write what an organisation answers; its yes shares the piece at once.

    Raises Consent.DoesNotExist for the consent of others; ConsentNotAsked.
    """
    consent = _consent(consent_id, organisation_ids)
    release = consent.release
    if consent.accepted is not None or release.status != Release.Status.CONSENT:
        raise ConsentNotAsked
    consent.accepted, consent.words = accepted, words.strip()
    consent.answered_at, consent.answered_by_id = by.at, by.user_id
    consent.save()
    journal.record(
        what="knowledge.consent.given" if accepted else "knowledge.consent.refused",
        subject=release.piece,
        by=by,
        title=release.cleaned.title,
        release=release.pk,
        reason=consent.words,
    )
    if accepted:
        _share(release, by=by)
    else:
        _end(release, Release.Status.REFUSED, by=by)
    return consent


@transaction.atomic
def revoke_consent(
    *, consent_id: int, organisation_ids: Collection[int], reason: str, by: Actor
) -> Consent:
    """Take a consent back: the piece leaves every search in this transaction.

    Raises Consent.DoesNotExist for the consent of others; ConsentNotGiven.
    """
    consent = _consent(consent_id, organisation_ids)
    release = consent.release
    if not consent.accepted or consent.revoked_at:
        raise ConsentNotGiven
    consent.revoked_at, consent.revoked_by_id = by.at, by.user_id
    consent.revoked_why = reason.strip()
    consent.save()
    shared = release.status == Release.Status.SHARED
    _end(release, Release.Status.REVOKED, by=by)
    if shared:
        take_out(release.piece)
    journal.record(
        what="knowledge.consent.revoked",
        subject=release.piece,
        by=by,
        title=release.cleaned.title,
        release=release.pk,
        reason=consent.revoked_why,
    )
    return consent


@transaction.atomic
def end_release(*, release_id: int, reason: str, by: Actor) -> Release:
    """Give a release up before it is shared; the piece stays in its wall.

    Raises ReleaseIsNotToReview.
    """
    release = Release.objects.get(pk=release_id)
    release.piece = locked(release.piece_id)
    release.refresh_from_db(fields=["status"])
    if release.status not in (Release.Status.REVIEW, Release.Status.CONSENT):
        raise ReleaseIsNotToReview(status=release.get_status_display())
    _end(release, Release.Status.ENDED, by=by)
    journal.record(
        what="knowledge.release.ended",
        subject=release.piece,
        by=by,
        title=release.piece.title,
        release=release.pk,
        reason=reason.strip(),
    )
    return release
