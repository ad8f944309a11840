// Link types without a printer: their bytes.

import { hexAndAscii } from "./hexdump.ts";
import type { LinkPrinter } from "./link-types.ts";

export const unsupported: LinkPrinter = (d, at, _length, captured) => {
  d.protocol = "unsupported";
  d.text += "UNSUPPORTED";
  hexAndAscii(d, "\n\t", at, captured);
  return 0;
};
