// What block ciphers have in common, and the mode that chains their blocks (NIST SP 800-38A, 6.2).

/** A cipher with its key. */
export interface BlockCipher {
  /** Bytes */
  readonly blockLength: number;
  decrypt(block: Uint8Array): Uint8Array;
}

/** Whole blocks that were encrypted with cipher block chaining. */
export function decryptChained(cipher: BlockCipher, initial: Uint8Array, bytes: Uint8Array): Uint8Array {
  const size = cipher.blockLength;
  const plain = new Uint8Array(bytes.length);
  let previous = initial;
  for (let at = 0; at < bytes.length; at += size) {
    const block = bytes.subarray(at, at + size);
    for (const [index, byte] of cipher.decrypt(block).entries())
      plain[at + index] = byte ^ (previous[index] ?? 0);
    previous = block;
  }
  return plain;
}
