"""What operators fill in on the pages about rules of recognition."""

from django import forms

from registry.models import Category
from registry.reference.rule_sets import RULE_SETS

PATHS_AT_ONCE = 500


class TryPathsForm(forms.Form):
    """Paths below the top directory of a Category, one a line."""

    category = forms.ModelChoiceField(
        Category.objects.order_by("name"),
        label="Category",
        help_text="Whose rules, Versions and top directory to use.",
    )
    paths = forms.CharField(
        label="Paths",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 70, "spellcheck": "false"}),
        help_text="Below its top directory, one a line. They need not exist. A path may end in "
        "repodata, summary, dists/…, APKINDEX.tar.gz and the like.",
    )

    def clean_paths(self) -> list[str]:
        lines = [line for line in self.cleaned_data["paths"].splitlines() if line.strip()]
        if len(lines) > PATHS_AT_ONCE:
            raise forms.ValidationError(
                f"These are {len(lines)} paths; try at most {PATHS_AT_ONCE} at once, or use "
                "manage.py recognize."
            )
        return [line.strip() for line in lines]


class AddRuleSetForm(forms.Form):
    """A shipped set of rules and the Categories that get it."""

    rule_set = forms.ChoiceField(
        label="Set", choices=[(each.name, each.title) for each in RULE_SETS]
    )
    categories = forms.ModelMultipleChoiceField(
        Category.objects.order_by("name"),
        label="Categories",
        required=False,
        help_text="Which get the rules; none selected means those of the usual name.",
    )
