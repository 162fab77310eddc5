from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from partage.documents.year import (
    WORDS,
    YearDecision,
    YearLine,
    YearStatementDocument,
    render_year_statement,
)
from partage.rules.money import amount_for
from tests.rules.documents_samples import MEMBER, SUPPLIER, text_of


def line(minutes=480, provisional="98.00", rate="97.20", **more) -> YearLine:
    given = {
        "description": "Ressources humaines, intermédiaire",
        "minutes": minutes,
        "provisional": Decimal(provisional),
        "charged": amount_for(minutes, Decimal(provisional)),
        "rate": Decimal(rate),
        "final": amount_for(minutes, Decimal(rate)),
        **more,
    }
    return YearLine(**given)


def decision(**more) -> YearDecision:
    """A surplus of 70 000 $, of which 25 700 $ are beyond a band of 1 %."""
    given = {
        "reference": "P-2024-2025-2",
        "surplus": Decimal("70000.00"),
        "charged": Decimal("4500000.00"),
        "cost": Decimal("4430000.00"),
        "band": Decimal("0.01"),
        "width": Decimal("44300.00"),
        "adjusted": Decimal("25700.00"),
        "stabilisation": Decimal("35440.00"),
        "carried": Decimal("0.00"),
        "reserve": Decimal("8860.00"),
        "rebates": Decimal("0.00"),
        "rate_change": Decimal("0.00"),
        "given": Decimal("1.25"),
        "next_year": Decimal("0.00"),
        "meeting_on": date(2025, 6, 12),
        **more,
    }
    return YearDecision(**given)


def statement(**more) -> YearStatementDocument:
    """Eight hours at 98.00 $ that cost 97.20 $, and 3.00 $ of unused capacity."""
    given = {
        "language": "fr",
        "year": "2024-2025",
        "first": date(2024, 4, 1),
        "last": date(2025, 3, 31),
        "computed_on": date(2025, 4, 7),
        "reference": "1",
        "supplier": SUPPLIER,
        "member": MEMBER,
        "province": "Québec",
        "lines": [line()],
        "remainder": Decimal("3.00"),
        "adjustment": Decimal("3.40"),
        "source": "Coûts réels 2024-2025",
        "cards": "Grille 2024-2025",
        "fingerprint": "ab12cd34ef56ab78" * 4,
        "decision": decision(),
        **more,
    }
    return YearStatementDocument(**given)


class TestAYearStatement:
    def test_shows_hours_at_both_rates_and_the_way_to_the_adjustment(self):
        text = text_of(render_year_statement(statement()))
        for written in (
            "Vous avez payé de trop 3,40 $",
            "8,00 h 98,00 $ 784,00 $ 97,20 $ 777,60 $ 6,40 $",
            "laissent hors d’eux 3,00 $ −3,00 $",
            "Total 8,00 h 784,00 $ 780,60 $ 3,40 $",
            "Surplus de l’exercice pour l’ensemble des membres",
            "Bande de stabilisation de 1 % du coût, soit 44 300,00 $.",
            "Votre ajustement Votre écart 3,40 $",
            "25 700,00 $ ÷ 70 000,00 $",
            "Proposé à l’assemblée générale du 12 juin 2025",
            "rien n’est décidé avant son vote",
            "ab12cd34ef56ab78",
        ):
            assert written in text, written

    def test_says_what_the_meeting_decided_and_what_is_owed_of_a_deficit(self):
        owing = decision(
            surplus=Decimal("-70000.00"),
            adjusted=Decimal("-70000.00"),
            stabilisation=Decimal(0),
            reserve=Decimal(0),
            given=Decimal("-12.00"),
            resolution="AG-2025-06-03",
        )
        text = text_of(
            render_year_statement(
                statement(
                    lines=[line(rate="100.00")],
                    adjustment=Decimal("-19.00"),
                    decision=owing,
                )
            )
        )
        assert "Il a manqué 19,00 $" in text
        assert "Votre ajustement, à payer" in text
        assert "Décidé par la résolution AG-2025-06-03" in text
        assert "Proposé" not in text

    def test_shows_a_fee_without_hours_as_an_agreed_amount(self):
        fee = line(minutes=0, provisional="0", charged=Decimal("400.00"))
        text = text_of(
            render_year_statement(
                statement(
                    lines=[fee], remainder=Decimal(0), adjustment=Decimal("400.00")
                )
            )
        )
        assert "Montant convenu 400,00 $ 0,00 $ 400,00 $" in text

    def test_without_a_proposal_says_who_will_decide(self):
        text = text_of(render_year_statement(statement(decision=None)))
        assert "L’assemblée générale décidera" in text
        assert "Votre ajustement" not in text

    def test_in_english_keeps_nothing_in_french(self):
        text = text_of(
            render_year_statement(
                statement(language="en", lines=[line(description="Human resources")])
            )
        )
        assert "You paid too much by $3.40" in text
        assert "Proposed to the general meeting of June 12, 2025" in text
        assert not [word for word in ("Écart", "Facturé", "Votre") if word in text]

    def test_says_the_same_things_in_both_languages(self):
        assert WORDS["fr"].keys() == WORDS["en"].keys()

    def test_is_tagged_for_those_who_listen_to_it(self):
        reader = PdfReader(BytesIO(render_year_statement(statement())))
        catalogue = reader.trailer["/Root"]
        assert catalogue["/MarkInfo"]["/Marked"]
        assert b"pdfuaid" in catalogue["/Metadata"].get_data()
        assert reader.metadata.title == "Relevé au juste coût 2024-2025"

    def test_of_80_lines_runs_over_several_pages(self):
        lines = [line(description=f"Domaine {n}, sénior") for n in range(80)]
        given = statement(lines=lines, adjustment=Decimal("509.00"))
        reader = PdfReader(BytesIO(render_year_statement(given)))
        assert len(reader.pages) == 3


class TestAYearStatementRefusesToExist:
    def test_when_a_line_is_not_its_hours_times_its_final_rate(self):
        with pytest.raises(ValueError, match=r"480 min × 97\.20"):
            line(final=Decimal("777.61"))

    def test_when_its_lines_miss_the_adjustment_by_a_cent(self):
        with pytest.raises(ValueError, match="the lines less the remainder"):
            statement(adjustment=Decimal("3.41"))

    def test_when_the_parts_of_the_proposal_miss_the_surplus(self):
        with pytest.raises(ValueError, match="the parts of the proposal"):
            decision(reserve=Decimal("8860.01"))
