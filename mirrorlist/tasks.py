"""Background work of the mirrorlist, by the names of the services it calls."""

from django.utils import timezone

from mirrorlist.services import snapshots


def build_snapshot() -> None:
    snapshots.build_snapshot(now=timezone.now(), policy=snapshots.snapshot_policy())
