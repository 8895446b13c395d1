"""The access log: lines that MirrorManager's statistics read, from several processes at once."""

import json
import multiprocessing
import os
from pathlib import Path

import pytest

from mirrorlist.access_log import LINES_KEPT, AccessLog, Addresses, shown
from mirrorlist.logic.answers import Facts

FACTS = Facts("mirrorlist", "192.0.2.77", "DE", "fedora-42", "x86_64", "pub/os", 3, "2")
NOW = 1_795_149_706.5  # 2026-11-20


def a_log(path: Path, *, as_json: bool = False, addresses: Addresses = Addresses.FULL) -> AccessLog:
    log = AccessLog(path, addresses=addresses, as_json=as_json)
    log.pass_time(NOW)
    return log


def test_a_line_has_its_words_where_readers_look_for_them(tmp_path: Path) -> None:
    log = a_log(tmp_path / "log")
    log.note([(FACTS, 200, 5)])
    log.flush(NOW)
    line = (tmp_path / "log").read_text()
    assert line == (
        "IP: 192.0.2.77; DATE: 2026-11-20; COUNTRY: DE; REPO: fedora-42; ARCH: x86_64\n"
    )
    # mirrorlist_statistics of MirrorManager 2 reads by position.
    words = line.replace(";", "").split()
    assert [words[n] for n in (3, 5, 7, 9)] == ["2026-11-20", "DE", "fedora-42", "x86_64"]


@pytest.mark.parametrize("repo", ["a b", "a;b", "a\nIP: x", "ü", "\x00", "a\u2028b"])
def test_what_a_client_sends_stays_one_word_of_one_line(tmp_path: Path, repo: str) -> None:
    log = a_log(tmp_path / "log")
    log.note([(FACTS._replace(repo=repo), 200, 5)])
    log.flush(NOW)
    (line,) = (tmp_path / "log").read_text().split("\n")[:-1]
    assert line.split(" ")[9:] == ["x86_64"]


def test_questions_by_path_are_no_lines_but_json(tmp_path: Path) -> None:
    plain, full = a_log(tmp_path / "plain"), a_log(tmp_path / "json", as_json=True)
    for log in (plain, full):
        log.note([(FACTS._replace(repo="", arch=""), 302, 0)])
        log.flush(NOW)
    assert not (tmp_path / "plain").exists()
    line = json.loads((tmp_path / "json").read_text())
    assert (line["path"], line["status"], line["time"]) == ("pub/os", 302, int(NOW))


@pytest.mark.parametrize(
    ("addresses", "four", "six"),
    [
        (Addresses.FULL, "192.0.2.77", "2001:db8:1:2::3"),
        (Addresses.SHORT, "192.0.2.0", "2001:db8:1::"),
        (Addresses.NONE, "", ""),
    ],
)
def test_addresses_are_written_as_the_operator_wants(
    tmp_path: Path, addresses: Addresses, four: str, six: str
) -> None:
    assert (shown("192.0.2.77", addresses), shown("2001:db8:1:2::3", addresses)) == (four, six)
    log = a_log(tmp_path / "log", addresses=addresses)
    log.note([(FACTS, 200, 5)])
    log.flush(NOW)
    assert (tmp_path / "log").read_text().startswith(f"IP: {four or '-'}; DATE: ")


def test_after_logrotate_lines_go_to_the_new_file(tmp_path: Path) -> None:
    log = a_log(tmp_path / "log")
    log.note([(FACTS, 200, 5)])
    log.flush(NOW)
    (tmp_path / "log").rename(tmp_path / "log.1")
    log.reopen()
    log.note([(FACTS._replace(repo="later"), 200, 5)])
    log.flush(NOW)
    assert "fedora-42" in (tmp_path / "log.1").read_text()
    assert "later" in (tmp_path / "log").read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux's always full device")
def test_a_full_disk_costs_lines_and_is_said_once(tmp_path: Path, caplog) -> None:
    path = tmp_path / "log"
    path.symlink_to("/dev/full")
    log = a_log(path)
    for _ in range(3):
        log.note([(FACTS, 200, 5)])
        log.flush(NOW)
    assert log.dropped == 3
    assert "No space left on device" in log.current_problem()
    assert caplog.text.count("Its lines are dropped and counted") == 1
    path.unlink()
    log.note([(FACTS, 200, 5)])
    log.flush(NOW)
    assert path.read_text().count("\n") == 1
    assert log.current_problem() == ""


def test_what_gathers_has_an_end(tmp_path: Path) -> None:
    log = a_log(tmp_path / "log")
    for _ in range(LINES_KEPT + 5):
        log.note([(FACTS, 200, 5)])
    assert log.dropped == 5
    log.flush(NOW)
    assert (tmp_path / "log").read_text().count("\n") == LINES_KEPT


def _write_many(path: Path, name: str) -> None:
    log = a_log(path)
    for _ in range(100):
        for _ in range(200):
            log.note([(FACTS._replace(repo=name * 20), 200, 5)])
        log.flush(NOW)
    os._exit(0)


def test_processes_do_not_tear_lines_apart(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(tmp_path / "log", n)) for n in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = (tmp_path / "log").read_text().split("\n")[:-1]
    assert len(lines) == 60_000
    assert {line.split()[7] for line in lines} == {f"{name * 20};" for name in "abc"}
    assert {len(line) for line in lines} == {len(lines[0])}
