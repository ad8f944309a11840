// All datapaths that a program can see by netlink, and making one (Open vSwitch's lib/dpif.c, dpif_netlink_open).

import type { Dpifs } from "../../dpctl/dpif.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import { OVS_CMD, OVS_DP_FEATURE, OVS_FAMILY, ovsDatapath } from "../../netlink/generic/openvswitch.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { hashString } from "../../ovsproto/murmur-hash.ts";
import { HmapOrder } from "../../ovsproto/hmap-order.ts";
import type { Process } from "../../system/process.ts";
import { DatapathNetlink } from "./datapath-netlink.ts";
import type { Log } from "./datapath-netlink.ts";
import { NetlinkDpif } from "./netlink-dpif.ts";

export class NetlinkDpifs implements Dpifs<NetlinkDpif> {
  readonly tellsTypes = false;
  readonly #process: Process;
  readonly #netlink: DatapathNetlink;
  readonly #log: Log;
  #walkError = 0;

  constructor(process: Process, log: Log) {
    this.#process = process;
    this.#netlink = new DatapathNetlink(process, log);
    this.#log = log;
  }

  get walkError(): number {
    return this.#walkError;
  }

  #dpif(state: ConstructorParameters<typeof NetlinkDpif>[1]): NetlinkDpif {
    return new NetlinkDpif(this.#netlink, state, () => this.#process.system.monotonic(), this.#log);
  }

  all(): readonly NetlinkDpif[] {
    const states = this.#netlink.dump(OVS_FAMILY.DATAPATH, ovsDatapath, { cmd: OVS_CMD.GET });
    if (typeof states === "number") {
      this.#walkError = states;
      this.#log("dpif", "warn", `failed to enumerate system datapaths: ${strerror(states)}`);
      return [];
    }
    this.#walkError = 0;
    const order = new HmapOrder<NetlinkDpif>();
    for (const state of states) order.insert(this.#dpif(state), hashString(state.name ?? "", 0));
    return [...order.values()];
  }

  /** Of the types that the library has one is the kernel's, and one has no datapath but in the program that makes it. */
  #checkType(type: string, name: string): number {
    if (type === "system" || type === "netdev") return 0;
    this.#log("dpif", "warn", `could not create datapath ${name} of unknown type ${type}`);
    return ERRNO.EAFNOSUPPORT;
  }

  open(type: string, name: string): NetlinkDpif | number {
    const errno = this.#checkType(type, name);
    if (errno !== 0) return errno;
    if (type === "netdev") return ERRNO.ENODEV;
    const state = this.#netlink.request(OVS_FAMILY.DATAPATH, ovsDatapath, { cmd: OVS_CMD.GET, name });
    return typeof state === "object" ? this.#dpif(state) : (state ?? ERRNO.ENODEV);
  }

  create(type: string, name: string): NetlinkDpif | number {
    const errno = this.#checkType(type, name);
    if (errno !== 0) return errno;
    if (type === "netdev") return ERRNO.EOPNOTSUPP; // it would end with the program
    for (const [mode, feature] of [
      ["per-cpu", OVS_DP_FEATURE.DISPATCH_UPCALL_PER_CPU],
      ["per-vport", OVS_DP_FEATURE.VPORT_PIDS],
    ] as const) {
      const state = this.#netlink.request(OVS_FAMILY.DATAPATH, ovsDatapath, {
        cmd: OVS_CMD.NEW,
        name,
        upcallPid: 0,
        userFeatures: OVS_DP_FEATURE.UNALIGNED | feature,
      });
      if (state === ERRNO.EOPNOTSUPP) continue;
      if (typeof state !== "object") return state ?? ERRNO.EIO;
      this.#log("dpif_netlink", "info", `Datapath dispatch mode: ${mode}`);
      return this.#dpif(state);
    }
    return ERRNO.EOPNOTSUPP;
  }

  readFile(name: string): Uint8Array | undefined {
    try {
      return this.#process.files.readFile(name);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return undefined;
    }
  }
}
