# SPDX-License-Identifier: MIT
"""An MT5700M host's upgrade from pytest; tests/test-clients.py runs it."""
import os
import subprocess

import pytest

HOSTS = os.environ["HAYESWIRE_HOSTS"]  # the folder of the example hosts


@pytest.mark.modem("mt5700", firmware="1.2.5.0(SP1C02)", flash_time="10s", breakpoint_pages=4)
def test_upgrade_goes_on_after_a_power_cut_at_50_percent(modem, bench):
    server = bench.http()
    url = server.publish_folder("/mt5700/", bench.package("mt5700", None, "1.3.0.0(SP1C02)", size="200k"))
    modem.fault("download.body@50%=power_cut")
    with subprocess.Popen([HOSTS + "/mt5700-updater", bench.tty_link(), url], env=bench.env(modem)) as host:
        modem.wait_power("off", within="5m")
        modem.power_on(after="3s")
        modem.wait_fota("suspended", within="2m")
        assert host.wait(60) == 0
    assert server.requests()[-1]["status"] == 206  # the rest of the package only
    assert modem.firmware == "1.3.0.0(SP1C02)"
