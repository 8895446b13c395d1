"""Digests of the pieces of large files, for torrents and metalinks."""

from django.db import models

from registry.models.content import Directory


class FilePieces(models.Model):
    """SHA-1 digests of the pieces of one large file; they say nothing once size or time differ."""

    directory = models.ForeignKey(
        Directory,
        on_delete=models.CASCADE,
        related_name="file_pieces",
        help_text="Where the file is.",
    )
    filename = models.CharField(max_length=255, help_text="Name of the file.")
    size_bytes = models.PositiveBigIntegerField(help_text="Size of the file that was hashed.")
    mtime = models.BigIntegerField(help_text="Its modification time, in Unix seconds.")
    piece_bytes = models.PositiveIntegerField(help_text="Length of a piece; the last is shorter.")
    digests = models.BinaryField(help_text="SHA-1 of every piece, 20 bytes each, in order.")
    hashed_at = models.DateTimeField(help_text="When it was hashed (UTC).")

    class Meta:
        ordering = ["directory", "filename"]
        verbose_name_plural = "file pieces"
        constraints = [
            models.UniqueConstraint(
                fields=["directory", "filename"], name="registry_filepieces_once"
            )
        ]

    def __str__(self) -> str:
        return self.filename
