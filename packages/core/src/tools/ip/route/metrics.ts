// Metrics of a route (RTA_METRICS): what TCP and path MTU discovery are told.

import { RTAX_FEATURE } from "../../../netlink/rtnl/route-constants.ts";
import type { RouteMetrics } from "../../../netlink/rtnl/route.ts";
import type { Arguments } from "../arguments.ts";
import { matches } from "../arguments.ts";
import { hex } from "../numbers.ts";
import type { Output } from "../output.ts";
import { parseTime } from "./words.ts";

type NumberMetric = Exclude<keyof RouteMetrics, "ccAlgo" | "unknown" | "lock">;

/** Number of a metric (its bit in the lock mask), its name in messages and on the command line. */
const METRICS: readonly (readonly [number, NumberMetric | "ccAlgo", string])[] = [
  [2, "mtu", "mtu"],
  [3, "window", "window"],
  [4, "rtt", "rtt"],
  [5, "rttvar", "rttvar"],
  [6, "ssthresh", "ssthresh"],
  [7, "cwnd", "cwnd"],
  [8, "advmss", "advmss"],
  [9, "reordering", "reordering"],
  [10, "hoplimit", "hoplimit"],
  [11, "initcwnd", "initcwnd"],
  [12, "features", "features"],
  [13, "rtoMin", "rto_min"],
  [14, "initrwnd", "initrwnd"],
  [15, "quickack", "quickack"],
  [16, "ccAlgo", "congctl"],
  [17, "fastopenNoCookie", "fastopen_no_cookie"],
];

const NOT_SET = 0xffff_ffff;

export function printMetrics(out: Output, metrics: RouteMetrics): void {
  const locks = metrics.lock ?? 0;
  out.openArray("metrics");
  out.openObject();
  for (const [number, field, name] of METRICS) {
    const value = metrics[field];
    const locked = (locks & (1 << number)) !== 0;
    if (value === undefined && !locked) continue;
    if (field === "hoplimit" && value === NOT_SET) continue;
    out.text(`${name} ${locked ? "lock " : ""}`);
    if (typeof value === "string") out.fact("congestion", value, `${value} `);
    else if (field === "features") printFeatures(out, value ?? 0);
    else if (field === "rtt") printTime(out, name, Math.trunc((value ?? 0) / 8));
    else if (field === "rttvar") printTime(out, name, Math.trunc((value ?? 0) / 4));
    else if (field === "rtoMin") printTime(out, name, value ?? 0);
    else out.fact(name, value ?? 0, `${value ?? 0} `);
  }
  out.closeObject();
  out.closeArray();
}

/** Milliseconds; as text from one second on in seconds, as C's `%g` prints them. */
function printTime(out: Output, name: string, milliseconds: number): void {
  const seconds = Number((milliseconds / 1000).toPrecision(6));
  out.fact(name, milliseconds, milliseconds < 1000 ? `${milliseconds}ms ` : `${seconds}s `);
}

function printFeatures(out: Output, features: number): void {
  if ((features & RTAX_FEATURE.ECN) !== 0) out.fact("ecn", null, "ecn ");
  if ((features & ~RTAX_FEATURE.ECN) !== 0) out.fact("features", `0x${hex(features)}`, `0x${hex(features)} `);
}

export type MetricRequest = { -readonly [K in keyof RouteMetrics]?: RouteMetrics[K] };

interface MetricWord {
  readonly word: string;
  readonly field: NumberMetric;
  readonly number: number;
  readonly shortens: boolean;
  /** What the complaint calls it. */
  readonly title?: string;
  /** A time, in units of 1/scale ms. */
  readonly scale?: number;
  readonly max?: number;
}

/** In the order in which iproute2 tries them. */
const WORDS: readonly MetricWord[] = [
  { word: "mtu", field: "mtu", number: 2, shortens: false },
  { word: "hoplimit", field: "hoplimit", number: 10, shortens: false, max: 255 },
  { word: "advmss", field: "advmss", number: 8, shortens: false, title: "mss" },
  { word: "reordering", field: "reordering", number: 9, shortens: true },
  { word: "rtt", field: "rtt", number: 4, shortens: false, scale: 8 },
  { word: "rto_min", field: "rtoMin", number: 13, shortens: true, scale: 1 },
  { word: "window", field: "window", number: 3, shortens: true },
  { word: "cwnd", field: "cwnd", number: 7, shortens: true },
  { word: "initcwnd", field: "initcwnd", number: 11, shortens: true },
  { word: "initrwnd", field: "initrwnd", number: 14, shortens: true },
];

const LATER_WORDS: readonly MetricWord[] = [
  { word: "rttvar", field: "rttvar", number: 5, shortens: true, scale: 4 },
  { word: "ssthresh", field: "ssthresh", number: 6, shortens: true },
];

const SWITCHES: readonly (readonly [string, "quickack" | "fastopenNoCookie"])[] = [
  ["quickack", "quickack"],
  ["fastopen_no_cookie", "fastopenNoCookie"],
];

/** Reads one metric if the current word is one; false if it is something else. */
export function parseMetric(args: Arguments, metrics: MetricRequest): boolean {
  const word = args.current;
  const named = (list: readonly MetricWord[]): MetricWord | undefined =>
    list.find((metric) => (metric.shortens ? matches(word, metric.word) : word === metric.word));
  const first = named(WORDS);
  if (first !== undefined) parseNumber(args, metrics, first);
  else if (matches(word, "features")) {
    if (args.next() !== "ecn") args.invalid('"features" value not valid\n');
    metrics.features = RTAX_FEATURE.ECN;
  } else if (matches(word, "quickack")) parseSwitch(args, metrics, "quickack");
  else if (matches(word, "congctl")) {
    args.next();
    passLock(args, metrics, 16);
    metrics.ccAlgo = args.current;
  } else {
    const later = named(LATER_WORDS);
    if (later === undefined) return false;
    parseNumber(args, metrics, later);
  }
  return true;
}

/** `fastopen_no_cookie`, which stands at the very end of the list. */
export function parseLastMetric(args: Arguments, metrics: MetricRequest): boolean {
  if (!matches(args.current, "fastopen_no_cookie")) return false;
  parseSwitch(args, metrics, "fastopen_no_cookie");
  return true;
}

function passLock(args: Arguments, metrics: MetricRequest, number: number): void {
  if (args.current !== "lock") return;
  metrics.lock = (metrics.lock ?? 0) | (1 << number);
  args.next();
}

function parseNumber(args: Arguments, metrics: MetricRequest, metric: MetricWord): void {
  const invalid = `"${metric.title ?? metric.word}" value is invalid\n`;
  args.next();
  if (metric.field === "rtoMin") metrics.lock = (metrics.lock ?? 0) | (1 << metric.number);
  else passLock(args, metrics, metric.number);
  if (metric.scale === undefined) {
    metrics[metric.field] = args.unsigned(invalid, metric.max);
    return;
  }
  const time = parseTime(args.current) ?? args.invalid(invalid);
  metrics[metric.field] = time.raw ? time.value : time.value * metric.scale;
}

function parseSwitch(args: Arguments, metrics: MetricRequest, word: string): void {
  const field = SWITCHES.find(([name]) => name === word)?.[1] ?? "quickack";
  const value = args.nextUnsigned(`"${word}" value is invalid\n`);
  if (value > 1) args.invalid(`"${word}" value should be 0 or 1\n`);
  metrics[field] = value;
}
