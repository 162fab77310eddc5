"""Questions about needs. What a member sees is asked with whom they act for."""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import Func, Prefetch, Q, QuerySet, TextField, Value
from django.db.models.functions import Lower

from partage.experts.models import Field
from partage.knowledge.queries import Sight
from partage.needs.models import Need, Part, Triage
from partage.rules.triage import FieldSuggestion, fold, suggest_fields

# Words of the fields' vocabulary that any text holds.
EMPTY_WORDS = frozenset({"au", "aux", "d", "de", "des", "du", "en", "l", "la", "le"})


class Folded(Func):
    """A text in lower case and without accents, as `rules.triage.fold` does."""

    function = "translate"
    output_field = TextField()

    def __init__(self, expression):
        super().__init__(
            Lower(expression),
            Value("àâäáãçéèêëíìîïñóòôöõúùûüÿ’"),
            Value("aaaaaceeeeiiiinooooouuuuy "),
        )


def needs_for(organisation_ids: Collection[int]) -> QuerySet[Need]:
    """Return the needs of these organisations, the newest first."""
    return Need.objects.filter(organisation_id__in=list(organisation_ids))


def needs_referred_by(organisation_ids: Collection[int]) -> QuerySet[Need]:
    """Return the needs that these first-line partners referred."""
    return Need.objects.filter(referred_by_id__in=list(organisation_ids))


def needs_seen_by(
    organisation_ids: Collection[int], partner_ids: Collection[int]
) -> QuerySet[Need]:
    """Return the needs of these organisations, and those these partners referred."""
    return Need.objects.filter(
        Q(organisation_id__in=list(organisation_ids))
        | Q(referred_by_id__in=list(partner_ids))
    )


def all_needs() -> QuerySet[Need]:
    """Return every need, for coordination."""
    return Need.objects.all()


def answered_seen_by(sight: Sight) -> QuerySet[Need]:
    """Return the needs that a piece of the reservoir answered, as far as one sees."""
    answered = all_needs().filter(status=Need.Status.ANSWERED)
    if sight.everything:
        return answered
    return answered.filter(organisation_id__in=sight.organisation_ids).exclude(
        organisation_id__in=sight.barred_ids
    )


def with_parts(needs: QuerySet[Need]) -> QuerySet[Need]:
    """Fetch the parts of needs and their fields along with them, in one query."""
    return needs.prefetch_related(
        Prefetch("parts", Part.objects.select_related("field").order_by("id"))
    )


def holding(needs: QuerySet[Need], words: str) -> QuerySet[Need]:
    """Keep the needs that hold each of the words, in their title, text or asker."""
    for word in fold(words).split()[:8]:
        needs = needs.annotate(
            _title=Folded("title"), _text=Folded("text"), _reference=Lower("reference")
        ).filter(
            Q(_title__contains=word)
            | Q(_text__contains=word)
            | Q(_reference__contains=word)
            | Q(organisation__sort_key__contains=word)
        )
    return needs


def triages_of(need: Need) -> QuerySet[Triage]:
    """Return the decisions taken on a need, the one that holds first."""
    return need.triages.select_related("decided_by", "piece")


def attachments_of(need: Need):
    """Return the documents joined to a need, without their bytes."""
    return need.attachments.select_related("file").defer("file__content").order_by("id")


def suggested_fields(
    text: str, fields: Iterable[Field]
) -> list[tuple[Field, FieldSuggestion]]:
    """Return the fields whose words are in a text, the likeliest first."""
    by_code = {field.code: field for field in fields}
    vocabulary: Mapping[str, list[str]] = {
        code: [
            word
            for word in field.words.replace(",", " ").split()
            if fold(word) not in EMPTY_WORDS
        ]
        for code, field in by_code.items()
    }
    return [(by_code[one.field], one) for one in suggest_fields(text, vocabulary)]
