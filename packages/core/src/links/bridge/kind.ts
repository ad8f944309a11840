// The link kind "bridge" (net/bridge/br_netlink.c: br_link_ops): making, changing and describing bridges and their ports.

import type { NetDevice } from "../../kernel/device.ts";
import { registerDevice, unregisterDevices } from "../../kernel/device-register.ts";
import type { LinkKind, NewLink } from "../../kernel/link-kind.ts";
import { configureNew } from "../../kernel/netlink/link-request.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { isMulticastMac, readMac, writeMac } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Bridge } from "./bridge.ts";
import { BridgeDevice } from "./device.ts";
import { flushLearned } from "./fdb.ts";
import { installBridge } from "./install.ts";
import { clockToJiffies, jiffiesToClock } from "./jiffies.ts";
import { queryInterval } from "./multicast-options.ts";
import type { BridgeData } from "./netlink.ts";
import { BR_BOOLOPT, decodeBridgeData, decodeBridgePortData, encodeBridgeData } from "./netlink.ts";
import {
  setGroupAddress,
  setGroupFwdMask,
  setIgmpVersion,
  setMldVersion,
  setMulticastRouter,
  setSnooping,
} from "./options.ts";
import { portOf } from "./port.ts";
import { bridgeIdBytes, portAttributes } from "./port-message.ts";
import { changePort } from "./port-options.ts";
import { setQuerier } from "./querier.ts";
import { bridgeExtendedStatistics, portExtendedStatistics } from "./statistics/fill.ts";
import {
  changeBridgeId,
  setAgeingTime,
  setBridgePriority,
  setForwardDelay,
  setHelloTime,
  setMaxAge,
  setStp,
} from "./stp-ports.ts";
import {
  setDefaultPvid,
  setVlanFiltering,
  setVlanProtocol,
  setVlanStats,
  setVlanStatsPerPort,
} from "./vlan.ts";

const VID_LIMIT = 0xfff;
/** RHT_ELASTICITY: what the deprecated hash_elasticity always is. */
const HASH_ELASTICITY = 16;

function decode(payload: Uint8Array | undefined): BridgeData {
  if (payload === undefined) return {};
  const data = decodeBridgeData(payload);
  if (isMalformed(data)) throw new Refusal(ERRNO.EINVAL);
  return data;
}

/** br_validate() */
function validate({ address }: LinkMessage, payload: Uint8Array | undefined): void {
  const data = decode(payload);
  if (address !== undefined) {
    if (address.length !== 6) throw new Refusal(ERRNO.EINVAL);
    const mac = readMac(address, 0);
    if (isMulticastMac(mac) || mac === 0) throw new Refusal(ERRNO.EADDRNOTAVAIL);
  }
  const { vlanProtocol, vlanDefaultPvid } = data;
  if (
    vlanProtocol !== undefined &&
    vlanProtocol !== EtherType.VLAN &&
    vlanProtocol !== EtherType.SERVICE_VLAN
  ) {
    throw new Refusal(ERRNO.EPROTONOSUPPORT);
  }
  if (vlanDefaultPvid !== undefined && vlanDefaultPvid >= VID_LIMIT) throw new Refusal(ERRNO.EINVAL);
}

type Setter<T> = (bridge: Bridge, value: T) => void;

const jiffies =
  (apply: (bridge: Bridge, value: number) => void): Setter<number> =>
  (bridge, ticks) =>
    apply(bridge, clockToJiffies(ticks, bridge.kernel.profile.hz));

/** br_changelink(), in the kernel's order. VLAN options of a machine without VLAN filtering are passed over. */
const SETTERS: { readonly [K in keyof BridgeData]?: Setter<NonNullable<BridgeData[K]>> } = {
  forwardDelay: setForwardDelay,
  helloTime: setHelloTime,
  maxAge: setMaxAge,
  ageingTime: setAgeingTime,
  stpState: (bridge, value) => setStp(bridge, value !== 0),
  priority: setBridgePriority,
  vlanFiltering: (bridge, value) => setVlanFiltering(bridge, value !== 0),
  vlanProtocol: withVlans(setVlanProtocol),
  vlanDefaultPvid: withVlans(setDefaultPvid),
  vlanStatsEnabled: withVlans(setVlanStats),
  vlanStatsPerPort: withVlans(setVlanStatsPerPort),
  groupFwdMask: setGroupFwdMask,
  groupAddr: (bridge, bytes) => setGroupAddress(bridge, readMac(bytes, 0)),
  fdbFlush: flushLearned,
  mcastRouter: setMulticastRouter,
  mcastSnooping: (bridge, value) => setSnooping(bridge, value !== 0),
  mcastQueryUseIfaddr: (bridge, value) => {
    bridge.multicast.queryUseIfaddr = value !== 0;
  },
  mcastQuerier: (bridge, value) => setQuerier(bridge, value !== 0),
  mcastHashMax: (bridge, value) => {
    bridge.multicast.hashMax = value;
  },
  mcastLastMemberCnt: (bridge, value) => {
    bridge.multicast.lastMemberCount = value;
  },
  mcastStartupQueryCnt: (bridge, value) => {
    bridge.multicast.startupQueryCount = value;
  },
  mcastLastMemberIntvl: jiffies((bridge, value) => {
    bridge.multicast.lastMemberInterval = value;
  }),
  mcastMembershipIntvl: jiffies((bridge, value) => {
    bridge.multicast.membershipInterval = value;
  }),
  mcastQuerierIntvl: jiffies((bridge, value) => {
    bridge.multicast.querierInterval = value;
  }),
  mcastQueryIntvl: (bridge, ticks) => {
    bridge.multicast.queryInterval = queryInterval(ticks, bridge.kernel.profile.hz);
  },
  mcastQueryResponseIntvl: jiffies((bridge, value) => {
    bridge.multicast.queryResponseInterval = value;
  }),
  mcastStartupQueryIntvl: (bridge, ticks) => {
    bridge.multicast.startupQueryInterval = queryInterval(ticks, bridge.kernel.profile.hz);
  },
  mcastStatsEnabled: (bridge, value) => {
    bridge.multicast.statsEnabled = value !== 0;
  },
  mcastIgmpVersion: setIgmpVersion,
  mcastMldVersion: setMldVersion,
  nfCallIptables: (bridge, value) => {
    bridge.nfCallIptables = value !== 0;
  },
  nfCallIp6tables: (bridge, value) => {
    bridge.nfCallIp6tables = value !== 0;
  },
  nfCallArptables: (bridge, value) => {
    bridge.nfCallArptables = value !== 0;
  },
  multiBoolopt: (bridge, { value, mask }) => {
    if (mask & BR_BOOLOPT.NO_LL_LEARN) bridge.noLinklocalLearn = (value & BR_BOOLOPT.NO_LL_LEARN) !== 0;
    if (mask & BR_BOOLOPT.MCAST_VLAN_SNOOPING) {
      setVlanSnooping(bridge, (value & BR_BOOLOPT.MCAST_VLAN_SNOOPING) !== 0);
    }
    if (mask & ~(BR_BOOLOPT.NO_LL_LEARN | BR_BOOLOPT.MCAST_VLAN_SNOOPING))
      throw new Refusal(ERRNO.EOPNOTSUPP);
  },
};

function withVlans(set: Setter<number>): Setter<number> {
  return (bridge, value) => {
    if (bridge.kernel.profile.bridgeVlanFiltering) set(bridge, value);
  };
}

/** br_multicast_toggle_vlan_snooping() */
function setVlanSnooping(bridge: Bridge, on: boolean): void {
  if (on && !bridge.vlanFiltering) {
    throw new Refusal(
      ERRNO.EINVAL,
      "bridge: Cannot enable multicast vlan snooping with vlan filtering disabled",
    );
  }
  bridge.multicast.vlanSnooping = on;
}

function change(bridge: Bridge, data: BridgeData): void {
  for (const key of Object.keys(SETTERS) as (keyof BridgeData)[]) {
    const value = data[key];
    if (value !== undefined) (SETTERS[key] as Setter<unknown>)(bridge, value);
  }
}

const bit = (on: boolean): number => (on ? 1 : 0);

/** br_fill_info() */
function fill(bridge: Bridge): Uint8Array {
  const { hz, bridgeVlanFiltering: vlan, newBridgeAttributes } = bridge.kernel.profile;
  const { multicast, timers } = bridge;
  const ticks = (value: number): number => jiffiesToClock(value, hz);
  const group = new Uint8Array(6);
  writeMac(group, 0, bridge.groupAddress);
  const options =
    (bridge.noLinklocalLearn ? BR_BOOLOPT.NO_LL_LEARN : 0) |
    (multicast.vlanSnooping ? BR_BOOLOPT.MCAST_VLAN_SNOOPING : 0);
  const known = BR_BOOLOPT.NO_LL_LEARN | BR_BOOLOPT.MCAST_VLAN_SNOOPING | BR_BOOLOPT.MST_ENABLE;
  const newer = BR_BOOLOPT.MDB_OFFLOAD_FAIL_NOTIFICATION | BR_BOOLOPT.FDB_LOCAL_VLAN_0;
  let learned = 0;
  if (newBridgeAttributes)
    for (const entry of bridge.fdb.entries()) if (!entry.local && !entry.addedByUser) learned++;
  return encodeBridgeData({
    helloTimer: timers.hello.left,
    tcnTimer: timers.tcn.left,
    topologyChangeTimer: timers.topologyChange.left,
    gcTimer: timers.gc.left,
    forwardDelay: ticks(bridge.forwardDelay),
    helloTime: ticks(bridge.helloTime),
    maxAge: ticks(bridge.maxAge),
    ageingTime: ticks(bridge.ageingTime),
    stpState: bit(bridge.stp),
    priority: bridge.id.priority,
    vlanFiltering: bit(bridge.vlanFiltering),
    groupFwdMask: bridge.groupFwdMask,
    bridgeId: bridgeIdBytes(bridge.id),
    rootId: bridgeIdBytes(bridge.designatedRoot),
    rootPort: bridge.rootPort,
    rootPathCost: bridge.rootPathCost,
    topologyChange: bit(bridge.topologyChange),
    topologyChangeDetected: bit(bridge.topologyChangeDetected),
    groupAddr: group,
    multiBoolopt: { value: options, mask: newBridgeAttributes ? known | newer : known },
    ...(newBridgeAttributes ? { fdbNLearned: learned, fdbMaxLearned: 0 } : {}),
    ...(vlan
      ? {
          vlanProtocol: bridge.vlanProtocol,
          vlanDefaultPvid: bridge.defaultPvid,
          vlanStatsEnabled: bit(bridge.vlanStats),
          vlanStatsPerPort: bit(bridge.vlanStatsPerPort),
        }
      : {}),
    mcastRouter: multicast.router,
    mcastSnooping: bit(multicast.snooping),
    mcastQueryUseIfaddr: bit(multicast.queryUseIfaddr),
    mcastQuerier: bit(multicast.querier),
    mcastStatsEnabled: bit(multicast.statsEnabled),
    mcastHashElasticity: HASH_ELASTICITY,
    mcastHashMax: multicast.hashMax,
    mcastLastMemberCnt: multicast.lastMemberCount,
    mcastStartupQueryCnt: multicast.startupQueryCount,
    mcastIgmpVersion: multicast.igmpVersion,
    mcastMldVersion: multicast.mldVersion,
    mcastLastMemberIntvl: ticks(multicast.lastMemberInterval),
    mcastMembershipIntvl: ticks(multicast.membershipInterval),
    mcastQuerierIntvl: ticks(multicast.querierInterval),
    mcastQueryIntvl: ticks(multicast.queryInterval),
    mcastQueryResponseIntvl: ticks(multicast.queryResponseInterval),
    mcastStartupQueryIntvl: ticks(multicast.startupQueryInterval),
    nfCallIptables: bit(bridge.nfCallIptables),
    nfCallIp6tables: bit(bridge.nfCallIp6tables),
    nfCallArptables: bit(bridge.nfCallArptables),
  });
}

function bridgeOf(device: NetDevice): Bridge {
  return (device as BridgeDevice).bridge; // the kind of a device decides its class
}

/** A bridge with a random address, before anything of a request is applied. */
function make(request: Pick<NewLink, "kernel" | "netns" | "name">): BridgeDevice {
  const device = new BridgeDevice(request.kernel, request.netns, request.name, bridgeKind);
  device.address = request.kernel.random.mac();
  device.addressAssignType = 1;
  return device;
}

/** br_dev_newlink() */
function create(request: NewLink): NetDevice {
  const { message } = request;
  const data = decode(request.data);
  const device = make(request);
  device.nameAssignType = request.nameAssignType;
  configureNew(device, message);
  registerDevice(device, message.index);
  if (message.address !== undefined) changeBridgeId(device.bridge, device.address);
  try {
    change(device.bridge, data);
  } catch (refusal) {
    unregisterDevices(remove(device));
    throw refusal;
  }
  return device;
}

function remove(device: NetDevice): NetDevice[] {
  (device as BridgeDevice).release();
  return [device];
}

export const bridgeKind: LinkKind = {
  kind: "bridge",
  tellsType: true,
  isSwitch: true,
  validate,
  create,
  change(device, payload) {
    change(bridgeOf(device), decode(payload));
  },
  remove,
  fill: (device) => fill(bridgeOf(device)),
  changePort(master, device, payload) {
    const port = portOf(device);
    if (!port || port.bridge !== bridgeOf(master)) throw new Refusal(ERRNO.EINVAL);
    const data = decodeBridgePortData(payload);
    if (isMalformed(data)) throw new Refusal(ERRNO.EINVAL);
    changePort(port, data);
  },
  fillPort(_master, device) {
    const port = portOf(device);
    return port && portAttributes(port);
  },
  extendedStatistics: (device) => bridgeExtendedStatistics(bridgeOf(device)),
  portExtendedStatistics,
  install: installBridge,
};
