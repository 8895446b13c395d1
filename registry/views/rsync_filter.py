"""The rsync filter of what changed since a moment, for mirrors that copy only that."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from registry.logic.rsync_filter import FilterError, read_query, refusal_lines
from registry.services.rsync_filter import filter_tag, write_filter

TEXT = "text/plain; charset=utf-8"
# Scans come every hour or so; whoever asks more often gets the same answer.
SECONDS = 300


@require_safe
def rsync_filter(request: HttpRequest) -> HttpResponseBase:
    """Answer like MirrorManager; what is wrong stands in a filter that includes nothing."""
    try:
        query = read_query(request.GET.dict())
        tag = f'"{filter_tag(query)}"'
        unchanged = get_conditional_response(request, etag=tag)
        response = unchanged or StreamingHttpResponse(write_filter(query), content_type=TEXT)
    except FilterError as error:
        lines = "".join(f"{line}\n" for line in refusal_lines(str(error)))
        return HttpResponse(lines, content_type=TEXT)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = f"public, max-age={SECONDS}"
    return response
