// Puts multipart requests together that come in several messages (OpenFlow 1.3, section 7.3.5; the assembler of Open vSwitch's
// lib/ofp-msgs.c). Parts belong together by their xid; a request that does not go on for a second is given up.

import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import { identifyPart, multipartNumber } from "../../../ovsproto/openflow/message-types.ts";
import type { MessageType } from "../../../ovsproto/openflow/message-types.ts";
import type { Nanoseconds, Timer } from "../../../system/system.ts";
import { readU16BE, readU32BE } from "../../../wire/bytes.ts";

const PATIENCE: Nanoseconds = 1e9;
/** Bytes of all parts of a request. */
const MAX_SIZE = 4 * 1024 * 1024;
/** OFPMPF_REQ_MORE; before OpenFlow 1.3 requests have one part. */
const REQ_MORE = 1;
const FLAGS_AT = 10;
const FIRST_VERSION = 4;

interface Partial {
  readonly kind: MessageType;
  readonly parts: { readonly bytes: Uint8Array; readonly hasBody: boolean }[];
  size: number;
  timer: Timer | undefined;
}

export class MultipartAssembler {
  readonly #after: (delay: Nanoseconds, fire: () => void) => Timer;
  readonly #givenUp: (last: Uint8Array) => void;
  readonly #partials = new Map<number, Partial>();

  /** @param givenUp hears of the last part of a request that does not go on */
  constructor(after: (delay: Nanoseconds, fire: () => void) => Timer, givenUp: (last: Uint8Array) => void) {
    this.#after = after;
    this.#givenUp = givenUp;
  }

  /**
   * @param bytes a message of the connection's version
   * @returns the messages of a whole request, those without a body left out unless none has one; undefined while there is more
   * @throws OpenflowError the parts before it are forgotten then
   */
  take(bytes: Uint8Array): readonly [Uint8Array, ...Uint8Array[]] | undefined {
    const version = bytes[0] ?? 0;
    if (bytes[1] !== multipartNumber(version, "request")) return [bytes];
    const { kind, hasBody } = identifyPart(bytes);
    const more = version >= FIRST_VERSION && (readU16BE(bytes, FLAGS_AT) & REQ_MORE) !== 0;
    const xid = readU32BE(bytes, 4);
    const partial = this.#partials.get(xid) ?? { kind, parts: [], size: 0, timer: undefined };
    this.#forget(xid);
    if (partial.kind !== kind) throw new OpenflowError("OFPBRC_BAD_STAT");
    partial.size += bytes.length;
    if (partial.size > MAX_SIZE) throw new OpenflowError("OFPBRC_MULTIPART_BUFFER_OVERFLOW");
    partial.parts.push({ bytes, hasBody });
    if (more) {
      this.#await(xid, partial);
      return undefined;
    }
    const [first = bytes, ...others] = partial.parts.filter((part) => part.hasBody).map((part) => part.bytes);
    if (kind.minimum > 0 && !partial.parts.some((part) => part.hasBody)) {
      throw new OpenflowError("OFPBRC_BAD_LEN");
    }
    return [first, ...others];
  }

  #await(xid: number, partial: Partial): void {
    this.#partials.set(xid, partial);
    partial.timer = this.#after(PATIENCE, () => {
      this.#partials.delete(xid);
      const last = partial.parts.at(-1);
      if (last) this.#givenUp(last.bytes);
    });
  }

  #forget(xid: number): void {
    this.#partials.get(xid)?.timer?.cancel();
    this.#partials.delete(xid);
  }

  close(): void {
    for (const xid of [...this.#partials.keys()]) this.#forget(xid);
  }
}
