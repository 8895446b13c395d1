"""Explain to an operator what a client gets: the snapshot's decision, in the database's words.

The decision comes from `mirrorlist.logic.explain`; here the sentences of crawls and check-ins are
added to the Hosts that do not have the Directory.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode

from mirrorlist.logic.explain import NOT_UP2DATE, Explanation, Row, explain
from mirrorlist.logic.query import Client, Kind
from mirrorlist.logic.targets import METADATA_DIRECTORY
from mirrorlist.services.serving import current_watch
from registry.logic.places import join_path
from registry.models import Directory, DirectoryIssue, HostCategory, Repository


class NoSnapshotError(Exception):
    """There is nothing to explain yet; the text says why."""


def explain_answer(kind: Kind, parameters: Mapping[str, str], *, ip: str) -> Explanation:
    """Return what a client at an address is answered to these parameters, and why.

    `parameters` are those of the query string; empty ones are left out. The order of Hosts inside
    a stage is one draw of many. Costs at most three queries. Raises NoSnapshotError.
    """
    watch = current_watch()
    if watch.world is None:
        raise NoSnapshotError(
            f"There is no snapshot yet. {watch.problem} Run manage.py build_snapshot."
        )
    given = {name: value for name, value in parameters.items() if value}
    query = urlencode(given, quote_via=quote).encode()
    explanation = explain(kind, query, Client(ip), watch.world)
    return explanation._replace(rows=tuple(_with_sentences(explanation)))


def example_question(*, host_id: int | None = None) -> tuple[str, str]:
    """Return prefix and Arch of a Repository to begin with: one that a Host carries, if given."""
    repositories = Repository.objects.addressable().filter(disabled=False)
    if host_id is not None:
        repositories = repositories.filter(category__host_categories__host=host_id)
    first = repositories.values_list("prefix", "arch__name").first()
    return (first[0], first[1] or "") if first else ("", "")


def _with_sentences(explanation: Explanation) -> Iterable[Row]:
    behind = [row.host_id for row in explanation.rows if row.reason == NOT_UP2DATE]
    if not behind:
        return explanation.rows
    directory_ids = _directory_ids(explanation)
    carriage = {
        row.host_id: row
        for row in HostCategory.objects.filter(host__in=behind, category=explanation.category_id)
    }
    issues = {
        issue.host_category_id: issue.sentence
        for issue in DirectoryIssue.objects.filter(
            host_category__in=[row.pk for row in carriage.values()], directory__in=directory_ids
        ).order_by("directory__path")
    }
    return [
        row._replace(sentence=_sentence(row, carriage.get(row.host_id), issues, directory_ids))
        if row.reason == NOT_UP2DATE
        else row
        for row in explanation.rows
    ]


def _directory_ids(explanation: Explanation) -> list[int]:
    """Return the Directory, and the metadata that it needs if it is a Repository's."""
    metadata = join_path(explanation.directory, METADATA_DIRECTORY)
    found = Directory.objects.filter(path=metadata).values_list("pk", flat=True)
    return [explanation.directory_id, *found]


def _sentence(
    row: Row,
    carriage: HostCategory | None,
    issues: Mapping[int, str],
    directory_ids: Iterable[int],
) -> str:
    if carriage is None:
        return f"{row.sentence} Since then it was removed from the Category."
    if all(directory_id in carriage.up2date for directory_id in directory_ids):
        return "It has the Directory up2date since this snapshot was built; the next will list it."
    if issue := issues.get(carriage.pk):
        return f"{row.sentence} {issue}"
    if carriage.reason:
        return f"{row.sentence} The last visit: {carriage.reason}"
    return f"{row.sentence} Nobody has looked yet: it was neither crawled nor did it check in."


class OwnExplanation(NamedTuple):
    """What of an Explanation the people of one Host may see: their own row, and how many others.

    `row` is None if the Host is not known for the Category in the snapshot.
    """

    status: int
    first_line: str
    address: str
    country: str
    asn: int | None
    directory: str
    row: Row | None
    listed: int


def keep_own(explanation: Explanation, *, host_id: int) -> OwnExplanation:
    """Leave out everything about other Hosts but how many are offered."""
    place = explanation.place
    return OwnExplanation(
        explanation.status,
        explanation.first_line,
        place.address.text if place else "",
        place.country if place else "",
        place.preferred.asn if place else None,
        explanation.directory,
        next((row for row in explanation.rows if row.host_id == host_id), None),
        sum(row.position is not None for row in explanation.rows),
    )
