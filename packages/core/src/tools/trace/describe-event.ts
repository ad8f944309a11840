// The words for each event of a journey: where it was, and what happened, with the entry of a table that decided.

import { NUD } from "../../netlink/rtnl/neighbour.ts";
import { describeDropReason } from "../../trace/drop-reason.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import type {
  IpAddress,
  PacketEvent,
  PacketOrigin,
  RouteEntry,
  TraceDevice,
} from "../../trace/packet-event.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6 } from "../../wire/ipv6-address.ts";
import { formatMac } from "../../wire/mac.ts";
import { describePacket } from "./describe-packet.ts";

/** Drops that tell nothing about a packet that many hosts got: it was for another one. */
export const INCIDENTAL: ReadonlySet<DropReason> = new Set<DropReason>([
  "OTHERHOST",
  "ARP_IGNORED",
  "IPV6_NDISC_NS_OTHERHOST",
  "UNHANDLED_PROTO",
]);

/** What a line is about, for its colour. */
export type Tone = "packet" | "plain" | "decision" | "good" | "bad";

export interface EventText {
  /** Inode number; undefined where the event belongs to no namespace. */
  readonly netns: number | undefined;
  readonly device: string;
  readonly text: string;
  readonly tone: Tone;
}

export function formatAddress(address: IpAddress): string {
  return typeof address === "number" ? formatIpv4(address) : formatIpv6(address);
}

const TABLES: Readonly<Record<number, string>> = { 253: "default", 254: "main", 255: "local" };

function formatEntry({ prefix, prefixLength, table }: RouteEntry): { prefix: string; table: string } {
  const whole = prefixLength === (typeof prefix === "number" ? 32 : 128);
  const text = prefixLength === 0 ? "default" : `${formatAddress(prefix)}${whole ? "" : `/${prefixLength}`}`;
  return { prefix: text, table: TABLES[table] ?? String(table) };
}

const STATE_NAMES = new Map<number, string>(Object.entries(NUD).map(([name, value]) => [value, name]));

const BY_ORIGIN: Readonly<Record<PacketOrigin, string>> = {
  copy: "copy",
  fragment: "fragment: ",
  reassembly: "put together: ",
  answer: "answer: ",
  resolution: "question: ",
};

/** The first line about a packet that tells no beginning of its own. */
export function originText(origin: PacketOrigin): string {
  return BY_ORIGIN[origin].replace(/: $/, "");
}

function vlanText(tci: number): string {
  const priority = tci >>> 13;
  return `VLAN ${tci & 0xfff}${priority === 0 ? "" : `, priority ${priority}`}`;
}

function routeText(event: Extract<PacketEvent, { kind: "route" }>): string {
  const to = formatAddress(event.destination);
  const entry = event.entry === undefined ? undefined : formatEntry(event.entry);
  const table = entry === undefined ? "" : `, table ${entry.table}`;
  const via = event.via === undefined ? "" : ` via ${formatAddress(event.via)}`;
  const dev = event.device === undefined ? "" : ` dev ${event.device.name}`;
  switch (event.outcome) {
    case "local":
      return `for this host: ${to}${table === "" ? "" : ` (local ${entry?.prefix ?? ""}${table})`}`;
    case "broadcast":
      return `broadcast ${to}${dev}${table}`;
    case "multicast":
      return `multicast ${to}${dev}${table}`;
    case "unicast":
      return `route to ${to}: ${entry?.prefix ?? to}${via}${dev}${table}`;
    case "unreachable":
    case "prohibit":
    case "blackhole":
      return `route to ${to}: ${event.outcome}${entry === undefined ? "" : ` ${entry.prefix}${table}`}`;
    case "no-route":
      return `no route to ${to}`;
    default: {
      const never: never = event.outcome;
      return never;
    }
  }
}

function decisionText(event: Extract<PacketEvent, { kind: "bridge-decide" }>): string {
  const vlan = event.vlan === 0 ? "" : ` in VLAN ${event.vlan}`;
  const to = formatMac(event.destination);
  const also = event.alsoLocal ? ", and the host" : "";
  switch (event.decision) {
    case "local":
      return `FDB: ${to}${vlan} is the bridge's own address`;
    case "forward":
      return event.port === undefined
        ? `FDB: ${to}${vlan} is the bridge itself`
        : `FDB: ${to}${vlan} is behind ${event.port.name}${also}`;
    case "group":
      return `group ${to}${vlan}: to its members and routers${also}`;
    case "flood":
      return event.destination === 0xffff_ffff_ffff
        ? `broadcast${vlan}: to every port${also}`
        : `FDB: ${to}${vlan} is not known: to every port${also}`;
    default: {
      const never: never = event.decision;
      return never;
    }
  }
}

function translationText(event: Extract<PacketEvent, { kind: "translate" }>): string {
  const change = (what: string, before: IpAddress | undefined, now: IpAddress): string[] =>
    before === undefined ? [] : [`${what} ${formatAddress(before)} is now ${formatAddress(now)}`];
  const changes = [
    ...change("source", event.sourceBefore, event.source),
    ...change("destination", event.destinationBefore, event.destination),
  ];
  return `translated: ${changes.join(", ") || "the ports are others now"}`;
}

/** Why it ended; where the kernel gives no reason, the function of it that dropped the packet. */
export function dropText({ reason, place, device }: Extract<PacketEvent, { kind: "drop" }>): string {
  const by = reason === "NOT_SPECIFIED" && place !== device.name ? `, in ${place}` : "";
  return `${describeDropReason(reason)} (${reason}${by})`;
}

function at(device: TraceDevice, text: string, tone: Tone = "plain"): EventText {
  return { netns: device.netns, device: device.name, text, tone };
}

function inNetns(netns: number, text: string, tone: Tone = "plain"): EventText {
  return { netns, device: "", text, tone };
}

function inSwitch(bridge: string, text: string, tone: Tone = "plain"): EventText {
  return { netns: undefined, device: bridge, text, tone };
}

/** `origin`: how the packet came to be, which its first event tells. */
export function describeEvent(event: PacketEvent, origin: PacketOrigin | undefined): EventText {
  switch (event.kind) {
    case "originate": {
      const prefix = origin === undefined ? "" : BY_ORIGIN[origin];
      const by =
        origin === undefined ? `, from ${event.by === "kernel" ? "the kernel" : `a ${event.by}`}` : "";
      const text = `${prefix}${describePacket(event.bytes, event.protocol)}, ${event.length} bytes${by}`;
      return inNetns(event.netns, text, "packet");
    }
    case "transmit":
      return at(event.device, `out, ${event.length} bytes`);
    case "receive":
      return at(event.device, `in, ${event.length} bytes`);
    case "tap":
      return at(event.device, `seen by packet sockets on its way ${event.direction}`);
    case "vlan-push":
      return at(event.device, `tag on: ${vlanText(event.tci)}`);
    case "vlan-pop":
      return at(event.device, `tag off: ${vlanText(event.tci)}`);
    case "encapsulate":
      return at(event.device, `wrapped: ${event.protocol}`, "decision");
    case "decapsulate":
      return at(event.device, `unwrapped: ${event.protocol}`, "decision");
    case "bridge-learn": {
      const vlan = event.vlan === 0 ? "" : ` in VLAN ${event.vlan}`;
      const verb = event.moved ? "moved: " : "learned: ";
      return at(event.bridge, `${verb}${formatMac(event.mac)}${vlan} is behind ${event.port.name}`);
    }
    case "bridge-decide":
      return at(event.bridge, decisionText(event), "decision");
    case "bridge-skip":
      return at(event.port, `left out: ${describeDropReason(event.reason)} (${event.reason})`);
    case "route":
      return inNetns(event.netns, routeText(event), "decision");
    case "neighbour": {
      const state = STATE_NAMES.get(event.state) ?? String(event.state);
      if (event.state === NUD.NOARP && !event.mac)
        return at(event.device, "there is nobody to ask for on this device (NOARP)", "decision");
      const who = formatAddress(event.address);
      return event.outcome === "known"
        ? at(event.device, `neighbour ${who} is ${formatMac(event.mac ?? 0)} (${state})`, "decision")
        : at(event.device, `neighbour ${who} is not known (${state}): the packet waits`, "decision");
    }
    case "translate":
      return inNetns(event.netns, translationText(event), "decision");
    case "forward":
      return inNetns(event.netns, `forwarded, TTL now ${event.ttl}`);
    case "fragmented":
      return inNetns(event.netns, `cut into ${event.pieces} fragments for MTU ${event.mtu}`, "decision");
    case "reassemble":
      return inNetns(event.netns, `fragment at ${event.offset}: waits for the others`);
    case "megaflow":
      return inSwitch(
        event.datapath,
        event.hit ? `megaflow: ${event.flow ?? ""}` : "no megaflow: asks the switch daemon",
        "decision",
      );
    case "flow":
      return inSwitch(event.bridge, `table ${event.table}: ${event.rule ?? "no match"}`, "decision");
    case "resubmit":
      return inSwitch(event.bridge, `resubmit to ${event.to}`);
    case "action":
      return inSwitch(event.bridge, `action: ${event.action}`);
    case "switch-note":
      return inSwitch(event.bridge, `-> ${event.text}`);
    case "deliver":
      return inNetns(event.netns, `delivered to ${event.to}`, "good");
    case "drop": {
      const why = dropText(event);
      return INCIDENTAL.has(event.reason)
        ? at(event.device, `ignored: ${why}`)
        : at(event.device, `DROPPED: ${why}`, "bad");
    }
    default: {
      const never: never = event;
      return never;
    }
  }
}
