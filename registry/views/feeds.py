"""Atom feeds for everybody: mirrors that come and go, and Repositories that are new."""

from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry.services.public_list import public_revision
from registry.services.public_news import News, mirror_news, repository_news
from registry.views.caching import public_page


class NewsFeed(Feed):  # type: ignore[type-arg]
    """What both feeds have in common; no item has anything that is not on public pages."""

    feed_type = Atom1Feed
    link = "/"
    item_guid_is_permalink = False

    def item_title(self, item: News) -> str:
        return item.title

    def item_description(self, item: News) -> str:
        return item.sentence

    def item_link(self, item: News) -> str:
        return item.link

    def item_guid(self, item: News) -> str:
        return f"{settings.BASE_URL}/feeds/{item.key}"

    def item_updateddate(self, item: News) -> datetime:
        return item.at

    def item_pubdate(self, item: News) -> datetime:
        return item.at


class MirrorFeed(NewsFeed):
    """Mirrors that came, went and returned."""

    def title(self) -> str:
        return f"{settings.SITE_NAME}: {_('mirrors')}"

    def items(self) -> list[News]:
        return mirror_news(now=timezone.now())


class RepositoryFeed(NewsFeed):
    """Repositories that are new."""

    def title(self) -> str:
        return f"{settings.SITE_NAME}: {_('repositories')}"

    def items(self) -> list[News]:
        return repository_news()


mirror_feed = require_safe(public_page(public_revision)(MirrorFeed()))
repository_feed = require_safe(public_page(public_revision)(RepositoryFeed()))
