// How many 64-byte frames a second go from a veth over a bridge to another veth. Here: one thread, frames sent by the far
// end of the first cable, counted by the far end of the second. Beside it: the real kernel with trafgen as the sender,
// on one CPU and on all, and ns-3's bridge module.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { EmbeddedSystem } from "@patchcord/core/embedded.ts";
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

export interface Forwarding {
  readonly frames: number;
  readonly rounds: number;
  /** Called once the network is there and addresses are learned. */
  readonly prepare?: (system: EmbeddedSystem) => void;
}

/** Frames and hops a second, and frames a second of CPU time, of each round. Every frame has bytes of its own; none may be lost. */
export function forwardFrames({
  frames,
  rounds,
  prepare,
}: Forwarding): { readonly frames: number; readonly hops: number; readonly framesByCpu: number }[] {
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
  const from = lab.device(left, "eth0");
  const to = lab.device(right, "eth0");
  const { softirq } = lab.system.kernel;
  const frame = new Uint8Array(FRAME);
  const send = (device: typeof from, destination: number, source: number): void => {
    writeEthernetHeader(frame, 0, destination, source, ETHERTYPE);
    transmit(Packet.copyOf(device, frame));
  };
  const drain = (): void => {
    while (softirq.pending) softirq.run();
  };
  send(to, from.address, to.address); // the bridge learns where the receiver is
  drain();
  writeEthernetHeader(frame, 0, to.address, from.address, ETHERTYPE);
  prepare?.(lab.system);
  return Array.from({ length: rounds }, () => {
    const before = to.statistics.rxPackets;
    const hopsBefore = softirq.processed;
    const cpu = process.cpuUsage();
    const start = performance.now();
    for (let sent = 0; sent < frames; sent += BURST) {
      for (let index = 0; index < BURST; index++) {
        transmit(Packet.copyOf(from, frame));
      }
      drain();
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

const REAL = `
quiet() { for place in all default; do echo 1 > /proc/sys/net/ipv6/conf/$place/disable_ipv6; done; }
quiet
ip link add br0 type bridge && ip link set br0 up
for side in left right; do
  ip netns add $side && nsenter --net=/run/netns/$side bash -c "$(declare -f quiet); quiet"
  ip link add $side type veth peer name eth0 netns $side && ip link set $side master br0 up
done
ip -n left link set eth0 address SOURCE up && ip -n right link set eth0 address DESTINATION up
bridge fdb add DESTINATION dev right master static
bytes=$(echo SOURCE | sed 's/:/, 0x/g; s/^/0x/')
echo "{ $(echo DESTINATION | sed 's/:/, 0x/g; s/^/0x/'), $bytes, 0x88, 0xb5, fill(0, 50) }" > /run/frame.cfg
count() { nsenter --net=/run/netns/right awk '/eth0/ { print $3 }' /proc/net/dev; }
nsenter --net=/run/netns/left timeout 7 trafgen -o eth0 -c /run/frame.cfg -P $CPUS --no-sock-mem -n 0 > /dev/null 2>&1 &
sleep 1.5
for round in 1 2 3 4 5; do
  a=$(count); t=\${EPOCHREALTIME/./}; sleep 0.9; b=$(count); u=\${EPOCHREALTIME/./}
  echo $(((b - a) * 1000000 / (u - t)))
done
wait
true
`
  .replaceAll("SOURCE", formatMac(0x02_00_00_00_00_01))
  .replaceAll("DESTINATION", formatMac(0x02_00_00_00_00_02));

async function realKernel(cpus: number): Promise<number> {
  const output = await inOwnNamespaces(REAL, { CPUS: cpus });
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
  const missing = realKernelMissing() ?? packageMissing("netsniff-ng", "/usr/sbin/trafgen");
  const trafgen = [
    [1, "real kernel, trafgen on one CPU", KERNEL_TARGET],
    [availableParallelism(), "real kernel, trafgen on every CPU", KERNEL_TARGET],
  ] as const;
  for (const [cpus, what, target] of trafgen) {
    if (missing !== undefined) rows.push(skipped(`${name} than ${what}`, missing));
    else {
      const than = { what, value: await realKernel(cpus) };
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
