"""Find what an operator names, or say what there is instead."""

from collections.abc import Iterable

from django.db.models import F, Value
from django.db.models.functions import Concat

from registry.models import Arch, Category, Host, Product, Repository, Version
from registry.querysets import RepositoryQuerySet
from registry.services.operations.base import OperationError

NAMES_SHOWN = 20


def find_category(name: str) -> Category:
    """Return the Category of this name. Raises OperationError that lists the others."""
    found = Category.objects.filter(name=name).first()
    if found is None:
        raise _unknown("Category", name, Category.objects.values_list("name", flat=True))
    return found


def find_product(name: str) -> Product:
    """Return the Product of this name. Raises OperationError that lists the others."""
    found = Product.objects.filter(name=name).first()
    if found is None:
        raise _unknown("Product", name, Product.objects.values_list("name", flat=True))
    return found


def find_version(text: str) -> Version:
    """Return the Version called so with its Product, for example “Fedora 42”.

    Raises OperationError that lists the others.
    """
    named = Version.objects.select_related("product").annotate(
        full=Concat(F("product__name"), Value(" "), F("name"))
    )
    found = named.filter(full=text).first()
    if found is None:
        raise _unknown("Version", text, named.values_list("full", flat=True))
    return found


def find_host(name: str) -> Host:
    """Return the one Host of this name. Raises OperationError if there is none, or another."""
    found = list(Host.objects.filter(name=name).select_related("site")[:2])
    if len(found) != 1:
        count = "more than one" if found else "no"
        raise OperationError(f"There is {count} Host called “{name}”.")
    return found[0]


def find_repositories(prefix: str, *, arch: str = "") -> RepositoryQuerySet:
    """Return the Repositories of a prefix, of all Arches unless one is named.

    Raises OperationError if there are none.
    """
    found = Repository.objects.addressable().filter(prefix=prefix)
    if not found.exists():
        raise OperationError(f"There is no Repository with the prefix “{prefix}”.")
    if arch:
        found = found.filter(arch__name=arch)
        if not found.exists():
            known = Arch.objects.filter(repositories__prefix=prefix)
            raise _unknown(f"Arch of “{prefix}”", arch, known.values_list("name", flat=True))
    return found


def _unknown(what: str, name: str, known: Iterable[str]) -> OperationError:
    names = sorted(known)
    listed = ", ".join(names[:NAMES_SHOWN]) or "none yet"
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return OperationError(f"There is no {what} called “{name}”. There are: {listed}{more}.")
