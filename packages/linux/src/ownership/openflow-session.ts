// A conversation with a bridge of Open vSwitch over its management socket (ovs-ofctl(8)), each answer waited for.

import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { OpenFlowVersion } from "@patchcord/core/ovsproto/openflow/fields.ts";
import type { MessageBody } from "@patchcord/core/ovsproto/openflow/message-body.ts";
import { encodeMessage } from "@patchcord/core/ovsproto/openflow/message-encode.ts";
import { readU16BE, readU32BE, writeU16BE, writeU32BE } from "@patchcord/core/wire/bytes.ts";
import { questions } from "../stream-question.ts";
import type { Questions } from "../stream-question.ts";

const HEADER = 8; // struct ofp_header
/** OFPT_* that are the same in all versions. */
const HELLO = 0;
const ERROR = 1;
const MORE = 1; // OFPMPF_REPLY_MORE
/** So many bytes of requests go before a barrier: they must fit the socket's buffer. */
const CHUNK = 64 * 1024;

/** Takes a stream of bytes apart into messages. */
export class OpenflowMessages {
  #held: Uint8Array = new Uint8Array(0);

  feed(bytes: Uint8Array): Uint8Array[] {
    const all = Buffer.concat([this.#held, bytes]);
    const found: Uint8Array[] = [];
    let at = 0;
    while (at + HEADER <= all.length) {
      const length = Math.max(HEADER, readU16BE(all, at + 2));
      if (at + length > all.length) break;
      found.push(all.slice(at, at + length));
      at += length;
    }
    this.#held = all.slice(at);
    return found;
  }
}

/** Versions of a hello message, as bits by their numbers. */
function versionsIn(hello: Uint8Array): number {
  // OFPHET_VERSIONBITMAP comes first, if it comes; without it the version is the highest one.
  return hello.length >= 16 && readU16BE(hello, 8) === 1 ? readU32BE(hello, 12) : (2 << (hello[0] ?? 0)) - 1;
}

function hello(versions: readonly OpenFlowVersion[]): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes[0] = Math.max(...versions);
  bytes[1] = HELLO;
  writeU16BE(bytes, 2, bytes.length);
  writeU32BE(bytes, 8, 0x0001_0008);
  writeU32BE(
    bytes,
    12,
    versions.reduce((bits, version) => bits | (1 << version), 0),
  );
  return bytes;
}

export class OpenflowSession {
  readonly #connection: Questions;
  readonly #messages = new OpenflowMessages();
  #queue: Uint8Array[] = [];
  #xid = 0;
  /** The highest that both speak. */
  readonly version: OpenFlowVersion;

  /** Errors: Refusal, EPROTONOSUPPORT if the bridge speaks none of the versions. */
  constructor(connection: Questions, versions: readonly OpenFlowVersion[]) {
    this.#connection = connection;
    connection.send(hello(versions));
    const theirs = versionsIn(this.#next((type) => type === HELLO));
    const common = versions.filter((version) => (theirs & (1 << version)) !== 0);
    if (common.length === 0)
      throw new Refusal(ERRNO.EPROTONOSUPPORT, "the bridge speaks another version of OpenFlow");
    this.version = Math.max(...common) as OpenFlowVersion;
  }

  #next(isWanted: (type: number) => boolean): Uint8Array {
    const take = (): Uint8Array | undefined => {
      for (let each = this.#queue.shift(); each !== undefined; each = this.#queue.shift()) {
        if (each[1] === ERROR)
          throw new Refusal(
            ERRNO.EPROTO,
            `OpenFlow error type ${readU16BE(each, 8)} code ${readU16BE(each, 10)}`,
          );
        if (isWanted(each[1] ?? 0)) return each;
      }
      return undefined;
    };
    return (
      take() ??
      this.#connection.answer((bytes) => {
        this.#queue.push(...this.#messages.feed(bytes));
        return take();
      })
    );
  }

  encode(body: MessageBody): Uint8Array {
    return encodeMessage({ version: this.version, xid: ++this.#xid, body });
  }

  /** All messages of an answer to a multipart request, whole. */
  multipart(request: Uint8Array): Uint8Array[] {
    const reply = (request[1] ?? 0) + 1;
    this.#connection.send(request);
    for (const parts: Uint8Array[] = []; ;) {
      const part = this.#next((type) => type === reply);
      parts.push(part);
      if ((readU16BE(part, HEADER + 2) & MORE) === 0) return parts;
    }
  }

  /** Sends requests, and waits until the switch has done them. Errors: Refusal, with what the switch says. */
  send(requests: readonly Uint8Array[]): void {
    let sent = 0;
    const barrier = (): void => {
      const request = this.encode({ type: "barrier_request" });
      this.#connection.send(request);
      this.#next((type) => type === (request[1] ?? 0) + 1);
      sent = 0;
    };
    for (const request of requests) {
      this.#connection.send(request);
      sent += request.length;
      if (sent > CHUNK) barrier();
    }
    barrier();
  }
}

/** Errors: Refusal. */
export function withBridge<T>(
  path: string,
  versions: readonly OpenFlowVersion[],
  use: (session: OpenflowSession) => T,
): T {
  return questions(path, (connection) => use(new OpenflowSession(connection, versions)));
}
