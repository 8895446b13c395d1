from django.apps import AppConfig


class MirrorlistConfig(AppConfig):
    name = "mirrorlist"
    verbose_name = "Mirrorlist"
