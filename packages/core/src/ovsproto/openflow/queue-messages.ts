/** Queues: their configuration and statistics. */
import { OpenflowError } from "./errors.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { readPort32, writePort32 } from "./fixed-match.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";
import { propertyU16, readProperty, writeProperty } from "./properties.ts";

export const QUEUE_ALL = 0xffff_ffff;
/** A rate that is not set. */
export const NO_RATE = 0xffff;

export interface QueueConfig {
  readonly port: number;
  readonly queue: number;
  /** Tenths of a percent; 0xffff for none. */
  readonly minRate: number;
  readonly maxRate: number;
}

export interface QueueStats {
  readonly port: number;
  readonly queue: number;
  readonly bytes: bigint;
  readonly packets: bigint;
  readonly errors: bigint;
  readonly duration: { readonly seconds: number; readonly nanoseconds: number } | undefined;
}

export function readQueueConfig(from: MessageReader, version: OpenFlowVersion, port: number): QueueConfig {
  if (version >= 5) {
    const length = from.peekU16(8);
    if (from.left < 16) throw new OpenflowError("OFPBRC_BAD_LEN");
    readPort32(from.over(from.peekRest()), "OFPBAC_BAD_OUT_PORT");
    if (length < 16 || length > from.left) throw new OpenflowError("OFPBRC_BAD_LEN");
    const body = from.part(length);
    const owner = readPort32(body, "OFPBAC_BAD_OUT_PORT");
    const queue = body.u32();
    body.skip(8);
    return { port: owner, queue, ...readRates(body) };
  }
  const short = version <= 2;
  const length = from.peekU16(short ? 4 : 8);
  const least = short ? 8 : 16;
  if (length < least || length > from.left) throw new OpenflowError("OFPBRC_BAD_LEN");
  const body = from.part(length);
  const queue = body.u32();
  body.skip(short ? 4 : 12);
  let minRate = NO_RATE;
  let maxRate = NO_RATE;
  while (body.left >= 8) {
    const type = body.u16();
    const size = body.u16();
    if (size < 8 || size - 4 > body.left) throw new OpenflowError("OFPBRC_BAD_LEN");
    const value = body.part(size - 4);
    value.skip(4);
    const rate = value.left >= 2 ? value.u16() : 0;
    if (type === 1) minRate = rate;
    else if (type === 2) maxRate = rate;
  }
  return { port, queue, minRate, maxRate };
}

function readRates(body: MessageReader): { minRate: number; maxRate: number } {
  let minRate = NO_RATE;
  let maxRate = NO_RATE;
  while (body.left > 0) {
    const property = readProperty(body);
    if (property.experimenter === 0 && property.type === 1) minRate = propertyU16(property);
    else if (property.experimenter === 0 && property.type === 2) maxRate = propertyU16(property);
  }
  return { minRate, maxRate };
}

export function writeQueueConfig(out: MessageWriter, config: QueueConfig, version: OpenFlowVersion): void {
  const start = out.length;
  if (version >= 5) {
    writePort32(out, config.port).u32(config.queue).u16(0).zeros(6);
    if (config.minRate !== NO_RATE) writeProperty(out, 1, (body) => body.u16(config.minRate).zeros(2));
    if (config.maxRate !== NO_RATE) writeProperty(out, 2, (body) => body.u16(config.maxRate).zeros(2));
    out.patchU16(start + 8, out.length - start);
    return;
  }
  if (version <= 2) out.u32(config.queue).u16(0).zeros(2);
  else {
    out.u32(config.queue);
    writePort32(out, config.port).u16(0).zeros(6);
  }
  for (const [type, rate] of [
    [1, config.minRate],
    [2, config.maxRate],
  ] as const) {
    if (rate !== NO_RATE) out.u16(type).u16(16).zeros(4).u16(rate).zeros(6);
  }
  out.patchU16(start + (version <= 2 ? 4 : 8), out.length - start);
}

export function readQueueStats(from: MessageReader, version: OpenFlowVersion): QueueStats {
  if (version >= 5) {
    const length = from.peekU16(0);
    if (length < 48 || length > from.left) throw new OpenflowError("OFPBRC_BAD_LEN");
    const body = from.part(length);
    body.skip(8);
    return readStats(body, version, true);
  }
  return readStats(from, version, version === 4);
}

function readStats(from: MessageReader, version: OpenFlowVersion, timed: boolean): QueueStats {
  const port = version === 1 ? from.u16() : readPort32(from, "OFPBAC_BAD_OUT_PORT");
  if (version === 1) from.skip(2);
  const queue = from.u32();
  const bytes = from.u64();
  const packets = from.u64();
  const errors = from.u64();
  const seconds = timed ? from.u32() : 0xffff_ffff;
  const nanoseconds = timed ? from.u32() : 0xffff_ffff;
  const known = seconds !== 0xffff_ffff;
  return { port, queue, bytes, packets, errors, duration: known ? { seconds, nanoseconds } : undefined };
}

export function writeQueueStats(out: MessageWriter, stats: QueueStats, version: OpenFlowVersion): void {
  const start = out.length;
  if (version >= 5) out.u16(0).zeros(6);
  if (version === 1) out.u16(stats.port).zeros(2);
  else writePort32(out, stats.port);
  out.u32(stats.queue).u64(stats.bytes).u64(stats.packets).u64(stats.errors);
  if (version >= 4)
    out.u32(stats.duration?.seconds ?? 0xffff_ffff).u32(stats.duration?.nanoseconds ?? 0xffff_ffff);
  if (version >= 5) out.patchU16(start, out.length - start);
}
