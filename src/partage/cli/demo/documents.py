"""Documents of the reservoir: each at another step of the release gate.

Real Word, PowerPoint, Excel and PDF files, made the same each time, with what such
files really carry: names, numbers, notes, comments, a hidden sheet, an author.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import docx
from django.db.models import Max
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from pptx import Presentation

from partage.archive.actions import keep_file
from partage.cli.demo.ground import Org, World, at
from partage.documents.words import Language
from partage.experts.models import Expert
from partage.extraction import trusted
from partage.extraction.formats.packing import packed
from partage.journal.actions import Actor
from partage.journal.models import Entry
from partage.knowledge import actions
from partage.knowledge.actions import Decision, Signature
from partage.knowledge.models import DeliverableType, Piece, Release
from partage.mandates.models import Mandate, TeamMember


@dataclass
class Paper:
    """One document and what becomes of it; days are those of 2025."""

    org: str  # its key; empty: the cooperative's own
    field: str
    language: Language
    title: str
    text: str
    name: str
    make: Callable[["Facts"], bytes]
    kind: str = "DELIVERABLE"
    hours: int = 12
    poured: date = date(2025, 2, 10)
    opened: date | None = None
    signed: date | None = None
    answered: date | None = None
    accepted: bool = True
    revoked: date | None = None
    words: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    served: int = 0  # how many mandates since


@dataclass(frozen=True)
class Facts:
    """Who is named in a document, as life would have it."""

    org: str
    town: str
    person: str
    expert: str


def _word(
    facts: Facts,
    title: str,
    *sections: tuple[str, list[str]],
    comment: str = "",
    struck: str = "",
) -> bytes:
    document = docx.Document()
    document.core_properties.author = facts.expert
    document.add_heading(title, 0)
    for heading, paragraphs in sections:
        document.add_heading(heading, 1)
        for text in paragraphs:
            style = "List Bullet" if text.startswith("- ") else None
            document.add_paragraph(text.removeprefix("- "), style=style)
    last = document.paragraphs[-1]
    if struck:
        gone, run, text = (OxmlElement(f"w:{x}") for x in ("del", "r", "delText"))
        text.text = struck
        run.append(text)
        gone.append(run)
        last._p.append(gone)
    if comment:
        noted = document.add_comment(last.runs, text=comment, author=facts.expert)
        # The same bytes each time: it was noted at no particular moment.
        noted._comment_elm.attrib.pop(qn("w:date"), None)
    return packed(document.save)


def _slides(facts: Facts, *slides: tuple[str, list[str], str]) -> bytes:
    presentation = Presentation()
    said = presentation.core_properties
    said.author = said.last_modified_by = facts.expert
    for title, lines, note in slides:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = "\n".join(lines)
        if note:
            slide.notes_slide.notes_text_frame.text = note
    return packed(presentation.save)


def _sheets(
    facts: Facts, sheets: dict[str, list[list]], hidden: str = "", comment: str = ""
) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.column_dimensions["A"].width = 34
        if name == hidden:
            sheet.sheet_state = "hidden"
        elif comment:
            sheet["A2"].comment = Comment(comment, facts.expert)
    workbook.properties.creator = facts.expert
    return packed(workbook.save)


def pdf_of(pages: list[list[str]]) -> bytes:
    """Return a plain PDF: one line of text under another, in Helvetica."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for lines in pages:
        said = b"".join(
            b"("
            + line.translate({92: "\\\\", 40: "\\(", 41: "\\)"})
            .replace("’", "'")
            .encode("cp1252")
            + b") Tj 0 -15 Td "
            for line in lines
        )
        stream = b"BT /F1 11 Tf 64 728 Td " + said + b"ET"
        objects.append(
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)
        )
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << "
            b"/F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding "
            b"/WinAnsiEncoding >> >> >> /Contents %d 0 R >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (
        b" ".join(kids),
        len(kids),
    )
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, each in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, each))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(
        b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, start)
    )
    return out.getvalue()


def _bylaws(facts: Facts) -> bytes:
    return _word(
        facts,
        "Règlement de régie interne",
        (
            "1. L’assemblée annuelle",
            [
                f"L’assemblée annuelle de la {facts.org} se tient dans les quatre mois de "
                "la fin de l’exercice, sur place et à distance à la fois.",
                "L’avis est envoyé de 10 à 45 jours avant, par courriel à chaque membre. "
                f"Les questions vont à {facts.person}, au 418 555-0137 ou à "
                "direction@trois-rives.example.",
                "- Le quorum est de 10 % des membres, présents ou à distance.",
                "- Le vote à distance est recueilli par un tiers et vérifiable après coup.",
            ],
        ),
        (
            "2. Le conseil",
            [
                f"Le conseil compte sept personnes. {facts.person} en est la secrétaire. "
                f"Le siège est au 1250, rue des Commissaires, {facts.town} (Québec) G1K 3V9.",
                "Chaque point de l’ordre du jour porte « pour décision » ou « pour "
                "information » : les réunions durent deux heures au lieu de quatre.",
            ],
        ),
        (
            "3. Ce que nous avons changé, et pourquoi",
            [
                "Les anciens règlements ne prévoyaient ni les réunions à distance ni le "
                "vote électronique. Les présenter en trois colonnes (avant, après, "
                "pourquoi) a suffi : l’assemblée a voté en vingt minutes.",
            ],
        ),
        comment="À revoir avec le conseil : le quorum était à 25 %.",
        struck=" Le trésorier a refusé de signer.",
    )


def _assembly(facts: Facts) -> bytes:
    return _slides(
        facts,
        ("Une assemblée sur place et à distance", [f"Ce que la {facts.org} a fait", "118 membres, dont 74 à distance", "Deux heures dix, du début à la fin"], f"Dire que {facts.person} a tenu la table d’accueil."),
        ("Trois semaines avant", ["Un envoi, un lien, un essai", "Une personne par dix membres qui n’ont pas l’habitude", "Un seul document : l’ordre du jour annoté"], ""),
        ("Le jour même", ["Deux écrans : la salle, les votes", "Quorum affiché en tout temps", "Chaque vote refait à blanc avant le vrai"], "La connexion est tombée une fois ; le partage de connexion a pris le relais."),
        ("À refaire", ["Le vote par un tiers", "La foire aux questions la veille", f"Questions : {facts.person}, 418 555-0137"], ""),
    )  # fmt: skip


def _return_to_work(facts: Facts) -> bytes:
    return _word(
        facts,
        "Return to work after an injury",
        (
            "The first ten days",
            [
                f"At {facts.org} in {facts.town}, a maintenance worker came back in six "
                "weeks instead of fourteen, because modified work was ready before it was "
                "needed.",
                f"- {facts.person} keeps the list of light duties up to date "
                "(613-555-0188).",
                "- The claim is filed within three days with the WSIB.",
                "- The supervisor calls twice a week, never about the claim.",
            ],
        ),
        (
            "What to write down",
            [
                "The physical demands of each position, on one page; the duties that can "
                "be dropped, shared or done sitting; who decides, and within what time.",
            ],
        ),
        comment="The worker asked not to be named.",
    )


def _budget(facts: Facts) -> bytes:
    return _sheets(
        facts,
        {
            "Budget de trésorerie": [
                ["Poste", "Avril", "Mai", "Juin"],
                ["Subventions", 41200, 41200, 62000],
                ["Contributions", 18450, 18450, 18450],
                ["Salaires et charges", -46300, -46300, -46300],
                ["Loyer et énergie", -6100, -5800, -5400],
                [f"Solde ({facts.org})", 7250, 7550, 28750],
            ],
            "Hypothèses": [
                ["Hypothèse", "Source"],
                ["Subvention versée au trimestre, le 15", "Convention 2024-2027"],
                ["Hausse salariale de 2,8 % en juin", "Convention collective"],
                [f"Suivi fait par {facts.person}", "Poste 204"],
            ],
            "Paie": [
                ["Nom", "NAS", "Salaire"],
                [facts.person, "046 454 286", 71500],
            ],
        },
        hidden="Paie",
        comment="Vérifié avec la direction le 12 février.",
    )


def _job_posting(facts: Facts) -> bytes:
    return _word(
        facts,
        "Grille d’entrevue pour une direction",
        (
            "Avant l’entrevue",
            [
                "Le profil s’écrit avec l’équipe, et non pour elle : cela a doublé les "
                "candidatures qui convenaient.",
                f"Les candidatures arrivent à {facts.person}, emplois@cooperative.example.",
            ],
        ),
        (
            "Les huit questions",
            [
                "- Une décision impopulaire que vous avez prise, et comment.",
                "- Ce que vous feriez de vos trente premiers jours.",
                "- Un budget qui dérape en mars : que faites-vous d’abord ?",
                f"- Pourquoi la {facts.org}, et pourquoi maintenant ?",
            ],
        ),
    )


def _lease(facts: Facts) -> bytes:
    return _word(
        facts,
        "Avis sur le renouvellement du bail",
        (
            "La situation",
            [
                f"{facts.org} loue au 410, boulevard Charest Est depuis 2015. Le bail finit "
                "le 30 septembre et le propriétaire propose une hausse de 12 %.",
                f"{facts.person} nous a remis le bail et trois offres du quartier.",
            ],
        ),
        (
            "Notre avis",
            [
                "La clause de renouvellement donne un droit de premier refus : l’invoquer "
                "par écrit avant le 31 mars, en joignant les loyers comparables.",
                "Ne rien signer qui reporte l’indexation sur la première année.",
            ],
        ),
    )


def _remote(facts: Facts) -> bytes:
    return pdf_of(
        [
            [
                "Remote work policy", "",
                f"Adopted by the board of {facts.org}. Questions go to {facts.person},",
                "at 780-555-0164 or office@prairie.example.", "",
                "1. Who may work remotely: any position whose work does not need a place,",
                "after three months, up to three days a week.",
                "2. Hours: the team agrees on four hours in common each day. Overtime is",
                "asked for before it is worked, never after.",
            ],
            [
                "3. Equipment: the employer lends a computer, a headset and a chair. A flat",
                "amount of 25 dollars a month covers the connection.",
                "4. Confidentiality: no member file leaves the shared space. A lost device is",
                "reported the same day.",
                "5. Health and safety: a photo of the workstation, once a year, is enough for",
                "the ergonomic check.",
            ],
        ]
    )  # fmt: skip


def _prevention(facts: Facts) -> bytes:
    return pdf_of(
        [
            [
                "Programme de prévention pour petite équipe", "",
                "Un guide de la coopérative, pour les équipes de cinq à vingt personnes.", "",
                "Trois documents suffisent : un inventaire des risques, un registre, un",
                "calendrier. Ce guide donne les trois, avec un exemple rempli.",
            ],
            [
                "L’inventaire des risques", "",
                "Marcher dans chaque pièce avec la personne qui y travaille. Noter ce qui",
                "blesse, ce qui use, ce qui stresse. Une ligne par risque : où, quoi, qui,",
                "ce qui est déjà fait, ce qui reste à faire, avant quand.", "",
                "Les deux tiers des constats d’inspection viennent du cadenassage et des",
                "fiches de données : commencer par là.",
            ],
            [
                "Le registre", "",
                "Chaque accident et chaque passé-près y va le jour même, sans chercher de",
                "coupable. Une personne le relit chaque mois et rapporte au comité.",
            ],
            [
                "Le calendrier", "",
                "Un geste par mois : extincteurs en janvier, postes de travail en février,",
                "produits en mars. Le comité se réunit quatre fois l’an, une heure.",
            ],
        ]
    )  # fmt: skip


def _training(facts: Facts) -> bytes:
    return _slides(
        facts,
        ("Board orientation in ninety minutes", [f"Used by {facts.org}", "Seven new directors, one evening"], f"{facts.person} told the story of the 2019 deficit."),
        ("Three duties", ["Care: read before the meeting", "Loyalty: say your conflicts first", "Obedience: the by-laws, then the law"], ""),
        ("Reading the statements", ["Cash first, surplus after", "Two questions to ask each month", "What the auditor does not look at"], ""),
    )  # fmt: skip


def _wages(facts: Facts) -> bytes:
    return _sheets(
        facts,
        {
            "Échelle 2023": [
                ["Poste repère", "Minimum", "Maximum"],
                ["Préposée à l’accueil", 21.40, 25.10],
                ["Coordonnatrice", 28.75, 36.20],
                ["Direction adjointe", 38.00, 47.60],
            ],
        },
    )


def _macros(facts: Facts) -> bytes:
    made = _word(facts, "Modèle de contrat", ("Les parties", ["Entre l’organisme et…"]))
    return packed(lambda out: _with_macros(made, out))


def _with_macros(made: bytes, out: io.BytesIO) -> None:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            new.writestr(part.filename, old.read(part))
        new.writestr("word/vbaProject.bin", b"Sub AutoOpen()")


D = date
PAPERS = [
    Paper(
        "trois-rives", "gouvernance", "fr", "Règlement de régie interne, assemblées à distance", "Le règlement complet, avec les clauses sur les réunions et les votes à distance, tel que l’assemblée l’a adopté.",
        "reglement-regie-interne.docx", _bylaws, hours=26, poured=D(2025, 3, 21), opened=D(2025, 3, 28),
    ),
    Paper(
        "trois-rives", "evenements", "fr", "Tenir une assemblée sur place et à distance", "La présentation qui a servi à préparer l’assemblée : trois semaines avant, le jour même, ce qui est à refaire.",
        "assemblee-hybride.pptx", _assembly, hours=14, poured=D(2025, 3, 4), opened=D(2025, 3, 11), signed=D(2025, 3, 12),
    ),
    Paper(
        "lakeshore", "sante-securite", "en", "Return to work after an injury", "The return-to-work procedure and the list of light duties that brought a worker back in six weeks.",
        "return-to-work.docx", _return_to_work, hours=18, poured=D(2025, 3, 6), opened=D(2025, 3, 13), signed=D(2025, 3, 14),
    ),
    Paper(
        "trois-rives", "comptabilite-finances", "fr", "Budget de trésorerie à la semaine", "Le classeur de trésorerie, avec ses hypothèses et leurs sources : les choix deviennent visibles en dix jours.",
        "budget-tresorerie.xlsx", _budget, hours=16, poured=D(2025, 2, 14), opened=D(2025, 2, 20), signed=D(2025, 2, 21), answered=D(2025, 2, 26), served=4,
    ),
    Paper(
        "prairie", "ressources-humaines", "en", "Remote work policy", "A two-page policy for remote work, adopted by the board without changes.",
        "remote-work-policy.pdf", _remote, hours=9, poured=D(2025, 1, 20), opened=D(2025, 1, 24), signed=D(2025, 1, 27), answered=D(2025, 1, 30), served=2,
    ),
    Paper(
        "grand-heron", "recrutement", "fr", "Grille d’entrevue pour une direction", "Huit questions, leur grille de notation et le mot d’accueil.",
        "grille-entrevue.docx", _job_posting, hours=11, poured=D(2025, 1, 9), opened=D(2025, 1, 13), signed=D(2025, 1, 14), answered=D(2025, 1, 20), revoked=D(2025, 3, 18), served=2,
        words="Notre nouvelle direction se reconnaît dans ces questions.",
    ),
    Paper(
        "grand-heron", "formation", "fr", "Échelle salariale de postes repères", "L’échelle de trois postes repères, pour placer les autres en une rencontre.",
        "echelle-salariale.xlsx", _wages, hours=8, poured=D(2025, 1, 6), opened=D(2025, 1, 8), signed=D(2025, 1, 9), answered=D(2025, 1, 15), more={"valid_until": D(2025, 3, 31)}, served=1,
    ),
    Paper(
        "grand-heron", "affaires-juridiques", "fr", "Avis sur le renouvellement d’un bail", "Un avis juridique sur le droit de premier refus et l’indexation du loyer.",
        "avis-bail.docx", _lease, hours=7, poured=D(2025, 3, 17), opened=D(2025, 3, 31),
    ),
    Paper(
        "prairie", "gouvernance", "en", "Board orientation in ninety minutes", "Slides for an evening with new directors: three duties, reading the statements.",
        "board-orientation.pptx", _training, hours=10, poured=D(2025, 2, 3), opened=D(2025, 2, 6), signed=D(2025, 2, 7), answered=D(2025, 2, 12), accepted=False,
        words="We would rather present it ourselves at the federation.",
    ),
    Paper(
        "", "sante-securite", "fr", "Programme de prévention pour petite équipe", "Le guide de la coopérative, en quatre pages : inventaire, registre, calendrier.",
        "programme-prevention.pdf", _prevention, kind="GUIDE", hours=30, poured=D(2025, 1, 14), opened=D(2025, 1, 16), signed=D(2025, 1, 17), more={"valid_until": D(2025, 6, 30)}, served=5,
    ),
    Paper(
        "grand-heron", "affaires-juridiques", "fr", "Modèle de contrat avec champs automatiques", "Un modèle de contrat de service.",
        "modele-contrat.docx", _macros, hours=5, poured=D(2025, 4, 1),
    ),
]  # fmt: skip
SIGNATURE = {
    "fr": ("Réemploi par d’autres membres de la coopérative", "Rien n’y isole une personne ; les montants et les dates sont courants dans le secteur."),
    "en": ("Reuse by other members of the cooperative", "Nothing singles anyone out; the figures are common in the sector."),
}  # fmt: skip


def pour_documents(world: World) -> None:
    """Pour each document and take it as far as it went, in the order of time."""
    steps: list[tuple[datetime, int, Callable[[], None]]] = []
    for number, paper in enumerate(PAPERS):
        _plan(world, paper, number, steps)
    told = Entry.objects.aggregate(last=Max("pk"))["last"] or 0
    with trusted():
        for _moment, _number, act in sorted(steps, key=lambda one: one[:2]):
            act()
    world.take_back(Entry.objects.filter(pk__gt=told))


def _plan(world: World, paper: Paper, number: int, steps: list) -> None:
    org = world.keys[paper.org] if paper.org else None
    author = _author(paper)
    signer = world.coordinators[number % len(world.coordinators)]
    mandate = _mandate(org, paper)
    made: dict[str, Any] = {}

    def plan(
        day: date | None, hour: int, minute: int, act: Callable[[Any], None], who: int
    ) -> None:
        if day is not None:
            moment = at(day, hour, minute)
            steps.append(
                (moment, number, lambda: act(Actor(who, world.user_names[who], moment)))
            )

    def pour(by) -> None:
        facts = Facts(
            org=org.name if org else "",
            town=org.town[0] if org else "",
            person=world.user_names[org.signers[0]] if org and org.signers else "",
            expert=author.name,
        )
        file = keep_file(name=paper.name, content=paper.make(facts), by=by)
        piece = actions.pour(
            kind=paper.kind,
            title=paper.title,
            text=paper.text,
            language=paper.language,
            field_id=world.fields[paper.field],
            deliverable_type_id=DeliverableType.objects.filter(
                field_id=world.fields[paper.field]
            )
            .values_list("pk", flat=True)
            .first(),
            province=org.province if org else "",
            source=mandate.reference if mandate else "",
            organisation_id=org.id if org else None,
            author_id=author.pk,
            minutes=paper.hours * 60,
            file_id=file.pk,
            by=by,
            **paper.more,
        )
        made["piece"] = piece
        actions.read_version(version_id=piece.versions.get().pk, by=by)

    def prepare(by) -> None:
        team = TeamMember.objects.filter(mandate=mandate) if mandate else []
        made["release"] = actions.open_release(
            piece_id=made["piece"].pk,
            parties=[one.expert.name for one in team],
            by=by,
        )

    def sign(by) -> None:
        purpose, weighed = SIGNATURE[paper.language]
        release: Release = made["release"]
        actions.sign_release(
            release_id=release.pk,
            decisions=[
                Decision(before=one.before, after=one.after)
                for one in release.replacements.all()
            ],
            signature=Signature(purpose=purpose, risk="VERY_LOW", risk_words=weighed),
            by=by,
        )

    def answer(by) -> None:
        assert org is not None
        actions.answer_consent(
            consent_id=Release.objects.get(pk=made["release"].pk).consent.pk,
            organisation_ids=[org.id],
            accepted=paper.accepted,
            words="" if paper.accepted else paper.words,
            by=by,
        )

    def revoke(by) -> None:
        assert org is not None
        actions.revoke_consent(
            consent_id=Release.objects.get(pk=made["release"].pk).consent.pk,
            organisation_ids=[org.id],
            reason=paper.words,
            by=by,
        )

    def serve(by) -> None:
        _serve(world, paper, made["piece"], org, by)

    plan(paper.poured, 16, 5, pour, author.user_id or signer)
    plan(paper.opened, 10, 15, prepare, signer)
    plan(paper.signed, 11, 40, sign, signer)
    member = org.signers[0] if org and org.signers else signer
    plan(paper.answered, 9, 20, answer, member)
    if paper.served:
        plan((paper.answered or paper.signed), 15, 30, serve, signer)
    plan(paper.revoked, 8, 45, revoke, member)


def _author(paper: Paper) -> Expert:
    experts = Expert.objects.filter(
        left_on=None,
        languages__contains=[paper.language],
        skills__field__code=paper.field,
    ).order_by("-skills__level", "pk")
    return (
        experts.filter(
            user__email__in=("experte@partage.example", "expert@partage.example")
        ).first()
        or experts[0]
    )


def _mandate(org: Org | None, paper: Paper) -> Mandate | None:
    if org is None:
        return None
    rows = Mandate.objects.filter(organisation_id=org.id, status="CLOSED").order_by(
        "reference"
    )
    return rows.filter(field__code=paper.field).first() or rows.first()


def _serve(world: World, paper: Paper, piece: Piece, org: Org | None, by) -> None:
    """Later mandates of others, in the same language, that began from this document."""
    others = (
        Mandate.objects.filter(
            language=paper.language, opened_on__gte=by.on, offer__isnull=False
        )
        .exclude(organisation_id=org.id if org else None)
        .order_by("field__code", "reference")
    )
    same = [one for one in others if one.field.code == paper.field]
    rest = [one for one in others if one.field.code != paper.field]
    for number, mandate in enumerate([*same, *rest][: paper.served]):
        actions.record_reuse(
            piece_id=piece.pk,
            served=mandate.reference,
            organisation_id=mandate.organisation_id,
            minutes_saved=(4 + 3 * number) * 60,
            minutes_adapting=90,
            by=by,
        )
