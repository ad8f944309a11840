/** A connection to a switch: hello and version negotiation (OpenFlow 1.3, 6.3.1), framing, requests and their replies. */
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeMessage } from "../../ovsproto/openflow/message-decode.ts";
import type { DecodedMessage } from "../../ovsproto/openflow/message-decode.ts";
import type { MessageBody } from "../../ovsproto/openflow/message-body.ts";
import { encodeMessage } from "../../ovsproto/openflow/message-encode.ts";
import { OpenflowError } from "../../ovsproto/openflow/errors.ts";
import type { OpenFlowVersion } from "../../ovsproto/openflow/fields.ts";
import { formatMessage } from "../../ovsproto/openflow/message-text.ts";
import { highestVersion, versionsText } from "../../ovsproto/openflow/session-messages.ts";
import { readU32BE } from "../../wire/bytes.ts";
import type { Waitable } from "../../system/streams.ts";
import type { StreamAddress, StreamSocket } from "../../system/stream-sockets.ts";
import { OPENFLOW_PORTS, parseActiveTarget, tellNotConnected } from "../ovsdb/active-target.ts";
import { OVS_STREAM } from "../ovsdb/ovs-stream.ts";
import { connectSsl } from "../ovsdb/tool-ssl.ts";
import { END_OF_FILE, Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";

const HEADER = 8;

/** A message that was received, as bytes and decoded. */
export interface Received {
  readonly bytes: Uint8Array;
  readonly decoded: DecodedMessage | undefined;
  readonly xid: number;
}

export class Vconn {
  readonly name: string;
  readonly ofctl: Ofctl;
  version: OpenFlowVersion = 1;
  /** What an error says was being done. */
  activity: string;
  readonly #socket: StreamSocket;
  #pending = new Uint8Array();

  private constructor(ofctl: Ofctl, name: string, socket: StreamSocket) {
    this.ofctl = ofctl;
    this.name = name;
    this.activity = `talking to ${name}`;
    this.#socket = socket;
  }

  /** Connects and agrees on a version. Errors: Refusal. `greeted` hears when the hello has been sent. */
  static async open(ofctl: Ofctl, name: string, address: StreamAddress, greeted: () => void): Promise<Vconn> {
    const { process, ssl } = ofctl;
    const isSsl = address.family !== "unix" && name.startsWith("ssl:");
    const socket = isSsl ? connectSsl(process, ssl, name, address) : connectPlain(ofctl, name, address);
    const vconn = new Vconn(ofctl, name, socket);
    const { versions } = ofctl.options;
    const highest = highestVersion(versions);
    vconn.sendBytes(
      encodeMessage({
        version: highest,
        xid: ofctl.nextXid(),
        body: { type: "hello", versions, odd: false },
      }),
    );
    greeted();
    const received = await vconn.#receive();
    if (!received) throw new Refusal(ERRNO.ECONNRESET);
    const body = received.decoded?.message.body;
    if (body?.type !== "hello") throw new Refusal(ERRNO.EPROTO);
    const common = body.versions & versions;
    if (common === 0) {
      ofctl.log(
        "vconn",
        "WARN",
        `${name}: version negotiation failed (we support ${versionsText(versions)}, peer supports ${versionsText(body.versions)})`,
      );
      throw new Refusal(ERRNO.EPROTO);
    }
    vconn.version = highestVersion(common) as OpenFlowVersion;
    const agreed = `0x${vconn.version.toString(16).padStart(2, "0")}`;
    const ours = versionsText(versions);
    ofctl.toolLog.debug(
      "vconn",
      () =>
        `${name}: negotiated OpenFlow version ${agreed} (we support ${ours}, peer supports ${versionsText(body.versions)})`,
    );
    return vconn;
  }

  /** Sends a message. @returns its xid */
  send(body: MessageBody, version: number = this.version, xid = this.ofctl.nextXid()): number {
    try {
      this.sendBytes(encodeMessage({ version, xid, body }));
    } catch (refusal) {
      if (refusal instanceof Refusal) throw this.#lost(refusal.errno);
      throw refusal;
    }
    return xid;
  }

  /** Sends one request. @returns its xid */
  #sendParts(make: (xid: number) => readonly Uint8Array[]): number {
    const xid = this.ofctl.nextXid();
    try {
      for (const bytes of make(xid)) this.sendBytes(bytes);
    } catch (refusal) {
      if (refusal instanceof Refusal) throw this.#lost(refusal.errno);
      throw refusal;
    }
    return xid;
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.output.write(bytes);
    this.#debug("sent (Success)", bytes);
  }

  #debug(what: string, bytes: Uint8Array): void {
    const { toolLog } = this.ofctl;
    if (!toolLog.writes("vconn", "dbg")) return;
    const text = formatMessage(bytes, { verbosity: 1, names: {} }).replace(/\n$/, "");
    toolLog.write("vconn", "dbg", `${this.name}: ${what}: ${text}`);
  }

  /** Whole messages in what has been read; the rest is kept. */
  #take(): Uint8Array | undefined {
    const bytes = this.#pending;
    if (bytes.length < HEADER) return undefined;
    const length = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
    if (length < HEADER) {
      this.ofctl.log("vconn_stream", "ERR", `received too-short ofp_header (${length} bytes)`);
      throw new Refusal(ERRNO.EPROTO);
    }
    if (bytes.length < length) return undefined;
    this.#pending = bytes.slice(length);
    return bytes.slice(0, length);
  }

  /** The next message; undefined when the peer has closed. Errors: Refusal. */
  async #receive(): Promise<Received | undefined> {
    for (;;) {
      const message = this.#message();
      if (message) return message;
      const chunk = await this.ofctl.process.read(this.#socket.input);
      if (!chunk) return this.#ended(undefined);
      this.#append(chunk);
    }
  }

  /** The peer has closed: between two messages. Errors: Refusal, in the middle of one. */
  #ended<T>(nothing: T): T {
    if (this.#pending.length === 0) return nothing;
    this.ofctl.log("vconn_stream", "ERR", "connection dropped mid-packet");
    throw new Refusal(ERRNO.EPROTO);
  }

  /** The next message, where there must be one. Errors: Fatal. */
  async #expect(): Promise<Received> {
    try {
      const received = await this.#receive();
      if (received) return received;
    } catch (refusal) {
      if (refusal instanceof Refusal) throw this.#lost(refusal.errno);
      throw refusal;
    }
    throw this.#lost(END_OF_FILE);
  }

  #lost(errno: number): Fatal {
    return new Fatal(`${this.activity} (${this.ofctl.reason(errno)})`);
  }

  /** What to wait for until `receiveNow` has something. */
  get readable(): Waitable {
    return this.#socket.input;
  }

  /** A message that is here; undefined if there is none yet, null when the peer has closed. */
  receiveNow(): Received | null | undefined {
    for (;;) {
      const message = this.#message();
      if (message) return message;
      const chunk = this.#socket.input.read();
      if (chunk === null) return this.#ended(null);
      if (!chunk) return chunk;
      this.#append(chunk);
    }
  }

  #message(): Received | undefined {
    const bytes = this.#take();
    if (!bytes) return undefined;
    this.#debug("received", bytes);
    const decoded = decodeMessage(bytes);
    const xid = readU32BE(bytes, 4);
    return { bytes, decoded: decoded instanceof OpenflowError ? undefined : decoded, xid };
  }

  #append(chunk: Uint8Array): void {
    const joined = new Uint8Array(this.#pending.length + chunk.length);
    joined.set(this.#pending);
    joined.set(chunk, this.#pending.length);
    this.#pending = joined;
  }

  /** What has arrived without waiting; for programs that also wait for something else. */
  get input(): StreamSocket["input"] {
    return this.#socket.input;
  }

  /** The next message that answers `xid`; echo requests are answered meanwhile. */
  /** @param others gets errors about other messages that come meanwhile */
  async receiveReply(xid: number, others: Received[] = []): Promise<Received> {
    for (;;) {
      const received = await this.#expect();
      if (received.xid === xid) return received;
      const body = received.decoded?.message.body;
      if (body?.type === "error") others.push(received);
      if (body?.type === "echo_request") {
        const reply = encodeMessage({
          version: this.version,
          xid: received.xid,
          body: { type: "echo_reply", payload: body.payload },
        });
        this.sendBytes(reply);
      }
    }
  }

  /** One request, one reply. */
  async transact(body: MessageBody, others?: Received[]): Promise<Received> {
    return this.receiveReply(this.send(body), others);
  }

  /** A multipart request and all parts of its reply. */
  async transactMultipart(body: MessageBody): Promise<Received[]> {
    const { version } = this;
    return this.transactParts((xid) => [encodeMessage({ version, xid, body })]);
  }

  /** A multipart request that may go in several messages, and all parts of its reply. */
  async transactParts(make: (xid: number) => readonly Uint8Array[]): Promise<Received[]> {
    const xid = this.#sendParts(make);
    const parts: Received[] = [];
    for (;;) {
      const part = await this.receiveReply(xid);
      parts.push(part);
      if (part.decoded?.message.more !== true) return parts;
    }
  }

  /** Requests that are answered by nothing but an error; a barrier tells when all are done. @returns the first error */
  async transactNoReply(bodies: readonly MessageBody[]): Promise<Received | undefined> {
    for (const body of bodies) this.send(body);
    return this.barrier();
  }

  /** As transactNoReply, one after the other, and none after an error; the numbers of all are taken before. */
  async transactEach(bodies: readonly MessageBody[]): Promise<Received | undefined> {
    const numbered = bodies.map((body) => ({ body, xid: this.ofctl.nextXid() }));
    for (const { body, xid } of numbered) {
      this.send(body, this.version, xid);
      const failed = await this.barrier();
      if (failed) return failed;
    }
    return undefined;
  }

  /** Waits until the switch has done all. @returns the first error that came meanwhile */
  async barrier(): Promise<Received | undefined> {
    return (await this.barrierErrors())[0];
  }

  /** The same with all errors. */
  async barrierErrors(): Promise<Received[]> {
    const errors: Received[] = [];
    await this.receiveReply(this.send({ type: "barrier_request" }), errors);
    return errors;
  }

  close(): void {
    this.#socket.close();
  }
}

/** Prints an error that a switch sent and ends the command. */
export function failWith(ofctl: Ofctl, error: Received): never {
  ofctl.process.flush();
  const verbosity = ofctl.options.verbosity + 2;
  ofctl.process.warn(formatMessage(error.bytes, { verbosity, log: ofctl.decodeLog }));
  ofctl.process.exit(1);
}

/** Errors: Refusal. */
function connectPlain({ process, toolLog }: Ofctl, name: string, address: StreamAddress): StreamSocket {
  try {
    return process.connectStream(address, OVS_STREAM);
  } catch (error) {
    if (error instanceof Refusal && address.family !== "unix")
      tellNotConnected(name, error, toolLog.write.bind(toolLog));
    throw error;
  }
}

/** Where Open vSwitch's sockets are. */
export function runDirectory(ofctl: Ofctl): string {
  return ofctl.process.env.get("OVS_RUNDIR") ?? "/var/run/openvswitch";
}

/** Connects to `BRIDGE`, `unix:PATH`, `tcp:HOST:PORT` or a socket's path. @param suffix `mgmt`, or `snoop` */
export async function openVconn(ofctl: Ofctl, name: string, suffix = "mgmt"): Promise<Vconn> {
  if (name.includes(":")) {
    const [kind, rest = ""] = [name.slice(0, name.indexOf(":")), name.slice(name.indexOf(":") + 1)];
    if (kind !== "unix" && kind !== "tcp" && !(kind === "ssl" && ofctl.ssl.built)) {
      throw new Fatal(`connecting to ${name}`, ERRNO.EAFNOSUPPORT);
    }
    const failed = `connecting to ${name}`;
    if (kind === "unix") return connect(ofctl, name, name, { family: "unix", path: rest }, failed);
    const write = ofctl.toolLog.write.bind(ofctl.toolLog);
    try {
      const target = parseActiveTarget(ofctl.process, name, OPENFLOW_PORTS, write);
      return await connect(ofctl, name, target.name, target.address, failed);
    } catch (error) {
      throw error instanceof Refusal ? new Fatal(failed, error.errno) : error;
    }
  }
  const path = `${runDirectory(ofctl)}/${name}.${suffix}`;
  const { files } = ofctl.process;
  const found = [path, name].find((candidate) => {
    try {
      return files.status(candidate).type === "socket";
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  });
  const socket = `${runDirectory(ofctl)}/${name}`;
  if (found === path)
    ofctl.toolLog.debug("stream_unix", () => `${socket}: connection failed (No such file or directory)`);
  if (found === undefined) throw new Fatal(`${name} is not a bridge or a socket`);
  ofctl.toolLog.debug("ofctl", () => `connecting to unix:${found}`);
  const failed = `${name}: failed to connect to socket`;
  return connect(ofctl, name, `unix:${found}`, { family: "unix", path: found }, failed);
}

/** `failed`: what is said if there is no connection, or none any more before it is greeted. */
async function connect(
  ofctl: Ofctl,
  said: string,
  name: string,
  address: StreamAddress,
  failed: string,
): Promise<Vconn> {
  let activity = failed;
  try {
    return await Vconn.open(ofctl, name, address, () => (activity = `${said}: failed to connect to socket`));
  } catch (error) {
    if (error instanceof Refusal) throw new Fatal(activity, error.errno);
    throw error;
  }
}
