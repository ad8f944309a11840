// `ip netns`: named network namespaces. A name is a file in /run/netns on which a namespace is mounted.

import { ERRNO, strerror } from "../../../netlink/errno.ts";
import type { Process } from "../../../system/process.ts";
import type { NetnsReference } from "../../../system/system.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { attempt, NETNS_DIRECTORY, netnsPath } from "../netns-names.ts";
import { parseUnsigned } from "../numbers.ts";
import type { Session } from "../session.ts";
import { execAll, execIn } from "./exec.ts";
import { netnsUsage } from "./help.ts";
import { listIds, setId } from "./ids.ts";
import { monitorNames } from "./monitor.ts";

/** NAME_MAX. */
const NAME_MAX = 255;

const NO_NAME = "No netns name specified\n";

function isValidName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !name.includes("/") && name.length <= NAME_MAX;
}

/** Goes to a named namespace; false after a complaint if it cannot. */
export function enterNamedNetns(process: Process, name: string): boolean {
  const entered = attempt(() => {
    process.enterNetns(netnsPath(name));
    return true;
  });
  if (entered.value) {
    bindConfiguration(process, name);
    return true;
  }
  if (entered.value === undefined) {
    const text = strerror(entered.errno);
    // EINVAL comes from setns(2): the file is there, but it is no namespace.
    if (entered.errno === ERRNO.EINVAL)
      process.warn(`setting the network namespace "${name}" failed: ${text}\n`);
    else process.warn(`Cannot open network namespace "${name}": ${text}\n`);
  }
  return false;
}

/** bind_etc(): files of /etc/netns/NAME are seen in the place of those in /etc. Where the machine mounts, only its own `ip` does that. */
function bindConfiguration(process: Process, name: string): void {
  const { mounts } = process.system;
  const directory = `/etc/netns/${name}`;
  const entries = mounts && attempt(() => process.files.readDirectory(directory)).value;
  if (mounts === undefined || entries === undefined) return;
  process.unshareMounts();
  for (const entry of entries) {
    const [source, target] = [`${directory}/${entry}`, `/etc/${entry}`];
    const bound = attempt(() => {
      mounts.mount(process, { type: "none", source, target, bind: true, options: [] });
      return true;
    });
    if (bound.value === undefined)
      process.warn(`Bind ${source} -> ${target} failed: ${strerror(bound.errno)}\n`);
  }
}

/** Returns the exit code. */
export function netns(session: Session, args: Arguments): number | Promise<number> {
  const { process, options } = session;
  if (args.left === 0) return listNames(session);
  const word = args.current;
  args.advance();
  if (!options.all && args.left > 0 && !isValidName(args.current)) {
    return fail(process, 255, `Invalid netns name "${args.current}"\n`);
  }
  if (matches(word, "list") || matches(word, "show") || matches(word, "lst")) return listNames(session);
  if (matches(word, "list-id")) return listIds(session, args, () => netnsUsage(session));
  if (matches(word, "help")) return netnsUsage(session);
  if (matches(word, "add")) return add(session, args);
  if (matches(word, "set")) return setId(session, args);
  if (matches(word, "delete")) return remove(session, args);
  if (matches(word, "identify")) return identify(session, args);
  if (matches(word, "pids")) return pids(session, args);
  if (matches(word, "exec")) return exec(session, args);
  if (matches(word, "monitor")) return monitorNames(session);
  if (matches(word, "attach")) return attach(session, args);
  return fail(process, 255, `Command "${word}" is unknown, try "ip netns help".\n`);
}

function listNames({ out, netnses }: Session): number {
  const names = netnses.list();
  if (names === undefined) return 0;
  out.begin();
  for (const name of names) {
    out.openObject();
    out.fact("name", name, name);
    const id = netnses.id(name);
    if (id !== undefined) out.fact("id", id, ` (id: ${id})`);
    out.text("\n");
    out.closeObject();
  }
  out.end();
  return 0;
}

/** Makes the file that will carry the name. */
function createFile(process: Process, path: string): void {
  const { files } = process;
  const made = attempt(() => files.makeDirectory(NETNS_DIRECTORY, 0o755));
  if ("errno" in made && made.errno !== ERRNO.EEXIST) {
    giveUp(process, `mkdir ${NETNS_DIRECTORY} failed: ${strerror(made.errno)}\n`);
  }
  const created = attempt(() => files.open(path, { read: true, create: true, exclusive: true }).close());
  if ("errno" in created) {
    giveUp(process, `Cannot create namespace file "${path}": ${strerror(created.errno)}\n`);
  }
}

function mount(process: Process, source: string, path: string, open: () => NetnsReference): void {
  const mounted = attempt(() => process.system.mountNetns(path, open()));
  if (!("errno" in mounted)) return;
  process.warn(`Bind ${source} -> ${path} failed: ${strerror(mounted.errno)}\n`);
  attempt(() => process.files.unlink(path));
  giveUp(process, "");
}

function add({ process }: Session, args: Arguments): number {
  if (args.left === 0) return giveUp(process, NO_NAME);
  const path = netnsPath(args.current);
  createFile(process, path);
  mount(process, "/proc/self/ns/net", path, () => process.system.createNetns());
  return 0;
}

function attach({ process }: Session, args: Arguments): number {
  if (args.left < 2) return giveUp(process, "No netns name and PID specified\n");
  const path = netnsPath(args.current);
  const word = args.next();
  const pid = parseUnsigned(word);
  if (!pid) return giveUp(process, `Invalid PID: ${word}\n`);
  createFile(process, path);
  const source = `/proc/${pid}/ns/net`;
  mount(process, source, path, () => process.system.openNetns(source, process));
  return 0;
}

function remove(session: Session, args: Arguments): number {
  const { process, options, netnses } = session;
  if (options.all) {
    const names = netnses.list();
    if (names === undefined) return 1;
    for (const name of names) if (!removeOne(process, name)) return 1;
    return 0;
  }
  if (args.left === 0) return giveUp(process, NO_NAME);
  return removeOne(process, args.current) ? 0 : 1;
}

function removeOne(process: Process, name: string): boolean {
  const path = netnsPath(name);
  attempt(() => process.system.unmount(path));
  const removed = attempt(() => process.files.unlink(path));
  if (!("errno" in removed)) return true;
  process.warn(`Cannot remove namespace file "${path}": ${strerror(removed.errno)}\n`);
  return false;
}

const isPid = (text: string): boolean => /^[0-9]*$/.test(text);

function identify({ process, netnses }: Session, args: Arguments): number {
  if (args.left > 1) return giveUp(process, "extra arguments specified\n");
  const pid = args.left === 0 ? "self" : args.current;
  if (pid !== "self" && !isPid(pid)) return giveUp(process, `Specified string '${pid}' is not a pid\n`);
  const own = attempt(() => process.files.status(`/proc/${pid}/ns/net`));
  if (own.value === undefined) {
    return giveUp(process, `Cannot open network namespace: ${strerror(own.errno)}\n`);
  }
  const { device, inode } = own.value;
  let found = "";
  for (const name of netnses.list() ?? []) {
    const file = attempt(() => process.files.status(netnsPath(name))).value;
    if (file?.device === device && file.inode === inode) found = name;
  }
  process.print(`${found}\n`);
  return 0;
}

function pids({ process }: Session, args: Arguments): number {
  if (args.left === 0) return giveUp(process, NO_NAME);
  if (args.left > 1) return giveUp(process, "extra arguments specified\n");
  const file = attempt(() => process.files.status(netnsPath(args.current)));
  if (file.value === undefined) {
    return giveUp(process, `Cannot open network namespace: ${strerror(file.errno)}\n`);
  }
  const { device, inode } = file.value;
  for (const entry of attempt(() => process.files.readDirectory("/proc")).value ?? []) {
    if (!isPid(entry)) continue;
    const other = attempt(() => process.files.status(`/proc/${entry}/ns/net`)).value;
    if (other?.device === device && other.inode === inode) process.print(`${entry}\n`);
  }
  return 0;
}

function exec(session: Session, args: Arguments): number | Promise<number> {
  const { process, options, netnses } = session;
  if (args.left === 0 && !options.all) return giveUp(process, NO_NAME);
  if (args.left < (options.all ? 1 : 2)) return giveUp(process, "No command specified\n");
  if (options.all) {
    const names = netnses.list();
    return names === undefined ? 1 : execAll(session, names, args.rest, enterNamedNetns);
  }
  const name = args.current;
  if (!session.batch && !enterNamedNetns(process, name)) return 255;
  args.advance();
  return execIn(session, session.batch ? name : undefined, args.rest, enterNamedNetns);
}
