// dummy in `ip link`: it has no options, and words behind it are ignored.

import type { LinkSyntax } from "../../tools/ip/link-syntax.ts";

export const dummySyntax: LinkSyntax = {
  kind: "dummy",
  parse: () => new Uint8Array(0),
  help: ({ process }) => process.print("Usage: ... dummy\n"),
};
