// trace: sends one packet and tells its whole way, from namespace to namespace and back. Our own program; Linux has none like
// it. A system that tells what happens to packets is asked (System.trace); on others it is watched for (observe.ts).

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { FollowedPacket } from "../../system/packet-trace.ts";
import type { Process, Program } from "../../system/process.ts";
import type { TraceNode } from "../../trace/recorder.ts";
import { MILLISECOND, SECOND } from "../../system/system.ts";
import { complain, program } from "../coreutils/program.ts";
import { NameFault, resolveHost } from "../resolver/hosts.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import type { NetworkState } from "../why/network-state.ts";
import { readNetwork } from "../why/read-state.ts";
import { journeyJson } from "./json.ts";
import { observeProbe } from "./observe.ts";
import { findPlace, PlaceNames, places, unnamedPlaces } from "./places.ts";
import type { Place } from "./places.ts";
import { predictProbe } from "./predict/predict.ts";
import { prepareProbe, ProbeFault } from "./probe.ts";
import type { Probe } from "./probe.ts";
import { journeyLines, paint, printLines } from "./tree.ts";
import { readTraceOptions, USAGE_STATUS } from "./usage.ts";
import type { TraceOptions } from "./usage.ts";
import { circles, judge } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** How often to look whether the packet has ended. */
const LOOK = 10 * MILLISECOND;
/** A neighbour that does not answer is given up after three seconds. */
const PATIENCE = 5 * SECOND;
/** Namespaces that are told to who has named none of them. */
const MOST_NAMES = 20;
const ECHO_SIZE = 56; // bytes, as ping

/** The packet's journey to its end, or as far as it has come when patience ends. Errors: Refusal, ProbeFault. */
export async function sendProbe(
  process: Process,
  probe: Probe,
  device: string | undefined,
): Promise<FollowedPacket> {
  const { trace } = process.system;
  if (trace === undefined) return observeProbe(process, probe, device);
  const { send, close } = prepareProbe(process, probe, device);
  try {
    const packet = trace.follow(send);
    const until = process.system.monotonic() + PATIENCE;
    while (!packet.ended && process.system.monotonic() < until) {
      await process.wait([], LOOK);
      const journey = packet.journey();
      if (journey !== undefined && circles(journey) !== undefined) break;
    }
    packet.stop();
    return packet;
  } finally {
    close();
  }
}

function probeOf(options: TraceOptions, to: ResolvedHost | undefined): Probe {
  if (to === undefined) return { kind: "frame", bytes: options.frame };
  switch (options.kind) {
    case "udp":
      return { kind: "udp", to, port: options.port, size: options.size ?? 0 };
    case "tcp":
      return { kind: "tcp", to, port: options.port };
    case "arp":
      return { kind: "arp", to };
    default:
      return { kind: "icmp", to, size: options.size ?? ECHO_SIZE };
  }
}

/** The place that the user means. Prints what is wrong with the name. */
export function placeNamed(process: Process, list: readonly Place[], name: string): Place | undefined {
  const place = findPlace(list, name);
  if (place === undefined) {
    const names = list.slice(0, MOST_NAMES).map((one) => one.name);
    if (list.length > MOST_NAMES) names.push("...");
    complain(process, `no namespace '${name}'; there are: ${names.join(", ")}`);
  }
  return place;
}

/** Every namespace that can be asked about, those with a name first. */
export function allPlaces(process: Process): readonly Place[] {
  return [...places(process), ...unnamedPlaces(process)];
}

/** Numeric or from /etc/hosts; undefined after a complaint. */
export function destinationNamed(process: Process, name: string): ResolvedHost | undefined {
  try {
    return resolveHost(process, name)[0];
  } catch (fault) {
    if (!(fault instanceof NameFault)) throw fault;
    complain(process, `${name}: ${fault.text}`);
    return undefined;
  }
}

/** What became of the packet, or would become of it. */
interface Result {
  readonly journey: TraceNode | undefined;
  readonly verdict: Verdict;
  /** Nothing was sent. */
  readonly predicted: boolean;
  /** What may have its own say about the packet, and was not looked into. */
  readonly unseen?: readonly string[];
}

function unsent(place: Place, errno: number): Verdict {
  return { outcome: "unsent", text: `Not sent by ${place.name}: ${strerror(errno)}` };
}

/** The way by tables and settings alone. */
async function predicted(
  process: Process,
  place: Place,
  to: ResolvedHost | undefined,
  options: TraceOptions,
  names: PlaceNames,
): Promise<Result> {
  const state = await readNetwork(process, [place]);
  const from = state.places.find(({ netns }) => netns.inode === place.netns.inode);
  const journey = from && (await predictProbe(process, state, from, probeOf(options, to), options.from));
  if (typeof journey === "number")
    return { journey: undefined, verdict: unsent(place, journey), predicted: true };
  const verdict: Verdict = journey
    ? judge(journey, place.netns.inode, names)
    : { outcome: "unsent", text: "Nothing would be sent" };
  return { journey, verdict, predicted: true, unseen: journey ? filtersOn(journey, state) : [] };
}

/** Base chains of netfilter that may drop packets, in the namespaces that a journey leads through. */
function filtersOn(journey: TraceNode, { places }: NetworkState): string[] {
  const passed = netnsOf(journey);
  return places
    .filter(({ netns }) => passed.has(netns.inode))
    .flatMap((place) =>
      place.filterChains().map(({ table, name }) => `chain ${name} of table ${table} in ${place.name}`),
    );
}

function netnsOf({ steps }: TraceNode): Set<number> {
  const found = new Set<number>();
  for (const step of steps) {
    if (step.kind === "child") for (const inode of netnsOf(step.child)) found.add(inode);
    else if ("netns" in step.event) found.add(step.event.netns);
    else if ("device" in step.event && step.event.device !== undefined) found.add(step.event.device.netns);
  }
  return found;
}

async function sent(
  process: Process,
  place: Place,
  to: ResolvedHost | undefined,
  options: TraceOptions,
  names: PlaceNames,
): Promise<Result> {
  const home = process.netns;
  process.netns = place.netns;
  try {
    const packet = await sendProbe(process, probeOf(options, to), options.from);
    const journey = packet.journey();
    const verdict: Verdict = journey
      ? judge(journey, place.netns.inode, names)
      : { outcome: "unsent", text: "Nothing was sent" };
    return { journey, verdict, predicted: false };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { journey: undefined, verdict: unsent(place, refusal.errno), predicted: false };
  } finally {
    process.netns = home;
  }
}

function print(
  process: Process,
  { journey, verdict, predicted: guess, unseen = [] }: Result,
  options: TraceOptions,
  names: PlaceNames,
): void {
  const { outcome, text } = verdict;
  if (options.json) {
    const result = {
      verdict: { outcome, text },
      predicted: guess,
      ...(unseen.length > 0 && { unseen }),
      journey: journey ? journeyJson(journey, names) : null,
    };
    process.print(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  if (journey) process.print(printLines(journeyLines(journey, names), options.color, !guess));
  const line = guess ? `Would be: ${text.replace(/ after [\d.]+ ms/, "")}` : text;
  process.print(`${paint(line, isGood(verdict) ? "good" : "bad", options.color)}\n`);
  if (unseen.length > 0) process.print(`Not looked into: ${unseen.join(", ")}\n`);
}

function isGood({ outcome }: Verdict): boolean {
  return outcome === "answered" || outcome === "delivered";
}

async function body(process: Process): Promise<number> {
  const options = readTraceOptions(process);
  if (options === undefined) return 0;
  const list = allPlaces(process);
  const place = placeNamed(process, list, options.namespace);
  if (place === undefined) return USAGE_STATUS;
  const framed = options.kind === "frame";
  const to = framed ? undefined : destinationNamed(process, options.destination ?? "");
  if (!framed && to === undefined) return USAGE_STATUS;
  const names = new PlaceNames(list);
  try {
    const result = await (options.dryRun ? predicted : sent)(process, place, to, options, names);
    print(process, result, options, names);
    return isGood(result.verdict) ? 0 : 1;
  } catch (fault) {
    if (!(fault instanceof ProbeFault)) throw fault;
    complain(process, fault.message);
    return USAGE_STATUS;
  }
}

export const trace: Program = program(body);
