/** Meters (OpenFlow 1.3, 7.3.4.5): changes, configuration, statistics, features. */
import { OpenflowError } from "./errors.ts";
import { claimedLength, elementLength } from "./list-element.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";

export const METER_COMMANDS = ["add", "modify", "delete"] as const;
export const MeterId = {
  MAX: 0xffff_0000,
  SLOWPATH: 0xffff_fffd,
  CONTROLLER: 0xffff_fffe,
  ALL: 0xffff_ffff,
} as const;
export const MeterFlag = { KBPS: 1, PKTPS: 2, BURST: 4, STATS: 8 } as const;
/** OFPMBT_*: by number; 0 is none. */
export const BAND_TYPES = [undefined, "drop", "dscp_remark"] as const;

export interface MeterBand {
  readonly bandType: number;
  readonly rate: number;
  readonly burst: number;
  /** dscp_remark: how many drop precedences to add. */
  readonly precedence: number;
}

export interface MeterConfig {
  readonly meter: number;
  readonly flags: number;
  readonly bands: readonly MeterBand[];
}

export interface MeterMod extends MeterConfig {
  readonly type: "meter_mod";
  /** Index in METER_COMMANDS. */
  readonly command: number;
}

export interface MeterStats {
  readonly meter: number;
  readonly flows: number;
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly bands: readonly { readonly packets: bigint; readonly bytes: bigint }[];
}

export interface MeterFeatures {
  readonly maxMeters: number;
  /** Bit N: band type N. */
  readonly bandTypes: number;
  readonly capabilities: number;
  readonly maxBands: number;
  readonly maxColors: number;
}

function readBands(from: MessageReader): MeterBand[] {
  const bands: MeterBand[] = [];
  while (from.left > 0) {
    if (from.left < 16 || from.peekU16(2) !== 16) throw new OpenflowError("OFPBRC_BAD_LEN");
    const bandType = from.u16();
    from.skip(2);
    const rate = from.u32();
    const burst = from.u32();
    const precedence = from.u8();
    from.skip(3);
    if (bandType !== 1 && bandType !== 2) throw new OpenflowError("OFPMMFC_BAD_BAND");
    bands.push({ bandType, rate, burst, precedence: bandType === 2 ? precedence : 0 });
  }
  return bands;
}

function writeBands(out: MessageWriter, bands: readonly MeterBand[]): void {
  for (const { bandType, rate, burst, precedence } of bands) {
    out.u16(bandType).u16(16).u32(rate).u32(burst).u8(precedence).zeros(3);
  }
}

/** @param loose whether flags that nobody knows are let in, for printing */
export function readMeterMod(from: MessageReader, loose = false): MeterMod {
  const command = from.u16();
  const flags = from.u16();
  const meter = from.u32();
  if (command > 2) throw new OpenflowError("OFPMMFC_BAD_COMMAND");
  if (command === 2) return { type: "meter_mod", command, meter, flags: 0, bands: [] };
  const rate = flags & (MeterFlag.KBPS | MeterFlag.PKTPS);
  if (rate === 3) throw new OpenflowError("OFPMMFC_BAD_FLAGS");
  const bands = readBands(from);
  if ((flags & ~0xf) !== 0 && !loose) throw new OpenflowError("OFPMMFC_BAD_FLAGS");
  return { type: "meter_mod", command, meter, flags, bands };
}

export function writeMeterMod(out: MessageWriter, mod: MeterMod): void {
  out.u16(mod.command).u16(mod.flags).u32(mod.meter);
  writeBands(out, mod.bands);
}

export function readMeterConfig(from: MessageReader): MeterConfig {
  const length = claimedLength(from, 8, "ofp_meter", "OFPMP_METER_CONFIG reply");
  if (length > from.left) throw new OpenflowError("OFPBRC_BAD_LEN");
  const body = from.part(length);
  body.skip(2);
  const flags = body.u16();
  const meter = body.u32();
  return { meter, flags, bands: readBands(body) };
}

export function writeMeterConfig(out: MessageWriter, config: MeterConfig): void {
  out
    .u16(8 + 16 * config.bands.length)
    .u16(config.flags)
    .u32(config.meter);
  writeBands(out, config.bands);
}

export function readMeterStats(from: MessageReader): MeterStats {
  const length = elementLength(from, 40, "ofp_meter", "OFPMP_METER reply", 4);
  if ((length - 40) % 16 !== 0) throw new OpenflowError("OFPBRC_BAD_LEN");
  const body = from.part(length);
  const meter = body.u32();
  body.skip(8);
  const flows = body.u32();
  const packets = body.u64();
  const bytes = body.u64();
  const seconds = body.u32();
  const nanoseconds = body.u32();
  const bands: { packets: bigint; bytes: bigint }[] = [];
  while (body.left > 0) bands.push({ packets: body.u64(), bytes: body.u64() });
  return { meter, flows, packets, bytes, seconds, nanoseconds, bands };
}

export function writeMeterStats(out: MessageWriter, stats: MeterStats): void {
  out
    .u32(stats.meter)
    .u16(40 + 16 * stats.bands.length)
    .zeros(6)
    .u32(stats.flows);
  out.u64(stats.packets).u64(stats.bytes).u32(stats.seconds).u32(stats.nanoseconds);
  for (const { packets, bytes } of stats.bands) out.u64(packets).u64(bytes);
}

export function readMeterFeatures(from: MessageReader): MeterFeatures {
  const features = {
    maxMeters: from.u32(),
    bandTypes: from.u32(),
    capabilities: from.u32(),
    maxBands: from.u8(),
    maxColors: from.u8(),
  };
  from.skip(2);
  return features;
}

export function writeMeterFeatures(out: MessageWriter, features: MeterFeatures): void {
  out.u32(features.maxMeters).u32(features.bandTypes).u32(features.capabilities);
  out.u8(features.maxBands).u8(features.maxColors).zeros(2);
}
