// What a traced frame's journey says about a bridge: what was learned, which entry decided, who is left out of a flood.

import { note, traceDevice } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import type { Bridge } from "./bridge.ts";
import type { FdbEntry } from "./fdb-table.ts";
import type { BridgePort } from "./port.ts";

/** `high` and `low` are the key of FdbTable.find(). */
export function noteLearned(
  bridge: Bridge,
  port: BridgePort,
  packet: Packet,
  high: number,
  low: number,
  moved: boolean,
): void {
  note(packet, {
    kind: "bridge-learn",
    bridge: traceDevice(bridge.device),
    port: traceDevice(port.device),
    mac: (high & 0xffff) * 0x1_0000_0000 + (low >>> 0),
    vlan: high >>> 16,
    moved,
  });
}

/** What the look-up of the frame's destination said. `to`: the port of the entry that was found. */
export function noteDecision(
  bridge: Bridge,
  packet: Packet,
  vlan: number,
  decision: "forward" | "flood" | "group" | "local",
  to: BridgePort | undefined,
  alsoLocal: boolean,
): void {
  const { bytes, mac } = packet;
  let destination = 0;
  for (let at = 0; at < 6; at++) destination = destination * 256 + (bytes[mac + at] ?? 0);
  note(packet, {
    kind: "bridge-decide",
    bridge: traceDevice(bridge.device),
    destination,
    vlan,
    decision,
    port: to && traceDevice(to.device),
    alsoLocal,
  });
}

/** The same, of a frame to one station that came in by a port. */
export function noteUnicast(
  bridge: Bridge,
  packet: Packet,
  vlan: number,
  entry: FdbEntry | undefined,
  toHost: boolean,
): void {
  if (entry === undefined) noteDecision(bridge, packet, vlan, "flood", undefined, toHost);
  else if (entry.local) noteDecision(bridge, packet, vlan, "local", undefined, true);
  else noteDecision(bridge, packet, vlan, "forward", entry.port, toHost);
}

/** A flooded frame does not leave by `port`. That it does not go back to where it came from goes without saying. */
export function noteSkipped(packet: Packet, port: BridgePort, reason: DropReason): void {
  if (reason !== "BRIDGE_SAME_PORT")
    note(packet, { kind: "bridge-skip", port: traceDevice(port.device), reason });
}
