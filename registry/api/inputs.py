"""What bodies of changes may hold, and of which form. Who may set which field is said elsewhere."""

import math
import re
from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.logic.owner_fields import HOST, OPERATOR, OWNER, SITE
from registry.models import Country, Host, Site, Sponsor


class FiniteField(serializers.FloatField):
    """A number that is one: “nan” passes all limits, and JSON cannot say it."""

    def to_internal_value(self, data: Any) -> float:
        number = super().to_internal_value(data)
        if not math.isfinite(number):
            self.fail("invalid")
        return number


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{2}$", "example": "DE"})
class CountryField(serializers.RelatedField[Country, str, str]):
    """A country by its code."""

    default_error_messages = {"unknown": "There is no country with this code, such as DE."}

    def to_internal_value(self, data: Any) -> Country:
        known = isinstance(data, str) and re.fullmatch("[A-Z]{2}", data)
        country = Country.objects.filter(pk=data).first() if known else None
        if country is None:
            self.fail("unknown")
        return country

    def to_representation(self, value: Any) -> str:
        return str(value.pk)


@extend_schema_field({"type": "integer", "minimum": 1})
class IdField(serializers.RelatedField[Any, int, int]):
    """An object by its id."""

    default_error_messages = {"unknown": "There is nothing with this id."}

    def to_internal_value(self, data: Any) -> Any:
        number = isinstance(data, int) and not isinstance(data, bool) and 0 < data < 2**63
        rows = self.get_queryset()
        found = rows.filter(pk=data).first() if number and rows is not None else None
        if found is None:
            self.fail("unknown")
        return found

    def to_representation(self, value: Any) -> int:
        return int(value.pk)


class ChangeInput(serializers.ModelSerializer[Any]):
    """Fields of a model, without look-ups of what is unique: services know more of that."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.FloatField: FiniteField,
    }


class SiteInput(ChangeInput):
    """What people change about Sites."""

    class Meta:
        model = Site
        fields = sorted(OWNER[SITE] | OPERATOR[SITE])
        validators: list[Any] = []


class HostInput(ChangeInput):
    """What people change about Hosts."""

    country = CountryField(queryset=Country.objects.all())
    sponsor = IdField(queryset=Sponsor.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Host
        fields = sorted(OWNER[HOST] | OPERATOR[HOST])
        validators: list[Any] = []


class NewHostInput(HostInput):
    """A Host that is added, and to which Site."""

    site = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="Its Site.")

    class Meta(HostInput.Meta):
        fields = ["site", *HostInput.Meta.fields]


class CarryInput(serializers.Serializer[Any]):
    """A Category that a Host carries."""

    category = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="Its id.")


class UrlInput(serializers.Serializer[Any]):
    """A URL under which a Host offers a Category."""

    url = serializers.CharField(max_length=500)


class NewUrlInput(UrlInput):
    """A URL that is added; only operators make it private."""

    private = serializers.BooleanField(required=False, default=False)


class NetblockInput(serializers.Serializer[Any]):
    """An address range."""

    netblock = serializers.CharField(max_length=50)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class AllowedCountryInput(serializers.Serializer[Any]):
    """A country by its code."""

    country = CountryField(queryset=Country.objects.all())


class AclAddressInput(serializers.Serializer[Any]):
    """An address from which a Host pulls."""

    ip = serializers.CharField(max_length=50)


class SiteAdminInput(serializers.Serializer[Any]):
    """Somebody who has an account."""

    username = serializers.CharField(max_length=150)


class InvitationInput(serializers.Serializer[Any]):
    """Whom to invite."""

    email = serializers.EmailField(max_length=254)


class TransferInput(serializers.Serializer[Any]):
    """To which Site a Host is offered."""

    to_site = serializers.CharField(max_length=200, help_text="The name of the Site, exactly.")


class RejectionInput(serializers.Serializer[Any]):
    """Why something is rejected."""

    sentence = serializers.CharField(max_length=2000, help_text="The owner is told this.")
