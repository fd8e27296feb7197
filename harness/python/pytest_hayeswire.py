# SPDX-License-Identifier: MIT
"""Fake cellular modems as fixtures of pytest:

    @pytest.mark.modem("bc26", firmware="BC26NBR01A05")
    def test_my_host(modem, bench):
        ...

`bench` is a hayeswire.Hayeswire that is reset for each test, `modem` the modem of the test's mark. When a test fails,
the modems' transcripts are in its report, with a token: `pytest --hayeswire-replay TOKEN` runs that test again, with its
seed and its time. An armed fault that never fired fails the test. Load the plugin with `-p pytest_hayeswire`, or
`pytest_plugins = ["pytest_hayeswire"]` in conftest.py.
"""
import base64
import json

import pytest

from hayeswire import Hayeswire


def pytest_addoption(parser):
    group = parser.getgroup("hayeswire")
    group.addoption("--hayeswire", metavar="PROGRAM", help="the program hayeswire (default: from PATH)")
    group.addoption("--hayeswire-time", metavar="real|xN|step", default="real", help="speed of the modems' delays")
    group.addoption("--hayeswire-seed", metavar="N", type=int, default=1, help="seed of all randomness")
    group.addoption("--hayeswire-replay", metavar="TOKEN", help="the test of a failure, as it was")


# ---- tokens: a test, its seed and its time ----

PREFIX = "hwpy1"


def make_token(nodeid, seed, time):
    text = json.dumps([nodeid, seed, time], separators=(",", ":")).encode()
    return PREFIX + base64.b32encode(text).decode().rstrip("=").lower()


def read_token(token):
    text = token[len(PREFIX):].upper()
    try:
        if not token.startswith(PREFIX):
            raise ValueError
        nodeid, seed, time = json.loads(base64.b32decode(text + "=" * (-len(text) % 8)))
        return str(nodeid), int(seed), str(time)
    except (ValueError, TypeError):
        raise pytest.UsageError("--hayeswire-replay: %s is no token of a failed test" % token) from None


def command_of(item, server):
    return "pytest --hayeswire-replay " + make_token(item.nodeid, server.greeting["seed"], server.time)


def pytest_configure(config):
    token = config.getoption("--hayeswire-replay")
    if token:
        nodeid, config.option.hayeswire_seed, config.option.hayeswire_time = read_token(token)
        config.args[:] = [str(config.rootpath / nodeid)]
    config.addinivalue_line("markers", "modem(dialect, **options): the modem of the fixture `modem`")


@pytest.fixture(scope="session")
def hayeswire_server(pytestconfig):
    """The server of the whole session."""
    with Hayeswire(program=pytestconfig.getoption("--hayeswire"), time=pytestconfig.getoption("--hayeswire-time"),
                   seed=pytestconfig.getoption("--hayeswire-seed")) as server:
        yield server


@pytest.fixture
def bench(hayeswire_server, request, record_property):
    """The server, without anything that earlier tests have made."""
    hayeswire_server.reset()
    record_property("hayeswire_replay", command_of(request.node, hayeswire_server))
    yield hayeswire_server
    report = getattr(request.node, "_hayeswire_report", None)
    unfired = [fault["fault"] for fault in hayeswire_server.faults() if fault["fired"] == 0]
    if unfired and report is not None and report.passed:
        pytest.fail('the fault "%s" never fired' % unfired[0], pytrace=False)


@pytest.fixture
def modem(bench, request):
    """The modem of the mark modem(dialect, **options)."""
    mark = request.node.get_closest_marker("modem")
    if mark is None:
        pytest.fail('which modem? Mark the test with @pytest.mark.modem("bc26")', pytrace=False)
    return bench.modem(*mark.args, **mark.kwargs)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if call.when == "call":
        item._hayeswire_report = report
    server = getattr(item, "funcargs", {}).get("bench")
    if not report.failed or server is None or call.when == "teardown":
        return
    try:
        for state in server.call("modem.list"):
            text = server.call("modem.transcript", name=state["name"])
            report.sections.append(("transcript of " + state["name"], text))
        report.sections.append(("hayeswire", "again: " + command_of(item, server)))
    except Exception as error:  # the server may be what has failed
        report.sections.append(("hayeswire", "no transcript: %s" % error))
