/** Queues as `ovs-ofctl queue-stats` and `queue-get-config` print them. */
import { formatDuration } from "./duration-text.ts";
import { formatPort } from "./names.ts";
import type { Names } from "./names.ts";
import { formatCounter } from "./port-text.ts";
import { NO_RATE, QUEUE_ALL } from "./queue-messages.ts";
import type { QueueConfig, QueueStats } from "./queue-messages.ts";

function formatQueue(queue: number): string {
  return queue === QUEUE_ALL ? "ALL" : String(queue);
}

function formatRate(name: string, rate: number): string {
  if (rate <= 1000) return ` ${name}:${Math.trunc(rate / 10)}.${rate % 10}%`;
  return rate < NO_RATE ? ` ${name}:(disabled)` : "";
}

export function formatQueueConfig(queues: readonly QueueConfig[], names: Names | undefined): string {
  const sorted = queues.toSorted((a, b) => a.port - b.port || a.queue - b.queue);
  let text = " ";
  let port = 0;
  for (const queue of sorted) {
    if (queue.port !== port) {
      ({ port } = queue);
      text += `port=${formatPort(port, names)}\n`;
    }
    text += `queue ${queue.queue}:${formatRate("min_rate", queue.minRate)}${formatRate("max_rate", queue.maxRate)}\n`;
  }
  return text;
}

export function formatQueueConfigRequest(
  port: number,
  queue: number | undefined,
  names: Names | undefined,
): string {
  const which = queue === undefined || queue === QUEUE_ALL ? "" : ` queue=${formatQueue(queue)}`;
  return ` port=${formatPort(port, names)}${which}`;
}

export function formatQueueRequest(port: number, queue: number, names: Names | undefined): string {
  return ` port=${formatPort(port, names)} queue=${formatQueue(queue)}`;
}

export function formatQueueStats(
  queues: readonly QueueStats[],
  verbosity: number,
  names: Names | undefined,
): string {
  const head = ` ${queues.length} queues\n`;
  if (verbosity < 1) return head;
  const lines = queues.map((stats) => {
    const duration = stats.duration
      ? formatDuration(stats.duration.seconds, stats.duration.nanoseconds)
      : "?";
    return (
      `  port ${formatPort(stats.port, names)} queue ${formatQueue(stats.queue)}: bytes=${formatCounter(stats.bytes)}, ` +
      `pkts=${formatCounter(stats.packets)}, errors=${formatCounter(stats.errors)}, duration=${duration}\n`
    );
  });
  return head + lines.join("");
}
