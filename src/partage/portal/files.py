"""Documents that come in with a form, and documents that go out."""

import hashlib
from functools import cached_property
from pathlib import PurePath

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext

from partage.archive.actions import KEPT_DAYS, LARGEST, FileTooLarge, keep_file
from partage.archive.models import File
from partage.archive.queries import headings
from partage.journal.actions import ActionRefused

SALT = "partage.portal.files"
AT_MOST = 10  # documents with one form


def download(file: File) -> HttpResponse:
    """Return a document as a file to save: no browser opens it on this site."""
    response = HttpResponse(bytes(file.content), content_type=file.media_type)
    response["Content-Disposition"] = content_disposition_header(True, file.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


class Papers:
    """The documents of one form, kept as soon as they arrive.

    A wrong form cannot give its files back to the browser. So they are kept at
    once, and the form that is shown again carries signed marks of them, which
    only the person who sent them can use. parts/papers.html shows them.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._user_id = request.user.pk
        self.problems: list[str] = []
        marks = [self._unmark(mark) for mark in request.POST.getlist("kept")]
        kept = [file_id for file_id in marks if file_id]
        there = {file.pk for file in headings(kept)}
        self._ids = [file_id for file_id in kept if file_id in there]
        if len(self._ids) < len(kept):
            self.problems.append(
                gettext(
                    "Un document joint n’est plus gardé : le formulaire attendait "
                    "depuis plus de %(days)s jours. Joignez-le de nouveau."
                )
                % {"days": KEPT_DAYS}
            )
        for upload in request.FILES.getlist("files"):
            if len(self._ids) >= AT_MOST:
                self.problems.append(
                    gettext(
                        "Une demande reçoit au plus %(count)s documents à la fois. "
                        "« %(name)s » n’a pas été joint."
                    )
                    % {"count": AT_MOST, "name": upload.name}
                )
                continue
            try:
                self._ids.append(self._keep(upload, request))
            except ActionRefused as refused:
                self.problems.append(str(refused))
        self._ids = list(dict.fromkeys(self._ids))

    @property
    def ids(self) -> list[int]:
        return self._ids

    @cached_property
    def marks(self) -> list[tuple[str, File]]:
        """Return the signed mark and the heading of each document."""
        found = {file.pk: file for file in headings(self._ids)}
        return [
            (signing.dumps([one, self._user_id], salt=SALT), found[one])
            for one in self._ids
            if one in found
        ]

    def _keep(self, upload, request: HttpRequest) -> int:
        if upload.size > LARGEST:
            raise FileTooLarge(name=upload.name)
        content = upload.read()
        # The same document sent again (two clicks, a retry) is not kept twice.
        again = File.objects.filter(
            sha256=hashlib.sha256(content).hexdigest(),
            name=PurePath(upload.name).name[:255],
            added_by_id=self._user_id,
        )
        file_id = again.values_list("pk", flat=True).first()
        return (
            file_id
            or keep_file(name=upload.name, content=content, by=request.who.by).pk
        )

    def _unmark(self, mark: str) -> int | None:
        try:
            file_id, user_id = signing.loads(mark, salt=SALT)
        except (signing.BadSignature, ValueError, TypeError):
            return None
        return file_id if user_id == self._user_id else None


def read_here(name: str, content: bytes) -> HttpResponse:
    """Return a PDF that the house itself printed, to be read in the browser."""
    response = HttpResponse(bytes(content), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
