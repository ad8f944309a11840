// Decimal fractions as ping reads them: strtod(3), with a warning about what follows the number.

import { ERRNO } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import { complain, fail } from "../iputils/arguments.ts";

const NUMBER =
  /^[ \t\n\v\f\r]*([+-]?)(?:(0[xX][0-9a-fA-F]+)|(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|(inf(?:inity)?|nan))/i;

const SMALLEST_NORMAL = 2 ** -1022;

/** Ends the process for what is no finite number. `what` introduces the message. */
export function readDecimal(process: Process, text: string, what: string): number {
  if (text === "") fail(process, 2, 0, `${what}: ${text}`);
  const match = NUMBER.exec(text);
  const magnitude = Number(match?.[2] ?? match?.[3] ?? 0);
  const rest = text.slice(match?.[0].length ?? 0);
  const inRange = Number.isFinite(magnitude) && (magnitude === 0 || magnitude >= SMALLEST_NORMAL);
  if (rest !== "" || !inRange) {
    complain(process, 0, `option argument contains garbage: ${rest}`);
    complain(process, 0, "this will become fatal error in the future");
  }
  if (match?.[4] !== undefined || !inRange) fail(process, 2, ERRNO.ERANGE, `${what}: ${text}`);
  return match?.[1] === "-" ? -magnitude : magnitude;
}
