"""The owner's answer to what an operator asked before a decision."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry.services.questions import QuestionError, answer
from registry.views.ownership import SignedInRequest, managed_site


@require_POST
def answer_question(request: SignedInRequest, site_id: int, question_id: int) -> HttpResponse:
    site = managed_site(request, site_id)
    question = get_object_or_404(site.questions.select_related("host__site"), pk=question_id)
    try:
        answer(question, request.POST.get("answer", ""), actor=request.user, now=timezone.now())
    except QuestionError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Your answer is with the operators. They decide next."))
    return redirect("my:site", site.pk)
