from tests.doors.access import EVERYONE, SIGNED_IN

TABLE = {"home": SIGNED_IN, "me": SIGNED_IN, "set_language": EVERYONE}
