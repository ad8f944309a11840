// What can be wrong with a network: one entry each. Entries of equal certainty are told in this order.

import type { Diagnosis, Entry, View } from "./diagnosis.ts";
import { addressOnPort } from "./entries/address-on-port.ts";
import { arpIgnored } from "./entries/arp-ignored.ts";
import { arpOff } from "./entries/arp-off.ts";
import { bondEmpty } from "./entries/bond-empty.ts";
import { bondStandby } from "./entries/bond-standby.ts";
import { bridgeLoop } from "./entries/bridge-loop.ts";
import { duplicateAddress } from "./entries/duplicate-address.ts";
import { duplicateMac } from "./entries/duplicate-mac.ts";
import { forwardingOff } from "./entries/forwarding-off.ts";
import { gatewayDead } from "./entries/gateway-dead.ts";
import { icmpIgnored } from "./entries/icmp-ignored.ts";
import { duplicateDetected, ipv6Disabled } from "./entries/ipv6-disabled.ts";
import { linkDown } from "./entries/link-down.ts";
import { loopbackDown } from "./entries/loopback-down.ts";
import { macvlan } from "./entries/macvlan.ts";
import { mtuMismatch } from "./entries/mtu-mismatch.ts";
import { multipathLeg } from "./entries/multipath-leg.ts";
import { netfilter } from "./entries/netfilter.ts";
import { noAddress } from "./entries/no-address.ts";
import { noFlooding } from "./entries/no-flooding.ts";
import { noRoute } from "./entries/no-route.ts";
import { nobody } from "./entries/nobody.ts";
import { ovsFlow } from "./entries/ovs-flow.ts";
import { ovsMirror, ovsProtected, ovsWrongFdb } from "./entries/ovs-port-settings.ts";
import { ovsPatch } from "./entries/ovs-patch.ts";
import { ovsPortConfig } from "./entries/ovs-port-config.ts";
import { ovsPortMissing } from "./entries/ovs-port-missing.ts";
import { ovsTunnel } from "./entries/ovs-tunnel.ts";
import { ovsVlan } from "./entries/ovs-vlan.ts";
import { portBlocked } from "./entries/port-blocked.ts";
import { portInNoBridge } from "./entries/port-in-no-bridge.ts";
import { portIsolated } from "./entries/port-isolated.ts";
import { portLocked } from "./entries/port-locked.ts";
import { reversePath } from "./entries/reverse-path.ts";
import { routeAstray } from "./entries/route-astray.ts";
import { routeRefuses } from "./entries/route-refuses.ts";
import { routingLoop } from "./entries/routing-loop.ts";
import { ruleRefuses } from "./entries/rule-refuses.ts";
import { sourceTaken } from "./entries/source-taken.ts";
import { tunnelMismatch } from "./entries/tunnel-mismatch.ts";
import { tunnelMtu } from "./entries/tunnel-mtu.ts";
import { tunnelSource } from "./entries/tunnel-source.ts";
import { vlanMismatch } from "./entries/vlan-mismatch.ts";
import { proxyMissing } from "./entries/proxy-missing.ts";
import { ruleAstray } from "./entries/rule-astray.ts";
import { ttlSmall } from "./entries/ttl-small.ts";
import { tcpClosed, udpClosed } from "./entries/port-closed.ts";
import { vrfWrong } from "./entries/vrf-wrong.ts";
import { wrongFdb } from "./entries/wrong-fdb.ts";
import { wrongNeighbour } from "./entries/wrong-neighbour.ts";
import { wrongPrefix } from "./entries/wrong-prefix.ts";

export const catalogue: readonly Entry[] = [
  bridgeLoop,
  linkDown,
  ovsVlan,
  ovsFlow,
  netfilter,
  ovsPortMissing,
  ovsPortConfig,
  ovsMirror,
  ovsProtected,
  ovsWrongFdb,
  ovsPatch,
  ovsTunnel,
  loopbackDown,
  ipv6Disabled,
  duplicateDetected,
  bondEmpty,
  bondStandby,
  addressOnPort,
  ruleAstray,
  routeAstray,
  portInNoBridge,
  tunnelSource,
  noAddress,
  wrongPrefix,
  ruleRefuses,
  routeRefuses,
  multipathLeg,
  gatewayDead,
  ttlSmall,
  routingLoop,
  vrfWrong,
  noRoute,
  forwardingOff,
  reversePath,
  sourceTaken,
  duplicateMac,
  duplicateAddress,
  arpOff,
  arpIgnored,
  macvlan,
  wrongNeighbour,
  tunnelMismatch,
  tunnelMtu,
  portBlocked,
  vlanMismatch,
  portIsolated,
  portLocked,
  noFlooding,
  wrongFdb,
  mtuMismatch,
  icmpIgnored,
  udpClosed,
  tcpClosed,
  proxyMissing,
  nobody,
];

/** What the catalogue finds, surest first, each thing once. */
export function diagnose(view: View, entries = catalogue): Diagnosis[] {
  const found = new Map<string, Diagnosis>();
  for (const entry of entries) {
    for (const diagnosis of entry.examine(view)) {
      const { id, place, problem } = diagnosis;
      const key = `${id} ${place.namespace} ${place.device ?? ""} ${problem}`;
      const known = found.get(key);
      if (known === undefined || diagnosis.certainty < known.certainty) found.set(key, diagnosis);
    }
  }
  return [...found.values()].sort((a, b) => a.certainty - b.certainty);
}
