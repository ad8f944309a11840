/**
 * TCA_OPTIONS of netem: a structure, and attributes behind it (linux/pkt_sched.h, TCA_NETEM_*). Parts of packets are parts of
 * 2^32; times are in ticks of 64 nanoseconds, and again in nanoseconds.
 */

import type { Malformed } from "../../wire/malformed.ts";
import { at, s32, struct, u32, u64 } from "../attribute-codecs.ts";
import { AttributeTable, bodyCodec, field } from "../attribute-table.ts";

/** `struct tc_netem_qopt`. */
const header = struct(24, {
  latency: at(0, u32),
  limit: at(4, u32),
  loss: at(8, u32),
  gap: at(12, u32),
  duplicate: at(16, u32),
  jitter: at(20, u32),
});

/** How likely something is, and how much it follows the packet before. */
const chance = struct(8, { probability: at(0, u32), correlation: at(4, u32) });

const attributes = new AttributeTable({
  latency64: field(10, u64),
  jitter64: field(11, u64),
  correlation: field(1, struct(12, { delay: at(0, u32), loss: at(4, u32), duplicate: at(8, u32) })),
  reorder: field(3, chance),
  corrupt: field(4, chance),
  rate: field(
    6,
    struct(16, {
      rate: at(0, u32),
      packetOverhead: at(4, s32),
      cellSize: at(8, u32),
      cellOverhead: at(12, s32),
    }),
  ),
  rate64: field(8, u64),
});

const body = bodyCodec(header, attributes, "netem");

/** A request has what is to change only; without an attribute the kernel keeps what it stands for. */
export const encodeNetemRequest = body.encode;
export const decodeNetem = body.decode;
type Netem = Exclude<ReturnType<typeof decodeNetem>, Malformed>;

export interface Chance {
  readonly probability: number;
  readonly correlation: number;
}

export const NEVER: Chance = { probability: 0, correlation: 0 };

export interface NetemSettings {
  /** Packets that may wait. */
  readonly limit: number;
  /** Nanoseconds. */
  readonly latency: number;
  readonly jitter: number;
  readonly delayCorrelation: number;
  readonly loss: Chance;
  readonly duplicate: Chance;
  readonly reorder: Chance;
  readonly corrupt: Chance;
  /** Every so many packets one may overtake the others; 0: none. */
  readonly gap: number;
  /** Bytes a second, 0 for any, and what each packet and each cell costs beside its bytes. */
  readonly rate: number;
  readonly packetOverhead: number;
  readonly cellSize: number;
  readonly cellOverhead: number;
}

const TICK = 64; // nanoseconds
const U32_MAX = 0xffff_ffff;

const ticks = (nanoseconds: number): number => Math.min(U32_MAX, Math.floor(nanoseconds / TICK));

/** As a kernel tells them: everything that can be told. */
export function encodeNetem(settings: NetemSettings): Uint8Array {
  const { rate, packetOverhead, cellSize, cellOverhead } = settings;
  return body.encode({
    latency: ticks(settings.latency),
    jitter: ticks(settings.jitter),
    limit: settings.limit,
    loss: settings.loss.probability,
    gap: settings.gap,
    duplicate: settings.duplicate.probability,
    latency64: settings.latency,
    jitter64: settings.jitter,
    correlation: {
      delay: settings.delayCorrelation,
      loss: settings.loss.correlation,
      duplicate: settings.duplicate.correlation,
    },
    reorder: settings.reorder,
    corrupt: settings.corrupt,
    rate: { rate: Math.min(rate, U32_MAX), packetOverhead, cellSize, cellOverhead },
    ...(rate > U32_MAX && { rate64: rate }),
  });
}

/** netem_change(). @param old what it has been doing */
export function netemSettings(found: Netem, old: NetemSettings | undefined): NetemSettings {
  const { latency64, jitter64, correlation, rate, rate64, gap } = found;
  const always = gap > 0 ? { probability: U32_MAX, correlation: old?.reorder.correlation ?? 0 } : undefined;
  return {
    limit: found.limit,
    latency: latency64 ?? found.latency * TICK,
    jitter: jitter64 ?? found.jitter * TICK,
    delayCorrelation: correlation?.delay ?? old?.delayCorrelation ?? 0,
    loss: { probability: found.loss, correlation: correlation?.loss ?? old?.loss.correlation ?? 0 },
    duplicate: {
      probability: found.duplicate,
      correlation: correlation?.duplicate ?? old?.duplicate.correlation ?? 0,
    },
    reorder: found.reorder ?? always ?? old?.reorder ?? NEVER,
    corrupt: found.corrupt ?? old?.corrupt ?? NEVER,
    gap,
    rate: rate64 ?? rate?.rate ?? old?.rate ?? 0,
    packetOverhead: rate?.packetOverhead ?? old?.packetOverhead ?? 0,
    cellSize: rate?.cellSize ?? old?.cellSize ?? 0,
    cellOverhead: rate?.cellOverhead ?? old?.cellOverhead ?? 0,
  };
}
