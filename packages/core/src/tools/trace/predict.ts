// The way that a ping would take, by routing tables, neighbours, bridges, flows and tunnels as they are: what `trace --dry-run`
// tells. Every question to the system is one that changes nothing (netlink requests for reading, files, descriptions of
// packets). What state alone does not tell is said: whether a neighbour that is not known would answer is taken from who has
// its address.

import { ERRNO } from "../../netlink/errno.ts";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import type { RouteOutcome } from "../../trace/packet-event.ts";
import type { Process } from "../../system/process.ts";
import type { TraceNode } from "../../trace/recorder.ts";
import { ARP_HARDWARE_ETHERNET, ARP_LENGTH, ArpOperation, writeArp } from "../../wire/arp.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { readIpv4Address } from "../../wire/ipv4-address.ts";
import { parseMac } from "../../wire/mac.ts";
import { arpSilencers } from "../why/arp-silence.ts";
import { covers, formatBytes } from "../why/network-state.ts";
import type { AddressState, LinkState, NetworkState, PlaceState } from "../why/network-state.ts";
import { segmentOf } from "../why/segment.ts";
import { hasAddress } from "../why/tunnel-state.ts";
import { ownersOf } from "../why/way.ts";
import { add, addChild, addDrop, BROADCAST, lengthOf, predictFrame, predictInside } from "./predict-frame.ts";
import { predictTunnelled, rootNode, traceDeviceOf } from "./predict-frame.ts";
import type { Arrival, Departure, FrameEnd, OpenNode, Payload } from "./predict-frame.ts";
import { SwitchOracle } from "./predict-switch.ts";
import { outerHeaders, TUNNEL_NAMES, tunnelEnd } from "./predict-tunnel.ts";
import { addressOf, cut, echo, flowOf, headerLength, ICMP_HEADER } from "./predicted-packet.ts";
import type { PredictedPacket } from "./predicted-packet.ts";
import { tunnelPort } from "./switch-tunnel.ts";

const TTL = 64;
const VALID = NUD.REACHABLE | NUD.STALE | NUD.DELAY | NUD.PROBE | NUD.PERMANENT | NUD.NOARP;
/** Tunnels in tunnels: the kernel counts devices on its stack, too. */
const DEEPEST = 4;

const REFUSALS: ReadonlyMap<number, { readonly outcome: RouteOutcome; readonly reason: DropReason }> =
  new Map([
    [ERRNO.EHOSTUNREACH, { outcome: "unreachable", reason: "ROUTE_UNREACHABLE" }],
    [ERRNO.EACCES, { outcome: "prohibit", reason: "ROUTE_PROHIBIT" }],
    [ERRNO.EINVAL, { outcome: "blackhole", reason: "ROUTE_BLACKHOLE" }],
  ]);

class Prediction {
  readonly #state: NetworkState;
  readonly #oracle: SwitchOracle;

  constructor(state: NetworkState, oracle: SwitchOracle) {
    this.#state = state;
    this.#oracle = oracle;
  }

  /**
   * The packet is with the network layer of `place`; `came` is the device that it came in by. Returned is where what a tunnel
   * carries in it arrives.
   */
  async route(
    node: OpenNode,
    place: PlaceState,
    packet: PredictedPacket,
    came: LinkState | undefined,
  ): Promise<Arrival[]> {
    const { destination } = packet;
    const netns = place.netns.inode;
    // Who answers has an address already, and rules may ask for it.
    const source = came === undefined && packet.reply ? packet.source : undefined;
    const answer = place.routeTo(destination, source);
    const to = addressOf(destination);
    const device = came ?? place.links.find(({ loopback }) => loopback);
    const decided = { kind: "route", netns, destination: to, entry: undefined, via: undefined } as const;
    if (
      came !== undefined &&
      !(typeof answer !== "number" && answer.local) &&
      this.refusesToForward(node, place, packet, came)
    )
      return [];
    if (typeof answer === "number") {
      const refused = REFUSALS.get(answer) ?? { outcome: "no-route", reason: "IP_OUTNOROUTES" };
      add(node, { ...decided, outcome: refused.outcome, device: undefined });
      const reason = came && refused.outcome === "no-route" ? "IP_INNOROUTES" : refused.reason;
      if (device) addDrop(node, device, reason);
      return [];
    }
    if (answer.local) {
      add(node, { ...decided, outcome: "local", device: undefined });
      if (came !== undefined) {
        if (this.refusesSource(node, place, packet, came)) return [];
      } else if (device?.up === false) {
        addDrop(node, device, "DEV_READY");
        return [];
      }
      return this.deliver(node, place, packet, came);
    }
    const { link, gateway } = answer;
    if (link === undefined) return [];
    add(node, {
      ...decided,
      outcome: "unicast",
      entry: place.routeEntry(destination),
      via: gateway && addressOf(gateway),
      device: traceDeviceOf(link),
    });
    const leaving = came === undefined ? packet : this.forward(node, place, packet, came, link);
    return leaving === undefined ? [] : this.send(node, place, link, gateway ?? destination, leaving);
  }

  /** The check of the source: it must not be an own address (accept_local), and the reverse path filter. */
  refusesSource(node: OpenNode, place: PlaceState, packet: PredictedPacket, came: LinkState): boolean {
    if (packet.source.length !== 4) return false;
    const accepts = ["all", came.name].some((name) => place.sysctl(`ipv4/conf/${name}/accept_local`) === "1");
    if (!accepts && hasAddress(place, packet.source)) {
      addDrop(node, came, "IP_LOCAL_SOURCE");
      return true;
    }
    const strict = ["all", came.name].some((name) => place.sysctl(`ipv4/conf/${name}/rp_filter`) === "1");
    if (!strict) return false;
    const back = place.routeTo(packet.source);
    if (typeof back !== "number" && back.link === came) return false;
    addDrop(node, came, "IP_RPFILTER");
    return true;
  }

  refusesToForward(node: OpenNode, place: PlaceState, packet: PredictedPacket, came: LinkState): boolean {
    const v4 = packet.destination.length === 4;
    const settings = v4
      ? ["ipv4/ip_forward", `ipv4/conf/${came.name}/forwarding`]
      : ["ipv6/conf/all/forwarding"];
    if (settings.every((path) => place.sysctl(path) === "1")) return false;
    addDrop(node, came, v4 ? "IP_NOT_FORWARDING" : "IP_INADDRERRORS");
    return true;
  }

  /** A router's part; undefined if it drops the packet. */
  forward(
    node: OpenNode,
    place: PlaceState,
    packet: PredictedPacket,
    came: LinkState,
    out: LinkState,
  ): PredictedPacket | undefined {
    if (this.refusesSource(node, place, packet, came)) return undefined;
    if (packet.ttl <= 1) {
      addDrop(node, came, "IP_INHDR");
      return undefined;
    }
    if ((packet.piece ?? packet.size) > out.mtu && !packet.divisible) {
      addDrop(node, came, "PKT_TOO_BIG");
      return undefined;
    }
    const ttl = packet.ttl - 1;
    add(node, { kind: "forward", netns: place.netns.inode, ttl });
    return { ...packet, ttl };
  }

  async send(
    node: OpenNode,
    place: PlaceState,
    link: LinkState,
    nextHop: Uint8Array,
    packet: PredictedPacket,
  ): Promise<Arrival[]> {
    let whole = packet;
    if ((packet.piece ?? packet.size) > link.mtu) {
      const { pieces, piece } = cut(packet, link.mtu);
      add(node, { kind: "fragmented", netns: place.netns.inode, pieces, mtu: link.mtu });
      whole = { ...packet, piece, divisible: true };
    }
    const mac = await this.neighbour(node, place, link, nextHop, whole);
    if (mac === undefined) return [];
    const payload = { flow: flowOf(whole), size: whole.piece ?? whole.size };
    const found: Arrival[] = [];
    for (const arrival of await this.across(node, link, mac, payload, whole))
      found.push(...(await this.route(arrival.node, arrival.link.place, whole, arrival.link)));
    return found;
  }

  /** The next hop's link-layer address, "" on a device without any; undefined if it is not found out. */
  async neighbour(
    node: OpenNode,
    place: PlaceState,
    link: LinkState,
    nextHop: Uint8Array,
    packet: PredictedPacket,
  ): Promise<string | undefined> {
    if (link.mac === "") return "";
    const text = formatBytes(nextHop);
    const known = place.neighbours.find(
      (one) => one.link === link && one.text === text && (one.state & VALID) !== 0,
    );
    const near = segmentOf(link);
    const owner = ownersOf(this.#state, nextHop).find(
      (one) => near.includes(one.link) && one.link.place !== place,
    );
    const event = { kind: "neighbour", device: traceDeviceOf(link), address: addressOf(nextHop) } as const;
    if (known === undefined) add(node, { ...event, outcome: "wait", state: NUD.INCOMPLETE, mac: undefined });
    const mac = known?.mac ?? (await this.resolve(node, link, nextHop, owner, packet));
    if (mac === undefined) {
      addDrop(node, link, "NEIGH_FAILED");
      return undefined;
    }
    const state = known?.state ?? NUD.REACHABLE;
    add(node, { ...event, outcome: "known", state, mac: parseMac(mac) });
    return mac;
  }

  /** Sends a payload out of `link`: the hosts whose network layer gets it, those behind tunnels included. */
  async across(
    node: OpenNode,
    link: LinkState,
    to: string,
    payload: Payload,
    { inside }: PredictedPacket,
  ): Promise<Arrival[]> {
    return this.through(await predictFrame(this.#oracle, node, link, to, payload), inside?.depth ?? 0);
  }

  /** Where frames arrive, once tunnels have carried those that they take. */
  async through(ends: readonly FrameEnd[], depth: number): Promise<Arrival[]> {
    const arrivals: Arrival[] = [];
    for (const end of ends) {
      if (end.kind === "arrival") arrivals.push(end);
      else arrivals.push(...(await this.wrap(end, depth)));
    }
    return arrivals;
  }

  /** A tunnel sends a frame to its other end. */
  async wrap({ node, place, device, way, frame }: Departure, depth: number): Promise<Arrival[]> {
    const drop = (reason: DropReason): Arrival[] => {
      add(node, { kind: "drop", device, reason, place: device.name });
      return [];
    };
    if (depth >= DEEPEST) return drop("RECURSION_LIMIT");
    const answer = place.routeTo(way.remote, way.local);
    if (typeof answer === "number") return drop("IP_OUTNOROUTES");
    const size = lengthOf(frame) + outerHeaders(way);
    if (way.dontFragment && answer.link !== undefined && size > answer.link.mtu) return drop("PKT_TOO_BIG");
    add(node, { kind: "encapsulate", device, protocol: TUNNEL_NAMES[way.kind] });
    return this.route(
      node,
      place,
      {
        source: way.local ?? answer.source ?? way.remote,
        destination: way.remote,
        size,
        reply: false,
        ttl: TTL,
        divisible: !way.dontFragment,
        inside: { way, frame, depth: depth + 1 },
      },
      undefined,
    );
  }

  /** The other end takes the frame out: a device of the kernel's, or a port of Open vSwitch. */
  async unwrap(
    node: OpenNode,
    place: PlaceState,
    { source, destination }: PredictedPacket,
    { way, frame, depth }: NonNullable<PredictedPacket["inside"]>,
    came: LinkState | undefined,
  ): Promise<Arrival[]> {
    const protocol = TUNNEL_NAMES[way.kind];
    const end = tunnelEnd(place, way, source, destination);
    if (typeof end !== "string") {
      add(node, { kind: "decapsulate", device: traceDeviceOf(end), protocol });
      return this.through(await predictInside(node, end, frame), depth);
    }
    const link = came ?? place.links.find(({ loopback }) => loopback);
    if (link === undefined) return [];
    const port = place.isHost ? tunnelPort(this.#state.switches, way, source, destination) : undefined;
    if (port === undefined) {
      addDrop(node, link, end);
      return [];
    }
    const device = { netns: place.netns.inode, ifindex: 0, name: port.name };
    add(node, { kind: "decapsulate", device, protocol });
    return this.through(await predictTunnelled(node, link, frame, port), depth);
  }

  /** Asks the link who has an address; undefined if no answer would come. That the answer finds back is taken for granted. */
  async resolve(
    node: OpenNode,
    link: LinkState,
    nextHop: Uint8Array,
    owner: AddressState | undefined,
    packet: PredictedPacket,
  ): Promise<string | undefined> {
    if (link.noArp) return link.mac;
    if (nextHop.length !== 4) return owner?.link.mac;
    const question = addChild(node, "resolution");
    // A router asks with an address of its own (arp_solicit).
    const { place: asker } = link;
    const own = asker.addresses.find((address) => address.link === link && covers(address, nextHop));
    const source = hasAddress(asker, packet.source) ? packet.source : (own?.bytes ?? packet.source);
    const request = new Uint8Array(ARP_LENGTH);
    const arp = {
      kind: "ipv4",
      hardwareType: ARP_HARDWARE_ETHERNET,
      operation: ArpOperation.REQUEST,
      senderMac: parseMac(link.mac) ?? 0,
      senderIp: readIpv4Address(source, 0),
      targetMac: 0,
      targetIp: readIpv4Address(nextHop, 0),
    } as const;
    writeArp(arp, request, 0);
    const netns = link.place.netns.inode;
    add(question, {
      kind: "originate",
      netns,
      by: "ARP",
      bytes: request,
      length: ARP_LENGTH,
      protocol: EtherType.ARP,
    });
    let answered: string | undefined;
    const addresses = `arp_spa=${formatBytes(source)},arp_tpa=${formatBytes(nextHop)},arp_sha=${link.mac}`;
    const payload = { flow: `arp,arp_op=${ArpOperation.REQUEST},${addresses}`, size: ARP_LENGTH };
    for (const arrival of await this.across(question, link, BROADCAST, payload, packet)) {
      const { place } = arrival.link;
      const silent = arrival.link.noArp || (owner !== undefined && arpSilencers(owner, source).length > 0);
      const asked = arrival.link === owner?.link && !silent;
      const to = asked ? "ARP, which answers" : "ARP, which is not asked or does not answer";
      add(arrival.node, { kind: "deliver", netns: place.netns.inode, to });
      if (asked) answered = arrival.link.mac;
    }
    return answered;
  }

  async deliver(
    node: OpenNode,
    place: PlaceState,
    packet: PredictedPacket,
    came: LinkState | undefined,
  ): Promise<Arrival[]> {
    const { source, destination, size, reply, inside } = packet;
    if (inside !== undefined) return this.unwrap(node, place, packet, inside, came);
    const netns = place.netns.inode;
    const v4 = destination.length === 4;
    if (reply) {
      add(node, { kind: "deliver", netns, to: "who asked" });
      return [];
    }
    const ignores = place.sysctl(v4 ? "ipv4/icmp_echo_ignore_all" : "ipv6/icmp/echo_ignore_all") === "1";
    const first = came ?? place.links.find(({ loopback }) => loopback);
    if (ignores && first !== undefined) {
      addDrop(node, first, "ICMP_IGNORED");
      return [];
    }
    add(node, { kind: "deliver", netns, to: v4 ? "ICMP" : "ICMPv6" });
    await this.originate(addChild(node, "answer"), place, destination, source, size, true);
    return [];
  }

  /** An echo request or reply begins its way. */
  async originate(
    node: OpenNode,
    place: PlaceState,
    source: Uint8Array,
    destination: Uint8Array,
    size: number,
    reply: boolean,
  ): Promise<void> {
    add(node, {
      kind: "originate",
      netns: place.netns.inode,
      by: "raw socket",
      bytes: echo(source, destination, reply),
      length: size,
      protocol: source.length === 4 ? EtherType.IPV4 : EtherType.IPV6,
    });
    const packet = { source, destination, size, reply, ttl: TTL, divisible: false };
    await this.route(node, place, packet, undefined);
  }
}

/** An echo request with `data` bytes from `place`, and the answer. A number is the errno that a sender would get. */
export async function predictEcho(
  process: Process,
  state: NetworkState,
  place: PlaceState,
  destination: Uint8Array,
  data: number,
): Promise<TraceNode | number> {
  const answer = place.routeTo(destination);
  if (typeof answer === "number") return answer;
  const source = answer.source ?? destination;
  const size = data + ICMP_HEADER + headerLength(destination);
  const node = rootNode();
  const prediction = new Prediction(state, new SwitchOracle(process, state));
  await prediction.originate(node, place, source, destination, size, false);
  return node;
}
