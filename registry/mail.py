"""Hand letters to the mail server. Knows its answers, and deliberately not what they lead to."""

import smtplib
from collections.abc import Mapping
from typing import NamedTuple, Self

from django.core.mail import EmailMultiAlternatives, get_connection

# What the server says about one letter or recipient; everything else concerns all letters.
ABOUT_LETTER = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, ValueError)


class MailError(Exception):
    """The server did not take a letter; `permanent` if it says that it never will.

    `about_letter` is false if other letters would fare no better at the moment.
    """

    def __init__(self, message: str, *, permanent: bool, about_letter: bool) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.about_letter = about_letter


class Mail(NamedTuple):
    """One letter to one address, ready to be sent."""

    recipient: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


class Mailer:
    """One connection for any number of letters; after a fault it is opened anew."""

    def __init__(self) -> None:
        self._connection = get_connection()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def send(self, mail: Mail) -> None:
        """Hand over one letter; raise MailError if the server did not take it."""
        message = EmailMultiAlternatives(
            mail.subject,
            mail.text,
            to=[mail.recipient],
            headers=dict(mail.headers),
            connection=self._connection,
        )
        message.attach_alternative(mail.html, "text/html")
        try:
            self._connection.open()
            message.send()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            raise MailError(
                describe(error),
                permanent=is_permanent(error),
                about_letter=isinstance(error, ABOUT_LETTER),
            ) from error

    def _drop(self) -> None:
        """Close what may be broken, so that the next letter begins with a new connection."""
        self._connection.close()


def is_permanent(error: Exception) -> bool:
    """Tell whether the server refused this recipient or this letter for good (RFC 5321, 4.2.1).

    A refusal to sign in or of the sender is about our configuration, which can be corrected; an
    address that cannot be written into a header cannot.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return 500 <= error.smtp_code < 600
    return isinstance(error, ValueError)


def describe(error: Exception) -> str:
    """Return in a sentence what the server or the network said."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return f"The mail server refused the address: {code} {_text(said)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"The mail server said {error.smtp_code} {_text(error.smtp_error)}"
    return f"The mail server could not be used: {error or type(error).__name__}"


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
