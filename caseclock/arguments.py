"""The commands and options of interfaces.md, with their help in English and a line of Vietnamese."""

import argparse
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, Never

from schemas.moment import parse_time

_Commands = argparse._SubParsersAction  # argparse gives its type no public name

EPILOG: Final = (
    "Settings: caseclock.toml in the working directory (or --config), then the environment "
    "(CASECLOCK_KAFKA__BOOTSTRAP_SERVERS, …). `caseclock check` tells whether all is well. "
    "Exit codes: 0 done, 1 done with dead letters and --strict, 2 wrong use, 3 a dependency is missing or away."
)


class Parser(argparse.ArgumentParser):
    """Errors in one line that say where to look."""

    def error(self, message: str) -> Never:
        """End with exit code 2."""
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def build_parser() -> Parser:
    """All of the command line."""
    parser = Parser(
        prog="caseclock",
        description="The live clock of a public administration. / Đồng hồ hồ sơ của cơ quan hành chính.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="say the version and end")
    _config(parser, None)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    _demo(commands)
    _run(commands)
    _ingest(commands)
    _replay(commands)
    _board(commands)
    _explain(commands)
    _dead_letters(commands)
    _grafana(commands)
    _check(commands)
    return parser


def _demo(commands: "_Commands[Parser]") -> None:
    demo = _command(
        commands,
        "demo",
        "the whole product on this machine, with a simulated city of Hanoi",
        "Chạy thử toàn bộ trên một máy, với dữ liệu mô phỏng của Hà Nội.",
    )
    demo.add_argument("--port", type=_port, metavar="N", help="port of the board (default: the settings')")
    demo.add_argument(
        "--duration", type=_seconds, metavar="S", help="end after S seconds (default: at Ctrl-C)"
    )
    demo.add_argument(
        "--seed", type=int, default=1, metavar="N", help="another seed, another city (default: 1)"
    )
    demo.add_argument("--no-browser", action="store_true", help="do not open a browser")
    demo.add_argument(
        "--clickhouse-http",
        type=_port,
        metavar="PORT",
        help="let clients of ClickHouse read the demo's database by HTTP on this port (0: any that is free)",
    )


def _run(commands: "_Commands[Parser]") -> None:
    _command(
        commands,
        "run",
        "one worker, against the Kafka and ClickHouse of the settings",
        "Chạy một tiến trình xử lý với Kafka và ClickHouse trong cấu hình.",
    )


def _ingest(commands: "_Commands[Parser]") -> None:
    ingest = _command(
        commands,
        "ingest",
        "send the events of files to Kafka; every record acknowledged, or named as failed",
        "Gửi sự kiện từ tệp vào Kafka.",
    )
    _files(ingest)


def _replay(commands: "_Commands[Parser]") -> None:
    replay = _command(
        commands,
        "replay",
        "run files through the pipeline and write the numbers as of a moment",
        "Tính lại từ tệp sự kiện và ghi các chỉ số tại một thời điểm.",
    )
    _files(replay)
    replay.add_argument(
        "--as-of", type=_moment, metavar="T", help="the moment, RFC 3339 (default: the latest occurred_at)"
    )
    replay.add_argument("--profile", metavar="P", help="the rules: one_stop, national_766 or instant")
    replay.add_argument("--calendar", metavar="C", help="one calendar for every unit: hanoi, always, …")
    replay.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write the numbers")
    replay.add_argument(
        "--on-services",
        action="store_true",
        help="use the Kafka and ClickHouse of the settings, under names of its own, not embedded ones",
    )


def _board(commands: "_Commands[Parser]") -> None:
    _command(
        commands,
        "board",
        "the web board alone, against the ClickHouse of the settings",
        "Chỉ chạy bảng theo dõi trên web.",
    )


def _explain(commands: "_Commands[Parser]") -> None:
    explain = _command(
        commands,
        "explain",
        "the clock of one case in words: events, ledger, due dates and why",
        "Giải thích đồng hồ của một hồ sơ: sự kiện, hạn trả và lý do.",
    )
    explain.add_argument("case_id", metavar="CASE_ID", help="the case")


def _dead_letters(commands: "_Commands[Parser]") -> None:
    letters = _command(
        commands,
        "dead-letters",
        "what could not be read: list it, or send it again",
        "Các bản ghi không đọc được: liệt kê hoặc gửi lại.",
    )
    actions = letters.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    listing = _command(
        actions, "list", "show the newest: where, and why", "Liệt kê các bản ghi không đọc được mới nhất."
    )
    listing.add_argument("--limit", type=_count, default=100, metavar="N", help="at most N (default: 100)")
    again = _command(actions, "replay", "send them to the events again", "Gửi lại vào luồng sự kiện.")
    again.add_argument("--limit", type=_count, metavar="N", help="at most N (default: all)")
    again.add_argument("--dry-run", action="store_true", help="only tell what would be sent")


def _grafana(commands: "_Commands[Parser]") -> None:
    grafana = _command(
        commands,
        "grafana",
        "the leaders' dashboards: write their files, push them, open the public ones",
        "Bảng điều khiển Grafana: tạo tệp, đẩy lên, công bố.",
    )
    actions = grafana.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    build = _command(actions, "build", "write the files that Grafana provisions from", "Tạo tệp cấu hình.")
    build.add_argument("--out", type=Path, metavar="DIR", help="where to (default: those of this package)")
    build.add_argument("--check", action="store_true", help="write nothing; exit code 2 where they differ")
    push = _command(
        actions, "push", "put the dashboards into a Grafana that has no such files", "Đẩy bảng điều khiển."
    )
    publish = _command(
        actions, "publish", "let everybody open the public dashboards; prints their addresses", "Công bố."
    )
    for each in (push, publish):
        each.add_argument(
            "--wait", type=_seconds, default=0.0, metavar="S", help="wait at most S seconds for Grafana"
        )


def _check(commands: "_Commands[Parser]") -> None:
    _command(
        commands,
        "check",
        "settings, connections, versions, topics, tables: what is wrong and how to mend it",
        "Kiểm tra cấu hình, kết nối, phiên bản, topic và bảng.",
    )


def _command(commands: "_Commands[Parser]", name: str, english: str, vietnamese: str) -> Parser:
    sentence = english[0].upper() + english[1:]
    parser = commands.add_parser(
        name, help=english, description=f"{sentence}. / {vietnamese}", allow_abbrev=False
    )
    _config(parser, argparse.SUPPRESS)
    return parser


def _config(parser: Parser, default: Any) -> None:  # noqa: ANN401  # a marker of argparse's, or None
    """`--config` may stand before the command or after it."""
    parser.add_argument("--config", type=Path, default=default, metavar="F", help="the settings' file")


def _files(parser: Parser) -> None:
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="native events (.ndjson, .jsonl, also .gz, .zst; - = standard input); with a mapping CSV or XES",
    )
    parser.add_argument(
        "--mapping", type=Path, metavar="M.yaml", help="what the columns of a CSV or XES file mean"
    )
    parser.add_argument("--strict", action="store_true", help="exit code 1 when something could not be read")


class _Version(argparse.Action):
    """Asked for only when it is wanted: the packages' metadata take a while to read."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> Never:
        try:
            known = version("caseclock")
        except PackageNotFoundError:
            known = "(not installed: `make setup`)"
        sys.stdout.write(f"caseclock {known}\n")
        parser.exit(0)


def _moment(text: str) -> int:
    """Microseconds since the epoch, UTC."""
    try:
        return parse_time(text)
    except ValueError:
        message = f"{text!r} is no moment; write it with an offset, like 2026-02-11T00:00:00Z"
        raise argparse.ArgumentTypeError(message) from None


def _bounded(kind: Callable[[str], float], least: float, most: float, what: str) -> Callable[[str], Any]:
    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no {what}")
        return value

    return read


_port = _bounded(int, 0, 65_535, "port; write a number from 0 (any that is free) to 65535")
_count = _bounded(int, 1, 10**9, "count; write a number from 1")
_seconds = _bounded(float, 0.1, 10**9, "duration; write seconds, like 60")
