// Redirects (RFC 4861, 8): telling a host of a better first hop, and being told (ndisc_send_redirect, rt6_do_redirect).

import { IFA_F } from "../../netlink/rtnl/address.ts";
import {
  IPV6_ANY,
  ipv6FromGroups,
  isLinkLocalIpv6,
  isMulticastIpv6,
  readIpv6Address,
} from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import {
  IPV6_DESTINATION_OFFSET,
  IPV6_HEADER_LENGTH,
  IPV6_MIN_MTU,
  IPV6_SOURCE_OFFSET,
  ipv6Destination,
  ipv6Source,
} from "../../wire/ipv6.ts";
import type { NdOption } from "../../wire/ndisc-options.ts";
import type { NdRedirect } from "../../wire/ndisc.ts";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import { NUD_VALID, UPDATE } from "../neighbour/state.ts";
import type { Packet } from "../packet.ts";
import { localTableOf, mainTableOf } from "../l3mdev.ts";
import type { Route6 } from "./fib-route.ts";
import { takeFrom } from "./icmp-limit.ts";
import { inet6Device } from "./interface.ts";
import type { Inet6Netns } from "./interface.ts";
import { sendNd } from "./link-send.ts";
import { linkAddress } from "./nd-packet.ts";
import type { NdPacket } from "./nd-packet.ts";
import { learnFirstHop } from "./path-mtu.ts";
import { pathOf, routeOutput } from "./route-lookup.ts";

/** Bytes of a redirect before its options, and of the header of the option that quotes. */
const REDIRECT_LENGTH = 40;
const QUOTE_HEADER = 8;
const LINK_ADDRESS_OPTION = 8;

/** One redirect a second, with a burst, for each destination and each host that is told. */
function mayRedirect(namespace: Inet6Netns, address: Ipv6Address): boolean {
  return takeFrom(namespace, redirectKey(address), namespace.kernel.profile.hz);
}

/** Redirects have buckets of their own: the address with its first group turned over, which no address has. */
function redirectKey(address: Ipv6Address): Ipv6Address {
  const groups = Array.from({ length: 8 }, (_, index) => address.charCodeAt(index)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  groups[0] ^= 0xffff;
  return ipv6FromGroups(...groups);
}

/** ndisc_send_redirect(): `target` is where the sender of the packet should have sent it, on the same link. */
export function sendRedirect(namespace: Inet6Netns, packet: Packet, target: Ipv6Address): void {
  const { bytes, device, end, network } = packet;
  const owner = inet6Device.of(device);
  if (!owner) return;
  const destination = ipv6Destination(bytes, network);
  const sender = ipv6Source(bytes, network);
  const source = owner.linkLocal(IFA_F.TENTATIVE)?.address;
  if (source === undefined || (target !== destination && !isLinkLocalIpv6(target))) return;
  if (!mayRedirect(namespace, destination)) return;
  const back = routeOutput(namespace, { destination: sender, source, oif: device.ifindex });
  if (back.error !== 0 || back.gateway !== undefined || !mayRedirect(namespace, sender)) return;
  const options: NdOption[] = [];
  const neighbour = namespace.stack.neighbours.find(device, target);
  if (neighbour && (neighbour.state & NUD_VALID) !== 0) {
    options.push({ kind: "target-link-address", mac: neighbour.address });
  }
  const used = IPV6_HEADER_LENGTH + REDIRECT_LENGTH + LINK_ADDRESS_OPTION * options.length;
  const room = Math.min(IPV6_MIN_MTU - used, end - network + QUOTE_HEADER) & ~7;
  options.push({ kind: "redirected-header", original: bytes.slice(network, network + room - QUOTE_HEADER) });
  sendNd(owner, source, sender, { kind: "redirect", target, destination, options });
}

/** ndisc_redirect_rcv() and rt6_do_redirect() */
export function receiveRedirect(nd: NdPacket, message: NdRedirect): void {
  const { owner, packet, source } = nd;
  const { device, configuration, namespace } = owner;
  const { target, destination } = message;
  const onLink = target === destination;
  const refused =
    !isLinkLocalIpv6(source) ||
    isMulticastIpv6(destination) ||
    (!onLink && !isLinkLocalIpv6(target)) ||
    configuration.forwarding !== 0 ||
    !configuration.accept_redirects;
  const path = refused ? undefined : currentPath(namespace, nd, message);
  if (path === undefined) {
    device.kernel.drop(packet, "NOT_SPECIFIED", device.name);
    return;
  }
  const { neighbours } = namespace.stack;
  neighbours.find(device, source)?.confirm();
  const neighbour = neighbours.get(device, target);
  if (!neighbour) return;
  neighbour.update(
    linkAddress(message.options, "target-link-address"),
    NUD.STALE,
    UPDATE.WEAK_OVERRIDE | UPDATE.OVERRIDE | (onLink ? 0 : UPDATE.OVERRIDE_ISROUTER | UPDATE.ISROUTER),
  );
  learnFirstHop(namespace, path, destination, target);
}

/** ip6_route_redirect(): RFC 4861, 8.1: the redirect must come from the first hop that is in use. */
function currentPath(namespace: Inet6Netns, nd: NdPacket, message: NdRedirect): Route6 | undefined {
  const { owner, source: router } = nd;
  const { destination } = message;
  const from = quotedSource(message) ?? IPV6_ANY;
  for (const id of new Set([localTableOf(owner.device), mainTableOf(owner.device)])) {
    for (const node of namespace.tables.find(id)?.matches(destination) ?? []) {
      for (const route of node.routes) {
        if (route.device !== owner.device || route.rejects || route.isExpired(namespace.kernel.clock.now))
          continue;
        const path = pathOf(namespace, route, destination);
        if (path.gateway === router) return path;
      }
    }
  }
  const used = routeOutput(namespace, { destination, source: from, oif: owner.device.ifindex });
  return used.error === 0 && used.gateway === router ? used : undefined;
}

/** The source of the packet that the redirect is about. */
function quotedSource(message: NdRedirect): Ipv6Address | undefined {
  for (const option of message.options) {
    if (option.kind !== "redirected-header" || option.original.length < IPV6_HEADER_LENGTH) continue;
    const to = readIpv6Address(option.original, IPV6_DESTINATION_OFFSET);
    if (to === message.destination) return readIpv6Address(option.original, IPV6_SOURCE_OFFSET);
  }
  return undefined;
}
