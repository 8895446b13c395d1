"""What is mirrored: Categories, their Directories and files, and the Repositories among them."""

from contextlib import suppress

from django.db import models

from registry.logic.places import normalize_path
from registry.logic.urls import DEFAULT_PROTOCOLS, parse_protocols
from registry.querysets import (
    ArchQuerySet,
    CategoryQuerySet,
    DirectoryQuerySet,
    FileDetailQuerySet,
    ProductQuerySet,
    RepositoryQuerySet,
    VersionQuerySet,
)
from registry.validators import (
    validate_path,
    validate_pattern,
    validate_protocols,
    validate_rsync_options,
)


class Product(models.Model):
    """Something that is released, for example Fedora."""

    name = models.CharField(max_length=100, unique=True, help_text="Name of the Product.")
    publiclist = models.BooleanField(default=True, help_text="Show the Product on public pages.")

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """One version of a Product, for example 42."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="versions", help_text="The Product."
    )
    name = models.CharField(max_length=100, help_text="The version as it stands in paths.")
    display_name = models.CharField(
        max_length=100, blank=True, help_text="Name for people, if it differs."
    )
    display = models.BooleanField(default=True, help_text="Show the Version on public pages.")
    is_test = models.BooleanField(default=False, help_text="A test release.")

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["product", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "name"], name="registry_version_product_name"
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.display_name or self.name}"


class Arch(models.Model):
    """A processor architecture as it stands in paths; `source` is one too."""

    name = models.CharField(max_length=50, unique=True, help_text="For example x86_64 or source.")
    publiclist = models.BooleanField(default=True, help_text="Show the Arch on public pages.")
    primary = models.BooleanField(default=True, help_text="One of the main architectures.")

    objects = ArchQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "arches"

    def __str__(self) -> str:
        return self.name


class SourceKind(models.TextChoices):
    """Where UMDL learns what the master tree holds."""

    LOCAL = "local", "local tree"
    FILE_LIST = "file_list", "file list of the master"
    RSYNC = "rsync", "rsync listing of a remote master"
    LISTING = "listing", "stored listing"


class Category(models.Model):
    """A tree of content that one may carry as a whole, known by its top directory."""

    name = models.CharField(max_length=100, unique=True, help_text="Name of the Category.")
    product = models.ForeignKey(
        Product,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="categories",
        help_text="Its Product. Versions are only created for a Category that has one.",
    )
    top_directory = models.CharField(
        max_length=1000,
        unique=True,
        blank=True,
        validators=[validate_path],
        help_text="Path of the tree on the master, without leading or trailing slash.",
    )
    publiclist = models.BooleanField(default=True, help_text="Show the Category on public pages.")
    admin_only = models.BooleanField(
        default=False, help_text="Only operators may add it to a Host."
    )
    source_kind = models.CharField(
        max_length=20,
        choices=SourceKind.choices,
        default=SourceKind.LOCAL,
        help_text="How UMDL reads the master tree.",
    )
    source_location = models.CharField(
        max_length=1000,
        blank=True,
        help_text="Local tree: the path of the top directory on this machine. File list: a path or "
        "web address of the list, with #linux where the list begins one level higher, or the path "
        "of the tree beside or below which it lies. Rsync: rsync://host/module/path. Stored "
        "listing: its path or web address. Without one the Category is not scanned.",
    )
    source_options = models.CharField(
        max_length=500,
        blank=True,
        validators=[validate_rsync_options],
        help_text="Options for rsync, for example --exclude=*.iso --timeout=300. Only these are "
        "known: --exclude, --include, --timeout, --contimeout, --bwlimit, --protocol, --compress, "
        "--ipv4, --ipv6, --no-inc-recursive.",
    )
    checksum_base = models.URLField(
        blank=True,
        help_text="Web address of the top directory, from which repomd.xml and checksum files are "
        "read when the tree is not on this machine.",
    )
    change_signals = models.TextField(
        blank=True,
        help_text="Files whose change says that the tree changed, one a line: paths below the top "
        "directory, for example 9-stream/COMPOSE_ID, or web addresses. A file list is one by "
        "itself. Scheduled scans run when one of them changed, and once a day.",
    )
    excludes = models.TextField(
        blank=True,
        help_text="Regular expressions, one a line; what they match in a path is left out.",
    )
    crawl_protocols = models.CharField(
        max_length=40,
        default=DEFAULT_PROTOCOLS,
        blank=True,
        validators=[validate_protocols],
        help_text="Protocols by which copies are crawled, the preferred one first: rsync lists a "
        "whole tree, https and http ask file by file. One that is left out is never used.",
    )
    canonical_url = models.URLField(
        blank=True,
        help_text="Public address of the master; clients get it when no Host has a file.",
    )

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        with suppress(ValueError):  # the field's validator says what is wrong
            self.top_directory = normalize_path(self.top_directory)
        with suppress(ValueError):
            text = self.crawl_protocols or DEFAULT_PROTOCOLS
            self.crawl_protocols = " ".join(parse_protocols(text))


class Directory(models.Model):
    """A directory of the master tree, with the names, sizes and times of all its files."""

    category = models.ForeignKey(
        Category,
        on_delete=models.CASCADE,
        related_name="directories",
        help_text="The one Category it belongs to: that with the longest matching top directory.",
    )
    path = models.TextField(
        unique=True, help_text="Whole path on the master, without leading or trailing slash."
    )
    readable = models.BooleanField(
        default=True,
        help_text="Others may read it. Directories that are not readable are not crawled.",
    )
    changed_at = models.DateTimeField(help_text="Change time of the directory on the master (UTC).")
    scanned_at = models.DateTimeField(help_text="When its files were last read (UTC).")
    vanished_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When a scan first did not find it anymore (UTC). Until it is deleted it is "
        "neither crawled nor offered; if it comes back, it is as if it had never been gone.",
    )
    file_count = models.PositiveIntegerField(default=0, help_text="Number of its files.")
    size_bytes = models.PositiveBigIntegerField(default=0, help_text="Size of its files in total.")
    digest = models.BinaryField(
        max_length=16, help_text="Digest of the listing; scans write only what changed."
    )
    listing = models.BinaryField(help_text="Names, sizes and times of all files, compressed.")

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        verbose_name_plural = "directories"

    def __str__(self) -> str:
        return self.path


class FileDetail(models.Model):
    """Size, time and digests of one state of a file that clients verify.

    Rows of one Directory and filename are its history: the newest is current, the others are
    offered as alternates while the Hosts follow.
    """

    directory = models.ForeignKey(
        Directory,
        on_delete=models.CASCADE,
        related_name="file_details",
        help_text="Where the file is.",
    )
    filename = models.CharField(
        max_length=255, help_text="Name of the file, for example repomd.xml."
    )
    timestamp = models.BigIntegerField(
        help_text="Unix time the content gives itself; for repomd.xml the newest of its parts."
    )
    size_bytes = models.PositiveBigIntegerField(help_text="Size of the file.")
    md5 = models.CharField(max_length=32, blank=True, help_text="MD5, hexadecimal.")
    sha1 = models.CharField(max_length=40, blank=True, help_text="SHA-1, hexadecimal.")
    sha256 = models.CharField(max_length=64, blank=True, help_text="SHA-256, hexadecimal.")
    sha512 = models.CharField(max_length=128, blank=True, help_text="SHA-512, hexadecimal.")
    seen_at = models.DateTimeField(
        help_text="When the master last changed to this state (UTC); the latest is current."
    )

    objects = FileDetailQuerySet.as_manager()

    class Meta:
        ordering = ["directory", "filename", "-seen_at", "-timestamp", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "directory",
                    "filename",
                    "timestamp",
                    "size_bytes",
                    "sha256",
                    "sha512",
                    "sha1",
                    "md5",
                ],
                name="registry_filedetail_state",
            )
        ]

    def __str__(self) -> str:
        return self.filename


class RepositoryKind(models.TextChoices):
    """The format of a Repository, which says which file clients verify."""

    RPM = "rpm", "RPM (repodata/repomd.xml)"
    OSTREE = "ostree", "OSTree (summary)"
    DEBIAN = "debian", "Debian (dists/*/InRelease)"
    ARCH = "arch", "Arch Linux (*.db)"
    ALPINE = "alpine", "Alpine (APKINDEX.tar.gz)"
    PLAIN = "plain", "plain tree (SHA256SUMS)"


class Repository(models.Model):
    """A Directory with metadata that clients verify, known to them by its prefix and Arch."""

    directory = models.OneToOneField(
        Directory,
        on_delete=models.CASCADE,
        related_name="repository",
        help_text="Its Directory; for RPM the one above the repodata.",
    )
    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, related_name="repositories", help_text="Its Category."
    )
    kind = models.CharField(
        max_length=10,
        choices=RepositoryKind.choices,
        default=RepositoryKind.RPM,
        help_text="Format of the Repository.",
    )
    prefix = models.CharField(
        max_length=200,
        blank=True,
        db_index=True,
        help_text="What clients ask for as repo=, for example updates-released-f42. "
        "Without one the Repository is only reachable by path.",
    )
    version = models.ForeignKey(
        Version,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="repositories",
        help_text="The Version, if its Product has versions.",
    )
    arch = models.ForeignKey(
        Arch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="repositories",
        help_text="What clients ask for as arch=.",
    )
    disabled = models.BooleanField(
        default=False,
        help_text="Clients that ask for its prefix are told “repo disabled”. They ask by prefix, "
        "so one disabled Repository disables its prefix for all Arches.",
    )
    reason = models.TextField(
        blank=True, editable=False, help_text="How it was recognized, or why it has no prefix."
    )
    created_at = models.DateTimeField(auto_now_add=True, help_text="When it was first seen (UTC).")

    objects = RepositoryQuerySet.as_manager()

    class Meta:
        ordering = ["prefix", "arch"]
        verbose_name_plural = "repositories"
        constraints = [
            models.UniqueConstraint(
                fields=["prefix", "arch"],
                condition=~models.Q(prefix=""),
                name="registry_repository_prefix_arch",
                violation_error_message="Another Repository has this prefix and Arch.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.prefix or self.directory} {self.arch or ''}".strip()


class RepositoryRedirect(models.Model):
    """Clients that ask for one prefix get another. Prefixes need not exist (yet)."""

    from_prefix = models.CharField(
        max_length=200, unique=True, help_text="What clients ask for as repo=."
    )
    to_prefix = models.CharField(
        max_length=200, help_text="What they get. Redirects are not chained."
    )

    class Meta:
        ordering = ["from_prefix"]

    def __str__(self) -> str:
        return f"{self.from_prefix} → {self.to_prefix}"


class RepositoryMapping(models.Model):
    """One rule that turns the path of a Repository into its prefix; the first match wins."""

    category = models.ForeignKey(
        Category,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="mappings",
        help_text="Where the rule holds; empty means everywhere.",
    )
    position = models.PositiveIntegerField(
        default=100, help_text="Rules are tried from the lowest number up."
    )
    pattern = models.CharField(
        max_length=500,
        validators=[validate_pattern],
        help_text="Regular expression searched in the path below the top directory.",
    )
    prefix = models.CharField(
        max_length=200,
        blank=True,
        help_text="Prefix without version and kind; ${group} stands for a named group of the "
        "pattern. One with ${version} or ${kind} is taken as it is. Empty: no Repository here.",
    )
    version_prefix = models.CharField(
        max_length=20,
        blank=True,
        help_text="Text before the version, for example f in updates-f42.",
    )
    comment = models.CharField(max_length=200, blank=True, help_text="Why the rule exists.")

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "pattern"], name="registry_repositorymapping_category_pattern"
            ),
            models.UniqueConstraint(
                fields=["pattern"],
                condition=models.Q(category=None),
                name="registry_repositorymapping_pattern",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pattern} → {self.prefix or 'no Repository'}"


class RepositoryAlias(models.Model):
    """Spell the part of a prefix before the version differently, for historic names."""

    from_text = models.CharField(
        max_length=200,
        unique=True,
        help_text="Text before the version, for example testing-epel-debug-.",
    )
    to_text = models.CharField(
        max_length=200, help_text="What it becomes, for example testing-debug-epel."
    )

    class Meta:
        ordering = ["from_text"]
        verbose_name_plural = "repository aliases"

    def __str__(self) -> str:
        return f"{self.from_text} → {self.to_text}"
