/** Bytes in hexadecimal, as notes, user data and packets are written. */

/** Bytes in hexadecimal, with white space or dots between. */
export function scanHexBytes(text: string): { bytes: Uint8Array; rest: string } {
  const bytes: number[] = [];
  let at = 0;
  for (;;) {
    at += /^[ .\t\r\n]*/.exec(text.slice(at))?.[0].length ?? 0;
    const pair = /^[0-9a-fA-F]{2}/.exec(text.slice(at))?.[0];
    if (pair === undefined) return { bytes: Uint8Array.from(bytes), rest: text.slice(at) };
    bytes.push(Number.parseInt(pair, 16));
    at += 2;
  }
}
