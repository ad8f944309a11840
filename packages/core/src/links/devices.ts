// The kinds of link that the embedded kernel has: one line each.

import type { LinkKind } from "../kernel/link-kind.ts";
import { openvswitchKind } from "./openvswitch/device.ts";
import { bondKind } from "./bond/kind.ts";
import { bridgeKind } from "./bridge/kind.ts";
import { dummyKind } from "./dummy/device.ts";
import { geneveKind } from "./geneve/kind.ts";
import { erspanKind, greKind, gretapKind } from "./gre/kind.ts";
import { ipvlanKind } from "./ipvlan/kind.ts";
import { macvlanKind } from "./macvlan/kind.ts";
import { tunKind } from "./tun/device.ts";
import { vethKind } from "./veth/device.ts";
import { vlanKind } from "./vlan/kind.ts";
import { vrfKind } from "./vrf/kind.ts";
import { vxlanKind } from "./vxlan/kind.ts";

export const linkKinds: readonly LinkKind[] = [
  vethKind,
  openvswitchKind,
  dummyKind,
  bridgeKind,
  vlanKind,
  macvlanKind,
  ipvlanKind,
  vxlanKind,
  geneveKind,
  greKind,
  gretapKind,
  erspanKind,
  tunKind,
  bondKind,
  vrfKind,
];
