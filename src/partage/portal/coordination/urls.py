"""The pages of this door, each module bringing its own."""

from partage.portal.coordination import (
    agreements,
    balance,
    concepts,
    experts,
    handovers,
    home,
    knowledge,
    mandates,
    members,
    needs,
    offers,
    plan,
    planning,
    releases,
    reservoir_use,
    timesheets,
    weights,
)

app_name = "coordination"
urlpatterns = [
    *home.urls,
    *needs.urls,
    *planning.urls,
    *plan.urls,
    *weights.urls,
    *handovers.urls,
    *experts.urls,
    *offers.urls,
    *mandates.urls,
    *members.urls,
    *agreements.urls,
    *balance.urls,
    *releases.urls,
    *reservoir_use.urls,
    *concepts.urls,
    *knowledge.urls,
    *timesheets.urls,
]
