// Where a frame would go on its link, by the state of devices and bridges alone: for `trace --dry-run`, and for systems that do
// not tell what happens to packets. Nothing is sent. Addresses that a bridge would learn are not learned.

import { BR_STATE } from "../../links/bridge/netlink.ts";
import { MACVLAN_MODE } from "../../links/macvlan/netlink.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import type { PacketEvent, TraceDevice } from "../../trace/packet-event.ts";
import type { TraceNode, TraceStep } from "../../trace/recorder.ts";
import { parseMac } from "../../wire/mac.ts";
import { isStacked } from "../why/network-state.ts";
import type { LinkState, PlaceState } from "../why/network-state.ts";
import { bridgeOf } from "../why/segment.ts";
import type { SwitchAnswer, SwitchOracle } from "./predict-switch.ts";
import { tunnelWays } from "./predict-tunnel.ts";
import type { TunnelWay } from "./predict-tunnel.ts";

const ETHERNET = 14; // bytes of header
const TAG = 4;
const TPID = 0x8100;
/** Bridges that lead in circles end here; a real frame would go on. */
const MAX_DEVICES = 64;

export function traceDeviceOf({ place, index, name }: LinkState): TraceDevice {
  return { netns: place.netns.inode, ifindex: index, name };
}

/** A packet that is being predicted. */
export interface OpenNode {
  readonly packet: number;
  readonly origin: TraceNode["origin"];
  readonly steps: TraceStep[];
  /** The highest number of a packet of this tree. */
  readonly numbers: { last: number };
}

export function rootNode(): OpenNode {
  return { packet: 1, origin: undefined, steps: [], numbers: { last: 1 } };
}

export function add(node: OpenNode, event: PacketEvent): void {
  node.steps.push({ kind: "event", time: 0, event });
}

export function addChild({ steps, numbers }: OpenNode, origin: TraceNode["origin"]): OpenNode {
  const child: OpenNode = { packet: ++numbers.last, origin, steps: [], numbers };
  steps.push({ kind: "child", time: 0, child });
  return child;
}

export function addDrop(node: OpenNode, link: LinkState, reason: DropReason): void {
  add(node, { kind: "drop", device: traceDeviceOf(link), reason, place: link.name });
}

/** Where the network layer gets a frame, and as which packet of the tree. */
export interface Arrival {
  readonly kind: "arrival";
  readonly link: LinkState;
  readonly node: OpenNode;
}

/** Where a tunnel takes a frame, which it is to carry to another host. */
export interface Departure {
  readonly kind: "departure";
  readonly node: OpenNode;
  /** Whose network layer sends the outer packet. */
  readonly place: PlaceState;
  readonly device: TraceDevice;
  readonly way: TunnelWay;
  readonly frame: Frame;
}

export type FrameEnd = Arrival | Departure;

export const BROADCAST = "ff:ff:ff:ff:ff:ff";

/** What a frame carries. */
export interface Payload {
  /** As Open vSwitch writes it: `icmp,nw_src=...`. */
  readonly flow: string;
  /** How long it is, bytes. */
  readonly size: number;
}

/** A frame on a device; on one that carries packets of the network layer it has no addresses. */
export interface Frame extends Payload {
  readonly oracle: SwitchOracle;
  readonly from: string;
  readonly to: string;
  /** VLAN of its tag; 0 without. */
  readonly vlan: number;
  readonly devices: number;
}

/** Sends a payload out of `link` to a MAC address; the hosts and tunnels that take it. */
export function predictFrame(
  oracle: SwitchOracle,
  node: OpenNode,
  link: LinkState,
  to: string,
  payload: Payload,
): Promise<FrameEnd[]> {
  return transmit(node, link, { ...payload, oracle, from: link.mac, to, vlan: 0, devices: 0 });
}

/** The frame as Open vSwitch describes it. */
function flowOf({ from, to, vlan, flow }: Frame): string {
  const addresses = `dl_src=${from},dl_dst=${to}`;
  return [addresses, ...(vlan === 0 ? [] : [`dl_vlan=${vlan}`]), flow].join(",");
}

export function lengthOf(frame: Frame): number {
  if (frame.from === "") return frame.size;
  return frame.size + ETHERNET + (frame.vlan === 0 ? 0 : TAG);
}

async function transmit(node: OpenNode, link: LinkState, frame: Frame): Promise<FrameEnd[]> {
  if (!link.up) {
    addDrop(node, link, "DEV_READY");
    return [];
  }
  if (frame.devices > MAX_DEVICES) {
    addDrop(node, link, "STORM_LIMIT");
    return [];
  }
  const next = { ...frame, devices: frame.devices + 1 };
  if (link.bridge !== undefined) return bridge(node, link, undefined, next);
  const switched = await enterSwitch(node, link, next, ({ kind }) => kind === "openvswitch");
  if (switched !== undefined) return switched;
  if (link.vlanId !== undefined && link.other !== undefined) {
    add(node, { kind: "vlan-push", device: traceDeviceOf(link), tpid: TPID, tci: link.vlanId });
    return transmit(node, link.other, { ...next, vlan: link.vlanId });
  }
  add(node, { kind: "transmit", device: traceDeviceOf(link), length: lengthOf(frame) });
  if (link.tunnel !== undefined) return departures(node, link, next);
  if (link.kind === "bond") return overMember(node, link, next);
  if (link.macvlanMode !== undefined && link.other !== undefined)
    return overLower(node, link, link.other, next);
  const far = link.other;
  if (far === undefined || isStacked(link)) {
    add(node, {
      kind: "deliver",
      netns: link.place.netns.inode,
      to: `${link.name}, and is not followed further`,
    });
    return [];
  }
  if (!far.up) {
    addDrop(node, link, "DEV_READY");
    return [];
  }
  if (frame.size > far.mtu + TAG) {
    addDrop(node, link, "PKT_TOO_BIG");
    return [];
  }
  return receive(node, far, next);
}

function departures(node: OpenNode, link: LinkState, frame: Frame): Departure[] {
  const ways = link.tunnel === undefined ? [] : tunnelWays(link.tunnel, frame.to);
  if (ways.length === 0) addDrop(node, link, "NO_TX_TARGET");
  return ways.map((way) => ({
    kind: "departure",
    node: ways.length > 1 ? addChild(node, "copy") : node,
    place: link.place,
    device: traceDeviceOf(link),
    way,
    frame,
  }));
}

/** A bond sends by the member that it uses; which one that is of several, flows decide. */
async function overMember(node: OpenNode, bond: LinkState, frame: Frame): Promise<FrameEnd[]> {
  const members = bond.place.links.filter(({ master, up }) => master === bond.index && up);
  const member = members.find((one) => one.member?.standby === false) ?? members[0];
  if (member !== undefined) return transmit(node, member, frame);
  addDrop(node, bond, "NO_TX_TARGET");
  return [];
}

/** Devices above another one, in this or another namespace. */
function uppersOf(link: LinkState): LinkState[] {
  return [...link.place.links, ...link.reaches].filter((one) => one.other === link && isStacked(one));
}

/** Macvlans in mode bridge reach each other; what else they send leaves by the device below. */
async function overLower(
  node: OpenNode,
  link: LinkState,
  lower: LinkState,
  frame: Frame,
): Promise<FrameEnd[]> {
  const bridges = ({ macvlanMode, up }: LinkState): boolean => macvlanMode === MACVLAN_MODE.BRIDGE && up;
  const others = bridges(link) ? uppersOf(lower).filter((one) => one !== link && bridges(one)) : [];
  const meant = others.find(({ mac }) => mac === frame.to);
  if (meant !== undefined) return receive(node, meant, frame);
  const ends: FrameEnd[] = [];
  if (frame.to === BROADCAST)
    for (const other of others) ends.push(...(await receive(addChild(node, "copy"), other, frame)));
  ends.push(...(await transmit(others.length > 0 ? addChild(node, "copy") : node, lower, frame)));
  return ends;
}

/** What a tunnel carried comes in by its device of the other end. */
export function predictInside(node: OpenNode, link: LinkState, frame: Frame): Promise<FrameEnd[]> {
  return receive(node, link, frame);
}

async function receive(node: OpenNode, link: LinkState, frame: Frame): Promise<FrameEnd[]> {
  add(node, { kind: "receive", device: traceDeviceOf(link), length: lengthOf(frame) });
  return (
    (await enterSwitch(node, link, frame, ({ place, kind }) => place.isHost && kind !== "openvswitch")) ??
    above(node, link, frame)
  );
}

/** What takes a frame from a device: a VLAN device, a bridge, or the network layer. */
async function above(node: OpenNode, link: LinkState, frame: Frame): Promise<FrameEnd[]> {
  if (frame.from === "") return [{ kind: "arrival", link, node }];
  if (link.member !== undefined) {
    const bond = link.place.links.find(({ index }) => index === link.master);
    if (!link.member.standby && bond !== undefined) return receive(node, bond, frame);
    addDrop(node, link, "UNHANDLED_PROTO");
    return [];
  }
  const master = bridgeOf(link);
  const uppers = uppersOf(link).filter(({ up }) => up);
  const ends: FrameEnd[] = [];
  for (const macvlan of uppers.filter(({ macvlanMode }) => macvlanMode !== undefined)) {
    if (macvlan.mac === frame.to) return receive(node, macvlan, frame);
    if (frame.to === BROADCAST) ends.push(...(await receive(addChild(node, "copy"), macvlan, frame)));
  }
  if (frame.vlan !== 0) {
    const device = uppers.find(({ vlanId }) => vlanId === frame.vlan);
    if (device !== undefined) {
      add(node, { kind: "vlan-pop", device: traceDeviceOf(device), tpid: TPID, tci: frame.vlan });
      return arrive(node, device, { ...frame, vlan: 0 });
    }
  }
  if (master !== undefined) return [...ends, ...(await bridge(node, master, link, frame))];
  return [...ends, ...arrive(node, link, frame)];
}

/** The frame comes to Open vSwitch by a port that `suits`; undefined if the device is none. */
async function enterSwitch(
  node: OpenNode,
  link: LinkState,
  frame: Frame,
  suits: (link: LinkState) => boolean,
): Promise<FrameEnd[] | undefined> {
  const answer = suits(link) ? await frame.oracle.ask(link, flowOf(frame), frame.vlan) : undefined;
  return answer && switched(node, link, frame, answer);
}

/** The frame comes to Open vSwitch out of a tunnel; `tunnel` is that as a flow describes it, `link` what it came to the host by. */
export async function predictTunnelled(
  node: OpenNode,
  link: LinkState,
  frame: Frame,
  port: { readonly name: string; readonly bridge: string; readonly tunnel: string },
): Promise<FrameEnd[]> {
  const flow = `${port.tunnel},${flowOf(frame)}`;
  return switched(node, link, frame, await frame.oracle.askPort(port.bridge, port.name, flow, frame.vlan));
}

/** What a switch does with a frame. */
async function switched(
  node: OpenNode,
  link: LinkState,
  frame: Frame,
  { events, outputs, drops }: SwitchAnswer,
): Promise<FrameEnd[]> {
  for (const event of events) add(node, event);
  if (drops) addDrop(node, link, "OVS_DROP_LAST_ACTION");
  const arrivals: FrameEnd[] = [];
  for (const output of outputs) {
    const { vlan } = output;
    const copy = outputs.length > 1 ? addChild(node, "copy") : node;
    const leaving = { ...frame, vlan };
    if ("way" in output) {
      const { place, device, way } = output;
      arrivals.push({ kind: "departure", node: copy, place, device, way, frame: leaving });
      continue;
    }
    const out = output.link;
    if (out.kind !== "openvswitch") arrivals.push(...(await transmit(copy, out, leaving)));
    else if (out.up) arrivals.push(...(await receiveInternal(copy, out, leaving)));
    else addDrop(copy, out, "DEV_READY");
  }
  return arrivals;
}

/** An internal port is a device of its host: what leaves the switch by it comes in there. */
function receiveInternal(node: OpenNode, link: LinkState, frame: Frame): Promise<FrameEnd[]> {
  add(node, { kind: "receive", device: traceDeviceOf(link), length: lengthOf(frame) });
  return above(node, link, frame);
}

/** The network layer of a device's namespace. */
function arrive(node: OpenNode, link: LinkState, frame: Frame): FrameEnd[] {
  if (frame.vlan !== 0 || (frame.to !== BROADCAST && link.mac !== frame.to)) {
    addDrop(node, link, "OTHERHOST");
    return [];
  }
  return [{ kind: "arrival", link, node }];
}

/** The VLAN of a frame that comes in by a port (or from the bridge's own host); undefined if it is refused. */
function ingress(gate: LinkState, frame: Frame): number | undefined {
  const vlan = frame.vlan === 0 ? gate.vlans.find(({ pvid }) => pvid)?.vid : frame.vlan;
  return gate.vlans.some(({ vid }) => vid === vlan) ? vlan : undefined;
}

async function bridge(
  node: OpenNode,
  device: LinkState,
  port: LinkState | undefined,
  frame: Frame,
): Promise<FrameEnd[]> {
  const gate = port ?? device;
  const filtering = device.bridge?.vlanFiltering === true;
  if (!device.up) {
    addDrop(node, device, "BRIDGE_DOWN");
    return [];
  }
  if (port !== undefined && port.port?.state !== BR_STATE.FORWARDING) {
    addDrop(node, port, "BRIDGE_INGRESS_STP_STATE");
    return [];
  }
  const vlan = filtering ? ingress(gate, frame) : 0;
  if (vlan === undefined) {
    addDrop(node, gate, "BRIDGE_INGRESS_VLAN");
    return [];
  }
  if (filtering && frame.vlan === 0)
    add(node, { kind: "vlan-push", device: traceDeviceOf(gate), tpid: TPID, tci: vlan });
  if (
    port?.port?.locked === true &&
    !device.place.fdb.some((one) => one.port === port && one.mac === frame.from)
  ) {
    addDrop(node, port, "BRIDGE_LOCKED");
    return [];
  }
  const inside = { ...frame, vlan: filtering ? vlan : frame.vlan };
  const entry = device.place.fdb.find(
    ({ mac, vlan: of, port: at }) =>
      mac === frame.to && of === vlan && (at === device || bridgeOf(at) === device),
  );
  const own = device.mac === frame.to || entry?.local === true;
  add(node, {
    kind: "bridge-decide",
    bridge: traceDeviceOf(device),
    destination: parseMac(frame.to) ?? 0,
    vlan,
    decision: own ? "local" : entry === undefined ? "flood" : "forward",
    port: own || entry === undefined ? undefined : traceDeviceOf(entry.port),
    alsoLocal: false,
  });
  if (own)
    return port === undefined ? [] : arrive(node, device, { ...inside, vlan: filtering ? 0 : frame.vlan });
  if (entry !== undefined) {
    const reason = refusal(entry.port, port, vlan, filtering);
    if (reason === undefined) return leave(node, entry.port, inside, filtering);
    addDrop(node, entry.port, reason);
    return [];
  }
  return flood(node, device, port, inside, filtering);
}

async function flood(
  node: OpenNode,
  device: LinkState,
  from: LinkState | undefined,
  frame: Frame,
  filtering: boolean,
): Promise<FrameEnd[]> {
  const ports = device.place.links.filter((link) => link.master === device.index && link !== from);
  const arrivals: FrameEnd[] = [];
  let sent = 0;
  for (const port of ports) {
    const floods = frame.to === BROADCAST ? port.port?.broadcastFlood : port.port?.unicastFlood;
    if (floods === false) continue;
    const reason = refusal(port, from, frame.vlan, filtering);
    if (reason !== undefined) {
      add(node, { kind: "bridge-skip", port: traceDeviceOf(port), reason });
      continue;
    }
    const copy = addChild(node, "copy");
    arrivals.push(...(await leave(copy, port, frame, filtering)));
    sent++;
  }
  if (frame.to === BROADCAST) {
    if (from !== undefined) arrivals.push({ kind: "arrival", link: device, node });
  } else if (sent === 0) addDrop(node, device, "NO_TX_TARGET");
  return arrivals;
}

/** As should_deliver(). */
function refusal(
  port: LinkState,
  from: LinkState | undefined,
  vlan: number,
  filtering: boolean,
): DropReason | undefined {
  if (port === from) return "BRIDGE_SAME_PORT";
  if (port.port?.state !== BR_STATE.FORWARDING) return "BRIDGE_EGRESS_STP_STATE";
  if (filtering && !port.vlans.some(({ vid }) => vid === vlan)) return "BRIDGE_EGRESS_VLAN";
  if (from?.port?.isolated === true && port.port.isolated) return "BRIDGE_ISOLATED";
  return undefined;
}

async function leave(node: OpenNode, port: LinkState, frame: Frame, filtering: boolean): Promise<FrameEnd[]> {
  if (!port.up || frame.size > port.mtu + TAG) {
    addDrop(node, port, port.up ? "PKT_TOO_BIG" : "DEV_READY");
    return [];
  }
  const untagged = filtering && port.vlans.some(({ vid, untagged: off }) => vid === frame.vlan && off);
  if (untagged) add(node, { kind: "vlan-pop", device: traceDeviceOf(port), tpid: TPID, tci: frame.vlan });
  return transmit(node, port, untagged ? { ...frame, vlan: 0 } : frame);
}
