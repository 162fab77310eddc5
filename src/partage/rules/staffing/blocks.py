"""A problem too large for one linear program, in blocks of experts.

Experts who could take the same roles go into one block, each role to the block
of the expert it would choose at the first prices. The plan is made block by block;
the bound never is: prices from the blocks are put together and proven against
every expert of the whole.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from partage.rules.staffing.improve import dive
from partage.rules.staffing.master import Bundle, Master
from partage.rules.staffing.search import Prices, Search
from partage.rules.staffing.tables import Floats, Ints, Tables

_TRAITS = 16


def split(t: Tables, *, most: int, seed: int) -> list[Ints]:
    """Experts in blocks of at most `most`, by what they could do."""
    dice = np.random.default_rng(seed)
    count = np.bincount(t.pair_role, minlength=len(t.reject))
    words = dice.normal(size=(len(t.reject), _TRAITS))
    words /= np.sqrt(np.maximum(1, count))[:, None]
    traits = np.zeros((len(t.capacity), _TRAITS))
    for e in range(len(t.capacity)):
        mine = t.pair_role[t.first[e] : t.first[e + 1]]
        if len(mine):
            traits[e] = words[mine].sum(axis=0)
    length = np.sqrt((traits**2).sum(axis=1))
    traits /= np.maximum(1e-9, length)[:, None]
    done: list[Ints] = []
    todo = [np.arange(len(t.capacity))]
    while todo:
        block = todo.pop()
        if len(block) <= most:
            done.append(np.sort(block))
            continue
        here = traits[block] - traits[block].mean(axis=0)
        _, axes = np.linalg.eigh(here.T @ here)
        # Mostly the widest axis, tilted a little so that another seed cuts elsewhere.
        axis = axes[:, -1] + 0.3 * dice.normal() * axes[:, -2]
        order = np.argsort(here @ axis, kind="stable")
        half = len(block) // 2
        todo += [block[order[half:]], block[order[:half]]]
    return done


def plan_blocks(
    search: Search,
    plan: Sequence[Bundle],
    value: Floats,
    blocks: Sequence[Ints],
    home: Ints | None,
    *,
    seed: int,
    until: float,
    on_plan: Callable[[list[Bundle]], None],
) -> tuple[list[Bundle], Floats]:
    """Plan each block anew; returns the plan, and the roles' values put together.

    With `home` (an expert per role, or −1) the roles go where that expert is;
    without it each block has the roles its experts hold in `plan`, and a share of
    those that nobody holds.
    """
    t = search.t
    block_of = np.empty(len(t.capacity), np.int64)
    for k, block in enumerate(blocks):
        block_of[block] = k
    place = np.full(len(t.reject), -1)
    for b in plan:
        place[list(b.roles)] = block_of[b.expert]
    if home is not None:
        known = home >= 0
        place[known] = block_of[home[known]]
    owner = np.repeat(np.arange(len(t.capacity)), np.diff(t.first))
    votes = np.zeros((len(t.reject), len(blocks)), np.int32)
    np.add.at(votes, (t.pair_role, block_of[owner]), 1)
    homeless = place < 0
    # Where several could do it, another turn tries another block.
    lot = votes * np.random.default_rng(seed).random(votes.shape)
    place[homeless] = lot[homeless].argmax(axis=1)
    lonely = votes.sum(axis=1) == 0
    by_block: list[list[Bundle]] = [[] for _ in blocks]
    for b in plan:
        by_block[block_of[b.expert]].append(b)
    values = value.copy()
    began = search.pace.spent()
    ahead = until * search.pace.budget - began
    lanes = max(1, search.threads)

    def one(k: int) -> tuple[int, list[Bundle], Ints, Floats]:
        # Each lane may use its share of the time, whatever the others took.
        mine = by_block[k]
        turn = k // lanes + 1
        turns = -(-len(blocks) // lanes)
        end = (began + ahead * turn / turns) / search.pace.budget
        # Roles whose holder in `plan` is in another block stay there.
        roles = np.flatnonzero((place == k) & ~lonely)
        if len(roles) == 0 or search.pace.over(until):
            return k, mine, roles, value[roles]
        own = search.alone()
        sound = [b for b in mine if (place[list(b.roles)] == k).all()]
        master = Master(roles, blocks[k], t.reject)
        master.add(sound)
        start = np.full(len(t.reject), -np.inf)
        start[roles] = np.minimum(value[roles], t.reject[roles])
        half = 0.55 * end + 0.45 * own.pace.spent() / own.pace.budget
        prices = own.generate(
            master, Prices(start, -np.inf), until=half, limit=150, keep=3, hurry=True
        )
        found = dive(own, master, prices, until=end)
        if own.cost_of(found, roles) >= own.cost_of(sound, roles):
            found = sound
        return k, found, roles, prices.dual[roles]

    current: dict[int, list[Bundle]] = {k: by_block[k] for k in range(len(blocks))}
    if home is not None:
        current = {k: [] for k in current}
    with ThreadPoolExecutor(lanes) as workers:
        for k, found, roles, dual in workers.map(one, range(len(blocks))):
            current[k] = found
            values[roles] = dual
            on_plan([b for part in current.values() for b in part])
    return [b for part in current.values() for b in part], values
