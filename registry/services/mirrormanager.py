"""Bring the database of a MirrorManager instance in: what is small at once, the rest in a stream.

Reads from a `Source`, which somebody else opened; what rows mean is decided in the logic. Each
step is a transaction of its own and changes only what differs, so that an import that was killed
is continued by starting it again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from registry.logic.mirrormanager.choices import Ledger
from registry.logic.mirrormanager.content import (
    Place,
    note_several_categories,
    place_directories,
)
from registry.logic.mirrormanager.drafting import Surroundings, Tables
from registry.logic.mirrormanager.network import HELD, Drafted, draft_network
from registry.logic.mirrormanager.rows import (
    CategoryDirectoryRow,
    DirectoryNameRow,
    RepositoryRow,
    Source,
)
from registry.logic.netblocks import NetblockPolicy
from registry.logic.network.planning import Action
from registry.models import Category, Country, Event, EventKind, HostCategoryUrl
from registry.services import mirrormanager_content as content
from registry.services import mirrormanager_people as people
from registry.services import mirrormanager_repositories as repositories
from registry.services.mirrormanager_up2date import Pass, Sets, import_up2date
from registry.services.network_file import Occasion, Outcome, import_records

WHAT = "MirrorManager database"
Progress = Callable[[str], None]


@dataclass
class Report:
    """What an import did, or in a dry run would do.

    `outcome` is about the configuration, object by object; `counts` about what is too much for
    that. With problems nothing was written.
    """

    outcome: Outcome
    ledger: Ledger
    dry_run: bool
    users: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    sets: Sets = field(default_factory=Sets)

    @property
    def changed(self) -> bool:
        """Tell whether anything differs from what was here."""
        configuration = any(each.action is not Action.KEEP for each in self.outcome.plan.changes)
        return configuration or any(self.counts.values()) or self.sets.changed > 0


@dataclass(frozen=True)
class _Run:
    """What all steps of one import need to know."""

    source: Source
    drafted: Drafted
    report: Report
    occasion: Occasion
    progress: Progress

    @property
    def ledger(self) -> Ledger:
        return self.drafted.draft.ledger

    @property
    def dry_run(self) -> bool:
        return self.report.dry_run

    @property
    def reason(self) -> str:
        return f"The {WHAT} “{self.source.name}” says so."


def import_mirrormanager(
    source: Source,
    *,
    now: datetime,
    dry_run: bool = False,
    resume: bool = False,
    actor: AbstractBaseUser | None = None,
    progress: Progress = lambda sentence: None,
) -> Report:
    """Make this database say what MirrorManager's says, and report what was chosen on the way.

    Adds and changes, never removes. Twice is once: the second time nothing changes. A dry run
    reads everything and writes nothing. `resume` leaves out the up2date sets that an interrupted
    import stored already. `progress` is told what begins.
    """
    progress("Reading the configuration.")
    tables = Tables({kind: list(source.rows(kind)) for kind in HELD})
    drafted = draft_network(tables, _surroundings())
    occasion = Occasion(source.name, now, actor, WHAT)
    report = _import_configuration(drafted, occasion, dry_run=dry_run)
    if report.outcome.problems:
        return report
    run = _Run(source, drafted, report, occasion, progress)
    places = _place(run, tables)
    _import_content(run, tables, places)
    _import_sets(run, places, resume=resume)
    _import_passwords(run)
    if report.changed and not dry_run:
        _tell(run)
    return report


def _surroundings() -> Surroundings:
    urls = HostCategoryUrl.objects.order_by().values_list(
        "url",
        "host_category__host__site__name",
        "host_category__host__name",
        "host_category__category__name",
    )
    return Surroundings(
        countries=frozenset(Country.objects.order_by().values_list("code", flat=True)),
        policy=NetblockPolicy(settings.NETBLOCK_WIDEST_IPV4, settings.NETBLOCK_WIDEST_IPV6),
        urls={url: (site.lower(), host.lower(), category) for url, site, host, category in urls},
    )


def _import_configuration(drafted: Drafted, occasion: Occasion, *, dry_run: bool) -> Report:
    """Write accounts and records in one transaction, or nothing if there is a problem."""
    users = people.missing_users(drafted.users)
    checked = drafted.checked
    ledger = drafted.draft.ledger
    if dry_run:
        outcome = import_records(checked, occasion=occasion, dry_run=True, coming_users=users)
        return Report(outcome, ledger, dry_run=True, users=users)
    with transaction.atomic():
        people.create_users(users)
        outcome = import_records(checked, occasion=occasion)
        if outcome.problems:
            transaction.set_rollback(True)
        else:
            people.store_origins(outcome.plan, drafted.sites, drafted.hosts, now=occasion.now)
    return Report(outcome, ledger, dry_run=False, users=users)


def _import_passwords(run: _Run) -> None:
    sites = run.drafted.sites
    if run.dry_run:
        plan = run.report.outcome.plan
        new = {each.record.key for each in plan.of(Action.ADD) if each.record.kind.name == "site"}
        coming = sum(1 for key in new if key in sites and sites[key].password)
        run.report.counts["passwords"] = coming + len(people.sites_without_password(sites))
        return
    passwords = people.sites_without_password(sites)
    run.report.counts["passwords"] = 0
    for stored in people.store_passwords(passwords):
        run.report.counts["passwords"] += stored
        hashed = run.report.counts["passwords"]
        run.progress(f"Hashed {hashed} of {len(passwords)} check-in passwords.")


def _place(run: _Run, tables: Tables) -> dict[int, Place]:
    """Return where the Directories belong, our Categories that MirrorManager lacks included."""
    tops = _names_by_top(run)
    names = ((row.id, row.name) for row in tables.of(DirectoryNameRow))
    places = place_directories(names, sorted(tops), run.ledger)
    run.ledger.read["directory"] = len(tables.of(DirectoryNameRow))
    run.ledger.taken["directory"] = len(places)
    memberships = ((row[0], row[1]) for row in run.source.rows(CategoryDirectoryRow))
    by_id = {id: top for id, (_, top) in run.drafted.tops().items()}
    note_several_categories(memberships, places, by_id, run.ledger)
    return places


def _names_by_top(run: _Run) -> dict[str, str]:
    tops = dict(Category.objects.order_by().values_list("name", "top_directory"))
    tops |= dict(run.drafted.tops().values())
    return {top: name for name, top in tops.items()}


def _import_content(run: _Run, tables: Tables, places: dict[int, Place]) -> None:
    """Bring in Directories, FileDetails and Repositories; in a dry run only count them."""
    draft, counts, names = run.drafted.draft, run.report.counts, _names_by_top(run)
    rows = tables.of(RepositoryRow)
    run.ledger.read["repository"] += len(rows)
    run.progress(f"Reading {len(places)} Directories and their FileDetails.")
    details = content.read_details(run.source, places, run.ledger)
    wanted = repositories.plan_repositories(rows, places, draft)
    run.ledger.taken["repository"] += len(wanted)
    compared = repositories.compare_repositories(wanted, draft)
    if run.dry_run:
        known = content.known_directories(places, names)
        content.check_files(run.source, places, known.new, run.ledger)
        counts["directories"] = len(known.new)
        counts["file_details"] = sum(
            len(fresh) for fresh in content.new_details(details, known.by_path)
        )
    else:
        counts["directories"] = content.create_directories(run.source, places, names, run.ledger)
        ids = content.known_directories().by_path
        counts["file_details"] = content.create_details(details, ids, now=run.occasion.now)
        repositories.store_repositories(wanted, draft, ids, reason=run.reason)
    counts["repositories_added"] = compared["added"]
    counts["repositories_changed"] = compared["changed"]


def _import_sets(run: _Run, places: dict[int, Place], *, resume: bool) -> None:
    if run.dry_run:
        directories = content.known_directories(places, _names_by_top(run))
    else:
        directories = content.known_directories()
    keys = run.drafted.draft.keys
    work = Pass(
        keys={id: key for (kind, id), key in sorted(keys.items()) if kind == "host_category"},
        ids={id: directories.by_path[place.path] for id, place in places.items()},
        directories=directories,
        hosts=run.drafted.hosts,
        tops=dict(run.drafted.tops().values()),
        reason=run.reason,
        now=run.occasion.now,
        dry_run=run.dry_run,
    )
    run.progress(f"Reading what {len(work.keys)} HostCategories have up2date.")
    for sets in import_up2date(run.source, work, run.ledger, resume=resume):
        run.report.sets = sets


def _tell(run: _Run) -> None:
    """Note what the import did beside the configuration, which has its own Events."""
    counts, sets = run.report.counts, run.report.sets
    Event.objects.create(
        at=run.occasion.now,
        kind=EventKind.IMPORTED,
        sentence=(
            f"Imported from the {WHAT} “{run.source.name}”: {counts['directories']} Directories, "
            f"{counts['file_details']} FileDetails, {counts['repositories_added']} Repositories "
            f"and {sets.changed} up2date sets."
        ),
        actor_id=run.occasion.actor.pk if run.occasion.actor is not None else None,
        subject=f"{WHAT}: {run.source.name}"[:300],
        facts={**counts, "choices": dict(run.ledger.counts)},
    )
