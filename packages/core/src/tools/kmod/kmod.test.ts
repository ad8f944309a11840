// Modules of the embedded kernel, as kmod 30 shows them on Debian 12's Linux 6.1.

import { expect, test } from "vitest";
import { Replay } from "../testing/recorded-network.ts";

async function shell(...setup: string[]): Promise<(line: string) => Promise<string>> {
  const replay = new Replay();
  await replay.start(setup);
  return async (line) => {
    const { stdout, stderr } = await replay.run(line);
    return `${stdout}${stderr}`;
  };
}

test("links and datapaths bring their modules, the latest first", async () => {
  const run = await shell("ip link add v1 type veth peer name v2", "ip link add br0 type bridge");
  await run("ip link add link v1 name v1.5 type vlan id 5");
  expect(await run("lsmod")).toBe(
    [
      "Module                  Size  Used by",
      "8021q                  40960  0",
      "garp                   16384  1 8021q",
      "mrp                    20480  1 8021q",
      "bridge                319488  0",
      "stp                    16384  2 garp,bridge",
      "llc                    16384  3 garp,bridge,stp",
      "veth                   36864  0\n",
    ].join("\n"),
  );
  await run("ovs-dpctl show");
  expect((await run("cat /proc/modules")).replaceAll(/0x\S+/g, "ADDRESS").split("\n").slice(0, 5)).toEqual([
    "openvswitch 192512 0 - Live ADDRESS",
    "nsh 16384 1 openvswitch, Live ADDRESS",
    "nf_conncount 24576 1 openvswitch, Live ADDRESS",
    "nf_nat 57344 1 openvswitch, Live ADDRESS",
    "nf_conntrack 188416 3 openvswitch,nf_conncount,nf_nat, Live ADDRESS",
  ]);
});

test("a module that is in use stays, and one that goes takes its links along", async () => {
  const run = await shell("ip link add v1 type veth peer name v2", "ovs-dpctl -voff add-dp dp1");
  expect(await run("modprobe -r openvswitch")).toBe("modprobe: FATAL: Module openvswitch is in use.\n");
  expect(await run("rmmod nsh")).toBe("rmmod: ERROR: Module nsh is in use by: openvswitch\n");
  expect(await run("rmmod veth; ip -br link")).toMatch(/^lo .*\ndp1 .*\n$/);
  expect(await run("rmmod veth")).toBe("rmmod: ERROR: Module veth is not currently loaded\n");
  expect(await run("ovs-dpctl del-dp dp1; modprobe -r openvswitch; lsmod")).toBe(
    "Module                  Size  Used by\ncrc32c_generic         16384  0\ncrc32c_intel           24576  1\n",
  );
});

test("modprobe puts in what a module needs, and files say what they are", async () => {
  const run = await shell();
  const folder = "/lib/modules/6.1.0-56-amd64";
  expect(await run("modprobe -v vxlan")).toBe(
    `insmod ${folder}/kernel/net/ipv4/udp_tunnel.ko \n` +
      `insmod ${folder}/kernel/net/ipv6/ip6_udp_tunnel.ko \n` +
      `insmod ${folder}/kernel/drivers/net/vxlan/vxlan.ko \n`,
  );
  expect(await run("modprobe nope")).toBe(`modprobe: FATAL: Module nope not found in directory ${folder}\n`);
  expect(await run("modinfo -F depends vxlan; modinfo -F version openvswitch; modinfo nope")).toBe(
    "udp_tunnel,ip6_udp_tunnel\nmodinfo: ERROR: Module nope not found.\n",
  );
  expect(await run(`insmod ${folder}/kernel/drivers/net/vxlan/vxlan.ko`)).toBe(
    `insmod: ERROR: could not insert module ${folder}/kernel/drivers/net/vxlan/vxlan.ko: File exists\n`,
  );
});

test("parameters come last, each with its type, and in the file's order by their own field", async () => {
  const run = await shell("true");
  expect(
    await run(
      "modinfo dummy | tail -2; modinfo -p nf_conntrack; modinfo -F parmtype vxlan; modinfo -0 -p vxlan",
    ),
  ).toBe(
    "vermagic:       6.1.0-56-amd64 SMP preempt mod_unload modversions \n" +
      "parm:           numdummies:Number of dummy pseudo devices (int)\n" +
      "tstamp:Enable connection tracking flow timestamping. (bool)\n" +
      "acct:Enable connection tracking flow accounting. (bool)\n" +
      "expect_hashsize:uint\n" +
      "enable_hooks:Always enable conntrack hooks (bool)\n" +
      "log_ecn_error:bool\nudp_port:ushort\n" +
      "udp_port:Destination UDP port (ushort)\0log_ecn_error:Log packets received with corrupted ECN (bool)\0",
  );
  expect(await run("ip link add red type vrf table 10; lsmod | grep vrf; modinfo -F author vrf")).toBe(
    "vrf                    36864  0\nShrijeet Mukherjee, David Ahern\n",
  );
});

test("what is no file of a module is a name, and options are told apart", async () => {
  const run = await shell("echo hi > /tmp/broken.ko");
  expect(await run("modinfo /nope.ko; modinfo -m /nope.ko; modinfo /tmp; modinfo /tmp/broken.ko")).toBe(
    "filename:       /tmp/broken.ko\n" +
      "modinfo: ERROR: Module /nope.ko not found.\n" +
      "modinfo: ERROR: Module name /nope.ko not found.\n" +
      "modinfo: ERROR: Module /tmp not found.\n" +
      "modinfo: ERROR: could not get modinfo from 'broken': Invalid argument\n",
  );
  expect(await run("modinfo --bogus; modprobe --bogus; rmmod --bogus; insmod -Q; insmod")).toBe(
    "modinfo: unrecognized option '--bogus'\n" +
      "modprobe: unrecognized option '--bogus'\n" +
      "rmmod: unrecognized option '--bogus'\n" +
      "insmod: invalid option -- 'Q'\n" +
      "insmod: ERROR: missing filename.\n",
  );
});
