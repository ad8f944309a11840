// What the loopback device tells through ethtool (drivers/net/loopback.c).

import { FEATURES, featureSet } from "./features.ts";
import type { EthtoolOperations } from "./operations.ts";
import { softwareTimestamping } from "./operations.ts";

export const loopbackEthtool: EthtoolOperations = {
  features: {
    active:
      FEATURES.scatterGather |
      FEATURES.gsoSoftware |
      featureSet(
        "tx-checksum-ip-generic",
        "rx-checksum",
        "tx-checksum-sctp",
        "highdma",
        "tx-lockless",
        "netns-local",
        "vlan-challenged",
        "loopback",
      ),
    changeable: FEATURES.gsoSoftware,
  },
  link: true,
  timestamping: softwareTimestamping,
};
