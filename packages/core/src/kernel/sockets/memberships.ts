// Groups that a socket has joined: each is joined on one device and left when the socket is closed (ip_mc_join_group,
// ipv6_sock_mc_join). What the host does about a group is with IPv4's and IPv6's multicast.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isMulticastIpv4 } from "../../wire/ipv4-address.ts";
import { isMulticastIpv6 } from "../../wire/ipv6-address.ts";
import type { NetDevice } from "../device.ts";
import { inetDevice } from "../ipv4/in-device.ts";
import { joinGroup as joinIpv4, leaveGroup as leaveIpv4 } from "../ipv4/igmp.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import { routeOutput as routeIpv4 } from "../ipv4/route-output.ts";
import { inet6Device, inet6Netns } from "../ipv6/interface.ts";
import { joinGroup as joinIpv6, leaveGroup as leaveIpv6 } from "../ipv6/mcast.ts";
import { routeOutput as routeIpv6 } from "../ipv6/route-lookup.ts";
import type { Netns } from "../netns.ts";
import type { IpAddress } from "./ip-address.ts";

interface Membership {
  readonly group: IpAddress;
  readonly device: NetDevice;
}

export class Memberships {
  readonly #netns: Netns;
  #joined: Membership[] = [];

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** Errors: EINVAL (no group), ENODEV, EADDRINUSE, ENOBUFS (igmp_max_memberships). */
  join(group: IpAddress, ifindex: number): void {
    if (!isGroup(group)) throw new Refusal(ERRNO.EINVAL);
    const device = this.#deviceFor(group, ifindex);
    if (device === undefined) throw new Refusal(ERRNO.ENODEV);
    if (this.#joined.some((one) => one.group === group && one.device === device)) {
      throw new Refusal(ERRNO.EADDRINUSE);
    }
    if (typeof group === "number") {
      const inDevice = inetDevice.of(device);
      if (inDevice === undefined) throw new Refusal(ERRNO.ENODEV);
      const count = this.#joined.filter((one) => typeof one.group === "number").length;
      if (count >= ipv4Of(this.#netns).settings.igmpMaxMemberships) throw new Refusal(ERRNO.ENOBUFS);
      joinIpv4(inDevice, group);
    } else {
      const owner = inet6Device.of(device);
      if (owner === undefined) throw new Refusal(ERRNO.ENODEV);
      joinIpv6(owner, group);
    }
    this.#joined.push({ group, device });
  }

  /** Errors: EADDRNOTAVAIL if the socket has not joined it. */
  leave(group: IpAddress, ifindex: number): void {
    const index = this.#joined.findIndex(
      (one) => one.group === group && (ifindex === 0 || one.device.ifindex === ifindex),
    );
    const [membership] = index < 0 ? [] : this.#joined.splice(index, 1);
    if (membership === undefined) throw new Refusal(ERRNO.EADDRNOTAVAIL);
    leave(membership);
  }

  leaveAll(): void {
    for (const membership of this.#joined) leave(membership);
    this.#joined = [];
  }

  /** Without a device, the one that a packet to the group would leave by. */
  #deviceFor(group: IpAddress, ifindex: number): NetDevice | undefined {
    if (ifindex !== 0) return this.#netns.deviceByIndex(ifindex);
    if (typeof group === "number") {
      const route = routeIpv4(ipv4Of(this.#netns), { destination: group });
      return typeof route === "number" ? undefined : route.device;
    }
    const route = routeIpv6(inet6Netns.require(this.#netns), { destination: group });
    return route.error === 0 ? route.device : undefined;
  }
}

function isGroup(address: IpAddress): boolean {
  return typeof address === "number" ? isMulticastIpv4(address) : isMulticastIpv6(address);
}

function leave({ group, device }: Membership): void {
  if (!device.registered) return;
  if (typeof group === "number") {
    const inDevice = inetDevice.of(device);
    if (inDevice) leaveIpv4(inDevice, group);
  } else {
    const owner = inet6Device.of(device);
    if (owner) leaveIpv6(owner, group);
  }
}
