// What switches would have learned from a packet on its way so far, for `trace --dry-run`: Open vSwitch is asked with descriptions of
// packets, from which it learns nothing, and so says that it floods what it would know by then.

import type { PacketEvent } from "../../../trace/packet-event.ts";
import { bytesKey } from "../../why/network-state.ts";
import type { LinkState } from "../../why/network-state.ts";
import { ovsCrossings } from "../../why/ovs-crossing.ts";
import type { OvsBridgeState } from "../../why/switch-state.ts";
import type { Memory } from "./memory.ts";
import type { SwitchAnswer, SwitchOutput } from "./switch-oracle.ts";

/** As `ofproto/trace` says it (ofproto-dpif-xlate.c). */
const NOT_LEARNED = "no learned MAC for destination, flooding";
const LEARNED = "forwarding to learned port";

/** A port of a switch: a device, or the other end of a tunnel. */
export function portKey(port: LinkState | Uint8Array): string {
  if (port instanceof Uint8Array) return `tunnel to ${bytesKey(port)}`;
  return `${port.place.netns.inode}/${port.index}`;
}

function keyOf(output: SwitchOutput): string {
  return portKey("way" in output ? output.way.remote : output.link);
}

function bridgesIn(events: readonly PacketEvent[]): Set<string> {
  return new Set(events.flatMap((event) => (event.kind === "flow" ? [event.bridge] : [])));
}

/** Every bridge that a frame has come to has seen where its sender is. */
export function learnFrom(
  memory: Memory,
  { events }: SwitchAnswer,
  from: string,
  port: LinkState | Uint8Array,
): void {
  for (const bridge of bridgesIn(events)) memory.sawBehind(bridge, from, portKey(port));
}

/** Bridges that a frame goes through from one device to another; undefined if that is not known. */
function bridgesBetween(
  switches: readonly OvsBridgeState[],
  entry: LinkState,
  output: SwitchOutput,
): ReadonlySet<string> | undefined {
  if ("way" in output) return undefined;
  const [crossing] = ovsCrossings(switches, [entry, output.link]);
  return (
    crossing?.steps && new Set(crossing.steps.flatMap((step) => [step.in.bridge.name, step.out.bridge.name]))
  );
}

/** What the switch would say, had it learned what the way so far has shown it. */
export function withLearned(
  memory: Memory,
  switches: readonly OvsBridgeState[],
  entry: LinkState,
  answer: SwitchAnswer,
  to: string,
): SwitchAnswer {
  const { events, outputs } = answer;
  const floods = (event: PacketEvent): boolean => event.kind === "switch-note" && event.text === NOT_LEARNED;
  const [first] = bridgesIn(events);
  const seen = first === undefined ? undefined : memory.seenBehind(first, to);
  const meant = outputs.find((output) => keyOf(output) === seen);
  if (meant === undefined || !events.some(floods)) return answer;
  const bridges = bridgesBetween(switches, entry, meant);
  const told = events
    .filter(
      (event) =>
        !("bridge" in event) || typeof event.bridge !== "string" || bridges?.has(event.bridge) !== false,
    )
    .map((event) => (floods(event) ? { ...event, text: LEARNED } : event));
  return { ...answer, events: told, outputs: [meant] };
}
