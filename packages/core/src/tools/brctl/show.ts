// `brctl show`, `showmacs` and `showstp`.

import { strerror, ERRNO } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import {
  bridges,
  forwardingEntries,
  isBridge,
  isDevice,
  ports,
  readAttribute,
  readNumber,
} from "./bridge-files.ts";

const HEADING = "bridge name\tbridge id\t\tSTP enabled\tinterfaces\n";

export function show(process: Process, names: readonly string[]): number {
  if (names.length === 0) {
    const found = bridges(process);
    if (found.length > 0) process.print(HEADING);
    for (const name of found) process.print(summary(process, name));
    return 0;
  }
  let headed = false;
  let status = 0;
  for (const name of names) {
    if (!isBridge(process, name)) {
      process.warn(
        isDevice(process, name) ? `device ${name} is not a bridge!\n` : `bridge ${name} does not exist!\n`,
      );
      status = 1;
      continue;
    }
    if (!headed) process.print(HEADING);
    headed = true;
    process.print(summary(process, name));
  }
  return status;
}

function summary(process: Process, name: string): string {
  const id = readAttribute(process, `${name}/bridge/bridge_id`) ?? "";
  const stp = readNumber(process, `${name}/bridge/stp_state`) === 0 ? "no" : "yes";
  const [first = "", ...more] = ports(process, name);
  return `${name}\t\t${id}\t${stp}\t\t${first}\n${more.map((port) => `\t\t\t\t\t\t\t${port}\n`).join("")}`;
}

export function showMacs(process: Process, name: string): number {
  const entries = forwardingEntries(process, name);
  if (entries === undefined) {
    const errno = isDevice(process, name) ? ERRNO.EOPNOTSUPP : ERRNO.ENODEV;
    process.warn(`read of forward table failed: ${strerror(errno)}\n`);
    return 1;
  }
  entries.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0)); // whatever the port
  process.print("port no\tmac addr\t\tis local?\tageing timer\n");
  for (const { port, address, local, age } of entries) {
    process.print(`${String(port).padStart(3)}\t${address}\t${local ? "yes" : "no"}\t\t${timer(age)}\n`);
  }
  return 0;
}

/** 1/100 s as seconds. */
function timer(centiseconds: number): string {
  return `${String(Math.floor(centiseconds / 100)).padStart(4)}.${String(centiseconds % 100).padStart(2, "0")}`;
}

const PORT_STATES = ["disabled", "listening", "learning", "forwarding", "blocking"];

export function showStp(process: Process, name: string): number {
  if (!isBridge(process, name)) {
    process.warn(
      isDevice(process, name) ? `device ${name} is not a bridge!\n` : `bridge ${name} does not exist!\n`,
    );
    return 1;
  }
  const text = (key: string): string => readAttribute(process, `${name}/bridge/${key}`) ?? "";
  const number = (key: string): string => String(readNumber(process, `${name}/bridge/${key}`)).padStart(4);
  const time = (key: string): string => timer(readNumber(process, `${name}/bridge/${key}`));
  const flags =
    (text("topology_change") === "1" ? "TOPOLOGY_CHANGE " : "") +
    (text("topology_change_detected") === "1" ? "TOPOLOGY_CHANGE_DETECTED " : "");
  process.print(
    `${name}\n` +
      ` bridge id\t\t${text("bridge_id")}\n` +
      ` designated root\t${text("root_id")}\n` +
      ` root port\t\t${number("root_port")}\t\t\tpath cost\t\t${number("root_path_cost")}\n` +
      ` max age\t\t${time("max_age")}\t\t\tbridge max age\t\t${time("max_age")}\n` +
      ` hello time\t\t${time("hello_time")}\t\t\tbridge hello time\t${time("hello_time")}\n` +
      ` forward delay\t\t${time("forward_delay")}\t\t\tbridge forward delay\t${time("forward_delay")}\n` +
      ` ageing time\t\t${time("ageing_time")}\n` +
      ` hello timer\t\t${time("hello_timer")}\t\t\ttcn timer\t\t${time("tcn_timer")}\n` +
      ` topology change timer\t${time("topology_change_timer")}\t\t\tgc timer\t\t${time("gc_timer")}\n` +
      ` flags\t\t\t${flags}\n\n\n`,
  );
  for (const port of ports(process, name)) process.print(portState(process, port));
  return 0;
}

function portState(process: Process, port: string): string {
  const text = (key: string): string => readAttribute(process, `${port}/brport/${key}`) ?? "";
  const value = (key: string): number => Number(text(key)) || 0;
  const hex = (key: string): string => value(key).toString(16).padStart(4, "0");
  const time = (key: string): string => timer(value(key));
  const state = PORT_STATES[value("state")] ?? "unknown";
  const flags =
    (value("config_pending") ? "CONFIG_PENDING " : "") + (value("change_ack") ? "TOPOLOGY_CHANGE_ACK " : "");
  return (
    `${port} (${value("port_no")})\n` +
    ` port id\t\t${hex("port_id")}\t\t\tstate\t\t${state.padStart(15)}\n` +
    ` designated root\t${text("designated_root")}\tpath cost\t\t${String(value("path_cost")).padStart(4)}\n` +
    ` designated bridge\t${text("designated_bridge")}\tmessage age timer\t${time("message_age_timer")}\n` +
    ` designated port\t${hex("designated_port")}\t\t\tforward delay timer\t${time("forward_delay_timer")}\n` +
    ` designated cost\t${String(value("designated_cost")).padStart(4)}\t\t\thold timer\t\t${time("hold_timer")}\n` +
    ` flags\t\t\t${flags}\n` +
    (value("hairpin_mode") ? ` hairpin mode\t\t${String(value("hairpin_mode")).padStart(4)}\n` : "") +
    "\n"
  );
}
