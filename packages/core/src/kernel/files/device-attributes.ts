// The attributes of /sys/class/net/DEV and its statistics/ (net/core/net-sysfs.c): what they show, and what writing to
// them does and refuses.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { formatMac } from "../../wire/mac.ts";
import { changeFlags, changeMtu } from "../device-state.ts";
import { notifyLinkChange } from "../device-notify.ts";
import type { NetDevice } from "../device.ts";
import { OPERSTATE } from "../device.ts";
import { DUPLEX } from "../ethtool/operations.ts";
import type { LinkSettings } from "../ethtool/operations.ts";
import type { LinkStatistics } from "../statistics.ts";
import type { SysfsAttribute } from "../sysfs-attribute.ts";
import { parseUnsigned } from "./parse-unsigned.ts";

const ALIAS_LIMIT = 256; // IFALIASZ
const U32_MAX = 0xffff_ffff;
const S32_MAX = 0x7fff_ffff;

const OPERSTATE_NAMES = ["unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"];

type Show = (device: NetDevice) => string | number;

function shown(name: string, show: Show, mode = 0o444): SysfsAttribute {
  return { name, mode, read: (device) => `${show(device)}\n` };
}

/** An attribute that takes one number, as netdev_store() does. */
function stored(name: string, show: Show, store: (device: NetDevice, value: number) => void): SysfsAttribute {
  return { ...shown(name, show, 0o644), write: (device, text) => store(device, parseUnsigned(text)) };
}

function refused(name: string, errno: number, condition?: (device: NetDevice) => boolean): SysfsAttribute {
  return {
    name,
    mode: 0o444,
    ...(condition ? { shown: condition } : {}),
    read() {
      throw new Refusal(errno);
    },
  };
}

/** Only a device that is up has it. Errors: EINVAL. */
function whenUp(show: Show): Show {
  return (device) => {
    if (!device.up) throw new Refusal(ERRNO.EINVAL);
    return show(device);
  };
}

function linkSettings(device: NetDevice): LinkSettings {
  const settings = device.up ? device.ethtool?.linkSettings?.(device) : undefined;
  if (settings === undefined) throw new Refusal(ERRNO.EINVAL);
  return settings;
}

function duplexName(device: NetDevice): string {
  switch (linkSettings(device).duplex) {
    case DUPLEX.HALF:
      return "half";
    case DUPLEX.FULL:
      return "full";
    default:
      return "unknown";
  }
}

function address(device: NetDevice, mac: number): string {
  return device.addressLength === 6 ? formatMac(mac) : "";
}

function storeAlias(device: NetDevice, text: string): void {
  const alias = text.endsWith("\n") ? text.slice(0, -1) : text;
  if (alias.length >= ALIAS_LIMIT) throw new Refusal(ERRNO.EINVAL);
  device.alias = alias === "" ? undefined : alias;
  device.kernel.tell(device, { type: "change" });
  if (device.up) notifyLinkChange(device, 0);
}

function storeCarrier(device: NetDevice, value: number): void {
  if (!device.up) throw new Refusal(ERRNO.EINVAL);
  device.changeCarrier?.(value !== 0);
}

function inRange(value: number, limit: number): number {
  if (value > limit) throw new Refusal(ERRNO.ERANGE);
  return value;
}

function storeQueueLength(device: NetDevice, value: number): void {
  inRange(value, U32_MAX);
  if (device.txQueueLength === value) return;
  device.txQueueLength = value;
  device.kernel.tell(device, { type: "change" });
}

/** Settings of NAPI polling: kept and shown, without effect, since embedded devices are not polled. */
interface Polling {
  flushTimeout: number;
  deferIrqs: number;
}
const polling = new WeakMap<NetDevice, Polling>();

function pollingOf(device: NetDevice): Polling {
  return polling.get(device) ?? { flushTimeout: 0, deferIrqs: 0 };
}

function setPolling(device: NetDevice, change: Partial<Polling>): void {
  polling.set(device, { ...pollingOf(device), ...change });
}

const hasPhysicalIds = (device: NetDevice): boolean => device.kernel.profile.sysfsPhysicalIds;

/** Files of the device's own directory. */
export const DEVICE_ATTRIBUTES: readonly SysfsAttribute[] = [
  shown("addr_assign_type", (device) => device.addressAssignType),
  shown("addr_len", (device) => device.addressLength),
  shown("address", (device) => address(device, device.address)),
  shown("broadcast", (device) => address(device, device.broadcast)),
  {
    ...stored(
      "carrier",
      whenUp((device) => (device.carrier ? 1 : 0)),
      storeCarrier,
    ),
    write(device, text) {
      if (!device.changeCarrier) throw new Refusal(ERRNO.EOPNOTSUPP);
      storeCarrier(device, parseUnsigned(text));
    },
  },
  shown("carrier_changes", (device) => device.carrierUpCount + device.carrierDownCount),
  shown("carrier_down_count", (device) => device.carrierDownCount),
  shown("carrier_up_count", (device) => device.carrierUpCount),
  shown("dev_id", ({ interfaceId }) => `0x${interfaceId.toString(16)}`),
  shown("dev_port", () => 0),
  shown(
    "dormant",
    whenUp((device) => (device.dormant ? 1 : 0)),
  ),
  shown("duplex", duplexName),
  stored("flags", (device) => `0x${device.flags.toString(16)}`, changeFlags),
  stored(
    "gro_flush_timeout",
    (device) => pollingOf(device).flushTimeout,
    (device, value) => {
      setPolling(device, { flushTimeout: value });
    },
  ),
  {
    name: "ifalias",
    mode: 0o644,
    read: (device) => (device.alias === undefined ? "" : `${device.alias}\n`),
    write: storeAlias,
  },
  shown("ifindex", (device) => device.ifindex),
  shown("iflink", (device) => device.iflink),
  shown("link_mode", (device) => device.linkMode),
  stored(
    "mtu",
    (device) => device.mtu,
    (device, value) => changeMtu(device, value | 0),
  ),
  shown("name_assign_type", (device) => {
    if (device.nameAssignType === 0) throw new Refusal(ERRNO.EINVAL);
    return device.nameAssignType;
  }),
  stored(
    "napi_defer_hard_irqs",
    (device) => pollingOf(device).deferIrqs,
    (device, value) => {
      setPolling(device, { deferIrqs: inRange(value, S32_MAX) });
    },
  ),
  stored(
    "netdev_group",
    (device) => device.group,
    (device, value) => {
      device.group = value >>> 0;
    },
  ),
  shown("operstate", (device) => OPERSTATE_NAMES[device.up ? device.operstate : OPERSTATE.DOWN] ?? "unknown"),
  refused("phys_port_id", ERRNO.EOPNOTSUPP, hasPhysicalIds),
  refused("phys_port_name", ERRNO.EOPNOTSUPP, hasPhysicalIds),
  refused("phys_switch_id", ERRNO.EOPNOTSUPP, hasPhysicalIds),
  stored(
    "proto_down",
    (device) => (device.protoDown ? 1 : 0),
    () => {
      throw new Refusal(ERRNO.EOPNOTSUPP);
    },
  ),
  shown("speed", (device) => linkSettings(device).speed),
  shown(
    "testing",
    whenUp(() => 0),
  ),
  stored(
    "threaded",
    () => 0,
    () => {
      throw new Refusal(ERRNO.EOPNOTSUPP); // no device of ours is polled
    },
  ),
  stored("tx_queue_len", (device) => device.txQueueLength, storeQueueLength),
  shown("type", (device) => device.hardwareType),
  {
    name: "uevent",
    mode: 0o644,
    read: ueventText,
    write(_device, text) {
      if (!/^(add|remove|change|move|online|offline|bind|unbind)( .*)?\n?$/.test(text))
        throw new Refusal(ERRNO.EINVAL);
    },
  },
];

function ueventText(device: NetDevice): string {
  const { kind } = device;
  const first = kind?.tellsType === true ? `DEVTYPE=${kind.kind}\n` : "";
  return `${first}INTERFACE=${device.name}\nIFINDEX=${device.ifindex}\n`;
}

const COUNTERS: readonly (readonly [name: string, counter: keyof LinkStatistics])[] = [
  ["collisions", "collisions"],
  ["multicast", "multicast"],
  ["rx_bytes", "rxBytes"],
  ["rx_compressed", "rxCompressed"],
  ["rx_crc_errors", "rxCrcErrors"],
  ["rx_dropped", "rxDropped"],
  ["rx_errors", "rxErrors"],
  ["rx_fifo_errors", "rxFifoErrors"],
  ["rx_frame_errors", "rxFrameErrors"],
  ["rx_length_errors", "rxLengthErrors"],
  ["rx_missed_errors", "rxMissedErrors"],
  ["rx_nohandler", "rxNohandler"],
  ["rx_over_errors", "rxOverErrors"],
  ["rx_packets", "rxPackets"],
  ["tx_aborted_errors", "txAbortedErrors"],
  ["tx_bytes", "txBytes"],
  ["tx_carrier_errors", "txCarrierErrors"],
  ["tx_compressed", "txCompressed"],
  ["tx_dropped", "txDropped"],
  ["tx_errors", "txErrors"],
  ["tx_fifo_errors", "txFifoErrors"],
  ["tx_heartbeat_errors", "txHeartbeatErrors"],
  ["tx_packets", "txPackets"],
  ["tx_window_errors", "txWindowErrors"],
];

/** Files of statistics/. */
export const STATISTICS_ATTRIBUTES: readonly SysfsAttribute[] = COUNTERS.map(([name, counter]) =>
  shown(name, (device) => device.statistics[counter]),
);
