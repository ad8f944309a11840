// Keys of tunnels on the command line.

import { readU32BE } from "../../../wire/bytes.ts";
import { parseLooseIpv4 } from "../addresses.ts";
import { fail } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { parseUnsigned } from "../numbers.ts";

/** tnl_parse_key(): the next word, a number or like an address. `name` is that of the option. */
export function readTunnelKey(args: Arguments, name: string): number {
  args.next();
  const text = args.current;
  if (text.includes(".")) {
    const bytes = parseLooseIpv4(text);
    if (bytes) return readU32BE(bytes, 0);
  }
  const value = parseUnsigned(text);
  if (value !== undefined) return value;
  return fail(
    args.process,
    255,
    `invalid value for "${name}": "${text}"; it should be an unsigned integer\n`,
  );
}
