// Queues of a port (tables QoS and Queue; iface_configure_qos of ovs-vswitchd): the queueing discipline of its devices, the code
// points that packets of a queue are marked with, and the policing of what comes in.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import type { NetDevice } from "../../kernel/device.ts";
import type { Policing } from "../../kernel/device-queueing.ts";
import type { OfPort } from "../ofproto/port.ts";
import { PortQos } from "../ofproto/port-qos.ts";
import { queuePriority } from "../ofproto/xlate/queue.ts";
import type { RowView } from "../ovsdb/value.ts";
import { NO_OPERATION, qosType } from "./qos-types.ts";
import type { Config } from "./qos-types.ts";
import type { SwitchDaemon } from "./switchd.ts";

const DEFAULT_QUEUE = 0;
const NO_CONFIG: Config = () => undefined;

export function configureQueues(daemon: SwitchDaemon, row: RowView, members: readonly OfPort[]): void {
  const [qos] = daemon.database.follow(row, "qos", "QoS");
  const typed = qos !== undefined && (qos.string("type") ?? "") !== "" ? qos : undefined;
  for (const port of members) {
    if (queueingDevice(port)) configureDevice(daemon, port, typed);
    const marks = new Map<number, number>();
    for (const [number, uuid] of typed?.map("queues") ?? []) {
      const dscp = daemon.database.row("Queue", uuid)?.number("dscp");
      const priority = queuePriority(port.bridge, Number(number));
      if (dscp !== undefined && priority !== undefined) marks.set(priority, dscp);
    }
    const same =
      marks.size === port.queueMarks.size &&
      [...marks].every(([priority, dscp]) => port.queueMarks.get(priority) === dscp);
    if (same) continue;
    port.queueMarks = marks;
    port.bridge.backer.revalidate();
  }
}

/** A device of the kernel, which can have queues. */
export function queueingDevice({ device, dummy, tunnel, type }: OfPort): NetDevice | undefined {
  return dummy || tunnel || type === "patch" || device?.registered !== true ? undefined : device;
}

/** Types that ports were given last, "" for none (struct netdev_linux, tc): a discipline from elsewhere is noticed at first only. */
const givenTypes = new WeakMap<OfPort, string>();

/** netdev_set_qos(), then what concerns queues. */
function configureDevice(daemon: SwitchDaemon, port: OfPort, qos: RowView | undefined): void {
  const device = queueingDevice(port);
  if (!device) return;
  const { vports } = daemon.host;
  const name = qos?.string("type") ?? "";
  const before = givenTypes.get(port);
  if (name !== NO_OPERATION) givenTypes.set(port, name);
  if (qos === undefined || name === NO_OPERATION) {
    if (qos === undefined && before !== "" && device.discipline !== undefined)
      vports.setQueueing(device, undefined);
    port.qos = undefined;
    return;
  }
  const type = qosType(name);
  if (type) {
    const { details, queueing } = type.read((key) => qos.entry("other_config", key), device);
    if (port.qos?.type !== name) port.qos = new PortQos(name, details, queueing);
    else {
      port.qos.details = details;
      port.qos.queueing = queueing;
    }
  }
  // a type that devices of the kernel do not have leaves what there is
  if (port.qos) configureDeviceQueues(daemon, port.qos, device, qos);
}

function configureDeviceQueues(daemon: SwitchDaemon, own: PortQos, device: NetDevice, qos: RowView): void {
  const { vports } = daemon.host;
  const type = qosType(own.type);
  const { queueing } = own;
  if (!type?.readQueue || (queueing.kind !== "htb" && queueing.kind !== "hfsc")) {
    vports.setQueueing(device, queueing);
    return;
  }
  const rows = new Map([...qos.map("queues")].map(([queue, uuid]) => [Number(queue), uuid] as const));
  for (const [queue] of own.queues) {
    if (!rows.has(queue) && queue !== DEFAULT_QUEUE) own.deleteQueue(queue);
  }
  const wanted = new Map<number, Config>();
  for (const queue of [...rows.keys()].toSorted((a, b) => a - b)) {
    const queueRow = daemon.database.row("Queue", rows.get(queue) ?? "");
    wanted.set(queue, (key) => queueRow?.entry("other_config", key));
  }
  if (!wanted.has(DEFAULT_QUEUE)) wanted.set(DEFAULT_QUEUE, NO_CONFIG);
  const classes = new Map(
    [...wanted].flatMap(([queue, config]) => {
      if (queue >= type.queues || !type.readQueue) return [];
      const { details, rates } = type.readQueue(config, device, queueing);
      own.setQueue(queue, details);
      return [[queue, rates] as const];
    }),
  );
  own.queueing = { ...queueing, classes };
  vports.setQueueing(device, own.queueing);
}

const KILO = 1000;
const BITS = 8;
/** Burst of bits is in units of 1024. */
const BURST_UNIT = 1024;
/** Of a rate without a burst, in thousands. */
const DEFAULT_BITS = 8000;
const DEFAULT_PACKETS = 16;

/** netdev_set_policing() with the columns ingress_policing_* of an interface. */
export function configurePolicing(daemon: SwitchDaemon, port: OfPort, row: RowView): void {
  const device = queueingDevice(port);
  if (!device) return;
  const column = (name: string) => row.number(name) ?? 0;
  const bits = column("ingress_policing_rate");
  const packets = column("ingress_policing_kpkts_rate");
  const policing: Policing | undefined =
    bits === 0 && packets === 0
      ? undefined
      : {
          rate: (bits * KILO) / BITS,
          burst: ((column("ingress_policing_burst") || DEFAULT_BITS) * BURST_UNIT) / BITS,
          packetRate: packets * KILO,
          packetBurst: (column("ingress_policing_kpkts_burst") || DEFAULT_PACKETS) * KILO,
        };
  const before = device.policer?.settings;
  if (JSON.stringify(before) === JSON.stringify(policing)) return;
  daemon.host.vports.setPolicing(device, policing);
  if (bits === 0 || packets === 0) return;
  // one action is asked for both, which the kernel refuses
  const failure = `${port.name}: adding cls_matchall policing action failed: ${strerror(ERRNO.EINVAL)}`;
  daemon.host.vlog.log("netdev_linux", "warn", failure);
}
