/** Times in pcapng files: counts of an interface's unit, which may be a power of 10 or of 2, with an offset. */
import type { CaptureTime } from "../capture-packet.ts";
import type { PcapngOption } from "./blocks.ts";
import { DEFAULT_RESOLUTION, findOption, PcapngOptionCode } from "./options.ts";

/**
 * @param resolution value of the time resolution option: a negative power of 10, or of 2 with bit 7 set
 */
export function unitsPerSecond(resolution: number): bigint {
  return resolution < 0x80 ? 10n ** BigInt(resolution) : 2n ** BigInt(resolution & 0x7f);
}

export function timestampOf(time: CaptureTime, resolution: number): bigint {
  const units = unitsPerSecond(resolution);
  return BigInt(time.seconds) * units + (BigInt(time.nanoseconds) * units) / 1_000_000_000n;
}

/** @param offset seconds that all times of the interface are later */
export function timeOfTimestamp(timestamp: bigint, resolution: number, offset = 0): CaptureTime {
  const units = unitsPerSecond(resolution);
  return {
    seconds: Number(timestamp / units) + offset,
    nanoseconds: Number(((timestamp % units) * 1_000_000_000n) / units),
  };
}

/** The time resolution of an interface's options. */
export function timeResolution(options: readonly PcapngOption[]): number {
  return findOption(options, PcapngOptionCode.INTERFACE_TIME_RESOLUTION)?.[0] ?? DEFAULT_RESOLUTION;
}

/** The time offset of an interface's options, seconds. */
export function timeOffset(options: readonly PcapngOption[], littleEndian: boolean): number {
  const value = findOption(options, PcapngOptionCode.INTERFACE_TIME_OFFSET);
  if (value === undefined || value.length !== 8) return 0;
  const view = new DataView(value.buffer, value.byteOffset, 8);
  return Number(view.getBigInt64(0, littleEndian));
}
