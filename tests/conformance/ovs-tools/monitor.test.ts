// `ovs-ofctl monitor --detach` and its control socket on the embedded switch. What the commands answer and what is printed of
// messages was seen on the real one.

import { MILLISECOND } from "@patchcord/core/system/system.ts";
import { expect, test } from "vitest";
import { lookupProgram } from "../../../packages/cli/src/programs.ts";
import { EmbeddedLines } from "../embedded-lines.ts";

const PACKET = "ffffffffffff0242ac11000288cc00000005";

test("a monitor in the background does what its control socket says", async () => {
  const lines = new EmbeddedLines({
    profile: "linux-6.1",
    lookup: lookupProgram,
    startCost: MILLISECOND,
    lineCost: MILLISECOND,
  });
  const run = async (line: string) => {
    const { stdout, stderr, rc } = await lines.run(line);
    return rc === 0 ? stdout : `${stdout}${stderr}[${rc}]`;
  };
  await run("ovs-vsctl add-br br0");
  expect(await run("ovs-ofctl monitor br0 65534 --detach --no-chdir --pidfile 2> monitor.log")).toBe("");
  expect(await run("cat /var/run/openvswitch/ovs-ofctl.pid")).toMatch(/^\d+\n$/);
  expect(await run("ovs-appctl -t ovs-ofctl ofctl/barrier")).toBe("");
  expect(await run("ovs-appctl -t ovs-ofctl ofctl/send 0102000800000007")).toBe("sent\n");
  expect(await run("ovs-appctl -t ovs-ofctl ofctl/send 01zz")).toBe(
    "Trailing garbage in hex data\novs-appctl: ovs-ofctl: server returned an error\n[2]",
  );
  await run(`ovs-ofctl packet-out br0 in_port=local,packet=${PACKET},actions=controller`);
  await run("ovs-appctl -t ovs-ofctl ofctl/block");
  expect(await run("ovs-appctl -t ovs-ofctl ofctl/block")).toMatch(/^already blocking\n/);
  await run("ovs-appctl -t ovs-ofctl ofctl/unblock");
  await run("ovs-appctl -t ovs-ofctl ofctl/set-output-file other.log");
  await run("ovs-appctl -t ovs-ofctl ofctl/send 0102000800000009");
  await run("ovs-appctl -t ovs-ofctl ofctl/barrier");
  expect(await run("ovs-appctl -t ovs-ofctl exit")).toBe("");
  expect(await run("ls /var/run/openvswitch/ovs-ofctl.pid")).toMatch(/\[2\]$/);
  expect((await run("cat monitor.log")).replace(/xid=0x\w+/g, "xid")).toBe(
    "OFPT_BARRIER_REPLY (xid):\n" +
      "send: OFPT_ECHO_REQUEST (xid): 0 bytes of payload\n" +
      "OFPT_ECHO_REPLY (xid): 0 bytes of payload\n" +
      "NXT_PACKET_IN2 (xid): total_len=18 in_port=LOCAL (via action) data_len=18 (unbuffered)\n" +
      "vlan_tci=0x0000,dl_src=02:42:ac:11:00:02,dl_dst=ff:ff:ff:ff:ff:ff,dl_type=0x88cc\n",
  );
  expect((await run("cat other.log")).replace(/xid=0x\w+/g, "xid")).toBe(
    "send: OFPT_ECHO_REQUEST (xid): 0 bytes of payload\n" +
      "OFPT_ECHO_REPLY (xid): 0 bytes of payload\nOFPT_BARRIER_REPLY (xid):\n",
  );
});
