"""Places: countries, their continents, and the corrections operators make to them."""

from contextlib import suppress

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from registry.logic.netblocks import parse_netblock
from registry.validators import validate_netblock


class Continent(models.TextChoices):
    AFRICA = "AF", "Africa"
    ANTARCTICA = "AN", "Antarctica"
    ASIA = "AS", "Asia"
    EUROPE = "EU", "Europe"
    NORTH_AMERICA = "NA", "North America"
    OCEANIA = "OC", "Oceania"
    SOUTH_AMERICA = "SA", "South America"


class Country(models.Model):
    """A country of ISO 3166-1, as reference data."""

    code = models.CharField(
        max_length=2, primary_key=True, help_text="Two-letter code of ISO 3166-1, upper case."
    )
    name = models.CharField(max_length=100, help_text="English short name.")
    continent = models.CharField(
        max_length=2, choices=Continent.choices, help_text="Continent used when choosing Hosts."
    )
    latitude = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text="Degrees north of a place where many of its clients are, for distances.",
    )
    longitude = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text="Degrees east of that place.",
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "countries"

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class CountryContinentRedirect(models.Model):
    """Treat a country as part of another continent, because its network is closer there."""

    country = models.OneToOneField(
        Country,
        on_delete=models.CASCADE,
        related_name="continent_redirect",
        help_text="The country whose clients are better served elsewhere.",
    )
    continent = models.CharField(
        max_length=2, choices=Continent.choices, help_text="The continent it is treated as part of."
    )

    class Meta:
        ordering = ["country"]

    def __str__(self) -> str:
        return f"{self.country_id} → {self.continent}"


class EmbargoedCountry(models.Model):
    """A country whose Hosts may not be listed."""

    country = models.OneToOneField(
        Country, on_delete=models.CASCADE, related_name="embargo", help_text="The country."
    )
    reason = models.TextField(
        blank=True, help_text="Why, in one sentence; shown to its Hosts' owners."
    )

    class Meta:
        ordering = ["country"]
        verbose_name_plural = "embargoed countries"

    def __str__(self) -> str:
        return str(self.country)


class NetblockCountry(models.Model):
    """Say in which country the clients of a netblock are, whatever the geo data says."""

    netblock = models.CharField(
        max_length=49,
        unique=True,
        validators=[validate_netblock],
        help_text="Address range in CIDR notation, for example 192.0.2.0/24.",
    )
    country = models.ForeignKey(
        Country,
        on_delete=models.CASCADE,
        related_name="netblocks",
        help_text="Where those clients are.",
    )

    class Meta:
        ordering = ["netblock"]
        verbose_name_plural = "netblock countries"

    def __str__(self) -> str:
        return f"{self.netblock} is in {self.country_id}"

    def clean(self) -> None:
        with suppress(ValueError):  # the field's validator says what is wrong
            self.netblock = str(parse_netblock(self.netblock))
