// Neighbour discovery messages that came in (RFC 4861, 7.2; ndisc_rcv in net/ipv6/ndisc.c). Router advertisements and redirects have
// modules of their own.

import { IFA_F } from "../../netlink/rtnl/address.ts";
import { readU8 } from "../../wire/bytes.ts";
import {
  IPV6_ALL_NODES,
  IPV6_ANY,
  ipv6Group,
  isMulticastIpv6,
  solicitedNodeMulticast,
} from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { ipv6Destination, ipv6HopLimit, ipv6Source } from "../../wire/ipv6.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { NdOption } from "../../wire/ndisc-options.ts";
import { decodeNd, ND_HOP_LIMIT } from "../../wire/ndisc.ts";
import type { NdMessage } from "../../wire/ndisc.ts";
import { NTF, NUD } from "../../netlink/rtnl/neighbour.ts";
import { UPDATE } from "../neighbour/state.ts";
import type { Packet } from "../packet.ts";
import { PACKET_HOST, PACKET_LOOPBACK } from "../packet.ts";
import { dadFailed } from "./dad.ts";
import { inet6Device } from "./interface.ts";
import type { Inet6Device, Inet6Netns } from "./interface.ts";
import { isAnycast } from "./mcast.ts";
import { linkAddress } from "./nd-packet.ts";
import type { NdPacket } from "./nd-packet.ts";
import { sendAdvertisement } from "./ndisc-send.ts";
import { receiveRedirect } from "./redirect.ts";
import { dropRoutersVia, receiveRouterAdvertisement } from "./router-advertisement.ts";

/** ndisc_rcv(): `packet.start` is at the ICMPv6 header, whose checksum is right. Ends the packet. */
export function receiveNd(packet: Packet, namespace: Inet6Netns): void {
  const { bytes, device, end, network, start } = packet;
  const { kernel } = namespace;
  if (ipv6HopLimit(bytes, network) !== ND_HOP_LIMIT) {
    kernel.drop(packet, "IPV6_NDISC_HOP_LIMIT", device.name);
    return;
  }
  if (readU8(bytes, start + 1) !== 0) {
    kernel.drop(packet, "IPV6_NDISC_BAD_CODE", device.name);
    return;
  }
  const message = decodeNd(bytes, start, end);
  if (isMalformed(message)) {
    kernel.drop(
      packet,
      message.reason === "truncated" ? "PKT_TOO_SMALL" : "IPV6_NDISC_BAD_OPTIONS",
      device.name,
    );
    return;
  }
  const owner = inet6Device.of(device);
  if (!owner) {
    kernel.drop(packet, "IPV6DISABLED", device.name);
    return;
  }
  const source = ipv6Source(bytes, network);
  dispatch({ owner, packet, source, destination: ipv6Destination(bytes, network) }, message);
}

function dispatch(nd: NdPacket, message: NdMessage): void {
  switch (message.kind) {
    case "neighbour-solicitation":
      receiveSolicitation(nd, message, false);
      return;
    case "neighbour-advertisement":
      receiveAdvertisement(nd, message);
      return;
    case "router-solicitation":
      receiveRouterSolicitation(nd, message);
      return;
    case "router-advertisement":
      receiveRouterAdvertisement(nd, message);
      return;
    case "redirect":
      receiveRedirect(nd, message);
      return;
    default: {
      const never: never = message;
      return never;
    }
  }
}

function nonceOf(options: readonly NdOption[]): Uint8Array | undefined {
  for (const option of options) if (option.kind === "nonce" && option.nonce.length === 6) return option.nonce;
  return undefined;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function drop(nd: NdPacket): void {
  nd.owner.device.kernel.drop(nd.packet, "NOT_SPECIFIED", nd.owner.device.name);
}

function isSolicitedNode(address: Ipv6Address): boolean {
  return ipv6Group(address, 0) === 0xff02 && solicitedNodeMulticast(address) === address;
}

type Solicitation = Extract<NdMessage, { kind: "neighbour-solicitation" }>;

/** ndisc_recv_ns(). `delayed`: it waited for its turn already, as questions for proxied addresses do. */
function receiveSolicitation(nd: NdPacket, message: Solicitation, delayed: boolean): void {
  const { owner, packet, source, destination } = nd;
  const { target, options } = message;
  const { device, namespace } = owner;
  const dad = source === IPV6_ANY;
  const lladdr = linkAddress(options, "source-link-address");
  // RFC 4861, 7.1.1
  if (isMulticastIpv6(target) || (dad && (!isSolicitedNode(destination) || lladdr !== undefined))) {
    drop(nd);
    return;
  }
  const multicast = isMulticastIpv6(destination);
  const own = namespace.findAddress(target, device);
  let router = owner.configuration.forwarding !== 0;
  if (own) {
    if (own.has(IFA_F.TENTATIVE | IFA_F.OPTIMISTIC)) {
      if (dad) {
        const nonce = nonceOf(options);
        // RFC 7527: one's own solicitation that came back is no conflict
        if (nonce === undefined || !equal(nonce, own.dadNonce)) dadFailed(own);
        return;
      }
      if (!own.has(IFA_F.OPTIMISTIC)) {
        drop(nd);
        return;
      }
    }
  } else {
    const proxy = proxyFor(owner, target);
    if (!isAnycast(owner, target) && proxy === undefined) {
      device.kernel.drop(packet, "IPV6_NDISC_NS_OTHERHOST", device.name);
      return;
    }
    if (proxy !== undefined) router = (proxy & NTF.ROUTER) !== 0;
    const { neighbourParameters: parameters } = owner;
    if (!delayed && packet.packetType !== PACKET_HOST && multicast && parameters.proxyDelay !== 0) {
      namespace.stack.neighbours.answerLater(parameters, packet);
      return;
    }
  }
  if (dad) {
    const flags = { router, solicited: false, override: own !== undefined, includeAddress: true };
    sendAdvertisement(owner, IPV6_ALL_NODES, target, flags, packet);
    return;
  }
  answer(nd, target, lladdr, { router, own: own !== undefined, multicast });
}

/** The flags of the proxy entry for an address; undefined if it is not proxied. */
function proxyFor(owner: Inet6Device, target: Ipv6Address): number | undefined {
  const { configuration, device, namespace } = owner;
  if (!configuration.forwarding || !(namespace.all.proxy_ndp || configuration.proxy_ndp)) return undefined;
  return namespace.stack.neighbours.findProxy(namespace.netns, target, device)?.flags;
}

/** Learns the asker's link address and answers. */
function answer(
  nd: NdPacket,
  target: Ipv6Address,
  lladdr: number | undefined,
  about: { readonly router: boolean; readonly own: boolean; readonly multicast: boolean },
): void {
  const { owner, source } = nd;
  const { device, namespace } = owner;
  const { neighbours } = namespace.stack;
  if (about.multicast) neighbours.statistics.receivedMulticastProbes++;
  else neighbours.statistics.receivedUnicastProbes++;
  const create = !about.multicast || lladdr !== undefined || device.addressLength === 0;
  const neighbour = create ? neighbours.get(device, source) : neighbours.find(device, source);
  neighbour?.update(lladdr, NUD.STALE, UPDATE.WEAK_OVERRIDE | UPDATE.OVERRIDE);
  if (neighbour === undefined) {
    drop(nd);
    return;
  }
  const flags = {
    router: about.router,
    solicited: true,
    override: about.own && about.multicast,
    includeAddress: about.multicast,
  };
  sendAdvertisement(owner, source, target, flags, nd.packet);
}

type Advertisement = Extract<NdMessage, { kind: "neighbour-advertisement" }>;

/** ndisc_recv_na() */
function receiveAdvertisement(nd: NdPacket, message: Advertisement): void {
  const { owner, packet, source, destination } = nd;
  const { target, solicited, override, router } = message;
  const { configuration, device, namespace } = owner;
  const { neighbours } = namespace.stack;
  const refused =
    isMulticastIpv6(target) ||
    (isMulticastIpv6(destination) && solicited) ||
    (!solicited && configuration.drop_unsolicited_na !== 0);
  if (refused) {
    drop(nd);
    return;
  }
  const own = namespace.findAddress(target, device);
  if (own) {
    if (packet.packetType !== PACKET_LOOPBACK && own.has(IFA_F.TENTATIVE)) dadFailed(own);
    return;
  }
  const lladdr = linkAddress(message.options, "target-link-address");
  let state: number = solicited ? NUD.REACHABLE : NUD.STALE;
  let neighbour = neighbours.find(device, target);
  // RFC 9131: routers may learn from advertisements that they did not ask for
  if (!neighbour && lladdr !== undefined && configuration.forwarding && acceptsUntracked(owner, source)) {
    neighbour = neighbours.get(device, target);
    state = NUD.STALE;
  }
  if (!neighbour || (neighbour.state & NUD.FAILED) !== 0) {
    drop(nd);
    return;
  }
  const proxying = namespace.all.forwarding !== 0 && namespace.all.proxy_ndp !== 0;
  if (lladdr === device.address && proxying && neighbours.findProxy(namespace.netns, target, device)) return;
  const wasRouter = (neighbour.flags & NTF.ROUTER) !== 0;
  neighbour.update(
    lladdr,
    state,
    UPDATE.WEAK_OVERRIDE |
      (override ? UPDATE.OVERRIDE : 0) |
      UPDATE.OVERRIDE_ISROUTER |
      (router ? UPDATE.ISROUTER : 0),
  );
  if (wasRouter && (neighbour.flags & NTF.ROUTER) === 0) dropRoutersVia(namespace, source);
}

/** accept_untracked_na(): 1 from anybody, 2 from a source in a prefix of the device. */
function acceptsUntracked(owner: Inet6Device, source: Ipv6Address): boolean {
  switch (owner.configuration.accept_untracked_na) {
    case 1:
      return true;
    case 2:
      return owner.addresses.some(
        ({ address, prefixLength }) => prefixLength === 64 && address.slice(0, 4) === source.slice(0, 4),
      );
    default:
      return false;
  }
}

/** ndisc_recv_rs(): routers learn who asks; answering is left to a daemon. */
function receiveRouterSolicitation(
  nd: NdPacket,
  message: Extract<NdMessage, { kind: "router-solicitation" }>,
): void {
  const { owner, source } = nd;
  if (!owner.configuration.forwarding || source === IPV6_ANY) {
    drop(nd);
    return;
  }
  const neighbour = owner.namespace.stack.neighbours.get(owner.device, source);
  neighbour?.update(
    linkAddress(message.options, "source-link-address"),
    NUD.STALE,
    UPDATE.WEAK_OVERRIDE | UPDATE.OVERRIDE | UPDATE.OVERRIDE_ISROUTER,
  );
}

/** A question for a proxied address whose random delay is over (pndisc_redo). */
export function answerDelayed(packet: Packet): void {
  const { bytes, device, end, network, start } = packet;
  const owner = inet6Device.of(device);
  const message = decodeNd(bytes, start, end);
  if (!owner || isMalformed(message) || message.kind !== "neighbour-solicitation") {
    device.kernel.drop(packet, "IPV6DISABLED", device.name);
    return;
  }
  const source = ipv6Source(bytes, network);
  receiveSolicitation({ owner, packet, source, destination: ipv6Destination(bytes, network) }, message, true);
}
