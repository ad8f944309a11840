// qos/*: the queueing of an interface's device (qos_unixctl_show and qos_unixctl_show_types of ovs-vswitchd).

import type { ClassCounters } from "../../../kernel/device-queueing.ts";
import type { OfPort } from "../../ofproto/port.ts";
import type { Details } from "../../ofproto/port-qos.ts";
import { QOS_TYPES } from "../qos-types.ts";
import { queueingDevice } from "../queue-settings.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";

export function registerQosCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  server.register("qos/show-types", "interface", 1, 1, ([name = ""]) =>
    queueingDevice(interfaceNamed(daemon, name))
      ? QOS_TYPES.map((type) => `QoS type: ${type}\n`).join("")
      : `No QoS types supported for interface: ${name}\n`,
  );
  server.register("qos/show", "interface", 1, 1, ([name = ""]) => {
    const port = interfaceNamed(daemon, name);
    const { qos, device } = port;
    if (!qos || !device) return `QoS not configured on ${name}\n`;
    const counters = port.bridge.backer.datapath.host.classCounters(device);
    const queues = qos.queues.map(([queue, details]) => showQueue(queue, details, counters.get(queue)));
    return `QoS: ${name} ${qos.type}\n${showDetails(qos.details, "")}${queues.join("")}`;
  });
}

/** Errors: CommandError. */
function interfaceNamed(daemon: SwitchDaemon, name: string): OfPort {
  for (const { interfaces } of daemon.bridges.values()) {
    const port = interfaces.get(name)?.port;
    if (port) return port;
  }
  throw new CommandError("no such interface");
}

function showDetails(details: Details, indent: string): string {
  return [...details].map(([key, value]) => `${indent}${key}: ${value}\n`).join("");
}

function showQueue(queue: number, details: Details, counters: ClassCounters | undefined): string {
  const title = queue === 0 ? "Default:" : `Queue ${queue}:`;
  const counted = counters
    ? `  tx_packets: ${counters.packets}\n  tx_bytes: ${counters.bytes}\n  tx_errors: ${counters.drops}\n`
    : "";
  return `\n${title}\n${showDetails(details, "  ")}${counted}`;
}
