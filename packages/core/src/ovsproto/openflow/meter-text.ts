/** Meters as `ovs-ofctl dump-meters` and the like print them. */
import { formatDuration } from "./duration-text.ts";
import { hex } from "./field-text.ts";
import { MeterFlag, MeterId } from "./meter-messages.ts";
import type { MeterBand, MeterConfig, MeterFeatures, MeterMod, MeterStats } from "./meter-messages.ts";
import { formatBits } from "./port-text.ts";

const FLAGS = [
  [MeterFlag.KBPS, "kbps"],
  [MeterFlag.PKTPS, "pktps"],
  [MeterFlag.BURST, "burst"],
  [MeterFlag.STATS, "stats"],
] as const;

function meterName(meter: number): string {
  if (meter <= MeterId.MAX) return String(meter);
  if (meter === MeterId.SLOWPATH) return "slowpath";
  if (meter === MeterId.CONTROLLER) return "controller";
  return meter === MeterId.ALL ? "all" : "unknown";
}

function formatBand(flags: number, band: MeterBand): string {
  const type = band.bandType === 1 ? "drop" : band.bandType === 2 ? "dscp_remark" : String(band.bandType);
  let text = `\ntype=${type} rate=${band.rate}`;
  if ((flags & MeterFlag.BURST) !== 0) text += ` burst_size=${band.burst}`;
  return band.bandType === 2 ? `${text} prec_level=${band.precedence}` : text;
}

export function formatMeterConfig(config: MeterConfig): string {
  let words = "";
  let rest = config.flags;
  for (const [bit, name] of FLAGS) {
    if ((rest & bit) === 0) continue;
    words += `${name} `;
    rest &= ~bit;
  }
  if (rest !== 0) words += `flags:${hex(rest)} `;
  return `meter=${meterName(config.meter)} ${words}bands=${config.bands.map((band) => formatBand(config.flags, band)).join("")}\n`;
}

export function formatMeterMod(mod: MeterMod): string {
  return ` ${["ADD", "MOD", "DEL"][mod.command] ?? `cmd:${mod.command}`} ${formatMeterConfig(mod)}`;
}

export function formatMeterRequest(meter: number): string {
  return ` meter=${meterName(meter)}`;
}

export function formatMeterStats(meters: readonly MeterStats[]): string {
  return meters
    .map((stats) => {
      const bands = stats.bands.map(
        ({ packets, bytes }, index) => `${index}: packet_count:${packets} byte_count:${bytes}\n`,
      );
      return (
        `\nmeter:${meterName(stats.meter)} flow_count:${stats.flows} packet_in_count:${stats.packets} ` +
        `byte_in_count:${stats.bytes} duration:${formatDuration(stats.seconds, stats.nanoseconds)} bands:\n${bands.join("")}`
      );
    })
    .join("");
}

const BANDS = [
  [1 << 1, "drop"],
  [1 << 2, "dscp_remark"],
] as const;

export function formatMeterFeatures(features: MeterFeatures): string {
  return (
    `\nmax_meter:${features.maxMeters} max_bands:${features.maxBands} max_color:${features.maxColors}\n` +
    `band_types: ${formatBits(features.bandTypes, BANDS)}\ncapabilities: ${formatBits(features.capabilities, FLAGS)}\n`
  );
}
