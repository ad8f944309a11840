// What became of a packet, in one sentence: did it arrive, was it answered, and if not, where and why it ended.

import type { DropReason } from "../../trace/drop-reason.ts";
import type { PacketEvent, TraceDevice } from "../../trace/packet-event.ts";
import type { TraceNode } from "../../trace/recorder.ts";
import { dropText, formatAddress, INCIDENTAL } from "./describe-event.ts";
import { describePacket } from "./describe-packet.ts";
import type { PlaceNames } from "./places.ts";

export type Outcome =
  /** The answer came back to who asked. */
  | "answered"
  /** It reached a program or a protocol; no answer is expected, or none was made. */
  | "delivered"
  /** The system refused to send it. */
  | "unsent"
  | "lost"
  /** It arrived, and the answer did not. */
  | "answer-lost"
  /** It waits in a queue still. */
  | "waiting"
  /** Bridges send it round for ever. */
  | "circling";

export interface Verdict {
  readonly outcome: Outcome;
  readonly text: string;
  /** Why the system refused to send it. */
  readonly errno?: number;
  /** Where and why it ended, if it was dropped. */
  readonly drop?: { readonly device: TraceDevice; readonly reason: DropReason };
}

type Drop = Extract<PacketEvent, { kind: "drop" }>;
type Delivery = Extract<PacketEvent, { kind: "deliver" }>;

/** What is the same packet still, or a part or a copy of it. */
function isSame(node: TraceNode): boolean {
  return node.origin === "copy" || node.origin === "fragment" || node.origin === "reassembly";
}

interface Fate {
  readonly deliveries: Delivery[];
  readonly drops: Drop[];
  readonly answers: TraceNode[];
}

/** The ends of a packet, of its copies and its pieces; their answers apart. */
export function fateOf(node: TraceNode, fate: Fate = { deliveries: [], drops: [], answers: [] }): Fate {
  for (const step of node.steps) {
    if (step.kind === "child") {
      if (isSame(step.child)) fateOf(step.child, fate);
      else if (step.child.origin === "answer") fate.answers.push(step.child);
    } else if (step.event.kind === "deliver") fate.deliveries.push(step.event);
    else if (step.event.kind === "drop") fate.drops.push(step.event);
  }
  return fate;
}

/** What a packet was when it was made. */
export function describeNode(node: TraceNode): string {
  for (const step of node.steps) {
    if (step.kind === "event" && step.event.kind === "originate")
      return describePacket(step.event.bytes, step.event.protocol);
  }
  return "packet";
}

/** The drop that decided: the last one that is not just a copy's at a stranger. */
export function decisiveDrop(drops: readonly Drop[]): Drop | undefined {
  return drops.findLast(({ reason }) => !INCIDENTAL.has(reason)) ?? drops.at(-1);
}

/** How often one device has to get one frame before it is said to go round. */
const ROUNDS = 16;

/** How often a device got a frame. */
export interface Visits {
  readonly device: TraceDevice;
  times: number;
}

/**
 * For each frame of a journey (copies are the same frame; answers, questions, and what a router sends on are others): who got
 * it how often.
 */
export function visitsOf(root: TraceNode): ReadonlyMap<string, Visits>[] {
  const frames: Map<string, Visits>[] = [];
  const walk = ({ steps }: TraceNode, first: Map<string, Visits>): void => {
    let visits = first;
    for (const step of steps) {
      if (step.kind === "child") {
        const { child } = step;
        if (child.origin === "copy") walk(child, visits);
        else begin(child);
      } else if (step.event.kind === "forward") frames.push((visits = new Map()));
      else if (step.event.kind === "receive") {
        const { device } = step.event;
        const key = `${device.netns}/${device.ifindex}`;
        const known = visits.get(key);
        if (known === undefined) visits.set(key, { device, times: 1 });
        else known.times++;
      }
    }
  };
  const begin = (node: TraceNode): void => {
    const visits = new Map<string, Visits>();
    frames.push(visits);
    walk(node, visits);
  };
  begin(root);
  return frames;
}

/** The device that gets a frame again and again; undefined if none goes round. */
export function circles(root: TraceNode): Visits | undefined {
  const all = visitsOf(root).flatMap((visits) => [...visits.values()]);
  const [most] = all.sort((a, b) => b.times - a.times);
  return most !== undefined && most.times >= ROUNDS ? most : undefined;
}

function lostText(drop: Drop, names: PlaceNames): string {
  return `at ${drop.device.name} in ${names.of(drop.device.netns)}: ${dropText(drop)}`;
}

/** Why there is no answer: the last thing that routing said about the packet. */
function refusalText(root: TraceNode): string {
  const last = root.steps.findLast((step) => step.kind === "event" && step.event.kind === "route");
  if (last?.kind !== "event" || last.event.kind !== "route") return "";
  const { outcome, destination } = last.event;
  const refused =
    outcome === "no-route" || outcome === "unreachable" || outcome === "prohibit" || outcome === "blackhole";
  return refused ? `: it has no way to ${formatAddress(destination)} (${outcome})` : "";
}

function isError(text: string): boolean {
  return /^ICMP(v6)? (?!echo reply)|^TCP RST/.test(text);
}

/** `origin`: inode number of the namespace that sent it. */
export function judge(root: TraceNode, origin: number, names: PlaceNames): Verdict {
  const { deliveries, drops, answers } = fateOf(root);
  const begin = root.steps[0]?.time ?? 0;
  for (const answer of answers) {
    const arrival = fateOf(answer);
    // A reply to an ARP request that a program sent is for that program; the kernel did not ask.
    const home =
      arrival.deliveries.some(({ netns }) => netns === origin) ||
      arrival.drops.some(({ device, reason }) => device.netns === origin && reason === "ARP_IGNORED");
    if (!home) continue;
    const what = describeNode(answer);
    if (isError(what)) {
      const drop = decisiveDrop(drops);
      const where = drop === undefined ? "" : `, lost ${lostText(drop, names)}`;
      return { outcome: "lost", text: `Refused: ${what}${where}`, ...(drop && { drop }) };
    }
    const last = answer.steps.at(-1)?.time ?? begin;
    return {
      outcome: "answered",
      text: `Answered after ${((last - begin) / 1_000_000).toFixed(2)} ms: ${what}`,
    };
  }
  const visited = circles(root);
  if (visited !== undefined) {
    const where = `${visited.device.name} in ${names.of(visited.device.netns)}`;
    return {
      outcome: "circling",
      text: `It goes round and round: it came in by ${where} ${visited.times} times`,
    };
  }
  const failed = answers.filter((answer) => !isError(describeNode(answer)));
  const [answer] = failed;
  if (answer !== undefined) {
    const drop = decisiveDrop(fateOf(answer).drops);
    const where = drop === undefined ? "and waits still" : lostText(drop, names);
    return {
      outcome: "answer-lost",
      text: `It arrived, but the answer was lost ${where}`,
      ...(drop && { drop }),
    };
  }
  const [delivery] = deliveries;
  if (delivery !== undefined) {
    const where = names.of(delivery.netns);
    if (/echo request/.test(describeNode(root)))
      return {
        outcome: "answer-lost",
        text: `It arrived in ${where}, which sent no answer${refusalText(root)}`,
      };
    return { outcome: "delivered", text: `Delivered to ${delivery.to} in ${where}` };
  }
  const drop = decisiveDrop(drops);
  if (drop !== undefined) return { outcome: "lost", text: `Lost ${lostText(drop, names)}`, drop };
  const last = root.steps.at(-1);
  const untold = last?.kind === "event" && last.event.kind === "switch-note" ? last.event.text : undefined;
  return { outcome: "waiting", text: untold === undefined ? "It waits still" : `Unknown: ${untold}` };
}
