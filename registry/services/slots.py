"""Slots for pages that wait for the network, as the settings allow them."""

from contextlib import AbstractContextManager

from django.conf import settings

from registry.logic.slots import SlotPolicy, SlotVerdict
from registry.slots import take_slot


def network_slot(person: int) -> AbstractContextManager[SlotVerdict]:
    """Hold one of the slots in which a web worker may wait for the network, if one is free."""
    policy = SlotPolicy(at_once=settings.TRIALS_AT_ONCE)
    return take_slot(settings.STATE_DIR / "slots", person=person, policy=policy)
