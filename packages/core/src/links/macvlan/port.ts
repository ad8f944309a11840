// What a device has to keep for the macvlans above it (struct macvlan_port in drivers/net/macvlan.c): the list of them,
// those that listen by address, and the sources of those in source mode.

import { changeAddress } from "../../kernel/device-state.ts";
import type { NetDevice, RxHandler } from "../../kernel/device.ts";
import type { FeatureSet } from "../../kernel/ethtool/features.ts";
import { featureState } from "../../kernel/ethtool/features.ts";
import { Slot } from "../../kernel/slot.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { MacvlanDevice } from "./device.ts";

const ports = new Slot<MacvlanPort>();

export function portOf(lower: NetDevice): MacvlanPort | undefined {
  return ports.of(lower);
}

const GOLDEN_RATIO_64 = 0x61c8_8646_80b5_83ebn;

/** macvlan_eth_hash(), as it comes out on a little-endian machine: which of 256 buckets an address is in. */
function bucketOf(address: number): number {
  let value = 0n;
  for (let left = BigInt(address), byte = 0; byte < 6; byte++, left >>= 8n)
    value = (value << 8n) | (left & 255n);
  return Number(BigInt.asUintN(64, (value << 16n) * GOLDEN_RATIO_64) >> 56n);
}

/** Something that is found by its address, and walked by bucket. */
interface Hashed {
  readonly address: number;
  readonly bucket: number;
  readonly device: MacvlanDevice;
}

/** Buckets ascending; what came last is first in its bucket (hlist_add_head_rcu). */
function insert(list: Hashed[], address: number, device: MacvlanDevice): void {
  const bucket = bucketOf(address);
  let at = 0;
  while (at < list.length && (list[at] as Hashed).bucket < bucket) at++;
  list.splice(at, 0, { address, bucket, device });
}

export class MacvlanPort {
  readonly lower: NetDevice;
  /** In order of creation. */
  readonly devices: MacvlanDevice[] = [];
  /** Registered devices; the port goes with the last. */
  count = 0;
  /** It has one device, which gets everything. */
  passthru = false;
  /** Address that the lower device gets back from a passthru device. */
  permanentAddress: number;
  /** A passthru device is changing the lower device's address. */
  changingAddress = false;
  /** Largest queue that one of the devices wants. */
  queueLength = 0;
  /** Offloads of the lower device when it was last looked at. */
  lowerFeatures: FeatureSet;
  /** The devices that are up. */
  readonly #byAddress = new Map<number, MacvlanDevice>();
  readonly #listening: Hashed[] = [];
  readonly #sources: Hashed[] = [];

  private constructor(lower: NetDevice) {
    this.lower = lower;
    this.permanentAddress = lower.address;
    this.lowerFeatures = featureState(lower).active;
  }

  /** macvlan_port_create(). Errors: EBUSY if something else takes what the device receives. */
  static create(lower: NetDevice, handler: (port: MacvlanPort) => RxHandler): MacvlanPort {
    if (lower.rxHandler) throw new Refusal(ERRNO.EBUSY);
    const port = new MacvlanPort(lower);
    lower.rxHandler = handler(port);
    ports.set(lower, port);
    return port;
  }

  /** macvlan_port_destroy() */
  destroy(): void {
    const { lower } = this;
    lower.rxHandler = undefined;
    ports.set(lower, undefined);
    if (this.passthru && lower.address !== this.permanentAddress) changeAddress(lower, this.permanentAddress);
  }

  /** update_port_bc_queue_len() */
  updateQueueLength(): void {
    this.queueLength = this.devices.reduce((most, device) => Math.max(most, device.queueLength), 0);
  }

  /** The device that is up with this address (macvlan_hash_lookup). */
  find(address: number): MacvlanDevice | undefined {
    return this.#byAddress.get(address);
  }

  /** The devices that are up, in the order in which frames to many are handed out. */
  get listening(): readonly { readonly device: MacvlanDevice }[] {
    return this.#listening;
  }

  listen(device: MacvlanDevice): void {
    this.#byAddress.set(device.address, device);
    insert(this.#listening, device.address, device);
  }

  unlisten(device: MacvlanDevice): void {
    const at = this.#listening.findIndex((each) => each.device === device);
    if (at >= 0) this.#listening.splice(at, 1);
    if (this.#byAddress.get(device.address) === device) this.#byAddress.delete(device.address);
  }

  /** macvlan_addr_busy() */
  isBusy(address: number): boolean {
    if (!this.passthru && !this.changingAddress && this.lower.address === address) return true;
    return this.#byAddress.has(address);
  }

  // ---- source mode

  /** Whose source mode entries there are, in the kernel's order. */
  get sources(): readonly { readonly address: number; readonly device: MacvlanDevice }[] {
    return this.#sources;
  }

  /** macvlan_hash_add_source() */
  addSource(device: MacvlanDevice, address: number): void {
    if (this.#sources.some((each) => each.address === address && each.device === device)) return;
    insert(this.#sources, address, device);
  }

  removeSource(device: MacvlanDevice, address: number): void {
    const at = this.#sources.findIndex((each) => each.address === address && each.device === device);
    if (at >= 0) this.#sources.splice(at, 1);
  }

  /** macvlan_flush_sources() */
  flushSources(device: MacvlanDevice): void {
    for (let at = this.#sources.length - 1; at >= 0; at--) {
      if (this.#sources[at]?.device === device) this.#sources.splice(at, 1);
    }
  }

  sourcesOf(device: MacvlanDevice): number[] {
    return this.#sources.filter((each) => each.device === device).map(({ address }) => address);
  }
}
