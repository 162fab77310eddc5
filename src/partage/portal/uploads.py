"""How files arrive, before any page reads them."""

from django.core.files.uploadhandler import FileUploadHandler

from partage.archive.actions import LARGEST


class CutLargeFiles(FileUploadHandler):
    """Keep no more of a file than it takes to see that it is too large.

    It stands before the handlers that keep bytes. What follows is read and dropped,
    so that 500 MB cost neither disk nor memory, and the page, which sees a file
    over the limit, says so in its own words.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= LARGEST else None

    def file_complete(self, file_size: int) -> None:
        return None
