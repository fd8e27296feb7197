# SPDX-License-Identifier: MIT
"""Tests that must fail, and how; tests/test-clients.py looks at their reports."""
import pytest


@pytest.mark.modem("bc26")
def test_what_did_not_come(modem):
    modem.rouse()
    modem.expect("AT+QFOTADL=", within="1s")


@pytest.mark.modem("bc26")
def test_unfired_fault(modem):
    modem.fault("at.csq=fail:10")


def test_no_mark(modem):
    pass


@pytest.mark.modem("bc26")
def test_answers_by_a_function(modem):
    modem.rouse()
    modem.on("AT+CSQ", lambda command: "+CSQ: 7,0")
    modem.type("AT+CSQ")
    modem.script("> AT+CSQ\n< +CSQ: 7,0\n< OK")
    modem.on("AT+CSQ", None, "+CME ERROR: 10")
    modem.type("AT+CSQ")
    modem.script("> AT+CSQ\n< ERROR")
