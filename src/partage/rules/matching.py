"""Matching: which invoices a deposit pays, with the reasons and how sure one is.

A proposal is never an act: someone confirms it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations

from partage.rules.money import ZERO
from partage.rules.triage import fold

MOST_PROPOSALS = 5
MOST_SUMMED = 12  # open invoices of one member, of which every sum is tried
CERTAIN = 95

# Why: each worth what it adds to the score.
REASONS = {
    "number": 60,  # its number is in the bank's words
    "name": 40,  # the payer is the member, by every word of its name
    "name_in_part": 20,  # by some of them
    "exact": 40,  # the amount is exactly what is owed
    "sum": 35,  # exactly what several invoices owe
    "partial": 15,  # less than what is owed
    "over": 5,  # more than what is owed: the rest is to the member's credit
    "only_one": 15,  # no other invoice owes this amount
}
# Words that say nothing of who pays: forms of enterprises, small words, bank words.
_SMALL = (
    "a au aux and by d de depot des direct du e en et inc l la le les ltd ltee of pour "
    "the to un une virement paiement payment transfer deposit interac cheque facture "
    "invoice fact inv no num numero ref reference coop cooperative co op cooperatif "
    "cooperatives association assoc societe ass federation fed"
)
_EMPTY = frozenset(_SMALL.split())
_NUMBER = re.compile(r"(?<![\d.,$])\d{1,9}(?![\d]|[.,]\d)")
_NAMED = re.compile(
    r"(?:\b(?:factures?|fact|invoices?|inv|fac|f|no|numeros?)|#)[\s.:#-]*"
    r"((?:\d{1,9}\b[\s,;&+/-]*(?:et |and )?)+)"
)
_DAYS = re.compile(
    r"\b(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})\b"
)
# What is not owed to the cent is never certain, whoever and whatever is named.
_AT_MOST = {"partial": 85, "over": 80}


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice that is not paid: `balance` dollars, above zero."""

    id: int
    number: int
    payer_id: int
    payer: str
    balance: Decimal
    due_on: date


@dataclass(frozen=True, slots=True)
class Received:
    """A deposit: `amount` dollars, above zero, and all that the bank says of it."""

    id: int
    on: date
    amount: Decimal
    words: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a deposit may pay: (invoice, dollars) each; together with `over`, all of it.

    `over` is what exceeds what is owed. `score` is from 0 to 100; `reasons` are keys of
    REASONS, the weightiest first. What scores CERTAIN or more may be confirmed with
    others at once.
    """

    received_id: int
    shares: tuple[tuple[int, Decimal], ...]
    over: Decimal
    score: int
    reasons: tuple[str, ...]

    @property
    def is_certain(self) -> bool:
        return self.score >= CERTAIN


def propose(
    deposits: Iterable[Received], owed: Iterable[Owed]
) -> dict[int, tuple[Proposal, ...]]:
    """Return the proposals for each deposit, the best first, five at most.

    In the order of their days, a deposit that is certain takes what it pays: the next
    ones are proposed what remains, so that all that is certain can be confirmed
    together. An invoice never receives more than its balance.
    """
    books = _Books(owed)
    found: dict[int, tuple[Proposal, ...]] = {}
    for one in sorted(deposits, key=lambda each: (each.on, each.id)):
        proposals = books.proposals(one)
        found[one.id] = proposals
        if proposals and proposals[0].is_certain:
            books.take(proposals[0])
    return found


class _Books:
    """What is still owed, by number, by payer and by amount."""

    def __init__(self, owed: Iterable[Owed]) -> None:
        self.owed = {
            one.id: one
            for one in sorted(owed, key=lambda each: (each.due_on, each.number))
        }
        self.rank = {pk: rank for rank, pk in enumerate(self.owed)}
        self.balance = {one.id: one.balance for one in self.owed.values()}
        self.by_number = {one.number: one.id for one in self.owed.values()}
        self.by_payer: dict[int, list[int]] = defaultdict(list)
        self.words_of: dict[int, frozenset[str]] = {}
        self.with_word: dict[str, set[int]] = defaultdict(set)
        for one in self.owed.values():
            self.by_payer[one.payer_id].append(one.id)
            if one.payer_id not in self.words_of:
                words = telling_words(one.payer)
                self.words_of[one.payer_id] = words
                for word in words:
                    self.with_word[word].add(one.payer_id)

    def take(self, proposal: Proposal) -> None:
        for invoice_id, amount in proposal.shares:
            self.balance[invoice_id] -= amount

    def open_of(self, payer_id: int) -> list[int]:
        return [pk for pk in self.by_payer[payer_id] if self.balance[pk] > 0]

    def proposals(self, one: Received) -> tuple[Proposal, ...]:
        named = self._named(one.words)
        payers = self._payers(one.words)
        found: list[Proposal] = []
        if named:
            ids = {self.owed[pk].payer_id for pk in named}
            who = payers.get(next(iter(ids)), "") if len(ids) == 1 else ""
            # Words that name someone else throw a doubt on the number.
            doubt = 0 if who or not payers else 25
            found.append(self._share(one, named, ["number", who], doubt))
        for payer_id, why in payers.items():
            found += self._of_payer(one, payer_id, why)
        alike = [pk for pk, left in self.balance.items() if left == one.amount]
        for pk in alike[:MOST_PROPOSALS]:
            reasons = ["exact", "only_one"] if len(alike) == 1 else ["exact"]
            found.append(self._share(one, [pk], reasons, 0))
        best: dict[tuple[tuple[int, Decimal], ...], Proposal] = {}
        for each in found:
            there = best.get(each.shares)
            if each.shares and (there is None or there.score < each.score):
                best[each.shares] = each
        ordered = sorted(best.values(), key=lambda each: (-each.score, each.shares))
        return tuple(ordered[:MOST_PROPOSALS])

    def _named(self, words: str) -> list[int]:
        """Return the open invoices that the bank's words name by their numbers."""
        folded = _DAYS.sub(" ", fold(words))
        told = {
            int(digits)
            for group in _NAMED.finditer(folded)
            for digits in re.findall(r"\d+", group[1])
        }
        # A bare number of three figures or more is believed, unless it is a year.
        bare = {
            number
            for each in _NUMBER.findall(folded)
            if len(each) >= 3 and not 1990 <= (number := int(each)) <= 2100
        }
        ids = [self.by_number.get(number) for number in sorted(told | bare)]
        return [pk for pk in ids if pk is not None and self.balance[pk] > 0]

    def _payers(self, words: str) -> dict[int, str]:
        """Return whose names the words tell, wholly or in part, the likeliest first."""
        told = frozenset(_words(words))
        hits: dict[int, int] = defaultdict(int)
        for word in told:
            for payer_id in self.with_word.get(word, ()):
                hits[payer_id] += 1
        found = {}
        for payer_id, count in sorted(hits.items(), key=lambda hit: (-hit[1], hit[0])):
            whole = len(self.words_of[payer_id])
            if count == whole:
                found[payer_id] = "name"
            elif count * 2 >= whole and (count > 1 or self._is_rare(payer_id, told)):
                found[payer_id] = "name_in_part"
        return found

    def _is_rare(self, payer_id: int, told: frozenset[str]) -> bool:
        """Whether a word that was told belongs to this payer alone."""
        return any(
            len(self.with_word[word]) == 1 for word in self.words_of[payer_id] & told
        )

    def _of_payer(self, one: Received, payer_id: int, why: str) -> list[Proposal]:
        ids = self.open_of(payer_id)
        if not ids:
            return []
        exact = [pk for pk in ids if self.balance[pk] == one.amount]
        if exact:
            # Of two alike, the oldest is paid first; one is then less sure.
            doubt = 0 if len(exact) == 1 else 10
            reasons = [why, "exact"] + (["only_one"] if len(exact) == 1 else [])
            return [self._share(one, exact[:1], reasons, doubt)]
        sums = self._sums(ids, one.amount)
        if sums:
            doubt = 0 if len(sums) == 1 else 15
            reasons = [why, "sum"] + (["only_one"] if len(sums) == 1 else [])
            return [self._share(one, ids_of, reasons, doubt) for ids_of in sums[:2]]
        return [self._share(one, ids, [why], 0)]

    def _sums(self, ids: Sequence[int], amount: Decimal) -> list[list[int]]:
        """Return which of these invoices together owe exactly this, all of them first.

        Every sum of two or more is tried up to MOST_SUMMED invoices; beyond, only
        those that are due first, together.
        """
        total = sum((self.balance[pk] for pk in ids), ZERO)
        if total < amount:
            return []
        found = []
        if len(ids) <= MOST_SUMMED:
            for size in range(len(ids), 1, -1):
                for some in combinations(ids, size):
                    if sum((self.balance[pk] for pk in some), ZERO) == amount:
                        found.append(list(some))
            return found
        running = ZERO
        for at, pk in enumerate(ids, 1):
            running += self.balance[pk]
            if running == amount and at > 1:
                return [list(ids[:at])]
        return []

    def _share(
        self, one: Received, ids: Sequence[int], why: Sequence[str], doubt: int
    ) -> Proposal:
        """Pay these invoices in the order they are due, as far as the deposit goes."""
        left, shares = one.amount, []
        for pk in sorted(ids, key=self.rank.__getitem__):
            paid = min(left, self.balance[pk])
            if paid > 0:
                shares.append((pk, paid))
                left -= paid
        reasons = [reason for reason in why if reason]
        if left > 0:
            reasons.append("over")
        elif any(paid < self.balance[pk] for pk, paid in shares):
            reasons.append("partial")
        elif "exact" not in reasons and "sum" not in reasons:
            reasons.append("exact" if len(shares) == 1 else "sum")
        most = min(_AT_MOST.get(reason, 100) for reason in reasons)
        score = min(most, sum(REASONS[reason] for reason in reasons) - doubt)
        return Proposal(
            received_id=one.id,
            shares=tuple(shares),
            over=left,
            score=max(0, score),
            reasons=tuple(sorted(reasons, key=lambda reason: -REASONS[reason])),
        )


def telling_words(name: str) -> frozenset[str]:
    """Return the words of a name that tell it from others."""
    words = _words(name)
    return frozenset(word for word in words if word not in _EMPTY) or frozenset(words)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]{2,}", fold(text))
