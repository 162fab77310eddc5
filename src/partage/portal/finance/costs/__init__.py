"""What a year costs: its models, the rates and cards that come of them, how it goes.

Finance and the board only: pays are on these pages.
"""

from partage.portal.finance.costs import bring, edit, follow_up, page, rates

urls = [*follow_up.urls, *page.urls, *edit.urls, *rates.urls, *bring.urls]
