// Where a frame would go on its link, by the state of devices, bridges and switches alone: for `trace --dry-run`. Nothing is
// sent. Bridges are in bridge-walk.ts; what takes frames for the network layer is in network.ts.

import { MACVLAN_MODE } from "../../../links/macvlan/netlink.ts";
import { isStacked } from "../../why/network-state.ts";
import type { LinkState } from "../../why/network-state.ts";
import { bridgeOf } from "../../why/segment.ts";
import { enterBridge, transmitByBridge } from "./bridge-walk.ts";
import { flowOf } from "./frame-flow.ts";
import { FRAME_ALLOWANCE, isGroup, lengthOf, TPID } from "./frame.ts";
import type { Arrival, Departure, Frame, FrameEnd } from "./frame.ts";
import type { Memory } from "./memory.ts";
import { learnFrom, withLearned } from "./switch-learning.ts";
import { withFields } from "./set-fields.ts";
import type { SwitchAnswer, SwitchOracle } from "./switch-oracle.ts";
import { add, addChild, addDrop, traceDeviceOf } from "./tree.ts";
import type { OpenNode } from "./tree.ts";
import { tunnelWays } from "./tunnel-way.ts";
import type { TunnelWay } from "./tunnel-way.ts";

/** Bridges that lead in circles end here; a real frame would go on. */
const MAX_DEVICES = 64;
/** Transmissions that one prediction tells of: a flood that meets loops grows without end. */
const MAX_TRANSMISSIONS = 2000;

/** Devices above another one, in this or another namespace. */
function uppersOf(link: LinkState): LinkState[] {
  return [...link.place.links, ...link.reaches].filter((one) => one.other === link && isStacked(one));
}

const DATAPATH = "ovs-system";

export class LinkLayer {
  readonly memory: Memory;
  readonly #oracle: SwitchOracle;
  #transmissions = 0;

  constructor(memory: Memory, oracle: SwitchOracle) {
    this.memory = memory;
    this.#oracle = oracle;
  }

  /** Sends a frame out of a device: the network layers and tunnels that take it. */
  async transmit(node: OpenNode, link: LinkState, frame: Frame): Promise<FrameEnd[]> {
    if (!link.up) {
      addDrop(node, link, "DEV_READY", "transmit");
      return [];
    }
    if (frame.devices > MAX_DEVICES || ++this.#transmissions > MAX_TRANSMISSIONS) {
      addDrop(node, link, "STORM_LIMIT");
      return [];
    }
    const next = { ...frame, devices: frame.devices + 1 };
    add(node, { kind: "transmit", device: traceDeviceOf(link), length: lengthOf(frame) });
    if (link.bridge !== undefined) return transmitByBridge(this, node, link, next);
    const switched = await this.#enterSwitch(
      node,
      link,
      next,
      ({ kind }) => kind === "openvswitch" || kind === "tun",
    );
    if (switched !== undefined) return switched;
    if (link.vlanId !== undefined && link.other !== undefined) {
      add(node, { kind: "vlan-push", device: traceDeviceOf(link), tpid: TPID, tci: link.vlanId });
      return this.transmit(node, link.other, { ...next, vlan: link.vlanId });
    }
    if (link.loopback) return this.receive(node, link, next);
    if (link.tunnel !== undefined) return this.#departures(node, link, next);
    if (link.kind === "bond") return this.#overMember(node, link, next);
    if (link.macvlanMode !== undefined && link.other !== undefined)
      return this.#overLower(node, link, link.other, next);
    if (link.kind === "dummy") {
      const to = "dummy device, where everything ends";
      add(node, { kind: "deliver", netns: link.place.netns.inode, to });
      return [];
    }
    const far = link.other;
    if (far === undefined || isStacked(link)) {
      const to = `${link.name}, and is not followed further`;
      add(node, { kind: "deliver", netns: link.place.netns.inode, to });
      return [];
    }
    if (!far.up || lengthOf(next) > far.mtu + FRAME_ALLOWANCE) {
      addDrop(node, link, far.up ? "PKT_TOO_BIG" : "DEV_READY");
      return [];
    }
    return this.receive(node, far, next);
  }

  #departures(node: OpenNode, link: LinkState, frame: Frame): Departure[] {
    const { tunnel } = link;
    const ways =
      tunnel === undefined ? [] : tunnelWays(tunnel, frame.to, this.memory.behindTunnel(link, frame.to));
    if (ways.length === 0) addDrop(node, link, "NO_TX_TARGET");
    // The first remote gets the frame itself, after copies have gone to the others.
    const [first, ...others] = ways;
    const departure = (way: TunnelWay, as: OpenNode): Departure => {
      const device = traceDeviceOf(link);
      return { kind: "departure", node: as, place: link.place, device, way, frame };
    };
    const copies = others.map((way) => departure(way, addChild(node, "copy")));
    return first === undefined ? [] : [...copies, departure(first, node)];
  }

  /** A bond sends by the member that it uses; which one that is of several, flows decide. */
  async #overMember(node: OpenNode, bond: LinkState, frame: Frame): Promise<FrameEnd[]> {
    const member = bond.place.links.find(
      (one) => one.master === bond.index && one.up && one.carrier && one.member?.standby === false,
    );
    if (member !== undefined) return this.transmit(node, member, frame);
    addDrop(node, bond, "NO_TX_TARGET");
    return [];
  }

  /** Macvlans in mode bridge reach each other; what else they send leaves by the device below. */
  async #overLower(node: OpenNode, link: LinkState, lower: LinkState, frame: Frame): Promise<FrameEnd[]> {
    const bridges = ({ macvlanMode }: LinkState): boolean => macvlanMode === MACVLAN_MODE.BRIDGE;
    const others = bridges(link) ? uppersOf(lower).filter((one) => one !== link && bridges(one)) : [];
    const meant = others.find(({ mac }) => mac === frame.to);
    // As if it had come in by the device below, where taps see it.
    if (meant !== undefined) return this.receive(node, lower, frame);
    const ends: FrameEnd[] = [];
    if (isGroup(frame.to))
      for (const other of others.filter(({ up }) => up))
        ends.push(...(await this.receive(addChild(node, "copy"), other, frame)));
    ends.push(...(await this.transmit(node, lower, frame)));
    return ends;
  }

  /** A frame comes in by a device. */
  async receive(node: OpenNode, link: LinkState, frame: Frame): Promise<FrameEnd[]> {
    add(node, { kind: "receive", device: traceDeviceOf(link), length: lengthOf(frame) });
    if (!link.up) {
      addDrop(node, link, "DEV_READY");
      return [];
    }
    return this.#above(node, link, frame.inline === true ? { ...frame, inline: false } : frame);
  }

  /** What takes a frame from a device: a VLAN device, a switch, a bridge, a bond, macvlans, or the network layer. */
  async #above(node: OpenNode, link: LinkState, frame: Frame): Promise<FrameEnd[]> {
    const arrival: Arrival = { kind: "arrival", link, node, frame };
    if (frame.from === "" || link.loopback) return [arrival];
    const uppers = uppersOf(link);
    if (frame.vlan !== 0) {
      const device = uppers.find(({ vlanId }) => vlanId === frame.vlan);
      if (device?.up === true) {
        add(node, { kind: "vlan-pop", device: traceDeviceOf(device), tpid: TPID, tci: frame.vlan });
        return this.receive(node, device, { ...frame, vlan: 0 });
      }
      if (device !== undefined) {
        addDrop(node, device, "DEV_READY");
        return [];
      }
    }
    const switched = await this.#enterSwitch(
      node,
      link,
      frame,
      ({ place, kind }) => place.isHost && kind !== "openvswitch" && kind !== "tun",
    );
    if (switched !== undefined) return switched;
    const master = bridgeOf(link);
    if (master !== undefined) {
      const taken = await enterBridge(this, node, master, link, frame);
      return taken ?? [arrival];
    }
    if (link.member !== undefined) {
      const bond = link.place.links.find(({ index }) => index === link.master);
      if (!link.member.standby && bond !== undefined) return this.receive(node, bond, frame);
      addDrop(node, link, "UNHANDLED_PROTO");
      return [];
    }
    return this.#toMacvlans(node, arrival, uppers);
  }

  /** As macvlan_handle_frame(): one of them takes what is for it, the device below and all of them get groups' frames. */
  async #toMacvlans(node: OpenNode, arrival: Arrival, uppers: readonly LinkState[]): Promise<FrameEnd[]> {
    const { frame } = arrival;
    const macvlans = uppers.filter(({ macvlanMode }) => macvlanMode !== undefined);
    const meant = macvlans.find(({ mac }) => mac === frame.to);
    if (meant?.up === true) return this.receive(node, meant, frame);
    if (meant !== undefined) {
      addDrop(node, meant, "DEV_READY");
      return [];
    }
    const ends: FrameEnd[] = [];
    if (isGroup(frame.to))
      for (const macvlan of macvlans.filter(({ up }) => up))
        ends.push(...(await this.receive(addChild(node, "copy"), macvlan, frame)));
    return [...ends, arrival];
  }

  /** The frame comes to Open vSwitch by a port that `suits`; undefined if the device is none. */
  async #enterSwitch(
    node: OpenNode,
    link: LinkState,
    frame: Frame,
    suits: (link: LinkState) => boolean,
  ): Promise<FrameEnd[] | undefined> {
    if (!suits(link)) return undefined;
    const answer = await this.#oracle.ask(link, flowOf(frame), frame.vlan);
    if (answer === undefined) return undefined;
    learnFrom(this.memory, answer, frame.from, link);
    return this.#switched(node, link, frame, answer);
  }

  /** The frame comes to Open vSwitch out of a tunnel; `tunnel` is that as a flow describes it, `link` what it came to the host by. */
  async receiveTunnelled(
    node: OpenNode,
    link: LinkState,
    frame: Frame,
    port: { readonly name: string; readonly bridge: string; readonly tunnel: string },
    source: Uint8Array,
  ): Promise<FrameEnd[]> {
    const flow = `${port.tunnel},${flowOf(frame)}`;
    const answer = await this.#oracle.askPort(port.bridge, port.name, flow, frame.vlan);
    learnFrom(this.memory, answer, frame.from, source);
    return this.#switched(node, link, frame, answer);
  }

  /** What a switch does with a frame. */
  async #switched(node: OpenNode, link: LinkState, frame: Frame, answer: SwitchAnswer): Promise<FrameEnd[]> {
    const { events, outputs, drops } = withLearned(
      this.memory,
      this.#oracle.switches,
      link,
      answer,
      frame.to,
    );
    for (const event of events) add(node, event);
    // The kernel's datapath drops in the name of its own device.
    const datapath = link.place.links.find(({ name }) => name === DATAPATH) ?? link;
    if (drops) addDrop(node, datapath, "OVS_DROP_LAST_ACTION");
    const ends: FrameEnd[] = [];
    for (const [index, output] of outputs.entries()) {
      const copy = index < outputs.length - 1 ? addChild(node, "copy") : node;
      const leaving = { ...output.changes.reduce(withFields, frame), vlan: output.vlan };
      if ("way" in output) {
        const { place, device, way } = output;
        // On the kernel's datapath a device of its own stands for the tunnels of a kind.
        if (device.ifindex !== 0) add(copy, { kind: "transmit", device, length: lengthOf(leaving) });
        ends.push({ kind: "departure", node: copy, place, device, way, frame: leaving });
        continue;
      }
      const out = output.link;
      if (!out.up || !out.carrier) addDrop(copy, datapath, "DEV_READY");
      else if (out.kind === "openvswitch" || out.kind === "tun")
        ends.push(...(await this.receive(copy, out, leaving)));
      else if (lengthOf(leaving) > out.mtu + FRAME_ALLOWANCE) addDrop(copy, link, "PKT_TOO_BIG", out.name);
      else ends.push(...(await this.transmit(copy, out, leaving)));
    }
    return ends;
  }
}
