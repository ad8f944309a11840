// The link kinds that `ip` can parse and print: one line each.

import type { LinkSyntax } from "../tools/ip/link-syntax.ts";
import { bondPortSyntax, bondSyntax } from "./bond/syntax.ts";
import { bridgePortSyntax } from "./bridge/port/syntax.ts";
import { bridgeSyntax } from "./bridge/syntax.ts";
import { dummySyntax } from "./dummy/syntax.ts";
import { geneveSyntax } from "./geneve/syntax.ts";
import { erspanSyntax, greSyntax, gretapSyntax } from "./gre/syntax.ts";
import { ipvlanSyntax } from "./ipvlan/syntax.ts";
import { macvlanSyntax } from "./macvlan/syntax.ts";
import { tunSyntax } from "./tun/syntax.ts";
import { vethSyntax } from "./veth/syntax.ts";
import { vlanSyntax } from "./vlan/syntax.ts";
import { vrfPortSyntax, vrfSyntax } from "./vrf/syntax.ts";
import { vxlanSyntax } from "./vxlan/syntax.ts";

export const linkSyntaxes: readonly LinkSyntax[] = [
  vethSyntax,
  dummySyntax,
  vlanSyntax,
  macvlanSyntax,
  ipvlanSyntax,
  vxlanSyntax,
  geneveSyntax,
  greSyntax,
  gretapSyntax,
  erspanSyntax,
  bondSyntax,
  tunSyntax,
  bondPortSyntax,
  vrfSyntax,
  vrfPortSyntax,
  bridgeSyntax,
  bridgePortSyntax,
];
