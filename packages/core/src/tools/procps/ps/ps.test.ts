// ps against what ps of procps-ng 4.0.2 prints for processes that are not there (titles) and for wrong words, recorded on Debian 12:
// the first three lines of both streams. And what it shows of processes and of Open vSwitch's daemons, which end like any other.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { embeddedShell } from "../../testing/recorded-network.ts";

const recorded = readFileSync(new URL("../fixtures/ps-4.0.2.txt", import.meta.url), "utf8")
  .split(/^\$ /m)
  .slice(1)
  .map((block) => {
    const end = block.indexOf("\n");
    return { command: block.slice(0, end), printed: block.slice(end + 1) };
  });

describe("as recorded", async () => {
  const run = await embeddedShell();
  const titles = (text: string): string =>
    text
      .split(/(?<=\n)/)
      .filter((line) => !/^ *\d|^root|^[0-9a-f]* S /.test(line))
      .slice(0, 3)
      .join("");

  test.each(recorded)("$command", async ({ command, printed }) => {
    expect(titles(await run(command))).toBe(printed);
  });
});

test("children stand below their parents, in both manners", async () => {
  const run = await embeddedShell();
  const tree = await run("sh -c 'sleep 5 & ps axf -o args; ps -H -e -o comm; :'; :");
  expect(tree.split("\n").filter((line) => /sleep/.test(line) && !line.startsWith("bash"))).toEqual([
    " \\_ sh -c sleep 5 & ps axf -o args; ps -H -e -o comm; :",
    "     \\_ sleep 5",
    "    sleep",
  ]);
});

test("what is sorted and chosen, and what begins a line", async () => {
  const run = await embeddedShell();
  expect(await run("sleep 5 & sleep 6 & ps -C sleep --sort=-pid -o args=; ps h -C sleep -o user,stat")).toBe(
    "sleep 6\nsleep 5\nroot     S\nroot     S\n",
  );
  expect(await run("ps -p 1 -o lstart=,etime=")).toMatch(/^Mon Jan {2}1 00:00:00 2024 {7}\d\d:\d\d\n$/);
  expect(await run("ps -p $$ -o stat=; ps -C ps -o stat=; :")).toBe("Ss\nR\n");
});

test("the daemons of Open vSwitch are processes that a signal ends", async () => {
  const run = await embeddedShell();
  expect(await run("pgrep ovs; pidof ovs-vswitchd; ps -C ovs-vswitchd -o ppid=")).toBe(
    "979\n980\n980\n      1\n",
  );
  await run("kill $(cat /run/openvswitch/ovs-vswitchd.pid); sleep 0.1");
  expect(await run("ps -C ovs-vswitchd -o pid=; ls /run/openvswitch; systemctl is-active ovs-vswitchd")).toBe(
    "db.sock\novsdb-server.979.ctl\novsdb-server.pid\ninactive\n",
  );
  await run("systemctl start ovs-vswitchd; pkill -9 ovs-vswitchd");
  expect(await run("pidof ovs-vswitchd || cat /run/openvswitch/ovs-vswitchd.pid; ovs-ctl status")).toBe(
    "980\novsdb-server is running with pid 979\novs-vswitchd is not running\n",
  );
});
