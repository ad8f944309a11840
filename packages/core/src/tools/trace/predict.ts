// The way that a ping would take, by routing tables, neighbours and bridges as they are: what `trace --dry-run` tells. Every
// question to the system is one that changes nothing (netlink requests for reading, files). What state alone does not tell
// is said: whether a neighbour that is not known would answer is taken from who has its address.

import { ERRNO } from "../../netlink/errno.ts";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import type { IpAddress, RouteOutcome } from "../../trace/packet-event.ts";
import type { Process } from "../../system/process.ts";
import type { TraceNode } from "../../trace/recorder.ts";
import { ARP_HARDWARE_ETHERNET, ARP_LENGTH, ArpOperation, writeArp } from "../../wire/arp.ts";
import { writeU16BE } from "../../wire/bytes.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { IcmpType } from "../../wire/icmpv4.ts";
import { Icmpv6Type } from "../../wire/icmpv6.ts";
import { readIpv4Address } from "../../wire/ipv4-address.ts";
import { readIpv6Address } from "../../wire/ipv6-address.ts";
import { parseMac } from "../../wire/mac.ts";
import type { LinkState, NetworkState, PlaceState } from "../why/network-state.ts";
import { formatBytes } from "../why/read-state.ts";
import { segmentOf } from "../why/segment.ts";
import { ownersOf } from "../why/way.ts";
import { add, addChild, addDrop, BROADCAST, predictFrame, rootNode, traceDeviceOf } from "./predict-frame.ts";
import type { OpenNode } from "./predict-frame.ts";
import { SwitchOracle } from "./predict-switch.ts";

const TTL = 64;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const ICMP_HEADER = 8;
const VALID = NUD.REACHABLE | NUD.STALE | NUD.DELAY | NUD.PROBE | NUD.PERMANENT | NUD.NOARP;

function addressOf(bytes: Uint8Array): IpAddress {
  return bytes.length === 4 ? readIpv4Address(bytes, 0) : readIpv6Address(bytes, 0);
}

/** Headers of an echo request or reply, as far as they are told. */
export function echo(source: Uint8Array, destination: Uint8Array, reply: boolean): Uint8Array {
  const v4 = source.length === 4;
  const header = v4 ? IPV4_HEADER : IPV6_HEADER;
  const bytes = new Uint8Array(header + ICMP_HEADER);
  bytes[0] = v4 ? 0x45 : 0x60;
  if (v4) bytes[9] = 1;
  else bytes[6] = 58;
  bytes.set(source, v4 ? 12 : 8);
  bytes.set(destination, v4 ? 16 : 24);
  if (v4) bytes[header] = reply ? IcmpType.ECHO_REPLY : IcmpType.ECHO_REQUEST;
  else bytes[header] = reply ? Icmpv6Type.ECHO_REPLY : Icmpv6Type.ECHO_REQUEST;
  writeU16BE(bytes, header + 6, 1);
  return bytes;
}

/** An echo request or reply as Open vSwitch describes it. */
function echoFlow(source: Uint8Array, destination: Uint8Array, reply: boolean, ttl: number): string {
  const [from, to] = [formatBytes(source), formatBytes(destination)];
  if (source.length === 4) {
    const type = reply ? IcmpType.ECHO_REPLY : IcmpType.ECHO_REQUEST;
    return `icmp,nw_src=${from},nw_dst=${to},nw_ttl=${ttl},icmp_type=${type},icmp_code=0`;
  }
  const type = reply ? Icmpv6Type.ECHO_REPLY : Icmpv6Type.ECHO_REQUEST;
  return `icmp6,ipv6_src=${from},ipv6_dst=${to},nw_ttl=${ttl},icmp_type=${type},icmp_code=0`;
}

interface Packet {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** Bytes of the whole IP packet. */
  readonly size: number;
  readonly reply: boolean;
  /** Where it came from; undefined for the first host's own. */
  readonly ttl: number;
}

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

  /** The packet is with the network layer of `place`; `came` is the device that it came in by. */
  async route(node: OpenNode, place: PlaceState, packet: Packet, came: LinkState | undefined): Promise<void> {
    const { destination } = packet;
    const netns = place.netns.inode;
    const answer = place.routeTo(destination);
    const to = addressOf(destination);
    const device = came ?? place.links.find(({ loopback }) => loopback);
    if (
      came !== undefined &&
      !(typeof answer !== "number" && answer.local) &&
      this.refusesToForward(node, place, packet, came)
    )
      return;
    if (typeof answer === "number") {
      const refused = REFUSALS.get(answer) ?? {
        outcome: "no-route" as const,
        reason: "IP_OUTNOROUTES" as const,
      };
      add(node, {
        kind: "route",
        netns,
        destination: to,
        outcome: refused.outcome,
        entry: undefined,
        via: undefined,
        device: undefined,
      });
      if (device)
        addDrop(node, device, came && refused.outcome === "no-route" ? "IP_INNOROUTES" : refused.reason);
      return;
    }
    const entry = place.routeEntry(destination);
    const via = answer.gateway === undefined ? undefined : addressOf(answer.gateway);
    if (answer.local) {
      add(node, {
        kind: "route",
        netns,
        destination: to,
        outcome: "local",
        entry: undefined,
        via: undefined,
        device: undefined,
      });
      const stopped =
        came === undefined ? device?.up === false : this.refusesSource(node, place, packet, came);
      if (stopped && came === undefined && device) addDrop(node, device, "DEV_READY");
      if (!stopped) await this.deliver(node, place, packet, came);
      return;
    }
    const { link } = answer;
    if (link === undefined) return;
    add(node, {
      kind: "route",
      netns,
      destination: to,
      outcome: "unicast",
      entry,
      via,
      device: traceDeviceOf(link),
    });
    const size = came === undefined ? packet : this.forward(node, place, packet, came, link);
    if (size === undefined) return;
    await this.send(node, place, link, answer.gateway ?? destination, size);
  }

  /** The reverse path filter. */
  refusesSource(node: OpenNode, place: PlaceState, packet: Packet, came: LinkState): boolean {
    if (packet.source.length !== 4) return false;
    const strict = ["all", came.name].some((name) => place.sysctl(`ipv4/conf/${name}/rp_filter`) === "1");
    if (!strict) return false;
    const back = place.routeTo(packet.source);
    if (typeof back !== "number" && back.link === came) return false;
    addDrop(node, came, "IP_RPFILTER");
    return true;
  }

  refusesToForward(node: OpenNode, place: PlaceState, packet: Packet, came: LinkState): boolean {
    const v4 = packet.destination.length === 4;
    if (place.sysctl(v4 ? "ipv4/ip_forward" : "ipv6/conf/all/forwarding") === "1") return false;
    addDrop(node, came, v4 ? "IP_NOT_FORWARDING" : "IP_INADDRERRORS");
    return true;
  }

  /** A router's part; undefined if it drops the packet. */
  forward(
    node: OpenNode,
    place: PlaceState,
    packet: Packet,
    came: LinkState,
    out: LinkState,
  ): Packet | undefined {
    if (this.refusesSource(node, place, packet, came)) return undefined;
    if (packet.ttl <= 1) {
      addDrop(node, came, "IP_INHDR");
      return undefined;
    }
    if (packet.size > out.mtu) {
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
    packet: Packet,
  ): Promise<void> {
    const text = formatBytes(nextHop);
    const known = place.neighbours.find(
      (one) => one.link === link && one.text === text && (one.state & VALID) !== 0,
    );
    const near = segmentOf(link);
    const owner = ownersOf(this.#state, nextHop).find(
      (one) => near.includes(one.link) && one.link.place !== place,
    );
    const address = addressOf(nextHop);
    const device = traceDeviceOf(link);
    if (known === undefined) {
      add(node, {
        kind: "neighbour",
        device,
        address,
        outcome: "wait",
        state: NUD.INCOMPLETE,
        mac: undefined,
      });
    }
    const mac = known?.mac ?? (await this.resolve(node, link, nextHop, owner?.link, packet));
    if (mac === undefined) {
      addDrop(node, link, "NEIGH_FAILED");
      return;
    }
    const state = known?.state ?? NUD.REACHABLE;
    add(node, { kind: "neighbour", device, address, outcome: "known", state, mac: parseMac(mac) });
    const { source, destination, reply, size } = packet;
    const payload = { flow: echoFlow(source, destination, reply, packet.ttl), size };
    for (const arrival of await predictFrame(this.#oracle, node, link, mac, payload))
      await this.route(arrival.node, arrival.link.place, packet, arrival.link);
  }

  /** Asks the link who has an address; undefined if no answer would come. That the answer finds back is taken for granted. */
  async resolve(
    node: OpenNode,
    link: LinkState,
    nextHop: Uint8Array,
    owner: LinkState | undefined,
    packet: Packet,
  ): Promise<string | undefined> {
    if (link.noArp) return link.mac;
    if (nextHop.length !== 4) return owner?.mac;
    const question = addChild(node, "resolution");
    const request = new Uint8Array(ARP_LENGTH);
    const arp = {
      kind: "ipv4",
      hardwareType: ARP_HARDWARE_ETHERNET,
      operation: ArpOperation.REQUEST,
      senderMac: parseMac(link.mac) ?? 0,
      senderIp: readIpv4Address(packet.source, 0),
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
    const addresses = `arp_spa=${formatBytes(packet.source)},arp_tpa=${formatBytes(nextHop)},arp_sha=${link.mac}`;
    const payload = { flow: `arp,arp_op=${ArpOperation.REQUEST},${addresses}`, size: ARP_LENGTH };
    for (const arrival of await predictFrame(this.#oracle, question, link, BROADCAST, payload)) {
      const { place } = arrival.link;
      const silent =
        arrival.link.noArp ||
        ["all", arrival.link.name].some(
          (name) => Number(place.sysctl(`ipv4/conf/${name}/arp_ignore`) ?? 0) >= 3,
        );
      const asked = arrival.link === owner && !silent;
      const to = asked ? "ARP, which answers" : "ARP, which is not asked or does not answer";
      add(arrival.node, { kind: "deliver", netns: place.netns.inode, to });
      if (asked) answered = arrival.link.mac;
    }
    return answered;
  }

  async deliver(
    node: OpenNode,
    place: PlaceState,
    packet: Packet,
    came: LinkState | undefined,
  ): Promise<void> {
    const netns = place.netns.inode;
    const v4 = packet.destination.length === 4;
    if (packet.reply) {
      add(node, { kind: "deliver", netns, to: "who asked" });
      return;
    }
    const ignores = place.sysctl(v4 ? "ipv4/icmp_echo_ignore_all" : "ipv6/icmp/echo_ignore_all") === "1";
    const first = came ?? place.links.find(({ loopback }) => loopback);
    if (ignores && first !== undefined) {
      addDrop(node, first, "ICMP_IGNORED");
      return;
    }
    add(node, { kind: "deliver", netns, to: v4 ? "ICMP" : "ICMPv6" });
    const answer = addChild(node, "answer");
    const { source, destination, size } = packet;
    await this.originate(answer, place, {
      source: destination,
      destination: source,
      size,
      reply: true,
      ttl: TTL,
    });
  }

  async originate(node: OpenNode, place: PlaceState, packet: Packet): Promise<void> {
    const { source, destination, size, reply } = packet;
    add(node, {
      kind: "originate",
      netns: place.netns.inode,
      by: "raw socket",
      bytes: echo(source, destination, reply),
      length: size,
      protocol: source.length === 4 ? EtherType.IPV4 : EtherType.IPV6,
    });
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
  const size = data + ICMP_HEADER + (destination.length === 4 ? IPV4_HEADER : IPV6_HEADER);
  const node = rootNode();
  await new Prediction(state, new SwitchOracle(process, state)).originate(node, place, {
    source,
    destination,
    size,
    reply: false,
    ttl: TTL,
  });
  return node;
}
