// What a certificate says, in OpenSSL's words.

import type { TlsCertificate } from "@patchcord/core/system/tls.ts";

/** @param encoded DER or PEM */
export function certificateOf(encoded: Uint8Array): TlsCertificate {
  const certificate = new (process.getBuiltinModule("node:crypto").X509Certificate)(encoded);
  const { subject, fingerprint } = certificate;
  return {
    pem: certificate.toString(),
    // Node gives each attribute a line
    subject: subject
      .split("\n")
      .map((attribute) => `/${attribute}`)
      .join(""),
    commonName: /^CN=(.*)$/m.exec(subject)?.[1],
    fingerprint: fingerprint.toLowerCase(),
    selfSigned: certificate.checkIssued(certificate),
  };
}
