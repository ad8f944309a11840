// UUIDs (RFC 4122) as text in lower case, which also sorts as Open vSwitch sorts them.

export const ZERO_UUID = "00000000-0000-0000-0000-000000000000";

const LENGTH = 36;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Undefined if the text is none. */
export function parseUuid(text: string): string | undefined {
  if (text.length !== LENGTH) return undefined;
  if (UUID.test(text)) return text;
  const lower = text.toLowerCase();
  return UUID.test(lower) ? lower : undefined;
}

/** Eight digits. */
function digits(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}

/** A version 4 UUID from four random 32-bit numbers. */
export function randomUuid(random32: () => number): string {
  const first = digits(random32());
  const second = digits((random32() & 0xffff0fff) | 0x4000);
  const third = digits((random32() & 0x3fffffff) | 0x80000000);
  const fourth = digits(random32());
  return `${first}-${second.slice(0, 4)}-${second.slice(4)}-${third.slice(0, 4)}-${third.slice(4)}${fourth}`;
}

/** The 16 bytes of its digits. */
export function bytesOfUuid(uuid: string): Uint8Array {
  const digits = uuid.replaceAll("-", "");
  return Uint8Array.from({ length: 16 }, (_, at) => Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}

export function uuidOfBytes(bytes: Uint8Array): string {
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.*)$/, "$1-$2-$3-$4-$5");
}
