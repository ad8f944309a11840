/** Elements of lists in replies, each of which begins with its own length: what a switch's lists may end with, and what is logged. */
import { OpenflowError } from "./errors.ts";
import type { MessageReader } from "./message-bytes.ts";

/**
 * The length of the next element, which is in the message and not below `least`.
 * @param module whose log tells of others @param what the list, as `OFPST_FLOW reply` @param lengthAt offset of the length
 * @throws OpenflowError
 */
export function elementLength(
  from: MessageReader,
  least: number,
  module: string,
  what: string,
  lengthAt = 0,
): number {
  const length = claimedLength(from, least, module, what, lengthAt);
  if (length <= from.left) return length;
  from.log?.(module, "WARN", `${what} claims invalid length ${length}`);
  throw new OpenflowError("OFPBRC_BAD_LEN");
}

/** Likewise, but the length may go beyond the message: that is found out later. */
export function claimedLength(
  from: MessageReader,
  least: number,
  module: string,
  what: string,
  lengthAt = 0,
): number {
  const length = from.peekU16(lengthAt);
  if (from.left >= least && length >= least) return length;
  const wrong =
    from.left < least ? `has ${from.left} leftover bytes at end` : `claims invalid length ${length}`;
  from.log?.(module, "WARN", `${what} ${wrong}`);
  throw new OpenflowError("OFPBRC_BAD_LEN");
}
