// Alerts (RFC 8446, section 6) that Node does not send: it checks certificates when the handshake is over, where OpenSSL's own
// programs check them in the middle of it and tell the other side why they leave.

/** AlertDescription; all are fatal. */
export const ALERT = { DECODE_ERROR: 50, UNKNOWN_CA: 48, CERTIFICATE_REQUIRED: 116 };

const FATAL = 2;
const CONTENT_ALERT = 21;
const CONTENT_APPLICATION_DATA = 23;
const TAG_LENGTH = 16; // bytes

/** A record that nothing protects. */
export function plainAlert(description: number): Uint8Array {
  return Uint8Array.of(CONTENT_ALERT, 3, 3, 0, 2, FATAL, description);
}

const CIPHERS = {
  TLS_AES_128_GCM_SHA256: { name: "aes-128-gcm", hash: "sha256", keyLength: 16 },
  TLS_AES_256_GCM_SHA384: { name: "aes-256-gcm", hash: "sha384", keyLength: 32 },
  TLS_CHACHA20_POLY1305_SHA256: { name: "chacha20-poly1305", hash: "sha256", keyLength: 32 },
} as const;

/**
 * The first record that is sent under a traffic secret of TLS 1.3 (RFC 8446, sections 5.2 and 7.3). Undefined for a suite that
 * is not known.
 */
export function sealedAlert(suite: string, secret: Uint8Array, description: number): Uint8Array | undefined {
  if (!Object.hasOwn(CIPHERS, suite)) return undefined;
  const { name, hash, keyLength } = CIPHERS[suite as keyof typeof CIPHERS];
  const key = expandLabel(hash, secret, "key", keyLength);
  const nonce = expandLabel(hash, secret, "iv", 12); // of sequence number 0
  const inner = Uint8Array.of(FATAL, description, CONTENT_ALERT);
  const header = Uint8Array.of(CONTENT_APPLICATION_DATA, 3, 3, 0, inner.length + TAG_LENGTH);
  const { createCipheriv } = process.getBuiltinModule("node:crypto");
  const cipher = createCipheriv(name as "aes-128-gcm", key, nonce, { authTagLength: TAG_LENGTH });
  cipher.setAAD(header);
  return Buffer.concat([header, cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
}

/** HKDF-Expand-Label with an empty context, of at most one hash's length (RFC 8446, section 7.1; RFC 5869). */
function expandLabel(hash: string, secret: Uint8Array, label: string, length: number): Uint8Array {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Uint8Array.of(0, length, name.length), name, Uint8Array.of(0)]);
  const { createHmac } = process.getBuiltinModule("node:crypto");
  return createHmac(hash, secret).update(info).update(Uint8Array.of(1)).digest().subarray(0, length);
}
