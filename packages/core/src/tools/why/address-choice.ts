// Which of its addresses an IPv6 host sends from (RFC 6724, 5, as far as scope and prefix decide).

import { IFA_F } from "../../netlink/rtnl/address.ts";
import { covers, isLinkLocal, samePrefix } from "./network-state.ts";
import type { AddressState, LinkState } from "./network-state.ts";

/** ff02::/16 and nearer. */
function isLocalGroup(address: Uint8Array): boolean {
  return address[0] === 0xff && ((address[1] ?? 0) & 0xf) <= 2;
}

const UNSURE = IFA_F.TENTATIVE | IFA_F.DADFAILED;

/** An address of a device to send from: of the destination's scope, with as much of its prefix as there is. */
export function sourceOn(link: LinkState, destination: Uint8Array): Uint8Array | undefined {
  const usable = link.place.addresses.filter(
    (one) => one.link === link && one.family === "inet6" && (one.flags & UNSURE) === 0,
  );
  const local = isLinkLocal(destination) || isLocalGroup(destination);
  const shared = ({ bytes }: AddressState): number => {
    let bits = 0;
    while (bits < 128 && samePrefix(bytes, destination, bits + 1)) bits++;
    return bits;
  };
  const [best] = usable
    .filter(({ bytes }) => isLinkLocal(bytes) === local)
    .sort((a, b) => Number(covers(b, destination)) - Number(covers(a, destination)) || shared(b) - shared(a));
  return (best ?? usable[0])?.bytes;
}
