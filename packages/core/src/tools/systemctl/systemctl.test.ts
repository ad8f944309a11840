// systemctl for the units of Debian's openvswitch-switch: what requires what, and the words of systemd 252. Not recorded: systemd
// does not run where these tests are made.

import { expect, test } from "vitest";
import { embeddedShell } from "../testing/recorded-network.ts";

const STATES = "systemctl is-active ovsdb-server ovs-vswitchd";

test("the switch brings its database, and goes with it", async () => {
  const run = await embeddedShell();
  expect(await run(`systemctl stop openvswitch-switch; ${STATES}`)).toBe("inactive\ninactive\n");
  expect(await run(`systemctl start ovs-vswitchd; ${STATES}`)).toBe("active\nactive\n");
  expect(await run(`systemctl stop ovs-vswitchd; ${STATES}`)).toBe("active\ninactive\n");
  expect(await run(`systemctl restart ovsdb-server; ${STATES}`)).toBe("active\ninactive\n");
  expect(await run(`systemctl start openvswitch-switch; systemctl restart ovsdb-server; ${STATES}`)).toBe(
    "active\nactive\n",
  );
  expect(await run(`systemctl stop ovsdb-server; ${STATES}`)).toBe("inactive\ninactive\n");
});

test("what is not known is not told", async () => {
  const run = await embeddedShell();
  await run("systemctl start openvswitch-switch");
  expect(await run("systemctl status openvswitch-switch")).toBe(
    "● openvswitch-switch.service - Open vSwitch\n" +
      "     Loaded: loaded (/lib/systemd/system/openvswitch-switch.service; enabled; preset: enabled)\n" +
      "     Active: active (exited)\n",
  );
  expect(await run("systemctl disable openvswitch-switch")).toBe("systemctl: disable is not implemented\n");
  expect(await run("systemctl stop ovs-vswitchd; systemctl list-units | head -n 3")).toBe(
    "  UNIT                 LOAD   ACTIVE SUB     DESCRIPTION\n" +
      "  ovsdb-server.service loaded active running Open vSwitch Database Unit\n" +
      "\n",
  );
  expect(await run("systemctl list-units --no-legend")).toBe(
    "  ovsdb-server.service loaded active running Open vSwitch Database Unit\n",
  );
});
