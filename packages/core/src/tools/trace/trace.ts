// trace: sends one packet and tells its whole way, from namespace to namespace and back. Our own program; Linux has none like
// it. It needs a system that tells what happens to packets (System.trace).

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { FollowedPacket } from "../../system/packet-trace.ts";
import type { Process, Program } from "../../system/process.ts";
import { MILLISECOND, SECOND } from "../../system/system.ts";
import { complain, program } from "../coreutils/program.ts";
import { NameFault, resolveHost } from "../resolver/hosts.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import { journeyJson } from "./json.ts";
import { PlaceNames, places } from "./places.ts";
import type { Place } from "./places.ts";
import { prepareProbe, ProbeFault } from "./probe.ts";
import type { Probe } from "./probe.ts";
import { journeyLines, paint, printLines } from "./tree.ts";
import { readTraceOptions, USAGE_STATUS } from "./usage.ts";
import type { TraceOptions } from "./usage.ts";
import { judge } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** How often to look whether the packet has ended. */
const LOOK = 10 * MILLISECOND;
/** A neighbour that does not answer is given up after three seconds. */
const PATIENCE = 5 * SECOND;
const ECHO_SIZE = 56; // bytes, as ping

/** The packet's journey to its end, or as far as it has come when patience ends. Errors: Refusal, ProbeFault. */
export async function sendProbe(
  process: Process,
  probe: Probe,
  device: string | undefined,
): Promise<FollowedPacket> {
  const { trace } = process.system;
  if (trace === undefined) throw new ProbeFault("this system does not tell what happens to packets");
  const { send, close } = prepareProbe(process, probe, device);
  try {
    const packet = trace.follow(send);
    const until = process.system.monotonic() + PATIENCE;
    while (!packet.ended && process.system.monotonic() < until) await process.wait([], LOOK);
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
    case "arp":
      return { kind: "arp", to };
    default:
      return { kind: "icmp", to, size: options.size ?? ECHO_SIZE };
  }
}

/** The place that the user means. Prints what is wrong with the name. */
export function placeNamed(process: Process, list: readonly Place[], name: string): Place | undefined {
  const place = list.findLast((one) => one.name === name);
  if (place === undefined) {
    const names = list.map((one) => one.name).join(", ");
    complain(process, `no namespace '${name}'; there are: ${names}`);
  }
  return place;
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

async function body(process: Process): Promise<number> {
  const options = readTraceOptions(process);
  if (options === undefined) return 0;
  const list = places(process);
  const place = placeNamed(process, list, options.namespace);
  if (place === undefined) return USAGE_STATUS;
  process.netns = place.netns;
  const framed = options.kind === "frame";
  const to = framed ? undefined : destinationNamed(process, options.destination ?? "");
  if (!framed && to === undefined) return USAGE_STATUS;
  let verdict: Verdict;
  let packet: FollowedPacket | undefined;
  const names = new PlaceNames(list);
  try {
    packet = await sendProbe(process, probeOf(options, to), options.from);
    const journey = packet.journey();
    verdict =
      journey === undefined
        ? { outcome: "unsent", text: "Nothing was sent" }
        : judge(journey, place.netns.inode, names);
  } catch (fault) {
    if (fault instanceof ProbeFault) {
      complain(process, fault.message);
      return USAGE_STATUS;
    }
    if (!(fault instanceof Refusal)) throw fault;
    verdict = { outcome: "unsent", text: `Not sent by ${place.name}: ${strerror(fault.errno)}` };
  }
  const journey = packet?.journey();
  const good = verdict.outcome === "answered" || verdict.outcome === "delivered";
  if (options.json) {
    const { outcome, text } = verdict;
    const result = { verdict: { outcome, text }, journey: journey ? journeyJson(journey, names) : null };
    process.print(`${JSON.stringify(result, null, 2)}\n`);
  } else {
    if (journey) process.print(printLines(journeyLines(journey, names), options.color));
    process.print(`${paint(verdict.text, good ? "good" : "bad", options.color)}\n`);
  }
  return good ? 0 : 1;
}

export const trace: Program = program(body);
