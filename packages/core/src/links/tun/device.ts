// TUN and TAP (drivers/net/tun.c): a device whose cable is a program. What is sent on it waits in the queue of an open
// file; what the program writes has come in.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { Wakers } from "../../system/streams.ts";
import { TUN_FLAGS } from "../../system/tun.ts";
import type { TunFile, TunRequest } from "../../system/tun.ts";
import { readU16BE, writeU16BE } from "../../wire/bytes.ts";
import { AddressList } from "../../kernel/address-list.ts";
import { registerDevice, unregisterDevices } from "../../kernel/device-register.ts";
import { carrierOff, carrierOn } from "../../kernel/device-state.ts";
import { IFF, NetDevice } from "../../kernel/device.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import type { Netns } from "../../kernel/netns.ts";
import { Packet, PACKET_HOST } from "../../kernel/packet.ts";
import { devicesOf } from "../../kernel/modules/install.ts";
import { born } from "../../kernel/journey.ts";
import { netifRx } from "../../kernel/receive.ts";
import type { SysfsGroup } from "../../kernel/sysfs-attribute.ts";
import { insertTag } from "../../kernel/vlan-insert.ts";
import { defaultSettings, QUEUES, tunEthtool } from "./ethtool.ts";
import type { TunSettings } from "./ethtool.ts";
import { encodeTunData, TUN_TYPE } from "./netlink.ts";

const ARPHRD_NONE = 0xfffe;
const ETHERNET_HEADER = 14; // bytes
const LARGEST = 65535; // bytes, the whole frame
const TUN_QUEUE = 500; // packets
const PACKET_INFORMATION = 4; // bytes of struct tun_pi
const VNET_HEADER = 10; // bytes of struct virtio_net_hdr
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;

/** Bits that the device keeps; the others of a request are about the request. */
const KEPT =
  TUN_FLAGS.TUN |
  TUN_FLAGS.TAP |
  TUN_FLAGS.NO_PI |
  TUN_FLAGS.ONE_QUEUE |
  TUN_FLAGS.VNET_HDR |
  TUN_FLAGS.MULTI_QUEUE;

export class TunDevice extends NetDevice {
  /** Bits of TUN_FLAGS. */
  tunFlags: number;
  /** -1: nobody. */
  owner = -1;
  ownerGroup = -1;
  readonly files: AttachedFile[] = [];
  settings: TunSettings;

  constructor(kernel: Kernel, netns: Netns, name: string, flags: number) {
    const tap = (flags & TUN_FLAGS.TAP) !== 0;
    const queues = (flags & TUN_FLAGS.MULTI_QUEUE) === 0 ? 1 : QUEUES;
    super(
      kernel,
      netns,
      name,
      tunKind,
      { multicast: new AddressList(), unicast: new AddressList() },
      tap
        ? { maxMtu: LARGEST - ETHERNET_HEADER, noQueue: false, queues }
        : {
            hardwareType: ARPHRD_NONE,
            addressLength: 0,
            flags: IFF.POINTOPOINT | IFF.NOARP | IFF.MULTICAST,
            maxMtu: LARGEST,
            txQueueLength: TUN_QUEUE,
            noQueue: false,
            broadcast: 0,
            queues,
          },
    );
    this.tunFlags = flags;
    this.settings = defaultSettings(kernel.profile);
    if (!tap) return;
    this.address = kernel.random.mac();
    this.addressAssignType = 1;
  }

  get tap(): boolean {
    return (this.tunFlags & TUN_FLAGS.TAP) !== 0;
  }

  /** One of the files takes it, by the order of attaching: flows are not told apart. */
  transmit(packet: Packet): void {
    const [file] = this.files;
    if (file === undefined || file.full) {
      this.statistics.txDropped++;
      this.kernel.drop(packet, file === undefined ? "DEV_READY" : "FULL_RING", this.name);
      return;
    }
    if (packet.vlanTci >= 0) insertTag(packet);
    this.statistics.txPackets++;
    this.statistics.txBytes += packet.length;
    file.take(packet);
  }

  override changeCarrier(on: boolean): void {
    if (on && this.files.length === 0) throw new Refusal(ERRNO.EPERM);
    if (on) carrierOn(this);
    else carrierOff(this);
  }

  override get ethtool(): EthtoolOperations {
    return tunEthtool(this);
  }

  override sysfsGroups(): readonly SysfsGroup[] {
    return [TUN_ATTRIBUTES];
  }

  override beforeUnregister(): void {
    for (const file of this.files.splice(0)) file.deviceGone();
  }
}

function ofTun(read: (device: TunDevice) => string): (device: NetDevice) => string {
  return (device) => (device instanceof TunDevice ? `${read(device)}\n` : "");
}

const TUN_ATTRIBUTES: SysfsGroup = {
  name: "",
  attributes: [
    { name: "tun_flags", mode: 0o444, read: ofTun(({ tunFlags }) => `0x${tunFlags.toString(16)}`) },
    { name: "owner", mode: 0o444, read: ofTun(({ owner }) => String(owner)) },
    { name: "group", mode: 0o444, read: ofTun(({ ownerGroup }) => String(ownerGroup)) },
  ],
};

/** One queue of a device (struct tun_file). */
class AttachedFile implements TunFile {
  readonly #device: TunDevice;
  readonly #settle: () => void;
  readonly #queue: Uint8Array[] = [];
  readonly #wakers = new Wakers();
  #gone = false;
  #closed = false;

  constructor(device: TunDevice, settle: () => void) {
    this.#device = device;
    this.#settle = settle;
  }

  get name(): string {
    return this.#device.name;
  }

  get full(): boolean {
    return this.#queue.length >= this.#device.txQueueLength;
  }

  #has(flag: number): boolean {
    return (this.#device.tunFlags & flag) !== 0;
  }

  #headerLength(): number {
    return (
      (this.#has(TUN_FLAGS.NO_PI) ? 0 : PACKET_INFORMATION) +
      (this.#has(TUN_FLAGS.VNET_HDR) ? VNET_HEADER : 0)
    );
  }

  take(packet: Packet): void {
    const header = this.#headerLength();
    const bytes = new Uint8Array(header + packet.length);
    if (!this.#has(TUN_FLAGS.NO_PI)) writeU16BE(bytes, 2, packet.protocol);
    bytes.set(packet.bytes.subarray(packet.start, packet.end), header);
    this.#queue.push(bytes);
    this.#wakers.wake();
  }

  get ready(): boolean {
    return this.#queue.length > 0 || this.#gone;
  }

  subscribe(wake: () => void): () => void {
    return this.#wakers.subscribe(wake);
  }

  #mustBeThere(): void {
    if (this.#gone || this.#closed) throw new Refusal(ERRNO.EBADFD);
  }

  read(): Uint8Array | undefined {
    this.#mustBeThere();
    return this.#queue.shift();
  }

  write(bytes: Uint8Array): void {
    this.#mustBeThere();
    const device = this.#device;
    if (!device.up) throw new Refusal(ERRNO.EIO);
    const header = this.#headerLength();
    const length = bytes.length - header;
    if (length < (device.tap ? ETHERNET_HEADER : 1)) throw new Refusal(ERRNO.EINVAL);
    const packet = Packet.copyOf(device, bytes.subarray(header));
    if (!device.tap) {
      packet.protocol = this.#has(TUN_FLAGS.NO_PI) ? protocolOf(bytes[header] ?? 0) : readU16BE(bytes, 2);
      packet.packetType = PACKET_HOST;
      packet.network = packet.start;
      if (packet.protocol === 0) {
        device.statistics.rxDropped++;
        throw new Refusal(ERRNO.EINVAL);
      }
    }
    if (device.kernel.trace !== undefined) born(packet, "program", device.tap ? 0 : packet.protocol);
    if (netifRx(packet, device)) {
      device.statistics.rxPackets++;
      device.statistics.rxBytes += length;
    }
    this.#settle();
  }

  setPersistent(on: boolean): void {
    this.#mustBeThere();
    if (on) this.#device.tunFlags |= TUN_FLAGS.PERSIST;
    else this.#device.tunFlags &= ~TUN_FLAGS.PERSIST;
  }

  setOwner(uid: number): void {
    this.#mustBeThere();
    this.#device.owner = uid;
  }

  setGroup(gid: number): void {
    this.#mustBeThere();
    this.#device.ownerGroup = gid;
  }

  deviceGone(): void {
    this.#gone = true;
    this.#queue.length = 0;
    this.#wakers.wake();
  }

  /** The last file of a device that is not persistent takes it along. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const device = this.#device;
    const at = device.files.indexOf(this);
    if (at < 0) return;
    device.files.splice(at, 1);
    if (device.files.length > 0) return;
    carrierOff(device);
    if (!this.#has(TUN_FLAGS.PERSIST)) unregisterDevices([device]);
    this.#settle();
  }
}

/** EtherType by the version in the first octet of an IP packet; 0 for anything else. */
function protocolOf(first: number): number {
  if (first >> 4 === 4) return ETHERTYPE_IPV4;
  return first >> 4 === 6 ? ETHERTYPE_IPV6 : 0;
}

/**
 * tun_set_iff(): attaches to the device with this name, or makes it. Errors: EINVAL for another kind of device or other
 * flags, EBUSY if it may only be made, or has its one queue in use.
 */
export function openTun(kernel: Kernel, netns: Netns, request: TunRequest, settle: () => void): TunFile {
  const { name, flags } = request;
  const tap = (flags & TUN_FLAGS.TAP) !== 0;
  if (!tap && (flags & TUN_FLAGS.TUN) === 0) throw new Refusal(ERRNO.EINVAL);
  const existing = netns.device(name);
  if (existing === undefined) {
    const pattern = name === "" ? (tap ? "tap%d" : "tun%d") : name;
    const made = new TunDevice(kernel, netns, pattern, flags & KEPT);
    made.nameAssignType = pattern.includes("%d") ? 1 : 3;
    registerDevice(made);
    return attach(made, settle);
  }
  if ((flags & TUN_FLAGS.EXCLUSIVE) !== 0) throw new Refusal(ERRNO.EBUSY);
  if (!(existing instanceof TunDevice) || existing.tap !== tap) throw new Refusal(ERRNO.EINVAL);
  const several = flags & TUN_FLAGS.MULTI_QUEUE;
  if (several !== (existing.tunFlags & TUN_FLAGS.MULTI_QUEUE)) throw new Refusal(ERRNO.EINVAL);
  if (existing.files.length >= (several === 0 ? 1 : QUEUES))
    throw new Refusal(several === 0 ? ERRNO.EBUSY : ERRNO.E2BIG);
  existing.tunFlags = (flags & KEPT) | (existing.tunFlags & TUN_FLAGS.PERSIST);
  return attach(existing, settle);
}

function attach(device: TunDevice, settle: () => void): TunFile {
  const file = new AttachedFile(device, settle);
  device.files.push(file);
  carrierOn(device);
  settle();
  return file;
}

export const tunKind: LinkKind = {
  kind: "tun",
  // devices are made by opening a file
  moduleAlias: "devname:net/tun",
  /** tun_validate(): for any request that names the kind. */
  validate() {
    throw new Refusal(ERRNO.EOPNOTSUPP, "tun/tap creation via rtnetlink is not supported.");
  },
  create() {
    throw new Refusal(ERRNO.EOPNOTSUPP);
  },
  remove: (device) => [device],
  install(kernel) {
    // each has an open file, or persists
    kernel.modules?.users.set("tun", () => devicesOf(kernel, ["tun"]).length);
  },
  fill(device) {
    if (!(device instanceof TunDevice)) return undefined;
    const { tunFlags, owner, ownerGroup, files } = device;
    const has = (flag: number): number => ((tunFlags & flag) === 0 ? 0 : 1);
    return encodeTunData({
      type: device.tap ? TUN_TYPE.TAP : TUN_TYPE.TUN,
      ...(owner === -1 ? {} : { owner }),
      ...(ownerGroup === -1 ? {} : { group: ownerGroup }),
      packetInformation: 1 - has(TUN_FLAGS.NO_PI),
      vnetHeader: has(TUN_FLAGS.VNET_HDR),
      persist: has(TUN_FLAGS.PERSIST),
      multiQueue: has(TUN_FLAGS.MULTI_QUEUE),
      ...(has(TUN_FLAGS.MULTI_QUEUE) ? { queues: files.length, disabledQueues: 0 } : {}),
    });
  },
};
