// A journey as JSON: the events as they are recorded, with addresses and namespaces as text, and the line that is printed.

import type { TraceNode } from "../../trace/recorder.ts";
import type { IpAddress, PacketEvent, TraceDevice } from "../../trace/packet-event.ts";
import { bytesToHex } from "../../wire/hex.ts";
import { formatMac } from "../../wire/mac.ts";
import { describeEvent, formatAddress } from "./describe-event.ts";
import type { PlaceNames } from "./places.ts";

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const MAC_FIELDS: ReadonlySet<string> = new Set(["mac"]);
const ADDRESS_FIELDS: ReadonlySet<string> = new Set([
  "address",
  "via",
  "prefix",
  "source",
  "sourceBefore",
  "destinationBefore",
]);

function isDevice(value: object): value is TraceDevice {
  return "netns" in value && "ifindex" in value && "name" in value;
}

function convert(key: string, value: unknown, event: PacketEvent, names: PlaceNames): Json {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (typeof value === "object") {
    if (isDevice(value))
      return { namespace: names.of(value.netns), name: value.name, ifindex: value.ifindex };
    return Object.fromEntries(
      Object.entries(value).map(([inner, content]) => [inner, convert(inner, content, event, names)]),
    );
  }
  if (MAC_FIELDS.has(key) && typeof value === "number") return formatMac(value);
  if (key === "destination") {
    return event.kind === "bridge-decide" ? formatMac(event.destination) : formatAddress(value as IpAddress);
  }
  if (ADDRESS_FIELDS.has(key)) return formatAddress(value as IpAddress);
  return value as string | number | boolean;
}

function eventJson(event: PacketEvent, node: TraceNode, names: PlaceNames): { readonly [key: string]: Json } {
  const fields: Record<string, Json> = {};
  for (const [key, value] of Object.entries(event)) {
    if (value === undefined) continue;
    if (key === "netns") fields["namespace"] = names.of(value as number);
    else fields[key] = convert(key, value, event, names);
  }
  return { ...fields, text: describeEvent(event, node.origin).text };
}

/** `begin`: the time that others are told from, nanoseconds. */
export function journeyJson(node: TraceNode, names: PlaceNames, begin = node.steps[0]?.time ?? 0): Json {
  return {
    packet: node.packet,
    ...(node.origin !== undefined && { origin: node.origin }),
    steps: node.steps.map((step) =>
      step.kind === "child"
        ? { time_ns: step.time - begin, child: journeyJson(step.child, names, begin) }
        : { time_ns: step.time - begin, ...eventJson(step.event, node, names) },
    ),
  };
}
