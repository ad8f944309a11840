// arp, route, netstat and ifconfig on a dummy device: output, messages and exit codes of net-tools 2.10 on Linux (recorded).

import { expect, test } from "vitest";
import { boot } from "../../kernel/boot.ts";
import { Vfs } from "../../kernel/files/vfs.ts";
import { profileOf } from "../../kernel/profile.ts";
import { linkKinds } from "../../links/devices.ts";
import { programs } from "../../programs.ts";
import type { ProcessEntry } from "../../system/system.ts";
import { runTool } from "../testing/run-tool.ts";
import type { ToolResult } from "../testing/run-tool.ts";
import { layers } from "../../kernel/layers.ts";

type Run = (line: string) => Promise<ToolResult>;

/** A host with dummy1 up, 10.0.0.1/24 on it and a default route. */
async function host(): Promise<Run> {
  const kernel = boot({ profile: profileOf("linux-6.1"), seed: 1, bootTime: 0 }, linkKinds, layers);
  // /proc/net leads through /proc/self: every pid that a tool may get is there.
  const netns = { inode: kernel.init.inode };
  const pids = Array.from({ length: 5000 }, (_, index) => index + 1);
  const processes = (): ProcessEntry[] =>
    pids.map((pid) => ({ pid, parentPid: 0, argv: ["tool"], netns, cwd: "/" }));
  const vfs = new Vfs(kernel, { hostName: "vethhost", processes });
  const run: Run = (line) => {
    const argv = line.split(" ");
    const program = programs.get(argv[0] ?? "");
    if (program === undefined) throw new Error(line);
    return runTool(program, argv, vfs);
  };
  for (const line of [
    "ip link add d1 address 02:00:00:00:00:01 type dummy",
    "ip link set d1 up",
    "ip addr add 10.0.0.1/24 brd + dev d1",
    "ip route add default via 10.0.0.9",
  ]) {
    expect(await run(line)).toEqual({ stdout: "", stderr: "", code: 0 });
  }
  return run;
}

const ROUTES = `Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         10.0.0.9        0.0.0.0         UG    0      0        0 d1
10.0.0.0        0.0.0.0         255.255.255.0   U     0      0        0 d1
`;

test("route prints, adds and deletes", async () => {
  const run = await host();
  expect((await run("route -n")).stdout).toBe(ROUTES);
  expect((await run("netstat -r")).stdout).toContain(
    "default         10.0.0.9        0.0.0.0         UG        0 0          0 d1\n",
  );
  expect(await run("route add -net 20.0.0.0/8 gw 10.0.0.7 metric 3 mss 1200 window 5000 irtt 3")).toEqual({
    stdout: "",
    stderr: "",
    code: 0,
  });
  expect((await run("route -een")).stdout).toContain(
    "20.0.0.0        10.0.0.7        255.0.0.0       UG    3      0        0 d1       1200  5000   3\n",
  );
  expect((await run("route add -host 24.0.0.1 reject")).code).toBe(0);
  expect((await run("route -n")).stdout).toContain(
    "24.0.0.1        -               255.255.255.255 !H    0      -        0 -\n",
  );
  expect((await run("route del -net 20.0.0.0/8")).code).toBe(0);
  expect((await run("route del -host 24.0.0.1 reject")).code).toBe(0);
  expect((await run("route -n")).stdout).toBe(ROUTES);
});

test.each([
  ["route add default gw 77.7.7.7", "SIOCADDRT: Network is unreachable\n", 7],
  ["route del -net 99.0.0.0/8", "SIOCDELRT: No such process\n", 7],
  ["route add 28.0.0.1 foo", "SIOCADDRT: No such device\n", 7],
  ["route add 29.0.0.1 gw nosuch", "nosuch: Unknown host\n", 6],
  ["arp -s", "arp: need host name\n", 255],
  ["arp -s 10.0.0.44", "arp: need hardware address\n", 255],
  ["arp -s 10.0.0.44 zz", "arp: invalid hardware address\n", 255],
  ["arp -H foo -n", "arp: foo: unknown hardware type.\n", 255],
  ["ifconfig nope", "nope: error fetching interface information: Device not found\n", 1],
  ["ifconfig nope up", "nope: ERROR while getting interface flags: No such device\n", 255],
])("%s", async (line, stderr, code) => {
  const run = await host();
  expect(await run(line)).toEqual({ stdout: "", stderr, code });
});

test("arp sets, prints and deletes", async () => {
  const run = await host();
  expect((await run("arp -s 10.0.0.44 02:00:00:00:00:44")).stderr).toBe("");
  expect((await run("arp -Ds 10.0.0.47 d1 pub")).stderr).toBe("");
  expect((await run("arp -n")).stdout).toBe(
    "Address                  HWtype  HWaddress           Flags Mask            Iface\n" +
      "10.0.0.44                ether   02:00:00:00:00:44   CM                    d1\n" +
      "10.0.0.47                *       <from_interface>    MP                    d1\n",
  );
  expect((await run("arp -an")).stdout).toContain("? (10.0.0.44) at 02:00:00:00:00:44 [ether] PERM on d1\n");
  expect((await run("arp -d 10.0.0.44")).code).toBe(0);
  const again = { stdout: "No ARP entry for 10.0.0.44\n", stderr: "", code: 255 };
  expect(await run("arp -d 10.0.0.44")).toEqual(again);
});

test("ifconfig shows and sets", async () => {
  const run = await host();
  expect((await run("ifconfig d1 mtu 1400")).code).toBe(0);
  const { stdout } = await run("ifconfig d1");
  expect(stdout).toContain("mtu 1400\n        inet 10.0.0.1  netmask 255.255.255.0  broadcast 10.0.0.255\n");
  expect(stdout).toContain("        ether 02:00:00:00:00:01  txqueuelen 1000  (Ethernet)\n");
});

test("ifconfig sets addresses, of labels too, and says what is refused", async () => {
  const run = await host();
  const cases: readonly (readonly [line: string, stderr: string, code: number])[] = [
    ["ifconfig d1 10.3.0.1/24", "", 0],
    ["ifconfig d1:1 10.4.0.1 netmask 255.255.255.0 up", "", 0],
    ["ifconfig d1 add 10.3.0.7", "", 0],
    ["ifconfig d1 add 10.3.0.8", "", 0],
    ["ifconfig d1 del 10.3.0.7", "", 0],
    ["ifconfig d1:1 down", "", 0],
    ["ifconfig d1:9 down", "SIOCSIFFLAGS: Cannot assign requested address\n", 255],
    ["ifconfig d1 224.0.0.1", "SIOCSIFADDR: Invalid argument\n", 1],
    ["ifconfig d1 netmask 255.0.255.0", "SIOCSIFNETMASK: Invalid argument\n", 1],
    ["ifconfig d1 foo", "foo: Host name lookup failure\nifconfig: `--help' gives usage information.\n", 1],
    ["ifconfig d1 add 2001:db8::1/64", "", 0],
    ["ifconfig d1 del 2001:db8::9/64", "SIOCDIFADDR: Cannot assign requested address\n", 1],
  ];
  for (const [line, stderr, code] of cases)
    expect([line, await run(line)]).toEqual([line, { stdout: "", stderr, code }]);
  const addresses = (await run("ip -4 -o addr show d1")).stdout;
  expect([...addresses.matchAll(/inet (.*?)\\/g)].map(([, text]) => text)).toEqual([
    "10.3.0.1/24 brd 10.3.0.255 scope global d1",
    "10.3.0.8/24 brd 10.3.0.255 scope global secondary d1:2",
  ]);
  expect((await run("ip -6 addr show d1")).stdout).toContain("inet6 2001:db8::1/64 scope global");
});
