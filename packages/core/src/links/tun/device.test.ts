// TUN and TAP: what `ip tuntap` printed on Linux 6.18, and frames through an open file.

import { expect, test } from "vitest";
import { EmbeddedSystem } from "../../embedded.ts";
import type { ProfileName } from "../../kernel/profile.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { TUN_FLAGS } from "../../system/tun.ts";
import type { TunFile } from "../../system/tun.ts";
import { Replay } from "../../tools/testing/recorded-network.ts";

async function shell(profile: ProfileName = "linux-6.1"): Promise<(line: string) => Promise<string>> {
  const replay = new Replay(profile);
  await replay.start([]);
  return async (line) => {
    const { stdout, stderr, rc } = await replay.run(line);
    return `${stdout}${stderr}${rc === 0 ? "" : `[${rc}]`}`.replace(/(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/g, "MAC");
  };
}

test("ip tuntap makes, lists and removes devices as recorded", async () => {
  const run = await shell();
  expect(await run("ip tuntap add dev tap0 mode tap; ip tuntap add dev tun0 mode tun")).toBe("");
  expect(
    await run("ip tuntap add dev tap1 mode tap user 1000 group 1000 pi vnet_hdr multi_queue; ip tuntap"),
  ).toBe(
    "tap0: tap persist\ntun0: tun persist\ntap1: tap pi multi_queue vnet_hdr persist filter user 1000 group 1000\n",
  );
  expect(await run("ip -j tuntap")).toBe(
    '[{"ifname":"tap0","flags":["tap","persist"]},{"ifname":"tun0","flags":["tun","persist"]},{"ifname":"tap1","flags":["tap","pi","multi_queue","vnet_hdr","persist","filter"],"user":1000,"group":1000}]\n',
  );
  expect(await run("ip -d link show tap1 | tail -1")).toMatch(
    /^ {4}tun type tap pi on vnet_hdr on multi_queue numqueues 0 numdisabled 0 persist on user 1000 group 1000 addrgenmode eui64 numtxqueues 256 numrxqueues 256 /,
  );
  expect(await run("ip -d link show tun0")).toMatch(
    /^3: tun0: <POINTOPOINT,MULTICAST,NOARP> mtu 1500 qdisc noop state DOWN mode DEFAULT group default qlen 500\n {4}link\/none {2}promiscuity 0 {2}(?:allmulti 0 )?minmtu 68 maxmtu 65535 \n {4}tun type tun pi off vnet_hdr off persist on /,
  );
  expect(await run("cat /sys/class/net/tap0/{tun_flags,owner,group}")).toBe("0x1802\n-1\n-1\n");
});

test("ethtool tells of a TAP what it told on Linux 6.1, and keeps what is set", async () => {
  const run = await shell("linux-6.1");
  await run("ip tuntap add dev tap0 mode tap");
  const settings = await run("ethtool tap0");
  expect(settings).toContain(
    "\tSpeed: 10Mb/s\n\tDuplex: Full\n\tAuto-negotiation: off\n\tPort: Twisted Pair\n",
  );
  expect(settings).toContain(
    `        Current message level: 0x00000000 (0)\n${" ".repeat(30)}\n\tLink detected: no\n`,
  );
  expect(await run("ethtool -k tap0 | grep 'tx-tcp\\|tx-udp'")).toBe(
    [
      "\ttx-tcp-segmentation: off [requested on]",
      "\ttx-tcp-ecn-segmentation: off [requested on]",
      "\ttx-tcp-mangleid-segmentation: off",
      "\ttx-tcp6-segmentation: off [requested on]",
      "tx-udp_tnl-segmentation: off [fixed]",
      "tx-udp_tnl-csum-segmentation: off [fixed]",
      "tx-udp-segmentation: off [fixed]",
      "",
    ].join("\n"),
  );
  expect(await run("ethtool -l tap0")).toBe("netlink error: Operation not supported\n[1]");
  expect(await run("ethtool -s tap0 speed 1000 duplex half port fibre autoneg on msglvl 5")).toBe("");
  expect(await run("ethtool tap0 | tail -9")).toBe(
    "\tSpeed: 1000Mb/s\n\tDuplex: Half\n\tAuto-negotiation: on\n\tPort: FIBRE\n\tPHYAD: 0\n\tTransceiver: internal\n" +
      "        Current message level: 0x00000005 (5)\n" +
      "                               drv link\n\tLink detected: no\n",
  );
  expect(await run("ethtool -C tap0 rx-frames 100; ethtool -c tap0 | grep rx-frames:")).toBe(
    "rx-frames: 64\n",
  );
  expect(await run("ethtool -C tap0 rx-usecs 5")).toBe(
    "netlink error: cannot modify an unsupported parameter (offset 36)\nnetlink error: Invalid argument\n[1]",
  );
});

test("on Linux 6.18 a TAP is faster and tells of its queues", async () => {
  const run = await shell("linux-6.18");
  await run("ip tuntap add dev tap0 mode tap");
  expect(await run("ethtool tap0 | grep Speed; ethtool -l tap0 | grep Combined")).toBe(
    "\tSpeed: 10000Mb/s\nCombined:\t1\nCombined:\t0\n",
  );
});

test.each([
  ["ip tuntap add dev tap0 mode tap", "ioctl(TUNSETIFF): Device or resource busy\n[1]"],
  ["ip tuntap add dev tap9", "You failed to specify a tunnel mode\n[1]"],
  ["ip tuntap add dev tap9 mode bogus", 'Unknown tunnel mode "bogus"\n[255]'],
  [
    "ip tuntap add dev tap9 mode tap bogus",
    'Error: either "name" is duplicate, or "bogus" is a garbage.\n[255]',
  ],
  ["ip tuntap del dev tap0 mode tun", "ioctl(TUNSETIFF): Invalid argument\n[1]"],
  ["ip tuntap del dev tap0 mode tap multi_queue", "ioctl(TUNSETIFF): Invalid argument\n[1]"],
  ["ip tuntap del dev nope mode tap", ""],
  ["ip tuntap del dev br0 mode tap", "ioctl(TUNSETIFF): Invalid argument\n[1]"],
  ["ip link add t5 type tun", "Error: tun/tap creation via rtnetlink is not supported.\n[2]"],
  ["ip link set tap0 type tun", "Error: tun/tap creation via rtnetlink is not supported.\n[2]"],
  ["ip link set tap0 mtu 66000", "Error: mtu greater than device maximum.\n[2]"],
  ["ip link set tun0 address 02:00:00:00:00:01", "RTNETLINK answers: Operation not supported\n[2]"],
  ["ip tuntap bogus", 'Command "bogus" is unknown, try "ip tuntap help".\n[255]'],
])("%s", async (line, expected) => {
  const run = await shell();
  await run("ip tuntap add dev tap0 mode tap; ip tuntap add dev tun0 mode tun; ip link add br0 type bridge");
  expect(await run(line)).toBe(expected);
});

/** A system that runs nothing: enough for devices and files. */
function openedTap(flags: number = TUN_FLAGS.TAP | TUN_FLAGS.NO_PI): {
  system: EmbeddedSystem;
  file: TunFile;
} {
  const system = new EmbeddedSystem({ host: { turn: () => Promise.resolve() } });
  const caller = { pid: 1, cwd: "/", netns: system.initialNetns };
  return { system, file: system.openTun(caller, { name: "t0", flags }) };
}

/** Who has 10.0.0.1? Asked by 02:00:00:00:00:09, 10.0.0.9. */
const ARP_REQUEST = Uint8Array.from([
  ...[255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9, 0x08, 0x06],
  ...[0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9, 10, 0, 0, 9, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1],
]);

test("a device that is down takes nothing, and a frame needs a header", () => {
  const { file } = openedTap();
  expect(() => file.write(ARP_REQUEST)).toThrow(Refusal);
  expect(file.ready).toBe(false);
  expect(file.read()).toBeUndefined();
});

test("a device without persistence goes with its last file", () => {
  const { system, file } = openedTap();
  const { init } = system.kernel;
  expect(init.device("t0")?.carrier).toBe(true);
  file.close();
  expect(init.device("t0")).toBeUndefined();
  expect(() => file.read()).toThrow(Refusal);
});

test("a persistent device stays, without carrier, and can be attached again", () => {
  const { system, file } = openedTap();
  file.setPersistent(true);
  file.close();
  const device = system.kernel.init.device("t0");
  expect(device?.carrier).toBe(false);
  const caller = { pid: 1, cwd: "/", netns: system.initialNetns };
  const again = { name: "t0", flags: TUN_FLAGS.TAP | TUN_FLAGS.NO_PI };
  const second = system.openTun(caller, again);
  expect(device?.carrier).toBe(true);
  expect(() => system.openTun(caller, again)).toThrow(Refusal); // one queue only
  second.close();
});

test("several files share a device with several queues", () => {
  const { system, file } = openedTap(TUN_FLAGS.TAP | TUN_FLAGS.NO_PI | TUN_FLAGS.MULTI_QUEUE);
  const caller = { pid: 1, cwd: "/", netns: system.initialNetns };
  const flags = TUN_FLAGS.TAP | TUN_FLAGS.NO_PI | TUN_FLAGS.MULTI_QUEUE;
  const second = system.openTun(caller, { name: "t0", flags });
  file.close();
  expect(system.kernel.init.device("t0")).toBeDefined();
  second.close();
  expect(system.kernel.init.device("t0")).toBeUndefined();
});
