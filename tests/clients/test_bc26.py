# SPDX-License-Identifier: MIT
"""A BC26 host's upgrade from pytest; tests/test-clients.py runs it."""
import os
import subprocess

import pytest

HOSTS = os.environ["HAYESWIRE_HOSTS"]  # the folder of the example hosts


@pytest.mark.modem("bc26", firmware="BC26NBR01A05", update_time="5s", download_rate="16k")
def test_upgrade_goes_on_after_a_power_cut_at_50_percent(modem, bench):
    server = bench.http()
    url = server.publish("/update.bin", bench.package("bc26", "BC26NBR01A05", "BC26NBR01A06"))
    modem.fault("bc26.fota.download@50%=power_cut")
    with subprocess.Popen([HOSTS + "/bc26-updater", modem.tty, url], env=bench.env(modem)) as host:
        modem.expect("AT+QFOTADL=", within="2m")
        modem.wait_power("off", within="5m")
        modem.power_on(after="3s")
        modem.expect("AT+QFOTADL=", within="10m")
        modem.wait_urc('+QIND: "FOTA","END",0', within="10m")
        assert host.wait(60) == 0
    assert server.requests()[1]["range"].startswith("bytes=")
    assert modem.firmware == "BC26NBR01A06"
