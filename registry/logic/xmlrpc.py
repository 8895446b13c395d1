"""XML-RPC as far as check-ins need it: one call in, one answer or fault out.

Knows the XML of the protocol. Builds no tree, refuses DTDs and entities, and keeps nothing but the
name of the method and its parameters. Deliberately does not know what a method does.
"""

import re
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError
from xmlrpc.client import Fault, dumps

from defusedxml.ElementTree import XMLParser

# A call of ours has six elements; more is somebody else's document.
GREATEST_ELEMENTS = 100
FAULT_CODE = 1
# XML 1.0 has no way to write these, not even escaped.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# quick-fedora-mirror takes any answer with this word for an accepted check-in.
SUCCESS = re.compile("successful", re.IGNORECASE)

VALUE = ["methodCall", "params", "param", "value"]
HELP = {
    "checkin": "Tell which directories a private mirror has. Takes the report of report_mirror: "
    "URL-safe base64 of bz2 of JSON. Returns a text for people.",
    "system.listMethods": "Return the names of all methods.",
    "system.methodHelp": "Return what a method does.",
    "system.methodSignature": "Return the types of a method: first of its answer.",
}
SIGNATURES = {
    "checkin": [["string", "string"]],
    "system.listMethods": [["array"]],
    "system.methodHelp": [["string", "string"]],
    "system.methodSignature": [["array", "string"]],
}


@dataclass(frozen=True)
class Call:
    """A method and its parameters; None stands for a parameter that is no string."""

    method: str
    parameters: tuple[str | None, ...]


class CallError(ValueError):
    """The call cannot be answered; `fault` is the text of the fault."""

    def __init__(self, kind: str, sentence: str) -> None:
        self.fault = f"<class '{kind}'>:{without_success(sentence)}"
        super().__init__(sentence)


def without_success(text: str) -> str:
    """Return a text in which no client finds the word that stands for an accepted check-in."""
    return SUCCESS.sub("…", text)


def read_call(document: bytes) -> Call:
    """Read a method call. A value without a type is a string, as the protocol says.

    Raises CallError if it is not XML, has a DTD, or is no call.
    """
    reader = _CallReader()
    parser = XMLParser(target=reader, forbid_dtd=True)
    try:
        parser.feed(document)
        parser.close()
    except CallError:
        raise
    except (ParseError, LookupError, ValueError):
        raise CallError(
            "xml.parsers.expat.ExpatError", "The request is not well-formed XML without a DTD."
        ) from None
    return reader.call()


class _CallReader:
    """The target of the parser: gets the document in pieces, keeps what a call is made of."""

    def __init__(self) -> None:
        self._elements = 0
        self._open: list[str] = []
        self._method: list[str] = []
        self._bare: list[str] = []
        self._typed: list[str] | None = None
        self._foreign = False
        self._parameters: list[str | None] = []

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > GREATEST_ELEMENTS:
            raise CallError("ValueError", "The call has too many parts.")
        if self._open == VALUE:
            self._typed = self._typed or []
            self._foreign = self._foreign or tag != "string"
        self._open.append(tag)
        if self._open == VALUE:
            self._bare, self._typed, self._foreign = [], None, False

    def data(self, text: str) -> None:
        if self._open == ["methodCall", "methodName"]:
            self._method.append(text)
        elif self._open == VALUE:
            self._bare.append(text)
        elif self._open[:-1] == VALUE and self._typed is not None:
            self._typed.append(text)

    def end(self, _tag: str) -> None:
        if self._open == VALUE:
            parts = self._bare if self._typed is None else self._typed
            self._parameters.append(None if self._foreign else "".join(parts))
        self._open.pop()

    def close(self) -> None:
        """Do nothing; the parser calls this."""

    def call(self) -> Call:
        """Return the call that was read; raise CallError if there was none."""
        method = "".join(self._method).strip()
        if not method:
            raise CallError("ValueError", "The request is not a method call.")
        return Call(method, tuple(self._parameters))


def only_string(call: Call) -> str:
    """Return the one string that a call has; raise CallError if it has anything else."""
    if len(call.parameters) != 1 or call.parameters[0] is None:
        raise CallError("TypeError", f"{call.method}() takes one string.")
    return call.parameters[0]


def introspect(call: Call) -> list[Any] | str:
    """Answer the methods that tell about methods; raise CallError for any other."""
    if call.method == "system.listMethods":
        return sorted(HELP)
    if call.method not in HELP:
        raise _unknown(call.method)
    about = only_string(call)
    if about not in HELP:
        raise _unknown(about)
    return HELP[about] if call.method == "system.methodHelp" else SIGNATURES[about]


def _unknown(method: str) -> CallError:
    return CallError("Exception", f'method "{method[:100]}" is not supported')


def write_answer(value: list[Any] | str) -> bytes:
    """Return the document that answers a call."""
    clean = NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else value
    return dumps((clean,), methodresponse=True, encoding="utf-8").encode()


def write_fault(text: str) -> bytes:
    """Return the document that says a call failed, for people."""
    clean = NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return dumps(Fault(FAULT_CODE, clean), encoding="utf-8").encode()
