"""GET /check-in.sh: the script that reports a tree with nothing but a shell, find and curl."""

import shlex
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "check-in.sh"


@require_safe
def check_in_script(request: HttpRequest) -> HttpResponse:
    text = SCRIPT.read_text(encoding="utf-8").replace("@SERVER@", shlex.quote(settings.BASE_URL))
    return HttpResponse(text, "text/plain; charset=utf-8")
