// The link kind "vrf" (drivers/net/vrf.c, its rtnl_link_ops; Documentation/networking/vrf.rst): a routing table with devices that
// belong to it. The first one of a namespace brings the rule by which domains find their tables.

import { registerDevice, unregisterDevices } from "../../kernel/device-register.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { ensureRule } from "../../kernel/fib-rules/rule-family.ts";
import { plainRule } from "../../kernel/fib-rules/rules.ts";
import { ipv4Rules } from "../../kernel/ipv4/rules.ts";
import { ipv6Rules } from "../../kernel/ipv6/rules.ts";
import { setL3Master } from "../../kernel/l3mdev.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import { configureNew, requireStationAddress } from "../../kernel/netlink/link-request.ts";
import type { Netns } from "../../kernel/netns.ts";
import { Slot } from "../../kernel/slot.ts";
import { integerSysctl } from "../../kernel/sysctl.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RT_TABLE } from "../../netlink/rtnl/route-constants.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { VrfDevice } from "./device.ts";
import { decodeVrfData, encodeVrfData } from "./netlink.ts";

/** FIB_RULE_PREF */
const RULE_PRIORITY = 1000;
const STRICT_MODE = "net/vrf/strict_mode";

/** struct netns_vrf */
interface VrfNetns {
  /** No table has two VRFs (net.vrf.strict_mode). */
  strict: number;
}

const vrfNetns = new Slot<VrfNetns>();

function vrfs(netns: Netns): VrfDevice[] {
  return [...netns.devices.values()].filter((device) => device instanceof VrfDevice);
}

function tableIsShared(netns: Netns): boolean {
  const tables = vrfs(netns).map(({ table }) => table);
  return new Set(tables).size < tables.length;
}

/** What the first VRF of a namespace finds there or brings with it. */
function stateOf(netns: Netns): VrfNetns {
  const known = vrfNetns.of(netns);
  if (known !== undefined) return known;
  const state: VrfNetns = { strict: 0 };
  vrfNetns.set(netns, state);
  netns.sysctls.add(
    integerSysctl(STRICT_MODE, state, "strict", {
      min: 0,
      max: 1,
      changed(value) {
        if (value === 0 || !tableIsShared(netns)) return;
        state.strict = 0;
        throw new Refusal(ERRNO.EBUSY);
      },
    }),
  );
  ensureRule(ipv6Rules, netns, { ...plainRule(RULE_PRIORITY, RT_TABLE.UNSPEC), l3mdev: true });
  ensureRule(ipv4Rules, netns, { ...plainRule(RULE_PRIORITY, RT_TABLE.UNSPEC), l3mdev: true });
  return state;
}

/** The table of a new VRF. Errors: EINVAL, EEXIST. */
function wantedTable(netns: Netns, payload: Uint8Array | undefined): number {
  if (payload === undefined) throw new Refusal(ERRNO.EINVAL, "VRF table id is missing");
  const data = decodeVrfData(payload);
  if (isMalformed(data)) throw new Refusal(ERRNO.EINVAL);
  if (data.table === undefined) throw new Refusal(ERRNO.EINVAL, "VRF table id is missing");
  if (data.table === RT_TABLE.UNSPEC) throw new Refusal(ERRNO.EINVAL, "Invalid VRF table id");
  if (vrfNetns.of(netns)?.strict && vrfs(netns).some(({ table }) => table === data.table)) {
    throw new Refusal(ERRNO.EEXIST, "A VRF device with the same table id already exists");
  }
  return data.table;
}

function tableOf(device: NetDevice | undefined): Uint8Array | undefined {
  return device instanceof VrfDevice ? encodeVrfData(device.table) : undefined;
}

export const vrfKind: LinkKind = {
  kind: "vrf",
  validate: requireStationAddress,
  create({ kernel, netns, name, nameAssignType, message, data }) {
    const device = new VrfDevice(kernel, netns, name, vrfKind, wantedTable(netns, data));
    device.nameAssignType = nameAssignType;
    configureNew(device, message);
    if (message.address === undefined) {
      device.address = kernel.random.mac();
      device.addressAssignType = 1;
    }
    setL3Master(device, device.table);
    registerDevice(device, message.index);
    try {
      stateOf(netns);
    } catch (refusal) {
      unregisterDevices([device]);
      throw refusal;
    }
    return device;
  },
  remove(device) {
    for (const port of [...device.lowers]) device.removePort?.(port);
    return [device];
  },
  fill: tableOf,
  fillPort: (master) => tableOf(master),
};
