// How fast tcpdump prints a capture of 100,000 packets with -nn to a pipe: TCP with options in both directions, UDP, ICMP
// and ARP between some twenty hosts. Beside it: the real tcpdump with the same file.

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOurs } from "../conformance/tcpdump/ours.ts";
import { packageMissing } from "../real-kernel.ts";
import { median, row, skipped } from "./row.ts";
import type { Row } from "./row.ts";

const PACKETS = 100_000;
const ROUNDS = 5;
const NAME = "tcpdump -nn -r, 100,000 packets";

function u16(value: number): number[] {
  return [(value >>> 8) & 255, value & 255];
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)];
}

/** An Ethernet frame with IPv4 around `payload`. */
function frame(from: number, to: number, protocol: number, payload: readonly number[]): Uint8Array {
  const header = [
    0x45,
    0,
    ...u16(20 + payload.length),
    ...u32(0),
    64,
    protocol,
    0,
    0,
    ...u32(from),
    ...u32(to),
  ];
  return Uint8Array.from([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, ...header, ...payload]);
}

/** Segment number `index` of one of forty connections. */
function segment(index: number): Uint8Array {
  const connection = index % 40;
  const [client, server] = [0x0a00_0001 + (connection % 7), 0x0a00_0101 + (connection % 11)];
  const back = index % 3 === 0;
  const data = back ? [] : Array.from({ length: 100 }, () => 120);
  const ports = back ? [...u16(443), ...u16(1024 + connection)] : [...u16(1024 + connection), ...u16(443)];
  const numbers = [...u32(index * 100), ...u32(index * 7)];
  const timestamps = [1, 1, 8, 10, ...u32(index), ...u32(index - 1)];
  const tcp = [
    ...ports,
    ...numbers,
    0x80,
    back ? 0x10 : 0x18,
    ...u16(501),
    0,
    0,
    0,
    0,
    ...timestamps,
    ...data,
  ];
  return back ? frame(server, client, 6, tcp) : frame(client, server, 6, tcp);
}

function packet(index: number): Uint8Array {
  const [from, to] = [0x0a00_0001 + (index % 7), 0x0a00_0101 + (index % 11)];
  const data = Array.from({ length: 56 }, () => 120);
  switch (index % 10) {
    case 0:
      return frame(from, to, 1, [8, 0, 0, 0, 0, 7, ...u16(index), ...data]);
    case 1:
      return frame(from, to, 17, [...u16(5000), ...u16(6000), ...u16(64), 0, 0, ...data]);
    default:
      return segment(index);
  }
}

/** A capture file of PACKETS packets, one every 7 microseconds. */
function capture(): Uint8Array {
  const chunks: Uint8Array[] = [];
  const header = new DataView(new ArrayBuffer(24));
  for (const [offset, value] of [[0, 0xa1b2_c3d4], [16, 262_144], [20, 1]] as const) header.setUint32(offset, value, true); // prettier-ignore
  header.setUint16(4, 2, true);
  header.setUint16(6, 4, true);
  chunks.push(new Uint8Array(header.buffer));
  for (let index = 0; index < PACKETS; index++) {
    const bytes = packet(index);
    const record = new DataView(new ArrayBuffer(16));
    const time = index * 7;
    record.setUint32(0, 1_700_000_000 + Math.floor(time / 1e6), true);
    record.setUint32(4, time % 1e6, true);
    record.setUint32(8, bytes.length, true);
    record.setUint32(12, bytes.length, true);
    chunks.push(new Uint8Array(record.buffer), bytes);
  }
  return Buffer.concat(chunks);
}

export async function printPackets(): Promise<Row[]> {
  const missing = packageMissing("tcpdump", "/usr/bin/tcpdump");
  if (missing !== undefined) return [skipped(NAME, missing)];
  const directory = mkdtempSync(join(tmpdir(), "patchcord-bench-"));
  try {
    const file = join(directory, "capture.pcap");
    writeFileSync(file, capture());
    const bytes = readFileSync(file);
    const ours: number[] = [];
    const real: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      let start = performance.now();
      const printed = await runOurs(bytes, ["-nn"]);
      ours.push(PACKETS / ((performance.now() - start) / 1000));
      start = performance.now();
      const { stdout } = spawnSync("tcpdump", ["-nn", "-r", file], { maxBuffer: 1 << 28, encoding: "latin1", env: { ...process.env, TZ: "UTC" } }); // prettier-ignore
      real.push(PACKETS / ((performance.now() - start) / 1000));
      if (stdout !== printed.stdout) throw new Error("our tcpdump and the real one print different texts");
    }
    const than = { what: "the real tcpdump to a pipe", value: median(real) };
    return [row({ name: NAME, value: median(ours), unit: "packets/s", than, target: 1 })];
  } finally {
    rmSync(directory, { recursive: true });
  }
}
