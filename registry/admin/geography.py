"""Admin pages of places and of the corrections that operators make to them."""

from django.contrib import admin

from registry.admin.base import ModelAdmin
from registry.models import (
    Country,
    CountryContinentRedirect,
    EmbargoedCountry,
    NetblockCountry,
)


@admin.register(Country)
class CountryPage(ModelAdmin):
    list_display = ("code", "name", "continent", "latitude", "longitude")
    list_filter = ("continent",)
    search_fields = ("=code", "name")


@admin.register(CountryContinentRedirect)
class CountryContinentRedirectPage(ModelAdmin):
    list_display = ("country", "continent")
    list_filter = ("continent",)
    list_select_related = ("country",)
    search_fields = ("country__name", "=country__code")
    autocomplete_fields = ("country",)


@admin.register(EmbargoedCountry)
class EmbargoedCountryPage(ModelAdmin):
    list_display = ("country", "reason")
    list_select_related = ("country",)
    search_fields = ("country__name", "=country__code", "reason")
    autocomplete_fields = ("country",)


@admin.register(NetblockCountry)
class NetblockCountryPage(ModelAdmin):
    list_display = ("netblock", "country")
    list_select_related = ("country",)
    search_fields = ("netblock", "country__name", "=country__code")
    autocomplete_fields = ("country",)
