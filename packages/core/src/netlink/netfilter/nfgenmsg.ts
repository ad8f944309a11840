/** What every message of NETLINK_NETFILTER begins with: `struct nfgenmsg` (linux/netfilter/nfnetlink.h). */

import { at, be16, struct, u8 } from "../attribute-codecs.ts";

export const nfgenmsg = struct(4, {
  /** AF_INET, AF_INET6, or another NFPROTO_*; 0 for all. */
  family: at(0, u8),
  version: at(1, u8),
  resourceId: at(2, be16),
});
