// SSL connections of one program of Open vSwitch (lib/stream-ssl.c): its private key, its certificate, whom it trusts, and what
// it logs. It knows nothing of names and addresses: it wraps a stream that somebody else has opened.

import { ERRNO, strerror } from "../netlink/errno.ts";
import { Refusal } from "../netlink/refusal.ts";
import type { StreamSocket } from "../system/stream-sockets.ts";
import type { Tls, TlsCertificate, TlsSettings, TlsVersion } from "../system/tls.ts";
import { guessContent, SSL } from "./content-guess.ts";

/** What the program has around it. */
export interface SslHost {
  /** Undefined: built without SSL. */
  readonly tls: Tls | undefined;
  /** Keeps a virtual clock still until the returned function is called. */
  hold(): () => void;
  /** Errors: Refusal. */
  readFile(path: string): Uint8Array;
  /** open(2) with O_EXCL, readable only (0444). Errors: Refusal. */
  createFile(path: string, bytes: Uint8Array): void;
  /** By module stream_ssl. `limited`: of many in a row only the first are told. */
  log(level: "err" | "warn" | "info", text: string, limited: boolean): void;
}

/** A program that was built without SSL cannot take an option about it: its end is this text. */
export class NotBuiltWithSsl {
  readonly message: string;
  constructor(what: string) {
    this.message = `${what} specified but Open vSwitch was built without SSL support`;
  }
}

/** A file, and what it held when it was read. */
interface Source {
  readonly path: string;
  readonly bytes: Uint8Array | undefined;
}

const DEFAULT_CIPHERS = "HIGH:!aNULL:!MD5";
const DEFAULT_PROTOCOLS = "TLSv1,TLSv1.1,TLSv1.2";
/** What may be chosen; newer ones are only there as long as nothing is. */
const VERSIONS: readonly TlsVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2"];
const ALL_VERSIONS = { lowest: "TLSv1.2", highest: "TLSv1.3" } as const;

/** What OpenSSL says of a file that cannot be opened, the oldest error first. */
const missingFile = (reason: string): string[] => [
  `error:80000002:system library::${reason}`,
  "error:10080002:BIO routines::system lib",
  "error:0A080002:SSL routines::system lib",
];

export class StreamSsl {
  readonly #host: SslHost;
  #privateKey: Source | undefined;
  #certificate: Source | undefined;
  #authority: Source | undefined;
  #peerAuthority: Source | undefined;
  #verifies = true;
  /** The file to write the authority to that the first server shows. */
  #bootstrap = false;
  /** A key that does not fit was taken away again by the certificate that came after it. */
  #keyForgotten = false;
  #protocols = DEFAULT_PROTOCOLS;
  #ciphers = DEFAULT_CIPHERS;
  #versions: TlsSettings["versions"] = ALL_VERSIONS;
  /** OpenSSL's queue: what is told is the oldest, and the rest stays for the next. */
  readonly #errors: string[] = [];

  constructor(host: SslHost) {
    this.#host = host;
  }

  get built(): boolean {
    return this.#host.tls !== undefined;
  }

  #tls(what: string): Tls {
    const { tls } = this.#host;
    if (!tls) throw new NotBuiltWithSsl(what);
    return tls;
  }

  // ---- settings; errors of all: NotBuiltWithSsl

  setPrivateKey(path: string): void {
    const tls = this.#tls("Private key");
    const read = this.#read(this.#privateKey, path);
    if (read) this.#takePrivateKey(tls, read);
  }

  setCertificate(path: string): void {
    const tls = this.#tls("Certificate");
    const read = this.#read(this.#certificate, path);
    if (read) this.#takeCertificate(tls, read);
  }

  /** Both at once, if both are new: a daemon's, as its database has them. */
  setKeyAndCertificate(key: string | undefined, certificate: string | undefined): void {
    if (key === undefined || certificate === undefined || !this.#host.tls) return;
    const newKey = this.#read(this.#privateKey, key);
    const newCertificate = newKey && this.#read(this.#certificate, certificate);
    if (!newKey || !newCertificate) return;
    this.#takeCertificate(this.#host.tls, newCertificate);
    this.#takePrivateKey(this.#host.tls, newKey);
  }

  setAuthority(path: string, bootstrap: boolean): void {
    const tls = this.#tls(bootstrap ? "Bootstrap CA certificate" : "CA certificate");
    if (path === "none") {
      if (this.#authority?.path === path) return;
      this.#authority = { path, bytes: undefined };
      this.#verifies = false;
      this.#host.log("warn", "Peer certificate validation disabled (this is a security risk)", false);
      return;
    }
    const read = this.#read(this.#authority, path);
    if (!read) return;
    this.#verifies = true;
    this.#bootstrap = bootstrap && read.errors !== undefined;
    if (this.#bootstrap) {
      this.#authority = { path, bytes: undefined };
      return;
    }
    const errors = read.errors ?? tls.checkAuthorities(read.bytes);
    // whom it cannot read it does not trust: it has an authority none the less
    this.#authority = { path, bytes: errors.length > 0 ? new Uint8Array(0) : read.bytes };
    if (errors.length > 0) {
      this.#complain(`failed to load client certificates from ${path}`, errors);
    }
  }

  /** Sent along, for clients that do not know it yet. */
  setPeerAuthority(path: string): void {
    const tls = this.#tls("Peer CA certificate");
    const read = this.#read(this.#peerAuthority, path);
    if (!read) return;
    const errors = read.errors ?? tls.checkCertificate(read.bytes);
    this.#peerAuthority = { path, bytes: errors.length > 0 ? undefined : read.bytes };
    if (errors.length > 0) this.#host.log("err", `failed to read ${path}: ${errors[0]}`, false);
  }

  setProtocols(text: string): void {
    this.#tls("SSL protocols");
    if (text === this.#protocols) return;
    const words = text.split(/[ ,\t]+/).filter((word) => word !== "");
    if (words.length === 0) {
      this.#host.log("err", "SSL protocol settings invalid", false);
      return;
    }
    const chosen: number[] = [];
    for (const word of words) {
      const at = VERSIONS.findIndex((version) => version.toLowerCase() === word.toLowerCase());
      if (at < 0) {
        this.#host.log("err", `${word}: SSL protocol not recognized`, false);
        return;
      }
      chosen.push(at);
    }
    this.#protocols = text;
    const version = (at: number): TlsVersion => VERSIONS[at] ?? "TLSv1.2";
    this.#versions = { lowest: version(Math.min(...chosen)), highest: version(Math.max(...chosen)) };
  }

  setCiphers(text: string): void {
    const tls = this.#tls("SSL ciphers");
    if (text === this.#ciphers) return;
    const errors = tls.checkCiphers(text);
    if (errors.length > 0) this.#complain("SSL_CTX_set_cipher_list", errors);
    else this.#ciphers = text;
  }

  #takePrivateKey(tls: Tls, { path, bytes, errors: missing }: ReadFile): void {
    const errors = [...(missing ?? tls.checkPrivateKey(bytes))];
    const certificate = this.#certificate?.bytes;
    if (errors.length === 0 && certificate && !tls.belongTogether(bytes, certificate)) {
      errors.push("error:05800074:x509 certificate routines::key values mismatch");
    }
    this.#privateKey = { path, bytes: errors.length > 0 ? this.#privateKey?.bytes : bytes };
    if (errors.length > 0) this.#complain("SSL_use_PrivateKey_file", errors);
    else this.#keyForgotten = false;
  }

  #takeCertificate(tls: Tls, { path, bytes, errors: missing }: ReadFile): void {
    const errors = missing ?? tls.checkCertificate(bytes);
    this.#certificate = { path, bytes: errors.length > 0 ? this.#certificate?.bytes : bytes };
    if (errors.length > 0) this.#complain("SSL_use_certificate_file", errors);
    else {
      const key = this.#privateKey?.bytes;
      this.#keyForgotten = key !== undefined && !tls.belongTogether(key, bytes);
    }
  }

  /** Undefined if it is the file that is known, with what is known of it. */
  #read(known: Source | undefined, path: string): ReadFile | undefined {
    try {
      const bytes = this.#host.readFile(path);
      if (known?.path === path && known.bytes && sameBytes(known.bytes, bytes)) return undefined;
      return { path, bytes, errors: undefined };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (known?.path === path) return undefined; // told once
      return { path, bytes: new Uint8Array(0), errors: missingFile(strerror(error.errno)) };
    }
  }

  /** ERR_get_error() */
  #complain(what: string, errors: readonly string[]): void {
    this.#errors.push(...errors);
    this.#host.log("err", `${what}: ${this.#errors.shift() ?? ""}`, false);
  }

  // ---- connections

  /** What has to be there, and is not, is told in the log. Errors: Refusal ENOPROTOOPT. */
  #settings(): TlsSettings {
    const missing: string[] = [];
    const privateKey = this.#privateKey?.bytes;
    const certificate = this.#certificate?.bytes;
    if (!privateKey) missing.push("Private key must be configured to use SSL");
    if (!certificate) missing.push("Certificate must be configured to use SSL");
    if (!this.#authority && this.#verifies) missing.push("CA certificate must be configured to use SSL");
    if (missing.length === 0 && this.#keyForgotten) {
      missing.push(
        "Private key does not match certificate public key: error:0A0000BE:SSL routines::no private key assigned",
      );
    }
    for (const text of missing) this.#host.log("err", text, false);
    if (missing.length > 0 || !privateKey || !certificate) throw new Refusal(ERRNO.ENOPROTOOPT);
    const more = this.#peerAuthority?.bytes;
    return {
      privateKey,
      certificates: more ? joined(certificate, more) : certificate,
      authorities: this.#verifies ? (this.#authority?.bytes ?? new Uint8Array(0)) : undefined,
      versions: this.#versions,
      ciphers: this.#ciphers,
    };
  }

  /**
   * A connection cannot even begin. One that is refused is, for the original, one that begins: what is missing is told first. Errors:
   * Refusal, that or ENOPROTOOPT.
   */
  notConnected(name: string, refusal: Refusal): never {
    if (refusal.errno === ERRNO.ECONNREFUSED) this.#settings();
    else this.#host.log("err", `${name}: connect: ${strerror(refusal.errno)}`, false);
    throw refusal;
  }

  /**
   * SSL over a stream. @param name of the connection, for the log. Errors: Refusal EAFNOSUPPORT if there is no SSL, ENOPROTOOPT if
   * something has not been configured; the stream is closed then.
   */
  wrap(name: string, socket: StreamSocket, side: "client" | "server"): StreamSocket {
    const { tls } = this.#host;
    if (!tls) throw new Refusal(ERRNO.EAFNOSUPPORT);
    let settings: TlsSettings;
    try {
      settings = this.#settings();
    } catch (error) {
      socket.close();
      throw error;
    }
    const bootstrap = this.#bootstrap && side === "client";
    if (bootstrap) settings = { ...settings, authorities: undefined };
    const called = side === "client" ? "SSL_connect" : "SSL_accept";
    let peerName: string | undefined;
    const inner = tls.wrap(
      socket,
      side,
      settings,
      {
        established: (chain) => {
          if (bootstrap) {
            return this.#learn(chain);
          }
          peerName = chain[0]?.commonName;
          return 0;
        },
        failed: (during, error, head) => {
          this.#host.log("warn", `${during === "handshake" ? called : "SSL_read"}: ${error}`, true);
          const content = guessContent(head);
          if (during === "handshake" && content !== undefined && content !== SSL) {
            this.#host.log("warn", `${name}: received ${content} data on ${SSL} channel`, true);
          }
        },
      },
      () => this.#host.hold(),
    );
    return Object.assign(inner, { peerName: () => peerName });
  }

  /** do_ca_cert_bootstrap(): the authority that the server shows is the one to trust from now on. The errno of this connection. */
  #learn(chain: readonly TlsCertificate[]): number {
    const path = this.#authority?.path ?? "";
    const last = chain.at(-1);
    const log = (level: "err" | "info", text: string): void => this.#host.log(level, text, false);
    if (!this.#bootstrap) {
      log("info", "rejecting SSL connection during bootstrap race window");
      return ERRNO.EPROTO;
    }
    if (!last) {
      log("err", "no certificate presented by peer during bootstrap");
      return ERRNO.EPROTO;
    }
    if (!last.selfSigned) {
      log(
        "err",
        "could not bootstrap CA cert: obtained certificate is not self-signed (unable to get issuer certificate)",
      );
      if (chain.length < 2) {
        log(
          "err",
          "only one certificate was received, so probably the peer is not configured to send its CA certificate",
        );
      }
      return ERRNO.EPROTO;
    }
    const bytes = new TextEncoder().encode(last.pem);
    try {
      this.#host.createFile(path, bytes);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.errno !== ERRNO.EEXIST) {
        log("err", `could not bootstrap CA cert: creating ${path} failed: ${strerror(error.errno)}`);
        return error.errno;
      }
      log("info", `reading CA cert ${path} created by another process`);
      this.#authority = undefined;
      this.setAuthority(path, true);
      return ERRNO.EPROTO;
    }
    log("info", `successfully bootstrapped CA cert to ${path}`);
    log("info", `Trusting CA cert from ${path} (${last.subject}) (fingerprint ${last.fingerprint})`);
    this.#bootstrap = false;
    this.#authority = { path, bytes };
    log("info", "killing successful connection to retry using CA cert");
    return ERRNO.EPROTO;
  }
}

interface ReadFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Why it could not be read. */
  readonly errors: readonly string[] | undefined;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length + 1).fill(0x0a);
  all.set(first);
  all.set(second, first.length + 1);
  return all;
}
