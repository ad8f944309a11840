// How many 64-byte frames a second go from a veth over a bridge to another veth. Here: one thread, frames sent by the far
// end of the first cable, counted by the far end of the second. Beside it: the real kernel with trafgen as the sender,
// on one CPU and on all, and ns-3's bridge module.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import type { NetDevice } from "@patchcord/core/kernel/device.ts";
import { Packet } from "@patchcord/core/kernel/packet.ts";
import { transmit } from "@patchcord/core/kernel/transmit.ts";
import { formatMac } from "@patchcord/core/wire/mac.ts";
import { writeEthernetHeader } from "@patchcord/core/wire/ethernet.ts";
import { Lab } from "./embedded-lab.ts";
import { inOwnNamespaces, packageMissing, realKernelMissing } from "../real-kernel.ts";
import { median, row, skipped } from "./row.ts";
import type { Row } from "./row.ts";

const FRAME = 64; // bytes, without FCS
const ETHERTYPE = 0x88b5; // IEEE 802, local experimental
const ROUNDS = 7;
const FRAMES = 2_000_000;
/** Frames that the sender makes before the kernel works them off, as trafgen fills a ring. */
const BURST = 32;
const KERNEL_TARGET = 5;
const NS3_TARGET = 10;

export interface Pace {
  readonly frames: number;
  readonly rounds: number;
}

export interface Forwarding extends Pace {
  /** Called once the network is there and addresses are learned. */
  readonly prepare?: (system: EmbeddedSystem) => void;
}

interface Speed {
  readonly frames: number;
  readonly hops: number;
  readonly framesByCpu: number;
}

/** Two ends of a network between which frames are measured. */
export interface Ends {
  readonly kernel: EmbeddedSystem["kernel"];
  readonly from: NetDevice;
  readonly to: NetDevice;
}

function header(destination: NetDevice, source: NetDevice): Uint8Array {
  const frame = new Uint8Array(FRAME);
  writeEthernetHeader(frame, 0, destination.address, source.address, ETHERTYPE);
  return frame;
}

function workOff({ softirq }: EmbeddedSystem["kernel"]): void {
  while (softirq.pending) softirq.run();
}

/** A frame back, so that what is between learns where the receiver is. */
export function introduce({ kernel, from, to }: Ends): void {
  transmit(Packet.copyOf(to, header(from, to)));
  workOff(kernel);
}

/** Frames and hops a second, and frames a second of CPU time, of each round. Every frame has bytes of its own; none may be lost. */
export function pump({ kernel, from, to }: Ends, { frames, rounds }: Pace): Speed[] {
  const { softirq } = kernel;
  const frame = header(to, from);
  return Array.from({ length: rounds }, () => {
    const before = to.statistics.rxPackets;
    const hopsBefore = softirq.processed;
    const cpu = process.cpuUsage();
    const start = performance.now();
    for (let sent = 0; sent < frames; sent += BURST) {
      for (let index = 0; index < BURST; index++) transmit(Packet.copyOf(from, frame));
      while (softirq.pending) softirq.run();
    }
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const received = to.statistics.rxPackets - before;
    if (received !== frames) throw new Error(`${frames - received} of ${frames} frames were lost`);
    return {
      frames: received / seconds,
      hops: (softirq.processed - hopsBefore) / seconds,
      framesByCpu: received / ((user + system) / 1e6),
    };
  });
}

/** Over a bridge, from one namespace to another. */
export function forwardFrames({ prepare, ...pace }: Forwarding): Speed[] {
  const lab = new Lab();
  const { host } = lab;
  const [left, right] = [lab.addNetns("left"), lab.addNetns("right")];
  const bridge = host.addBridge("br0");
  for (const [name, place] of [
    ["a", left],
    ["b", right],
  ] as const) {
    place.disableIpv6();
    host.addCable(name, "eth0", place);
    host.setUp(name, bridge);
    place.setUp("eth0");
  }
  const { system } = lab;
  const ends = { kernel: system.kernel, from: lab.device(left, "eth0"), to: lab.device(right, "eth0") };
  introduce(ends);
  prepare?.(system);
  return pump(ends, pace);
}

const REAL = `
quiet() { for place in all default; do echo 1 > /proc/sys/net/ipv6/conf/$place/disable_ipv6; done; }
quiet
for side in left right; do
  ip netns add $side && nsenter --net=/run/netns/$side bash -c "$(declare -f quiet); quiet"
  ip link add $side type veth peer name eth0 netns $side && ip link set $side up
done
ip -n left link set eth0 address SOURCE up && ip -n right link set eth0 address DESTINATION up
SWITCH
bytes=$(echo SOURCE | sed 's/:/, 0x/g; s/^/0x/')
echo "{ $(echo DESTINATION | sed 's/:/, 0x/g; s/^/0x/'), $bytes, 0x88, 0xb5, fill(0, 50) }" > /run/frame.cfg
count() { nsenter --net=/run/netns/right awk '/eth0/ { print $3 }' /proc/net/dev; }
nsenter --net=/run/netns/left timeout 7 trafgen -o eth0 -c /run/frame.cfg -P $CPUS --no-sock-mem -n 0 > /dev/null 2>&1 &
sender=$!
sleep 1.5
for round in 1 2 3 4 5; do
  a=$(count); t=\${EPOCHREALTIME/./}; sleep 0.9; b=$(count); u=\${EPOCHREALTIME/./}
  echo $(((b - a) * 1000000 / (u - t)))
done
wait $sender
true
`;
const SOURCE_ADDRESS = formatMac(0x02_00_00_00_00_01);
export const DESTINATION_ADDRESS = formatMac(0x02_00_00_00_00_02);

export function senderMissing(): string | undefined {
  return realKernelMissing() ?? packageMissing("netsniff-ng", "/usr/sbin/trafgen");
}

const BRIDGE = `
ip link add br0 type bridge && ip link set br0 up
ip link set left master br0 && ip link set right master br0
bridge fdb add ${DESTINATION_ADDRESS} dev right master static
`;

/** Frames a second from one real namespace to another over a switch that `connect` makes and ports left and right are put into. */
export async function realForwarding(connect: string, cpus: number): Promise<number> {
  const script = REAL.replace("SWITCH", connect)
    .replaceAll("SOURCE", SOURCE_ADDRESS)
    .replaceAll("DESTINATION", DESTINATION_ADDRESS);
  const output = await inOwnNamespaces(script, { CPUS: cpus });
  const rate = median(output.trim().split("\n").map(Number));
  if (rate === 0) throw new Error("trafgen sent nothing");
  return rate;
}

/** Frames a second by ns-3, with the kind of device that is named; or why there is no figure. */
function ns3(device: "csma" | "simple"): number | string {
  const missing =
    packageMissing("g++", "/usr/bin/g++") ?? packageMissing("libns3-dev", "/usr/include/ns3/bridge-module.h");
  if (missing !== undefined) return missing;
  const folder = mkdtempSync(join(tmpdir(), "patchcord-bench-"));
  try {
    const program = join(folder, "bridge");
    const source = join(process.cwd(), "tests/bench/ns3-bridge.cc");
    const libraries = ["csma", "bridge", "network", "core"].map((name) => `-lns3-${name}`);
    const compiled = spawnSync("g++", ["-O2", "-o", program, source, ...libraries], { encoding: "utf8" });
    if (compiled.status !== 0)
      return `ns3-bridge.cc does not compile here: ${compiled.stderr.split("\n")[0] ?? ""}`;
    const rates = Array.from({ length: 3 }, () => {
      const { stdout } = spawnSync(program, [device, "500000"], { encoding: "utf8" });
      const [frames, seconds] = stdout.trim().split(" ").map(Number);
      return (frames ?? 0) / (seconds ?? Number.NaN);
    });
    return median(rates);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function forward(): Promise<Row[]> {
  const unit = "frames/s";
  const value = median(forwardFrames({ frames: FRAMES, rounds: ROUNDS }).map(({ frames }) => frames));
  const rows: Row[] = [];
  const name = `forward ${FRAME}-byte frames veth-bridge-veth`;
  const missing = senderMissing();
  const trafgen = [
    [1, "real kernel, trafgen on one CPU", KERNEL_TARGET],
    [availableParallelism(), "real kernel, trafgen on every CPU", KERNEL_TARGET],
  ] as const;
  for (const [cpus, what, target] of trafgen) {
    if (missing !== undefined) rows.push(skipped(`${name} than ${what}`, missing));
    else {
      const than = { what, value: await realForwarding(BRIDGE, cpus) };
      rows.push(row({ name, value, unit, than, ...(target === undefined ? {} : { target }) }));
    }
  }
  // csma is what ns-3's bridge is documented and shown with; simple is the least that it can be given.
  const modules = [
    ["csma", "ns-3 bridge, its Ethernet device (csma)", { target: NS3_TARGET }],
    ["simple", "ns-3 bridge, its device without a medium (simple)", {}],
  ] as const;
  for (const [device, what, target] of modules) {
    const rate = ns3(device);
    if (typeof rate === "string") rows.push(skipped(`${name} than ${what}`, rate));
    else rows.push(row({ name, value, unit, than: { what, value: rate }, ...target }));
  }
  return rows;
}
