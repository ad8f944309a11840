// dpctl/add-dp, del-dp, add-if, set-if and del-if: datapaths and ports that no database knows of.

import { ERRNO } from "../../../../netlink/errno.ts";
import { Refusal } from "../../../../netlink/refusal.ts";
import { configureDummy } from "../../../dummy/dummy-options.ts";
import type { DummyNetdev } from "../../../dummy/dummy-netdev.ts";
import type { DpPort } from "../../../datapath/datapath.ts";
import type { SwitchDaemon } from "../../switchd.ts";
import type { UnixctlServer } from "../../unixctl.ts";
import { INTERNAL_TYPES } from "../datapath-types.ts";
import { registerDpctl } from "./call.ts";
import type { DpctlCall } from "./call.ts";
import { openDpif, splitName } from "./open-datapath.ts";
import type { Dpif } from "./open-datapath.ts";

export function registerPortCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  registerDpctl(server, "add-dp", "dp [iface...]", 1, Infinity, (call) => addDatapath(daemon, call));
  registerDpctl(server, "del-dp", "dp", 1, 1, (call) => deleteDatapath(daemon, call));
  registerDpctl(server, "add-if", "dp iface...", 2, Infinity, (call) => addInterfaces(daemon, call));
  registerDpctl(server, "set-if", "dp iface...", 2, Infinity, (call) => setInterfaces(daemon, call));
  registerDpctl(server, "del-if", "dp iface...", 2, Infinity, (call) => deleteInterfaces(daemon, call));
}

function opened(daemon: SwitchDaemon, call: DpctlCall): Dpif | undefined {
  const dpif = openDpif(daemon, call.words[0] ?? "");
  if (typeof dpif !== "number") return dpif;
  call.error(dpif, "opening datapath");
  return undefined;
}

function addDatapath(daemon: SwitchDaemon, call: DpctlCall): number {
  const [text = "", ...interfaces] = call.words;
  const { type, name } = splitName(text);
  if (typeof openDpif(daemon, text) !== "number") return call.error(ERRNO.EEXIST, "add_dp");
  try {
    daemon.addDatapath(type, name);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return call.error(refusal.errno, "add_dp");
  }
  return interfaces.length > 0 ? addInterfaces(daemon, call) : 0;
}

function deleteDatapath(daemon: SwitchDaemon, call: DpctlCall): number {
  const dpif = opened(daemon, call);
  if (!dpif) return ERRNO.EINVAL;
  const { type, datapath, backer } = dpif;
  if (backer) {
    // its bridges go on without ports
    backer.purge();
    datapath.removePorts();
    return 0;
  }
  datapath.close();
  daemon.handmade.delete(`${type}@${datapath.name}`);
  return 0;
}

/** `eth0,type=internal,port_no=3`: a name, then options. */
function readInterface(word: string): {
  readonly name: string;
  readonly options: readonly [string, string][];
} {
  const [name = "", ...rest] = word.split(",").filter((part) => part !== "");
  const options = rest.map((option): [string, string] => {
    const equals = option.indexOf("=");
    return equals < 0 ? [option, ""] : [option.slice(0, equals), option.slice(equals + 1)];
  });
  return { name, options };
}

function addInterfaces(daemon: SwitchDaemon, call: DpctlCall): number {
  const dpif = opened(daemon, call);
  if (!dpif) return ERRNO.EINVAL;
  let last = 0;
  for (const word of call.words.slice(1)) {
    const errno = addInterface(daemon, call, dpif, word);
    if (errno !== 0) last = errno;
  }
  return last;
}

function addInterface(daemon: SwitchDaemon, call: DpctlCall, dpif: Dpif, word: string): number {
  const { name, options } = readInterface(word);
  if (name === "") {
    call.error(0, `${word} is not a valid network device name`);
    return ERRNO.EINVAL;
  }
  let type = "system";
  let wanted: number | undefined;
  const settings = new Map<string, string>();
  for (const [key, value] of options) {
    if (key === "type") type = value;
    else if (key === "port_no") wanted = Number.parseInt(value, 10) || 0;
    else if (settings.has(key)) call.error(0, `duplicate "${key}" option`);
    else settings.set(key, value);
  }
  const { datapath } = dpif;
  const { dummies, dummyTypes } = daemon.host;
  const isDummy = dummies !== undefined && dummyTypes.has(type);
  const device = isDummy || type !== "system" ? undefined : daemon.host.vports.deviceNamed(name);
  if (!isDummy && type !== "internal" && !device) {
    const known = type === "system" ? ERRNO.ENODEV : ERRNO.EAFNOSUPPORT;
    if (type !== "system") {
      daemon.host.vlog.log("netdev", "warn", `could not create netdev ${name} of unknown type ${type}`);
    }
    return call.error(known, `${name}: failed to open network device`);
  }
  const failed = (errno: number) => call.error(errno, `adding ${name} to ${call.words[0]} failed`);
  if (wanted !== undefined && datapath.ports[wanted]) return failed(ERRNO.EBUSY);
  if (datapath.portNamed(name)) return failed(ERRNO.EEXIST);
  // The daemon's own datapath takes devices, of which this is none.
  if (type === "internal" && datapath.kind !== "kernel") return failed(ERRNO.EINVAL);
  try {
    let made: DpPort;
    if (isDummy) {
      const netdev = dummies.open(name, type);
      configureDummy(daemon.host, netdev, settings);
      made = datapath.addDevice(netdev.device, type, wanted);
    } else {
      made = device ? datapath.addDevice(device, undefined, wanted) : datapath.addInternal(name, wanted);
    }
    datapath.host.setUp(made.device, true);
    return 0;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return failed(refusal.errno);
  }
}

function setInterfaces(daemon: SwitchDaemon, call: DpctlCall): number {
  const dpif = opened(daemon, call);
  if (!dpif) return ERRNO.EINVAL;
  let last = 0;
  for (const word of call.words.slice(1)) {
    const errno = setInterface(daemon, call, dpif, word);
    if (errno !== 0) last = errno;
  }
  return last;
}

/** What a port is to those who ask for its type. */
function typeOf({ datapath }: Dpif, { type, dummyType }: DpPort): string {
  if (dummyType !== undefined) return dummyType;
  return type === "internal" ? INTERNAL_TYPES[datapath.kind] : type;
}

function setInterface(daemon: SwitchDaemon, call: DpctlCall, dpif: Dpif, word: string): number {
  const { name, options } = readInterface(word);
  if (name === "") {
    call.error(0, `${word} is not a valid network device name`);
    return 0;
  }
  const port = dpif.datapath.portNamed(name);
  if (!port) return call.error(ERRNO.ENODEV, `${name}: failed to query port in ${call.words[0]}`);
  const type = typeOf(dpif, port);
  const netdev: DummyNetdev | undefined = daemon.host.dummies?.of(port.device);
  const settings = new Map(netdev?.settings);
  for (const [key, value] of options) {
    if (key === "type") {
      if (value !== type) {
        call.error(0, `${name}: can't change type from ${type} to ${value}`);
        return ERRNO.EINVAL;
      }
    } else if (key === "port_no") {
      const number = Number.parseInt(value, 10) || 0;
      if (number !== port.number) {
        call.error(0, `${name}: can't change port number from ${port.number} to ${number}`);
        return ERRNO.EINVAL;
      }
    } else if (value === "") settings.delete(key);
    else settings.set(key, value);
  }
  if (netdev) configureDummy(daemon.host, netdev, settings);
  return 0;
}

function deleteInterfaces(daemon: SwitchDaemon, call: DpctlCall): number {
  const dpif = opened(daemon, call);
  if (!dpif) return ERRNO.EINVAL;
  let last = 0;
  for (const name of call.words.slice(1)) {
    const port = /^\d*$/.test(name)
      ? (dpif.datapath.ports[Number(name)] ?? Number(name))
      : dpif.datapath.portNamed(name);
    if (port === undefined) {
      call.error(0, `no port named ${name}`);
      last = ERRNO.ENOENT;
      continue;
    }
    const number = typeof port === "number" ? port : port.number;
    const errno = typeof port === "number" ? ERRNO.ENODEV : number === 0 ? ERRNO.EINVAL : 0;
    if (errno === 0) dpif.datapath.removePort(number);
    else last = call.error(errno, `deleting port ${name} from ${call.words[0]} failed`);
  }
  return last;
}
