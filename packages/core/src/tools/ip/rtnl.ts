// ip's connection to rtnetlink: requests whose refusals are printed as iproute2 prints them. The text of the kernel
// (extended acknowledgement) comes first; without one, the errno is all there is to tell.

import { NetlinkClient } from "../../netlink/client.ts";
import type { NetlinkResult, NetlinkRefusal } from "../../netlink/client.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Extack, NetlinkMessage } from "../../netlink/message.ts";
import type { Process } from "../../system/process.ts";
import type { NetlinkSocket } from "../../system/sockets.ts";

/** Exit code of a request that the kernel refused. */
export const REFUSED = 2;

export class Rtnl {
  readonly #process: Process;
  readonly socket: NetlinkSocket;
  readonly #client: NetlinkClient;

  /** Opens the connection, in the namespace where the process is now. */
  constructor(process: Process) {
    this.#process = process;
    this.socket = process.netlink();
    this.socket.setOption("extAck", true);
    this.socket.setOption("strictCheck", true);
    this.#client = new NetlinkClient(this.socket);
  }

  /** Sends one request. Undefined if it was refused, which has been printed then. */
  talk(type: number, flags: number, body: Uint8Array): readonly NetlinkMessage[] | undefined {
    return this.#answer(this.#client.request(type, flags, body), changeRefusal);
  }

  /** Like `talk`, for those that go on after some refusals. */
  change(type: number, flags: number, body: Uint8Array): NetlinkResult {
    const result = this.#client.request(type, flags, body);
    this.#answer(result, changeRefusal);
    return result;
  }

  /** Like `talk`, for those whose refusal has a meaning of its own. */
  ask(type: number, flags: number, body: Uint8Array): NetlinkResult {
    return this.#client.request(type, flags, body);
  }

  /** Like `ask`, for a dump. */
  askAll(type: number, body: Uint8Array): NetlinkResult {
    return this.#client.dump(type, body);
  }

  /**
   * All objects of a dump. Undefined if it was refused, which has been printed then. A refusal with the errno `empty`
   * means that there is nothing.
   */
  dump(type: number, body: Uint8Array, empty?: number): readonly NetlinkMessage[] | undefined {
    const result = this.#client.dump(type, body);
    if (!result.ok && result.errno === empty) return [];
    return this.#answer(result, dumpRefusal);
  }

  #answer(
    result: NetlinkResult,
    text: (refusal: NetlinkRefusal) => string,
  ): readonly NetlinkMessage[] | undefined {
    const told = this.#tellExtack(result.extack, result.ok);
    if (result.ok) return result.messages;
    if (!told) this.#process.warn(text(result));
    return undefined;
  }

  /** Prints the kernel's own words, if there are any. */
  #tellExtack(extack: Extack, ok: boolean): boolean {
    const { message } = extack;
    if (message === undefined || message === "") return false;
    this.#process.warn(`${ok ? "Warning" : "Error"}: ${message}${message.endsWith(".") ? "" : "."}\n`);
    return true;
  }
}

const changeRefusal = (refusal: NetlinkRefusal): string => `RTNETLINK answers: ${refusal.text}\n`;

function dumpRefusal({ errno }: NetlinkRefusal): string {
  // libnetlink keeps silent about what a kernel without the feature says, and renames one errno.
  if (errno === 2 /* ENOENT */ || errno === 95 /* EOPNOTSUPP */) return "";
  if (errno === 90 /* EMSGSIZE */) return "Error: Buffer too small for object.\n";
  return `RTNETLINK answers: ${strerror(errno)}\n`;
}
