// Holds our filter compiler against the real tcpdump: the code that -d prints, optimised and not, the complaints, and the
// packets of a file that pass.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "@patchcord/core/kernel/random.ts";
import { compileFilter } from "@patchcord/core/pcap-filter/compile.ts";
import { FilterError } from "@patchcord/core/pcap-filter/filter-error.ts";
import type { FilterNames } from "@patchcord/core/pcap-filter/filter-names.ts";
import { readU32BE } from "@patchcord/core/wire/bytes.ts";
import { listBpf } from "@patchcord/core/wire/bpf/listing.ts";
import { runBpf } from "@patchcord/core/wire/bpf/machine.ts";
import { dltNamed, linkTypeOfDlt } from "@patchcord/core/wire/link-types.ts";
import { ExpressionGenerator, LINK_TYPES } from "./expressions.ts";
import { PacketGenerator, pcapFile } from "./packets.ts";

const SNAP_LENGTH = 262_144;
const PACKETS = 60;

/** What Debian's /etc/services and /etc/protocols say about the names in the generator. */
const PORTS: Readonly<Record<string, readonly [port: number, protocols: string]>> = {
  http: [80, "tcp"],
  domain: [53, "tcp udp"],
};
const names: FilterNames = {
  hostAddresses: () => [],
  network: () => undefined,
  etherHost: () => undefined,
  port: (name, protocol) => {
    const known = PORTS[name];
    return known?.[1].includes(protocol) === true ? known[0] : undefined;
  },
  ipProtocol: (name) => ({ tcp: 6, udp: 17, ospf: 89 })[name],
};

function realTcpdump(args: readonly string[]): { readonly stdout: Buffer; readonly stderr: string } {
  const run = spawnSync("tcpdump", args, { stdio: ["ignore", "pipe", "pipe"] });
  // What it says about the file is not about the filter.
  const stderr = run.stderr.toString().replace(/^(?:reading from file|Warning: interface names) .*\n/gm, "");
  return { stdout: run.stdout, stderr };
}

export interface FilterDifference {
  readonly seed: number;
  readonly linkType: string;
  readonly expression: string;
  readonly what: string;
  readonly ours: string;
  readonly real: string;
}

/** One random expression and random packets; undefined if all is the same. */
export function compareFilter(seed: number): FilterDifference | undefined {
  const random = new Random(seed * 2_654_435_761 + 11);
  const linkType = LINK_TYPES[random.below(LINK_TYPES.length)] as (typeof LINK_TYPES)[number];
  const expression = new ExpressionGenerator(random).expression();
  const dlt = dltNamed(linkType) as number;
  const differs = (what: string, ours: string, real: string): FilterDifference | undefined =>
    ours === real ? undefined : { seed, linkType, expression, what, ours, real };

  for (const optimise of [true, false]) {
    const program = compileFilter(
      expression,
      { linkType: dlt, snapLength: SNAP_LENGTH, netmask: 0, names },
      optimise,
    );
    const ours = program instanceof FilterError ? `tcpdump: ${program.text}\n` : listBpf(program, "text");
    const { stdout, stderr } = realTcpdump([
      ...(optimise ? [] : ["-O"]),
      "-y",
      linkType,
      "-d",
      "--",
      expression,
    ]);
    const difference = differs(optimise ? "-d" : "-O -d", ours, stdout.toString() + stderr);
    if (difference !== undefined) return difference;
  }

  const generator = new PacketGenerator(random);
  const packets = Array.from({ length: PACKETS }, () => generator.packet(linkType));
  const program = compileFilter(expression, {
    linkType: dlt,
    snapLength: SNAP_LENGTH,
    savefile: { swapped: true },
    names,
  });
  const folder = mkdtempSync(join(tmpdir(), "filter-"));
  try {
    const file = join(folder, "packets.pcap");
    writeFileSync(file, pcapFile(packets, linkTypeOfDlt(dlt)));
    const { stdout, stderr } = realTcpdump(["-r", file, "-w", "-", "--", expression]);
    if (program instanceof FilterError) return differs("error of -r", `tcpdump: ${program.text}\n`, stderr);
    const passing = packets.flatMap((packet, index) =>
      runBpf(program, packet, 0, packet.length) > 0 ? [index] : [],
    );
    return (
      differs("packets", passing.join(" "), secondsIn(stdout).join(" ")) ?? differs("messages", "", stderr)
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The seconds of the packets' times, by which the generated file numbers them. */
function secondsIn(file: Uint8Array): number[] {
  const seconds: number[] = [];
  const read = (at: number): number => (file[0] === 0xd4 ? swap(readU32BE(file, at)) : readU32BE(file, at));
  for (let at = 24; at + 16 <= file.length; at += 16 + read(at + 8)) seconds.push(read(at));
  return seconds;
}

function swap(value: number): number {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

export function describeDifference(one: FilterDifference): string {
  return `seed ${one.seed}, ${one.linkType}, ${one.what} of: ${one.expression}\nours:\n${one.ours}\nreal:\n${one.real}`;
}
