// Dumps by netlink, for readers of a network's state: what cannot be decoded is left out.

import type { NetlinkClient } from "../../netlink/client.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Decoded } from "../../wire/malformed.ts";

/** Every message of a dump; none if the kernel refuses it. */
export function dump<T>(
  client: NetlinkClient,
  type: number,
  body: Uint8Array,
  decode: (body: Uint8Array) => Decoded<T>,
): T[] {
  const result = client.dump(type, body);
  if (!result.ok) return [];
  const list: T[] = [];
  for (const message of result.messages) {
    const decoded = decode(message.body);
    if (!isMalformed(decoded)) list.push(decoded);
  }
  return list;
}
