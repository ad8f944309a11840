// An embedded system driven from outside by the messages and calls that `ip` makes, without the parsing of `ip`: what the
// measurements build their networks with.

import { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import type { HostLoop } from "@patchcord/core/kernel/driver.ts";
import { IFF } from "@patchcord/core/kernel/device.ts";
import type { NetDevice } from "@patchcord/core/kernel/device.ts";
import { encodeVethData } from "@patchcord/core/links/veth/netlink.ts";
import { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { NLM_F } from "@patchcord/core/netlink/message.ts";
import type { NetlinkMessage } from "@patchcord/core/netlink/message.ts";
import { encodeAddress } from "@patchcord/core/netlink/rtnl/address.ts";
import { decodeLink, encodeLink } from "@patchcord/core/netlink/rtnl/link.ts";
import { AF, RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import type { NetlinkSocket } from "@patchcord/core/system/sockets.ts";
import type { Credentials, System } from "@patchcord/core/system/system.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";

const CREATE = NLM_F.CREATE | NLM_F.EXCL;
const host: HostLoop = { turn: () => new Promise((resolve) => setImmediate(resolve)) };

/** One namespace as a process in it sees it, with a netlink socket. */
export class Place {
  readonly caller: Credentials;
  readonly socket: NetlinkSocket;
  readonly #client: NetlinkClient;
  readonly #system: System;

  constructor(system: System, caller: Credentials) {
    this.#system = system;
    this.caller = caller;
    this.socket = system.netlink(caller, 0);
    this.#client = new NetlinkClient(this.socket);
  }

  #ask(type: number, flags: number, body: Uint8Array): readonly NetlinkMessage[] {
    const result = this.#client.request(type, flags, body);
    if (!result.ok) throw new Error(`message ${type}: ${result.text} ${result.extack.message ?? ""}`);
    return result.messages;
  }

  addBridge(ifname: string): number {
    this.#ask(RTM.NEWLINK, CREATE, encodeLink({ ifname, linkinfo: { kind: "bridge" } }));
    this.setUp(ifname);
    return this.indexOf(ifname);
  }

  /** A veth pair with one end here and the other in `other`. */
  addCable(ifname: string, peer: string, other: Place): void {
    const netNsFd = this.socket.netnsDescriptor(other.caller.netns);
    const data = encodeVethData({ peer: { ifname: peer, netNsFd } });
    this.#ask(RTM.NEWLINK, CREATE, encodeLink({ ifname, linkinfo: { kind: "veth", data } }));
  }

  setUp(ifname: string, master?: number): void {
    const change = { ifname, flags: IFF.UP, change: IFF.UP };
    this.#ask(RTM.NEWLINK, 0, encodeLink(master === undefined ? change : { ...change, master }));
  }

  /** `address` as four bytes; /8 with its broadcast address, as `ip address add ADDRESS/8 brd +`. */
  addAddress(ifname: string, address: Uint8Array): void {
    const message = { family: AF.INET, prefixlen: 8, index: this.indexOf(ifname), local: address, address };
    this.#ask(RTM.NEWADDR, CREATE, encodeAddress(message));
  }

  /** RTM_GETLINK, as `ip` learns the index of a name. */
  indexOf(ifname: string): number {
    const [answer] = this.#ask(RTM.GETLINK, 0, encodeLink({ ifname }));
    const link = answer === undefined ? undefined : decodeLink(answer.body);
    if (link === undefined || isMalformed(link)) throw new Error(`no answer about ${ifname}`);
    return link.index;
  }

  disableIpv6(): void {
    const files = this.#system.files(this.caller);
    for (const place of ["all", "default"]) {
      files.writeFile(`/proc/sys/net/ipv6/conf/${place}/disable_ipv6`, new TextEncoder().encode("1"));
    }
  }
}

export class Lab {
  readonly system = new EmbeddedSystem({ host });
  readonly host: Place;

  constructor() {
    this.host = new Place(this.system, { pid: 1, cwd: "/", netns: this.system.initialNetns });
    this.system.files(this.host.caller).makeDirectory("/run/netns");
  }

  /** `ip netns add NAME`, and a place in it. */
  addNetns(name: string): Place {
    const path = `/run/netns/${name}`;
    const { system } = this;
    system.files(this.host.caller).writeFile(path, new Uint8Array(0));
    const netns = system.createNetns();
    system.mountNetns(path, netns);
    return new Place(system, { pid: 1, cwd: "/", netns });
  }

  /** The kernel's own object, for its counters and to put frames in. */
  device(place: Place, ifname: string): NetDevice {
    const device = this.system.kernel.netnses.get(place.caller.netns.inode)?.device(ifname);
    if (!device) throw new Error(`no device ${ifname}`);
    return device;
  }
}
