// `ip vrf`: which VRFs there are, and programs in one (ip-vrf(8)). The original binds the sockets of a program by a BPF program of
// its control group; here the process knows its VRF (system/process.ts).

import { decodeVrfData } from "../../../links/vrf/netlink.ts";
import { decodeLink, encodeLink } from "../../../netlink/rtnl/link.ts";
import type { LinkMessage } from "../../../netlink/rtnl/link.ts";
import { RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { strerror } from "../../../netlink/errno.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import type { Process } from "../../../system/process.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { execIn } from "../netns/exec.ts";
import type { Session } from "../session.ts";

const decoder = new TextDecoder();
const HELP = `Usage:	ip vrf show [NAME] ...
	ip vrf exec [NAME] cmd ...
	ip vrf identify [PID]
	ip vrf pids [NAME]
`;
const HEADER = `${"Name".padEnd(16)}  ${"Table".padStart(5)}\n${"-".repeat(23)}\n`;

/** Returns the exit code. */
export function vrf(session: Session, args: Arguments): number | Promise<number> {
  const word = args.left > 0 ? args.current : "show";
  if (args.left > 0) args.advance();
  if (matches(word, "identify")) return identify(session, args);
  if (matches(word, "pids")) return pids(session, args);
  if (matches(word, "exec")) return exec(session, args);
  if (matches(word, "show") || matches(word, "lst") || matches(word, "list")) return show(session, args);
  if (matches(word, "help")) return fail(session.process, 255, HELP);
  return fail(session.process, 255, `Command "${word}" is unknown, try "ip vrf help".\n`);
}

/** The table of a link that is a VRF. */
function tableOf(link: LinkMessage): number | undefined {
  if (link.linkinfo?.kind !== "vrf" || link.linkinfo.data === undefined) return undefined;
  const data = decodeVrfData(link.linkinfo.data);
  return isMalformed(data) ? undefined : data.table;
}

/** ipvrf_get_table(): 0 if there is no VRF of this name; "default" is the main table. */
export function vrfTable({ rtnl, links }: Session, name: string): number {
  if (name === "default") return 254;
  const answer = rtnl.ask(RTM.GETLINK, 0, encodeLink({ index: links.index(name) }));
  if (!answer.ok) return 0;
  for (const { body } of answer.messages) {
    const link = decodeLink(body);
    if (!isMalformed(link)) return tableOf(link) ?? 0;
  }
  return 0;
}

function show(session: Session, args: Arguments): number {
  const { process, out, rtnl } = session;
  if (args.left > 1) return fail(process, 255, HELP);
  if (args.left === 1) {
    const table = vrfTable(session, args.current);
    if (table === 0) return fail(process, 255, "Invalid VRF\n");
    process.print(`${args.current} ${table}\n`);
    return 0;
  }
  const answer = rtnl.dump(RTM.GETLINK, encodeLink({ linkinfo: { kind: "vrf" } }));
  if (answer === undefined) return 1;
  out.begin();
  out.text(HEADER);
  let count = 0;
  for (const { body } of answer) {
    const link = decodeLink(body);
    const table = isMalformed(link) ? undefined : tableOf(link);
    if (isMalformed(link) || table === undefined || link.ifname === undefined) continue;
    count++;
    out.openObject();
    out.fact("name", link.ifname, link.ifname.padEnd(16));
    out.fact("table", table, ` ${String(table).padStart(5)}\n`);
    out.closeObject();
  }
  if (count === 0) out.text("No VRF has been configured\n");
  out.end();
  return 0;
}

/** The VRF that the control group of a process is for. Errors: Refusal ENOENT, ESRCH. */
function vrfOf(process: Process, pid: string): string | undefined {
  const text = decoder.decode(process.files.readFile(`/proc/${pid}/cgroup`));
  return /::\/.*?(?<=\/)vrf\/(.*)$/m.exec(text)?.[1];
}

function identify({ process }: Session, args: Arguments): number {
  const [pid, extra] = args.rest;
  if (extra !== undefined) args.invalid("Extra arguments specified\n", extra);
  if (pid !== undefined && !/^\d+$/.test(pid)) args.invalid("Invalid pid\n", pid);
  try {
    const own = pid === undefined ? process.socketDevice : undefined;
    const name = own ?? vrfOf(process, pid ?? "self");
    if (name !== undefined) process.print(`${name}\n`);
    return 0;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return giveUp(process, `Failed to lookup vrf association: ${strerror(refusal.errno)}\n`);
  }
}

/** The original reads the list of the VRF's control group, which is made for one network namespace. */
function pids(session: Session, args: Arguments): number {
  const { process } = session;
  if (args.left !== 1) return giveUp(process, "Invalid arguments\n");
  const name = args.current;
  if (name === "default" || vrfTable(session, name) === 0) return giveUp(process, "Invalid VRF name\n");
  for (const pid of process.files.readDirectory("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const { inode } = process.files.status(`/proc/${pid}/ns/net`);
      if (inode !== process.netns.inode || vrfOf(process, pid) !== name) continue;
      const command = decoder.decode(process.files.readFile(`/proc/${pid}/comm`)).trimEnd();
      process.print(`${pid.padStart(5)}  ${command}\n`);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal; // it has ended
    }
  }
  return 0;
}

function exec(session: Session, args: Arguments): number | Promise<number> {
  const { process } = session;
  if (args.left === 0) return fail(process, 1, "No VRF name specified\n");
  const name = args.current;
  args.advance();
  if (args.left === 0) return fail(process, 1, "No command specified\n");
  if (vrfTable(session, name) === 0) return fail(process, 255, "Invalid VRF name\n");
  process.socketDevice = name === "default" ? undefined : name;
  return execIn(session, undefined, args.rest, () => true);
}
