// One program's talk with the kernel's datapaths over generic netlink: the families' numbers, requests, and what is logged of their
// absence (Open vSwitch's lib/dpif-netlink.c, dpif_netlink_init).

import { NetlinkClient } from "../../netlink/client.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { CTRL_CMD, decodeControl, encodeControl, GENL_ID } from "../../netlink/generic/control.ts";
import { OVS_DATAPATH_VERSION, OVS_FAMILY, OVS_VERSION } from "../../netlink/generic/openvswitch.ts";
import type { BodyCodec } from "../../netlink/attribute-table.ts";
import { NLM_F } from "../../netlink/message.ts";
import type { Process } from "../../system/process.ts";
import { TUN_FLAGS } from "../../system/tun.ts";
import type { TunFile } from "../../system/tun.ts";
import { isMalformed } from "../../wire/malformed.ts";

const NETLINK = { ROUTE: 0, NETFILTER: 12, GENERIC: 16 } as const;

/** IFNAMSIZ without the NUL. */
const LONGEST_NAME = 15;

export type Log = (module: string, level: "info" | "warn" | "err", text: string) => void;

interface Header {
  readonly cmd: number;
  readonly version: number;
  readonly dpIfindex: number;
}

export class DatapathNetlink {
  readonly #generic: NetlinkClient;
  readonly #route: NetlinkClient;
  readonly #process: Process;
  #netfilter: NetlinkClient | undefined;
  readonly #families = new Map<string, number>();
  readonly #log: Log;
  #told = false;

  constructor(process: Process, log: Log) {
    this.#generic = new NetlinkClient(process.netlink(NETLINK.GENERIC));
    this.#route = new NetlinkClient(process.netlink(NETLINK.ROUTE));
    this.#process = process;
    this.#log = log;
  }

  /** Errors: Refusal, of a kernel without it. */
  get netfilter(): NetlinkClient {
    this.#netfilter ??= new NetlinkClient(this.#process.netlink(NETLINK.NETFILTER));
    return this.#netfilter;
  }

  get route(): NetlinkClient {
    return this.#route;
  }

  /** A TAP, which goes with its file unless it was made to stay; of a longer name the beginning. Errors: Refusal. */
  openTap(name: string): TunFile {
    const request = { name: name.slice(0, LONGEST_NAME), flags: TUN_FLAGS.TAP | TUN_FLAGS.NO_PI };
    return this.#process.system.openTun(this.#process, request);
  }

  /** Of a family that is not there: undefined, which the log tells once. */
  #family(name: string): number | undefined {
    const known = this.#families.get(name);
    if (known !== undefined) return known;
    const body = encodeControl({ cmd: CTRL_CMD.GETFAMILY, headerVersion: 1, familyName: name });
    const result = this.#generic.request(GENL_ID.CTRL, 0, body);
    const [message] = result.ok ? result.messages : [];
    const family = message && decodeControl(message.body);
    if (family && !isMalformed(family) && family.familyId !== undefined) {
      this.#families.set(name, family.familyId);
      return family.familyId;
    }
    if (!this.#told) {
      const text = `Generic Netlink family '${name}' does not exist. The Open vSwitch kernel module is probably not loaded.`;
      this.#log("dpif_netlink", "info", text);
    }
    this.#told = true;
    return undefined;
  }

  /** What the kernel answers, decoded; or an error number. */
  #taken<R>(codec: BodyCodec<R>, result: ReturnType<NetlinkClient["request"]>): R[] | number {
    if (!result.ok) return result.errno;
    return result.messages.flatMap(({ body }) => {
      const record = codec.decode(body);
      return isMalformed(record) ? [] : [record];
    });
  }

  /** One request that has an answer or an echo of what has changed; that, or an error number. Without either: undefined. */
  request<R extends Header>(
    name: string,
    codec: BodyCodec<R>,
    record: Omit<Partial<R>, "version">,
    flags = 0,
  ): R | undefined | number {
    const family = this.#family(name);
    if (family === undefined) return ERRNO.ENOENT;
    const body = codec.encode({ ...record, version: versionOf(name) } as Partial<R>);
    const taken = this.#taken(codec, this.#generic.request(family, flags | NLM_F.ECHO, body));
    return typeof taken === "number" ? taken : taken[0];
  }

  /** All that there are, or an error number. */
  dump<R extends Header>(
    name: string,
    codec: BodyCodec<R>,
    record: Omit<Partial<R>, "version">,
  ): readonly R[] | number {
    const family = this.#family(name);
    if (family === undefined) return ERRNO.ENOENT;
    const body = codec.encode({ ...record, version: versionOf(name) } as Partial<R>);
    return this.#taken(codec, this.#generic.dump(family, body, NLM_F.ECHO));
  }
}

function versionOf(family: string): number {
  return family === OVS_FAMILY.DATAPATH ? OVS_DATAPATH_VERSION : OVS_VERSION;
}
