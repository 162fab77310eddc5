import hashlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from partage.documents import press, words
from partage.documents.invoice import TripLine, render_invoice
from partage.documents.offer import OfferPhase, render_offer
from partage.documents.parts import (
    Composition,
    Letterhead,
    Party,
    PricePart,
    TaxDue,
    WorkLine,
)
from partage.documents.statement import AgedBalance, render_statement
from tests.rules.documents_samples import (
    COMPOSITION,
    MEMBER,
    SUPPLIER,
    invoice,
    offer,
    pages_of,
    parking,
    statement,
    summed,
    text_of,
    trip,
    work,
)


class TestAnInvoice:
    def test_shows_twelve_hours_at_95_dollars_and_both_taxes_of_quebec(self):
        text = text_of(render_invoice(invoice()))
        for written in (
            "Facture",
            "2025-0143",
            "12,00 h",
            "95,00 $",
            "1 140,00 $",
            "TPS 5 % × 1 140,00 $",
            "57,00 $",
            "123456789 RT0001",
            "TVQ 9,975 % × 1 140,00 $",
            "113,72 $",
            "1234567890 TQ0001",
            "1 310,72 $",
            "2 mai 2025",
            "du 1er au 30 avril 2025",
            "1er juin 2025",
            "M-2025-018",
            SUPPLIER.name,
            MEMBER.name,
            "NEQ 1167890123",
            "Page 1 de 1",
        ):
            assert written in text

    def test_in_english_writes_dollars_and_dates_the_english_way(self):
        text = text_of(render_invoice(invoice(language="en")))
        for written in (
            "Invoice",
            "$1,140.00",
            "$1,310.72",
            "May 2, 2025",
            "April 1 to 30, 2025",
            "QST 9.975% × $1,140.00",
            "Payable by",
            "Page 1 of 1",
        ):
            assert written in text
        assert "Facture" not in text

    def test_lists_trips_and_expenses_with_their_computation(self):
        text = text_of(render_invoice(invoice(trips=[trip()], expenses=[parking()])))
        for written in ("512 km", "0,72 $", "368,64 $", "Stationnement", "1 532,64 $"):
            assert written in text

    def test_shows_what_is_paid_and_what_remains(self):
        text = text_of(render_invoice(invoice(paid=Decimal("500.00"))))
        assert "Déjà payé −500,00 $" in text
        assert "Solde à payer 810,72 $" in text

    def test_writes_20_minutes_as_such_because_0_33_hour_would_not_give_30_dollars(
        self,
    ):
        text = text_of(render_invoice(invoice([work(minutes=20, rate="90")])))
        assert "0 h 20" in text
        assert "30,00 $" in text
        assert "0,33" not in text

    def test_shows_what_the_price_pays_for(self):
        text = text_of(render_invoice(invoice(composition=COMPOSITION)))
        assert "Salaire et charges 61,5 % 58,40 $" in text
        assert "Frais communs 38,5 % 36,60 $" in text

    def test_prints_shares_that_make_a_hundred_percent(self):
        # Rounded one by one, 61.47, 20.11, 13.16 and 5.26 % would make 100.1 %.
        amounts = ("58.40", "19.10", "12.50", "5.00")
        price = [PricePart(label=each, amount=Decimal(each)) for each in amounts]
        document = invoice(composition=Composition(parts=price), language="en")
        text = text_of(render_invoice(document))
        shares = re.findall(r"([0-9.]+)% \$", text)
        assert len(shares) == 4
        assert sum(map(Decimal, shares)) == 100

    def test_of_200_lines_repeats_its_header_and_numbers_its_pages(self):
        lines = [work(f"Séance {n}", 60) for n in range(1, 201)]
        pages = pages_of(render_invoice(invoice(lines)))
        assert len(pages) > 4
        for number, page in enumerate(pages, start=1):
            assert f"Page {number} de {len(pages)}" in page
        for page in pages[:-1]:
            assert "Date Description Heures Taux horaire Montant" in page
        text = " ".join(pages)
        assert all(f"Séance {n}" in text for n in range(1, 201))
        assert "200,00 h" in text

    def test_that_is_a_draft_says_so_and_has_no_number(self):
        text = text_of(render_invoice(invoice(draft=True, number="")))
        assert "Numéro Brouillon" in text
        assert "2025-0143" not in text

    def test_mended_by_a_credit_note_shows_negative_amounts_and_which_invoice(self):
        note = invoice(
            [work(minutes=-720)],
            kind="credit_note",
            number="2025-0150",
            corrects="2025-0143",
            due_on=None,
        )
        text = text_of(render_invoice(note))
        assert "Note de crédit" in text
        assert "Corrige la facture 2025-0143" in text
        assert "Total du crédit −1 310,72 $" in text
        assert "Solde à payer" not in text


class TestAnInvoiceRefusesToExist:
    def test_when_a_credit_note_of_a_dollar_does_not_say_whose_taxes_it_gives_back(
        self,
    ):
        unregistered = [
            TaxDue(code="GST", rate=Decimal("0.05"), amount=Decimal("-0.05"))
        ]
        with pytest.raises(ValueError, match="a credit note always does"):
            invoice(
                [work(minutes=-60, rate="1.00")],
                kind="credit_note",
                due_on=None,
                taxes=unregistered,
                subtotal=Decimal("-1.00"),
                total=Decimal("-1.05"),
            )

    def test_when_its_lines_miss_the_subtotal_by_a_cent(self):
        with pytest.raises(ValueError, match=r"the lines add up to 1140\.00 \$"):
            invoice(subtotal=Decimal("1140.01"))

    def test_when_its_taxes_miss_the_total_by_a_cent(self):
        with pytest.raises(ValueError, match=r"add up to 1310\.72 \$, but 1310\.73"):
            invoice(total=Decimal("1310.73"))

    def test_when_a_line_is_not_its_hours_times_its_rate(self):
        with pytest.raises(ValueError, match=r"720 min × 95 \$/h is 1140\.00 \$"):
            WorkLine(
                description="x",
                minutes=720,
                rate=Decimal(95),
                amount=Decimal("1140.01"),
            )

    def test_when_a_trip_is_not_its_kilometres_times_its_rate(self):
        with pytest.raises(ValueError, match=r"is 7\.20 \$"):
            TripLine(
                on=date(2025, 4, 9),
                description="x",
                km=Decimal(10),
                rate=Decimal("0.72"),
                amount=Decimal("7.21"),
            )

    def test_when_a_tax_rate_is_5_instead_of_a_fraction(self):
        with pytest.raises(ValueError, match=r"such as 0\.05"):
            TaxDue(code="GST", rate=Decimal(5), amount=Decimal(5))

    def test_when_a_tax_is_one_that_we_do_not_know(self):
        with pytest.raises(ValueError, match="give one of GST, QST, HST"):
            TaxDue(code="VAT", rate=Decimal("0.05"), amount=Decimal("5.00"))

    def test_when_a_tax_is_not_its_rate_on_the_price(self):
        wrong = (TaxDue(code="GST", rate=Decimal("0.05"), amount=Decimal("60.00")),)
        with pytest.raises(ValueError, match=r"GST of 1140\.00"):
            invoice(taxes=wrong, total=Decimal("1200.00"))

    @pytest.mark.parametrize("amount", [1.5, 2, Decimal("NaN"), Decimal("1.005")])
    def test_when_an_amount_is_not_dollars_and_cents_in_decimal(self, amount):
        with pytest.raises(ValueError, match="amount is"):
            WorkLine(description="x", amount=amount)

    def test_when_a_draft_has_a_number_or_an_issued_invoice_has_none(self):
        with pytest.raises(ValueError, match="a draft has no number"):
            invoice(draft=True)
        with pytest.raises(ValueError, match="an issued invoice has a number"):
            invoice(number="")

    def test_from_100_dollars_on_without_the_registration_numbers(self):
        # With both taxes 86.95 $ comes to 99.97 $, and 86.97 $ to 100.00 $.
        def without_numbers(net):
            line = WorkLine(description="Conseil", amount=Decimal(net))
            sums = summed([line])
            sums["taxes"] = [
                TaxDue(code=tax.code, rate=tax.rate, amount=tax.amount)
                for tax in sums["taxes"]
            ]
            return invoice([line], **sums)

        assert without_numbers("86.95").total < 100
        with pytest.raises(ValueError, match="give that of GST"):
            without_numbers("86.97")

    def test_from_500_dollars_on_without_purchaser_terms_or_descriptions(self):
        small = WorkLine(description="", amount=Decimal("434.00"))
        nobody = Party(name="")
        assert invoice([small], purchaser=nobody, due_on=None).total < 500
        with pytest.raises(ValueError, match=r"purchaser\.name"):
            invoice(purchaser=nobody)
        with pytest.raises(ValueError, match="payment_terms"):
            invoice(due_on=None)
        with pytest.raises(ValueError, match="a description on each line"):
            invoice([work("")])

    def test_in_a_language_that_it_does_not_write(self):
        with pytest.raises(ValueError, match="'fr' or 'en'"):
            invoice(language="de")

    def test_with_a_composition_of_nothing(self):
        with pytest.raises(ValueError, match="leave it out"):
            Composition(parts=[PricePart(label="x", amount=Decimal(0))])


class TestAnOffer:
    def test_shows_its_phases_their_totals_and_how_to_accept(self):
        text = text_of(render_offer(offer()))
        for written in (
            "Offre de service",
            "O-2025-031",
            "Version 1",
            "7 avril 2025",
            "7 mai 2025",
            "Diagnostic",
            "760,00 $",
            "Rédaction",
            "1 650,00 $",
            "2 410,00 $",
            "23,00 h",
            "2 770,90 $",
            "Pour accepter",
            "À l’attention de Marie-Ève Tremblay",
        ):
            assert written in text

    def test_in_english_keeps_nothing_in_french(self):
        text = text_of(
            render_offer(
                offer(language="en", terms=[words.PROVISIONAL_RATE["en"]]),
            )
        )
        assert "Service offer" in text
        assert "Valid until" in text
        assert "How to accept" in text
        assert "this is the right cost" in text
        for french in ("Offre", "Heures", "Montant", "Portée"):
            assert french not in text

    def test_refuses_to_exist_when_its_lines_do_not_add_up(self):
        with pytest.raises(ValueError, match="the lines add up"):
            offer(subtotal=Decimal("2411.00"))


class TestAStatement:
    def test_shows_each_movement_the_balance_after_it_and_its_age(self):
        text = text_of(render_statement(statement()))
        for written in (
            "État de compte",
            "Arrêté au 30 juin 2025",
            "Solde précédent 1 250,00 $",
            "10 avr. 2025 Virement reçu 1 250,00 $ 0,00 $",
            "2 mai 2025 Facture 2025-0143 1er juin 2025 1 310,72 $ 1 310,72 $",
            "20 mai 2025 Note de crédit 2025-0150 100,00 $ 1 210,72 $",
            "Solde à payer 1 210,72 $",
            "31 à 60 jours",
            "Page 1 de 1",
        ):
            assert written in text

    def test_says_when_the_balance_is_in_favour_of_the_member(self):
        document = statement(
            entries=[], opening=Decimal("-40.00"), closing=Decimal("-40.00"), ages=()
        )
        text = text_of(render_statement(document))
        assert "Solde en votre faveur 40,00 $" in text
        assert "Aucune écriture" in text

    def test_in_english_keeps_nothing_in_french(self):
        text = text_of(
            render_statement(
                statement(
                    language="en", entries=[], ages=(), closing=Decimal("1250.00")
                )
            )
        )
        assert "Statement of account" in text
        assert "Balance due $1,250.00" in text
        assert "Solde" not in text

    def test_refuses_to_exist_when_entries_or_ages_miss_the_balance(self):
        with pytest.raises(ValueError, match="the opening balance and the entries"):
            statement(closing=Decimal("1210.73"))
        with pytest.raises(ValueError, match="the ages of the balance"):
            statement(ages=[AgedBalance(label="À échoir", amount=Decimal("1.00"))])


class TestAFile:
    def test_is_the_same_when_four_threads_ask_for_it_at_once(self):
        with ThreadPoolExecutor(4) as threads:
            files = set(threads.map(render_invoice, [invoice()] * 8))
        assert len(files) == 1

    def test_is_the_same_to_the_byte_in_another_process(self):
        digest = hashlib.sha256(render_offer(offer())).hexdigest()
        assert hashlib.sha256(render_offer(offer())).hexdigest() == digest
        code = (
            "import hashlib\n"
            "from partage.documents.offer import render_offer\n"
            "from tests.rules.documents_samples import offer\n"
            "print(hashlib.sha256(render_offer(offer())).hexdigest())"
        )
        root = Path(__file__).parents[2]
        other = subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={
                "PYTHONPATH": f"{root / 'src'}:{root}",
                "TZ": "Asia/Tokyo",
            },
            capture_output=True,
            text=True,
            check=True,
        )
        assert other.stdout.strip() == digest

    def test_changes_when_one_word_changes(self):
        assert render_offer(offer()) != render_offer(offer(scope="Autre portée."))

    def test_is_tagged_and_has_its_language_its_title_and_its_own_date(self):
        reader = PdfReader(BytesIO(render_invoice(invoice(composition=COMPOSITION))))
        catalogue = reader.trailer["/Root"]
        assert catalogue["/MarkInfo"]["/Marked"]
        assert catalogue["/StructTreeRoot"]
        assert catalogue["/Lang"].lower() == "fr-ca"
        assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
        assert b"pdfuaid" in catalogue["/Metadata"].get_data()
        assert reader.metadata.title == "Facture 2025-0143 – Révision de la gouvernance"
        assert reader.metadata.author == SUPPLIER.name
        assert reader.metadata.creation_date.date() == date(2025, 5, 2)

    def test_carries_only_our_own_fonts(self):
        reader = PdfReader(BytesIO(render_invoice(invoice([work("Fête 🎉")]))))
        fonts = {
            str(font.get_object()["/BaseFont"]).split("+")[-1]
            for page in reader.pages
            for font in page["/Resources"]["/Font"].values()
        }
        assert fonts
        assert all(name.startswith(("SourceSans3", "NotoEmoji")) for name in fonts)

    def test_has_pages_of_us_letter(self):
        page = PdfReader(BytesIO(render_invoice(invoice()))).pages[0]
        assert (page.mediabox.width, page.mediabox.height) == (612, 792)


HOSTILE = (
    '#panic("non") *gras* _it_ $x^2$ `code` @ref <label> \\ // -- ~ "a" \'b\' '
    '[crochets] {accolades} = titre #import "/etc/passwd"'
)


class TestWhatPeopleType:
    def test_is_printed_as_typed_even_when_it_looks_like_markup(self):
        pdf = render_offer(
            offer(
                title=HOSTILE,
                introduction=HOSTILE,
                scope=HOSTILE,
                terms=[HOSTILE],
                reference=HOSTILE,
                supplier=Letterhead(name=HOSTILE, address=[HOSTILE], email=HOSTILE),
                member=Party(name=HOSTILE, address=[HOSTILE], representative=HOSTILE),
                phases=[OfferPhase(title=HOSTILE, lines=[work(HOSTILE, who=HOSTILE)])],
            )
        )
        squeezed = text_of(pdf).replace(" ", "")
        assert squeezed.count(HOSTILE.replace(" ", "")) >= 10

    def test_may_be_a_word_of_300_letters_which_breaks_inside_its_column(self):
        word = "anticonstitutionnellement" * 12
        text = text_of(render_invoice(invoice([work(word, who=word)], title=word)))
        assert text.replace(" ", "").count(word) >= 3

    def test_never_runs_into_the_margins(self):
        word = "W" * 80
        lines = [work(word, 6_000_000, "12345.678", who=word, field=word)]
        pdf = render_offer(
            offer(
                title=word,
                scope=word,
                reference=word,
                supplier=Letterhead(name=word, address=[word], email=word),
                member=Party(name=word, address=[word], representative=word),
                phases=[OfferPhase(title=word, description=word, lines=lines)],
            )
        )
        margin = 2.2 / 2.54 * 72
        for page in pdfium.PdfDocument(pdf):
            words_of_page = page.get_textpage()
            boxes = [
                words_of_page.get_charbox(index)
                for index in range(words_of_page.count_chars())
            ]
            assert min(box[0] for box in boxes if box[2] > box[0]) > margin
            assert max(box[2] for box in boxes) < 612 - margin

    def test_may_be_longer_than_a_page_in_one_cell(self):
        text = "Voici ce que nous ferons, point par point. " * 300
        phase = OfferPhase(title=text, description=text, lines=[work(text)])
        pages = pages_of(render_offer(offer(phases=[phase, phase], introduction="")))
        found = "".join(pages).replace(" ", "").count("Voici")
        assert found == 6 * 300

    def test_keeps_its_line_breaks(self):
        reader = PdfReader(
            BytesIO(render_offer(offer(scope="Premier point\nSecond point")))
        )
        lines = [each.strip() for each in reader.pages[0].extract_text().splitlines()]
        assert "Premier point" in lines
        assert "Second point" in lines

    def test_may_be_missing_everywhere(self):
        pdf = render_offer(
            offer(
                title="",
                introduction=" ",
                scope="",
                reference="",
                how_to_accept="",
                terms=["", " "],
                valid_until=None,
                supplier=Letterhead(name="", address=["", " "]),
                member=Party(name=""),
                phases=[OfferPhase(lines=[work("")])],
            )
        )
        assert "1 140,00 $" in text_of(pdf)

    def test_may_have_no_line_at_all(self):
        nothing = invoice([], title="")
        assert "0,00 $" in text_of(render_invoice(nothing))

    def test_may_hold_letters_that_no_font_has_and_still_be_accessible(self):
        title = "Café 会議 مرحبا 👩‍👩‍👧 🇨🇦 1️⃣ \u202ea\x00b\ud800 Ω Ж"
        text = text_of(render_invoice(invoice([work(title)], title=title)))
        assert "Café □□" in text
        assert "Ω Ж" in text
        assert "ab" in text

    def test_is_printed_in_plain_letters_when_a_sign_cannot_be_drawn_after_all(
        self, monkeypatch
    ):
        monkeypatch.setattr(press, "_drawable", lambda: frozenset(map(ord, "Café会")))
        text = text_of(render_invoice(invoice(title="Café 会議")))
        assert "Café □□" in text

    def test_never_has_control_characters_among_what_can_be_drawn(self):
        assert not press._drawable() & {*range(32), 0x7F, 0x202E, 0xFEFF}

    @settings(max_examples=15, deadline=None)
    @given(typed=st.text(max_size=120))
    def test_never_breaks_a_document(self, typed):
        document = invoice([work(typed + "x", field=typed)], title=typed)
        assert render_invoice(document).startswith(b"%PDF")

    @settings(max_examples=15, deadline=None)
    @given(
        typed=st.text(
            alphabet=st.characters(min_codepoint=33, max_codepoint=126),
            min_size=1,
            max_size=60,
        )
    )
    def test_is_read_back_letter_for_letter(self, typed):
        text = text_of(render_invoice(invoice([work("«" + typed + "»")])))
        assert "«" + typed + "»" in text.replace(" ", "")


class TestWords:
    @pytest.mark.parametrize(
        ("amount", "french", "english"),
        [
            ("1140", "1 140,00 $", "$1,140.00"),
            ("-1140", "−1 140,00 $", "−$1,140.00"),
            ("0", "0,00 $", "$0.00"),
            ("-0.00", "0,00 $", "$0.00"),
            ("1234567.89", "1 234 567,89 $", "$1,234,567.89"),
        ],
    )
    def test_write_dollars_with_spaces_that_do_not_break(self, amount, french, english):
        written = words.money(Decimal(amount), language="fr")
        assert written == french.replace(" ", "\u00a0")
        assert words.money(Decimal(amount), language="en") == english

    @pytest.mark.parametrize(
        ("first", "last", "french", "english"),
        [
            ((2025, 4, 7), (2025, 4, 7), "7 avril 2025", "April 7, 2025"),
            (
                (2025, 4, 1),
                (2025, 4, 30),
                "du 1er au 30 avril 2025",
                "April 1 to 30, 2025",
            ),
            (
                (2025, 3, 15),
                (2025, 4, 14),
                "du 15 mars au 14 avril 2025",
                "March 15 to April 14, 2025",
            ),
            (
                (2024, 12, 15),
                (2025, 1, 14),
                "du 15 décembre 2024 au 14 janvier 2025",
                "December 15, 2024 to January 14, 2025",
            ),
        ],
    )
    def test_write_a_period_without_saying_anything_twice(
        self, first, last, french, english
    ):
        days = date(*first), date(*last)
        assert words.period(*days, language="fr").replace("\u00a0", " ") == french
        assert words.period(*days, language="en").replace("\u00a0", " ") == english

    def test_say_the_same_things_in_both_languages(self):
        assert words.WORDS["fr"].keys() == words.WORDS["en"].keys()

    @given(minutes=st.integers(-100_000, 100_000), rate=st.integers(0, 100_000))
    def test_write_hours_that_give_the_amount_when_multiplied(self, minutes, rate):
        hundredths = words.time_is_written_in_hundredths([minutes])
        written = words.duration(minutes, language="en", hundredths=hundredths)
        sign = -1 if written.startswith("−") else 1
        hours, _, rest = written.strip("−").partition("\u00a0h")
        minutes_read = Decimal(hours.replace(",", "")) * 60 + Decimal(rest or "0")
        assert sign * minutes_read == minutes
