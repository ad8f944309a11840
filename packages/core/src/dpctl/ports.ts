// add-dp, del-dp, add-if, set-if and del-if: datapaths and ports that no database knows of.

import { ERRNO } from "../netlink/errno.ts";
import type { DpctlCall, DpctlCommands } from "./call.ts";
import type { Dpif, Dpifs } from "./dpif.ts";
import { openDpif, splitName } from "./open-datapath.ts";

export function addPortCommands(commands: DpctlCommands, dpifs: Dpifs): void {
  const onEach = (one: (call: DpctlCall, dpif: Dpif, word: string) => number) => (call: DpctlCall) =>
    forInterfaces(dpifs, call, one);
  commands.add("add-dp", "dp [iface...]", 1, Infinity, (call) => addDatapath(dpifs, call));
  commands.add("del-dp", "dp", 1, 1, (call) => {
    const dpif = opened(dpifs, call);
    if (!dpif) return ERRNO.EINVAL;
    const errno = dpif.destroy();
    return errno === 0 ? 0 : call.error(errno, "del_dp");
  });
  commands.add("add-if", "dp iface...", 2, Infinity, onEach(addInterface));
  commands.add("set-if", "dp iface...", 2, Infinity, onEach(setInterface));
  commands.add("del-if", "dp iface...", 2, Infinity, onEach(deleteInterface));
}

function opened(dpifs: Dpifs, call: DpctlCall): Dpif | undefined {
  const dpif = openDpif(dpifs, call.words[0] ?? "");
  if (typeof dpif !== "number") return dpif;
  call.error(dpif, "opening datapath");
  return undefined;
}

/** All of them are tried; the last error counts. */
function forInterfaces(
  dpifs: Dpifs,
  call: DpctlCall,
  one: (call: DpctlCall, dpif: Dpif, word: string) => number,
): number {
  const dpif = opened(dpifs, call);
  if (!dpif) return ERRNO.EINVAL;
  let last = 0;
  for (const word of call.words.slice(1)) {
    const errno = one(call, dpif, word);
    if (errno !== 0) last = errno;
  }
  return last;
}

function addDatapath(dpifs: Dpifs, call: DpctlCall): number {
  const [text = "", ...interfaces] = call.words;
  const { type, name } = splitName(text);
  const dpif = dpifs.create(type, name);
  if (typeof dpif === "number") return call.error(dpif, "add_dp");
  return interfaces.length > 0 ? forInterfaces(dpifs, call, addInterface) : 0;
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

function addInterface(call: DpctlCall, dpif: Dpif, word: string): number {
  const { name, options: given } = readInterface(word);
  if (name === "") {
    call.error(0, `${word} is not a valid network device name`);
    return ERRNO.EINVAL;
  }
  let type = "system";
  let number: number | undefined;
  const options = new Map<string, string>();
  for (const [key, value] of given) {
    if (key === "type") type = value;
    else if (key === "port_no") number = Number.parseInt(value, 10) || 0;
    else if (options.has(key)) call.error(0, `duplicate "${key}" option`);
    else options.set(key, value);
  }
  const failure = dpif.addPort({ name, type, options, number });
  switch (failure?.step) {
    case undefined:
      return 0;
    case "configure":
      return failure.errno;
    case "open":
      if (failure.errno === ERRNO.EAFNOSUPPORT) {
        call.log("netdev", "warn", `could not create netdev ${name} of unknown type ${type}`);
      }
      return call.error(failure.errno, `${name}: failed to open network device`);
    case "add":
      return call.error(failure.errno, `adding ${name} to ${call.words[0]} failed`);
    case "up":
      return call.error(failure.errno, `${name}: failed bringing interface up`);
  }
}

function setInterface(call: DpctlCall, dpif: Dpif, word: string): number {
  const { name, options: given } = readInterface(word);
  if (name === "") {
    call.error(0, `${word} is not a valid network device name`);
    return 0;
  }
  const port = dpif.portNamed(name);
  if (!port) return call.error(ERRNO.ENODEV, `${name}: failed to query port in ${call.words[0]}`);
  const options = new Map(dpif.settings(port));
  for (const [key, value] of given) {
    if (key === "type") {
      if (value !== port.type) {
        call.error(0, `${name}: can't change type from ${port.type} to ${value}`);
        return ERRNO.EINVAL;
      }
    } else if (key === "port_no") {
      const number = Number.parseInt(value, 10) || 0;
      if (number !== port.number) {
        call.error(0, `${name}: can't change port number from ${port.number} to ${number}`);
        return ERRNO.EINVAL;
      }
    } else if (value === "") options.delete(key);
    else options.set(key, value);
  }
  const refused = dpif.configure(port, options);
  return refused ? call.error(refused.errno, refused.text) : 0;
}

function deleteInterface(call: DpctlCall, dpif: Dpif, name: string): number {
  const number = /^\d*$/.test(name) ? Number(name) : dpif.portNamed(name)?.number;
  if (number === undefined) {
    call.error(0, `no port named ${name}`);
    return ERRNO.ENOENT;
  }
  const errno = dpif.removePort(number);
  return errno === 0 ? 0 : call.error(errno, `deleting port ${name} from ${call.words[0]} failed`);
}
