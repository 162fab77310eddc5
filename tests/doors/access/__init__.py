"""Who may open each page: one module for each subject, each a TABLE.

    TABLE = {"coordination:needs": {COORDINATION}, "sign-in": EVERYONE}

A URL that is not here makes tests/doors/test_access.py fail.
"""

from partage.people.models import Role

MEMBER = Role.MEMBER
EXPERT = Role.EXPERT
COORDINATION = Role.COORDINATION
FINANCE = Role.FINANCE
BOARD = Role.BOARD
ADMINISTRATION = Role.ADMINISTRATION

SIGNED_IN = frozenset(Role)  # any role, after signing in
EVERYONE = None  # signed in or not
