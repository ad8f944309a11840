// One run of ethtool: what the command line said, and requests to the ethtool family with the tool's words about errors.

import type { BodyCodec } from "../../netlink/attribute-table.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import {
  CTRL_CMD,
  decodeControl,
  encodeControl,
  GENL_ID,
  readGenericCommand,
} from "../../netlink/generic/control.ts";
import type { EthtoolHeader } from "../../netlink/generic/ethtool.ts";
import { ETHTOOL_VERSION } from "../../netlink/generic/ethtool-constants.ts";
import { NetlinkClient } from "../../netlink/client.ts";
import type { NetlinkRefusal, NetlinkResult } from "../../netlink/client.ts";
import { NETLINK } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { Exit } from "../../system/process.ts";
import { isMalformed } from "../../wire/malformed.ts";

/** Stands for every device where a command can be asked of all. */
export const WILDCARD = "*";

/** Which errors of a request are not told. */
export type Silence = "none" | "unsupported" | "all";

/** What every message of the family has. */
interface EthtoolRecord {
  readonly cmd: number;
  readonly version: number;
  readonly header?: EthtoolHeader | undefined;
}

/** What a request that was answered gave. */
export type Answers =
  { readonly errno: 0; readonly bodies: readonly Uint8Array[] } | { readonly errno: number };

export class EthtoolSession {
  readonly process: Process;
  /** The option as it was written, for messages; empty for the plain command. */
  readonly option: string;
  readonly device: string;
  readonly args: readonly string[];
  readonly json: boolean;
  /** -I: also statistics that go with the command. */
  readonly statistics: boolean;
  #client: NetlinkClient | undefined;
  #family = 0;

  constructor(
    process: Process,
    given: Pick<EthtoolSession, "option" | "device" | "args" | "json" | "statistics">,
  ) {
    this.process = process;
    this.option = given.option;
    this.device = given.device;
    this.args = given.args;
    this.json = given.json;
    this.statistics = given.statistics;
  }

  get wildcard(): boolean {
    return this.device === WILDCARD;
  }

  print(text: string): void {
    this.process.print(text);
  }

  warn(text: string): void {
    this.process.warn(text);
  }

  /** perror(3) */
  perror(text: string, errno: number): void {
    this.warn(`${text}: ${strerror(errno)}\n`);
  }

  /** Ends the program over a command line that it does not understand. */
  badArguments(): never {
    this.warn("ethtool: bad command line argument(s)\nFor more information run ethtool -h\n");
    throw new Exit(1);
  }

  /** Ends the program over an operand where none is taken. */
  noMoreArguments(): void {
    const [extra] = this.args;
    if (extra === undefined) return;
    this.warn(`ethtool: unexpected parameter '${extra}'\n`);
    throw new Exit(1);
  }

  /** The client, after the controller has told the family's number. */
  #open(): NetlinkClient {
    if (this.#client) return this.#client;
    const socket = this.process.netlink(NETLINK.GENERIC);
    socket.setOption("extAck", true);
    const client = new NetlinkClient(socket);
    const body = encodeControl({ cmd: CTRL_CMD.GETFAMILY, headerVersion: 1, familyName: "ethtool" });
    const result = client.request(GENL_ID.CTRL, 0, body);
    const [message] = result.ok ? result.messages : [];
    const family = message && decodeControl(message.body);
    if (!family || isMalformed(family) || family.familyId === undefined) {
      this.warn("ethtool: the kernel has no ethtool netlink family\n");
      throw new Exit(1);
    }
    this.#family = family.familyId;
    this.#client = client;
    return client;
  }

  /** Sends one request about the device, or a dump for all of them. Errors are told as `silence` allows. */
  ask<R extends EthtoolRecord>(
    cmd: number,
    codec: BodyCodec<R>,
    record: Partial<R> = {},
    silence: Silence = "none",
  ): Answers {
    const client = this.#open();
    const device = this.wildcard ? {} : { devName: this.device };
    const whole: Partial<EthtoolRecord> = {
      ...record,
      cmd,
      version: ETHTOOL_VERSION,
      header: { ...device, ...record.header },
    };
    const body = codec.encode(whole as Partial<R>); // the members of R beside these are those of `record`
    const result = this.wildcard ? client.dump(this.#family, body) : client.request(this.#family, 0, body);
    return this.#taken(result, silence);
  }

  /** A request that is about no device. */
  askGlobal<R extends EthtoolRecord>(cmd: number, codec: BodyCodec<R>, record: Partial<R>): Answers {
    const client = this.#open();
    const whole: Partial<EthtoolRecord> = { ...record, cmd, version: ETHTOOL_VERSION, header: {} };
    const body = codec.encode(whole as Partial<R>); // as above
    return this.#taken(client.request(this.#family, 0, body), "none");
  }

  #taken(result: NetlinkResult, silence: Silence): Answers {
    if (!result.ok) {
      this.#tell(result, silence);
      return { errno: result.errno };
    }
    return { errno: 0, bodies: result.messages.map((message) => message.body) };
  }

  #tell({ errno, extack }: NetlinkRefusal, silence: Silence): void {
    if (silence === "all" || (silence === "unsupported" && errno === ERRNO.EOPNOTSUPP)) return;
    const { message, offset } = extack;
    if (message !== undefined) {
      this.warn(`netlink error: ${message}${offset === undefined ? "" : ` (offset ${offset})`}\n`);
    }
    this.perror("netlink error", errno);
  }

  /** Records of the answers with number `cmd`. */
  decode<R>(answers: Answers, cmd: number, codec: BodyCodec<R>): R[] {
    if (answers.errno !== 0 || !("bodies" in answers)) return [];
    const records: R[] = [];
    for (const body of answers.bodies) {
      if (readGenericCommand(body) !== cmd) continue;
      const record = codec.decode(body);
      if (!isMalformed(record)) records.push(record);
    }
    return records;
  }

  /** SIOCETHTOOL. Returns the errno, 0 if it went well; `data` then holds the answer. */
  ioctl(number: number, data: Uint8Array): number {
    try {
      this.process.ioctl({ shape: "ifreqPointer", number, device: this.device, data });
      return 0;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return refusal.errno;
    }
  }

  /** Says that something is left out here which the real program does. */
  notImplemented(what: string): number {
    this.warn(`ethtool: ${what} is not implemented\n`);
    return 1;
  }
}
