"""GET /status.json and /mirrors/status/json/: the state of all public URLs in Arch Linux's form."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from crawler.services.status_json import load_status
from registry.api.base import ApiView


class StatusJson(ApiView):
    """All public URLs, or those of one Category (`?category=`)."""

    schema: Any = None

    def get(self, request: Request) -> Response:
        category = request.GET.get("category", "").replace("\0", "")
        return Response(load_status(now=timezone.now(), category=category))
