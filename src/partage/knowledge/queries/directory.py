"""Every name that a released piece must not give away."""

from collections.abc import Iterable

from partage.experts.models import Expert
from partage.knowledge.models import Piece
from partage.members.models import Organisation, Representation
from partage.people.models import User
from partage.rules.anonymity import Directory, Name, Sort


def directory_for(piece: Piece, *, parties: Iterable[str] = ()) -> Directory:
    """Return the names of the house, those of the piece's own mandate foremost.

    `parties`: people of the mandate whom the reservoir does not know.
    """
    of_the_house = [
        *(Name(Sort.ORGANISATION, name) for name in _names(Organisation)),
        *(Name(Sort.PERSON, name) for name in _names(User)),
        *(Name(Sort.PERSON, name) for name in _names(Expert)),
    ]
    if piece.organisation_id is None:
        return Directory(of_the_house)
    own = Representation.objects.filter(
        organisation_id=piece.organisation_id
    ).values_list("user__name", flat=True)
    return Directory(
        [
            *of_the_house,
            Name(Sort.PARTY, piece.organisation.name),
            *(Name(Sort.PARTY_PERSON, name) for name in sorted({*own, *parties})),
        ]
    )


def _names(model) -> Iterable[str]:
    return model.objects.exclude(name="").values_list("name", flat=True)
