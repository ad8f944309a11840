// vxlan (drivers/net/vxlan/vxlan_core.c; RFC 7348): an Ethernet device whose frames travel in UDP datagrams to the remote ends
// that its forwarding database knows. Sending is in encapsulate.ts, receiving in decapsulate.ts, requests about the database in
// fdb-requests.ts.

import { AddressList } from "../../kernel/address-list.ts";
import type { NetDevice as Device } from "../../kernel/device.ts";
import { NetDevice } from "../../kernel/device.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import type { BridgeOperations } from "../../kernel/netlink/bridge-operations.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { Packet } from "../../kernel/packet.ts";
import type { IpAddress } from "../../kernel/sockets/ip-address.ts";
import { addressBytes } from "../../kernel/sockets/ip-address.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { NTF, NUD } from "../../netlink/rtnl/neighbour.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import type { Timer } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { isValidStationMac } from "../../wire/mac.ts";
import { VXLAN_OVERHEAD_V4, VXLAN_OVERHEAD_V6 } from "../../wire/vxlan.ts";
import type { VxlanConfig } from "./config.ts";
import { isGroup, VXLAN_F } from "./config.ts";
import { receiveTunnelled } from "./decapsulate.ts";
import { transmitFrame } from "./encapsulate.ts";
import { vxlanEthtool } from "./ethtool.ts";
import type { Remote } from "./fdb.ts";
import { ALL_ZEROS, FdbEntry, FdbTable } from "./fdb.ts";
import { fdbOperations, notifyFdb } from "./fdb-requests.ts";
import type { VxlanSocket } from "./sockets.ts";
import { joinSocket, leaveSocket, vxlanOf } from "./sockets.ts";

/** FDB_AGE_INTERVAL: how often old entries are looked for. */
const AGE_INTERVAL = 10 * SECOND;

export class VxlanDevice extends NetDevice {
  config: VxlanConfig;
  /** The namespace that it sends and listens in; it may have moved out of that. */
  readonly home: Netns;
  /** The device below; undefined if routing says. */
  lower: Device | undefined;
  readonly fdb = new FdbTable();
  readonly #fdbOperations: BridgeOperations;
  socket4: VxlanSocket | undefined = undefined;
  socket6: VxlanSocket | undefined = undefined;
  #ageTimer: Timer | undefined = undefined;

  constructor(
    kernel: Kernel,
    netns: Netns,
    name: string,
    kind: LinkKind,
    home: Netns,
    config: VxlanConfig,
    lower: Device | undefined,
  ) {
    const lists = { multicast: new AddressList(), unicast: new AddressList() };
    super(kernel, netns, name, kind, lists, lower === undefined ? {} : { tsoMaxSize: lower.tsoMaxSize });
    this.home = home;
    this.config = config;
    this.lower = lower;
    this.#fdbOperations = fdbOperations(this);
  }

  has(flag: number): boolean {
    return (this.config.flags & flag) !== 0;
  }

  /** Bytes of the headers around a frame (vxlan_headroom). */
  get overhead(): number {
    return this.has(VXLAN_F.IPV6) ? VXLAN_OVERHEAD_V6 : VXLAN_OVERHEAD_V4;
  }

  /** The VNI that entries are kept by: there are several only on devices without one of their own. */
  keyVni(vni: number): number {
    if (!this.has(VXLAN_F.COLLECT_METADATA)) return 0;
    return vni === 0 ? this.config.vni : vni;
  }

  // ---- net_device_ops

  transmit(packet: Packet): void {
    transmitFrame(this, packet);
  }

  /** vxlan_open() */
  override open(): void {
    const { config } = this;
    const external = this.has(VXLAN_F.COLLECT_METADATA);
    try {
      if (this.has(VXLAN_F.IPV6) || external) this.socket6 = joinSocket(this, "inet6", receiveTunnelled);
      if (!this.has(VXLAN_F.IPV6) || external) this.socket4 = joinSocket(this, "inet", receiveTunnelled);
      this.joinGroup();
    } catch (refusal) {
      this.#closeSockets();
      throw refusal;
    }
    if (config.ageing > 0) this.#scheduleAgeing();
  }

  /** vxlan_stop() */
  override stop(): void {
    this.leaveGroup();
    this.#ageTimer?.cancel();
    this.#ageTimer = undefined;
    this.flush(false);
    this.#closeSockets();
  }

  #closeSockets(): void {
    for (const socket of [this.socket4, this.socket6]) if (socket) leaveSocket(this, socket);
    this.socket4 = undefined;
    this.socket6 = undefined;
  }

  /** vxlan_igmp_join(): the default remote may be a group. Errors: ENODEV and what joining refuses with. */
  joinGroup(): void {
    this.#membership("IP_ADD_MEMBERSHIP", "IPV6_ADD_MEMBERSHIP", ERRNO.EADDRINUSE);
  }

  /** vxlan_igmp_leave(), unless another device that is up needs the group. */
  leaveGroup(): void {
    const { remote, link } = this.config;
    const needed = vxlanOf(this.home).devices.some(
      (other) =>
        other !== this &&
        other.running &&
        other.config.remote === remote &&
        other.config.link === link &&
        (other.socket4 === this.socket4 || other.socket6 === this.socket6),
    );
    if (!needed) this.#membership("IP_DROP_MEMBERSHIP", "IPV6_DROP_MEMBERSHIP", ERRNO.EADDRNOTAVAIL);
  }

  #membership(
    v4: "IP_ADD_MEMBERSHIP" | "IP_DROP_MEMBERSHIP",
    v6: "IPV6_ADD_MEMBERSHIP" | "IPV6_DROP_MEMBERSHIP",
    harmless: number,
  ): void {
    const { remote, link } = this.config;
    if (remote === undefined || !isGroup(remote)) return;
    const socket = (typeof remote === "number" ? this.socket4 : this.socket6)?.socket;
    const group = addressBytes(typeof remote === "number" ? "inet" : "inet6", remote);
    try {
      socket?.setOption(typeof remote === "number" ? v4 : v6, { group, ifindex: link });
    } catch (refusal) {
      if (!(refusal instanceof Refusal) || refusal.errno !== harmless) throw refusal;
    }
  }

  /** vxlan_uninit(): the entry for all that is unknown goes last. */
  override beforeUnregister(): void {
    const entry = this.fdb.find(ALL_ZEROS, this.keyVni(this.config.vni));
    if (entry) this.removeEntry(entry);
  }

  /** vxlan_change_mtu() */
  override changeMtu(mtu: number): void {
    if (this.lower !== undefined && mtu > this.lower.mtu - this.overhead) throw new Refusal(ERRNO.EINVAL);
    this.mtu = mtu;
  }

  override changeAddress(address: MacAddress): void {
    if (!isValidStationMac(address)) throw new Refusal(ERRNO.EADDRNOTAVAIL);
    this.address = address;
  }

  /** vxlan_get_link_net(): where the tunnel's packets travel, of which there is no iflink. */
  override get linkNetns(): Netns {
    return this.home;
  }

  override get bridgeOperations(): BridgeOperations {
    return this.#fdbOperations;
  }

  override get takesTunnelMetadata(): boolean {
    return this.has(VXLAN_F.COLLECT_METADATA);
  }

  override get ethtool(): EthtoolOperations {
    return vxlanEthtool;
  }

  /** A tag is in the bytes of what is carried. */
  override get vlanOffload(): boolean {
    return false;
  }

  // ---- the forwarding database

  get isFull(): boolean {
    return this.config.limit > 0 && this.fdb.size >= this.config.limit;
  }

  /** vxlan_fdb_create(), vxlan_fdb_insert(). Errors: ENOSPC. */
  addEntry(mac: MacAddress, vni: number, state: number, flags: number, remote: Remote): FdbEntry {
    if (this.isFull) throw new Refusal(ERRNO.ENOSPC);
    const entry = new FdbEntry(mac, this.keyVni(vni), state, flags, this.kernel.jiffies);
    entry.remotes.push(remote);
    this.fdb.add(entry);
    return entry;
  }

  /** vxlan_fdb_destroy() */
  removeEntry(entry: FdbEntry): void {
    this.fdb.remove(entry);
    for (const remote of entry.remotes) notifyFdb(this, entry, remote, RTM.DELNEIGH);
  }

  /** vxlan_flush(): what was learned, or everything; but not the entry for all that is unknown. */
  flush(everything: boolean): void {
    for (const entry of this.fdb.all()) {
      if (!everything && entry.isStatic) continue;
      if (entry.mac === ALL_ZEROS && entry.vni === this.keyVni(this.config.vni)) continue;
      this.removeEntry(entry);
    }
  }

  #scheduleAgeing(): void {
    this.#ageTimer = this.kernel.clock.after(AGE_INTERVAL, () => {
      this.#age();
      this.#scheduleAgeing();
    });
  }

  /** vxlan_cleanup() */
  #age(): void {
    const { jiffies, profile } = this.kernel;
    for (const entry of this.fdb.all()) {
      if (entry.isStatic || (entry.flags & NTF.EXT_LEARNED) !== 0) continue;
      if (entry.used + this.config.ageing * profile.hz > jiffies) continue;
      entry.state = NUD.STALE;
      this.removeEntry(entry);
    }
  }

  /**
   * vxlan_snoop(): `mac` is behind `from`. False if the frame is bogus and must be dropped.
   * `ifindex`: where it came in, which matters for link-local ends.
   */
  learn(mac: MacAddress, from: IpAddress, ifindex: number, vni: number): boolean {
    if (!isValidStationMac(mac)) return false;
    const { jiffies } = this.kernel;
    const entry = this.fdb.find(mac, this.keyVni(vni));
    const first = entry?.first;
    if (entry === undefined || first === undefined) {
      if (!this.running || this.isFull) return true;
      const { port, vni: own } = this.config;
      const remote = { address: from, port, vni: own, link: ifindex };
      const made = this.addEntry(mac, vni, NUD.REACHABLE, NTF.SELF, remote);
      notifyFdb(this, made, remote, RTM.NEWNEIGH);
      return true;
    }
    entry.used = jiffies;
    if (first.address === from && first.link === ifindex) return true;
    if (entry.isStatic) return false;
    first.address = from;
    entry.updated = jiffies;
    notifyFdb(this, entry, first, RTM.NEWNEIGH);
    return true;
  }
}
