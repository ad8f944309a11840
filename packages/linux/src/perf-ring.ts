// Tracepoints of the kernel through perf_event_open(2): one ring for each CPU, into which all tracepoints write. It ends with its
// descriptors, so that nothing is left if the process is killed.

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { readU16Host, readU32Host, readU64Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { writeU64HostBig } from "@patchcord/core/netlink/host-bytes.ts";
import { libc, map, payloadAddress, payloadBytes, unmap } from "./libc.ts";
import type { Mapping } from "./libc.ts";

const PERF_EVENT_OPEN = process.arch === "arm64" ? 241 : 298;
const PERF_TYPE_TRACEPOINT = 2;
const FD_CLOEXEC = 8;
const IOC_SET_OUTPUT = 0x2405;
const CLOCK_MONOTONIC = 1;
const RECORD_SAMPLE = 9;
/** What a sample tells, in this order: TID, TIME, CPU, RAW. */
const SAMPLE = 0x2 | 0x4 | 0x80 | 0x400;
const USE_CLOCKID = 1 << 25;
/** Offsets in struct perf_event_attr, and its length (PERF_ATTR_SIZE_VER5). */
const ATTR = { size: 4, config: 8, period: 16, sample: 24, flags: 40, clock: 92, length: 112 } as const;
/** Offsets in a sample. */
const AT = { size: 6, pid: 8, time: 16, raw: 36 } as const;
const PAGE = 4096;
const DATA_HEAD = 1024; // in the first page
/** Bytes for the rings of all CPUs together, and at most for one; some 80 bytes are one event. */
const ALL_RINGS = 32 * 1024 * 1024;
const LARGEST_RING = 2 * 1024 * 1024;

export interface TracepointSample {
  /** Nanoseconds of CLOCK_MONOTONIC. */
  readonly time: number;
  readonly pid: number;
  /** The fields of the tracepoint as its format has them; its id is the first 16 bits. */
  readonly raw: Uint8Array;
}

/** Without /sys, as in some containers, those that Node knows. */
function onlineCpus(): number[] {
  let text = `0-${cpus().length - 1}`;
  try {
    text = readFileSync("/sys/devices/system/cpu/online", "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).errno === undefined) throw error;
  }
  return text.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function openTracepoint(id: number, cpu: number): number {
  payloadBytes.fill(0, 0, ATTR.length);
  writeU32Host(payloadBytes, 0, PERF_TYPE_TRACEPOINT);
  writeU32Host(payloadBytes, ATTR.size, ATTR.length);
  writeU64HostBig(payloadBytes, ATTR.config, BigInt(id));
  writeU64HostBig(payloadBytes, ATTR.period, 1n);
  writeU64HostBig(payloadBytes, ATTR.sample, BigInt(SAMPLE));
  writeU64HostBig(payloadBytes, ATTR.flags, BigInt(USE_CLOCKID));
  writeU32Host(payloadBytes, ATTR.clock, CLOCK_MONOTONIC);
  const everybody = 0xffff_ffff_ffff_ffffn; // pid -1, and no group
  return libc.syscall(PERF_EVENT_OPEN, payloadAddress, everybody, cpu, everybody, FD_CLOEXEC);
}

export class PerfRings {
  readonly #fds: number[] = [];
  readonly #rings: Mapping[] = [];

  /** Errors: EPERM, EACCES (perf_event_paranoid), EMFILE. */
  constructor(ids: readonly number[]) {
    const online = onlineCpus();
    // The kernel wants a power of two.
    const size = 2 ** Math.floor(Math.log2(Math.min(LARGEST_RING, ALL_RINGS / online.length)));
    try {
      for (const cpu of online) {
        const [first = -1, ...others] = ids.map((id) => {
          const fd = openTracepoint(id, cpu);
          this.#fds.push(fd);
          return fd;
        });
        this.#rings.push(map(PAGE + size, first));
        for (const fd of others) libc.ioctl(fd, IOC_SET_OUTPUT, first);
      }
    } catch (refusal) {
      this.close();
      throw refusal;
    }
  }

  /** Everything that was written until now, oldest first. A full ring takes no more. */
  samples(): TracepointSample[] {
    const found: TracepointSample[] = [];
    for (const { bytes } of this.#rings) {
      const [head = 0n] = new BigUint64Array(bytes.buffer, bytes.byteOffset + DATA_HEAD, 1);
      const end = Number(head); // it begins with 0, and nobody moves the tail
      for (let at = 0; at < end;) {
        const size = readU16Host(bytes, PAGE + at + AT.size);
        if (size === 0) break;
        if (readU32Host(bytes, PAGE + at) === RECORD_SAMPLE) found.push(sampleAt(bytes, PAGE + at));
        at += size;
      }
    }
    return found.sort((a, b) => a.time - b.time);
  }

  close(): void {
    for (const ring of this.#rings) unmap(ring);
    for (const fd of this.#fds) libc.close(fd);
    this.#rings.length = 0;
    this.#fds.length = 0;
  }
}

function sampleAt(bytes: Uint8Array, at: number): TracepointSample {
  const length = readU32Host(bytes, at + AT.raw - 4);
  return {
    pid: readU32Host(bytes, at + AT.pid),
    time: readU64Host(bytes, at + AT.time),
    raw: bytes.slice(at + AT.raw, at + AT.raw + length),
  };
}
