// What Open vSwitch's flows say about a frame, asked of the daemon by `ofproto/trace`: it looks the frame up as it would any
// other. From one that is given with its bytes it learns, from a description of one it does not. Its answer is text for people (ovs-vswitchd(8)), read line by line here.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { PacketEvent } from "../../trace/packet-event.ts";
import { callDaemon, controlPath } from "../ovs-appctl/unixctl-client.ts";

export const DAEMON = "ovs-vswitchd";
const ACTIONS = "datapath actions: ";

/** How `ofproto/trace` is given a frame with its bytes. */
export function frameWords(port: string, frame: Uint8Array): string[] {
  const hex = Array.from(frame, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [`in_port=${port}`, hex];
}

/** What the daemon answers to a command; undefined if it does not, or refuses. */
export async function askDaemon(
  process: Process,
  command: string,
  words: readonly string[],
): Promise<string | undefined> {
  const path = controlPath(process, DAEMON);
  if (typeof path !== "string") return undefined;
  try {
    const answer = await callDaemon(process, path, command, words);
    return answer.type === "result" ? answer.text : undefined;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return undefined;
  }
}

/** The tables and rules that a frame meets that comes in to a bridge; or, if the daemon says nothing, that. */
export async function flowEvents(
  process: Process,
  bridge: string,
  words: readonly string[],
): Promise<PacketEvent[]> {
  const unknown = (why: string): PacketEvent[] => [
    { kind: "switch-note", bridge, text: `which flows it met is not known: ${why}` },
  ];
  const path = controlPath(process, DAEMON);
  if (typeof path !== "string") return unknown(path.error);
  try {
    const answer = await callDaemon(process, path, "ofproto/trace", [bridge, ...words]);
    if (answer.type !== "result") return unknown(answer.type === "error" ? answer.text : "no answer");
    return readTrace(answer.text, bridge);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return unknown(`${DAEMON} does not answer`);
  }
}

/** What the datapath would do with the frame, as it prints it; undefined if that was not told. */
export function datapathActions(events: readonly PacketEvent[]): string | undefined {
  const last = events.at(-1);
  if (last?.kind !== "switch-note" || !last.text.startsWith(ACTIONS)) return undefined;
  return last.text.slice(ACTIONS.length);
}

/** The same of every pass through the pipeline: a recirculated frame passes it again. */
export function allDatapathActions(events: readonly PacketEvent[]): string[] {
  return events.flatMap((event) =>
    event.kind === "switch-note" && event.text.startsWith(ACTIONS) ? [event.text.slice(ACTIONS.length)] : [],
  );
}

/** Reads what `ofproto/trace` prints. */
export function readTrace(text: string, first: string): PacketEvent[] {
  const events: PacketEvent[] = [];
  let bridge = first;
  for (const line of text.split("\n")) {
    const named = /^bridge\("(.*)"\)$/.exec(line.trim());
    const rule = /^\s*(\d+)\. (.*)$/.exec(line);
    const verdict = /^(Datapath actions|Megaflow|Final flow|Flow): (.*)$/.exec(line);
    if (named?.[1] !== undefined) bridge = named[1];
    else if (verdict !== null) {
      if (verdict[1] === "Datapath actions")
        events.push({ kind: "switch-note", bridge, text: `${ACTIONS}${verdict[2] ?? ""}` });
    } else if (rule !== null) {
      const [, table = "0", match = ""] = rule;
      const missed = match.startsWith("No match");
      events.push({ kind: "flow", bridge, table: Number(table), rule: missed ? undefined : match });
    } else if (/^\s*(->|>>)/.test(line))
      events.push({
        kind: "switch-note",
        bridge,
        text: line.trim().replace(/^(->|>>>>|>>)\s*|\s*<<<<$/g, ""),
      });
    else if (/^\s+\S/.test(line)) events.push({ kind: "action", bridge, action: line.trim() });
  }
  return events;
}
