// The messages of neighbour discovery that this host sends (RFC 4861, 4; ndisc_send_* in net/ipv6/ndisc.c).

import { IFA_F } from "../../netlink/rtnl/address.ts";
import { IPV6_ALL_ROUTERS, IPV6_ANY } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { NdOption } from "../../wire/ndisc-options.ts";
import type { NdMessage } from "../../wire/ndisc.ts";
import type { Packet } from "../packet.ts";
import type { Inet6Device } from "./interface.ts";
import { sendNd } from "./link-send.ts";
import { selectSource } from "./source-selection.ts";

function ownLinkAddress(owner: Inet6Device, kind: "source-link-address" | "target-link-address"): NdOption[] {
  return owner.device.addressLength === 6 ? [{ kind, mac: owner.device.address }] : [];
}

/** ndisc_send_ns(): `source` undefined takes a link-local one; `nonce` empty leaves the option out (RFC 7527). */
export function sendSolicitation(
  owner: Inet6Device,
  target: Ipv6Address,
  destination: Ipv6Address,
  source: Ipv6Address | undefined,
  nonce?: Uint8Array,
  cause?: Packet,
): void {
  const from = source ?? owner.linkLocal(IFA_F.TENTATIVE | IFA_F.OPTIMISTIC)?.address;
  if (from === undefined) return;
  const options: NdOption[] = from === IPV6_ANY ? [] : ownLinkAddress(owner, "source-link-address");
  if (nonce !== undefined && nonce.length > 0) options.push({ kind: "nonce", nonce });
  sendNd(owner, from, destination, { kind: "neighbour-solicitation", target, options }, cause);
}

/** ndisc_send_na(). For an anycast or proxied target another own address is the source. */
export function sendAdvertisement(
  owner: Inet6Device,
  destination: Ipv6Address,
  target: Ipv6Address,
  flags: {
    /** Undefined: as the device forwards. */
    readonly router?: boolean;
    readonly solicited: boolean;
    readonly override: boolean;
    readonly includeAddress: boolean;
  },
  cause?: Packet,
): void {
  const own = owner.namespace.findAddress(target, owner.device);
  const source = own ? target : selectSource(owner.namespace, owner.device, destination);
  if (source === undefined) return;
  const include = flags.includeAddress || (own !== undefined && owner.configuration.force_tllao !== 0);
  const message: NdMessage = {
    kind: "neighbour-advertisement",
    router: flags.router ?? owner.configuration.forwarding !== 0,
    solicited: flags.solicited,
    override: flags.override && !(own?.has(IFA_F.OPTIMISTIC) ?? false),
    target,
    options: include ? ownLinkAddress(owner, "target-link-address") : [],
  };
  sendNd(owner, source, destination, message, cause);
}

/** ndisc_send_rs(): the own link address goes along unless the source may be somebody else's still (RFC 4429, 3.2). */
export function sendRouterSolicitation(owner: Inet6Device, source: Ipv6Address): void {
  const own = owner.namespace.findAddress(source, owner.device);
  const include = own !== undefined && !own.has(IFA_F.OPTIMISTIC);
  sendNd(owner, source, IPV6_ALL_ROUTERS, {
    kind: "router-solicitation",
    options: include ? ownLinkAddress(owner, "source-link-address") : [],
  });
}
