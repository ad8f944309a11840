// Why the kernel dropped packets: its tracepoint skb:kfree_skb with the reason and the function, and for each buffer the
// device that it was on before (net:net_dev_queue, net:netif_receive_skb). The formats are read from a tracefs that is mounted
// nowhere (Documentation/trace/events.rst), so that nothing of the machine changes; the kernel is only asked while somebody
// looks.

import { closeSync, readFileSync } from "node:fs";
import { readU16Host, readU32Host, readU64HostBig } from "@patchcord/core/netlink/host-bytes.ts";
import type { BufferSighting, KernelDrop, KernelDropWatch } from "@patchcord/core/system/kernel-drops.ts";
import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { detachedMount, wallClock } from "./libc.ts";
import { PerfRings } from "./perf-ring.ts";
import type { TracepointSample } from "./perf-ring.ts";

/** A tracepoint's number, and where its fields are. */
interface Format {
  readonly id: number;
  readonly offsets: ReadonlyMap<string, number>;
  readonly text: string;
}

interface Formats {
  readonly freed: Format;
  readonly received: Format;
  readonly queued: Format;
}

function readFormat(tracefs: string, event: string): Format {
  const text = readFileSync(`${tracefs}/events/${event}/format`, "utf8");
  const offsets = new Map<string, number>();
  for (const [, name = "", offset = ""] of text.matchAll(/field:[^;]*?(\w+);\toffset:(\d+);/g))
    offsets.set(name, Number(offset));
  return { id: Number(/^ID: (\d+)$/m.exec(text)?.[1]), offsets, text };
}

/** Errors: Refusal if the kernel has no tracepoints, or does not show them to us. */
function readFormats(): Formats {
  const fd = detachedMount("tracefs");
  try {
    const read = (event: string): Format => readFormat(`/proc/self/fd/${fd}`, event);
    return {
      freed: read("skb/kfree_skb"),
      received: read("net/netif_receive_skb"),
      queued: read("net/net_dev_queue"),
    };
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    throw errno === undefined ? error : new Refusal(-errno);
  } finally {
    closeSync(fd);
  }
}

/** `{ 12, "NETFILTER_DROP" }` of the format that drops are printed with. */
function reasonNames({ text }: Format): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const [, number = "", name = ""] of text.matchAll(/\{ (\d+), "(\w+)" \}/g))
    names.set(Number(number), name);
  return names;
}

/** Functions of the kernel by their addresses. */
class Symbols {
  #sorted: { readonly address: bigint; readonly name: string }[] | undefined;

  at(address: bigint): string | undefined {
    this.#sorted ??= Symbols.#read();
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle]?.address ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    return this.#sorted[low - 1]?.name;
  }

  /** Who may not see addresses is shown zeros. */
  static #read(): { readonly address: bigint; readonly name: string }[] {
    const found: { readonly address: bigint; readonly name: string }[] = [];
    for (const line of readFileSync("/proc/kallsyms", "latin1").split("\n")) {
      const [hex = "0", kind = "", name = ""] = line.split(/\s/);
      if (!/^[tTwW]$/.test(kind)) continue;
      const address = BigInt(`0x${hex}`);
      if (address !== 0n) found.push({ address, name });
    }
    return found.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  }
}

const decoder = new TextDecoder();

export class LinuxDropWatch implements KernelDropWatch {
  readonly #symbols = new Symbols();
  #formats: Formats | undefined;

  start(): () => readonly KernelDrop[] {
    const { freed, received, queued } = (this.#formats ??= readFormats());
    if ([freed, received, queued].some(({ id }) => Number.isNaN(id))) throw new Refusal(ERRNO.EOPNOTSUPP);
    const rings = new PerfRings([freed.id, received.id, queued.id]);
    return () => {
      try {
        return this.#drops(rings.samples(), { freed, received, queued });
      } finally {
        rings.close();
      }
    };
  }

  #drops(samples: readonly TracepointSample[], { freed, received, queued }: Formats): KernelDrop[] {
    const names = reasonNames(freed);
    /** Microseconds to be added to the clock of the samples. */
    const offset = wallClock() - Number(process.hrtime.bigint() / 1000n);
    const seen = new Map<bigint, BufferSighting>();
    const drops: KernelDrop[] = [];
    for (const { raw, time, pid } of samples) {
      const at = time / 1000 + offset;
      const id = readU16Host(raw, 0);
      const format = id === freed.id ? freed : id === received.id ? received : queued;
      const field = (name: string): number => format.offsets.get(name) ?? 0;
      const buffer = readU64HostBig(raw, field("skbaddr"));
      if (format !== freed) {
        const name = readU32Host(raw, field("name")); // offset and length
        const start = name & 0xffff;
        const device = decoder.decode(raw.subarray(start, start + (name >>> 16) - 1));
        const length = readU32Host(raw, field("len"));
        seen.set(buffer, { device, outgoing: format === queued, length, time: at });
        continue;
      }
      const reason = readU32Host(raw, field("reason"));
      const location = readU64HostBig(raw, field("location"));
      drops.push({
        time: at,
        reason: names.get(reason) ?? `0x${reason.toString(16)}`,
        ours: pid === process.pid,
        seen: seen.get(buffer),
        place: () => this.#symbols.at(location),
      });
      seen.delete(buffer);
    }
    return drops;
  }
}
