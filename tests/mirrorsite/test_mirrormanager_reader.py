import io

import pytest
from django.core.management import CommandError, call_command

from mirrorsite.mirrormanager.reader import SourceError, open_source
from registry.logic.mirrormanager.rows import ArchRow, SiteRow
from tests.mirrorsite.mirrormanager_database import url_of


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite:///x", "Give the database as postgresql://USER@HOST/NAME."),
        ("postgresql://nobody@/x?host=/nowhere", "The database cannot be opened: "),
        ("postgresql://a:b:c@[", "The database cannot be opened: "),
    ],
)
def test_a_database_that_cannot_be_opened_is_a_sentence(url, sentence) -> None:
    with pytest.raises(SourceError, match="^" + sentence), open_source(url):
        pass


def test_the_password_is_in_no_error() -> None:
    url = "postgresql://ben:sesame@127.0.0.1:1/x"
    with pytest.raises(SourceError) as caught, open_source(url):
        pass
    assert "sesame" not in str(caught.value)


@pytest.mark.django_db
def test_another_database_is_recognized_as_not_mirrormanagers(server) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("import_mirrormanager", url_of(server, "postgres"), stderr=io.StringIO())
    assert str(caught.value) == (
        "This is not a MirrorManager 2 database, or its tables may not be read: there is no arch, "
        "category, category_directory and 21 others."
    )
    assert caught.value.returncode == 2


def test_a_role_that_may_not_read_is_told_so(bare) -> None:
    bare.run("DROP ROLE IF EXISTS stranger")
    bare.run("CREATE ROLE stranger LOGIN")
    url = bare.url.replace("mirrorsite@", "stranger@")
    with pytest.raises(SourceError, match="its tables may not be read"), open_source(url):
        pass


def test_a_missing_column_is_named(bare) -> None:
    bare.run("ALTER TABLE host DROP COLUMN asn_clients")
    with pytest.raises(SourceError, match=r"it lacks host\.asn_clients\.$"), open_source(bare.url):
        pass


def test_rows_come_in_the_order_of_their_ids(bare) -> None:
    bare.run("INSERT INTO arch (id, name) VALUES (2, 'b'), (1, 'a')")
    with open_source(bare.url) as source:
        assert list(source.rows(ArchRow)) == [
            ArchRow(1, "a", True, True),
            ArchRow(2, "b", True, True),
        ]


def test_sets_come_grouped_and_only_what_is_up2date(untouched) -> None:
    with open_source(untouched.url) as source:
        found = list(source.up2date(leaving_out=[3, 4, 6]))
    assert [(id, sorted(ids), sorted(paths)) for id, ids, paths in found] == [
        (1, [1, 2, 9], ["/gone"]),
        (2, [], ["../x", "/secret", "releases/42"]),
        (None, [1], []),
    ]


def test_the_database_is_read_in_one_state_and_never_written(bare) -> None:
    insert = "INSERT INTO site (name, created_by) VALUES ('late', 'x')"
    with open_source(bare.url) as source:
        list(source.rows(ArchRow))
        bare.run(insert)
        assert list(source.rows(SiteRow)) == []
        with pytest.raises(Exception, match="read-only transaction"):
            source._connection.execute(insert)


def test_a_connection_that_breaks_is_a_sentence(bare) -> None:
    ours = "application_name = 'import_mirrormanager' AND datname = current_database()"
    with open_source(bare.url) as source:
        bare.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")  # noqa: S608
        with pytest.raises(SourceError, match=r"^Reading the database failed: "):
            list(source.rows(ArchRow))
