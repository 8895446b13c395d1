"""Countries with their continents and points, and the common arches."""

from django.db import migrations

from registry.reference import ARCHES, PRIMARY_ARCHES, countries


def add_reference_data(apps, schema_editor):
    country, arch = apps.get_model("registry", "Country"), apps.get_model("registry", "Arch")
    country.objects.bulk_create(
        [country(**row._asdict()) for row in countries()],
        ignore_conflicts=True,
    )
    arch.objects.bulk_create(
        [arch(name=name, primary=name in PRIMARY_ARCHES) for name in ARCHES], ignore_conflicts=True
    )


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = [migrations.RunPython(add_reference_data, migrations.RunPython.noop)]
