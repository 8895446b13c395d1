"""The vocabulary of visibility and state: every rule about what counts or who sees what, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from registry.logic.repository_kinds import NAMING

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

    from registry.models import (  # noqa: F401 -- named in strings, since models import this file
        Arch,
        Category,
        Directory,
        EnrolRequest,
        Event,
        FileDetail,
        Host,
        HostAclIp,
        HostCategory,
        HostCategoryUrl,
        HostNetblock,
        Notification,
        Product,
        Question,
        Repository,
        Site,
        Version,
    )


# The kinds of Repositories that clients ask for by path.
BY_PATH = [format_.value for format_, naming in NAMING.items() if naming.by_path]


def site_active(prefix: str = "") -> Q:
    """Return the condition of an active Site, reached through a relation such as `site__`."""
    return Q(
        **{
            f"{prefix}admin_active": True,
            f"{prefix}user_active": True,
            f"{prefix}approval": "approved",
        }
    )


def host_wanted(prefix: str = "") -> Q:
    """Return the condition of a Host that its people want in service, whatever the system found."""
    return site_active(prefix) & site_active(f"{prefix}site__")


def host_active(prefix: str = "") -> Q:
    """Return the condition of a Host in service: wanted, and the system agrees."""
    return host_wanted(prefix) & Q(**{f"{prefix}system_active": True})


def host_public(prefix: str = "") -> Q:
    """Return the condition of a Host that strangers may see."""
    return Q(**{f"{prefix}private": False, f"{prefix}site__private": False})


REVIEWERS = "Reviewers"


def is_operator(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether a user runs the network: staff accounts that are active do, save reviewers."""
    return _is_staff(user) and not is_reviewer(user)


def is_reviewer(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether a user decides about approvals, and no more: staff in the group of reviewers.

    Asked often while a page is made, so the account remembers the answer.
    """
    if not _is_staff(user) or getattr(user, "is_superuser", False):
        return False
    known: bool | None = getattr(user, "_is_reviewer", None)
    if known is None:
        known = user.groups.filter(name=REVIEWERS).exists()  # type: ignore[union-attr]
        user._is_reviewer = known  # type: ignore[union-attr]
    return known


def _is_staff(user: AbstractBaseUser | AnonymousUser) -> bool:
    return bool(user.is_active and getattr(user, "is_staff", False))


def sees_everything(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether a user may look at all Sites and Hosts: operators and reviewers may."""
    return is_operator(user) or is_reviewer(user)


def _sites_of(rows: models.QuerySet[Any], user: AbstractBaseUser | AnonymousUser) -> Any:
    """Return the ids of the Sites of which a user is SiteAdmin; nobody is of none."""
    adminship = rows.model._meta.apps.get_model("registry", "SiteAdmin")
    return adminship.objects.filter(user=user.pk).exclude(user=None).values("site")


class SiteQuerySet(models.QuerySet["Site"]):
    """Sites."""

    def active(self) -> Self:
        """Keep Sites that are approved and switched off by nobody."""
        return self.filter(site_active())

    def public(self) -> Self:
        """Keep Sites that strangers may see."""
        return self.filter(private=False)

    def pending(self) -> Self:
        """Keep what waits for an operator's decision."""
        return self.filter(approval="pending")

    def managed_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Keep the Sites that a user may edit; operators may edit all."""
        return self if is_operator(user) else self.filter(admins__user=user.pk)

    def inspectable_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Keep the Sites of which a user may see everything: those they edit; reviewers see all."""
        return self if sees_everything(user) else self.filter(pk__in=_sites_of(self, user))

    def readable_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Keep the Sites that a user may see: public ones in service, and what they inspect."""
        if sees_everything(user):
            return self
        return self.filter(site_active() & Q(private=False) | Q(pk__in=_sites_of(self, user)))

    def readable_for(self, site: Site) -> Self:
        """Keep other Sites that let the people of one read: they named it, or they let everybody.

        Whether a user may indeed read a URL is decided by `HostCategoryUrl.objects.readable_by`.
        """
        named = Q(pk__in=site.upstreams.values("upstream"))
        return self.filter(named | Q(all_sites_can_pull_from_me=True)).exclude(pk=site.pk)


# After how many intervals without a crawl a Host is called late.
LATE_CRAWLS = 2


class HostQuerySet(models.QuerySet["Host"]):
    """Hosts."""

    def active(self) -> Self:
        """Keep Hosts in service: approved, with all three switches on, of an active Site."""
        return self.filter(host_active())

    def public(self) -> Self:
        """Keep Hosts that strangers may see: neither they nor their Site are private."""
        return self.filter(host_public())

    def listable(self) -> Self:
        """Keep Hosts that any client may be sent to: active, public, not under embargo."""
        return self.active().public().filter(country__embargo=None)

    def servable(self) -> Self:
        """Keep Hosts that some client may be sent to: as listable, and private ones."""
        return self.active().filter(country__embargo=None)

    def crawlable(self) -> Self:
        """Keep Hosts that we visit.

        Those that only the system took out of service are included, since they must be able to
        recover; private Hosts report themselves.
        """
        return self.public().filter(host_wanted())

    def late(self, *, before: datetime) -> Self:
        """Keep Hosts that we visit, that carry something, and were last looked at before that."""
        seen = Q(last_crawled_at__lt=before) | Q(last_crawled_at=None, created_at__lt=before)
        return self.crawlable().filter(seen, host_categories__isnull=False).distinct()

    def pending(self) -> Self:
        """Keep what waits for an operator's decision."""
        return self.filter(approval="pending")

    def managed_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Keep the Hosts that a user may edit; operators may edit all."""
        return self if is_operator(user) else self.filter(site__admins__user=user.pk)

    def inspectable_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Keep the Hosts of which a user may see everything: those they edit; reviewers see all."""
        return self if sees_everything(user) else self.filter(site__in=_sites_of(self, user))

    def readable_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Keep the Hosts that a user may see: listable ones, and those that they inspect."""
        if sees_everything(user):
            return self
        listable = host_active() & host_public() & Q(country__embargo=None)
        return self.filter(listable | Q(site__in=_sites_of(self, user)))


class HostNetblockQuerySet(models.QuerySet["HostNetblock"]):
    """Address ranges whose clients prefer a Host."""

    def written_by_people(self) -> Self:
        """Keep what does not come from a published list."""
        return self.filter(source=None)

    def pending(self) -> Self:
        """Keep what waits for an operator's decision."""
        return self.filter(approval="pending")


class EnrolRequestQuerySet(models.QuerySet["EnrolRequest"]):
    """Machines that ask to become nodes."""

    def pending(self, *, at: datetime) -> Self:
        """Keep what waits for an operator's decision and is not forgotten at that moment."""
        return self.filter(approval="pending", expires_at__gt=at)


class ProductQuerySet(models.QuerySet["Product"]):
    """What is released."""

    def publiclisted(self) -> Self:
        """Keep those on public pages."""
        return self.filter(publiclist=True)


class VersionQuerySet(models.QuerySet["Version"]):
    """Versions of Products."""

    def publiclisted(self) -> Self:
        """Keep those on public pages: displayed ones of Products that are shown, too."""
        return self.filter(display=True, product__publiclist=True)


class ArchQuerySet(models.QuerySet["Arch"]):
    """Architectures."""

    def publiclisted(self) -> Self:
        """Keep those on public pages."""
        return self.filter(publiclist=True)


class CategoryQuerySet(models.QuerySet["Category"]):
    """Trees of content."""

    def publiclisted(self) -> Self:
        """Keep those on public pages."""
        return self.filter(publiclist=True)

    def scanned(self) -> Self:
        """Keep those that UMDL reads: those with a source."""
        return self.exclude(source_location="")


class HostAclIpQuerySet(models.QuerySet["HostAclIp"]):
    """Addresses from which Hosts pull."""

    def admitted(self) -> Self:
        """Keep those that upstreams let in: Host and Site approved and not off by operators."""
        allowed = {"admin_active": True, "approval": "approved"}
        return self.filter(
            **{f"host__{name}": value for name, value in allowed.items()},
            **{f"host__site__{name}": value for name, value in allowed.items()},
        )

    def public(self) -> Self:
        """Keep those of Hosts that strangers may see."""
        return self.filter(host_public("host__"))

    def private(self) -> Self:
        """Keep those of Hosts that strangers may not see."""
        return self.exclude(host_public("host__"))


class DirectoryQuerySet(models.QuerySet["Directory"]):
    """Directories of the master tree."""

    def crawlable(self) -> Self:
        """Keep those that mirrors can be expected to carry: readable by others, and not gone."""
        return self.filter(readable=True, vanished_at=None)

    def counts(self) -> dict[int, int]:
        """Return how many there are of each Category, by its id."""
        rows = self.order_by().values_list("category").annotate(models.Count("pk"))
        return dict(rows)


class FileDetailQuerySet(models.QuerySet["FileDetail"]):
    """States of files that clients verify."""

    def newest_first(self) -> Self:
        """Order each file's history; the first is current.

        By when the master changed to the state, because a repository can be reverted to content
        with an older timestamp; then by the content's own timestamp.
        """
        return self.order_by("directory", "filename", "-seen_at", "-timestamp", "-id")


class RepositoryQuerySet(models.QuerySet["Repository"]):
    """Repositories."""

    def addressable(self) -> Self:
        """Keep those that clients can ask for by prefix and Arch."""
        return self.exclude(prefix="").exclude(arch=None)

    def asked_for(self) -> Self:
        """Keep those that clients can ask for: by prefix and Arch, or by path."""
        by_prefix = ~Q(prefix="") & ~Q(arch=None)
        return self.filter(by_prefix | Q(kind__in=BY_PATH))

    def publiclisted(self) -> Self:
        """Keep those on public pages: clients can ask for them, and nothing above is hidden."""
        shown = Q(version=None) | Q(version__display=True, version__product__publiclist=True)
        return self.addressable().filter(
            shown, disabled=False, category__publiclist=True, arch__publiclist=True
        )

    def unrecognized(self) -> Self:
        """Keep those no rule gave a prefix although their clients ask by one."""
        return self.filter(prefix="").exclude(kind__in=BY_PATH)


class HostCategoryQuerySet(models.QuerySet["HostCategory"]):
    """Who carries what."""

    def self_reporting(self) -> Self:
        """Keep what is believed on its Host's word alone: copies of private Hosts that are wanted.

        Empty copies are left out, since nothing is believed of them.
        """
        return self.filter(
            ~host_public("host__"),
            host_wanted("host__"),
            always_up2date=False,
            up2date_count__gt=0,
        )

    def active(self) -> Self:
        """Keep those of active Hosts."""
        return self.filter(host_active("host__"))

    def publiclisted(self) -> Self:
        """Keep those of Categories on public pages."""
        return self.filter(category__publiclist=True)

    def readable_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Keep what a user may see of Hosts that they may see: Categories on public pages, or all.

        All is what people see of the Hosts that they inspect.
        """
        if sees_everything(user):
            return self
        own = Q(host__site__in=_sites_of(self, user))
        return self.filter(Q(category__publiclist=True) | own)


class HostCategoryUrlQuerySet(models.QuerySet["HostCategoryUrl"]):
    """URLs of mirrors."""

    def approved(self) -> Self:
        """Keep URLs that we visit; the others wait for an operator, or were rejected."""
        return self.filter(approval="approved")

    def pending(self) -> Self:
        """Keep what waits for an operator's decision."""
        return self.filter(approval="pending")

    def public(self) -> Self:
        """Keep URLs that clients may get."""
        return self.approved().filter(private=False)

    def hidden(self) -> Self:
        """Keep URLs that strangers never see: private ones, and all of private Hosts."""
        return self.exclude(Q(private=False) & host_public("host_category__host__"))

    def readable_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Keep URLs that a user may see.

        Everybody sees the public URLs of public Hosts. A private URL, or any URL of a private Host,
        is for operators, for SiteAdmins of its Site, and for SiteAdmins of active Sites that may
        copy from it: named one by one, or all of them.
        """
        if is_operator(user):
            return self
        readable = Q(private=False, approval="approved") & host_public("host_category__host__")
        if user.is_active and user.pk is not None:
            readable |= Q(pk__in=self._through_sites(user))
        return self.filter(readable)

    def _through_sites(self, user: AbstractBaseUser | AnonymousUser) -> models.QuerySet[Any]:
        """Return the ids of URLs of the user's own Sites and of those they may copy from."""
        site = "host_category__host__site__"
        own = Q(**{f"{site}admins__user": user.pk})
        named = Q(
            **{f"{site}downstreams__downstream__admins__user": user.pk},
        ) & site_active(f"{site}downstreams__downstream__")
        readable = own | named
        adminship = self.model._meta.apps.get_model("registry", "SiteAdmin")
        if adminship.objects.filter(site_active("site__"), user=user.pk).exists():
            readable |= Q(**{f"{site}all_sites_can_pull_from_me": True})
        return self.model._base_manager.filter(readable).values("pk")

    def failing(self) -> Self:
        """Keep URLs whose last visit failed."""
        return self.filter(state="failing")


class EventQuerySet(models.QuerySet["Event"]):
    """What happened."""

    def since(self, when: datetime) -> Self:
        """Keep Events at or after a moment."""
        return self.filter(at__gte=when)

    def unrouted(self) -> Self:
        """Keep Events of which webhooks, the message bus and operators do not know yet."""
        return self.filter(routed=False)


class NotificationQuerySet(models.QuerySet["Notification"]):
    """What waits in the outbox, and what left it."""

    def due(self, *, at: datetime) -> Self:
        """Keep what may be sent at a moment: its time has come, or its sender is taken for dead."""
        waiting = Q(state="waiting", due_at__lte=at)
        return self.filter(waiting | Q(state="sending", lease_until_at__lte=at))

    def finished(self) -> Self:
        """Keep what will not be tried again: sent or given up."""
        return self.filter(state__in=["sent", "failed"])


class QuestionQuerySet(models.QuerySet["Question"]):
    """What operators ask owners."""

    def open(self) -> Self:
        """Keep those that wait for an answer, about things that still wait for a decision."""
        return self.filter(state="asked")

    def about(self, thing: models.Model) -> Self:
        """Keep those about one object."""
        return self.filter(thing=thing._meta.model_name, thing_id=thing.pk)
