// What tc(8) prints of disciplines' own settings, but for HTB (iproute2's q_fq_codel.c, q_codel.c, q_sfq.c, q_netem.c, q_hfsc.c).

import { fqCodelOptions, prioOptions } from "../../netlink/rtnl/qdisc.ts";
import {
  codelOptions,
  hfscDiscipline,
  hfscOptions,
  hfscStatistics,
  sfqOptions,
} from "../../netlink/rtnl/qdisc-options.ts";
import { fifoOptions, tbfOptions } from "../../netlink/rtnl/qdisc-buckets.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Session } from "../ip/session.ts";
import { printNetem } from "./print-netem.ts";
import { rateText, sizeOf, sizeText, timeText } from "./sizes.ts";

type Output = Session["out"];

const TICKS_OF_MICROSECOND = 15.625;

/** Options of a discipline, by its kind. */
export const DISCIPLINES: ReadonlyMap<string, (out: Output, bytes: Uint8Array) => void> = new Map([
  ["fq_codel", printFqCodel],
  ["codel", printCodel],
  ["sfq", printSfq],
  ["netem", printNetem],
  ["hfsc", printHfsc],
  ["tbf", printTbf],
  ["pfifo_fast", printPriorities],
  ["pfifo", (out, bytes) => printFifo(out, bytes, "p")],
  ["bfifo", (out, bytes) => printFifo(out, bytes, "b")],
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

/** tbf_print_opt() */
function printTbf(out: Output, bytes: Uint8Array): void {
  const found = tbfOptions.decode(bytes);
  if (isMalformed(found) || !found.parameters) return;
  const { rate: spec, limit, buffer } = found.parameters;
  const rate = found.rate64 ?? spec.rate;
  const burst = sizeOf(rate, buffer);
  out.fact("rate", rate, `rate ${rateText(rate)} `);
  out.fact("burst", burst, `burst ${sizeText(burst)} `);
  const latency = 1e6 * (limit / rate) - Math.floor(buffer / TICKS_OF_MICROSECOND);
  if (latency < 0) out.fact("limit", limit, `limit ${sizeText(limit)} `);
  else out.fact("lat", Math.trunc(latency), `lat ${timeText(Math.trunc(latency))} `);
}

function printPriorities(out: Output, bytes: Uint8Array): void {
  if (bytes.length < prioOptions.size) return;
  const { bands, priomap } = prioOptions.get(bytes, 0);
  out.fact("bands", bands, `bands ${bands} priomap`);
  out.openArray("priomap");
  for (const band of priomap) out.element(band, ` ${band}`);
  out.closeArray();
  out.member("multiqueue", false);
}

function printFifo(out: Output, bytes: Uint8Array, unit: "p" | "b"): void {
  if (bytes.length < fifoOptions.size) return;
  const { limit } = fifoOptions.get(bytes, 0);
  out.fact("limit", limit, unit === "p" ? `limit ${limit}p` : `limit ${sizeText(limit)}`);
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
