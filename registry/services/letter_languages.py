"""In which language somebody is written to: as they chose, else as they last signed in.

Whoever did neither is written to in the language of the installation (LANGUAGE_CODE).
"""

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import F, Q

from registry.models import NotificationPreference


def language_for(*, user: int | None = None, address: str = "") -> str:
    """Return the code of the language for a person, or for a bare address; one query.

    The account with this address counts for a bare one, and what was chosen for the address itself
    if there is none.
    """
    who = Q(user=user) if user else Q(user__email__iexact=address) | Q(address__iexact=address)
    rows = NotificationPreference.objects.filter(who).order_by(F("address").asc(nulls_first=True))
    for language, seen in rows.values_list("language", "seen_language"):
        for code in (language, seen):
            if code in dict(settings.LANGUAGES):
                return code
    return settings.LANGUAGE_CODE


def note_language(user: User, code: str | None) -> None:
    """Remember the language of the page on which somebody signed in or registered."""
    if code not in dict(settings.LANGUAGES):
        return
    NotificationPreference.objects.update_or_create(user=user, defaults={"seen_language": code})
