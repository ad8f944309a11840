// A reconfiguration that looks at what has happened only ends as one that looks at everything.

import { afterEach, expect, test, vi } from "vitest";
import { Replay } from "../../tools/testing/recorded-network.ts";
import { Touched } from "./touched.ts";
import type { TouchedPorts } from "./touched.ts";

const LINES = [
  "ovs-vsctl add-br br0 -- add-br br1",
  "ip link add a type veth peer name b; ip link add c type veth peer name d; ip link add e type veth peer name f",
  "ovs-vsctl add-port br0 a",
  "ovs-vsctl add-port br0 b tag=5",
  "ip link set a up; ip link set b up",
  "ovs-vsctl add-port br1 gone",
  "ovs-vsctl add-port br1 c",
  "ip link add gone type veth peer name there",
  "ovs-vsctl add-port br1 d -- set interface d ofport_request=7",
  "ip link set d mtu 1400",
  "ovs-vsctl add-port br0 int0 -- set interface int0 type=internal",
  "ovs-vsctl clear interface c statistics ofport",
  "ovs-vsctl add-port br0 e -- add-port br0 f",
  "ip link set e address 00:11:22:33:44:55",
  "ovs-vsctl set interface a mtu_request=1300",
  "ovs-vsctl add-port br1 there",
  "ovs-vsctl del-port b",
  "ovs-vsctl add-port br1 b",
  "ip link del c",
  "ip link add c type veth peer name d",
  "ovs-vsctl set port e tag=9 -- set bridge br0 other-config:hwaddr=00:00:00:00:12:34",
  "ovs-vsctl add-port br0 vx -- set interface vx type=vxlan options:remote_ip=10.0.0.2",
];

const DATABASE = "ovs-vsctl list interface -- list bridge -- list port";
const REST = [
  "ovs-ofctl show br0; ovs-ofctl show br1",
  "ovs-appctl dpif/show; ovs-appctl fdb/show br0",
  "ip -d link; cut -d'|' -f3- /var/log/openvswitch/ovs-vswitchd.log",
];

async function play(): Promise<string[]> {
  const replay = new Replay();
  await replay.start([]);
  const shown: string[] = [];
  const run = async (line: string): Promise<void> => {
    const { stdout, stderr } = await replay.run(line);
    shown.push(`$ ${line}\n${stdout}${stderr}`);
  };
  for (const line of LINES) {
    await run(line);
    await run(DATABASE);
  }
  for (const line of REST) await run(line);
  return shown;
}

afterEach(() => vi.restoreAllMocks());

test("everything is as it would be if all of it had been looked at", { timeout: 60_000 }, async () => {
  const taken: (TouchedPorts | undefined)[] = [];
  const { take } = Touched.prototype;
  vi.spyOn(Touched.prototype, "take").mockImplementation(function (this: Touched) {
    const touched = take.call(this);
    taken.push(touched);
    return touched;
  });
  const partly = await play();
  expect(taken.filter((touched) => touched?.fresh.size === 1).length).toBeGreaterThan(6);
  vi.spyOn(Touched.prototype, "take").mockReturnValue(undefined);
  expect(partly).toEqual(await play());
});
