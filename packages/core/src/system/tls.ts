// TLS over any stream, for systems whose host has a cryptographic library: Node has, a browser has none for this. What is
// trusted, and what is said of failures, is the user's business; texts of errors are OpenSSL's ("error:0A000086:SSL routines::...").

import type { StreamSocket } from "./stream-sockets.ts";

export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** What one side brings. Files are PEM (RFC 7468). */
export interface TlsSettings {
  readonly privateKey: Uint8Array;
  /** The first is that of the key. */
  readonly certificates: Uint8Array;
  /** The other side's certificate has to lead to one of these; undefined: whatever it shows will do. */
  readonly authorities: Uint8Array | undefined;
  readonly versions: { readonly lowest: TlsVersion; readonly highest: TlsVersion };
  /** In the language of openssl-ciphers(1). */
  readonly ciphers: string;
}

/** A certificate (RFC 5280). */
export interface TlsCertificate {
  readonly pem: string;
  /** As OpenSSL writes names in a line: `/O=Example/CN=host`. */
  readonly subject: string;
  readonly commonName: string | undefined;
  /** Of SHA-1: `5b:45:...`. */
  readonly fingerprint: string;
  readonly selfSigned: boolean;
}

/** Who is told how a connection goes. */
export interface TlsListener {
  /** The handshake is done: what the other side has shown, its own certificate first. Not 0: the connection ends with that errno. */
  established(chain: readonly TlsCertificate[]): number;
  /** Nothing more can be read. `head`: the first bytes that came, of a handshake that failed. */
  failed(during: "handshake" | "read", error: string, head: Uint8Array): void;
}

/**
 * A host's TLS. The checks give OpenSSL's errors, the oldest first, as its queue has them; none if all is well.
 */
export interface Tls {
  checkPrivateKey(pem: Uint8Array): readonly string[];
  checkCertificate(pem: Uint8Array): readonly string[];
  checkAuthorities(pem: Uint8Array): readonly string[];
  /** Whether a key and a certificate, each good in itself, belong together. */
  belongTogether(privateKey: Uint8Array, certificate: Uint8Array): boolean;
  checkCiphers(ciphers: string): readonly string[];
  /**
   * The stream inside: what is written meanwhile waits until the handshake is done. Reading fails with EPROTO if the handshake
   * has failed, and with EIO later. `hold` keeps a virtual clock still while the library works.
   */
  wrap(
    socket: StreamSocket,
    side: "client" | "server",
    settings: TlsSettings,
    listener: TlsListener,
    hold: () => () => void,
  ): StreamSocket;
}
