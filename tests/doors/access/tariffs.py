from tests.doors.access import BOARD, FINANCE

# Pays are on these pages: nobody else opens them.
EYES = {FINANCE, BOARD}
TABLE = {
    "finance:costs": EYES,
    "finance:cost_model": EYES,
    "finance:cost_act": EYES,
    "finance:cost_line": EYES,
    "finance:cost_rates": EYES,
    "finance:cost_rate": EYES,
    "finance:cost_import": EYES,
    "finance:follow_up": EYES,
}
