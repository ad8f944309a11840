// What the first bytes of a stream look like, for those who have expected something else (lib/stream.c, stream_guess_content()).

export const SSL = "SSL";
export type Content = "OpenFlow" | "JSON-RPC" | typeof SSL;

/** Undefined if it is none of what Open vSwitch speaks. */
export function guessContent([first = 0, second = 0]: Uint8Array): Content | undefined {
  if (first === 0x16 && second === 3) return SSL; // a handshake of version 3 (RFC 8446, section 5.1)
  if (first === 0x7b && second === 0x22) return "JSON-RPC";
  if (first === 1 && second === 0) return "OpenFlow"; // the hello of version 1.0
  return undefined;
}
