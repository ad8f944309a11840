// One OpenFlow connection at the switch's end (struct ofconn with its rconn and vconn): framing, versions, and handing each
// message to what answers it. A message that is wrong gets an error; a stream that is wrong is closed.

import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import type { OpenFlowVersion } from "../../../ovsproto/openflow/fields.ts";
import { hexDump } from "../../../ovsproto/openflow/hex-dump.ts";
import { logLimit } from "../../../ovsproto/openflow/log-limits.ts";
import type { DecodeLog } from "../../../ovsproto/openflow/message-bytes.ts";
import { decodeMessage } from "../../../ovsproto/openflow/message-decode.ts";
import type { DecodedMessage } from "../../../ovsproto/openflow/message-decode.ts";
import { formatMessage } from "../../../ovsproto/openflow/message-text.ts";
import {
  identifyMessage,
  identifyPartial,
  messageTypeName,
} from "../../../ovsproto/openflow/message-types.ts";
import { encodeMessage, errorReply } from "../../../ovsproto/openflow/message-encode.ts";
import type { Message, MessageBody } from "../../../ovsproto/openflow/message-body.ts";
import { highestVersion, versionsText } from "../../../ovsproto/openflow/session-messages.ts";
import { ERRNO, strerror } from "../../../netlink/errno.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import { readStream } from "../../../system/stream-sockets.ts";
import type { StreamSocket } from "../../../system/stream-sockets.ts";
import type { Nanoseconds, Timer } from "../../../system/system.ts";
import { writeU16BE } from "../../../wire/bytes.ts";
import { joinRequest } from "./joined-request.ts";
import type { RequestPart } from "./joined-request.ts";
import { MultipartAssembler } from "./multipart-assembler.ts";

const HEADER_LENGTH = 8;
/** OFPT_HELLO, OFPT_ERROR, OFPT_ECHO_REQUEST, OFPT_ECHO_REPLY: types of messages that may be of another version. */
const isOfAnyVersion = (raw: Uint8Array): boolean => (raw[1] as number) <= 3;
/** What only switches send, and of what only they are answered: a switch does not read the body. */
const FOR_CONTROLLERS: ReadonlySet<string> = new Set([
  "HELLO",
  "ERROR",
  "FEATURES_REPLY",
  "GET_CONFIG_REPLY",
  "PACKET_IN",
  "PACKET_IN2",
  "FLOW_REMOVED",
  "PORT_STATUS",
  "BARRIER_REPLY",
  "QUEUE_GET_CONFIG_REPLY",
  "ROLE_REPLY",
  "GET_ASYNC_REPLY",
  "ROLE_STATUS",
  "TABLE_STATUS",
  "REQUESTFORWARD",
  "TLV_TABLE_REPLY",
  "FLOW_MONITOR_PAUSED",
  "FLOW_MONITOR_RESUMED",
]);

/** Whether a message whose length is right is of those. */
function isForControllers(raw: Uint8Array): boolean {
  try {
    const { kind, name } = identifyMessage(raw);
    return kind === "reply" || FOR_CONTROLLERS.has(name);
  } catch (error) {
    if (error instanceof OpenflowError) return false;
    throw error;
  }
}

/** Bytes of a request by which its error's log knows it. */
const QUOTED = 64;
const hexByte = (value: number): string => `0x${value.toString(16).padStart(2, "0")}`;
/** Longest multipart reply. */
const MESSAGE_LIMIT = 0xffff;
/** As many items as mostly fit into one message. */
const LIKELY_ITEMS = 100;

/** A message of a header and items behind it; OFPSF_REPLY_MORE is in the flags behind the header's type of reply. */
function joined(head: Uint8Array, items: readonly Uint8Array[], more: boolean): Uint8Array {
  const length = items.reduce((sum, bytes) => sum + bytes.length, head.length);
  const out = new Uint8Array(length);
  out.set(head);
  writeU16BE(out, 2, length);
  if (more) out[11] = (out[11] as number) | 1;
  let at = head.length;
  for (const bytes of items) {
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}

/** Where what is wrong with messages is told: of what shares a `place`, so many at once, and as many a minute as `rate` says. */
export type ConnectionLog = (entry: {
  readonly place: string;
  readonly module: string;
  readonly level: "dbg" | "info" | "warn" | "err";
  readonly text: string;
  readonly burst?: number;
  readonly rate?: number;
}) => void;

/** Messages that are logged at once, and in a minute. */
const TRACED = { burst: 600, rate: 600 } as const;

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
  readonly #after: (delay: Nanoseconds, fire: () => void) => Timer;
  readonly #owner: ConnectionOwner;
  /** As logs name it: `br0<->unix#3`. */
  readonly #name: string;
  readonly #log: ConnectionLog;
  readonly #traces: () => boolean;
  readonly #subscriptions: (() => void)[];
  readonly #assembler: MultipartAssembler;
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

  /** @param traces whether each message is to be logged, which makes a text of it */
  constructor(
    socket: StreamSocket,
    after: (delay: Nanoseconds, fire: () => void) => Timer,
    owner: ConnectionOwner,
    name = "",
    log: ConnectionLog = () => {},
    traces: () => boolean = () => false,
  ) {
    this.#name = name;
    this.#log = log;
    this.#traces = traces;
    this.#socket = socket;
    this.#after = after;
    this.#owner = owner;
    this.#assembler = new MultipartAssembler(after, (last) =>
      this.#sendError(last, "OFPBRC_MULTIPART_REQUEST_TIMEOUT"),
    );
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
    this.#scheduled = this.#after(0, () => {
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
        const text = `received too-short ofp_header (${length} bytes)`;
        this.#log({ place: "vconn_stream", module: "vconn_stream", level: "err", text, burst: 1 });
        this.#end();
        return;
      }
      if (data.length - at < length) break;
      this.#receive(data.slice(at, at + length));
      at += length;
    }
    this.#pending = data.slice(at);
  }

  /** What goes over the connection, for those who have turned that on. */
  #trace(how: string, bytes: Uint8Array): void {
    if (!this.#traces()) return;
    const options = { verbosity: 1, log: this.#decodeLog, testing: this.#owner.testing === true };
    this.#complain("dbg", `${how}: ${formatMessage(bytes, options).trimEnd()}`, TRACED);
  }

  #receive(raw: Uint8Array): void {
    this.#trace("received", raw);
    if (this.#version !== undefined) this.#owner.seen?.(raw);
    const decoded = this.decode(raw);
    if (this.#version === undefined) {
      this.#receiveHello(decoded, raw);
      return;
    }
    const spoken = raw[0] as number;
    if (spoken !== this.#version && !(isOfAnyVersion(raw) && !(decoded instanceof OpenflowError))) {
      const text = `received OpenFlow version ${hexByte(spoken)} != expected ${hexByte(this.#version).slice(2)}`;
      this.#complain("err", text);
      this.#sendError(raw, "OFPBRC_BAD_VERSION");
      return;
    }
    try {
      const parts = this.#assembler.take(raw);
      if (!parts) return;
      const [first, ...others] = parts;
      if (first === raw) this.#handle(raw, decoded);
      else if (others.length === 0) this.#handle(first, this.decode(first));
      else this.#handleParts(parts);
    } catch (error) {
      if (!(error instanceof OpenflowError)) throw error;
      this.refuse(raw, error.name);
    }
  }

  /** A request that came in several messages. */
  #handleParts(messages: readonly Uint8Array[]): void {
    const parts: RequestPart[] = [];
    for (const bytes of messages) {
      const decoded = this.decode(bytes);
      if (decoded instanceof OpenflowError) {
        this.refuse(bytes, decoded.name);
        return;
      }
      parts.push({ message: decoded.message, bytes });
    }
    const joined = joinRequest(parts);
    if ("error" in joined) this.refuse(joined.bytes, joined.error.name);
    else this.#answer(joined);
  }

  #handle(raw: Uint8Array, decoded: DecodedMessage | OpenflowError): void {
    if (decoded instanceof OpenflowError) {
      this.refuse(raw, isForControllers(raw) ? "OFPBRC_BAD_TYPE" : decoded.name);
      return;
    }
    this.#answer({ message: decoded.message, bytes: raw });
  }

  #answer({ message, bytes }: RequestPart): void {
    this.#owner.received?.(message);
    try {
      this.#owner.handle(this, message, bytes);
    } catch (error) {
      if (!(error instanceof OpenflowError)) throw error;
      this.refuse(bytes, error.name);
    }
  }

  /** What is odd in a message is told whenever it is read, also to be shown. */
  readonly #decodeLog: DecodeLog = (module, level, text) => {
    const { kind, burst } = logLimit(module, text);
    this.#log({ place: kind, module, level: level === "INFO" ? "info" : "warn", text, burst });
  };

  /** What a message of this connection says, also one inside of another. */
  decode(raw: Uint8Array): DecodedMessage | OpenflowError {
    return decodeMessage(raw, {
      tableId: this.tableId,
      maxPorts: 0xff00,
      testing: this.#owner.testing === true,
      log: this.#decodeLog,
    });
  }

  /** Anything but a hello first is none of our business (vcs_recv_hello). */
  #receiveHello(decoded: DecodedMessage | OpenflowError, raw: Uint8Array): void {
    if (decoded instanceof OpenflowError || decoded.message.body.type !== "hello") {
      this.#complain(
        "warn",
        `received message while expecting hello: ${formatMessage(raw, { verbosity: 1 })}`,
      );
      this.#end();
      return;
    }
    const { versions, odd } = decoded.message.body;
    if (odd) this.#complain("warn", `unknown data in hello:\n${hexDump(raw, true)}`.trimEnd());
    this.#negotiate(versions);
  }

  /** The connection ends because of what the peer has sent. */
  #end(): void {
    this.failure = strerror(ERRNO.EPROTO);
    this.close();
  }

  /** Tells of the transport, which has a name without the bridge's. */
  #complain(
    level: "dbg" | "warn" | "err",
    text: string,
    limit: { readonly burst?: number; readonly rate?: number } = {},
  ): void {
    const vconn = this.#name.slice(this.#name.indexOf(">") + 1);
    const place = level === "dbg" ? "vconn messages" : "vconn";
    this.#log({ place, module: "vconn", level, text: `${vconn}: ${text}`, ...limit });
  }

  /** Why a request is refused, for the log. */
  explain(text: string): void {
    this.#log({ place: "ofproto", module: "ofproto", level: "info", text });
  }

  /** Answers a request with an error (ofconn_send_error). */
  refuse(request: Uint8Array, error: string): void {
    const kind = identifyPartial(request.subarray(0, QUOTED));
    const what = kind === undefined ? "invalid" : messageTypeName(kind);
    this.#log({
      place: "connmgr error",
      module: "connmgr",
      level: "info",
      text: `${this.#name}: sending ${error} error reply to ${what} message`,
      rate: 10,
      burst: 10,
    });
    this.#sendError(request, error);
  }

  /** An error is of the version of what it answers; where there is no such version, of 1.0. */
  #sendError(request: Uint8Array, error: string): void {
    this.send(errorReply(request, this.#knownVersion(request[0] as number), error));
  }

  #knownVersion(version: number): OpenFlowVersion {
    if (version >= 1 && version <= 6) return version as OpenFlowVersion;
    const text = `cannot encode error for unknown OpenFlow version ${hexByte(version)}`;
    this.#log({ place: "ofp_errors", module: "ofp_errors", level: "err", text });
    return 1;
  }

  #negotiate(theirs: number): void {
    const { versions } = this.#owner;
    const common = theirs & versions;
    if (common === 0) {
      const [we, you] = [versionsText(versions), versionsText(theirs)];
      this.#complain("warn", `version negotiation failed (we support ${we}, peer supports ${you})`);
      const payload = new TextEncoder().encode(`We support ${we}, you support ${you}, no common versions.`);
      const version = this.#knownVersion(highestVersion(theirs));
      const { body } = errorReply(new Uint8Array(), version, "OFPHFC_INCOMPATIBLE");
      this.send({ version, xid: 0, body: { ...body, payload } as MessageBody });
      this.#end();
      return;
    }
    this.#version = highestVersion(common) as OpenFlowVersion;
    if (this.#traces()) {
      const [we, peer] = [versionsText(versions), versionsText(theirs)];
      const agreed = `negotiated OpenFlow version ${hexByte(this.#version)}`;
      this.#complain("dbg", `${agreed} (we support ${we}, peer supports ${peer})`, TRACED);
    }
    this.#owner.negotiated?.(this);
  }

  send(message: Message): void {
    this.#write(encodeMessage(message));
  }

  reply(to: Message, body: MessageBody): void {
    this.send({ version: to.version, xid: to.xid, body });
  }

  /**
   * A reply of any length, in as many parts as it takes, each as full as it may be (ofpmp_reserve).
   * @param make the body for some of the items, which stand in it one after the other
   */
  replyParts<T>(to: Message, items: readonly T[], make: (items: readonly T[]) => MessageBody): void {
    const encode = (some: readonly T[]) =>
      encodeMessage({ version: to.version, xid: to.xid, body: make(some), more: false });
    const whole = encode(items.slice(0, LIKELY_ITEMS));
    if (items.length <= LIKELY_ITEMS && whole.length <= MESSAGE_LIMIT) {
      this.#write(whole);
      return;
    }
    const head = encode([]);
    const parts: Uint8Array[][] = [];
    let length = 0xffff;
    for (const item of items) {
      const bytes = encode([item]).subarray(head.length);
      if (length + bytes.length >= MESSAGE_LIMIT) {
        parts.push([]);
        length = head.length;
      }
      parts.at(-1)?.push(bytes);
      length += bytes.length;
    }
    parts.forEach((part, at) => this.#write(joined(head, part, at < parts.length - 1)));
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
        this.#trace("sent (Success)", bytes);
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
    this.#assembler.close();
    for (const end of this.#subscriptions) end();
    this.#socket.close();
    this.#owner.closed(this);
  }
}
