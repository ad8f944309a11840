// The network layers of all namespaces, as `trace --dry-run` follows packets through them: what comes in by devices, and what leaves,
// with the neighbours that are asked for on the way. Receiving IP is in ip-input.ts, ARP in arp.ts, tunnels in tunnels.ts.

import { NUD } from "../../../netlink/rtnl/neighbour.ts";
import { RTN } from "../../../netlink/rtnl/route-constants.ts";
import { EtherType } from "../../../wire/ethernet.ts";
import { IcmpType, IcmpUnreachable } from "../../../wire/icmpv4.ts";
import { Icmpv6Type, Icmpv6Unreachable } from "../../../wire/icmpv6.ts";
import { ipv4MulticastMac, readIpv4Address } from "../../../wire/ipv4-address.ts";
import { ipv6MulticastMac, readIpv6Address } from "../../../wire/ipv6-address.ts";
import { formatMac, parseMac } from "../../../wire/mac.ts";
import { formatBytes } from "../../why/network-state.ts";
import type { LinkState, NetworkState, PlaceState, RouteAnswer } from "../../why/network-state.ts";
import { askByArp, receiveArp } from "./arp.ts";
import { BROADCAST, lengthOf } from "./frame.ts";
import type { Frame, FrameEnd } from "./frame.ts";
import { sendError } from "./icmp.ts";
import { receiveIpv4, receiveIpv6 } from "./ip-input.ts";
import { LinkLayer } from "./link-layer.ts";
import { Memory, neighbourKey, NUD_VALID } from "./memory.ts";
import { askByNd } from "./ndisc.ts";
import { addressOf, cut, destinationOf, dontFragment, isMulticast, isV4 } from "./packet.ts";
import type { IpPacket } from "./packet.ts";
import type { Incoming, ProbeSocket, Stack } from "./stack.ts";
import type { SwitchOracle } from "./switch-oracle.ts";
import { add, addChild, addDrop, traceDeviceOf } from "./tree.ts";
import type { OpenNode } from "./tree.ts";
import { unwrap, wrap } from "./tunnels.ts";

const NO_ADDRESS = "00:00:00:00:00:00";

/** The link-layer address of a group, or of everybody; undefined of one host's address. */
function groupMac(address: Uint8Array, broadcast: boolean): string | undefined {
  if (broadcast) return BROADCAST;
  if (!isMulticast(address)) return undefined;
  return formatMac(
    address.length === 4
      ? ipv4MulticastMac(readIpv4Address(address, 0))
      : ipv6MulticastMac(readIpv6Address(address, 0)),
  );
}

interface WaitingPacket {
  readonly node: OpenNode;
  readonly packet: IpPacket;
}

/** A question for a neighbour, with the packets that wait for its answer. */
interface OpenQuestion {
  readonly link: LinkState;
  readonly nextHop: Uint8Array;
  /** How often it is still repeated. */
  readonly probes: number;
  readonly waiting: WaitingPacket[];
}

export class Network implements Stack {
  readonly state: NetworkState;
  readonly memory = new Memory();
  readonly socket: ProbeSocket;
  readonly #layer: LinkLayer;
  /** Questions for neighbours that are on their way: one in a tunnel asks for the tunnel's neighbour, too. */
  #asking = 0;
  /** Those that have no answer yet, by the neighbour. */
  readonly #open = new Map<string, OpenQuestion>();
  readonly #later: OpenQuestion[] = [];

  constructor(state: NetworkState, oracle: SwitchOracle, socket: ProbeSocket) {
    this.state = state;
    this.socket = socket;
    this.#layer = new LinkLayer(this.memory, oracle);
  }

  async emit(node: OpenNode, link: LinkState, frame: Frame): Promise<void> {
    await this.#take(await this.#layer.transmit(node, link, frame));
  }

  /** Where frames arrive, in the order in which they do. */
  async #take(ends: readonly FrameEnd[]): Promise<void> {
    for (const end of ends) {
      if (end.kind === "departure") await wrap(this, end);
      else await this.#input(end.node, end.link, end.frame);
    }
  }

  async unwrap(incoming: Incoming): Promise<boolean> {
    const ends = await unwrap(this, this.#layer, incoming);
    if (ends === undefined) return false;
    await this.#take(ends);
    return true;
  }

  async #input(node: OpenNode, link: LinkState, frame: Frame): Promise<void> {
    switch (frame.protocol) {
      case EtherType.ARP:
        await receiveArp(this, node, link, frame);
        return;
      case EtherType.IPV4:
        await receiveIpv4(this, node, link, frame);
        return;
      case EtherType.IPV6:
        await receiveIpv6(this, node, link, frame);
        return;
      default:
        addDrop(node, link, "UNHANDLED_PROTO");
    }
  }

  async output(node: OpenNode, place: PlaceState, packet: IpPacket, way: RouteAnswer): Promise<void> {
    const { link } = way;
    if (link === undefined) return;
    const destination = destinationOf(packet);
    const nextHop = way.gateway ?? destination;
    const broadcast = way.type === RTN.BROADCAST;
    if (isMulticast(destination) && !link.loopback) await this.#loopBack(node, link, packet);
    const mtu = Math.min(way.mtu ?? Infinity, link.mtu);
    const { length } = packet.bytes;
    const keepsWhole = isV4(packet) && dontFragment(packet);
    // A sender that probes may exceed what is known of the path, never the link.
    if (length <= mtu || (keepsWhole && length <= link.mtu)) {
      await this.#hand(node, link, nextHop, packet, broadcast);
      return;
    }
    if (keepsWhole) {
      const code = IcmpUnreachable.FRAGMENTATION_NEEDED;
      const error = { type: IcmpType.DESTINATION_UNREACHABLE, code, info: mtu };
      await sendError(this, node, packet, error, link);
      addDrop(node, link, "PKT_TOO_BIG");
      return;
    }
    const pieces = cut(packet, mtu);
    add(node, { kind: "fragmented", netns: place.netns.inode, pieces: pieces.length, mtu });
    const asked = !broadcast && this.#mustAsk(link, nextHop);
    for (const [index, piece] of pieces.entries()) {
      const child = addChild(node, "fragment");
      // All of them were waiting when the answer came.
      if (asked && index > 0) this.#note(child, link, nextHop, "wait", NUD.INCOMPLETE, undefined);
      await this.#hand(child, link, nextHop, piece, broadcast);
    }
  }

  /** This host hears its own multicasts, if it is a member of the group (dev_loopback_xmit). */
  async #loopBack(node: OpenNode, link: LinkState, packet: IpPacket): Promise<void> {
    if (!link.place.groups(link).includes(formatBytes(destinationOf(packet)))) return;
    const protocol = isV4(packet) ? EtherType.IPV4 : EtherType.IPV6;
    const copy = addChild(node, "copy");
    const frame = { from: "", to: "", vlan: 0, protocol, payload: packet, looped: true, devices: 0 };
    add(copy, { kind: "receive", device: traceDeviceOf(link), length: lengthOf(frame) });
    await this.#input(copy, link, frame);
  }

  async toNeighbour(node: OpenNode, link: LinkState, nextHop: Uint8Array, packet: IpPacket): Promise<void> {
    await this.#hand(node, link, nextHop, packet, false);
  }

  #note(
    node: OpenNode,
    link: LinkState,
    nextHop: Uint8Array,
    outcome: "known" | "wait",
    state: number,
    mac: string | undefined,
  ): void {
    add(node, {
      kind: "neighbour",
      device: traceDeviceOf(link),
      address: addressOf(nextHop),
      outcome,
      state,
      mac: mac === undefined ? undefined : (parseMac(mac) ?? 0),
    });
  }

  /** Whether a neighbour of the device has to be asked for before a packet can go. */
  #mustAsk(link: LinkState, nextHop: Uint8Array): boolean {
    if (link.loopback || link.mac === "" || link.noArp || isMulticast(nextHop)) return false;
    const known = this.memory.neighbour(link, nextHop);
    return known === undefined || (known.state & NUD_VALID) === 0;
  }

  /** Gives a packet to a neighbour, whose address on the link is looked up or asked for. */
  async #hand(
    node: OpenNode,
    link: LinkState,
    nextHop: Uint8Array,
    packet: IpPacket,
    broadcast: boolean,
  ): Promise<void> {
    const protocol = isV4(packet) ? EtherType.IPV4 : EtherType.IPV6;
    const to = await this.#resolve(node, link, nextHop, packet, broadcast);
    if (to === undefined) return;
    const from = link.loopback ? NO_ADDRESS : link.mac;
    await this.emit(node, link, { from, to, vlan: 0, protocol, payload: packet, devices: 0 });
    await this.#release(link, nextHop);
  }

  /** Packets that have waited for a neighbour go behind the one that was first. */
  async #release(link: LinkState, nextHop: Uint8Array): Promise<void> {
    const key = neighbourKey(link, nextHop);
    const open = this.#open.get(key);
    if (open === undefined || this.#mustAsk(link, nextHop)) return;
    this.#open.delete(key);
    for (const { node, packet } of open.waiting) await this.#hand(node, link, nextHop, packet, false);
  }

  /** What happens when all the rest has: questions that nobody has answered are repeated. */
  async settle(): Promise<void> {
    for (let open = this.#later.shift(); open !== undefined; open = this.#later.shift())
      await this.#repeat(open);
  }

  async #repeat({ link, nextHop, probes, waiting }: OpenQuestion): Promise<void> {
    // The last of the packets is what the kernel asks for (neigh_probe).
    const last = waiting.at(-1);
    if (last !== undefined) await this.#question(last, link, nextHop, probes);
    if (!this.#mustAsk(link, nextHop)) {
      await this.#release(link, nextHop);
      return;
    }
    this.#open.delete(neighbourKey(link, nextHop));
    this.memory.hear(link, nextHop, "", NUD.FAILED);
    for (const { node, packet } of waiting) await this.#giveUp(node, link, packet);
  }

  /** The next hop's link-layer address, "" on a device without any; undefined after the packet was dropped. */
  async #resolve(
    node: OpenNode,
    link: LinkState,
    nextHop: Uint8Array,
    packet: IpPacket,
    broadcast: boolean,
  ): Promise<string | undefined> {
    if (link.loopback) return NO_ADDRESS;
    if (link.mac === "") {
      // On a line between two there is one neighbour, which has no address.
      const one = link.pointToPoint && nextHop.length === 4 ? new Uint8Array(4) : nextHop;
      this.#note(node, link, one, "known", NUD.NOARP, NO_ADDRESS);
      return "";
    }
    const group = groupMac(nextHop, broadcast);
    const fixed = group ?? (link.noArp ? link.mac : undefined);
    if (fixed !== undefined) {
      this.#note(node, link, nextHop, "known", NUD.NOARP, fixed);
      return fixed;
    }
    if (this.#mustAsk(link, nextHop) && (await this.#ask({ node, packet }, link, nextHop))) return undefined;
    const known = this.memory.neighbour(link, nextHop);
    if (known === undefined || (known.state & NUD_VALID) === 0) {
      await this.#giveUp(node, link, packet);
      return undefined;
    }
    this.#note(node, link, nextHop, "known", this.memory.use(link, nextHop, known), known.mac);
    return known.mac;
  }

  /** True if the packet waits for what comes later. */
  async #ask(waiting: WaitingPacket, link: LinkState, nextHop: Uint8Array): Promise<boolean> {
    const setting = `${nextHop.length === 4 ? "ipv4" : "ipv6"}/neigh/${link.name}/mcast_solicit`;
    const probes = Number(link.place.sysctl(setting) ?? 3);
    const key = neighbourKey(link, nextHop);
    const open = this.#open.get(key);
    this.memory.hear(link, nextHop, "", NUD.INCOMPLETE);
    if (probes > 0) this.#note(waiting.node, link, nextHop, "wait", NUD.INCOMPLETE, undefined);
    if (open !== undefined) {
      open.waiting.push(waiting);
      return true;
    }
    // A question inside of a tunnel is repeated together with the one for the tunnel's neighbour: one of these for each of those.
    const isInner = this.#asking > 0;
    const asked: OpenQuestion = { link, nextHop, probes: probes - 1, waiting: [waiting] };
    if (!isInner && probes > 1) this.#open.set(key, asked);
    await this.#question(waiting, link, nextHop, Math.min(probes, 1));
    if (!this.#mustAsk(link, nextHop)) {
      asked.waiting.shift();
      return false;
    }
    if (this.#open.get(key) === asked) {
      this.#later.push(asked);
      return true;
    }
    this.memory.hear(link, nextHop, "", NUD.FAILED);
    return false;
  }

  async #question(
    { node, packet }: WaitingPacket,
    link: LinkState,
    nextHop: Uint8Array,
    times: number,
  ): Promise<void> {
    this.#asking++;
    for (let time = 0; time < times && this.#mustAsk(link, nextHop); time++) {
      const question = addChild(node, "resolution");
      await (nextHop.length === 4 ? askByArp : askByNd)(this, question, link, nextHop, packet);
    }
    this.#asking--;
  }

  /** The neighbour has not answered: the sender hears of it (arp_error_report, ndisc_error_report). */
  async #giveUp(node: OpenNode, link: LinkState, packet: IpPacket): Promise<void> {
    const error = isV4(packet)
      ? { type: IcmpType.DESTINATION_UNREACHABLE, code: IcmpUnreachable.HOST }
      : { type: Icmpv6Type.DESTINATION_UNREACHABLE, code: Icmpv6Unreachable.ADDRESS };
    await sendError(this, node, packet, error, link);
    addDrop(node, link, "NEIGH_FAILED");
  }
}
