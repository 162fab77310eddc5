"""Keep files."""

import hashlib
from datetime import timedelta
from pathlib import PurePath

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partage.archive.models import File
from partage.archive.queries import abandoned
from partage.journal import actions as journal
from partage.journal.actions import ActionRefused, Actor

LARGEST = 20 * 1024 * 1024  # bytes
KEPT_DAYS = 7  # that a file waits for its form
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "ofx": "application/x-ofx",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
}


class FileTooLarge(ActionRefused):
    sentence = _(
        "« %(name)s » pèse plus de 20 Mo. Allégez-le ou séparez-le, puis joignez-le."
    )
    field = "files"


class FileTypeUnknown(ActionRefused):
    sentence = _(
        "« %(name)s » n’est pas d’un type accepté. "
        "Joignez un document PDF, Word, Excel, PowerPoint, ODT, texte ou une image."
    )
    field = "files"


class FileEmpty(ActionRefused):
    sentence = _("« %(name)s » est vide. Vérifiez le document, puis joignez-le.")
    field = "files"


def keep_file(*, name: str, content: bytes, by: Actor) -> File:
    """Keep the bytes of a document; the calling act journals why.

    The media type comes from the ending of the name, never from the sender.
    Raises FileTooLarge, FileTypeUnknown or FileEmpty.
    """
    name = PurePath(name.replace("\\", "/")).name[:255] or "document"
    media_type = MEDIA_TYPES.get(name.rsplit(".", 1)[-1].lower())
    if media_type is None:
        raise FileTypeUnknown(name=name)
    if not content:
        raise FileEmpty(name=name)
    if len(content) > LARGEST:
        raise FileTooLarge(name=name)
    return File.objects.create(
        sha256=hashlib.sha256(content).hexdigest(),
        name=name,
        media_type=media_type,
        size=len(content),
        content=content,
        added_at=by.at,
        added_by_id=by.user_id,
    )


@transaction.atomic
def sweep_files(*, by: Actor) -> int:
    """Delete what came with forms that were never sent; return how many files.

    A form has KEPT_DAYS days to be sent. A file that is being attached right now
    is left for the next time. The journal keeps its name and its SHA-256.
    """
    waiting = abandoned(by.at - timedelta(days=KEPT_DAYS))
    files = list(waiting.select_for_update(of=("self",), skip_locked=True))
    for file in files:
        journal.record(
            what="archive.file.swept",
            subject=file,
            by=by,
            name=file.name,
            sha256=file.sha256,
        )
        file.delete()
    return len(files)
