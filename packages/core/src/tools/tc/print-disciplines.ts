// What tc(8) prints of disciplines' own settings, but for HTB (iproute2's q_fq_codel.c, q_codel.c, q_sfq.c, q_netem.c, q_hfsc.c).

import { fqCodelOptions } from "../../netlink/rtnl/qdisc.ts";
import {
  codelOptions,
  hfscDiscipline,
  hfscOptions,
  hfscStatistics,
  netemOptions,
  sfqOptions,
} from "../../netlink/rtnl/qdisc-options.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Session } from "../ip/session.ts";
import { rateText } from "./sizes.ts";

type Output = Session["out"];

const TICKS_OF_MICROSECOND = 15.625;
const ALL = 0xffff_ffff;

/** %.3g */
function threeDigits(value: number): string {
  const text = value.toPrecision(3);
  const [mantissa = "", exponent] = text.split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  if (exponent === undefined) return short;
  return `${short}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** sprint_time(): microseconds. */
function timeText(microseconds: number): string {
  if (microseconds >= 1e6) return `${threeDigits(microseconds / 1e6)}s`;
  return microseconds >= 1000 ? `${threeDigits(microseconds / 1000)}ms` : `${microseconds}us`;
}

/** Options of a discipline, by its kind. */
export const DISCIPLINES: ReadonlyMap<string, (out: Output, bytes: Uint8Array) => void> = new Map([
  ["fq_codel", printFqCodel],
  ["codel", printCodel],
  ["sfq", printSfq],
  ["netem", printNetem],
  ["hfsc", printHfsc],
]);

function printFqCodel(out: Output, bytes: Uint8Array): void {
  const found = fqCodelOptions.decode(bytes);
  if (isMalformed(found)) return;
  out.fact("limit", found.limit ?? 0, `limit ${found.limit}p `);
  out.fact("flows", found.flows ?? 0, `flows ${found.flows} `);
  out.fact("quantum", found.quantum ?? 0, `quantum ${found.quantum} `);
  out.fact("target", found.target ?? 0, `target ${timeText(found.target ?? 0)} `);
  out.fact("interval", found.interval ?? 0, `interval ${timeText(found.interval ?? 0)} `);
  out.fact("memory_limit", found.memoryLimit ?? 0, `memory_limit ${(found.memoryLimit ?? 0) >> 20}Mb `);
  if (found.ecn) out.flag("ecn", "ecn ");
  out.fact("drop_batch", found.dropBatchSize ?? 0, `drop_batch ${found.dropBatchSize} `);
}

function printCodel(out: Output, bytes: Uint8Array): void {
  const found = codelOptions.decode(bytes);
  if (isMalformed(found)) return;
  out.fact("limit", found.limit ?? 0, `limit ${found.limit}p `);
  out.fact("target", found.target ?? 0, `target ${timeText(found.target ?? 0)} `);
  out.fact("interval", found.interval ?? 0, `interval ${timeText(found.interval ?? 0)} `);
  if (found.ecn) out.flag("ecn", "ecn ");
}

function printSfq(out: Output, bytes: Uint8Array): void {
  if (bytes.length < sfqOptions.size) return;
  const { limit, quantum, depth, divisor, perturb } = sfqOptions.get(bytes, 0);
  out.fact("limit", limit, `limit ${limit}p `);
  out.fact("quantum", quantum, `quantum ${quantum}b `);
  out.fact("depth", depth, `depth ${depth} `);
  out.fact("divisor", divisor, `divisor ${divisor} `);
  if (perturb !== 0) out.fact("perturb", perturb, `perturb ${perturb}sec `);
}

function printNetem(out: Output, bytes: Uint8Array): void {
  if (bytes.length < netemOptions.size) return;
  const { limit, latency, loss } = netemOptions.get(bytes, 0);
  out.fact("limit", limit, `limit ${limit}`);
  const time = timeText(latency / TICKS_OF_MICROSECOND);
  if (latency !== 0) out.fact("delay", latency, ` delay ${time}`);
  if (loss !== 0) out.fact("loss", loss / ALL, ` loss ${threeDigits((loss / ALL) * 100)}%`);
}

function printHfsc(out: Output, bytes: Uint8Array): void {
  if (bytes.length < hfscDiscipline.size) return;
  const { defaultClass } = hfscDiscipline.get(bytes, 0);
  if (defaultClass !== 0) out.fact("default", defaultClass, `default ${defaultClass.toString(16)} `);
}

interface Curve {
  readonly m1: number;
  readonly d: number;
  readonly m2: number;
}

/** hfsc_print_class_opt() */
export function printHfscClass(out: Output, bytes: Uint8Array): void {
  const found = hfscOptions.decode(bytes);
  if (isMalformed(found)) return;
  const { realTime, linkSharing, upperLimit } = found;
  const curve = (name: string, { m1, d, m2 }: Curve) =>
    out.text(`${name} m1 ${rateText(m1)} d ${timeText(d)} m2 ${rateText(m2)} `);
  const same = JSON.stringify(realTime) === JSON.stringify(linkSharing);
  if (realTime) curve(same ? "sc" : "rt", realTime);
  if (linkSharing && !same) curve("ls", linkSharing);
  if (upperLimit) curve("ul", upperLimit);
}

/** hfsc_print_xstats() */
export function printHfscStatistics(out: Output, bytes: Uint8Array): void {
  if (bytes.length < hfscStatistics.size) return;
  const { period, work, realTimeWork, level } = hfscStatistics.get(bytes, 0);
  out.fact("period", period, ` period ${period} `);
  if (work !== 0) out.fact("work", work, `work ${work} bytes `);
  if (realTimeWork !== 0) out.fact("rtwork", realTimeWork, `rtwork ${realTimeWork} bytes `);
  out.fact("level", level, `level ${level} `);
  out.text("\n");
}
