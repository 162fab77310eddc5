"""Acts on what makes things found: concepts, and what was looked for in vain."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor
from partage.knowledge.models import Concept, Miss, Term
from partage.retrieval.analysis import folded

LONGEST_TERM = 100
LONGEST_MISS = 100


class ConceptNeedsTwoTerms(ActionRefused):
    sentence = _(
        "Une notion réunit au moins deux façons de dire la même chose. "
        "Ajoutez un terme, en français ou en anglais."
    )
    field = "french"


class TermIsTaken(ActionRefused):
    sentence = _(
        "« %(term)s » est déjà un terme d’une autre notion. "
        "Complétez celle-là, ou retirez-le d’abord de l’une des deux."
    )
    field = "french"


@transaction.atomic
def save_concept(
    *,
    french: Iterable[str],
    english: Iterable[str],
    by: Actor,
    note: str = "",
    concept_id: int | None = None,
) -> Concept:
    """Write a concept and its terms; the index follows by itself.

    Terms that fold alike are one. Raises ConceptNeedsTwoTerms or TermIsTaken.
    """
    wanted: dict[str, tuple[str, str]] = {}
    for language, terms in (("fr", french), ("en", english)):
        for term in terms:
            text = " ".join(term.split())[:LONGEST_TERM]
            if folded(text):
                wanted.setdefault(folded(text), (text, language))
    if len(wanted) < 2:
        raise ConceptNeedsTwoTerms
    # One at a time: two concepts written at once must not share a term.
    list(Concept.objects.select_for_update().values_list("pk", flat=True))
    other = Term.objects.filter(folded__in=wanted).exclude(concept=concept_id).first()
    if other:
        raise TermIsTaken(term=other.text)
    if concept_id is None:
        concept = Concept.objects.create(note=note)
    else:
        concept = Concept.objects.get(pk=concept_id)
        concept.note = note
        concept.save(update_fields=["note"])
        concept.terms.all().delete()
    Term.objects.bulk_create(
        Term(concept=concept, text=text, language=language, folded=key)
        for key, (text, language) in wanted.items()
    )
    journal.record(
        what="knowledge.concept.saved",
        subject=concept,
        by=by,
        terms=[text for text, _language in wanted.values()],
    )
    return concept


@transaction.atomic
def remove_concept(*, concept_id: int, by: Actor) -> None:
    """Let the terms of a concept be words like others again."""
    concept = Concept.objects.select_for_update().get(pk=concept_id)
    journal.record(
        what="knowledge.concept.removed",
        subject=concept,
        by=by,
        terms=[term.text for term in concept.terms.all()],
    )
    concept.delete()


@transaction.atomic
def note_miss(*, words: str, field_id: int | None, on: date) -> None:
    """Count that these words were looked for on a day and not found.

    The one act without an actor or a journal entry: who looked is not kept.
    """
    words = folded(words)[:LONGEST_MISS].strip()
    if not words:
        return
    miss, created = Miss.objects.get_or_create(words=words, field_id=field_id, on=on)
    if not created:
        Miss.objects.filter(pk=miss.pk).update(times=F("times") + 1)
