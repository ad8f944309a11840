// A small network for tests: namespaces, veth pairs between them, addresses, and what goes over the cables.

import { boot } from "../../boot.ts";
import { changeFlags } from "../../device-state.ts";
import type { NetDevice } from "../../device.ts";
import { IFF } from "../../device.ts";
import type { Kernel } from "../../kernel.ts";
import { layers } from "../../layers.ts";
import { NetlinkEndpoint } from "../../netlink/endpoint.ts";
import { dispatchRtnetlink } from "../../netlink/rtnetlink.ts";
import { createNetns } from "../../netns-life.ts";
import type { Netns } from "../../netns.ts";
import { profileOf } from "../../profile.ts";
import type { ProfileName } from "../../profile.ts";
import { linkKinds } from "../../../links/devices.ts";
import { encodeVethData } from "../../../links/veth/netlink.ts";
import type { NetlinkResult } from "../../../netlink/client.ts";
import { NetlinkClient } from "../../../netlink/client.ts";
import { NLM_F } from "../../../netlink/message.ts";
import type { AddressMessage } from "../../../netlink/rtnl/address.ts";
import { encodeAddress } from "../../../netlink/rtnl/address.ts";
import { RT_SCOPE, RT_TABLE, RTN, RTPROT } from "../../../netlink/rtnl/route-constants.ts";
import type { RouteMessage } from "../../../netlink/rtnl/route.ts";
import { encodeRoute } from "../../../netlink/rtnl/route.ts";
import { encodeLink } from "../../../netlink/rtnl/link.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { SECOND } from "../../../system/system.ts";
import { bytesToHex } from "../../../wire/hex.ts";
import { parseIpv4 } from "../../../wire/ipv4-address.ts";
import { ipv4Bytes } from "../address-message.ts";
import { ipv4Of } from "../namespace.ts";
import type { Ipv4Netns } from "../namespace.ts";

export function ip(text: string): number {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(`${text} is no IPv4 address`);
  return address;
}

/** Address bytes and prefix length of "10.0.0.1/24". */
export function prefix(text: string): { readonly bytes: Uint8Array; readonly length: number } {
  const [address = "", length = "32"] = text.split("/");
  return { bytes: ipv4Bytes(ip(address)), length: Number(length) };
}

const CREATE = NLM_F.CREATE | NLM_F.EXCL;

export class TestNetwork {
  readonly kernel: Kernel;
  readonly #clients = new Map<Netns, NetlinkClient>();

  constructor(profile: ProfileName = "linux-6.1") {
    this.kernel = boot({ profile: profileOf(profile), seed: 7, bootTime: 0 }, linkKinds, layers);
  }

  client(netns: Netns): NetlinkClient {
    let client = this.#clients.get(netns);
    if (client === undefined) {
      const endpoint = new NetlinkEndpoint(
        netns,
        0,
        1,
        (to, message) => dispatchRtnetlink(this.kernel, to, message),
        () => this.settle(),
      );
      endpoint.setOption("extAck", true);
      this.#clients.set(netns, (client = new NetlinkClient(endpoint)));
    }
    return client;
  }

  netns(): Netns {
    return createNetns(this.kernel);
  }

  inet(netns: Netns): Ipv4Netns {
    return ipv4Of(netns);
  }

  /** A veth pair; its MACs are 02:00:00:00:00:XX with the given last bytes. */
  cable(a: Netns, aName: string, aMac: number, b: Netns, bName: string, bMac: number): void {
    const mac = (last: number): Uint8Array => new Uint8Array([2, 0, 0, 0, 0, last]);
    const data = encodeVethData({ peer: { ifname: bName, address: mac(bMac), netNsFd: b.inode } });
    this.expectOk(
      this.client(a).request(
        RTM.NEWLINK,
        CREATE,
        encodeLink({ ifname: aName, address: mac(aMac), linkinfo: { kind: "veth", data } }),
      ),
    );
  }

  device(netns: Netns, name: string): NetDevice {
    const device = netns.device(name);
    if (device === undefined) throw new Error(`no device ${name}`);
    return device;
  }

  up(netns: Netns, name: string, on = true): void {
    const device = this.device(netns, name);
    changeFlags(device, on ? device.visibleFlags | IFF.UP : device.visibleFlags & ~IFF.UP);
    this.settle();
  }

  /** RTM_NEWADDR as `ip addr add` sends it. */
  addAddress(
    netns: Netns,
    name: string,
    text: string,
    more: Partial<AddressMessage> = {},
    flags = CREATE,
  ): NetlinkResult {
    const { bytes, length } = prefix(text);
    const index = this.device(netns, name).ifindex;
    const body = encodeAddress({
      family: AF.INET,
      prefixlen: length,
      index,
      local: bytes,
      address: bytes,
      ...more,
    });
    return this.client(netns).request(RTM.NEWADDR, flags, body);
  }

  deleteAddress(netns: Netns, name: string, text: string): NetlinkResult {
    const { bytes, length } = prefix(text);
    const index = this.device(netns, name).ifindex;
    const body = encodeAddress({ family: AF.INET, prefixlen: length, index, local: bytes, address: bytes });
    return this.client(netns).request(RTM.DELADDR, 0, body);
  }

  expectOk(result: NetlinkResult): void {
    if (!result.ok) throw new Error(`refused: ${JSON.stringify(result)}`);
  }

  /** Two namespaces with a cable, 10.0.0.1/24 and 10.0.0.2/24, both ends up. */
  static pair(profile: ProfileName = "linux-6.1"): { network: TestNetwork; a: Netns; b: Netns } {
    const network = new TestNetwork(profile);
    const a = network.netns();
    const b = network.netns();
    network.cable(a, "eth0", 0x0a, b, "eth0", 0x0b);
    network.expectOk(network.addAddress(a, "eth0", "10.0.0.1/24"));
    network.expectOk(network.addAddress(b, "eth0", "10.0.0.2/24"));
    for (const netns of [a, b]) {
      network.up(netns, "lo");
      network.up(netns, "eth0");
    }
    network.run(2);
    return { network, a, b };
  }

  /**
   * Two hosts with a router between them: c1 10.1.0.2 -- 10.1.0.1 r 10.2.0.1 -- 10.2.0.2 c2. The hosts' default routes point
   * to the router, which forwards.
   */
  static routed(profile: ProfileName = "linux-6.1"): {
    network: TestNetwork;
    c1: Netns;
    r: Netns;
    c2: Netns;
  } {
    const network = new TestNetwork(profile);
    const [c1, r, c2] = [network.netns(), network.netns(), network.netns()];
    network.cable(c1, "eth0", 0x11, r, "to1", 0x12);
    network.cable(r, "to2", 0x22, c2, "eth0", 0x21);
    for (const [netns, name, address] of [
      [c1, "eth0", "10.1.0.2/24"],
      [r, "to1", "10.1.0.1/24"],
      [r, "to2", "10.2.0.1/24"],
      [c2, "eth0", "10.2.0.2/24"],
    ] as const) {
      network.expectOk(network.addAddress(netns, name, address));
      network.up(netns, name);
    }
    for (const netns of [c1, r, c2]) network.up(netns, "lo");
    network.expectOk(network.addRoute(c1, { gateway: ipv4Bytes(ip("10.1.0.1")) }));
    network.expectOk(network.addRoute(c2, { gateway: ipv4Bytes(ip("10.2.0.1")) }));
    network.setting(r, "net/ipv4/ip_forward", "1");
    network.run(2);
    return { network, c1, r, c2 };
  }

  /** RTM_NEWROUTE as `ip route add` sends it. */
  addRoute(netns: Netns, route: Partial<RouteMessage>, flags = CREATE): NetlinkResult {
    const scope =
      route.gateway === undefined && route.multipath === undefined ? RT_SCOPE.LINK : RT_SCOPE.UNIVERSE;
    const standard = {
      family: AF.INET,
      table: RT_TABLE.MAIN,
      protocol: RTPROT.BOOT,
      scope,
      type: RTN.UNICAST,
    };
    return this.client(netns).request(RTM.NEWROUTE, flags, encodeRoute({ ...standard, ...route }));
  }

  /** Writes a value under /proc/sys. */
  setting(netns: Netns, path: string, text: string): void {
    for (const family of this.kernel.sysctlFamilies) {
      if (!path.startsWith(`${family.path}/`)) continue;
      const rest = path.slice(family.path.length + 1);
      const cut = rest.lastIndexOf("/");
      const value = family.value(netns, cut < 0 ? "" : rest.slice(0, cut), rest.slice(cut + 1));
      if (value?.write === undefined) continue;
      value.write(text);
      return;
    }
    throw new Error(`no ${path}`);
  }

  /** Notes every frame that `name` sends or receives. */
  capture(netns: Netns, name: string): { readonly hex: () => string[]; clear(): void } {
    const device = this.device(netns, name);
    const frames: string[] = [];
    netns.taps.add({
      protocol: 3,
      device,
      deliver: (packet) => void frames.push(bytesToHex(packet.bytes.slice(packet.start, packet.end))),
    });
    return { hex: () => frames, clear: () => void (frames.length = 0) };
  }

  /** Works off what is due now. */
  settle(): void {
    while (this.kernel.softirq.pending || this.#due()) {
      this.kernel.softirq.run();
      while (this.kernel.clock.fireDue());
    }
  }

  #due(): boolean {
    const next = this.kernel.clock.next();
    return next !== undefined && next <= this.kernel.clock.now;
  }

  /** Lets time pass. */
  run(seconds: number): void {
    const { clock } = this.kernel;
    const end = clock.now + seconds * SECOND;
    this.settle();
    for (let next = clock.next(); next !== undefined && next <= end; next = clock.next()) {
      clock.now = Math.max(clock.now, next);
      this.settle();
    }
    clock.now = Math.max(clock.now, end);
  }
}
