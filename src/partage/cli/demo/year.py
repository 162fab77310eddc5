"""The year's work, day by day: who worked on what, and how long.

First each expert's days are shared between work that is sold and work that is
not, so that the year comes to exactly its hours. Then the days are walked in
order and the sold time goes to mandates, which open and end as they are met.
Time is counted in quarters of an hour here, and written in minutes.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from partage.cli.demo import stories
from partage.cli.demo.ground import (
    ENTERPRISES,
    HOURS,
    TODAY,
    YEAR_END,
    YEAR_START,
    Org,
    Person,
    World,
    business_day,
    days,
)

SMALL_HOURS = 10  # the middle of what the smallest enterprises ask for
THIS_WEEK = TODAY
LAST_WEEK = TODAY - timedelta(days=7)


@dataclass(eq=False)
class Job:
    """A mandate of the year, as it is lived."""

    org: Org
    code: str
    story: "stories.Story"
    language: str
    opened: date
    team: list[tuple[Person, str, int]]  # the first one leads
    place: str
    full: bool = False
    quarters: int = 0  # what will be worked
    budget: int = 0  # what was offered
    used: int = 0
    first_on: date | None = None
    last_on: date | None = None
    closed: date | None = None
    paused: bool = False
    parts: list[int] = field(default_factory=list)  # quarters of each of the team
    id: int = 0
    rates: dict[int, object] = field(default_factory=dict)
    reference: str = ""
    title: str = ""
    due: date | None = None
    kind: int | None = None  # of deliverable
    card: int = 0


@dataclass(eq=False)
class Slot:
    job: Job
    left: int


@dataclass(slots=True)
class Worked:
    """A day's time of an expert on a mandate, or on an internal activity."""

    person: Person
    on: date
    quarters: int
    job: Job | None = None
    activity: str = ""


class Year:
    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng
        # What the work is about is drawn apart: it changes neither days nor members.
        self.subjects = Random(2024)
        self.jobs: list[Job] = []
        self.worked: list[Worked] = []
        self.slots: dict[int, list[Slot]] = {p.id: [] for p in world.people}
        self.served: set[int] = set()
        self.to_serve = [org for org in world.orgs if org.served and not org.full]
        self.rng.shuffle(self.to_serve)
        self.open_to_all = [org for org in self.to_serve if not org.small]
        workers = [p for p in world.people if not p.newcomer]
        # Last week: two have written nothing yet. This week: a few have begun.
        self.silent = {workers[30].id, workers[61].id}
        self.begun = {p.id for p in self.rng.sample(workers, 30)}
        self.begun -= {
            p.id for p in workers if world.logins["experte@partage.example"] == p.user
        }
        self.workers = workers

    def live(self) -> None:
        sold = self._share_out()
        self._full_management(YEAR_START, business_day(date(2024, 3, 25)))
        for monday in days(YEAR_START, TODAY)[::7]:
            if monday == date(2025, 3, 31):
                self._end_full_management()
            if monday == date(2025, 3, 10):
                self._pause_some()
            for person in self.workers:
                for day in days(monday, monday + timedelta(days=6)):
                    if day == date(2025, 4, 1) and person is self.workers[0]:
                        self._full_management(day, day)
                    if sold.get((person.id, day)):
                        self._work(person, day, sold[person.id, day])
        assert len(self.served) == ENTERPRISES, len(self.served)
        self._close()

    def _share_out(self) -> dict[tuple[int, date], int]:
        """Return the quarters sold each day; the year's add up to HOURS exactly."""
        rng = self.rng
        wanted = HOURS * 4
        room: dict[tuple[int, date], int] = {}
        raw: dict[tuple[int, date], float] = {}
        for person in self.workers:
            share = min(0.93, max(0.42, rng.gauss(0.70, 0.085)))
            if person.field in ("direction-partagee", "informatique"):
                share = min(0.93, share + 0.06)
            season = rng.uniform(-0.05, 0.05)
            for day, minutes in sorted(person.present.items()):
                quarters = minutes // 15
                if not quarters or (person.id in self.silent and day >= LAST_WEEK):
                    continue
                if day == TODAY:
                    if person.id not in self.begun:
                        continue
                    quarters = min(quarters, 10)
                room[person.id, day] = quarters
                if rng.random() < 0.05:
                    raw[person.id, day] = 0.0
                    continue
                busy = 1 + season * (1 if day.month in (1, 2, 3, 9, 10) else -1)
                raw[person.id, day] = quarters * min(
                    1.0, share * busy * rng.uniform(0.75, 1.25)
                )
        in_year = [key for key in room if key[1] <= YEAR_END]
        factor = wanted / sum(raw[key] for key in in_year)
        sold = {key: min(room[key], round(raw[key] * factor)) for key in room}
        apart = wanted - sum(sold[key] for key in in_year)
        step = 1 if apart > 0 else -1
        movable = [k for k in in_year if 4 <= sold[k] <= room[k] - 3]
        for key in rng.sample(movable, abs(apart)):
            sold[key] += step
        assert sum(sold[key] for key in in_year) == wanted
        for key in room:
            self._internal(key, room[key] - sold[key])
        for person in self.world.people:
            if person.newcomer:
                for day, minutes in sorted(person.present.items()):
                    if minutes and LAST_WEEK <= day < TODAY:
                        self.worked.append(
                            Worked(person, day, minutes // 15, None, "formation")
                        )
        return sold

    def _internal(self, key: tuple[int, date], quarters: int) -> None:
        rng = self.rng
        person = self.world.people[key[0] - self.world.people[0].id]
        pool = ["equipe", "reservoir", "formation", "administration", "offres"]
        weights = (40, 15, 10, 25, 10) if key[1].weekday() == 1 else (8, 28, 18, 28, 18)
        while quarters > 0:
            activity = rng.choices(pool, weights)[0]
            taken = quarters if quarters <= 6 else rng.randint(3, min(quarters, 16))
            self.worked.append(Worked(person, key[1], taken, None, activity))
            i = pool.index(activity)
            pool.pop(i)
            weights = weights[:i] + weights[i + 1 :]
            quarters -= taken
            if len(pool) == 1 and quarters:
                self.worked.append(Worked(person, key[1], quarters, None, pool[0]))
                return

    # --- mandates ---------------------------------------------------------------

    def _full_management(self, start: date, opened: date) -> None:
        """The four that the cooperative runs whole: a team, all year."""
        wholes = [org for org in self.world.orgs if org.full]
        teams = [
            ("direction-partagee", "direction-partagee", "comptabilite-finances",
             "comptabilite-finances", "communications", "ressources-humaines"),
            ("direction-partagee", "comptabilite-finances", "informatique",
             "evenements", "communications", "ressources-humaines"),
            ("direction-partagee", "comptabilite-finances", "comptabilite-finances",
             "ressources-humaines", "communications", "gestion-projets"),
            ("direction-partagee", "comptabilite-finances", "formation",
             "evenements", "communications", "recrutement"),
        ]  # fmt: skip
        taken: set[int] = set()
        for org, fields in zip(wholes, teams, strict=True):
            team = []
            for code in fields:
                fitting = [
                    p
                    for p in self.workers
                    if p.field == code
                    and p.id not in taken
                    and self._fits(p, org, code)
                    and p.user not in self.world.logins.values()
                    # Neither hired nor gone during the year.
                    and p.present.keys() >= {YEAR_START, TODAY}
                ]
                person = max(fitting, key=lambda p: p.parallel)
                taken.add(person.id)
                team.append((person, code, person.skills[code]))
            job = Job(
                org=org, code="direction-partagee", story=stories.FULL_MANAGEMENT,
                language=org.language, opened=opened, team=team, place="EITHER",
                full=True, quarters=10**6,
            )  # fmt: skip
            self.jobs.append(job)
            for person, _code, _level in team:
                self.slots[person.id].append(Slot(job, 10**6))

    def _end_full_management(self) -> None:
        """Their last day of the year is the Monday that begins this week."""
        for job in [job for job in self.jobs if job.full]:
            job.quarters = -1

    def _pause_some(self) -> None:
        """A few mandates wait for something."""
        running = [
            job
            for job in self.jobs
            if not job.full and len(job.team) == 1 and job.used > 20
            and job.quarters - job.used > 40 and job.org.id in self.served
        ]  # fmt: skip
        for job in self.rng.sample(running, 7):
            job.paused = True
            for slots in self.slots.values():
                slots[:] = [slot for slot in slots if slot.job is not job]

    def _work(self, person: Person, day: date, quarters: int) -> None:
        rng = self.rng
        slots = self.slots[person.id]
        done: dict[Job, int] = {}
        if day > YEAR_END:
            slots[:] = [s for s in slots if not (s.job.full and s.job.quarters < 0)]
        while quarters:
            slots[:] = [slot for slot in slots if slot.left > 0]
            running = [slot for slot in slots if slot.job.opened <= day]
            whole = next((slot for slot in running if slot.job.full), None)
            others = [slot for slot in running if slot is not whole]
            target = person.parallel - (whole is not None)
            if not done and len(others) < target:
                others.append(self._open(person, day))
            if whole and not done.get(whole.job):
                share = (
                    quarters
                    if rng.random() < 0.3
                    else round(quarters * rng.uniform(0.5, 0.85))
                )
                if share:
                    done[whole.job] = share
                    quarters -= share
                    continue
            if not others:
                others.append(self._open(person, day))
            slot = rng.choice(others)
            if quarters <= 6 or len(others) == 1 or rng.random() < 0.3:
                chunk = quarters
            else:
                chunk = rng.randint(max(2, quarters // 3), quarters)
            chunk = min(chunk, slot.left, quarters)
            done[slot.job] = done.get(slot.job, 0) + chunk
            slot.left -= chunk
            quarters -= chunk
        for job, taken in done.items():
            job.used += taken
            job.first_on = job.first_on or day
            job.last_on = max(job.last_on or day, day)
            if day <= YEAR_END:
                self.served.add(job.org.id)
            self.worked.append(Worked(person, day, taken, job))

    def _fits(self, person: Person, org: Org, code: str) -> bool:
        if org.language not in person.languages or org.id in person.conflicts:
            return False
        if code != "affaires-juridiques" or org.province in person.licences:
            return True
        # In Ontario, New Brunswick and Nova Scotia, 100 days on another licence.
        return org.province in ("ON", "NB", "NS")

    def _open(self, person: Person, day: date) -> Slot:
        rng = self.rng
        code = person.field
        others = [c for c in person.skills if c != code and c != "affaires-juridiques"]
        if others and rng.random() < 0.12:
            code = rng.choice(others)
        org = self._whom(person, code, day)
        language = org.language
        rng.choice(stories.BY_FIELD[code])  # keeps the days as they were drawn before
        early = day < YEAR_START + timedelta(days=10)
        shift = rng.randint(0, 5) if early else rng.choice((0, 0, 1, 2, 3))
        opened = business_day(day, -shift) if shift else day
        if opened == TODAY:  # the member answered on Friday
            opened = business_day(TODAY, -1)
        if org.small:
            middle = SMALL_HOURS
            quarters = rng.randint(3 * 4, 20 * 4)
        else:
            middle = 125 if org.kind == "FEDERATION" else 105 if org.member else 72
            quarters = int(4 * min(620, max(8, rng.lognormvariate(0, 0.75) * middle)))
        story = stories.for_size(code, quarters / 4 / middle, self.subjects)
        place = (
            "REMOTE"
            if person.remote_only or rng.random() < 0.72
            else rng.choice(("EITHER", "ON_SITE"))
        )
        job = Job(
            org=org, code=code, story=story, language=language, opened=opened,
            team=[(person, code, person.skills[code])], place=place, quarters=quarters,
            parts=[quarters],
        )  # fmt: skip
        mate = (
            self._mate(person, org, code, day)
            if quarters > 120 and rng.random() < 0.3
            else None
        )
        slot = Slot(job, quarters)
        if mate:
            other, second = mate
            share = int(quarters * rng.uniform(0.25, 0.45))
            job.team.append((other, second, other.skills[second]))
            job.parts = [quarters - share, share]
            slot.left = quarters - share
            self.slots[other.id].append(Slot(job, share))
        # What was foreseen and what it takes are two things.
        ratio = rng.choices(
            (rng.uniform(0.78, 0.97), 1.0, rng.uniform(1.04, 1.22)), (62, 28, 10)
        )[0]
        job.budget = max(8, -(-int(quarters / ratio) // 8) * 8)
        self.jobs.append(job)
        self.slots[person.id].append(slot)
        return slot

    def _whom(self, person: Person, code: str, day: date) -> Org:
        rng = self.rng
        late = day >= date(2025, 1, 20)
        if self.to_serve and (late or rng.random() < 0.5):
            fitting = (org for org in self.to_serve if self._fits(person, org, code))
            if found := next(fitting, None):
                self.to_serve.remove(found)
                return found
        fitting = [org for org in self.open_to_all if self._fits(person, org, code)]
        # Half the time, someone that this expert already knows.
        known = {job.org for job in self.jobs[-400:] if job.team[0][0] is person}
        again = [org for org in fitting if org in known]
        if again and rng.random() < 0.3:
            return rng.choice(again)
        return rng.choices(fitting, [org.weight for org in fitting])[0]

    def _mate(
        self, person: Person, org: Org, code: str, day: date
    ) -> tuple[Person, str] | None:
        found = [
            (other, second)
            for other in self.workers
            for second in [other.field]
            if second != code and second != "affaires-juridiques"
            and second in stories.TOGETHER.get(code, ()) and other is not person
            and self._fits(other, org, second) and other.present.get(day)
            and len(self.slots[other.id]) < 3
        ]  # fmt: skip
        return self.rng.choice(found) if found else None

    def _close(self) -> None:
        """End what was finished; what is left is open today."""
        rng = self.rng
        left = {
            id(slot.job)
            for slots in self.slots.values()
            for slot in slots
            if slot.left > 0
        }
        for job in self.jobs:
            if job.full:
                job.budget = 0
                if job.quarters < 0:
                    job.closed = YEAR_END
                    job.budget = -(-job.used // 40) * 40
                continue
            if job.last_on is None:
                continue
            # What nobody touched for six weeks was done, below what was foreseen.
            asleep = (TODAY - job.last_on).days > 42
            if not job.paused and (asleep or id(job) not in left):
                closed = business_day(job.last_on, rng.choice((0, 1, 1, 2, 3, 5)))
                if closed < TODAY and rng.random() < 0.985:
                    job.closed = closed
        running = [
            job
            for job in self.jobs
            if not (job.closed or job.full or job.paused) and job.used > 80
        ]
        for job in rng.sample(running, 7):  # over their budget
            job.budget = int(job.used * rng.uniform(0.8, 0.95)) // 8 * 8
        for job in self.jobs:
            if job.full and job.quarters > 0:
                before = next(j for j in self.jobs if j.org is job.org and j.full)
                job.budget = before.budget
        # Someone was added to a team and never came: the mandate is the lead's.
        self.jobs = [job for job in self.jobs if job.last_on is not None]
