"""Admin pages of places and of the corrections that operators make to them."""

from django.contrib import admin

from registry.admin.base import AuditedAdmin
from registry.models import (
    Country,
    CountryContinentRedirect,
    EmbargoedCountry,
    NetblockCountry,
)


@admin.register(Country)
class CountryPage(AuditedAdmin):
    list_display = ("code", "name", "continent", "latitude", "longitude")
    list_filter = ("continent",)
    search_fields = ("=code", "name")


@admin.register(CountryContinentRedirect)
class CountryContinentRedirectPage(AuditedAdmin):
    list_display = ("country", "continent")
    list_filter = ("continent",)
    list_select_related = ("country",)
    search_fields = ("country__name", "=country__code")
    autocomplete_fields = ("country",)


@admin.register(EmbargoedCountry)
class EmbargoedCountryPage(AuditedAdmin):
    list_display = ("country", "reason")
    list_select_related = ("country",)
    search_fields = ("country__name", "=country__code", "reason")
    autocomplete_fields = ("country",)


@admin.register(NetblockCountry)
class NetblockCountryPage(AuditedAdmin):
    list_display = ("netblock", "country")
    list_select_related = ("country",)
    search_fields = ("netblock", "country__name", "=country__code")
    autocomplete_fields = ("country",)
