// Queues of ports as OpenFlow shows them (handle_queue_stats_request, handle_queue_get_config_request). Dummies have one, the default,
// which counts nothing; queues of the kernel's devices are classes of their queueing discipline.

import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import { Port } from "../../../ovsproto/openflow/ports.ts";
import { NO_RATE } from "../../../ovsproto/openflow/queue-messages.ts";
import type { QueueConfig, QueueStats } from "../../../ovsproto/openflow/queue-messages.ts";
import type { Bridge } from "../bridge.ts";
import { durationOf } from "./duration.ts";
import type { OfPort } from "../port.ts";

/** OFPQ_ALL: any queue. */
const ALL_QUEUES = 0xffff_ffff;
const DEFAULT_QUEUE = 0;
const UNKNOWN = 0xffff_ffff_ffff_ffffn;

function isAny(port: number): boolean {
  return port === Port.ALL || port === Port.NONE;
}

/** Ports that a request is about. Errors: OpenflowError. */
function portsOf(bridge: Bridge, number: number): OfPort[] {
  if (!isAny(number)) {
    const port = bridge.port(number);
    if (!port) throw new OpenflowError("OFPQOFC_BAD_PORT");
    return [port];
  }
  return [...bridge.portsInOrder()];
}

/** Errors: OpenflowError. */
export function queueStatistics(bridge: Bridge, port: number, queue: number): QueueStats[] {
  const found = portsOf(bridge, port)
    .flatMap((each) => queuesOf(each))
    .filter((each) => queue === ALL_QUEUES || each.queue === queue);
  if (found.length === 0 && queue !== ALL_QUEUES) throw new OpenflowError("OFPQOFC_BAD_QUEUE");
  return found;
}

function queuesOf({ bridge, number, dummy, device, qos }: OfPort): QueueStats[] {
  if (dummy !== undefined) {
    const unknown = { bytes: UNKNOWN, packets: UNKNOWN, errors: UNKNOWN };
    return [{ port: number, queue: DEFAULT_QUEUE, ...unknown, duration: undefined }];
  }
  if (!qos || !device) return [];
  const { datapath } = bridge.backer;
  return [...datapath.host.classCounters(device)].map(([queue, { packets, bytes, drops, created }]) => ({
    port: number,
    queue,
    bytes: BigInt(bytes),
    packets: BigInt(packets),
    errors: BigInt(drops),
    duration: durationOf(datapath.now - created),
  }));
}

/** Errors: OpenflowError. */
export function queueConfigs(bridge: Bridge, port: number, queue: number): QueueConfig[] {
  const found = portsOf(bridge, port).flatMap(({ number, dummy, qos }) => {
    const queues = dummy ? [DEFAULT_QUEUE] : (qos?.queues.map(([each]) => each) ?? []);
    return queues.map((each) => ({ port: number, queue: each, minRate: NO_RATE, maxRate: NO_RATE }));
  });
  if (queue === ALL_QUEUES) return found;
  const chosen = found.filter((each) => each.queue === queue);
  if (chosen.length === 0) throw new OpenflowError("OFPQOFC_BAD_QUEUE");
  return chosen;
}
