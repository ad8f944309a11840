// /sys/class/net/PORT/brport (net/bridge/br_sysfs_if.c).

import type { NetDevice } from "../../kernel/device.ts";
import type { SysfsAttribute, SysfsGroup } from "../../kernel/sysfs-attribute.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { deleteByPort } from "./fdb.ts";
import type { BridgePort } from "./port.ts";
import { portOf } from "./port.ts";
import { notifyPort } from "./port-message.ts";
import { flagsChanged, setBackupPort, setPortGroupFwdMask, setPortMulticastRouter } from "./port-options.ts";
import { setPathCost, setPortPriority } from "./stp-ports.ts";
import { formatBridgeId, leadingNumber } from "./sysfs-bridge.ts";

function required(device: NetDevice): BridgePort {
  const port = portOf(device);
  if (!port) throw new Refusal(ERRNO.ENODEV);
  return port;
}

type Show = (port: BridgePort) => string | number;
type Store = (port: BridgePort, value: number) => void;

/** brport_store(): a change is told to user space. */
function attribute(name: string, show: Show | undefined, store?: Store): SysfsAttribute {
  return {
    name,
    mode: (show ? 0o444 : 0) | (store ? 0o200 : 0),
    ...(show ? { read: (device: NetDevice) => `${show(required(device))}\n` } : {}),
    ...(store
      ? {
          write: (device: NetDevice, text: string) => {
            const port = required(device);
            store(port, leadingNumber(text));
            notifyPort(port.bridge, port, RTM.NEWLINK);
          },
        }
      : {}),
  };
}

type Flag =
  | "hairpin"
  | "bpduGuard"
  | "rootBlock"
  | "learning"
  | "flood"
  | "proxyArp"
  | "proxyArpWifi"
  | "multicastFlood"
  | "broadcastFlood"
  | "neighSuppress"
  | "isolated"
  | "fastLeave"
  | "multicastToUnicast";

/** store_flag() */
function flag(name: string, key: Flag): SysfsAttribute {
  return attribute(
    name,
    (port) => (port[key] ? 1 : 0),
    (port, value) => {
      port[key] = value !== 0;
      flagsChanged(port);
    },
  );
}

const ATTRIBUTES: readonly SysfsAttribute[] = [
  attribute("path_cost", (port) => port.pathCost, setPathCost),
  attribute("priority", (port) => port.priority, setPortPriority),
  attribute("port_id", (port) => `0x${port.id.toString(16)}`),
  attribute("port_no", (port) => `0x${port.number.toString(16)}`),
  attribute("designated_root", (port) => formatBridgeId(port.designatedRoot)),
  attribute("designated_bridge", (port) => formatBridgeId(port.designatedBridge)),
  attribute("designated_port", (port) => port.designatedPort),
  attribute("designated_cost", (port) => port.designatedCost),
  attribute("state", (port) => port.state),
  attribute("change_ack", (port) => (port.topologyChangeAck ? 1 : 0)),
  attribute("config_pending", (port) => (port.configPending ? 1 : 0)),
  attribute("message_age_timer", (port) => port.timers.messageAge.left),
  attribute("forward_delay_timer", (port) => port.timers.forwardDelay.left),
  attribute("hold_timer", (port) => port.timers.hold.left),
  attribute("flush", undefined, (port) => deleteByPort(port.bridge, port, 0, false)),
  flag("hairpin_mode", "hairpin"),
  flag("bpdu_guard", "bpduGuard"),
  flag("root_block", "rootBlock"),
  flag("learning", "learning"),
  flag("unicast_flood", "flood"),
  attribute("multicast_router", (port) => port.multicastRouter, setPortMulticastRouter),
  flag("multicast_fast_leave", "fastLeave"),
  flag("multicast_to_unicast", "multicastToUnicast"),
  flag("proxyarp", "proxyArp"),
  flag("proxyarp_wifi", "proxyArpWifi"),
  flag("multicast_flood", "multicastFlood"),
  flag("broadcast_flood", "broadcastFlood"),
  attribute("group_fwd_mask", (port) => `0x${port.groupFwdMask.toString(16)}`, setPortGroupFwdMask),
  flag("neigh_suppress", "neighSuppress"),
  flag("isolated", "isolated"),
  {
    name: "backup_port",
    mode: 0o644,
    read(device) {
      const name = required(device).backup?.device.name;
      return name === undefined ? "" : `${name}\n`;
    },
    write(device, text) {
      const port = required(device);
      const name = text.replace(/\n$/, "");
      const backup = name === "" ? undefined : device.netns.device(name);
      if (name !== "" && !backup) throw new Refusal(ERRNO.ENOENT);
      setBackupPort(port, backup?.ifindex ?? 0);
      notifyPort(port.bridge, port, RTM.NEWLINK);
    },
  },
];

/** The group in a port's directory. */
export const portGroups: readonly SysfsGroup[] = [
  {
    name: "brport",
    attributes: ATTRIBUTES,
    links: (device) => [{ name: "bridge", target: `../../${required(device).bridge.device.name}` }],
  },
];
