// What a catalogue entry gets to look at and what it may find.

import type { DropReason } from "../../trace/drop-reason.ts";
import type { TraceDevice } from "../../trace/packet-event.ts";
import type { TraceNode } from "../../trace/recorder.ts";
import type { Verdict } from "../trace/verdict.ts";
import type { LinkState, NetworkState, PlaceState } from "./network-state.ts";
import type { Way } from "./way.ts";

/** How surely a finding explains the loss; the list is in this order, then along the way. */
export const CERTAINTY = {
  /** The traced packet ended by this very thing. */
  SEEN: 0,
  /** It lies on the way and stops packets. */
  ON_THE_WAY: 1,
  /** It can explain the loss, among others. */
  POSSIBLE: 2,
  /** It is wrong, and would show in other traffic. */
  NOTICED: 3,
} as const;

export interface Diagnosis {
  /** Name of the catalogue entry. */
  readonly id: string;
  readonly place: { readonly namespace: string; readonly device?: string };
  /** One sentence. */
  readonly problem: string;
  /** What was seen: events of the trace, state as the tools show it. */
  readonly evidence: readonly string[];
  /** Commands, to be run in this order; empty if only a person can decide. */
  readonly fix: readonly string[];
  readonly certainty: (typeof CERTAINTY)[keyof typeof CERTAINTY];
}

/** A packet of the trace that was dropped. */
export interface SeenDrop {
  readonly device: TraceDevice;
  readonly reason: DropReason;
  /** It was the answer, or something that follows from it. */
  readonly ofAnswer: boolean;
}

export interface View {
  readonly state: NetworkState;
  /** There, and, if that arrives, back; for a whole system, all that are meant to work without a router. */
  readonly ways: readonly Way[];
  /** Payload bytes of the largest packet that is meant to pass; 0 if no size was asked for. */
  readonly size: number;
  /** Port that was asked for, of UDP if nothing else is said; undefined for a ping. */
  readonly port: number | undefined;
  readonly transport?: "udp" | "tcp";
  readonly drops: readonly SeenDrop[];
  readonly journey: TraceNode | undefined;
  readonly verdict: Verdict | undefined;
  /** What else was on its way while somebody looked. */
  readonly recorded: readonly TraceNode[];
}

export interface Entry {
  readonly id: string;
  /** What it recognizes, for --list. */
  readonly title: string;
  examine(view: View): readonly Diagnosis[];
}

export function at(link: LinkState): Diagnosis["place"] {
  return { namespace: link.place.name, device: link.name };
}

export function inPlace(place: PlaceState): Diagnosis["place"] {
  return { namespace: place.name };
}

/** The drop of the trace at this device, for one of these reasons. */
export function seenAt(view: View, link: LinkState, ...reasons: readonly DropReason[]): SeenDrop | undefined {
  return view.drops.find(
    ({ device, reason }) =>
      reasons.includes(reason) && device.netns === link.place.netns.inode && device.ifindex === link.index,
  );
}

/** The drop of the trace anywhere in this namespace, for one of these reasons. */
export function seenIn(
  view: View,
  place: PlaceState,
  ...reasons: readonly DropReason[]
): SeenDrop | undefined {
  return view.drops.find(
    ({ device, reason }) => reasons.includes(reason) && device.netns === place.netns.inode,
  );
}

/** Every device of every way, in order, once. */
export function linksOnWays(view: View): LinkState[] {
  const links = new Set<LinkState>();
  for (const { hops } of view.ways) for (const { path } of hops) for (const link of path) links.add(link);
  return [...links];
}

export function evidenceOf(drop: SeenDrop | undefined): string[] {
  if (drop === undefined) return [];
  return [
    `trace: ${drop.ofAnswer ? "the answer" : "the packet"} was dropped at ${drop.device.name}: ${drop.reason}`,
  ];
}
