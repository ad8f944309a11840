// Link types without a printer: their bytes.

import type { LinkPrinter } from "./link-types.ts";
import { hexAndAscii } from "./hexdump.ts";

export function unsupported(linkType: number): LinkPrinter {
  return (d, at, length, captured) => {
    d.protocol = "unsupported";
    d.text += `[Unsupported link-type ${linkType}, length ${length}]`;
    hexAndAscii(d, "\n\t", at, captured);
    return captured;
  };
}
