"""What the words of a mail server mean for a letter."""

import smtplib

import pytest

from registry.mail import ABOUT_LETTER, describe, is_permanent


@pytest.mark.parametrize(
    ("error", "permanent", "about_letter"),
    [
        (smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"No such user")}), True, True),
        (smtplib.SMTPRecipientsRefused({"a@example.org": (451, b"Later")}), False, True),
        (smtplib.SMTPDataError(554, b"Looks like spam"), True, True),
        (smtplib.SMTPDataError(452, b"Disk full"), False, True),
        (smtplib.SMTPAuthenticationError(535, b"Wrong password"), False, False),
        (smtplib.SMTPSenderRefused(553, b"Not yours", "x@localhost"), False, False),
        (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), False, False),
        (ConnectionRefusedError(111, "Connection refused"), False, False),
        (ValueError("Header values may not contain newlines"), True, True),
    ],
)
def test_a_fault_is_for_good_or_passes_and_concerns_one_letter_or_all(
    error: Exception, permanent: bool, about_letter: bool
) -> None:
    assert is_permanent(error) == permanent
    assert isinstance(error, ABOUT_LETTER) == about_letter
    assert describe(error).startswith("The mail server ")
