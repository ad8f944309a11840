// bond in `ip stats`, which names its statistics for every device. The kind itself is not here.

import type { LinkSyntax } from "../../tools/ip/link-syntax.ts";

/** BOND_XSTATS_3AD (linux/if_link.h). */
const BOND_XSTATS_3AD = 1;

export const bondSyntax: LinkSyntax = {
  kind: "bond",
  statistics: [{ name: "802.3ad", attribute: BOND_XSTATS_3AD }],
};
