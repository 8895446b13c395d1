"""POST /xmlrpc and /mirrormanager/xmlrpc: check-ins of report_mirror and quick-fedora-mirror."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from registry.logic.check_in_payload import PayloadPolicy
from registry.logic.throttle import ThrottlePolicy
from registry.logic.xmlrpc import (
    CallError,
    introspect,
    only_string,
    read_call,
    write_answer,
    write_fault,
)
from registry.services.check_in_wire import check_in_by_xmlrpc
from registry.views.bodies import BodyTooLargeError, address_of, read_body


@csrf_exempt
@require_POST
def xmlrpc(request: HttpRequest) -> HttpResponse:
    try:
        document = _answer(read_body(request), address=address_of(request))
    except BodyTooLargeError as error:
        return HttpResponse(f"{error}\n", "text/plain; charset=utf-8", status=413)
    except CallError as error:
        document = write_fault(error.fault)
    return HttpResponse(document, "text/xml")


def _answer(body: bytes, *, address: str) -> bytes:
    call = read_call(body)
    if call.method != "checkin":
        return write_answer(introspect(call))
    text = check_in_by_xmlrpc(
        only_string(call),
        address=address,
        now=timezone.now(),
        payloads=PayloadPolicy(),
        throttle=ThrottlePolicy(),
    )
    return write_answer(text)
