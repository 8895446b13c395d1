"""Let clients accept the newest metadata of some Repositories only, from now on."""

from argparse import ArgumentParser
from typing import Any

from registry.management.operations import OperationCommand
from registry.models import Repository
from registry.services.operations.expiry import EmergencyExpire
from registry.services.operations.lookups import find_product, find_repositories, find_version


class Command(OperationCommand):
    help = "Drop all but the newest FileDetails of Repositories: metalinks get no alternates."
    asks = True

    def add_parameters(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--version", metavar="VERSION", help='for example "Fedora 42"')
        which.add_argument("--product", metavar="NAME", help="all Repositories of a Product")
        which.add_argument(
            "--repository", metavar="PREFIX", help="for example updates-released-f42"
        )

    def operation(self, options: dict[str, Any]) -> EmergencyExpire:
        if prefix := options["repository"]:
            return EmergencyExpire(find_repositories(prefix))
        if name := options["product"]:
            product = find_product(name)
            return EmergencyExpire(Repository.objects.filter(category__product=product))
        version = find_version(options["version"])
        return EmergencyExpire(Repository.objects.filter(version=version))
