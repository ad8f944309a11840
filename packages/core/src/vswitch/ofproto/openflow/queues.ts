// Queues of ports as OpenFlow shows them (handle_queue_stats_request, handle_queue_get_config_request). Only dummies have one, the
// default, which counts nothing; queues of the kernel's devices would be classes of their qdisc.

import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import { Port } from "../../../ovsproto/openflow/ports.ts";
import { NO_RATE } from "../../../ovsproto/openflow/queue-messages.ts";
import type { QueueConfig, QueueStats } from "../../../ovsproto/openflow/queue-messages.ts";
import type { Bridge } from "../bridge.ts";
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
  const known = queue === ALL_QUEUES || queue === DEFAULT_QUEUE;
  const found = known ? portsOf(bridge, port).filter(({ dummy }) => dummy !== undefined) : [];
  if (found.length === 0 && queue !== ALL_QUEUES) throw new OpenflowError("OFPQOFC_BAD_QUEUE");
  return found.map(({ number }) => ({
    port: number,
    queue: DEFAULT_QUEUE,
    bytes: UNKNOWN,
    packets: UNKNOWN,
    errors: UNKNOWN,
    duration: undefined,
  }));
}

/** Errors: OpenflowError. */
export function queueConfigs(bridge: Bridge, port: number, queue: number): QueueConfig[] {
  const ports = portsOf(bridge, port);
  if (queue !== ALL_QUEUES && queue !== DEFAULT_QUEUE) throw new OpenflowError("OFPQOFC_BAD_QUEUE");
  return ports.flatMap(({ number, dummy }) =>
    dummy === undefined ? [] : [{ port: number, queue: DEFAULT_QUEUE, minRate: NO_RATE, maxRate: NO_RATE }],
  );
}
