from tests.doors.access import ADMINISTRATION

TABLE = {
    f"administration:{name}": {ADMINISTRATION}
    for name in (
        "import",
        "import_file",
        "import_one",
        "import_report",
        "import_reread",
        "import_template",
        "import_write",
    )
}
