// One TLS connection: Node's TLS between a stream of a system and whoever uses what is inside. Node works in turns of its event
// loop and without threads, so a few turns in which nothing happened tell that it has nothing more to do. Node's modules are
// looked up with the first connection: few programs ever need them.

import type { Duplex } from "node:stream";
import type { SecureContextOptions, TLSSocket } from "node:tls";
import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { StreamAddress, StreamSocket } from "@patchcord/core/system/stream-sockets.ts";
import { Wakers } from "@patchcord/core/system/streams.ts";
import type { Input, Output } from "@patchcord/core/system/streams.ts";
import type { TlsListener, TlsSettings } from "@patchcord/core/system/tls.ts";
import { ALERT, plainAlert, sealedAlert } from "./alerts.ts";
import { certificateOf } from "./certificate.ts";

/** After so many turns of the event loop without news Node has done all it can. */
const QUIET_TURNS = 6;
/** Bytes that are kept of what came first, for guesses at what was meant by it. */
const HEAD_LENGTH = 2;

/** Chunks that wait for a reader before the other side has to wait. */
const UNREAD_LIMIT = 64;

const VERIFY_FAILED = "error:0A000086:SSL routines::certificate verify failed";
const NO_CERTIFICATE = "error:0A0000C7:SSL routines::peer did not return a certificate";
const UNEXPECTED_END = "error:0A000126:SSL routines::unexpected eof while reading";

type State = "handshake" | "open" | "ended" | "failed";

export class TlsConnection implements StreamSocket {
  readonly input: Input;
  readonly output: Output;
  readonly local?: StreamAddress;
  readonly remote?: StreamAddress;
  readonly #raw: StreamSocket;
  readonly #side: "client" | "server";
  readonly #verifies: boolean;
  readonly #listener: TlsListener;
  readonly #hold: () => () => void;
  readonly #carrier: Duplex;
  readonly #unsubscribe: (() => void)[];
  readonly #wakers = new Wakers();
  readonly #received: Uint8Array[] = [];
  #unsent: Uint8Array[] = [];
  #tls: TLSSocket | undefined;
  #state: State = "handshake";
  #errno: number = ERRNO.EPROTO;
  #head: Uint8Array = new Uint8Array(0);
  #rawEnded = false;
  /** Nothing of Node's goes out any more. */
  #mute = false;
  /** It has failed on this side only: the other one is told of the end as usual. */
  #saysGoodbye = false;
  #closing = false;
  #closed = false;
  #release: (() => void) | undefined;
  #quietTurns = 0;
  /** Goes on with a write of Node's that waits for the stream. */
  #goOn: (() => void) | undefined;
  #serverSecret: Uint8Array | undefined;

  constructor(
    raw: StreamSocket,
    side: "client" | "server",
    settings: TlsSettings,
    listener: TlsListener,
    hold: () => () => void,
  ) {
    this.#raw = raw;
    this.#side = side;
    this.#verifies = settings.authorities !== undefined;
    this.#listener = listener;
    this.#hold = hold;
    if (raw.local) this.local = raw.local;
    if (raw.remote) this.remote = raw.remote;
    const connection = this;
    this.input = {
      get ready() {
        return connection.#received.length > 0 || connection.#over;
      },
      subscribe: (wake) => this.#wakers.subscribe(wake),
      read: () => this.#read(),
      unread: (bytes) => {
        if (bytes.length > 0) this.#received.unshift(bytes);
      },
    };
    this.output = {
      get ready() {
        return connection.#over || (connection.#state === "open" && !connection.#tls?.writableNeedDrain);
      },
      subscribe: (wake) => this.#wakers.subscribe(wake),
      write: (bytes) => this.#write(bytes),
    };
    this.#carrier = new (process.getBuiltinModule("node:stream").Duplex)({
      read: () => {},
      write: (bytes: Uint8Array, _encoding, done) => this.#send(bytes, done),
      final: (done) => done(),
    });
    this.#unsubscribe = [
      raw.input.subscribe(() => this.#pump()),
      raw.output.subscribe(() => this.#continue()),
    ];
    if (side === "client") this.#connect(contextOf(settings));
    else this.#accept(contextOf(settings));
    this.#busy();
    this.#pump();
  }

  get #over(): boolean {
    return this.#state === "ended" || this.#state === "failed" || this.#closed;
  }

  #connect(context: SecureContextOptions): void {
    const tls = process.getBuiltinModule("node:tls").connect({
      ...context,
      socket: this.#carrier,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    this.#attach(tls);
    tls.on("secureConnect", () => this.#secured(tls));
  }

  #accept(context: SecureContextOptions): void {
    const { createServer } = process.getBuiltinModule("node:tls");
    const server = createServer({ ...context, requestCert: this.#verifies, rejectUnauthorized: false });
    server.on("keylog", (line) => {
      const [label, , secret = ""] = line.toString("latin1").trim().split(" ");
      if (label === "SERVER_TRAFFIC_SECRET_0") this.#serverSecret = Buffer.from(secret, "hex");
    });
    server.on("secureConnection", (tls) => {
      this.#attach(tls);
      this.#secured(tls);
    });
    server.on("tlsClientError", (error) => this.#fail(error));
    server.emit("connection", this.#carrier);
  }

  #attach(tls: TLSSocket): void {
    this.#tls = tls;
    tls.on("data", (bytes: Buffer) => {
      this.#busy();
      // of a side whose certificate is not good nothing is taken
      if (this.#state !== "open") return;
      this.#received.push(new Uint8Array(bytes));
      this.#wakers.wake();
    });
    tls.on("end", () => this.#ended());
    tls.on("error", (error) => this.#fail(error));
    tls.on("drain", () => this.#wakers.wake());
  }

  #secured(tls: TLSSocket): void {
    if (this.#state !== "handshake") return;
    if (this.#verifies && !tls.authorized) {
      this.#rejectPeer(tls);
      return;
    }
    const errno = this.#listener.established(chainOf(tls));
    if (errno !== 0) {
      this.#saysGoodbye = true;
      this.#breakOff(errno);
      return;
    }
    this.#state = "open";
    for (const bytes of this.#unsent.splice(0)) tls.write(bytes);
    if (this.#closing) tls.end();
    this.#wakers.wake();
  }

  /** Node has checked the certificate and said nothing yet: what it has written since goes nowhere. */
  #rejectPeer(tls: TLSSocket): void {
    const shown = Object.keys(tls.getPeerCertificate()).length > 0;
    this.#mute = true;
    const description = shown ? ALERT.UNKNOWN_CA : ALERT.CERTIFICATE_REQUIRED;
    const isNew = tls.getProtocol() === "TLSv1.3";
    const alert =
      isNew && this.#side === "server"
        ? this.#serverSecret && sealedAlert(tls.getCipher().standardName, this.#serverSecret, description)
        : plainAlert(description);
    // a client of TLS 1.2 has already changed to keys that are not told
    if (alert && (isNew || this.#side === "server")) this.#sendRaw(alert);
    this.#listener.failed("handshake", shown ? VERIFY_FAILED : NO_CERTIFICATE, this.#head);
    this.#breakOff(ERRNO.EPROTO);
  }

  // ---- the stream below

  #pump(): void {
    while (!this.#rawEnded && !this.#over && this.#received.length < UNREAD_LIMIT) {
      let bytes: Uint8Array | null | undefined;
      try {
        bytes = this.#raw.input.read();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        this.#breakOff(error.errno);
        return;
      }
      if (bytes === undefined) return;
      this.#busy();
      if (bytes === null) {
        // Node is not told: if it does not end by what came before, the other side has not said that it ends
        this.#rawEnded = true;
        return;
      }
      if (this.#head.length < HEAD_LENGTH)
        this.#head = Buffer.concat([this.#head, bytes]).subarray(0, HEAD_LENGTH);
      this.#carrier.push(bytes);
    }
  }

  #send(bytes: Uint8Array, done: (error?: Error) => void): void {
    this.#busy();
    if (!this.#mute) this.#sendRaw(bytes);
    if (this.#closed || this.#mute || this.#raw.output.ready) done();
    else this.#goOn = done;
  }

  #sendRaw(bytes: Uint8Array): void {
    try {
      this.#raw.output.write(new Uint8Array(bytes));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#mute = true; // reading tells how the connection ended, if it has ever begun
      if (this.#state === "handshake" && error.errno !== ERRNO.EPIPE) this.#breakOff(error.errno);
    }
  }

  #continue(): void {
    if (!this.#raw.output.ready) return;
    const goOn = this.#goOn;
    this.#goOn = undefined;
    if (goOn) this.#busy();
    goOn?.();
  }

  // ---- turns of the event loop

  #busy(): void {
    this.#quietTurns = 0;
    if (this.#release) return;
    this.#release = this.#hold();
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    if (this.#quietTurns++ < QUIET_TURNS) {
      setImmediate(() => this.#turn());
      return;
    }
    if (this.#rawEnded && !this.#over) this.#cutOff();
    if (this.#closing && !this.#goOn) this.#finish();
    this.#release?.();
    this.#release = undefined;
  }

  // ---- the end

  #cutOff(): void {
    if (this.#state === "handshake") this.#sendRaw(plainAlert(ALERT.DECODE_ERROR));
    this.#report(UNEXPECTED_END);
  }

  #ended(): void {
    if (this.#over) return;
    this.#state = "ended";
    this.#wakers.wake();
  }

  #fail(error: Error): void {
    this.#busy();
    if (this.#over) return;
    const known = /error:([0-9A-F]{8}):([^:]*):[^:]*:([^:]*)/.exec(error.message);
    if (known) this.#report(`error:${known[1]}:${known[2]}::${known[3]}`);
    else this.#report(error.message);
  }

  #report(text: string): void {
    const during = this.#state === "handshake" ? "handshake" : "read";
    this.#listener.failed(during, text, this.#head);
    this.#breakOff(during === "handshake" ? ERRNO.EPROTO : ERRNO.EIO);
  }

  #breakOff(errno: number): void {
    this.#state = "failed";
    this.#errno = errno;
    this.#wakers.wake();
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const end of this.#unsubscribe) end();
    this.#raw.close();
    this.#tls?.destroy();
    this.#carrier.destroy();
  }

  // ---- StreamSocket

  #read(): Uint8Array | null | undefined {
    const bytes = this.#received.shift();
    if (bytes) {
      if (this.#received.length === UNREAD_LIMIT / 2) this.#pump();
      return bytes;
    }
    if (this.#state === "ended" || this.#closing) return null;
    if (this.#state === "failed") throw new Refusal(this.#errno);
    return undefined;
  }

  #write(bytes: Uint8Array): void {
    if (this.#state === "failed") throw new Refusal(this.#errno);
    if (this.#closing || this.#over) throw new Refusal(ERRNO.EPIPE);
    if (bytes.length === 0) return;
    this.#busy();
    if (this.#state === "handshake") this.#unsent.push(bytes.slice());
    else this.#tls?.write(bytes.slice());
  }

  endOutput(): void {
    if (this.#over) return;
    this.#busy();
    this.#tls?.end();
  }

  /** The other side is told, as far as that takes no answer; then the stream goes. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#state === "handshake" || (this.#state === "failed" && !this.#saysGoodbye)) {
      this.#mute = true;
      this.#finish();
      return;
    }
    this.#busy();
    this.#tls?.end();
  }
}

function contextOf({
  privateKey,
  certificates,
  authorities,
  ciphers,
  versions,
}: TlsSettings): SecureContextOptions {
  return {
    key: Buffer.from(privateKey),
    cert: Buffer.from(certificates),
    // an empty list trusts nobody; without one Node would trust the world's
    ca: authorities === undefined || authorities.length === 0 ? [] : [Buffer.from(authorities)],
    ciphers,
    minVersion: versions.lowest,
    maxVersion: versions.highest,
  };
}

function chainOf(tls: TLSSocket) {
  const chain = [];
  let certificate = tls.getPeerCertificate(true);
  while (certificate?.raw) {
    chain.push(certificateOf(certificate.raw));
    const issuer = certificate.issuerCertificate;
    if (!issuer?.raw || issuer.raw.equals(certificate.raw)) break;
    certificate = issuer;
  }
  return chain;
}
