"""Nothing leaves its mandate's wall but read again, signed, and consented to."""

import io

import docx
import pytest
from django.db import DatabaseError, transaction

from partage.archive.actions import keep_file
from partage.extraction import read
from partage.knowledge import actions, queries
from partage.knowledge.actions import Decision, Signature
from partage.knowledge.models import Anonymisation, Consent, Piece, Version
from partage.knowledge.queries import Sight
from tests import builders
from tests.extraction import papers

pytestmark = pytest.mark.django_db

TEXT = (
    "La Coopérative de la Baie, représentée par Manon Desrosiers (418 555-0199), a "
    "fait ramener la hausse de 12 % à 4 %. La Bibliothèque du Fleuve a fait de même."
)
SIGNATURE = Signature(
    purpose="Aider d’autres membres à négocier leur bail",
    risk="VERY_LOW",
    risk_words="Rien d’unique.",
)


@pytest.fixture
def by():
    return builders.actor()


@pytest.fixture
def org():
    org = builders.organisation("Coopérative de la Baie")
    builders.representative(org, name="Manon Desrosiers")
    builders.organisation("Bibliothèque du Fleuve")
    return org


def pour(by, org=None, **more):
    return actions.pour(
        **{
            "kind": "LESSON",
            "title": "Le bail de la Coopérative de la Baie",
            "text": TEXT,
            "language": "fr",
            "field_id": builders.field("gouvernance").pk,
            "organisation_id": org.pk if org else None,
            "source": "M-2025-0031",
            "by": by,
            **more,
        }
    )


def document(by, content: bytes, name="bail.docx"):
    return keep_file(name=name, content=content, by=by).pk


def signed(by, piece, decisions=(), **more):
    release = actions.open_release(piece_id=piece.pk, by=by)
    return actions.sign_release(
        release_id=release.pk,
        decisions=list(decisions),
        signature=more.pop("signature", SIGNATURE),
        by=more.pop("signer", by),
    )


def consented(by, release, accepted=True):
    return actions.answer_consent(
        consent_id=release.consent.pk,
        organisation_ids=[release.consent.organisation_id],
        accepted=accepted,
        words="",
        by=by,
    )


class TestOpenRelease:
    def test_it_proposes_to_take_out_the_parties_and_every_name_of_the_house(
        self, by, org
    ):
        release = actions.open_release(piece_id=pour(by, org).pk, by=by)

        assert {one.before: one.after for one in release.replacements.all()} == {
            "Coopérative de la Baie": "[le membre]",
            "Manon Desrosiers": "[personne 1]",
            "418 555-0199": "[téléphone]",
            "Bibliothèque du Fleuve": "[organisation 1]",
        }

    def test_what_the_member_keeps_in_the_mandate_is_not_released(self, by, org):
        piece = pour(by, org, confidentiality="MANDATE")

        with pytest.raises(actions.PieceStaysInItsMandate):
            actions.open_release(piece_id=piece.pk, by=by)

    def test_a_document_that_is_not_read_yet_waits(self, by, org):
        piece = pour(by, org, file_id=document(by, papers.word("Un bail.")))

        with pytest.raises(actions.DocumentIsBeingRead):
            actions.open_release(piece_id=piece.pk, by=by)


class TestSignRelease:
    def test_nobody_outside_sees_it_before_the_member_consents(self, by, org):
        piece = pour(by, org)
        release = signed(by, piece)

        assert release.status == "CONSENT"
        assert not queries.pieces_seen(Sight(house=True)).exists()
        consented(by, release)

        (seen,) = queries.pieces_seen(Sight())
        assert seen.title == "Le bail de la [le membre]"
        assert "Manon" not in seen.text
        assert "Bibliothèque" not in seen.text
        assert not queries.search("Desrosiers", sight=Sight()).pieces()

    def test_what_it_said_before_stays_inside(self, by, org):
        piece = pour(by, org)
        consented(by, signed(by, piece))

        shown, first = piece.versions.order_by("-number")
        assert (shown.number, shown.is_shown, shown.cleaned_from) == (2, True, first)
        assert (first.text, first.is_shown) == (TEXT, False)

    def test_a_person_may_keep_or_change_what_a_rule_proposed(self, by, org):
        piece = pour(by, org)
        release = signed(
            by,
            piece,
            [
                Decision(before="Bibliothèque du Fleuve", after="", applies=False),
                Decision(before="Manon Desrosiers", after="sa directrice"),
                Decision(before="12 %", after="plus de 10 %"),
            ],
        )

        assert release.cleaned.text == (
            "La [le membre], représentée par sa directrice ([téléphone]), a fait "
            "ramener la hausse de plus de 10 % à 4 %. La Bibliothèque du Fleuve a "
            "fait de même."
        )

    def test_a_name_put_back_by_hand_stops_the_signature(self, by, org):
        piece = pour(by, org)
        release = actions.open_release(piece_id=piece.pk, by=by)

        with pytest.raises(actions.NamesAreLeft) as refused:
            actions.sign_release(
                release_id=release.pk,
                decisions=[Decision(before="418 555-0199", after="Mme Desrosiers")],
                signature=SIGNATURE,
                by=by,
            )
        assert "Mme Desrosiers" in str(refused.value)
        assert Version.objects.filter(piece=piece).count() == 1

    def test_who_wrote_it_does_not_sign_it(self, by, org):
        author = builders.expert(account=builders.user())
        piece = pour(by, org, author_id=author.pk)
        me = builders.actor(author.user)

        with pytest.raises(actions.SignerIsTheAuthor):
            signed(by, piece, signer=me)

    def test_professional_secrecy_is_lifted_expressly_or_not_at_all(self, by, org):
        piece = pour(by, org, privileged=True)
        with pytest.raises(actions.SecrecyIsNotLifted):
            signed(by, piece)
        actions.end_release(
            release_id=queries.live_release(piece.pk).pk, reason="", by=by
        )
        lifted = Signature(
            purpose="Réemploi", risk="LOW", risk_words="", secrecy_lifted="Consenti."
        )
        release = consented(by, signed(by, piece, signature=lifted)).release
        piece.refresh_from_db()

        assert (piece.status, piece.privileged) == ("RELEASED", False)
        actions.revoke_consent(
            consent_id=release.consent.pk,
            organisation_ids=[org.pk],
            reason="",
            by=by,
        )
        piece.refresh_from_db()
        assert (piece.status, piece.privileged) == ("WITHDRAWN", True)

    def test_it_enters_the_register_which_nobody_changes(self, by, org):
        release = signed(by, pour(by, org))
        line = Anonymisation.objects.get(release=release)

        assert line.information == {
            "PARTY": 2,
            "PARTY_PERSON": 1,
            "PHONE": 1,
            "ORGANISATION": 1,
        }
        assert line.purpose == "Aider d’autres membres à négocier leur bail"
        with pytest.raises(DatabaseError), transaction.atomic():
            Anonymisation.objects.update(purpose="Autre chose")

    def test_a_piece_of_the_house_itself_needs_nobody_s_consent(self, by):
        release = signed(by, pour(by, title="Un guide", text="Comparer les loyers."))

        assert release.status == "SHARED"
        assert not Consent.objects.exists()


class TestDocuments:
    def test_the_document_that_leaves_is_another_one(self, by, org):
        paper = docx.Document(io.BytesIO(papers.word_that_hides()))
        paper.add_paragraph("La Coopérative de la Baie signe.")
        content = papers.saved(paper)
        piece = pour(by, org, file_id=document(by, content))
        actions.read_version(version_id=piece.versions.get().pk, by=by)
        consented(by, signed(by, piece))
        piece = Piece.objects.get()

        made = bytes(piece.file.content)
        assert piece.file.name == "le-bail-de-la-le-membre.docx"
        assert made != content
        reading = read(made)
        assert reading.pages[0].text.endswith("La [le membre] signe.")
        assert "Manon" not in reading.pages[0].text
        assert reading.hidden.authors == ()
        assert list(
            piece.versions.get(is_shown=True).pages.values_list("text", flat=True)
        ) == [page.text for page in reading.pages]
        line = Anonymisation.objects.get()
        assert line.information["hidden.comments"] == 1

    def test_of_a_pdf_only_the_words_leave(self, by, org):
        content = papers.pdf("Le bail de Manon Desrosiers.")
        piece = pour(by, org, file_id=document(by, content, "bail.pdf"))
        actions.read_version(version_id=piece.versions.get().pk, by=by)
        consented(by, signed(by, piece))
        piece = Piece.objects.get()

        assert (piece.file.name, bytes(piece.file.content)) == (
            "le-bail-de-la-le-membre.txt",
            b"Le bail de [personne 1].",
        )

    def test_a_document_that_nobody_can_read_does_not_leave(self, by, org):
        macros = papers.with_part(papers.word("x"), "word/vbaProject.bin", b"x")
        piece = pour(by, org, file_id=document(by, macros))
        version = actions.read_version(version_id=piece.versions.get().pk, by=by)
        consented(by, signed(by, piece))

        assert (version.reading, version.problem) == ("UNREADABLE", "MACROS")
        assert Piece.objects.get().file is None

    def test_reading_is_asked_for_in_the_transaction_and_can_be_tried_again(self, by):
        piece = pour(by, file_id=document(by, b"%PDF-1.4 cut", "coupe.pdf"))
        version = piece.versions.get()
        assert version.reading == "WAITING"

        version = actions.read_version(version_id=version.pk, by=by)
        assert version.problem == "BROKEN"
        assert "abîmé" in version.get_problem_display()
        version = actions.retry_reading(version_id=version.pk, by=by)
        assert (version.reading, version.problem) == ("WAITING", "")
        note = pour(by).versions.get()
        with pytest.raises(actions.DocumentIsRead):
            actions.retry_reading(version_id=note.pk, by=by)

    def test_every_problem_has_its_sentence(self):
        from partage.extraction import Problem

        assert {str(each) for each in Problem} == set(Version.Problem.values)

    def test_a_new_version_of_a_shared_piece_waits_for_its_own_release(self, by, org):
        piece = pour(by, org)
        consented(by, signed(by, piece))
        actions.add_version(
            piece_id=piece.pk, title="Le bail, revu", text="Manon a relu.", by=by
        )
        assert Piece.objects.get().title == "Le bail de la [le membre]"

        consented(by, signed(by, piece))

        piece = Piece.objects.get()
        assert (piece.title, piece.text) == ("Le bail, revu", "[personne 1] a relu.")


class TestConsent:
    def test_others_do_not_answer_for_the_member(self, by, org):
        release = signed(by, pour(by, org))

        with pytest.raises(Consent.DoesNotExist):
            actions.answer_consent(
                consent_id=release.consent.pk,
                organisation_ids=[org.pk + 1],
                accepted=True,
                words="",
                by=by,
            )

    def test_what_was_shown_is_kept_word_for_word_with_who_and_when(self, by, org):
        consent = consented(by, signed(by, pour(by, org)))

        assert (
            "Le bail de la [le membre]\u00a0» avec tous les membres" in consent.sentence
        )
        assert (consent.answered_at, consent.answered_by_id) == (by.at, by.user_id)
        with pytest.raises(actions.ConsentNotAsked):
            consented(by, consent.release)

    def test_a_refusal_keeps_it_in_its_wall(self, by, org):
        piece = pour(by, org)
        release = signed(by, piece)
        consented(by, release, accepted=False)

        piece.refresh_from_db()
        assert (piece.status, piece.text) == ("WALLED", TEXT)
        assert queries.live_release(piece.pk) is None

    def test_taken_back_it_leaves_every_search_in_the_same_transaction(self, by, org):
        piece = pour(by, org)
        consent = consented(by, signed(by, piece))
        assert queries.search("hausse", sight=Sight()).pieces()

        actions.revoke_consent(
            consent_id=consent.pk, organisation_ids=[org.pk], reason="Litige", by=by
        )

        for sight in (Sight(house=True), Sight(organisation_ids=(org.pk,))):
            assert not queries.search("hausse", sight=sight).pieces()
        with pytest.raises(actions.ConsentNotGiven):
            actions.revoke_consent(
                consent_id=consent.pk, organisation_ids=[org.pk], reason="", by=by
            )
