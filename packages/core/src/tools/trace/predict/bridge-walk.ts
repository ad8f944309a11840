// A frame's way through a bridge, for `trace --dry-run`: learning, the VLAN that it belongs to, the look-up, and the ports that it
// leaves by (net/bridge/br_input.c, br_forward.c, br_vlan.c; IEEE 802.1D-2004, 7.5 to 7.8; IEEE 802.1Q-2018, 8.6).

import { BR_STATE } from "../../../links/bridge/netlink.ts";
import type { DropReason } from "../../../trace/drop-reason.ts";
import { parseMac } from "../../../wire/mac.ts";
import type { LinkState } from "../../why/network-state.ts";
import { bridgeOf } from "../../why/segment.ts";
import { BROADCAST, FRAME_ALLOWANCE, isGroup, lengthOf, TPID } from "./frame.ts";
import type { Frame, FrameEnd } from "./frame.ts";
import type { LinkLayer } from "./link-layer.ts";
import { add, addChild, addDrop, traceDeviceOf } from "./tree.ts";
import type { OpenNode } from "./tree.ts";

/** 01:80:c2:00:00:0X: groups that stay on their segment (IEEE 802.1D-2004, table 7-10). */
const RESERVED = /^01:80:c2:00:00:0([0-9a-f])$/;
const GROUP_STP = 0x0;
const GROUP_PAUSE = 0x1;

/** The VLAN of a frame that comes in by a port (or from the bridge's own host); undefined if it is refused. */
function ingress(gate: LinkState, { vlan: tag }: Frame): number | undefined {
  const vlan = tag === 0 ? gate.vlans.find(({ pvid }) => pvid)?.vid : tag;
  return gate.vlans.some(({ vid }) => vid === vlan) ? vlan : undefined;
}

/** The frame with the VLAN that a filtering bridge puts it in; undefined after it was dropped. */
function admitted(node: OpenNode, bridge: LinkState, gate: LinkState, frame: Frame): Frame | undefined {
  if (bridge.bridge?.vlanFiltering !== true) return frame;
  const vlan = ingress(gate, frame);
  const pvid = gate.vlans.find((one) => one.pvid)?.vid;
  if (frame.vlan === 0 && pvid !== undefined)
    add(node, { kind: "vlan-push", device: traceDeviceOf(gate), tpid: TPID, tci: pvid });
  if (vlan === undefined) {
    addDrop(node, gate, "BRIDGE_INGRESS_VLAN");
    return undefined;
  }
  return { ...frame, vlan };
}

/** As br_handle_frame() for a group that bridges keep for themselves; undefined: as any other frame. */
function reserved(
  node: OpenNode,
  bridge: LinkState,
  port: LinkState,
  group: number,
): "dropped" | "pass" | undefined {
  const bit = 1 << group;
  const mask = port.port?.groupFwdMask ?? 0;
  if (group === GROUP_STP) return bridge.bridge?.stp !== true || (mask & bit) !== 0 ? undefined : "pass";
  if (group === GROUP_PAUSE) {
    addDrop(node, port, "MAC_IEEE_MAC_CONTROL");
    return "dropped";
  }
  return ((mask | (bridge.bridge?.groupFwdMask ?? 0)) & bit) !== 0 ? undefined : "pass";
}

/** A frame comes in by a port. Undefined: it is for the port's own device. */
export async function enterBridge(
  layer: LinkLayer,
  node: OpenNode,
  bridge: LinkState,
  port: LinkState,
  frame: Frame,
): Promise<FrameEnd[] | undefined> {
  if (isGroup(frame.from) || parseMac(frame.from) === 0) {
    addDrop(node, port, "MAC_INVALID_SOURCE");
    return [];
  }
  const group = RESERVED.exec(frame.to)?.[1];
  const verdict = group === undefined ? undefined : reserved(node, bridge, port, Number.parseInt(group, 16));
  if (verdict === "dropped") return [];
  if (verdict === "pass") return undefined;
  const state = port.port?.state;
  if (state !== BR_STATE.FORWARDING && state !== BR_STATE.LEARNING) {
    addDrop(node, port, "BRIDGE_INGRESS_STP_STATE");
    return [];
  }
  const inside = admitted(node, bridge, port, frame);
  if (inside === undefined) return [];
  const vlan = bridge.bridge?.vlanFiltering === true ? inside.vlan : 0;
  if (port.port?.locked === true && !isAuthorized(layer, bridge, port, frame.from, vlan)) {
    addDrop(node, port, "BRIDGE_LOCKED");
    return [];
  }
  if (port.port?.learning !== false) learn(layer, node, bridge, port, frame.from, vlan);
  if (state === BR_STATE.LEARNING) {
    addDrop(node, port, "BRIDGE_INGRESS_STP_STATE");
    return [];
  }
  return isGroup(frame.to)
    ? toGroup(layer, node, bridge, port, inside, vlan)
    : toStation(layer, node, bridge, port, inside, vlan);
}

/** A locked port takes only sources that are known to be behind it. */
function isAuthorized(
  layer: LinkLayer,
  bridge: LinkState,
  port: LinkState,
  mac: string,
  vlan: number,
): boolean {
  const entry = layer.memory.forward(bridge, mac, vlan);
  return entry !== undefined && entry.port === port && !entry.local;
}

function learn(
  layer: LinkLayer,
  node: OpenNode,
  bridge: LinkState,
  port: LinkState,
  mac: string,
  vlan: number,
): void {
  if (bridge.bridge?.learns === false) return;
  const learned = layer.memory.learn(bridge, port, mac, vlan);
  if (learned === "nothing") return;
  const [device, at] = [traceDeviceOf(bridge), traceDeviceOf(port)];
  const moved = learned === "moved";
  add(node, { kind: "bridge-learn", bridge: device, port: at, mac: parseMac(mac) ?? 0, vlan, moved });
}

function decide(
  node: OpenNode,
  bridge: LinkState,
  { to }: Frame,
  vlan: number,
  decision: "forward" | "flood" | "local",
  port: LinkState | undefined,
  alsoLocal: boolean,
): void {
  add(node, {
    kind: "bridge-decide",
    bridge: traceDeviceOf(bridge),
    destination: parseMac(to) ?? 0,
    vlan,
    decision,
    port: port && traceDeviceOf(port),
    alsoLocal,
  });
}

async function toStation(
  layer: LinkLayer,
  node: OpenNode,
  bridge: LinkState,
  from: LinkState,
  frame: Frame,
  vlan: number,
): Promise<FrameEnd[]> {
  const toHost = bridge.promiscuous;
  const entry = layer.memory.forward(bridge, frame.to, vlan);
  if (entry?.local === true) {
    decide(node, bridge, frame, vlan, "local", undefined, true);
    return passUp(layer, node, bridge, frame);
  }
  decide(node, bridge, frame, vlan, entry === undefined ? "flood" : "forward", entry?.port, toHost);
  const ends =
    entry === undefined
      ? await flood(layer, node, bridge, from, frame, toHost)
      : await forwardTo(layer, node, entry.port, from, frame, toHost);
  return toHost ? [...ends, ...(await passUp(layer, node, bridge, frame))] : ends;
}

async function toGroup(
  layer: LinkLayer,
  node: OpenNode,
  bridge: LinkState,
  from: LinkState,
  frame: Frame,
  vlan: number,
): Promise<FrameEnd[]> {
  decide(node, bridge, frame, vlan, "flood", undefined, true);
  const ends = await flood(layer, node, bridge, from, frame, true);
  return [...ends, ...(await passUp(layer, node, bridge, frame))];
}

/** br_pass_frame_up(): the frame comes in by the bridge's own device. */
async function passUp(
  layer: LinkLayer,
  node: OpenNode,
  bridge: LinkState,
  frame: Frame,
): Promise<FrameEnd[]> {
  if (bridge.bridge?.vlanFiltering !== true) return layer.receive(node, bridge, frame);
  const member = bridge.vlans.find(({ vid }) => vid === frame.vlan);
  if (member === undefined && !bridge.promiscuous) {
    addDrop(node, bridge, "BRIDGE_EGRESS_VLAN");
    return [];
  }
  return layer.receive(node, bridge, member?.untagged === true ? { ...frame, vlan: 0 } : frame);
}

/** br_dev_xmit(): a frame of the bridge's own host. */
export async function transmitByBridge(
  layer: LinkLayer,
  node: OpenNode,
  bridge: LinkState,
  frame: Frame,
): Promise<FrameEnd[]> {
  const inside = admitted(node, bridge, bridge, frame);
  if (inside === undefined) return [];
  const vlan = bridge.bridge?.vlanFiltering === true ? inside.vlan : 0;
  const entry = isGroup(frame.to) ? undefined : layer.memory.forward(bridge, frame.to, vlan);
  if (entry === undefined) {
    decide(node, bridge, frame, vlan, "flood", undefined, false);
    return flood(layer, node, bridge, undefined, inside, false);
  }
  // An own address has no port that leads to it.
  const port = entry.port === bridge ? undefined : entry.port;
  decide(node, bridge, frame, vlan, "forward", port, false);
  if (port !== undefined) return forwardTo(layer, node, port, undefined, inside, false);
  addDrop(node, bridge, "NO_TX_TARGET");
  return [];
}

/** As should_deliver(). `from` undefined: from the bridge's host. */
function refusal(
  port: LinkState,
  from: LinkState | undefined,
  vlan: number,
  filtering: boolean,
): DropReason | undefined {
  if (port === from && port.port?.hairpin !== true) return "BRIDGE_SAME_PORT";
  if (port.port?.state !== BR_STATE.FORWARDING) return "BRIDGE_EGRESS_STP_STATE";
  if (filtering && !port.vlans.some(({ vid }) => vid === vlan)) return "BRIDGE_EGRESS_VLAN";
  if (from?.port?.isolated === true && port.port.isolated) return "BRIDGE_ISOLATED";
  return undefined;
}

function isFiltering(port: LinkState): boolean {
  return bridgeOf(port)?.bridge?.vlanFiltering === true;
}

/** `keep`: the host gets the frame as well, so that what leaves is a copy. */
async function forwardTo(
  layer: LinkLayer,
  node: OpenNode,
  to: LinkState,
  from: LinkState | undefined,
  frame: Frame,
  keep: boolean,
): Promise<FrameEnd[]> {
  const reason = refusal(to, from, frame.vlan, isFiltering(to));
  if (reason === undefined) return leave(layer, keep ? addChild(node, "copy") : node, to, frame);
  if (!keep) addDrop(node, to, reason);
  return [];
}

/** Whether a port takes part in flooding; what the host sends to groups is not kept from it. */
function floods({ port }: LinkState, to: string, from: LinkState | undefined): boolean {
  if (port?.proxyArp === true) return false;
  if (!isGroup(to)) return port?.unicastFlood !== false;
  if (from === undefined) return true;
  return (to === BROADCAST ? port?.broadcastFlood : port?.multicastFlood) !== false;
}

/** br_flood(): copies for all ports but the last, which gets the frame itself unless it is kept for the host. */
async function flood(
  layer: LinkLayer,
  node: OpenNode,
  bridge: LinkState,
  from: LinkState | undefined,
  frame: Frame,
  keep: boolean,
): Promise<FrameEnd[]> {
  const filtering = bridge.bridge?.vlanFiltering === true;
  // The kernel's list begins with the port that was added last.
  const ports = bridge.place.links
    .filter(({ master }) => master === bridge.index)
    .sort((a, b) => (b.port?.number ?? 0) - (a.port?.number ?? 0));
  const ends: FrameEnd[] = [];
  let last: LinkState | undefined;
  for (const port of ports) {
    if (!floods(port, frame.to, from)) continue;
    const reason = refusal(port, from, frame.vlan, filtering);
    if (reason !== undefined) {
      if (reason !== "BRIDGE_SAME_PORT")
        add(node, { kind: "bridge-skip", port: traceDeviceOf(port), reason });
      continue;
    }
    if (last !== undefined) ends.push(...(await leave(layer, addChild(node, "copy"), last, frame)));
    last = port;
  }
  if (last !== undefined)
    ends.push(...(await leave(layer, keep ? addChild(node, "copy") : node, last, frame)));
  else if (!keep) addDrop(node, bridge, "NO_TX_TARGET");
  return ends;
}

async function leave(layer: LinkLayer, node: OpenNode, port: LinkState, frame: Frame): Promise<FrameEnd[]> {
  const off = isFiltering(port) && port.vlans.some(({ vid, untagged }) => vid === frame.vlan && untagged);
  if (off) add(node, { kind: "vlan-pop", device: traceDeviceOf(port), tpid: TPID, tci: frame.vlan });
  if (!port.up || lengthOf(frame) > port.mtu + FRAME_ALLOWANCE) {
    addDrop(node, port, port.up ? "PKT_TOO_BIG" : "DEV_READY");
    return [];
  }
  return layer.transmit(node, port, off ? { ...frame, vlan: 0 } : frame);
}
