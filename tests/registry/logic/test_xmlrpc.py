import xmlrpc.client
from typing import Any

import pytest

from registry.logic.xmlrpc import (
    Call,
    CallError,
    introspect,
    only_string,
    read_call,
    write_answer,
    write_fault,
)


def call(value: str, method: str = "checkin") -> bytes:
    return (
        f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName><params><param>"
        f"<value>{value}</value></param></params></methodCall>"
    ).encode()


def test_what_an_xmlrpc_library_sends_is_read() -> None:
    document = xmlrpc.client.dumps(("QlpoOTFB-_==",), "checkin").encode()
    assert read_call(document) == Call("checkin", ("QlpoOTFB-_==",))


@pytest.mark.parametrize(
    ("value", "parameter"),
    [
        ("<string>text</string>", "text"),
        ("text", "text"),
        ("\n  <string>text</string>\n", "text"),
        ("<string></string>", ""),
        ("", ""),
        ("<string>a&amp;b</string>", "a&b"),
        ("<int>3</int>", None),
        ("<array><data><value>x</value></data></array>", None),
        ("<string>a</string><int>3</int>", None),
    ],
)
def test_the_string_of_a_call_is_read(value: str, parameter: str | None) -> None:
    assert read_call(call(value)) == Call("checkin", (parameter,))


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    b"<methodCall><methodName>checkin</methodName><params><param><value>&b;</value></param>"
    b"</params></methodCall>"
)


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (b"", "<class 'xml.parsers.expat.ExpatError'>:"),
        (b"junk", "<class 'xml.parsers.expat.ExpatError'>:"),
        (b"<a>", "<class 'xml.parsers.expat.ExpatError'>:"),
        (BOMB, "<class 'xml.parsers.expat.ExpatError'>:"),
        (b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "<class 'xml.parsers.expat"),
        (b"<?xml version='1.0' encoding='nonsense'?><a/>", "<class 'xml.parsers.expat"),
        (b"<methodCall/>", "<class 'ValueError'>:The request is not a method call."),
        (b"<methodResponse/>", "<class 'ValueError'>:The request is not a method call."),
        (b"<a>" + b"<b/>" * 200 + b"</a>", "<class 'ValueError'>:The call has too many parts."),
        (b"<a>" * 100_000, "<class 'ValueError'>:The call has too many parts."),
    ],
)
def test_what_is_no_call_is_a_fault(document: bytes, fault: str) -> None:
    with pytest.raises(CallError) as caught:
        read_call(document)
    assert caught.value.fault.startswith(fault)


@pytest.mark.parametrize("parameters", [(), ("a", "b"), (None,)])
def test_checkin_takes_one_string(parameters: tuple[str | None, ...]) -> None:
    with pytest.raises(CallError, match=r"takes one string") as caught:
        only_string(Call("checkin", parameters))
    assert caught.value.fault == "<class 'TypeError'>:checkin() takes one string."


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (
            Call("system.listMethods", ()),
            ["checkin", "system.listMethods", "system.methodHelp", "system.methodSignature"],
        ),
        (Call("system.methodSignature", ("checkin",)), [["string", "string"]]),
    ],
)
def test_methods_tell_about_methods(asked: Call, answer: Any) -> None:
    assert introspect(asked) == answer


def test_help_is_a_sentence() -> None:
    assert str(introspect(Call("system.methodHelp", ("checkin",)))).endswith(".")


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (Call("shutdown", ()), "shutdown"),
        (Call("system.methodHelp", ("shutdown",)), "shutdown"),
        (Call("is this Successful", ()), "is this …"),
    ],
)
def test_other_methods_are_a_fault(asked: Call, named: str) -> None:
    with pytest.raises(CallError) as caught:
        introspect(asked)
    assert caught.value.fault == f"<class 'Exception'>:method \"{named}\" is not supported"


@pytest.mark.parametrize("text", ["plain", "a < b & c", "line\nline", "\0\x01\ud800\ufffe", "ä€😀"])
def test_an_answer_is_always_a_document(text: str) -> None:
    ((read,), _) = xmlrpc.client.loads(write_answer(text))
    assert read == "".join("\ufffd" if c in "\0\x01\ud800\ufffe" else c for c in text)


def test_lists_are_answered_as_lists() -> None:
    assert xmlrpc.client.loads(write_answer([["a"], "b"]))[0] == ([["a"], "b"],)


def test_a_fault_has_the_code_one() -> None:
    with pytest.raises(xmlrpc.client.Fault) as caught:
        xmlrpc.client.loads(write_fault("<class 'X'>:odd\0"))
    assert (caught.value.faultCode, caught.value.faultString) == (1, "<class 'X'>:odd\ufffd")
