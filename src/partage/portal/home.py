"""The first page: it leads each person to the door that is theirs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partage.portal.access import allow_signed_in
from partage.portal.context import House


@allow_signed_in
def home(request: HttpRequest) -> HttpResponse:
    doors = House(request).doors
    if len(doors) == 1:
        return redirect(doors[0].url)
    return render(request, "home.html")
