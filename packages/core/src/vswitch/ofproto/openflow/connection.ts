// One OpenFlow connection at the switch's end (struct ofconn with its rconn and vconn): framing, versions, and handing each
// message to what answers it. A message that is wrong gets an error; a stream that is wrong is closed.

import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import type { OpenFlowVersion } from "../../../ovsproto/openflow/fields.ts";
import { decodeMessage } from "../../../ovsproto/openflow/message-decode.ts";
import { encodeMessage, errorReply } from "../../../ovsproto/openflow/message-encode.ts";
import type { Message, MessageBody } from "../../../ovsproto/openflow/message-body.ts";
import { highestVersion } from "../../../ovsproto/openflow/session-messages.ts";
import { ERRNO, strerror } from "../../../netlink/errno.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import { readStream } from "../../../system/stream-sockets.ts";
import type { StreamSocket } from "../../../system/stream-sockets.ts";
import type { Timer } from "../../../system/system.ts";

const HEADER_LENGTH = 8;
/** OFPT_HELLO, OFPT_ERROR, OFPT_ECHO_REQUEST, OFPT_ECHO_REPLY: types of messages that may be of another version. */
const ANY_VERSION: ReadonlySet<number> = new Set([0, 1, 2, 3]);
/** Longest multipart reply. */
const MESSAGE_LIMIT = 0xffff;

/** Who answers messages, and hears of the end. */
export interface ConnectionOwner {
  /** Bit N: version N may be spoken. */
  readonly versions: number;
  /** Actions that are for tests are understood. */
  readonly testing?: boolean;
  /** Errors: OpenflowError, which the peer gets. */
  handle(connection: OfConnection, message: Message, raw: Uint8Array): void;
  negotiated?(connection: OfConnection): void;
  closed(connection: OfConnection): void;
  /** Each message that comes, after the hello. */
  received?(message: Message): void;
  /** Each message that goes over it either way, after the hello, for snoopers. */
  seen?(bytes: Uint8Array): void;
}

export class OfConnection {
  readonly #socket: StreamSocket;
  readonly #later: (fire: () => void) => Timer;
  readonly #owner: ConnectionOwner;
  readonly #subscriptions: (() => void)[];
  #pending: Uint8Array = new Uint8Array();
  readonly #queue: Uint8Array[] = [];
  #scheduled: Timer | undefined;
  #open = true;
  #version: OpenFlowVersion | undefined;
  #helloSent = false;
  /** The flow_mod_table_id extension is on. */
  tableId = false;
  /** Why it has ended, in the words of ovs_retval_to_string(). */
  failure = "End of file";

  constructor(socket: StreamSocket, later: (fire: () => void) => Timer, owner: ConnectionOwner) {
    this.#socket = socket;
    this.#later = later;
    this.#owner = owner;
    const wake = () => this.#schedule();
    this.#subscriptions = [socket.input.subscribe(wake), socket.output.subscribe(wake)];
    this.#sendHello();
    if (socket.input.ready) this.#schedule();
  }

  get open(): boolean {
    return this.#open;
  }

  /** Undefined until both sides have said hello. */
  get version(): OpenFlowVersion | undefined {
    return this.#version;
  }

  #sendHello(): void {
    if (this.#helloSent) return;
    this.#helloSent = true;
    const { versions } = this.#owner;
    this.#write(
      encodeMessage({
        version: highestVersion(versions),
        xid: 1,
        body: { type: "hello", versions, odd: false },
      }),
    );
  }

  #schedule(): void {
    if (!this.#open || this.#scheduled) return;
    if (!this.#socket.input.ready && (this.#queue.length === 0 || !this.#socket.output.ready)) return;
    this.#scheduled = this.#later(() => {
      this.#scheduled = undefined;
      this.#flush();
      this.#read();
    });
  }

  #read(): void {
    while (this.#open) {
      const bytes = readStream(this.#socket, (refusal) => (this.failure = strerror(refusal.errno)));
      if (bytes === undefined) return;
      if (bytes === null) {
        this.close();
        return;
      }
      this.#feed(bytes);
    }
  }

  #feed(bytes: Uint8Array): void {
    let data = bytes;
    if (this.#pending.length > 0) {
      data = new Uint8Array(this.#pending.length + bytes.length);
      data.set(this.#pending);
      data.set(bytes, this.#pending.length);
    }
    let at = 0;
    while (this.#open && data.length - at >= HEADER_LENGTH) {
      const length = ((data[at + 2] as number) << 8) | (data[at + 3] as number);
      if (length < HEADER_LENGTH) {
        this.failure = strerror(ERRNO.EPROTO);
        this.close();
        return;
      }
      if (data.length - at < length) break;
      this.#receive(data.slice(at, at + length));
      at += length;
    }
    this.#pending = data.slice(at);
  }

  #receive(raw: Uint8Array): void {
    if (this.#version !== undefined) this.#owner.seen?.(raw);
    const spoken = raw[0] as number;
    if (this.#version !== undefined && spoken !== this.#version && !ANY_VERSION.has(raw[1] as number)) {
      this.send(errorReply(raw, spoken as OpenFlowVersion, "OFPBRC_BAD_VERSION"));
      return;
    }
    const decoded = decodeMessage(raw, {
      tableId: this.tableId,
      maxPorts: 0xff00,
      testing: this.#owner.testing === true,
    });
    const version = this.#version ?? 1;
    if (decoded instanceof OpenflowError) {
      this.send(errorReply(raw, version, decoded.name));
      return;
    }
    const { message } = decoded;
    if (message.body.type === "hello") {
      this.#negotiate(message.body.versions, raw);
      return;
    }
    if (this.#version === undefined) {
      // Anything but a hello first is none of our business.
      this.failure = strerror(ERRNO.EPROTO);
      this.close();
      return;
    }
    this.#owner.received?.(message);
    try {
      this.#owner.handle(this, message, raw);
    } catch (error) {
      if (!(error instanceof OpenflowError)) throw error;
      this.send(errorReply(raw, version, error.name));
    }
  }

  #negotiate(theirs: number, raw: Uint8Array): void {
    const common = theirs & this.#owner.versions;
    if (common === 0) {
      const error = errorReply(
        raw,
        highestVersion(this.#owner.versions) as OpenFlowVersion,
        "OFPHFC_INCOMPATIBLE",
      );
      this.send(error);
      this.failure = strerror(ERRNO.EPROTO);
      this.close();
      return;
    }
    this.#version = highestVersion(common) as OpenFlowVersion;
    this.#owner.negotiated?.(this);
  }

  send(message: Message): void {
    this.#write(encodeMessage(message));
  }

  reply(to: Message, body: MessageBody): void {
    this.send({ version: to.version, xid: to.xid, body });
  }

  /** A reply of any length, in as many parts as it takes. `make` gives the body for some of the items. */
  replyParts<T>(to: Message, items: readonly T[], make: (items: readonly T[]) => MessageBody): void {
    const parts: Uint8Array[] = [];
    const encode = (some: readonly T[]) => {
      const bytes = encodeMessage({ version: to.version, xid: to.xid, body: make(some), more: false });
      if (bytes.length > MESSAGE_LIMIT && some.length > 1) {
        const half = some.length >> 1;
        encode(some.slice(0, half));
        encode(some.slice(half));
      } else parts.push(bytes);
    };
    const CHUNK = 500;
    if (items.length === 0) encode([]);
    for (let at = 0; at < items.length; at += CHUNK) encode(items.slice(at, at + CHUNK));
    parts.forEach((bytes, at) => {
      // OFPSF_REPLY_MORE, in the flags behind the header's type of reply
      if (at < parts.length - 1) bytes[11] = (bytes[11] as number) | 1;
      this.#write(bytes);
    });
  }

  #write(bytes: Uint8Array): void {
    if (!this.#open) return;
    if (this.#version !== undefined) this.#owner.seen?.(bytes);
    this.#queue.push(bytes);
    this.#flush();
  }

  /** A message of another connection, for whoever snoops by this one. */
  forward(bytes: Uint8Array): void {
    this.#write(bytes);
  }

  #flush(): void {
    while (this.#open && this.#queue.length > 0 && this.#socket.output.ready) {
      const bytes = this.#queue.shift() as Uint8Array;
      try {
        this.#socket.output.write(bytes);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        this.failure = strerror(error.errno);
        this.close();
      }
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#scheduled?.cancel();
    for (const end of this.#subscriptions) end();
    this.#socket.close();
    this.#owner.closed(this);
  }
}
