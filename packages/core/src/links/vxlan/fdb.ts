// The forwarding database of a VXLAN device (struct vxlan_fdb): which remote ends an address is behind. Entries are learned from
// what comes in, or made by requests (fdb-requests.ts); one may have several remotes, which all get a copy.

import type { IpAddress } from "../../kernel/sockets/ip-address.ts";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import type { MacAddress } from "../../wire/mac.ts";

/** struct vxlan_rdst */
export interface Remote {
  /** Undefined: none, the address is on this host's side of a bridge. */
  address: IpAddress | undefined;
  port: number;
  vni: number;
  /** ifindex of the device that packets leave by; 0: routing says. */
  link: number;
}

/** Beside NTF.*: made by a request (NTF_VXLAN_ADDED_BY_USER, a flag that user space does not see). */
export const ADDED_BY_USER = 0x100;
/** The address of the entry for all that is unknown. */
export const ALL_ZEROS: MacAddress = 0;

const HASH_BITS = 8n;
/** GOLDEN_RATIO_64 of linux/hash.h. */
const GOLDEN_RATIO = 0x61c8_8646_80b5_83ebn;

/** eth_hash(): where Linux up to 6.15 keeps an address, which is the order of its dumps. The address is read as little-endian. */
function bucketOf(mac: MacAddress): number {
  let value = 0n;
  let rest = BigInt(mac);
  for (let byte = 0; byte < 6; byte++) {
    value = (value << 8n) | (rest & 0xffn);
    rest >>= 8n;
  }
  return Number(BigInt.asUintN(64, (value << 16n) * GOLDEN_RATIO) >> (64n - HASH_BITS));
}

export class FdbEntry {
  readonly mac: MacAddress;
  /** Source VNI; 0 on devices with one VNI. */
  readonly vni: number;
  /** NUD.* */
  state: number;
  /** NTF.*, ADDED_BY_USER */
  flags: number;
  readonly remotes: Remote[] = [];
  /** Jiffies. */
  used: number;
  updated: number;
  readonly bucket: number;

  constructor(mac: MacAddress, vni: number, state: number, flags: number, now: number) {
    this.mac = mac;
    this.vni = vni;
    this.state = state;
    this.flags = flags;
    this.used = now;
    this.updated = now;
    this.bucket = bucketOf(mac);
  }

  get first(): Remote | undefined {
    return this.remotes[0];
  }

  /** Never ages, and is not taken over by what is learned. */
  get isStatic(): boolean {
    return (this.state & (NUD.PERMANENT | NUD.NOARP)) !== 0;
  }

  /** vxlan_fdb_find_rdst() */
  find(remote: Remote): Remote | undefined {
    return this.remotes.find(
      ({ address, port, vni, link }) =>
        address === remote.address && port === remote.port && vni === remote.vni && link === remote.link,
    );
  }
}

export class FdbTable {
  /** By source VNI, then by address. */
  readonly #entries = new Map<number, Map<MacAddress, FdbEntry>>();
  size = 0;

  find(mac: MacAddress, vni: number): FdbEntry | undefined {
    return this.#entries.get(vni)?.get(mac);
  }

  add(entry: FdbEntry): void {
    let ofVni = this.#entries.get(entry.vni);
    if (ofVni === undefined) this.#entries.set(entry.vni, (ofVni = new Map()));
    ofVni.set(entry.mac, entry);
    this.size++;
  }

  remove(entry: FdbEntry): void {
    if (this.#entries.get(entry.vni)?.delete(entry.mac)) this.size--;
  }

  /** All entries, oldest first. */
  all(): FdbEntry[] {
    return [...this.#entries.values()].flatMap((ofVni) => [...ofVni.values()]);
  }
}
