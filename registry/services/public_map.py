"""Load where the mirrors are that everybody may see."""

from registry.logic.public_map import Spot
from registry.models import Host


def public_spots() -> list[Spot]:
    """Return all listable Hosts with their coordinates, or else those of their country; one query.

    A place that nobody gave is None.
    """
    rows = (
        Host.objects.listable()
        .order_by()
        .values_list(
            "pk",
            "name",
            "country",
            "country__name",
            "latitude",
            "longitude",
            "country__latitude",
            "country__longitude",
        )
    )
    return [
        Spot(*row[:4], *row[4:6])
        if row[4] is not None and row[5] is not None
        else Spot(*row[:4], *row[6:8], exact=False)
        for row in rows
    ]
