// TLS by Node's OpenSSL, for the embedded system and for tools on the real one.

import type { Tls } from "@patchcord/core/system/tls.ts";
import { TlsConnection } from "./tls-connection.ts";

// What OpenSSL 3.0 has in its queue of errors after it has tried to read what is none.
const NO_KEY = ["error:1E08010C:DECODER routines::unsupported", "error:0A080009:SSL routines::PEM lib"];
const NO_CERTIFICATE = ["error:0480006C:PEM routines::no start line", "error:0A080009:SSL routines::PEM lib"];
const NO_CIPHERS = ["error:0A0000B9:SSL routines::no cipher match"];

function checked(attempt: () => unknown, errors: readonly string[]): readonly string[] {
  try {
    attempt();
    return [];
  } catch {
    return errors;
  }
}

const crypto = () => process.getBuiltinModule("node:crypto");
const privateKeyOf = (pem: Uint8Array) => crypto().createPrivateKey(Buffer.from(pem));
const certificateOf = (pem: Uint8Array) => new (crypto().X509Certificate)(pem);

export const nodeTls: Tls = {
  checkPrivateKey: (pem) => checked(() => privateKeyOf(pem), NO_KEY),
  checkCertificate: (pem) => checked(() => certificateOf(pem), NO_CERTIFICATE),
  checkAuthorities: (pem) => checked(() => certificateOf(pem), NO_CERTIFICATE.slice(0, 1)),
  belongTogether: (privateKey, certificate) =>
    certificateOf(certificate).checkPrivateKey(privateKeyOf(privateKey)),
  checkCiphers: (ciphers) =>
    checked(() => process.getBuiltinModule("node:tls").createSecureContext({ ciphers }), NO_CIPHERS),
  wrap: (socket, side, settings, listener, hold) => new TlsConnection(socket, side, settings, listener, hold),
};
