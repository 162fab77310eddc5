"""A word that is mistyped finds what was meant; a word that is there stays itself."""

import pytest

from partage.knowledge import queries
from partage.knowledge.queries import Sight
from partage.retrieval import analysis
from partage.retrieval.analysis import folded
from tests import builders

pytestmark = pytest.mark.django_db

# Words that the reservoirs of such cooperatives really hold, folded.
FRENCH = """
    propriétaire locataire renouvellement négociation assemblée règlement gouvernance
    administrateur comptabilité trésorerie rapprochement bancaire subvention budget
    embauche salaire congédiement harcèlement équité convention mutuelle prévention
    communication infolettre bénévole campagne partenariat stratégique planification
    évaluation formation logiciel sauvegarde courriel confidentialité renseignement
    contrat fournisseur soumission assurance responsabilité immeuble rénovation garderie
    éducatrice inspection permis coopérative fiscalité déclaration vérificateur
    échéancier livrable diagnostic accompagnement relève recrutement rémunération
""".split()  # noqa: SIM905 (a hundred quotes would hide the words)
ENGLISH = """
    landlord tenant renewal negotiation assembly bylaws governance director accounting
    treasury reconciliation banking grant budgeting hiring payroll dismissal harassment
    equity agreement insurance liability newsletter volunteer fundraising partnership
    strategic planning evaluation training software backup privacy supplier tender
    building renovation daycare educator inspection licence cooperative taxation auditor
    schedule deliverable assessment succession compensation workplace
""".split()  # noqa: SIM905 (a hundred quotes would hide the words)


def mistyped(word: str) -> list[str]:
    """A word with each slip of the key, where a hand makes it: in the middle."""
    at = len(word) // 2
    before, letter, after = word[:at], word[at], word[at + 1 :]
    return [
        before + after[0] + letter + after[1:],
        before + after,
        before + "w" + letter + after,
        before + ("u" if letter != "u" else "a") + after,
    ]


def stems(word: str) -> set[str]:
    return {analysis.stem(word, language) for language in ("fr", "en")}


@pytest.fixture
def pool(db):
    for language, words in (("fr", FRENCH), ("en", ENGLISH)):
        for start in range(0, len(words), 10):
            builders.piece(
                title=words[start],
                text=" ".join(words[start : start + 10]),
                language=language,
            )


def corrected(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(words), 4):
        text = " ".join(words[start : start + 4])
        said = queries.search(text, sight=Sight()).corrections
        found |= {folded(typed): folded(meant) for typed, meant in said.items()}
    return found


class TestASlipOfTheKey:
    @pytest.mark.parametrize("kind", range(4), ids=["swap", "less", "more", "other"])
    def test_in_any_word_of_the_reservoir_is_put_right(self, pool, kind):
        words = [analysis.folded(one) for one in (*FRENCH, *ENGLISH)]
        meant = {mistyped(word)[kind]: word for word in words}
        found = corrected(list(meant))

        # What a slip leaves with its stem is found as it is.
        wrong = {
            typed: (word, found.get(typed))
            for typed, word in meant.items()
            if not stems(found.get(typed, typed)) & stems(word)
        }
        assert wrong == {}
        assert len(found) > len(meant) * 9 // 10

    def test_a_word_that_is_there_is_left_alone_in_any_form(self, pool):
        assert corrected([*FRENCH, *ENGLISH]) == {}
        assert corrected(["propriétaires", "locataires", "tenants", "audits"]) == {}

    def test_proprietaure_is_proprietaire(self, pool):
        found = queries.search("propriétaure", sight=Sight())

        assert found.corrections == {"propriétaure": "propriétaire"}
        assert [piece.title for piece in found.pieces()] == ["propriétaire"]

    def test_the_end_of_a_word_may_differ_from_what_is_written(self, pool):
        found = corrected(["propriétaures", "subvnetions", "voluneters"])

        assert found == {
            "proprietaures": "proprietaire",
            "subvnetions": "subvention",
            "voluneters": "volunteer",
        }

    def test_what_nothing_is_like_stays_as_it_was_typed(self, pool):
        assert corrected(["zoothérapie", "xylophone", "kayak"]) == {}

    def test_what_only_hidden_pieces_hold_is_offered_to_nobody_else(self, pool):
        builders.piece(title="La zoothérapie", text="Un chien.", status="WALLED")

        assert corrected(["zoothéraqie"]) == {}
        every = queries.search("zoothéraqie", sight=Sight(everything=True))
        assert every.corrections == {"zoothéraqie": "zoothérapie"}
