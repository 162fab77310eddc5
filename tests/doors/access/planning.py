from tests.doors.access import COORDINATION, EXPERT

TABLE = {
    "coordination:planning": {COORDINATION},
    "coordination:candidates": {COORDINATION},
    "coordination:withdraw": {COORDINATION},
    "coordination:shortlist": {COORDINATION},
    "coordination:experts": {COORDINATION},
    "coordination:expert": {COORDINATION},
    "coordination:expert_change": {COORDINATION},
    "expert:home": {EXPERT},
    "expert:assignment": {EXPERT},
    "expert:answer": {EXPERT},
    "expert:assignment_paper": {EXPERT},
    "expert:schedule": {EXPERT},
    "expert:absent": {EXPERT},
    "expert:absence_back": {EXPERT},
    "expert:limits": {EXPERT},
}
